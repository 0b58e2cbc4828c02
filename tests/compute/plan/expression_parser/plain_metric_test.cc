#include "compute/plan/expression_parser/plain_metric.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "compute/plan/expression_parser.h"
#include "compute/plan/expression_parser/aggregate_names.h"
#include "compute/plan/expression_parser/sql_keywords.h"
#include "tests/compute/plan/expression_parser/written_form.h"

namespace sextant {
namespace {

constexpr char kField[] = "metrics[0].expression";

bool IsPlain(const std::string& text) { return ReadPlainMetric(text, kField).has_value(); }

/// A comment sends the same text to PostgreSQL's parser.
std::string Commented(const std::string& text) {
  const std::string commented = absl::StrCat(text, " -- parsed");
  EXPECT_FALSE(IsPlain(commented));
  return commented;
}

/// The positions and fields of all parts, in their order.
void AppendPlaces(const Predicate& predicate, std::string& places);
void AppendPlaces(const Expression& expression, std::string& places) {
  absl::StrAppend(&places, expression.position, " ");
  for (const Expression& argument : expression.arguments) AppendPlaces(argument, places);
  for (const AggregateCall& call : expression.aggregates) {
    absl::StrAppend(&places, "call ", call.position, " ");
    for (const Expression& argument : call.arguments) AppendPlaces(argument, places);
    for (const Predicate& filter : call.filter) AppendPlaces(filter, places);
  }
}
void AppendPlaces(const Predicate& predicate, std::string& places) {
  absl::StrAppend(&places, predicate.field, " ");
  AppendPlaces(predicate.value, places);
  for (const Predicate& child : predicate.children) AppendPlaces(child, places);
}

std::string PlacesIn(const std::string& text) {
  const absl::StatusOr<Expression> metric = ParseMetric(text, kField);
  std::string places;
  if (metric.ok()) AppendPlaces(*metric, places);
  return places;
}

void ExpectAsParsed(const std::string& text) {
  const std::string commented = Commented(text);
  EXPECT_EQ(MetricForm(text), MetricForm(commented)) << text;
  EXPECT_EQ(PlacesIn(text), PlacesIn(commented)) << text;
}

TEST(PlainMetricTest, EveryAggregateOfAColumnIsWhatTheParserReads) {
  int num_plain = 0;
  for (const std::string& name : NamesOfAggregates()) {
    for (const char* value : {"a", "*", "_a_1", "a.b", "1", "", "a - b", "a*b", "a + 1", "-a"}) {
      const std::string text = absl::StrCat(name, "(", value, ")");
      ExpectAsParsed(text);
      num_plain += IsPlain(text) ? 1 : 0;
    }
  }
  EXPECT_EQ(num_plain, 4 * 15 + 1);  // of those that take one value, and count(*)
}

TEST(PlainMetricTest, PlainFormsAreWhatTheParserReads) {
  for (const std::string text : {"sum(amount)",
                                 "  sum\n(  amount )  ",
                                 "count( * )",
                                 "count(DISTINCT a)",
                                 "count(distinct a - b)",
                                 "(sum(a))",
                                 "( count ( * ) )",
                                 "sum(a)::float8 / sum(b)",
                                 "sum(a) :: float8/sum(b)",
                                 "(count(*) FILTER (WHERE x IS NOT NULL))::float8 / count(*)",
                                 "(count(*) FILTER (WHERE NOT x))::float8 / count(*)",
                                 "count(*) filter(where x is null)",
                                 "count(*) FILTER (WHERE NOT x IS NULL)",
                                 "count(*) FILTER (WHERE NOT x IS NOT NULL)",
                                 "sum(a) FILTER (WHERE b)",
                                 "max(a) - min(b)",
                                 "sum(a) * (sum(b))",
                                 "avg(a)+avg(b)",
                                 "percentile_cont(0.95) WITHIN GROUP (ORDER BY x)",
                                 "percentile_disc(0) within group (order by x) FILTER (WHERE y)",
                                 "percentile_cont(1) WITHIN GROUP (ORDER BY a - b)",
                                 "mode() WITHIN GROUP (ORDER BY x)",
                                 "median(x) / median(y)",
                                 "bool_or(a)",
                                 "sum(a - b)::float8",
                                 "sum(a/b)"}) {
    EXPECT_TRUE(IsPlain(text)) << text;
    ExpectAsParsed(text);
  }
}

/// Keywords of PostgreSQL 15 that are names wherever one may stand.
constexpr char kUnreserved[] =
    "abort absolute access action add admin after aggregate also alter always asensitive "
    "assertion assignment at atomic attach attribute backward before begin breadth by "
    "cache call called cascade cascaded catalog chain characteristics checkpoint class "
    "close cluster columns comment comments commit committed compression configuration "
    "conflict connection constraints content continue conversion copy cost csv cube "
    "current cursor cycle data database day deallocate declare defaults deferred definer "
    "delete delimiter delimiters depends depth detach dictionary disable discard document "
    "domain double drop each enable encoding encrypted enum escape event exclude "
    "excluding exclusive execute explain expression extension external family filter "
    "finalize first following force forward function functions generated global granted "
    "groups handler header hold hour identity if immediate immutable implicit import "
    "include including increment index indexes inherit inherits inline input insensitive "
    "insert instead invoker isolation key label language large last leakproof level "
    "listen load local location lock locked logged mapping match matched materialized "
    "maxvalue merge method minute minvalue mode month move name names new next nfc nfd "
    "nfkc nfkd no normalized nothing notify nowait nulls object of off oids old operator "
    "option options ordinality others over overriding owned owner parallel parameter "
    "parser partial partition passing password plans policy preceding prepare prepared "
    "preserve prior privileges procedural procedure procedures program publication quote "
    "range read reassign recheck recursive ref referencing refresh reindex relative "
    "release rename repeatable replace replica reset restart restrict return returns "
    "revoke role rollback rollup routine routines rows rule savepoint schema schemas "
    "scroll search second security sequence sequences serializable server session set "
    "sets share show simple skip snapshot sql stable standalone start statement "
    "statistics stdin stdout storage stored strict strip subscription support sysid "
    "system tables tablespace temp template temporary text ties transaction transform "
    "trigger truncate trusted type types uescape unbounded uncommitted unencrypted "
    "unknown unlisten unlogged until update vacuum valid validate validator value varying "
    "version view views volatile whitespace within without work wrapper write xml year "
    "yes zone ";

TEST(PlainMetricTest, AKeywordThatIsNotReservedIsTheColumnThatTheParserReads) {
  int num_words = 0;
  for (const absl::string_view word : absl::StrSplit(kUnreserved, ' ', absl::SkipEmpty())) {
    const std::string text = absl::StrCat("sum(", word, ")");
    EXPECT_TRUE(IsPlain(text)) << text;
    ExpectAsParsed(text);
    ++num_words;
  }
  EXPECT_EQ(num_words, 309);
}

TEST(PlainMetricTest, ALongTextIsLeftToTheParser) {
  EXPECT_FALSE(IsPlain(absl::StrCat("sum(a)", std::string(2000, ' '))));
}

TEST(PlainMetricTest, WhatTheParserChangesOrRefusesIsLeftToIt) {
  const std::string long_name(64, 'a');
  for (const std::string text : {"SUM(a)",
                                 "sum(A)",
                                 "sum(\"a\")",
                                 "\"sum\"(a)",
                                 "sum(user)",
                                 "sum(select)",
                                 "sum(coalesce)",
                                 "sum(a) b",
                                 "sum(a, b)",
                                 "sum(DISTINCT a)",
                                 "sum(-a)",
                                 "sum((a))",
                                 "sum('a')",
                                 "sum(1)",
                                 "sum()",
                                 "sum(a",
                                 "suma)",
                                 "sum[a]",
                                 "nosuch(a)",
                                 "corr(a)",
                                 "mode(a)",
                                 "array_agg(a)",
                                 "sum(\xC3\xA4)",
                                 "sum(U&\"a\")",
                                 "",
                                 "a",
                                 "sum(a) sum(b)",
                                 "sum(a) + ",
                                 "sum(a) + sum(b) + sum(c)",
                                 "sum(a) + 1",
                                 "sum(a) -- + sum(b)",
                                 "sum(a) /* */ / sum(b)",
                                 "sum(a) - - sum(b)",
                                 "sum(a) -> sum(b)",
                                 "sum(a)::int / sum(b)",
                                 "sum(a)::float8::text",
                                 "sum(a)::float8[]",
                                 "sum(a) FILTER (WHERE b = 1)",
                                 "sum(a) FILTER (WHERE b AND c)",
                                 "sum(a) FILTER (WHERE b IS TRUE)",
                                 "sum(a) FILTER (WHERE NOT NOT b)",
                                 "sum(a) FILTER WHERE b",
                                 "sum(a) FILTER (b)",
                                 "percentile_cont(2) WITHIN GROUP (ORDER BY x)",
                                 "percentile_cont(.5) WITHIN GROUP (ORDER BY x)",
                                 "percentile_cont(0.5e0) WITHIN GROUP (ORDER BY x)",
                                 "percentile_cont(0.5) WITHIN GROUP (ORDER BY x DESC)",
                                 "percentile_cont(0.5)",
                                 "mode(0.5) WITHIN GROUP (ORDER BY x)",
                                 "count(*) OVER ()",
                                 "(sum(a)",
                                 "sum(a))",
                                 "((sum(a)))",
                                 "sum(a$b)",
                                 "sum(a;b)"}) {
    EXPECT_FALSE(IsPlain(text)) << text;
  }
  EXPECT_FALSE(IsPlain(absl::StrCat("sum(", long_name, ")")));
  EXPECT_TRUE(IsPlain(absl::StrCat("sum(", long_name.substr(1), ")")));
}

TEST(SqlKeywordsTest, KnowsWhatIsMoreThanAName) {
  for (const std::string_view word : {"all", "between", "coalesce", "current_catalog", "interval",
                                      "select", "user", "with", "xmlserialize"}) {
    EXPECT_TRUE(IsSyntaxKeyword(word)) << word;
  }
  for (const std::string_view word : {"", "a", "selec", "selects", "size", "value", "_all", "ALL",
                                      "current_timestamp_of_a_long_name_in_a_table"}) {
    EXPECT_FALSE(IsSyntaxKeyword(word)) << word;
  }
}

}  // namespace
}  // namespace sextant
