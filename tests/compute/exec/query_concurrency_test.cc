#include <gmock/gmock.h>

#include <array>
#include <latch>
#include <thread>

#include "absl/strings/str_cat.h"
#include "compute/column/table_builder.h"
#include "compute/exec/query_executor.h"
#include "compute/plan/error_detail.h"
#include "tests/testing/finished_queries.h"
#include "tests/testing/manual_clock.h"
#include "tests/testing/run_query.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;

constexpr uint64_t kNumRows = 2'300'000;  // three ranges of 2^20
constexpr uint64_t kRangeRows = uint64_t{1} << 20;
constexpr int64_t kNumGroups = 5;

/// Not a sum of powers of two, so that the order of additions shows.
double ValueOf(uint64_t row) { return static_cast<double>((row * 2654435761u) % 1000003) / 7.0; }
int64_t GroupOf(uint64_t row) { return static_cast<int64_t>((row * 40503u) % kNumGroups); }

std::shared_ptr<const Table> LargeTable() {
  static const std::shared_ptr<const Table> table = [] {
    Schema schema(
        {{"group", DataType::Of(TypeKind::kInt64)}, {"value", DataType::Of(TypeKind::kFloat64)}});
    auto builder = *TableBuilder::Create(std::move(schema), TestBudget(), {.chunk_rows = 50'000});
    for (uint64_t row = 0; row < kNumRows;) {
      std::array<int64_t, 1000> groups;
      std::array<double, 1000> values;
      const uint32_t count = std::min(builder->remaining_rows(), 1000u);
      for (uint32_t i = 0; i < count; ++i, ++row) {
        groups[i] = GroupOf(row);
        values[i] = ValueOf(row);
      }
      auto& group_builder = static_cast<IntegerColumnBuilder&>(builder->column(0));
      auto& value_builder = static_cast<FloatColumnBuilder&>(builder->column(1));
      EXPECT_TRUE(group_builder.Append({groups.data(), count}, {}).ok());
      EXPECT_TRUE(value_builder.Append({values.data(), count}, {}).ok());
      EXPECT_TRUE(builder->FinishRows(count).ok());
    }
    return *builder->Finish({"dataset", 1, 0});
  }();
  return table;
}

BoundQuery SumQuery(const std::vector<std::string>& axes) {
  Query query;
  query.metrics.push_back({.name = "sum", .dataset = "dataset", .expression = "sum(value)"});
  query.metrics.push_back({.name = "count", .dataset = "dataset", .expression = "count(*)"});
  for (const std::string& axis : axes) query.group_by.push_back(GroupAxis::Of(axis));
  return BindOrDie(query, *LargeTable());
}

TenantScope WholeTable(const std::shared_ptr<const Table>& table) {
  return *TenantScope::Resolve(table, TenantClaim::None());
}

std::shared_ptr<QueryContext> MakeContext(Priority priority = Priority::kInteractive) {
  return std::make_shared<QueryContext>(Clock::System(), QueryContext::kNoDeadline, priority,
                                        &TestBudget(), MemoryBudget::kUnlimitedBytes);
}

std::vector<std::string> RunOn(int num_workers, const BoundQuery& query) {
  WorkerPool pool(num_workers);
  QueryExecutor executor(pool);
  FinishedQueries finished;
  executor.Submit(MakeContext(), query, WholeTable(LargeTable()), finished.Next());
  auto results = finished.WaitFor(1);
  EXPECT_TRUE(results[0].ok()) << results[0].status();
  return ReadAll(**results[0])->rows;
}

TEST(QueryConcurrencyTest, WhereOrderIsFreeEachRowCountsOnceOnAnyNumberOfWorkers) {
  Query query;
  query.metrics.push_back({.name = "sum", .dataset = "dataset", .expression = "sum(\"group\")"});
  query.metrics.push_back({.name = "count", .dataset = "dataset", .expression = "count(*)"});
  query.group_by.push_back(GroupAxis::Of("group"));
  query.where = "value < 100000";
  const BoundQuery bound = BindOrDie(query, *LargeTable());
  std::vector<int64_t> counts(kNumGroups);
  for (uint64_t row = 0; row < kNumRows; ++row) {
    if (ValueOf(row) < 100000) ++counts[static_cast<size_t>(GroupOf(row))];
  }
  std::vector<std::string> expected;
  for (int64_t group = 0; group < kNumGroups; ++group) {
    const int64_t count = counts[static_cast<size_t>(group)];
    expected.push_back(absl::StrCat(group, "|", group * count, "|", count));
  }
  EXPECT_EQ(RunOn(1, bound), expected);
  EXPECT_EQ(RunOn(3, bound), expected);
}

TEST(QueryConcurrencyTest, Rule4GroupedFloatSumsAddRowsInOrderAndRangesInOrder) {
  std::array<double, kNumGroups> totals{};
  std::array<uint64_t, kNumGroups> counts{};
  for (uint64_t begin = 0; begin < kNumRows; begin += kRangeRows) {
    std::array<double, kNumGroups> sums{};
    for (uint64_t row = begin; row < std::min(begin + kRangeRows, kNumRows); ++row) {
      sums[GroupOf(row)] += ValueOf(row);
      ++counts[GroupOf(row)];
    }
    for (int64_t group = 0; group < kNumGroups; ++group) totals[group] += sums[group];
  }
  std::vector<std::string> expected;
  for (int64_t group = 0; group < kNumGroups; ++group) {
    expected.push_back(absl::StrCat(group, "|", FloatText(totals[group]), "|", counts[group]));
  }
  EXPECT_EQ(RunOn(1, SumQuery({"group"})), expected);
  EXPECT_EQ(RunOn(3, SumQuery({"group"})), expected);
}

TEST(QueryConcurrencyTest, Rule4UngroupedFloatSumsGoByEightLanes) {
  double total = 0;
  for (uint64_t begin = 0; begin < kNumRows; begin += kRangeRows) {
    std::array<double, 8> lanes{};
    for (uint64_t row = begin; row < std::min(begin + kRangeRows, kNumRows); ++row) {
      lanes[row % 8] += ValueOf(row);
    }
    const double sum = ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) +
                       ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
    total = begin == 0 ? sum : total + sum;
  }
  const std::string expected = absl::StrCat(FloatText(total), "|", kNumRows);
  EXPECT_THAT(RunOn(1, SumQuery({})), ElementsAre(expected));
  EXPECT_THAT(RunOn(3, SumQuery({})), ElementsAre(expected));
}

TEST(QueryConcurrencyTest, ManyQueriesOfEveryPriorityFinishOnceEach) {
  constexpr int kThreads = 4;
  constexpr int kQueries = 25;
  const auto table =
      TableOf({{"group", DataType::Of(TypeKind::kInt64), {Int(1), Int(2), Int(1)}},
               {"value", DataType::Of(TypeKind::kFloat64), {Float(1), Float(2), Float(4)}}},
              {.chunk_rows = 2});
  const BoundQuery query = SumQuery({"group"});
  WorkerPool pool(3);
  QueryExecutor executor(pool);
  FinishedQueries finished;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      executor.BuildIndexes(table, TestBudget());
      for (int i = 0; i < kQueries; ++i) {
        executor.Submit(MakeContext(static_cast<Priority>((thread + i) % kNumPriorities)), query,
                        WholeTable(table), finished.Next());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (auto& result : finished.WaitFor(kThreads * kQueries)) {
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_THAT(ReadAll(**result)->rows, ElementsAre("1|5|2", "2|2|1"));
  }
}

TEST(QueryConcurrencyTest, QueriesCancelledWhileTheyRunEndOnceEach) {
  constexpr int kQueries = 12;
  WorkerPool pool(3);
  QueryExecutor executor(pool);
  FinishedQueries finished;
  std::vector<std::shared_ptr<QueryContext>> contexts;
  for (int i = 0; i < kQueries; ++i) {
    contexts.push_back(MakeContext());
    executor.Submit(contexts.back(), SumQuery({"group"}), WholeTable(LargeTable()),
                    finished.Next());
    if (i % 2 == 1) contexts[i - 1]->Cancel();
  }
  int num_cancelled = 0;
  for (auto& result : finished.WaitFor(kQueries)) {
    if (result.ok()) continue;
    EXPECT_EQ(result.status().code(), absl::StatusCode::kCancelled);
    ++num_cancelled;
  }
  EXPECT_LE(num_cancelled, kQueries / 2);
}

TEST(QueryConcurrencyTest, AnErrorOnThePoolReachesTheCaller) {
  WorkerPool pool(2);
  QueryExecutor executor(pool);
  FinishedQueries finished;
  BoundQuery query = SumQuery({"group"});
  query.limits.max_values = 1;
  executor.Submit(MakeContext(), query, WholeTable(LargeTable()), finished.Next());
  EXPECT_EQ(finished.WaitFor(1)[0].status().code(), absl::StatusCode::kResourceExhausted);
}

TEST(QueryConcurrencyTest, TheTableIsLetGoBeforeTheCallerHears) {
  auto table = TableOf({{"group", DataType::Of(TypeKind::kInt64), {Int(1)}},
                        {"value", DataType::Of(TypeKind::kFloat64), {Float(1)}}});
  const std::weak_ptr<const Table> watched = table;
  WorkerPool pool(1);
  QueryExecutor executor(pool);
  bool is_let_go = false;
  std::latch done(1);
  TenantScope scope = WholeTable(table);
  table.reset();
  executor.Submit(MakeContext(), SumQuery({}), std::move(scope), [&](const auto&) {
    is_let_go = watched.expired();
    done.count_down();
  });
  done.wait();
  EXPECT_TRUE(is_let_go);
}

/// Submits a query to a pool whose only worker is busy until `queued_us` have passed.
absl::StatusOr<std::unique_ptr<ResultCursor>> RunAfterWaiting(ManualClock& clock,
                                                              int64_t deadline_us,
                                                              int64_t queued_us) {
  WorkerPool pool(1);
  QueryExecutor executor(pool);
  std::latch release(1);
  pool.Submit(Priority::kInteractive, [&] { release.wait(); });
  FinishedQueries finished;
  auto context = std::make_shared<QueryContext>(clock, deadline_us, Priority::kInteractive,
                                                &TestBudget(), MemoryBudget::kUnlimitedBytes);
  executor.Submit(context, SumQuery({}), WholeTable(LargeTable()), finished.Next());
  clock.Advance(queued_us);
  release.count_down();
  return std::move(finished.WaitFor(1)[0]);
}

TEST(QueryConcurrencyTest, TimeInTheQueueIsNoTimeOfRunning) {
  ManualClock clock;
  const auto result = RunAfterWaiting(clock, QueryContext::kNoDeadline, 5'000'000);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ((*result)->summary().queued_us, 5'000'000);
  EXPECT_EQ((*result)->summary().run_us, 0);
}

TEST(QueryConcurrencyTest, ADeadlineThatPassesInTheQueueNamesTheQueue) {
  ManualClock clock;
  const auto result = RunAfterWaiting(clock, 1'000'000, 5'000'000);
  ASSERT_EQ(result.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(DetailOf(result.status())->metadata[0].second, "QUEUE");
}

}  // namespace
}  // namespace sextant
