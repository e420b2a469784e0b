// Owns the proof that SQL text is split where the engine splits it: quotes, comments, brackets, CASE ... END.
#include "dml/sql_words.h"

#include <gtest/gtest.h>

namespace deltic {
namespace {

std::string Words(std::string_view text) {
  const auto words = SplitSqlWords(text);
  if (!words.ok()) return words.error().message();
  std::string all;
  for (const SqlWord& word : *words) all += word.kind == SqlWordKind::kEnd ? "" : word.text + "|";
  return all;
}

TEST(SqlWords, NamesNumbersTextsAndSymbolsAreWordsOfTheirOwn) {
  EXPECT_EQ(Words("a.b=1.5e3+ _x$1"), "a|.|b|=|1.5e3|+|_x$1|");
  EXPECT_EQ(Words("'it''s' \"q\"\"x\" `b`"), "'it''s'|q\"x|b|");
  EXPECT_EQ(Words("größe > 1"), "größe|>|1|");
}

TEST(SqlWords, CommentsAreNoWordsAndNest) {
  EXPECT_EQ(Words("a -- then 'delete\n + b"), "a|+|b|");
  EXPECT_EQ(Words("a /* x /* y */ ' */ + b"), "a|+|b|");
}

TEST(SqlWords, AKeywordInsideAQuoteIsNoKeyword) {
  const auto words = SplitSqlWords("'then' \"then\" $$then$$ $a$then$a$ E'th\\'en' THEN");
  ASSERT_TRUE(words.ok());
  for (size_t i = 0; i < 5; i++) EXPECT_FALSE(IsKeyword((*words)[i], "then")) << i;
  EXPECT_TRUE(IsKeyword((*words)[5], "then"));
}

TEST(SqlWords, TheThenOfACaseIsDeeperThanThatOfAClause) {
  const auto words = SplitSqlWords("case when a then (b) end then");
  ASSERT_TRUE(words.ok());
  EXPECT_EQ((*words)[3].depth, 1);                         // then
  EXPECT_EQ((*words)[5].depth, 2);                         // b
  EXPECT_EQ((*words)[8].depth, 0);                         // the last then
  EXPECT_EQ((*SplitSqlWords("t.case then"))[3].depth, 0);  // a column behind a dot
}

TEST(SqlWords, NullAloneIsNullInBracketsToo) {
  for (const char* text : {"null", " NULL ", "((Null))", "null -- x"}) EXPECT_TRUE(SaysNull(text)) << text;
  for (const char* text : {"", "()", "'null'", "\"null\"", "null is null", "null null", "nulls", "(null"}) {
    EXPECT_FALSE(SaysNull(text)) << text;
  }
}

TEST(SqlWords, WhatIsNotClosedIsRefusedWithItsPlace) {
  EXPECT_EQ(Words("a = 'x"), "the quote at character 5 is not closed in: a = 'x");
  EXPECT_EQ(Words("(a"), "the ( at character 1 is not closed in: (a");
  EXPECT_EQ(Words("a)"), "the ) at character 2 closes nothing in: a)");
  EXPECT_EQ(Words("(a]"), "the ] at character 3 closes nothing in: (a]");
  EXPECT_EQ(Words("/* a"), "the comment at character 1 is not closed in: /* a");
  EXPECT_EQ(Words("case when a then b"), "the CASE at character 1 is not closed in: case when a then b");
  EXPECT_EQ(Words("$a$ x"), "the quote at character 1 is not closed in: $a$ x");
}

}  // namespace
}  // namespace deltic
