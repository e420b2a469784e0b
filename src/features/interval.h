// Owns the interval texts of table properties ("interval 30 days", "2 weeks 3 hours") as lengths of time. Knows no
// property. Protocol: "Table Properties".
#pragma once

#include <cstdint>
#include <string_view>

#include "deltic/result.h"

namespace deltic {

// Milliseconds, as Spark reads them: an optional "interval", then numbers with units from weeks to microseconds in any
// order, each with a sign of its own, letter case not counting; seconds may have a fraction. InvalidArgument for
// another text, for months and years (their length is not fixed) and for a negative sum.
Result<int64_t> ParseIntervalMs(std::string_view text);

}  // namespace deltic
