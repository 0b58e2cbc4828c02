#include "compute/exec/rows_run.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <string>

#include "absl/strings/str_cat.h"
#include "compute/exec/query_executor.h"
#include "compute/plan/error_detail.h"
#include "tests/testing/manual_clock.h"
#include "tests/testing/run_rows.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kDayUs = int64_t{86'400} * 1'000'000;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Pull requests: opened on days 0 to 4, some closed.
std::shared_ptr<const Table> PullRequests() {
  return TableOf(
      {{"id", DataType::Of(TypeKind::kInt64), {Int(1), Int(2), Int(3), Int(4), Int(5)}},
       {"team",
        DataType::Of(TypeKind::kText),
        {Text("web"), Text("app"), Null(), Text("web"), Text("app")}},
       {"lines", DataType::Of(TypeKind::kInt32), {Int(10), Null(), Int(30), Int(10), Int(50)}},
       {"labels",
        DataType::ListOf(TypeKind::kText),
        {List({Text("bug"), Text("ui"), Text("bug")}), List({Text("ui"), Null()}), List({}), Null(),
         List({Text("bug")})}},
       {"reviews",
        DataType::ListOf(TypeKind::kTimestamp),
        {List({Int(0), Int(kDayUs), Int(kDayUs + 1)}), List({Int(kDayUs)}), List({Null()}), Null(),
         List({Int(9 * kDayUs)})}},
       {"opened_at",
        DataType::Of(TypeKind::kTimestamp),
        {Int(0), Int(kDayUs), Int(2 * kDayUs), Int(3 * kDayUs), Int(4 * kDayUs)}},
       {"closed_at",
        DataType::Of(TypeKind::kTimestamp),
        {Int(2 * kDayUs), Int(kDayUs), Null(), Int(2 * kDayUs), Int(6 * kDayUs)}}},
      {.chunk_rows = 2, .key = {"id"}});
}

Query Counting(TimePin pin = {}) {
  Query query;
  query.metrics.push_back(
      {.name = "n", .dataset = "dataset", .expression = "count(*)", .pin = std::move(pin)});
  return query;
}

Query Daily(TimePin pin) {
  Query query = Counting(std::move(pin));
  query.series = {{.unit = CalendarUnit::kDay}};
  return query;
}

Literal TextLiteral(std::string text) {
  Literal literal;
  literal.kind = Literal::Kind::kString;
  literal.text = std::move(text);
  return literal;
}

std::vector<std::string> RowsOf(const RowsQuery& rows, const Query& query,
                                const std::shared_ptr<const Table>& table = PullRequests()) {
  const absl::StatusOr<ResultText> found = RunRows(rows, query, table);
  if (!found.ok()) return {found.status().ToString()};
  return found->rows;
}

std::vector<std::string> IdsOf(RowsQuery rows, const Query& query) {
  rows.columns = {"id"};
  return RowsOf(rows, query);
}

TEST(RowsRunTest, ARowHasTheChosenColumnsInTheirOrder) {
  EXPECT_THAT(RowsOf({.columns = {"lines", "id"}}, Counting()),
              ElementsAre("10|1", "-|2", "30|3", "10|4", "50|5"));
}

TEST(RowsRunTest, TheHeaderSaysThatTheyAreColumns) {
  const absl::StatusOr<ResultText> found =
      RunRows({.columns = {"lines", "labels"}}, Counting(), PullRequests());
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->header.columns.size(), 2u);
  EXPECT_EQ(found->header.columns[0].role, ResultRole::kColumn);
  EXPECT_EQ(found->header.columns[0].type, DataType::Of(TypeKind::kInt32));
  EXPECT_EQ(found->header.columns[1].type, DataType::ListOf(TypeKind::kText));
}

TEST(RowsRunTest, TheHeaderListsTheIntervalThatWasPicked) {
  const absl::StatusOr<ResultText> found =
      RunRows({.start = "1970-01-03"}, Daily(TimePin::At("opened_at")), PullRequests());
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->header.series.size(), 1u);
  EXPECT_THAT(found->header.series[0].intervals,
              ElementsAre(ResolvedInterval{2 * kDayUs, 3 * kDayUs, false}));
}

TEST(RowsRunTest, ValuesOfEveryTypeAreShownAsInResults) {
  const auto table = TableOf(
      {{"flag", DataType::Of(TypeKind::kBool), {Bool(true), Null()}},
       {"real", DataType::Of(TypeKind::kFloat32), {Float(0.5), Float(kNan)}},
       {"price", DataType::Decimal(10, 2), {Int(1250), Null()}},
       {"wide", DataType::Decimal(30, 0), {Decimal(7), Null()}},
       {"state", DataType::Of(TypeKind::kEnum), {Text("open"), Null()}, {"open", "done"}},
       {"day", DataType::Of(TypeKind::kDate), {Int(3), Null()}},
       {"took", DataType::Of(TypeKind::kDuration), {Int(1'500'000), Null()}},
       {"facts", DataType::Of(TypeKind::kJson), {Text("{}"), Null()}},
       {"bytes", DataType::Of(TypeKind::kBytes), {Text("ab"), Null()}},
       {"numbers", DataType::ListOf(TypeKind::kInt64), {List({Int(1), Null()}), Null()}},
       {"words", DataType::ListOf(TypeKind::kText), {List({Text("x"), Null()}), List({})}}});
  EXPECT_THAT(RowsOf({}, Counting(), table),
              ElementsAre("1|0.5|1250|7|open|3|1.5|{}|ab|{1,-}|{x,-}", "-|NaN|-|-|-|-|-|-|-|-|{}"));
}

TEST(RowsRunTest, RowsAreThoseOfTheGroup) {
  Query query = Counting();
  query.group_by.push_back(GroupAxis::Of("team"));
  EXPECT_THAT(IdsOf({.group = {{"team", TextLiteral("web")}}}, query), ElementsAre("1", "4"));
  EXPECT_THAT(IdsOf({.group = {{"team", std::nullopt}}}, query), ElementsAre("3"));
  EXPECT_THAT(IdsOf({.group = {{"team", TextLiteral("none")}}}, query), IsEmpty());
}

TEST(RowsRunTest, RowsOfAnElementAreThoseWhoseListHasIt) {
  Query query = Counting();
  query.group_by.push_back(GroupAxis::Of("labels"));
  EXPECT_THAT(IdsOf({.group = {{"labels", TextLiteral("bug")}}}, query), ElementsAre("1", "5"));
  EXPECT_THAT(IdsOf({.group = {{"labels", std::nullopt}}}, query), ElementsAre("2"));
}

TEST(RowsRunTest, ARowInSeveralGroupsOfATotalIsToldOnce) {
  Query query = Counting();
  query.group_by.push_back(GroupAxis::Of("labels"));
  EXPECT_THAT(IdsOf({}, query), ElementsAre("1", "2", "5"));
}

TEST(RowsRunTest, ARowThatOverlapsSeveralIntervalsIsToldOnce) {
  const Query query = Daily({TimePin::Kind::kDuring, "opened_at", "closed_at"});
  EXPECT_THAT(IdsOf({}, query), ElementsAre("1", "2", "3", "5"));
  EXPECT_THAT(IdsOf({.start = "1970-01-02"}, query), ElementsAre("1", "2"));
}

TEST(RowsRunTest, RowsOfAWindowAreThoseOfTheWindowThatEndsWithTheInterval) {
  Query query = Daily(TimePin::At("opened_at"));
  Metric over;
  over.name = "n_over";
  over.cumulative = Metric::Cumulative{.of = "n", .window = "2d"};
  over.components = std::move(query.metrics);
  query.metrics = {std::move(over)};
  query.from = "1970-01-03";
  query.to = "1970-01-06";
  EXPECT_THAT(IdsOf({.start = "1970-01-04"}, query), ElementsAre("3", "4"));
}

TEST(RowsRunTest, RowsOfAStateAreThoseOpenAtTheEnd) {
  Query query = Daily({TimePin::Kind::kAsOfEnd, "opened_at", "closed_at"});
  query.from = "1970-01-01";
  query.to = "1970-01-06";
  EXPECT_THAT(IdsOf({.start = "1970-01-01"}, query), ElementsAre("1"));
  EXPECT_THAT(IdsOf({.start = "1970-01-05"}, query), ElementsAre("3", "5"));
}

TEST(RowsRunTest, RowsOfAListOfInstantsAreThoseWithAnElementInTheInterval) {
  const Query query = Daily(TimePin::At("reviews"));
  EXPECT_THAT(IdsOf({.start = "1970-01-02"}, query), ElementsAre("1", "2"));
  EXPECT_THAT(IdsOf({.start = "1970-01-10"}, query), ElementsAre("5"));
  EXPECT_THAT(IdsOf({}, query), ElementsAre("1", "2", "5"));
}

TEST(RowsRunTest, TheFilterOfTheMetricCounts) {
  Query query = Counting();
  query.metrics[0].expression = "count(*) FILTER (WHERE lines > 10)";
  EXPECT_THAT(IdsOf({}, query), ElementsAre("3", "5"));
}

TEST(RowsRunTest, ARowWithoutAValueIsNoSample) {
  Query query = Counting();
  query.metrics[0].expression = "avg(lines)";
  EXPECT_THAT(IdsOf({}, query), ElementsAre("1", "3", "4", "5"));
}

TEST(RowsRunTest, ARowIsASampleOfARegressionWithBothValues) {
  Query query = Counting();
  query.metrics[0].expression = "corr(lines, extract(epoch FROM closed_at))";
  EXPECT_THAT(IdsOf({}, query), ElementsAre("1", "4", "5"));
}

TEST(RowsRunTest, ARowIsASampleOfTheBestOnesWithTheirOrder) {
  Query query = Counting();
  query.metrics[0].expression = "(array_agg(lines ORDER BY closed_at))[1:2]";
  EXPECT_THAT(IdsOf({}, query), ElementsAre("1", "2", "4", "5"));
}

TEST(RowsRunTest, RowsOfARatioAreThoseOfEitherSide) {
  Query query = Counting();
  Metric one = query.metrics[0];
  one.name = "small";
  one.expression = "count(*) FILTER (WHERE lines = 10)";
  Metric other = one;
  other.name = "web";
  other.expression = "count(*) FILTER (WHERE team = 'app')";
  query.metrics[0] = {.name = "share"};
  query.metrics[0].ratio = Metric::Ratio{"small", "web", 0};
  query.metrics[0].components = {one, other};
  EXPECT_THAT(IdsOf({}, query), ElementsAre("1", "2", "4", "5"));
}

TEST(RowsRunTest, ARowOutsideOfTheDomainIsNoSample) {
  Query query = Counting();
  query.metrics[0].expression = "avg(lines)";
  query.metrics[0].domain = "> 10";
  EXPECT_THAT(IdsOf({}, query), ElementsAre("3", "5"));
}

TEST(RowsRunTest, RowsOfAThresholdAreThoseOfTheMetricItIsOf) {
  Query query = Counting();
  Metric size = query.metrics[0];
  size.name = "size";
  size.expression = "avg(lines)";
  query.metrics[0] = {.name = "small"};
  query.metrics[0].threshold = Metric::Threshold{"size", "<=", "10"};
  query.metrics[0].components = {size};
  EXPECT_THAT(IdsOf({}, query), ElementsAre("1", "3", "4", "5"));
}

TEST(RowsRunTest, RowsOfASumOfMetricsAreThoseOfAny) {
  Query query = Counting();
  Metric one = query.metrics[0];
  one.name = "small";
  one.expression = "sum(lines) FILTER (WHERE lines = 10)";
  Metric other = one;
  other.name = "large";
  other.expression = "sum(lines) FILTER (WHERE lines = 50)";
  query.metrics[0] = {.name = "both"};
  query.metrics[0].sum_of = Metric::SumOf{{"small", "large"}, false};
  query.metrics[0].components = {one, other};
  EXPECT_THAT(IdsOf({}, query), ElementsAre("1", "4", "5"));
}

TEST(RowsRunTest, OrderAscendsWithNullsLastAndTiesInRowOrder) {
  EXPECT_THAT(IdsOf({.order_by = {{.column = "lines"}}}, Counting()),
              ElementsAre("1", "4", "3", "5", "2"));
}

TEST(RowsRunTest, OrderDescendsWithNullsFirstAndTiesInRowOrder) {
  EXPECT_THAT(IdsOf({.order_by = {{"lines", true}}}, Counting()),
              ElementsAre("2", "5", "3", "1", "4"));
}

TEST(RowsRunTest, FurtherColumnsOfTheOrderDecideTies) {
  EXPECT_THAT(IdsOf({.order_by = {{"team", false}, {"id", true}}}, Counting()),
              ElementsAre("5", "2", "4", "1", "3"));
}

TEST(RowsRunTest, TextsThatBeginAlikeAreInOrder) {
  const auto table = TableOf({{"name",
                               DataType::Of(TypeKind::kText),
                               {Text("repository-b"), Text("repository-a"), Text("repositor"),
                                Text("repository"), Text("\xff")}}});
  EXPECT_THAT(RowsOf({.order_by = {{.column = "name"}}}, Counting(), table),
              ElementsAre("repositor", "repository", "repository-a", "repository-b", "\xff"));
}

TEST(RowsRunTest, TheLimitTakesTheFirstAndSaysThatThereAreMore) {
  const auto run = [](uint64_t limit, std::vector<OrderBy> order) {
    return *RunRows({.columns = {"id"}, .order_by = std::move(order), .limit = limit}, Counting(),
                    PullRequests());
  };
  EXPECT_THAT(run(2, {}).rows, ElementsAre("1", "2"));
  EXPECT_TRUE(run(2, {}).summary.has_more);
  EXPECT_EQ(run(2, {}).summary.cells, 2u);
  EXPECT_FALSE(run(5, {}).summary.has_more);
  EXPECT_THAT(run(2, {{"id", true}}).rows, ElementsAre("5", "4"));
  EXPECT_TRUE(run(4, {{"id", true}}).summary.has_more);
  EXPECT_FALSE(run(5, {{"id", true}}).summary.has_more);
}

TEST(RowsRunTest, WithoutAnOrderTheScanEndsWithTheLimit) {
  const absl::StatusOr<ResultText> found = RunRows({.limit = 1}, Counting(), PullRequests());
  EXPECT_EQ(found->summary.rows_scanned, 2u);  // a chunk
}

TEST(RowsRunTest, TheFirstOfManyAreThoseOfASortOfAll) {
  constexpr uint32_t kNumRows = 60'000;
  std::vector<Cell> keys;
  std::vector<Cell> ids;
  std::vector<std::pair<int64_t, int64_t>> expected;
  for (uint32_t row = 0; row < kNumRows; ++row) {
    const int64_t key = (int64_t{row} * 7919) % 1000;
    keys.push_back(Int(key));
    ids.push_back(Int(row));
    expected.emplace_back(-key, row);
  }
  const auto table = TableOf(
      {{"key", DataType::Of(TypeKind::kInt64), keys}, {"id", DataType::Of(TypeKind::kInt64), ids}},
      {.chunk_rows = 4096});
  std::sort(expected.begin(), expected.end());
  std::vector<std::string> texts;
  for (size_t i = 0; i < 100; ++i) texts.push_back(absl::StrCat(expected[i].second));
  EXPECT_EQ(
      RowsOf({.columns = {"id"}, .order_by = {{"key", true}}, .limit = 100}, Counting(), table),
      texts);
}

TEST(RowsRunTest, AnOpenRangeIsThatOfAllGroups) {
  Query query = Daily(TimePin::At("opened_at"));
  query.group_by.push_back(GroupAxis::Of("team"));
  // The interval begins with the range, whose samples are of other groups too.
  EXPECT_THAT(IdsOf({.group = {{"team", TextLiteral("app")}}, .start = "1970-01-05"}, query),
              ElementsAre("5"));
  EXPECT_THAT(IdsOf({.group = {{"team", TextLiteral("app")}}, .start = "1970-01-01"}, query),
              IsEmpty());
}

TEST(RowsRunTest, AStartBeyondTheSamplesIsRefused) {
  const absl::StatusOr<ResultText> found =
      RunRows({.start = "1970-02-01"}, Daily(TimePin::At("opened_at")), PullRequests());
  EXPECT_EQ(found.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(DetailOf(found.status())->field, "start");
}

TEST(RowsRunTest, RowsThatAreDeletedAreNotTold) {
  std::shared_ptr<const Table> table = PullRequests();
  const uint32_t deleted[] = {1};
  TableIdentity next = table->identity();
  ++next.version;
  table = table->WithChunk(next, 0, *table->chunk(0).WithoutRows(deleted, TestBudget()));
  EXPECT_THAT(RowsOf({.columns = {"id"}}, Counting(), table), ElementsAre("1", "3", "4", "5"));
}

TEST(RowsRunTest, ATenantSeesItsOwnRows) {
  const auto table =
      TableOf({{"id", DataType::Of(TypeKind::kInt64), {Int(1), Int(2), Int(3)}},
               {"account", DataType::Of(TypeKind::kText), {Text("a"), Text("b"), Text("b")}}},
              {.tenant = "account"});
  const auto scope = TenantScope::Resolve(table, TenantClaim::Of("b"));
  const auto found = RunRows({.columns = {"id"}}, BindOrDie(Counting(), *table), *scope);
  EXPECT_THAT(found->rows, ElementsAre("2", "3"));
}

class SubmittedRowsTest : public ::testing::Test {
 protected:
  absl::StatusOr<ResultText> Submit(const RowsQuery& rows, const Query& query,
                                    const std::shared_ptr<QueryContext>& context) {
    const auto table = PullRequests();
    std::vector<TenantScope> scopes;
    scopes.push_back(*TenantScope::Resolve(table, TenantClaim::None()));
    std::mutex mutex;
    std::condition_variable is_done;
    std::optional<absl::StatusOr<std::unique_ptr<ResultCursor>>> result;
    executor_.SubmitRows(context, *BindRows(rows, BindOrDie(query, *table), 0), std::move(scopes),
                         [&](auto finished) {
                           const std::lock_guard lock(mutex);
                           result = std::move(finished);
                           is_done.notify_one();
                         });
    std::unique_lock lock(mutex);
    is_done.wait(lock, [&] { return result.has_value(); });
    if (!result->ok()) return result->status();
    return ReadAll(***result);
  }
  std::shared_ptr<QueryContext> Context(int64_t deadline_us = QueryContext::kNoDeadline,
                                        size_t memory_bytes = MemoryBudget::kUnlimitedBytes) {
    return std::make_shared<QueryContext>(clock_, deadline_us, Priority::kInteractive,
                                          &TestBudget(), memory_bytes);
  }

  ManualClock clock_;
  WorkerPool pool_{2};
  ResultCache results_{size_t{1} << 20, &TestBudget()};
  QueryExecutor executor_{pool_, &results_};
};

TEST_F(SubmittedRowsTest, OnThePoolTheyAreTheSame) {
  const Query query = Daily(TimePin::At("opened_at"));
  const auto found = Submit({.start = "1970-01-05", .columns = {"id"}}, query, Context());
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(found->rows, ElementsAre("5"));
}

TEST_F(SubmittedRowsTest, ARangeThatIsGivenNeedsNoQueryBefore) {
  Query query = Daily(TimePin::At("opened_at"));
  query.from = "1970-01-01";
  query.to = "1970-01-06";
  const auto found = Submit({.start = "1970-01-05", .columns = {"id"}}, query, Context());
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(found->rows, ElementsAre("5"));
  EXPECT_EQ(results_.stats().misses, 0u);
}

TEST_F(SubmittedRowsTest, WhoseCallerHasGoneAreCancelled) {
  const auto context = Context();
  context->Cancel();
  EXPECT_EQ(Submit({}, Counting(), context).status().code(), absl::StatusCode::kCancelled);
}

TEST_F(SubmittedRowsTest, AnOpenRangeThatIsCancelledIsNoAnswer) {
  const auto context = Context();
  context->Cancel();
  EXPECT_EQ(Submit({}, Daily(TimePin::At("opened_at")), context).status().code(),
            absl::StatusCode::kCancelled);
}

TEST_F(SubmittedRowsTest, WhoseTimeIsUpSayWhere) {
  const auto context = Context(clock_.MonotonicUs() - 1);
  const absl::Status status = Submit({}, Counting(), context).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(DetailOf(status)->metadata, ElementsAre(testing::Pair("stage", "QUEUE")));
}

TEST_F(SubmittedRowsTest, MoreMemoryThanTheQueryMayTakeIsRefused) {
  const auto context = Context(QueryContext::kNoDeadline, 4096);
  EXPECT_EQ(Submit({}, Counting(), context).status().code(), absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace sextant
