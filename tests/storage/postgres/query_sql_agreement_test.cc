#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "compute/plan/binder.h"
#include "storage/postgres/identifier.h"
#include "storage/postgres/query_sql.h"
#include "tests/storage/postgres/loaded_dataset.h"
#include "tests/testing/postgres_cluster.h"
#include "tests/testing/run_query.h"

namespace sextant {
namespace {

/// Rows with every type that the language computes with, NULLs everywhere but in the key, ties,
/// NaN, -0, empty lists, instants at changes of the clock in Berlin, spans that are instants, open
/// or turned around.
constexpr char kItems[] = R"sql(
CREATE TYPE mood AS ENUM ('sad', 'ok', 'glad');
CREATE TABLE items (
  id bigint PRIMARY KEY, tenant text NOT NULL, author text, note varchar(20), code char(4),
  mood mood, is_bot boolean, small smallint, lines integer, big bigint, ratio real,
  score double precision, cost numeric(12,2), ref uuid, day date, until date,
  created_at timestamptz, closed_at timestamptz, logged_at timestamp, labels text[],
  points integer[], seen_at timestamptz[]);
INSERT INTO items
SELECT n, (ARRAY['acme', 'Zeta', 'beta'])[n % 3 + 1],
  CASE WHEN n % 11 <> 0 THEN (ARRAY['Ann', 'bob', 'Émile', 'zoe', 'Bob', ''])[n % 6 + 1] END,
  CASE WHEN n % 7 <> 0 THEN 'note ' || n % 9 END,
  CASE WHEN n % 5 <> 0 THEN (ARRAY['a', 'b ', 'abcd'])[n % 3 + 1] END,
  CASE WHEN n % 8 <> 0 THEN (ARRAY['sad', 'ok', 'glad'])[n % 3 + 1]::mood END,
  CASE WHEN n % 4 <> 0 THEN n % 2 = 0 END,
  CASE WHEN n % 13 <> 0 THEN (n * 37 % 200 - 100)::smallint END,
  CASE WHEN n % 9 <> 0 THEN (n * 7919 % 1000 - 300)::int END,
  CASE n WHEN 50 THEN 9223372036854775807 WHEN 51 THEN -9223372036854775807 - 1
         ELSE CASE WHEN n % 6 <> 0 THEN n * 104729 % 1000000 - 500000 END END,
  CASE WHEN n % 7 <> 0 THEN (n % 16) * 0.25 END,
  CASE n WHEN 70 THEN 'NaN' WHEN 71 THEN '-0' WHEN 72 THEN 'Infinity'
         ELSE CASE WHEN n % 10 <> 0 THEN (n * 31 % 64) / 8.0 - 3 END END,
  CASE WHEN n % 12 <> 0 THEN (n * 271 % 10000 - 2000) / 100.0 END,
  CASE WHEN n % 6 <> 0 THEN md5((n % 5)::text)::uuid END,
  CASE WHEN n % 8 <> 0 THEN date '2024-03-25' + n % 14 END,
  CASE WHEN n % 3 <> 0 THEN date '2024-03-27' + n % 17 END,
  CASE WHEN n % 17 <> 0 THEN timestamptz '2024-03-24 22:00+00' + n * interval '47 minutes' END,
  CASE WHEN n % 5 <> 0 THEN timestamptz '2024-03-25 12:00+00' + (n * 53 % 300) * interval '61 minutes' END,
  CASE WHEN n % 9 <> 0 THEN timestamp '2024-03-30 20:00' + n * interval '13 minutes' END,
  CASE n % 5 WHEN 0 THEN NULL WHEN 1 THEN '{}' WHEN 2 THEN '{bug,ui}' WHEN 3 THEN '{ui,ui,NULL}'
             ELSE ARRAY['Bug', 'x' || n % 2] END,
  CASE n % 4 WHEN 0 THEN NULL WHEN 1 THEN '{}' ELSE ARRAY[n % 3, 5, n % 3] END,
  CASE n % 4 WHEN 0 THEN NULL WHEN 1 THEN '{}'
             ELSE ARRAY[timestamptz '2024-03-26 00:00+00' + n * interval '31 minutes', NULL,
                        timestamptz '2024-03-26 05:00+00' + n * interval '31 minutes'] END
FROM generate_series(1, 400) AS n;
)sql";

/// Databases and tables of all tests.
class Fixture {
 public:
  static const Fixture& Get() {
    static const Fixture fixture;
    return fixture;
  }

  std::string conninfo;
  DatasetSpec spec = TableDataset("items");
  std::shared_ptr<const Table> table;

 private:
  Fixture() {
    conninfo = PostgresCluster::Shared().CreateDatabase();
    ExecuteSql(conninfo, kItems);
    spec.zones = {{"logged_at", "Europe/Berlin"}};
    spec.tenant = "tenant";
    spec.key = {"id"};
    spec.where = "id <> 13";
    table = *LoadDataset(conninfo, spec);
  }
};

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

struct Asked {
  std::string name;
  Query query;
};

void PrintTo(const Asked& asked, std::ostream* out) { *out << asked.name; }

Metric MetricOf(std::string name, std::string expression, TimePin pin = {}) {
  Metric metric;
  metric.name = std::move(name);
  metric.dataset = "d";
  metric.expression = std::move(expression);
  metric.pin = std::move(pin);
  return metric;
}

/// One metric in all time.
Query Ask(std::string expression, std::vector<std::string> group_by = {}, std::string where = "") {
  Query query;
  query.metrics.push_back(MetricOf("m", std::move(expression)));
  for (std::string& column : group_by) query.group_by.push_back(GroupAxis::Of(std::move(column)));
  query.where = std::move(where);
  return query;
}

Asked Count(std::string name, std::string where) {
  return {std::move(name), Ask("count(*)", {}, std::move(where))};
}

/// A metric pinned by `pin` in series of `units`, in Berlin, around the change of the clock.
Query AskOverTime(std::string expression, TimePin pin, std::vector<CalendarUnit> units) {
  Query query = Ask("count(*)");
  query.metrics[0] = MetricOf("m", std::move(expression), std::move(pin));
  for (const CalendarUnit unit : units) query.series.push_back({.unit = unit});
  query.time_zone = "Europe/Berlin";
  query.from = "2024-03-26T10:00:00Z";
  query.to = "2024-04-05T02:30:00Z";
  return query;
}

class QuerySqlAgreementTest : public testing::TestWithParam<Asked> {};

TEST_P(QuerySqlAgreementTest, Rule25TheSqlGivesTheAnswer) {
  const Fixture& fixture = Fixture::Get();
  const TenantClaim claim = TenantClaim::Of("acme");
  const auto bound = Bind(GetParam().query, fixture.table->shared_schema(), 0);
  ASSERT_TRUE(bound.ok()) << bound.status();
  const auto result = RunBound(*bound, fixture.table, claim);
  ASSERT_TRUE(result.ok()) << result.status();
  const DatasetSpec* const spec = &fixture.spec;
  const auto sql = PrintQuerySql(*bound, {&spec, 1}, result->header.series, claim);
  ASSERT_TRUE(sql.ok()) << sql.status();
  EXPECT_THAT(sql->unsupported, testing::IsEmpty());
  SCOPED_TRACE(sql->text);
  const std::string columns = absl::StrJoin(
      result->header.columns, ", ",
      [](std::string* out, const ResultColumn& column) { out->append(WrittenSql(column)); });
  ExpectSameRows(*result, ExecuteSql(fixture.conninfo, absl::StrCat("SELECT ", columns, " FROM (\n",
                                                                    sql->text, "\n) AS answer")));
}

std::string NameOf(const testing::TestParamInfo<Asked>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(
    Filters, QuerySqlAgreementTest,
    testing::Values(Count("Everything", ""),
                    Count("Integers", "lines > 10 AND small <= 50 AND big <> 7"),
                    Count("IntegerLists", "lines IN (1, 5, 407, NULL) OR small NOT IN (1, 2)"),
                    Count("Limits", "big >= 9223372036854775807 OR big < -9223372036854775807"),
                    Count("Floats", "score >= 1.5 OR score = 0 OR ratio < 0.5"),
                    Count("NotANumber", "score = 'NaN' OR score > 1e300"),
                    Count("FloatRanges", "score BETWEEN -0.5 AND 2 AND NOT ratio = 0.25"),
                    Count("Decimals", "cost > 3.14 AND cost <= 55.5"),
                    Count("DecimalLists", "cost IN (1.17, -20.00)"),
                    Count("Texts", "author >= 'Z' OR author < 'B'"),
                    Count("TextLists", "author IN ('bob', 'Émile', '') AND note <> 'note 3'"),
                    Count("PaddedTexts", "code = 'b' OR code = 'abcd'"),
                    Count("Enums", "mood >= 'ok'"), Count("EnumLists", "mood IN ('sad', 'glad')"),
                    Count("EnumNot", "NOT mood = 'ok'"), Count("Booleans", "is_bot IS NOT TRUE"),
                    Count("BooleanItself", "is_bot AND NOT (is_bot IS NULL)"),
                    Count("Uuids", "ref = 'cfcd2084-95d5-65ef-66e7-dff9f98764da'"),
                    Count("UuidRange", "ref > 'c4ca4238-a0b9-2382-0dcc-509a6f75849b'"),
                    Count("Days", "day >= '2024-03-31' AND until < date '2024-04-09'"),
                    Count("Instants", "created_at >= '2024-03-31 01:30:00+00'"),
                    Count("LocalTimes", "logged_at < '2024-03-31 01:00:00+00'"),
                    Count("Differences", "closed_at - created_at > interval '1 day'"),
                    Count("DifferencesOfNumbers", "lines - small > 20 AND until - day < 5"),
                    Count("Nulls", "author IS NULL OR (labels IS NOT NULL AND note IS NULL)"),
                    Count("LabelsAny", "labels && ARRAY['ui', 'none']"),
                    Count("LabelsAll", "labels @> ARRAY['ui', 'bug'] OR labels @> ARRAY[]::text[]"),
                    Count("LabelsEqual", "'ui' = ANY (labels)"),
                    Count("LabelsNot", "NOT 'ui' = ANY (labels)"),
                    Count("PointsAny", "points && ARRAY[5, 9] AND NOT 2 = ANY (points)")),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Aggregates, QuerySqlAgreementTest,
    testing::Values(Asked{"CountValues", Ask("count(author)", {"mood"})},
                    Asked{"CountDistinct", Ask("count(DISTINCT score)", {"is_bot"})},
                    Asked{"CountDistinctText", Ask("count(DISTINCT author)", {"mood"})},
                    Asked{"SumOfIntegers", Ask("sum(lines)", {"author"})},
                    Asked{"SumOfDecimals", Ask("sum(cost)", {"author"})},
                    Asked{"SumOfFloats", Ask("sum(ratio)", {"author"})},
                    Asked{"SumOfDurations", Ask("sum(closed_at - created_at)", {"author"})},
                    Asked{"MeanOfIntegers", Ask("avg(lines)", {"mood"})},
                    Asked{"MeanOfDecimals", Ask("avg(cost)", {"mood"})},
                    Asked{"MeanOfDurations", Ask("avg(closed_at - created_at)", {"mood"})},
                    Asked{"LeastText", Ask("min(author)", {"mood"})},
                    Asked{"GreatestEnum", Ask("max(mood)", {"author"})},
                    Asked{"GreatestInstant", Ask("max(created_at)", {"author"})},
                    Asked{"LeastDay", Ask("min(day)", {"author"})},
                    Asked{"GreatestFloat", Ask("max(score)", {"author"})},
                    Asked{"LeastDecimal", Ask("min(cost)", {"author"})},
                    Asked{"GreatestDuration", Ask("max(closed_at - created_at)", {"mood"})}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(Groups, QuerySqlAgreementTest,
                         testing::Values(Asked{"Text", Ask("count(*)", {"author"})},
                                         Asked{"PaddedText", Ask("count(*)", {"code"})},
                                         Asked{"Enum", Ask("count(*)", {"mood", "is_bot"})},
                                         Asked{"Float", Ask("count(*)", {"score"})},
                                         Asked{"SmallFloat", Ask("count(*)", {"ratio"})},
                                         Asked{"Uuid", Ask("count(*)", {"ref"})},
                                         Asked{"Decimal", Ask("count(*)", {"cost"})},
                                         Asked{"Day", Ask("count(*)", {"day", "author"})},
                                         Asked{"Instant", Ask("count(*)", {"closed_at"})},
                                         Asked{"Labels", Ask("count(*)", {"labels"})},
                                         Asked{"Points", Ask("sum(lines)", {"points", "labels"})},
                                         Asked{"Nothing",
                                               Ask("count(*)", {"author"}, "lines > 99999")}),
                         NameOf);

INSTANTIATE_TEST_SUITE_P(
    Times, QuerySqlAgreementTest,
    testing::Values(Asked{"Days",
                          AskOverTime("count(*)", TimePin::At("created_at"), {CalendarUnit::kDay})},
                    Asked{"HoursOfTheChange",
                          AskOverTime("count(*)", TimePin::At("logged_at"), {CalendarUnit::kHour})},
                    Asked{"SeveralSeries", AskOverTime("sum(lines)", TimePin::At("created_at"),
                                                       {CalendarUnit::kWeek, CalendarUnit::kAll,
                                                        CalendarUnit::kMonth})},
                    Asked{"DateColumn", AskOverTime("count(*)", TimePin::At("day"),
                                                    {CalendarUnit::kDay, CalendarUnit::kAll})},
                    Asked{"WithoutRange",
                          [] {
                            Query query = AskOverTime("avg(lines)", TimePin::At("closed_at"),
                                                      {CalendarUnit::kDay});
                            query.from.clear();
                            query.to.clear();
                            query.group_by = {GroupAxis::Of("mood")};
                            return query;
                          }()}),
    NameOf);

Query Ordered() {
  Query query = Ask("sum(lines)", {"author"});
  query.metrics.push_back(MetricOf("n", "count(*)"));
  query.order_by = {{"m", true}, {"author", false}};
  query.limit = 4;
  return query;
}

INSTANTIATE_TEST_SUITE_P(Results, QuerySqlAgreementTest,
                         testing::Values(Asked{"Ordered", Ordered()}), NameOf);

}  // namespace
}  // namespace sextant
