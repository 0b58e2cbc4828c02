// What an expression is, and where it cannot be computed, is PostgreSQL's to say: random ones are
// asked of a real server and of the compiled steps, row by row.

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "compute/operators/expression/decimal_number.h"
#include "tests/compute/operators/expression/expression_of.h"
#include "tests/compute/operators/expression/random_expression.h"
#include "tests/testing/postgres_cluster.h"

namespace sextant {
namespace {

constexpr int kNumRows = 60;
constexpr int kExpressionsPerZone = 150;

/// Evaluates an expression over one row, errors and all.
constexpr char kAttempt[] = R"(
  CREATE FUNCTION attempt(query text, id int) RETURNS text LANGUAGE plpgsql AS $f$
  DECLARE answer text;
  BEGIN
    EXECUTE query INTO answer USING id;
    RETURN coalesce(answer, 'NULL');
  EXCEPTION WHEN OTHERS THEN
    IF SQLSTATE LIKE '42%' AND SQLSTATE <> '42P22' THEN RAISE; END IF;
    RETURN 'FAILED';
  END $f$;
  -- Where PostgreSQL has NaN / 0 be NaN, rule 5 has no quotient; where it refuses a quotient that
  -- is too small, that is the zero of its sign, as IEEE's is (rule 5 excludes overflow alone).
  CREATE FUNCTION divided(a float8, b float8) RETURNS float8 LANGUAGE plpgsql STRICT AS $f$
  BEGIN
    IF b = 0 THEN RAISE division_by_zero; END IF;
    RETURN a / b;
  EXCEPTION WHEN numeric_value_out_of_range THEN
    IF SQLERRM NOT LIKE '%underflow%' THEN RAISE; END IF;
    RETURN sign(a) * sign(b) * float8 '0';
  END $f$;)";

/// The value as a text that says the same as TextsOf.
std::string ShownSql(const WrittenExpression& expression) {
  switch (expression.bound.type.kind) {
    case TypeKind::kTimestamp:
    case TypeKind::kDuration:
      return absl::StrCat("(extract(epoch from ", expression.sql, ") * 1000000)::int8::text");
    case TypeKind::kDate:
      return absl::StrCat("(", expression.sql, " - date 'epoch')::text");
    case TypeKind::kBool:
      return absl::StrCat("(", expression.sql, ")::int::text");
    default:
      return absl::StrCat("(", expression.sql, ")::text");
  }
}

/// Brings both answers to one form: floats by their bits, decimals without zeros at the end.
std::string Normal(const DataType& type, const std::string& text, bool is_ours) {
  if (text == "NULL" || text == "FAILED") return text;
  if (IsFloat(type.kind)) return absl::StrCat(FloatKey(std::strtod(text.c_str(), nullptr)));
  if (type.kind != TypeKind::kDecimal) return text;
  if (is_ours) {
    const std::optional<int128_t> value = ParseDecimal(text, 0);
    char buffer[kMaxDecimalChars];
    return std::string(buffer, FormatDecimal(value.value(), 0, buffer));
  }
  // Digits that our scale has not would be lost here: they are told apart below.
  const std::optional<int128_t> value = ParseDecimal(text, type.scale);
  if (!value) return text;
  char buffer[kMaxDecimalChars];
  const std::string scaled(buffer, FormatDecimal(*value, 0, buffer));
  const size_t point = text.find('.');
  const size_t decimals = point == std::string::npos ? 0 : text.size() - point - 1;
  return decimals <= type.scale ? scaled : text;
}

class PostgresExpressionTest : public testing::TestWithParam<const char*> {};

std::vector<std::vector<std::string>> AskPostgres(const std::string& conninfo,
                                                  const std::vector<WrittenExpression>& asked,
                                                  const std::string& zone) {
  std::vector<std::string> queries;
  for (size_t i = 0; i < asked.size(); ++i) {
    queries.push_back(
        absl::StrCat("(", i, ", $q$SELECT ", ShownSql(asked[i]), " FROM t WHERE id = $1$q$)"));
  }
  const auto rows =
      ExecuteSql(conninfo, absl::StrCat("SET TIME ZONE '", zone, "'; SET datestyle = ISO; ",
                                        "SELECT x.number, attempt(x.query, t.id) FROM (VALUES ",
                                        absl::StrJoin(queries, ",\n"),
                                        ") x(number, query), t ORDER BY 1, t.id"));
  std::vector<std::vector<std::string>> answers(asked.size());
  for (const auto& row : rows) {
    answers[static_cast<size_t>(std::stoi(*row[0]))].push_back(*row[1]);
  }
  return answers;
}

TEST_P(PostgresExpressionTest, RandomExpressionsAgreeRowByRow) {  // (rules 5, 6, 7, 10)
  const char* const given = std::getenv("SEXTANT_SEED");
  const uint64_t seed =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  std::cout << "SEXTANT_SEED=" << seed << "\n";
  const SampleRows rows = MakeSampleRows(seed, kNumRows);
  const auto table = TableOf(rows.columns, {.chunk_rows = 17});
  const std::string conninfo = PostgresCluster::Shared().CreateDatabase();
  ExecuteSql(conninfo, rows.sql);
  ExecuteSql(conninfo, kAttempt);

  RandomExpressions random(seed, *table, ZoneOf(GetParam()));
  std::vector<WrittenExpression> asked;
  std::vector<bool> may_hide;
  for (int i = 0; i < kExpressionsPerZone; ++i) {
    asked.push_back(random.Next());
    may_hide.push_back(random.may_hide_failures());
  }
  const std::vector<std::vector<std::string>> answers = AskPostgres(conninfo, asked, GetParam());
  size_t num_values = 0;
  for (size_t i = 0; i < asked.size(); ++i) {
    const DataType& type = asked[i].bound.type;
    const std::vector<std::string> ours = TextsOf(*table, asked[i].bound);
    ASSERT_EQ(answers[i].size(), ours.size());
    for (size_t row = 0; row < ours.size(); ++row) {
      if (answers[i][row] == "FAILED" && may_hide[i]) continue;
      // PostgreSQL's planner drops what would have failed next to a NULL it knows of: a constant,
      // or a CASE that no row can enter. The steps are asked here as they are, without the binder.
      const bool is_folded = asked[i].sql.find("NULL::") != std::string::npos || may_hide[i];
      if (is_folded && answers[i][row] == "NULL" && ours[row] == "FAILED") continue;
      const std::string wanted = Normal(type, answers[i][row], false);
      EXPECT_EQ(Normal(type, ours[row], true), wanted) << "row " << row << " of " << asked[i].sql;
      num_values += wanted != "FAILED" && wanted != "NULL" ? 1 : 0;
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(num_values, kExpressionsPerZone * kNumRows / 3);
}

INSTANTIATE_TEST_SUITE_P(Zones, PostgresExpressionTest,
                         testing::Values("UTC", "Europe/Berlin", "America/St_Johns",
                                         "America/Havana", "Australia/Lord_Howe"));

}  // namespace
}  // namespace sextant
