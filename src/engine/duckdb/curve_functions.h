// Owns the SQL functions by which rows are ordered along a curve. What they compute is engine/curve.h's.
//   deltic_order_key(ANY) -> BLOB                 bytes that compare as the values do; '' for NULL. Long strings are
//   cut.
//                                                 NULL for types without an order that files' bounds could use
//   deltic_range_number(ANY, VARCHAR) -> UINTEGER the number of the value's range; the text is a constant: the bounds
//                                                 as order keys, ascending, in hexadecimal digits, parted by commas
//   deltic_zorder(UINTEGER, ...) -> UBIGINT       the number on the curve of a cell; the numbers are those of ranges
//   deltic_hilbert(UINTEGER, ...) -> UBIGINT
#pragma once

#include <duckdb.hpp>

namespace deltic {

void RegisterCurveFunctions(duckdb::DatabaseInstance& database);

}  // namespace deltic
