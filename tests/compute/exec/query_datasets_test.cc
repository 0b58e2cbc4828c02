#include <gmock/gmock.h>

#include "compute/exec/query_executor.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder.h"
#include "compute/plan/error_detail.h"
#include "tests/testing/run_query.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Rows = std::vector<std::string>;
using Tables = std::vector<std::shared_ptr<const Table>>;

constexpr int64_t kDayUs = int64_t{86'400} * 1'000'000;

Cell Day(int64_t number) { return Int(number * kDayUs); }
std::string Start(int64_t number) { return std::to_string(number * kDayUs); }

std::shared_ptr<const Table> Pulls() {
  return TableOf(
      {{"repo",
        DataType::Of(TypeKind::kText),
        {Text("web"), Text("api"), Text("web"), Null(), Text("web")}},
       {"number", DataType::Of(TypeKind::kInt32), {Int(1), Int(2), Int(3), Int(4), Int(5)}},
       {"lines", DataType::Of(TypeKind::kInt64), {Int(10), Int(20), Int(30), Int(40), Int(50)}},
       {"org",
        DataType::Of(TypeKind::kText),
        {Text("a"), Text("a"), Text("b"), Text("a"), Text("a")}},
       {"merged_at", DataType::Of(TypeKind::kTimestamp), {Day(2), Day(2), Day(3), Day(4), Day(4)}}},
      {.dataset = "pulls", .version = 7, .as_of_us = 100 * kDayUs});
}

/// Its repositories are in another order, so that no code means the same.
std::shared_ptr<const Table> Issues() {
  return TableOf(
      {{"opened_at", DataType::Of(TypeKind::kTimestamp), {Day(1), Day(2), Day(4), Day(4)}},
       {"repository",
        DataType::Of(TypeKind::kText),
        {Text("zoo"), Text("api"), Text("web"), Null()}},
       {"number", DataType::Of(TypeKind::kInt64), {Int(9), Int(2), Int(3), Int(8)}},
       {"org", DataType::Of(TypeKind::kText), {Text("a"), Text("a"), Text("a"), Text("b")}},
       {"lines", DataType::Of(TypeKind::kText), {Text("?"), Text("?"), Text("?"), Text("?")}}},
      {.dataset = "issues", .version = 3, .as_of_us = 90 * kDayUs});
}

Metric MetricOf(const std::string& name, const std::string& dataset,
                const std::string& expression) {
  return {.name = name, .dataset = dataset, .expression = expression};
}

Query CountsBy(const std::vector<std::string>& axes) {
  Query query;
  query.metrics = {MetricOf("pulls", "pulls", "count(*)"),
                   MetricOf("issues", "issues", "count(*)")};
  for (const std::string& axis : axes) query.group_by.push_back(GroupAxis::Of(axis));
  return query;
}

Dimensions Repositories() {
  return {{{"repository_name", {{"pulls", "repo"}, {"issues", "repository"}}}}};
}

absl::StatusOr<BoundQuery> BindBoth(const Query& query) {
  const std::vector<std::shared_ptr<const Schema>> schemas = {Pulls()->shared_schema(),
                                                              Issues()->shared_schema()};
  return Bind(query, schemas, 100 * kDayUs, {}, Repositories());
}

absl::StatusOr<ResultText> RunOver(const Query& query, const Tables& tables,
                                   const TenantClaim& claim) {
  std::vector<std::shared_ptr<const Schema>> schemas;
  std::vector<TenantScope> scopes;
  for (const auto& table : tables) {
    schemas.push_back(table->shared_schema());
    SEXTANT_ASSIGN_OR_RETURN(TenantScope scope, TenantScope::Resolve(table, claim));
    scopes.push_back(std::move(scope));
  }
  SEXTANT_ASSIGN_OR_RETURN(const BoundQuery bound,
                           Bind(query, schemas, 100 * kDayUs, {}, Repositories()));
  QueryContext context(Clock::System(), QueryContext::kNoDeadline, Priority::kInteractive,
                       &TestBudget(), MemoryBudget::kUnlimitedBytes);
  SEXTANT_ASSIGN_OR_RETURN(auto cursor, QueryExecutor::Run(context, bound, std::move(scopes)));
  return ReadAll(*cursor);
}

Rows RowsOf(const Query& query) {
  const absl::StatusOr<ResultText> result =
      RunOver(query, {Pulls(), Issues()}, TenantClaim::None());
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? result->rows : Rows{};
}

TEST(QueryDatasetsTest, CellsJoinOnTheValuesOfTheirAxes) {  // (rule 19)
  Query query = CountsBy({"repository_name"});
  query.metrics.push_back(MetricOf("lines", "pulls", "sum(lines)"));
  EXPECT_THAT(RowsOf(query), ElementsAre("api|1|1|20", "web|3|1|90", "zoo|0|1|-", "-|1|1|40"));
}

TEST(QueryDatasetsTest, IntegersOfUnlikeWidthJoin) {  // (rule 19)
  EXPECT_THAT(RowsOf(CountsBy({"number"})),
              ElementsAre("1|1|0", "2|1|1", "3|1|1", "4|1|0", "5|1|0", "8|0|1", "9|0|1"));
}

TEST(QueryDatasetsTest, FiltersHoldInEveryDataset) {  // (rule 19)
  Query query = CountsBy({"repository_name"});
  query.where = "org = 'a' AND repository_name = 'web'";
  EXPECT_THAT(RowsOf(query), ElementsAre("web|2|1"));
}

TEST(QueryDatasetsTest, SetsHoldInEveryDataset) {  // (rule 19)
  Query query = CountsBy({});
  GroupAxis axis;
  axis.kind = GroupAxis::Kind::kSets;
  axis.name = "kind";
  axis.members = {{"front", "repository_name = 'web'"}, {"mine", "org = 'a'"}};
  query.group_by = {axis};
  EXPECT_THAT(RowsOf(query), ElementsAre("front|3|1", "mine|4|3"));
}

TEST(QueryDatasetsTest, TheRangeIsThatOfAllSamples) {  // (rule 14)
  Query query = CountsBy({});
  query.metrics[0].pin = TimePin::At("merged_at");
  query.metrics[1].pin = TimePin::At("opened_at");
  query.series = {{CalendarUnit::kDay, 1}};
  EXPECT_THAT(RowsOf(query), ElementsAre(Start(1) + "|0|1", Start(2) + "|2|1", Start(3) + "|1|0",
                                         Start(4) + "|2|2"));
}

TEST(QueryDatasetsTest, TotalsAndTheTopAreOverAllDatasets) {  // (rule 18)
  Query query = CountsBy({"repository_name"});
  query.top_n = TopN{.count = 1, .metric = "issues", .others = true};
  query.totals = Totals::kGrand;
  EXPECT_THAT(RowsOf(query), ElementsAre("api|0|1|1", "-|-1|4|3", "-|1|5|4"));
}

TEST(QueryDatasetsTest, TheTopMayBeMissingInOneDataset) {
  Query query = CountsBy({"repository_name"});
  query.where = "repository_name IN ('zoo', 'web')";
  query.top_n = TopN{.count = 1, .metric = "pulls", .smallest = true, .others = true};
  EXPECT_THAT(RowsOf(query), ElementsAre("zoo|0|0|1", "-|-1|3|1"));
}

// The top group has no issue in the range, but two in its tile, which are not of the others.
/// Of the pull requests of one day, and the days of issues of which the top repository has some
/// only before the range, in the tile that its clip is of.
struct OfRepositories {
  DataType type;
  std::vector<Cell> of_pulls;
  std::vector<Cell> of_issues;
};

absl::StatusOr<ResultText> ClippedOthers(const OfRepositories& repositories) {
  const auto pulls =
      TableOf({{"repo", repositories.type, repositories.of_pulls},
               {"at", DataType::Of(TypeKind::kTimestamp), {Day(15), Day(15), Day(15)}}},
              {.dataset = "pulls"});
  const auto issues =
      TableOf({{"repository", repositories.type, repositories.of_issues},
               {"at", DataType::Of(TypeKind::kTimestamp), {Day(12), Day(12), Day(15), Day(15)}},
               {"days", DataType::Of(TypeKind::kInt64), {Int(100), Int(200), Int(5), Int(9)}}},
              {.dataset = "issues"});
  Query query;
  query.metrics = {MetricOf("pulls", "pulls", "count(*)"), MetricOf("days", "issues", "avg(days)")};
  for (Metric& metric : query.metrics) metric.pin = TimePin::At("at");
  query.group_by = {GroupAxis::Of("repository_name")};
  query.from = "1970-01-15";
  query.to = "1970-01-20";
  query.clip = Clip{0.5, 1, 14};
  query.top_n = TopN{1, "pulls", false, true};
  return RunOver(query, {pulls, issues}, TenantClaim::None());
}

TEST(QueryDatasetsTest, OthersAreClippedWithoutTheTopWhereItHasNoCell) {  // (rules 18, 20)
  const auto result = ClippedOthers({DataType::Of(TypeKind::kText),
                                     {Text("web"), Text("web"), Text("api")},
                                     {Text("web"), Text("web"), Text("api"), Text("api")}});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->rows, ElementsAre("web|0|2|-", "-|-1|1|7"));
}

TEST(QueryDatasetsTest, OthersAreClippedWithoutTheTopNumberWhereItHasNoCell) {  // (rules 18, 20)
  const auto result = ClippedOthers({DataType::Of(TypeKind::kInt64),
                                     {Int(7'000'000), Int(7'000'000), Int(-3)},
                                     {Int(7'000'000), Int(7'000'000), Int(-3), Int(-3)}});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->rows, ElementsAre("7000000|0|2|-", "-|-1|1|7"));
}

TEST(QueryDatasetsTest, EveryVersionIsInTheHeader) {
  const auto result = RunOver(CountsBy({"org"}), {Pulls(), Issues()}, TenantClaim::None());
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_EQ(result->header.datasets.size(), 2u);
  EXPECT_EQ(result->header.datasets[0].dataset, "pulls");
  EXPECT_EQ(result->header.datasets[0].version, 7u);
  EXPECT_EQ(result->header.datasets[1].dataset, "issues");
  EXPECT_EQ(result->header.datasets[1].as_of_us, 90 * kDayUs);
  EXPECT_EQ(result->summary.rows_scanned, 9u);
}

TEST(QueryDatasetsTest, EachDatasetShowsTheTenantItsOwnRows) {
  const auto table = [](const std::string& name, const std::vector<Cell>& tenants) {
    return TableOf({{"owner", DataType::Of(TypeKind::kText), tenants}},
                   {.tenant = "owner", .dataset = name});
  };
  const Tables tables = {table("pulls", {Text("a"), Text("b"), Text("b")}),
                         table("issues", {Text("a"), Text("a"), Text("b")})};
  const auto result = RunOver(CountsBy({}), tables, TenantClaim::Of("b"));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->rows, ElementsAre("2|1"));
}

TEST(QueryDatasetsTest, ANameThatOneDatasetLacksIsRefusedWithThoseThatFit) {  // (rule 19)
  const absl::Status status = BindBoth(CountsBy({"repo"})).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("'repo' is no column and no dimension of "
                                                       "'issues'; names that all datasets of the "
                                                       "request have: lines, number, org"));
  ASSERT_TRUE(DetailOf(status).has_value());
  EXPECT_EQ(DetailOf(status)->field, "group_by[0].column");
  EXPECT_THAT(DetailOf(status)->nearest, ElementsAre("lines", "number", "org", "repository_name"));
}

TEST(QueryDatasetsTest, AFilterOverANameThatOneDatasetLacksIsRefused) {  // (rule 19)
  Query query = CountsBy({"org"});
  query.where = "org = 'a' OR (number = 1 AND merged_at IS NULL)";
  const absl::Status status = BindBoth(query).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("where: 'merged_at' is no column"));
}

TEST(QueryDatasetsTest, AnAxisOfUnlikeTypesIsRefused) {  // (rule 19)
  const absl::Status status = BindBoth(CountsBy({"lines"})).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("'lines' is bigint in 'pulls' and text in 'issues'"));
}

}  // namespace
}  // namespace sextant
