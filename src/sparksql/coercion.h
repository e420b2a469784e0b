// Owns Spark's rules of types in ANSI mode: the common type of two, and the type of a decimal result. Pure; writes no
// SQL. Spark: AnsiTypeCoercion.scala, DecimalPrecision.scala. Non-ANSI rules (Spark 3's default) are not here: see
// docs/decisions/spark-sql.md.
#pragma once

#include <optional>

#include "schema/types.h"

namespace deltic::sparksql {

bool IsIntegral(const DataType& type);
bool IsFloating(const DataType& type);  // float or double
bool IsNumeric(const DataType& type);
bool IsTime(const DataType& type);    // date, timestamp, timestamp_ntz
bool IsAtomic(const DataType& type);  // none of struct, array, map, variant, void

// decimal(10,0) for int, ...: the decimal that holds every value of an integral type. A decimal is itself.
DataType DecimalFor(const DataType& type);

// The type to which Spark brings both operands of a comparison, or the branches of CASE, coalesce, IN and so on;
// nullopt when there is none, or none without loss (decimals beyond 38 digits).
std::optional<DataType> CommonType(const DataType& one, const DataType& two);

// The type of `one op two` for decimals, op one of + - * / %. nullopt when it would take more than 38 digits and
// Spark would round digits after the point away, which the engine does not do.
std::optional<DataType> DecimalResult(char op, const DataType& one, const DataType& two);

}  // namespace deltic::sparksql
