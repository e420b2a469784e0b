// Owns the SQL of rows for a change feed: a table's columns and what became of the row. Runs nothing; the files are
// written by write/ (WriteChangeFiles). Protocol: "Change Data Files".
#pragma once

#include <string>

#include "schema/types.h"

namespace deltic {

struct FeedRows {
  const Fields& schema;
  std::string change;  // SQL of the change's type: "'delete'", or a CASE over what `from` has
  std::string from;    // the rows, called `rows`: "deltic_old AS rows"
};
// A SELECT; several are put together by UNION ALL BY NAME, so that schemas may differ by added columns.
std::string FeedRowsSql(const FeedRows& rows);

}  // namespace deltic
