#include "tests/storage/postgres/sql_agreement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "compute/plan/binder.h"
#include "storage/postgres/identifier.h"
#include "tests/testing/postgres_cluster.h"
#include "tests/testing/run_query.h"

namespace sextant {
namespace {

/// SQL that writes a column of the result as ValueText does.
std::string WrittenSql(const ResultColumn& column) {
  const std::string name = QuoteIdentifier(column.name);
  switch (column.type.kind) {
    case TypeKind::kBool:
      return absl::StrCat(name, "::int::text");
    case TypeKind::kDate:
      return absl::StrCat("(", name, " - date '1970-01-01')::text");
    case TypeKind::kTimestamp:
      return absl::StrCat("(extract(epoch FROM ", name, ") * 1000000)::bigint::text");
    case TypeKind::kDecimal:
      return absl::StrCat("trunc(", name, " * 10::numeric ^ ", int{column.type.scale}, ")::text");
    case TypeKind::kUuid:
      return absl::StrCat("overlay(replace(", name, "::text, '-', '') placing ':' from 17 for 0)");
    case TypeKind::kList:
      return absl::StrCat("'{' || array_to_string(", name, ", ',', '-') || '}'");
    default:
      return absl::StrCat(name, "::text");
  }
}

bool IsNear(const std::string& left, const std::string& right) {
  double a = 0;
  double b = 0;
  if (left == right) return true;
  if (!absl::SimpleAtod(left, &a) || !absl::SimpleAtod(right, &b)) return false;
  return (std::isnan(a) && std::isnan(b)) || a == b ||
         std::abs(a - b) <= 1e-12 * std::max(std::abs(a), std::abs(b));
}

/// An integer as ValueText writes those that 64 bits do not hold.
std::string WideOf(const std::string& digits) {
  absl::int128 value = 0;
  return absl::SimpleAtoi(digits, &value) ? WideText(WideOfInt128(int128_t{value})) : digits;
}

/// Compares the rows in order; floats within what summing in another order may change.
void ExpectSameRows(const ResultText& result,
                    const std::vector<std::vector<std::optional<std::string>>>& answer) {
  ASSERT_EQ(result.rows.size(), answer.size());
  for (size_t row = 0; row < answer.size(); ++row) {
    const std::vector<std::string> values = absl::StrSplit(result.rows[row], '|');
    ASSERT_EQ(values.size(), answer[row].size());
    for (size_t column = 0; column < values.size(); ++column) {
      std::string expected = answer[row][column].value_or("-");
      const ResultColumn& shown = result.header.columns[column];
      if (shown.type.kind == TypeKind::kDecimal) expected = WideOf(expected);
      if (shown.role == ResultRole::kSeries) {
        for (size_t s = 0; s < result.header.series.size(); ++s) {
          if (result.header.series[s].name == expected) expected = absl::StrCat(s);
        }
      }
      EXPECT_PRED2(IsNear, values[column], expected)
          << "row " << row << " column " << shown.name << " of " << result.rows[row];
    }
  }
}

}  // namespace

absl::StatusOr<EquivalentSql> PrintAgainst(const SqlItems& items, const Query& query) {
  const auto bound = Bind(query, items.table->shared_schema(), 0);
  if (!bound.ok()) return bound.status();
  const auto series = ResolveSeries(*bound, bound->from_us.value_or(0), bound->to_us.value_or(0));
  if (!series.ok()) return series.status();
  const DatasetSpec* const spec = &items.spec;
  return PrintQuerySql(*bound, {&spec, 1}, *series, TenantClaim::Of("acme"));
}

void ExpectSqlGivesTheAnswer(const Query& query, const SqlItems& items) {
  const TenantClaim claim = TenantClaim::Of("acme");
  const auto bound = Bind(query, items.table->shared_schema(), 0);
  ASSERT_TRUE(bound.ok()) << bound.status();
  const auto result = RunBound(*bound, items.table, claim);
  ASSERT_TRUE(result.ok()) << result.status();
  const DatasetSpec* const spec = &items.spec;
  const auto sql = PrintQuerySql(*bound, {&spec, 1}, result->header.series, claim);
  ASSERT_TRUE(sql.ok()) << sql.status();
  EXPECT_THAT(sql->unsupported, testing::IsEmpty());
  SCOPED_TRACE(sql->text);
  const std::string columns = absl::StrJoin(
      result->header.columns, ", ",
      [](std::string* out, const ResultColumn& column) { out->append(WrittenSql(column)); });
  ExpectSameRows(*result, ExecuteSql(items.conninfo, absl::StrCat("SELECT ", columns, " FROM (\n",
                                                                  sql->text, "\n) AS answer")));
}

}  // namespace sextant
