// Owns which rows of a file a change is about, by two deletion vectors: those that one holds and the other does not.
// Does not read deletion vectors (dv/ does).
#pragma once

#include <memory>

#include "dv/deletion_vector.h"
#include "engine/engine.h"

namespace deltic {

struct DiffVectors {
  std::shared_ptr<const DeletionVector> only;    // null: every row
  std::shared_ptr<const DeletionVector> hidden;  // null: no row
};

// Keeps the rows of `only` that `hidden` does not hold. Immutable, safe to share among threads.
std::shared_ptr<const RowMask> MakeDiffMask(DiffVectors vectors);

}  // namespace deltic
