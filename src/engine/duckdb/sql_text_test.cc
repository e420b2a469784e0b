// Proves what is changed in SQL text, and that nothing else is.
#include "engine/duckdb/sql_text.h"

#include <gtest/gtest.h>

namespace deltic {
namespace {

TEST(SqlText, ATimestampParameterIsQuoted) {
  EXPECT_EQ(QuoteTimestampParameter("from delta_scan('t', timestamp => '2026-01-01')"),
            "from delta_scan('t', \"timestamp\" => '2026-01-01')");
  EXPECT_EQ(QuoteTimestampParameter("f(TimeStamp\n := 1)"), "f(\"TimeStamp\"\n := 1)");
}

TEST(SqlText, EverythingElseStaysAsItIs) {
  for (const char* sql :
       {"select timestamp '2026-01-01' >= t", "select 'timestamp => x'", "select \"timestamp => \"",
        "-- timestamp => 1\nselect 1", "/* timestamp => */ select 1", "select $$timestamp => 1$$, $a$ timestamp => $a$",
        "select E'\\' timestamp => 1'", "select my_timestamp, x=>1, $1 from t", "select a.timestamp = 1", "",
        "'open timestamp =>", "select 'it''s timestamp =>'"}) {
    EXPECT_EQ(QuoteTimestampParameter(sql), sql);
  }
  EXPECT_EQ(QuoteTimestampParameter("select my_timestamp => 1"), "select my_timestamp => 1");
}

}  // namespace
}  // namespace deltic
