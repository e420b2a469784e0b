// Owns the Parquet Variant binary encoding of a JSON text (the Parquet project's VariantEncoding.md): the way back of
// variant_json.h. Does not read or write files.
#pragma once

#include <string>
#include <string_view>

#include "deltic/result.h"

namespace deltic {

struct VariantBytes {
  std::string metadata;
  std::string value;
};

// As Spark's parse_json: whole numbers as the smallest integer that holds them, numbers with a fraction as decimals
// while they have at most 38 digits and no exponent, else as doubles. Two equal keys in an object are refused.
// InvalidArgument, with the position, for what is not JSON.
Result<VariantBytes> VariantFromJson(std::string_view json);

}  // namespace deltic
