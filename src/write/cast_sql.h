// Owns the SQL that makes a value of one Delta type a value of another without changing what it says: casts that cannot
// lose anything as they are, others checked value by value. Knows no columns of tables and runs nothing.
//
// A value that does not fit fails the write with InvalidArgument, naming column and value. What counts as fitting:
//   integers        within the target's range; a double or decimal only when it is whole
//   float, double   integers only when exact; decimals to the nearest; a double too large for a float is refused
//   decimals        no digit lost on either side; from a double, when the double is the nearest one to the decimal
//   strings         strictly of the target's form (no blanks, no "1e3" for an integer), and JSON text for a variant
//   string target   from integers, decimals, booleans and dates
//   timestamps      with and without zone are read as UTC of each other, as Spark with a UTC session and delta-rs do;
//   to
//                   a date only at midnight; a date is its midnight
//   structs         by name, letter case ignored; a field that is missing is NULL
#pragma once

#include <string>

#include "deltic/result.h"
#include "schema/engine_sql.h"
#include "schema/types.h"

namespace deltic {

struct Cast {
  std::string value;  // SQL, evaluated more than once: a column or a lambda's parameter, best
  DataType from;
  DataType to;
  std::string column;  // for messages: "s.a"
};
// SQL of exactly `to` (fields named as in `to`; variants as STRUCT(metadata BLOB, "value" BLOB)). InvalidArgument,
// naming column and types, when no value of the one type is a value of the other, or a struct has fields that `to`
// lacks.
Result<std::string> CastSql(const Cast& cast);

// The engine's name of the type, as SQL.
std::string SqlType(const DataType& type);
// A call that fails the write with this error, of any type. `message` is SQL text of VARCHAR.
std::string RefuseSql(Code code, const std::string& message, const DataType& type);

}  // namespace deltic
