#include "compute/plan/binder/derived_rows_binder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compute/plan/binder.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/rows_query.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::shared_ptr<const Schema> Runs() {
  return std::make_shared<Schema>(
      std::vector<Field>{{.name = "org", .type = DataType::Of(TypeKind::kText)},
                         {.name = "suite", .type = DataType::Of(TypeKind::kInt32)},
                         {.name = "repo", .type = DataType::Of(TypeKind::kText)},
                         {.name = "started", .type = DataType::Of(TypeKind::kTimestamp)},
                         {.name = "ended", .type = DataType::Of(TypeKind::kTimestamp)},
                         {.name = "cost", .type = DataType::Decimal(12, 2), .unit = "EUR"},
                         {.name = "tags", .type = DataType::ListOf(TypeKind::kText)}},
      std::nullopt, std::vector<ColumnIndex>{3});
}

PerKey PerSuite() {
  return {.keys = {"suite"},
          .select = {{"took", "max(ended) - min(started)"},
                     {"begun", "min(started)"},
                     {"longest", "max(ended - started)"},
                     {"cost", "sum(cost)"}}};
}

Metric MetricOf(const PerKey& per, const std::string& expression = "count(*)") {
  Metric metric = {.name = "m", .dataset = "runs", .expression = expression};
  metric.per = std::make_shared<PerKey>(per);
  return metric;
}

absl::StatusOr<BoundQuery> BindOne(const Metric& metric) {
  Query query;
  query.metrics = {metric};
  return Bind(query, Runs(), 0);
}

std::string ErrorOf(const Metric& metric) {
  return std::string(BindOne(metric).status().message());
}

std::vector<std::string> NamesOf(const Schema& schema) {
  std::vector<std::string> names;
  for (const Field& field : schema.fields()) names.push_back(field.name);
  return names;
}

TEST(DerivedRowsBinderTest, RowsHaveKeysAndSelectedColumns) {
  const BoundQuery bound = *BindOne(MetricOf(PerSuite()));
  const Schema schema = SchemaOf(*bound.datasets[0].derived);
  EXPECT_EQ(bound.datasets[0].name, "runs");
  EXPECT_THAT(NamesOf(schema), ElementsAre("suite", "took", "begun", "longest", "cost"));
  EXPECT_EQ(schema.field(1).type.kind, TypeKind::kDuration);
  EXPECT_EQ(schema.field(2).type.kind, TypeKind::kTimestamp);
  EXPECT_EQ(schema.field(3).type.kind, TypeKind::kDuration);
  EXPECT_EQ(schema.field(4).type, DataType::Decimal(38, 2));
  EXPECT_EQ(schema.field(4).unit, "EUR");
  EXPECT_THAT(schema.key_columns(), ElementsAre(0));
  EXPECT_FALSE(schema.tenant_column().has_value());
}

/// Of a column of the rows of a key.
TypeKind KindOfSelected(const std::string& expression) {
  PerKey per = PerSuite();
  per.select = {{"took", expression}};
  const absl::StatusOr<BoundQuery> bound = BindOne(MetricOf(per, "max(took)"));
  EXPECT_TRUE(bound.ok()) << expression << ": " << bound.status();
  if (!bound.ok()) return TypeKind::kList;
  return SchemaOf(*bound->datasets[0].derived).field(1).type.kind;
}

TEST(DerivedRowsBinderTest, SecondsThatTheRequestAsksForStaySeconds) {
  for (const char* seconds :
       {"extract(epoch FROM max(ended) - min(started))::float8",
        "extract(epoch FROM avg(ended - started))", "extract(epoch FROM max(ended - started))",
        "avg(ended - started)::float8", "sum(ended - started)::float8",
        "max(ended - started) - min(ended - started)", "2 * avg(ended - started)",
        "coalesce(avg(ended - started), 0)", "nullif(avg(ended - started), 0)",
        "greatest(avg(ended - started), 60)", "abs(avg(ended - started))",
        "round(avg(ended - started))", "-avg(ended - started)",
        "CASE WHEN count(*) > 1 THEN avg(ended - started) END"}) {
    EXPECT_EQ(KindOfSelected(seconds), TypeKind::kFloat64) << seconds;
  }
}

TEST(DerivedRowsBinderTest, DurationsAndWhatAggregatesHaveOfThemAreDurations) {
  for (const char* duration :
       {"max(ended) - min(started)", "sum(ended - started)", "avg(ended - started)",
        "min(ended - started)", "percentile_cont(0.9) WITHIN GROUP (ORDER BY ended - started)",
        "mode() WITHIN GROUP (ORDER BY ended - started)",
        "(array_agg(ended - started ORDER BY started))[1]", "(avg(ended - started))"}) {
    EXPECT_EQ(KindOfSelected(duration), TypeKind::kDuration) << duration;
  }
}

TEST(DerivedRowsBinderTest, OnlyColumnsThatAreReadMustHaveOneValuePerKey) {
  Query query;
  query.metrics = {MetricOf(PerSuite(), "count(*) FILTER (WHERE repo = 'web')")};
  query.group_by = {GroupAxis::Of("org")};
  const BoundQuery bound = *Bind(query, Runs(), 0);
  EXPECT_THAT(NamesOf(SchemaOf(*bound.datasets[0].derived)),
              ElementsAre("suite", "org", "repo", "took", "begun", "longest", "cost"));
  EXPECT_EQ(bound.datasets[0].derived->num_keys, 1);
}

TEST(DerivedRowsBinderTest, AColumnThatIsNamedAndNotReadIsNoColumnOfTheRows) {
  const BoundQuery bound =
      *BindOne(MetricOf(PerSuite(), "count(*) FILTER (WHERE repo = NULL OR org = 'a')"));
  EXPECT_THAT(NamesOf(SchemaOf(*bound.datasets[0].derived)),
              ElementsAre("suite", "org", "took", "begun", "longest", "cost"));
}

TEST(DerivedRowsBinderTest, MetricsWithEqualRowsShareThem) {
  Query query;
  query.metrics = {MetricOf(PerSuite()), MetricOf(PerSuite(), "avg(took)")};
  query.metrics[1].name = "n";
  EXPECT_EQ(Bind(query, Runs(), 0)->datasets.size(), 1);
  query.metrics[1].filter = "cost > 0";
  EXPECT_EQ(Bind(query, Runs(), 0)->datasets.size(), 2);
  EXPECT_THAT(*DatasetsOf(query), ElementsAre("runs"));
}

TEST(DerivedRowsBinderTest, ASelectedColumnHidesADimensionOfItsName) {
  Query query;
  query.metrics = {MetricOf({.keys = {"suite"}, .select = {{"team", "min(repo)"}}})};
  query.group_by = {GroupAxis::Of("team")};
  const Dimensions dimensions = {{{"team", {{"runs", "org"}}}}};
  const std::vector<std::shared_ptr<const Schema>> schemas = {Runs()};
  const BoundQuery bound = *Bind(query, schemas, 0, {}, dimensions);
  EXPECT_THAT(NamesOf(SchemaOf(*bound.datasets[0].derived)), ElementsAre("suite", "team"));
}

TEST(DerivedRowsBinderTest, ADimensionIsAColumnWithOneValuePerKey) {
  Query query;
  query.metrics = {MetricOf({.keys = {"suite"}, .select = {{"n", "count(*)"}}})};
  query.where = "team = 'web'";
  const Dimensions dimensions = {{{"team", {{"runs", "repo"}}}}};
  const std::vector<std::shared_ptr<const Schema>> schemas = {Runs()};
  const BoundQuery bound = *Bind(query, schemas, 0, {}, dimensions);
  EXPECT_THAT(NamesOf(SchemaOf(*bound.datasets[0].derived)), ElementsAre("suite", "repo", "n"));
}

TEST(DerivedRowsBinderTest, Rule15LiteralsOfTheFilterAreOfTheZoneOfTheRequest) {
  Metric metric = MetricOf(PerSuite());
  metric.filter = "started > '2024-01-01'";
  Query query;
  query.metrics = {metric};
  query.time_zone = "Asia/Tokyo";
  EXPECT_EQ(Bind(query, Runs(), 0)->datasets[0].derived->query.time_zone_name, "Asia/Tokyo");
  query.metrics[0].is_from_catalog = true;
  EXPECT_EQ(Bind(query, Runs(), 0)->datasets[0].derived->query.time_zone_name, "UTC");
}

TEST(DerivedRowsBinderTest, FaultsAreToldWhereTheyAre) {
  EXPECT_THAT(ErrorOf(MetricOf({.keys = {}, .select = {}})),
              HasSubstr("metrics[0].per.keys: found none"));
  EXPECT_THAT(ErrorOf(MetricOf({.keys = {"suit"}, .select = {}})),
              HasSubstr("metrics[0].per.keys[0]: unknown column 'suit'; did you mean 'suite'"));
  EXPECT_THAT(ErrorOf(MetricOf({.keys = {"tags"}, .select = {}})),
              HasSubstr("metrics[0].per.keys[0]: the column 'tags' is a list"));
  EXPECT_THAT(ErrorOf(MetricOf({.keys = {"suite", "suite"}, .select = {}})),
              HasSubstr("metrics[0].per.keys[1]: two columns 'suite'"));
  EXPECT_THAT(ErrorOf(MetricOf({.keys = {"suite"}, .select = {{"suite", "count(*)"}}})),
              HasSubstr("metrics[0].per.select[0].name: two columns 'suite'"));
  EXPECT_THAT(ErrorOf(MetricOf({.keys = {"suite"}, .select = {{"n", "sum(costs)"}}})),
              HasSubstr("metrics[0].per.select[0].expression: unknown column 'costs'"));
  EXPECT_THAT(ErrorOf(MetricOf({.keys = {"suite"}, .select = {{"n", "cost"}}})),
              HasSubstr("metrics[0].per.select[0].expression"));
  EXPECT_THAT(ErrorOf(MetricOf({.keys = {"suite"},
                                .select = {{"n", "(array_agg(repo ORDER BY started))[1:2]"}}})),
              HasSubstr("the column 'n' is a list"));
}

TEST(DerivedRowsBinderTest, AFaultOfTheFilterIsToldThere) {
  Metric metric = MetricOf(PerSuite());
  metric.filter = "began > now()";
  EXPECT_THAT(ErrorOf(metric), HasSubstr("metrics[0].filter: unknown column 'began'"));
  EXPECT_EQ(DetailOf(BindOne(metric).status())->field, "metrics[0].filter");
}

TEST(DerivedRowsBinderTest, AFaultOfACatalogueMetricIsToldByItsName) {
  Metric metric = MetricOf({.keys = {"suite"}, .select = {{"n", "sum(costs)"}}});
  metric.is_from_catalog = true;
  EXPECT_THAT(ErrorOf(metric), HasSubstr("catalogue metric 'm': per.select[0].expression: unknown "
                                         "column 'costs'"));
}

TEST(DerivedRowsBinderTest, AnUnknownColumnIsToldWithThoseThatThereAre) {
  EXPECT_THAT(ErrorOf(MetricOf(PerSuite(), "avg(tok)")), HasSubstr("did you mean 'took'"));
}

TEST(DerivedRowsBinderTest, AListHasNoOneValuePerKey) {
  const absl::Status status = BindOne(MetricOf(PerSuite(), "sum(cardinality(tags))")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("the column 'tags' of 'runs' is text[]"));
}

TEST(DerivedRowsBinderTest, AMetricOfMetricsHasNoRowsOfItsOwn) {
  Metric metric = MetricOf(PerSuite());
  metric.components = {MetricOf(PerSuite())};
  metric.expression = "";
  metric.derived = "m * 2";
  EXPECT_THAT(ErrorOf(metric), HasSubstr("metrics[0].per: a metric of metrics has no rows"));
}

TEST(DerivedRowsBinderTest, RowsBehindACellAreNotThoseOfAMetricPerKey) {
  const BoundQuery bound = *BindOne(MetricOf(PerSuite()));
  EXPECT_THAT(std::string(BindRows({}, bound, 0).status().message()),
              HasSubstr("one per key; allowed: metrics without `per`"));
}

}  // namespace
}  // namespace sextant
