// Owns how a vacuum tells others of itself: the names of its two commits, and how long one without the other counts. A
// RESTORE goes by them (docs/decisions/vacuum.md).
#pragma once

#include <cstdint>
#include <string_view>

namespace deltic {

inline constexpr std::string_view kVacuumStart = "VACUUM START";
inline constexpr std::string_view kVacuumEnd = "VACUUM END";

// A vacuum that began within this time and has not ended counts as running; one that died is forgotten after it. Ours
// stop deleting well before.
inline constexpr int64_t kVacuumRunsMs = 24 * 3'600'000LL;

}  // namespace deltic
