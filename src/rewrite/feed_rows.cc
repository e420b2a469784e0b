// Owns the text; see the header.
#include "rewrite/feed_rows.h"

#include "schema/engine_sql.h"

namespace deltic {

std::string FeedRowsSql(const FeedRows& rows) {
  std::string columns;
  for (const StructField& field : rows.schema) {
    if (field.type.kind() != TypeKind::kVoid) columns += "rows." + QuoteSqlName(field.name) + ", ";
  }
  return "SELECT " + columns + rows.change + " AS \"_change_type\" FROM " + rows.from;
}

}  // namespace deltic
