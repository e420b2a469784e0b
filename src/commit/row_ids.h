// Owns the numbering of rows when files are added: base row ids, commit versions, and the high water mark that says how
// far the table has counted. Does no I/O. Protocol: "Row Tracking", "Row IDs", "Row Commit Versions".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "actions/actions.h"
#include "deltic/result.h"
#include "features/features.h"

namespace deltic {

inline constexpr const char* kRowTrackingDomain = "delta.rowTracking";

// Whether added files must be numbered: the table supports row tracking and has not suspended it.
bool NumbersRows(const Protocol& protocol, const Metadata& metadata);

// The high water mark that domains tell; -1 when no row has been numbered. Corrupt when the domain cannot be read.
Result<int64_t> RowIdMark(const std::vector<DomainMetadata>& domains);

struct RowNumbering {
  int64_t version = 0;      // that is being made
  int64_t high_water = -1;  // before it
};
// Numbers each added file that has no number yet, and puts the new mark among the actions when it moved. A mark that
// the operation brings itself (a clone, a restore) counts when it is higher. InvalidArgument for a file without
// numRecords; Internal for a number that the table has not given.
Status NumberRows(const RowNumbering& numbering, std::vector<Action>& actions);

}  // namespace deltic
