#include "tests/storage/postgres/sql_agreement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "compute/plan/binder.h"
#include "storage/postgres/identifier.h"
#include "storage/postgres/query_sql.h"
#include "tests/storage/postgres/sql_items.h"
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

void ExpectSqlGivesTheAnswer(const Query& query) {
  const SqlItems& items = SqlItems::Get();
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
