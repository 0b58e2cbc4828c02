#include "compute/plan/expression_parser/plain_aggregate.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "compute/plan/expression_parser.h"
#include "compute/plan/expression_parser/aggregate_names.h"
#include "tests/compute/plan/expression_parser/written_form.h"

namespace sextant {
namespace {

bool IsPlain(const std::string& text) {
  const auto scanned = ScanExpression(text, "metrics.m");
  return scanned.ok() && ReadPlainAggregate(*scanned).has_value();
}

/// A comment sends the same text to PostgreSQL's parser.
std::string ParsedForm(const std::string& text) {
  const std::string commented = absl::StrCat(text, " -- parsed");
  EXPECT_FALSE(IsPlain(commented));
  return MetricForm(commented);
}

TEST(PlainAggregateTest, EveryAggregateOfAColumnIsWhatTheParserReads) {
  int num_plain = 0;
  for (const std::string& name : NamesOfAggregates()) {
    for (const char* value : {"a", "*", "_a_1", "a.b", "1", ""}) {
      const std::string text = absl::StrCat(name, "(", value, ")");
      EXPECT_EQ(MetricForm(text), ParsedForm(text)) << text;
      num_plain += IsPlain(text) ? 1 : 0;
    }
  }
  EXPECT_EQ(num_plain, 2 * 15 + 1);  // two columns of those that take one value, and count(*)
}

TEST(PlainAggregateTest, PositionsAreThoseThatTheParserGives) {
  for (const std::string text : {"sum(amount)", "  sum\n(  amount )  ", "count( * )"}) {
    ASSERT_TRUE(IsPlain(text)) << text;
    const auto plain = ParseMetric(text, "metrics.m");
    const auto parsed = ParseMetric(absl::StrCat(text, " -- parsed"), "metrics.m");
    ASSERT_TRUE(plain.ok() && parsed.ok());
    EXPECT_EQ(plain->position, parsed->position);
    EXPECT_EQ(plain->aggregates[0].position, parsed->aggregates[0].position);
    const auto& arguments = plain->aggregates[0].arguments;
    if (arguments.empty()) continue;
    EXPECT_EQ(arguments[0].position, parsed->aggregates[0].arguments[0].position);
  }
}

TEST(PlainAggregateTest, WhatTheParserChangesOrRefusesIsLeftToIt) {
  const std::string long_name(64, 'a');
  for (const std::string text : {"SUM(a)",     "sum(A)",          "sum(\"a\")",
                                 "\"sum\"(a)", "sum(user)",       "sum(select)",
                                 "sum(value)", "sum(a) b",        "sum(a) FILTER (WHERE b)",
                                 "sum(a, b)",  "sum(DISTINCT a)", "sum(-a)",
                                 "sum((a))",   "(sum(a))",        "sum('a')",
                                 "sum(1)",     "sum()",           "sum(a",
                                 "suma)",      "sum[a]",          "nosuch(a)",
                                 "corr(a)",    "mode(a)",         "array_agg(a)",
                                 "sum(ä)",     "sum(U&\"a\")"}) {
    EXPECT_FALSE(IsPlain(text)) << text;
  }
  EXPECT_FALSE(IsPlain(absl::StrCat("sum(", long_name, ")")));
  EXPECT_TRUE(IsPlain(absl::StrCat("sum(", long_name.substr(1), ")")));
}

}  // namespace
}  // namespace sextant
