#include "tests/storage/postgres/sql_agreement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "compute/exec/derived_rows.h"
#include "compute/exec/query_executor.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder.h"
#include "storage/postgres/identifier.h"
#include "tests/testing/postgres_cluster.h"
#include "tests/testing/run_query.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

/// The text must not depend on the session.
constexpr char kSession[] =
    "SET TimeZone = 'America/Havana'; SET DateStyle = 'SQL, DMY'; SET extra_float_digits = 0; ";

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
    case TypeKind::kInterval:
      // What makes it equal to others.
      return absl::StrCat("trunc(((extract(year FROM ", name, ") * 12 + extract(month FROM ", name,
                          ")) * 30 + extract(day FROM ", name,
                          ")) * 86400000000 + extract(hour FROM ", name,
                          ") * 3600000000 + extract(minute FROM ", name,
                          ") * 60000000 + extract(microseconds FROM ", name, "))::text");
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
  if (left.starts_with('{') && right.starts_with('{')) {
    const std::vector<std::string> lefts = absl::StrSplit(left.substr(1, left.size() - 2), ',');
    const std::vector<std::string> rights = absl::StrSplit(right.substr(1, right.size() - 2), ',');
    return std::equal(lefts.begin(), lefts.end(), rights.begin(), rights.end(), IsNear);
  }
  if (!absl::SimpleAtod(left, &a) || !absl::SimpleAtod(right, &b)) return false;
  return (std::isnan(a) && std::isnan(b)) || a == b ||
         std::abs(a - b) <= 1e-12 * std::max(std::abs(a), std::abs(b));
}

/// An integer as ValueText writes those that 64 bits do not hold.
std::string WideOf(const std::string& digits) {
  absl::int128 value = 0;
  return absl::SimpleAtoi(digits, &value) ? WideText(WideOfInt128(int128_t{value})) : digits;
}

/// The order key of an interval that ValueText wrote, as ValueText writes it.
std::string IntervalKeyOf(const std::string& text) {
  if (text == "-") return text;
  Wide wide;
  const std::vector<std::string> halves = absl::StrSplit(text, ':');
  if (halves.size() == 2) {
    wide = {.low = std::strtoull(halves[1].c_str(), nullptr, 16),
            .high = std::strtoull(halves[0].c_str(), nullptr, 16)};
  } else {
    wide = WideOfInt128(std::strtoll(text.c_str(), nullptr, 10));
  }
  return WideText(WideOfInt128(IntervalOrderKey(IntervalOfWide(wide))));
}

/// Compares the rows in order; floats within what summing in another order may change.
void ExpectSameRows(const ResultText& result,
                    const std::vector<std::vector<std::optional<std::string>>>& answer) {
  ASSERT_EQ(result.rows.size(), answer.size());
  for (size_t row = 0; row < answer.size(); ++row) {
    std::vector<std::string> values = absl::StrSplit(result.rows[row], '|');
    ASSERT_EQ(values.size(), answer[row].size());
    for (size_t column = 0; column < values.size(); ++column) {
      std::string expected = answer[row][column].value_or("-");
      const ResultColumn& shown = result.header.columns[column];
      if (shown.type.kind == TypeKind::kDecimal) expected = WideOf(expected);
      if (shown.type.kind == TypeKind::kInterval) {
        expected = WideOf(expected);
        values[column] = IntervalKeyOf(values[column]);
      }
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

struct Asked {
  BoundQuery bound;
  std::vector<const DatasetSpec*> specs;  // of the query's datasets
  ResultText result;
};

absl::StatusOr<Asked> AskEngine(const Query& query, const std::vector<const SqlItems*>& datasets,
                                const Dimensions& dimensions) {
  Asked asked;
  SEXTANT_ASSIGN_OR_RETURN(const std::vector<std::string> names, DatasetsOf(query));
  std::vector<std::shared_ptr<const Schema>> schemas;
  std::vector<TenantScope> scopes;
  for (const std::string& name : names) {
    const auto found = std::find_if(datasets.begin(), datasets.end(),
                                    [&](const SqlItems* one) { return one->spec.name == name; });
    if (found == datasets.end()) return absl::NotFoundError(name);
    schemas.push_back((*found)->table->shared_schema());
    asked.specs.push_back(&(*found)->spec);
    SEXTANT_ASSIGN_OR_RETURN(TenantScope scope,
                             TenantScope::Resolve((*found)->table, TenantClaim::Of("acme")));
    scopes.push_back(std::move(scope));
  }
  SEXTANT_ASSIGN_OR_RETURN(asked.bound, Bind(query, schemas, 0, {}, dimensions));
  scopes = ScopesPerDataset(asked.bound, names, scopes);
  QueryContext context(Clock::System(), QueryContext::kNoDeadline, Priority::kInteractive,
                       &TestBudget(), MemoryBudget::kUnlimitedBytes);
  SEXTANT_ASSIGN_OR_RETURN(const std::unique_ptr<ResultCursor> cursor,
                           QueryExecutor::Run(context, asked.bound, std::move(scopes)));
  SEXTANT_ASSIGN_OR_RETURN(asked.result, ReadAll(*cursor));
  return asked;
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
  ExpectSqlGivesTheAnswer(query, std::vector<const SqlItems*>{&items});
}

bool IsAnswered(const Query& query, const std::vector<const SqlItems*>& datasets,
                const Dimensions& dimensions) {
  return AskEngine(query, datasets, dimensions).ok();
}

void ExpectSqlGivesTheAnswer(const Query& query, const std::vector<const SqlItems*>& datasets,
                             const Dimensions& dimensions) {
  const auto asked = AskEngine(query, datasets, dimensions);
  ASSERT_TRUE(asked.ok()) << asked.status();
  const ResultText& result = asked->result;
  const auto sql =
      PrintQuerySql(asked->bound, asked->specs, {result.header.series, result.header.range},
                    TenantClaim::Of("acme"));
  ASSERT_TRUE(sql.ok()) << sql.status();
  EXPECT_THAT(sql->unsupported, testing::IsEmpty());
  SCOPED_TRACE(sql->text);
  const std::string columns = absl::StrJoin(
      result.header.columns, ", ",
      [](std::string* out, const ResultColumn& column) { out->append(WrittenSql(column)); });
  ExpectSameRows(result, ExecuteSql(datasets[0]->conninfo,
                                    absl::StrCat(kSession, "SELECT ", columns, " FROM (\n",
                                                 sql->text, "\n) AS answer")));
}

}  // namespace sextant
