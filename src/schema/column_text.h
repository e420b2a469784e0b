// Owns how people write where a column is: a.b, `odd.name`.b. Knows no SQL beyond that.
#pragma once

#include <string_view>

#include "schema/types.h"

namespace deltic {

// A column of `schema` whose whole name is the text, else the text's parts: names parted by dots, in `backticks` where
// a name holds a dot (a doubled backtick is one). InvalidArgument for empty names and open backticks. Whether there is
// such a column is for the caller to find out.
Result<ColumnPath> ParseColumnText(std::string_view text, const Fields& schema);

}  // namespace deltic
