// Owns the predicate that is true of the rows for which another one is not: where no row of a file can meet it, all
// rows of the file meet the other, and a DELETE need not read it. Pure.
#pragma once

#include <optional>

#include "expr/predicate.h"

namespace deltic {

// True of every row for which `predicate` is false or NULL (and maybe of others); nullopt when that cannot be said.
std::optional<Predicate> NotSurely(const Predicate& predicate);

}  // namespace deltic
