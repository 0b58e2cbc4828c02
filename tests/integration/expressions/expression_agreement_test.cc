// What an expression means is PostgreSQL's to say: every value and every condition here is asked of
// a real server, and of the predicate that it is bound to, run by the engine over the same rows.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "compute/column/bitmap.h"
#include "compute/operators/filter.h"
#include "compute/plan/binder/predicate_binder.h"
#include "compute/plan/expression_parser.h"
#include "compute/plan/instant_text.h"
#include "compute/plan/time_zone.h"
#include "tests/storage/postgres/loaded_dataset.h"
#include "tests/testing/postgres_cluster.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using RowIds = std::set<int64_t>;

constexpr char kRows[] = R"(
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE v (id int8 PRIMARY KEY, b bool, i2 int2, i4 int4, i8 int8, f4 float4, f8 float8,
  d numeric(12,2), w numeric(30,6), t text COLLATE "C.utf8", c char(4) COLLATE "C.utf8", e mood, e2 mood,
  u uuid, day date, ts timestamptz, ts2 timestamptz, iv interval, ts0 text COLLATE "C.utf8",
  texts text[], ints int4[]);
INSERT INTO v VALUES
 (0, true, 1, 10, 100, 1.5, 2.5, 12.34, 0.000001, 'Abc', 'a', 'sad', 'ok',
  '00000000-0000-0000-0000-000000000001', '2024-02-29', '2024-03-10 04:30Z',
  '2024-03-09 04:30Z', '1 month', '42', '{a,b}', '{1,2,3}'),
 (1, false, -1, -7, 9007199254740993, -2.5, -0.5, -12.35, 12345678.123456, 'a%b', 'ab', 'happy',
  'happy', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '2024-11-03', '2024-11-03 05:30Z',
  '2024-11-01 23:00:00.123456Z', '-1 day 02:00', '-3', '{}', '{}'),
 (2, NULL, 32767, 2147483647, 42, 'NaN', 'NaN', 0.005, -1.5, E'x_y\nz', '', 'ok', NULL, NULL,
  '2011-12-31', '2011-12-30 10:30Z', NULL, '36:00:00', '007', '{a,NULL}', '{NULL,5}'),
 (3, true, 0, 0, 0, 0, '-0', 0, 0, '', 'b', NULL, 'sad',
  '00000000-0000-0000-0000-000000000002', '1970-01-01', '1970-01-01 00:00Z',
  '1970-01-01 00:00Z', '0', '', NULL, NULL),
 (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
  NULL, NULL, NULL, NULL, '{7}'),
 (5, false, 3, 3, -5, 'Infinity', '-Infinity', 99.99, 99.990000, 'STRASSE ÄÖ', 'zz', 'sad', 'sad',
  '00000000-0000-0000-0000-000000000001', '0044-03-15 BC', '1900-01-01 12:00Z',
  '2024-02-29 23:59:59.999999Z', '1 year 2 days', '1e3', '{b}', '{-1}'),
 (6, true, 2, 5, 7, 0.1, 0.1, 2.50, 2.5, 'äöü', ' x', 'happy', 'ok', NULL, '2024-03-10',
  '2024-10-27 01:30:00.5Z', '2024-10-27 00:30Z', '3 days', 'true', '{c,c}', '{2,2}');
)";

class ExpressionAgreementTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    conninfo_ = new std::string(PostgresCluster::Shared().CreateDatabase());
    ExecuteSql(*conninfo_, kRows);
    DatasetSpec spec = TableDataset("v");
    auto loaded = LoadDataset(*conninfo_, spec);
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    table_ = new std::shared_ptr<const Table>(*std::move(loaded));
  }
  static void TearDownTestSuite() {
    delete table_;
    delete conninfo_;
  }

  static const Table& table() { return **table_; }

  /// NULL is nullopt; one row of texts per row of the table.
  static std::vector<std::vector<std::optional<std::string>>> Ask(
      const char* zone, const std::vector<std::string>& expressions) {
    return ExecuteSql(
        *conninfo_,
        absl::StrCat("SET timezone = '", zone, "'; SET datestyle = 'ISO'; ",
                     "SET extra_float_digits = 1; SELECT (",
                     absl::StrJoin(expressions, ")::text, ("), ")::text FROM v ORDER BY id"));
  }

  static absl::StatusOr<RowIds> Kept(const char* zone, const std::string& condition) {
    auto parsed = ParseFilter(condition, "where");
    if (!parsed.ok()) return parsed.status();
    PredicateContext context = {table().schema(), FindTimeZone(zone).value(), QueryLimits()};
    auto bound = BindPredicate(context, *parsed);
    if (!bound.ok()) return bound.status();
    auto filter = Filter::Create(*bound, table(), TestBudget());
    if (!filter.ok()) return filter.status();
    auto scratch = filter->MakeScratch(TestBudget());
    if (!scratch.ok()) return scratch.status();
    const Chunk& chunk = table().chunk(0);
    std::vector<uint64_t> words(1, (uint64_t{1} << chunk.num_rows()) - 1);
    filter->Narrow(chunk, {words.data(), 0, 1}, *scratch);
    std::vector<uint32_t> rows(CountBits(words));
    BitsToIndices(words, rows);
    RowIds ids;
    for (const uint32_t row : rows) {
      ids.insert(chunk.column(*table().schema().Find("id")).IntegerAt(row));
    }
    return ids;
  }

  static void ExpectConditions(const std::vector<std::string>& conditions) {
    for (const char* zone : {"UTC", "America/Havana"}) {
      const auto answers = Ask(zone, conditions);
      for (size_t i = 0; i < conditions.size(); ++i) {
        RowIds are_true;
        RowIds are_false;
        for (size_t row = 0; row < answers.size(); ++row) {
          if (answers[row][i] == "true") are_true.insert(static_cast<int64_t>(row));
          if (answers[row][i] == "false") are_false.insert(static_cast<int64_t>(row));
        }
        ExpectKept(zone, conditions[i], are_true);
        ExpectKept(zone, absl::StrCat("NOT (", conditions[i], ")"), are_false);
      }
    }
  }

  static void ExpectKept(const char* zone, const std::string& condition, const RowIds& expected) {
    const auto kept = Kept(zone, condition);
    ASSERT_TRUE(kept.ok()) << condition << ": " << kept.status();
    EXPECT_EQ(*kept, expected) << condition << " in " << zone;
  }

  /// The rows of every value that an expression has.
  static void ExpectValues(const std::vector<std::string>& expressions) {
    for (const char* zone : {"UTC", "America/Havana"}) {
      auto answers = Ask(zone, expressions);
      for (size_t i = 0; i < expressions.size(); ++i) {
        std::map<std::optional<std::string>, RowIds> rows_of;
        for (size_t row = 0; row < answers.size(); ++row) {
          // Zeros are equal, whatever their sign.
          if (answers[row][i] == "-0") answers[row][i] = "0";
          rows_of[answers[row][i]].insert(static_cast<int64_t>(row));
        }
        for (const auto& [value, rows] : rows_of) {
          const std::string test =
              value ? absl::StrCat(" = '", absl::StrReplaceAll(*value, {{"'", "''"}}), "'")
                    : " IS NULL";
          ExpectKept(zone, absl::StrCat("(", expressions[i], ")", test), rows);
        }
      }
    }
  }

 private:
  static std::string* conninfo_;
  static std::shared_ptr<const Table>* table_;
};

std::string* ExpressionAgreementTest::conninfo_ = nullptr;
std::shared_ptr<const Table>* ExpressionAgreementTest::table_ = nullptr;

TEST_F(ExpressionAgreementTest, Rule5Arithmetic) {
  ExpectValues({"i4 + 1::int8",
                "i2 * 3::int8 - i8",
                "-i4::int8",
                "i8 / 2",
                "-7 / nullif(i2, 0)",
                "i8 % 7",
                "-i8 % 3",
                "d + 1",
                "d - w",
                "d * d",
                "d * 1.5",
                "w % 0.7",
                "-d",
                "d - 0.005",
                "f8 + 1",
                "f8 * f8",
                "f8 - i4",
                "-f8",
                "abs(i4::int8)",
                "abs(d)",
                "abs(f8)",
                "i8 - 1 + 2 - 3",
                "i4::float8 / 4",
                "(i4 - i2) * 2::int8",
                "i2 - i8"});
}

TEST_F(ExpressionAgreementTest, RoundingAndCasts) {
  ExpectValues({"round(d)",
                "round(d, 1)",
                "trunc(d, 1)",
                "floor(d)",
                "ceil(d)",
                "round(f8)",
                "floor(f8)",
                "ceil(f8)",
                "trunc(f8)",
                "round(w, 3)",
                "floor(i4)",
                "d::int4",
                "d::float8",
                "w::numeric(14,2)",
                "i4::float8",
                "i4::numeric(12,1)",
                "b::int4",
                "i4::bool",
                "i8::text",
                "d::text",
                "b::text",
                "e::text",
                "day::text",
                "u::text",
                "CASE WHEN ts0 ~ '^[0-9]' THEN ts0::float8 END",
                "f4::float8",
                "i8::float8",
                "d::float4",
                "CASE WHEN f8 BETWEEN -100 AND 100 THEN f8::int4 END",
                "CASE WHEN ts0 ~ '^-?[0-9]+$' THEN ts0::int8 END",
                "c::text"});
}

TEST_F(ExpressionAgreementTest, Rule15TimesInTheZone) {
  ExpectValues({"ts + interval '1 day'",
                "ts - interval '1 month'",
                "ts + iv",
                "ts - iv",
                "ts - ts2",
                "ts::date",
                "day::timestamptz",
                "day + 30",
                "day - 1",
                "day - day",
                "day + interval '2 days'",
                "ts - day",
                "date_trunc('day', ts)",
                "date_trunc('week', ts)",
                "date_trunc('month', day)",
                "date_trunc('quarter', ts)",
                "date_trunc('hour', ts)",
                "coalesce(ts2, ts)",
                "greatest(ts, ts2)",
                "least(day, ts)"});
}

TEST_F(ExpressionAgreementTest, Rule15Extract) {
  std::vector<std::string> expressions;
  for (const char* field : {"microseconds", "milliseconds", "second", "minute", "hour", "day",
                            "week", "month", "quarter", "year", "decade", "century", "millennium",
                            "epoch", "dow", "doy", "isodow", "isoyear"}) {
    expressions.push_back(absl::StrCat("extract(", field, " from ts)"));
  }
  for (const char* field : {"day", "week", "month", "quarter", "year", "decade", "century",
                            "millennium", "epoch", "dow", "doy", "isodow", "isoyear"}) {
    expressions.push_back(absl::StrCat("extract(", field, " from day)"));
  }
  for (const char* field :
       {"microseconds", "milliseconds", "second", "minute", "hour", "day", "epoch"}) {
    expressions.push_back(absl::StrCat("extract(", field, " from ts - ts2)"));
  }
  expressions.push_back("extract(hour from ts AT TIME ZONE 'Asia/Kolkata')");
  expressions.push_back("(ts AT TIME ZONE 'Asia/Kolkata')::date");
  ExpectValues(expressions);
}

TEST_F(ExpressionAgreementTest, Choices) {
  ExpectValues({"coalesce(i2, i4, 5)",
                "coalesce(d, 1.555)",
                "coalesce(t, ts0, 'none')",
                "coalesce(e2, e)",
                "coalesce(e, 'happy')",
                "nullif(i4, 3)",
                "nullif(t, '')",
                "nullif(d, w)",
                "nullif(e, e2)",
                "greatest(i2, i4, 4)",
                "least(d, w)",
                "greatest(f8, 0)",
                "least(f8, f4)",
                "greatest(t, ts0)",
                "least(u, u)",
                "CASE WHEN b THEN i4 WHEN i8 > 50 THEN 7 ELSE d END",
                "CASE WHEN i2 > 0 THEN 'pos' WHEN i2 < 0 THEN 'neg' END",
                "CASE e WHEN 'sad' THEN 1 WHEN 'ok' THEN 2 ELSE 3 END",
                "CASE WHEN i4 = 0 THEN NULL ELSE 100 / i4 END",
                "coalesce(b, false)",
                "i2 > 1",
                "(b OR i2 > 0) IS TRUE",
                "coalesce(nullif(i8, 0) > 5, true)"});
}

TEST_F(ExpressionAgreementTest, Texts) {
  ExpectValues({"lower(t)", "upper(t)", "length(t)", "length(c)", "upper(c)", "lower(ts0)",
                "length(lower(t)) + 1", "cardinality(texts)", "array_length(texts, 1)",
                "array_length(ints, 1)"});
}

TEST_F(ExpressionAgreementTest, Rule2ComparisonsOfTwoValues) {
  std::vector<std::string> conditions;
  const char* const pairs[][2] = {{"i2", "i4"},
                                  {"i4", "i8"},
                                  {"i8", "f8"},
                                  {"i4", "d"},
                                  {"d", "w"},
                                  {"d", "f8"},
                                  {"f4", "f8"},
                                  {"t", "ts0"},
                                  {"e", "e2"},
                                  {"ts", "ts2"},
                                  {"day", "ts"},
                                  {"u", "u"},
                                  {"b", "i2 > 0"},
                                  {"i4 + 1::int8", "i8"},
                                  {"lower(t)", "t"},
                                  {"c::text", "t"},
                                  {"ts - ts2", "ts2 - ts"},
                                  {"iv", "iv"},
                                  {"c", "c"},
                                  {"d * 2", "w + 1"}};
  for (const auto& [left, right] : pairs) {
    for (const char* op :
         {"=", "<>", "<", "<=", ">", ">=", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"}) {
      conditions.push_back(absl::StrCat("(", left, ") ", op, " (", right, ")"));
    }
  }
  ExpectConditions(conditions);
}

TEST_F(ExpressionAgreementTest, Rule7Patterns) {
  std::vector<std::string> conditions;
  for (const char* pattern : {"'a%'", "'%b'", "'a\\%b'", "'_\\__%'", "'Abc'", "'%'", "''", "'äö_'",
                              "'strasse%'", "NULL"}) {
    for (const char* op : {"LIKE", "NOT LIKE", "ILIKE"}) {
      conditions.push_back(absl::StrCat("t ", op, " ", pattern));
    }
  }
  for (const char* pattern : {"'^a'", "'b$'", "'x.y.z'", "'[a-c]+'", "'^\\S*$'", "'ä|S'"}) {
    for (const char* op : {"~", "!~", "~*"}) {
      conditions.push_back(absl::StrCat("t ", op, " ", pattern));
    }
  }
  conditions.push_back("t LIKE 'a#%b' ESCAPE '#'");
  conditions.push_back("c::text LIKE 'a%'");
  ExpectConditions(conditions);
}

TEST_F(ExpressionAgreementTest, ListsAndConstants) {
  std::vector<std::string> conditions;
  for (const char* op : {"=", "<>", "<", "<=", ">", ">="}) {
    for (const char* quantifier : {"ANY", "ALL"}) {
      conditions.push_back(absl::StrCat("2 ", op, " ", quantifier, " (ints)"));
      conditions.push_back(absl::StrCat("1.5 ", op, " ", quantifier, " (ints)"));
      conditions.push_back(absl::StrCat("'b' ", op, " ", quantifier, " (texts)"));
      conditions.push_back(absl::StrCat("NULL ", op, " ", quantifier, " (ints)"));
    }
  }
  ExpectConditions(conditions);
}

TEST_F(ExpressionAgreementTest, ConditionsOfConditions) {
  ExpectConditions({"(i4 > 2) IS TRUE",
                    "(i4 > 2) IS NOT TRUE",
                    "(i4 > 2) IS FALSE",
                    "(i4 > 2) IS NOT FALSE",
                    "(i4 > 2) IS UNKNOWN",
                    "(i4 > 2) IS NULL",
                    "(i4 > 2 AND b) IS NOT NULL",
                    "(b AND i2 > 0) IS DISTINCT FROM (i4 > 2)",
                    "b IS UNKNOWN",
                    "(i4 > 2) = b",
                    "(i4 > 2) = true",
                    "coalesce(b, i4 > 2)",
                    "i4 IS DISTINCT FROM 3",
                    "t IS DISTINCT FROM NULL",
                    "NULL IS NOT DISTINCT FROM d",
                    "i4 IN (i2, 3, i8)",
                    "i4 NOT IN (i2, NULL)",
                    "i4 BETWEEN i2 AND i8",
                    "1 = 1",
                    "1 > 2 OR b",
                    "ts < ts2 + interval '1 day'",
                    "date_trunc('month', ts) = '2024-11-01'",
                    "i4 * 2::int8 > 5 + 1",
                    "2 * 3 < i4",
                    "'a' < t",
                    "f8 > d",
                    "nullif(i4, 0) IS NULL"});
}

TEST_F(ExpressionAgreementTest, Rule8TextCastsAgainstCharN) {
  ExpectConditions({"c = 'a'::text", "c = 'a '::text", "c = 'a '::varchar", "c = 'a  '",
                    "c = 'ab'::varchar(1)", "c = 'abcd'::char(2)", "c IN ('a '::text, 'b')",
                    "c IN ('a '::text)", "c <> 'b '::text", "c::text = 'a '", "c::text = 'a'",
                    "c BETWEEN 'a '::text AND 'b'", "d = 12.345::numeric(6,2)",
                    "t = 'Abcdef'::varchar(3)", "i4 = 9.5::int4", "coalesce(c, 'b  ') = 'b'"});
}

}  // namespace
}  // namespace sextant
