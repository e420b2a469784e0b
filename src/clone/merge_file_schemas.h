// Owns the putting together of many files' schemas into one table's, as Spark's CONVERT does. Pure.
#pragma once

#include "deltic/result.h"
#include "schema/types.h"

namespace deltic {

// The columns of `all`, then those that only `more` has; structs likewise, at any depth. Names match whatever their
// letter case, the first spelling stays. byte, short and integer become the widest of them; every other difference of
// types is InvalidArgument, naming the column. Everything may be NULL.
Result<Fields> MergeFileSchemas(const Fields& all, const Fields& more);

}  // namespace deltic
