#include "compute/exec/result_cache.h"

#include <gmock/gmock.h>

#include <latch>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/exec/query_executor.h"
#include "tests/testing/finished_queries.h"
#include "tests/testing/manual_clock.h"
#include "tests/testing/run_query.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;

constexpr size_t kManyBytes = size_t{1} << 20;

std::shared_ptr<const Table> Orders(uint64_t version = 1) {
  return TableOf(
      {{"owner", DataType::Of(TypeKind::kText), {Text("a"), Text("a"), Text("b")}},
       {"country", DataType::Of(TypeKind::kText), {Text("de"), Text("fr"), Text("de")}},
       {"amount", DataType::Of(TypeKind::kInt64), {Int(1), Int(2), Int(4)}}},
      {.tenant = "owner", .version = version, .as_of_us = static_cast<int64_t>(version)});
}

Query SumByCountry() {
  Query query;
  query.metrics.push_back({.name = "sum", .dataset = "dataset", .expression = "sum(amount)"});
  query.group_by.push_back(GroupAxis::Of("country"));
  return query;
}

class ResultCacheTest : public testing::Test {
 protected:
  std::shared_ptr<QueryContext> NewContext(Priority priority = Priority::kInteractive,
                                           int64_t deadline_us = QueryContext::kNoDeadline) {
    return std::make_shared<QueryContext>(clock_, deadline_us, priority, &TestBudget(),
                                          MemoryBudget::kUnlimitedBytes);
  }
  void Ask(const std::shared_ptr<const Table>& table, const std::string& tenant,
           std::shared_ptr<QueryContext> context, FinishedQueries& answers,
           const Query& query = SumByCountry()) {
    executor_.Submit(std::move(context), BindOrDie(query, *table),
                     *TenantScope::Resolve(table, TenantClaim::Of(tenant)), answers.Next());
  }
  ResultText Answer(const std::shared_ptr<const Table>& table, const std::string& tenant,
                    const Query& query = SumByCountry()) {
    FinishedQueries answers;
    Ask(table, tenant, NewContext(), answers, query);
    absl::StatusOr<std::unique_ptr<ResultCursor>>& result = answers.At(0);
    EXPECT_TRUE(result.ok()) << result.status();
    return *ReadAll(**result);
  }
  /// Keeps the only worker busy until the latch is counted down.
  std::unique_ptr<std::latch> HoldWorker() {
    auto held = std::make_unique<std::latch>(1);
    pool_.Submit(Priority::kCritical, [latch = held.get()] { latch->wait(); });
    return held;
  }

  ManualClock clock_;
  ResultCache results_{kManyBytes, &TestBudget()};
  WorkerPool pool_{1};
  QueryExecutor executor_{pool_, &results_};
};

TEST_F(ResultCacheTest, AnEqualQueryIsAnsweredWithoutBeingRun) {
  const auto table = Orders();
  const ResultText first = Answer(table, "a");
  const ResultText second = Answer(table, "a");
  EXPECT_FALSE(first.summary.is_cached);
  EXPECT_TRUE(second.summary.is_cached);
  EXPECT_THAT(first.rows, ElementsAre("de|1", "fr|2"));
  EXPECT_EQ(second.rows, first.rows);
  EXPECT_EQ(second.summary.rows_scanned, first.summary.rows_scanned);
  EXPECT_EQ(second.summary.cells, 2u);
  EXPECT_EQ(second.summary.run_us, 0);
  EXPECT_EQ(results_.stats().hits, 1u);
  EXPECT_EQ(results_.stats().misses, 1u);
}

TEST_F(ResultCacheTest, AnotherTenantIsAnsweredFromItsOwnRows) {
  const auto table = Orders();
  EXPECT_THAT(Answer(table, "a").rows, ElementsAre("de|1", "fr|2"));
  const ResultText other = Answer(table, "b");
  EXPECT_FALSE(other.summary.is_cached);
  EXPECT_THAT(other.rows, ElementsAre("de|4"));
}

TEST_F(ResultCacheTest, AnotherLiteralIsAnotherQuery) {
  const auto table = Orders();
  Query query = SumByCountry();
  query.where = "amount > 1";
  EXPECT_THAT(Answer(table, "a", query).rows, ElementsAre("fr|2"));
  query.where = "amount > 0";
  const ResultText other = Answer(table, "a", query);
  EXPECT_FALSE(other.summary.is_cached);
  EXPECT_THAT(other.rows, ElementsAre("de|1", "fr|2"));
}

TEST_F(ResultCacheTest, APublicationOfNewChunksIsNotAnsweredFromOldOnes) {
  EXPECT_FALSE(Answer(Orders(1), "a").summary.is_cached);
  EXPECT_FALSE(Answer(Orders(2), "a").summary.is_cached);
}

TEST_F(ResultCacheTest, AVersionOfTheSameChunksIsAnsweredUnderItsOwnIdentity) {
  const auto table = Orders(1);
  Answer(table, "a");
  const auto next = table->WithChunk({"dataset", 2, 77}, 0, table->shared_chunk(0));
  const ResultText answer = Answer(next, "a");
  EXPECT_TRUE(answer.summary.is_cached);
  ASSERT_EQ(answer.header.datasets.size(), 1u);
  EXPECT_EQ(answer.header.datasets[0].version, 2u);
  EXPECT_EQ(answer.header.datasets[0].as_of_us, 77);
}

TEST_F(ResultCacheTest, DeletedRowsMakeAnotherVersionOfAChunk) {
  const auto table = Orders(1);
  EXPECT_THAT(Answer(table, "a").rows, ElementsAre("de|1", "fr|2"));
  const std::vector<uint32_t> deleted = {0};
  const auto chunk = table->chunk(0).WithoutRows(deleted, TestBudget());
  ASSERT_TRUE(chunk.ok()) << chunk.status();
  EXPECT_THAT(Answer(table->WithChunk({"dataset", 2, 0}, 0, *chunk), "a").rows,
              ElementsAre("fr|2"));
}

TEST_F(ResultCacheTest, AnExplainedQueryIsRun) {
  const auto table = Orders();
  Answer(table, "a");
  auto context = NewContext();
  context->EnableProfile();
  FinishedQueries answers;
  Ask(table, "a", context, answers);
  EXPECT_FALSE((*answers.At(0))->summary().is_cached);
}

TEST_F(ResultCacheTest, OfEqualQueriesOneRunsAndTheOthersWaitForIt) {
  const auto table = Orders();
  FinishedQueries answers;
  const auto held = HoldWorker();
  for (int i = 0; i < 3; ++i) Ask(table, "a", NewContext(), answers);
  held->count_down();
  int num_cached = 0;
  for (size_t i = 0; i < 3; ++i) {
    ASSERT_TRUE(answers.At(i).ok()) << answers.At(i).status();
    num_cached += (*answers.At(i))->summary().is_cached ? 1 : 0;
    EXPECT_THAT(ReadAll(**answers.At(i))->rows, ElementsAre("de|1", "fr|2"));
  }
  EXPECT_EQ(num_cached, 2);
  EXPECT_EQ(results_.stats().waits, 2u);
  EXPECT_EQ(results_.stats().misses, 1u);
}

TEST_F(ResultCacheTest, WhoWaitsForACancelledQueryRunsItself) {
  const auto table = Orders();
  FinishedQueries answers;
  const auto held = HoldWorker();
  const auto cancelled = NewContext();
  Ask(table, "a", cancelled, answers);
  Ask(table, "a", NewContext(), answers);
  cancelled->Cancel();
  held->count_down();
  EXPECT_EQ(answers.At(0).status().code(), absl::StatusCode::kCancelled);
  ASSERT_TRUE(answers.At(1).ok()) << answers.At(1).status();
  EXPECT_FALSE((*answers.At(1))->summary().is_cached);
  EXPECT_THAT(ReadAll(**answers.At(1))->rows, ElementsAre("de|1", "fr|2"));
}

TEST_F(ResultCacheTest, WhoseTimeIsOverWhileItWaitsIsTold) {
  const auto table = Orders();
  FinishedQueries answers;
  FinishedQueries impatient;
  const auto held = HoldWorker();
  Ask(table, "a", NewContext(), answers);
  Ask(table, "a", NewContext(Priority::kInteractive, 5), impatient);
  clock_.Advance(10);
  held->count_down();
  EXPECT_EQ(impatient.At(0).status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(answers.At(0).ok()) << answers.At(0).status();
}

TEST_F(ResultCacheTest, AnErrorOfTheQueryIsThatOfWhoWaits) {
  const auto table = TableOf({{"owner", DataType::Of(TypeKind::kText), {Text("a"), Text("a")}},
                              {"country", DataType::Of(TypeKind::kText), {Text("x"), Text("x")}},
                              {"amount", DataType::Of(TypeKind::kInt64), {Int(INT64_MAX), Int(1)}}},
                             {.tenant = "owner"});
  FinishedQueries answers;
  const auto held = HoldWorker();
  for (int i = 0; i < 2; ++i) Ask(table, "a", NewContext(), answers);
  held->count_down();
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(answers.At(i).status().code(), absl::StatusCode::kOutOfRange);
  }
  EXPECT_EQ(results_.stats().entries, 0u);
}

TEST_F(ResultCacheTest, AMoreUrgentQueryWaitsForNoLessUrgentOne) {
  const auto table = Orders();
  FinishedQueries answers;
  const auto held = HoldWorker();
  Ask(table, "a", NewContext(Priority::kBatch), answers);
  Ask(table, "a", NewContext(Priority::kInteractive), answers);
  held->count_down();
  for (size_t i = 0; i < 2; ++i) {
    ASSERT_TRUE(answers.At(i).ok()) << answers.At(i).status();
    EXPECT_FALSE((*answers.At(i))->summary().is_cached);
  }
  EXPECT_EQ(results_.stats().misses, 2u);
}

class SmallResultCacheTest : public ResultCacheTest {
 protected:
  /// A query of its own per number.
  static Query Numbered(int number) {
    Query query = SumByCountry();
    query.where = absl::StrCat("amount <> ", 1000 + number);
    return query;
  }

  MemoryBudget parent_{"parent", kManyBytes};
};

TEST_F(SmallResultCacheTest, TheLeastRecentlyUsedMakesRoom) {
  constexpr size_t kLimitBytes = 64 << 10;
  ResultCache results(kLimitBytes, &parent_);
  QueryExecutor executor(pool_, &results);
  const auto table = Orders();
  const auto ask = [&](int number) {
    FinishedQueries answers;
    executor.Submit(NewContext(), BindOrDie(Numbered(number), *table),
                    *TenantScope::Resolve(table, TenantClaim::Of("a")), answers.Next());
    EXPECT_TRUE(answers.At(0).ok()) << answers.At(0).status();
    return (*answers.At(0))->summary().is_cached;
  };
  for (int number = 0; number < 200; ++number) {
    EXPECT_FALSE(ask(number));
    EXPECT_TRUE(ask(0) || number == 0) << number;  // used all the time
    EXPECT_LE(results.stats().bytes, kLimitBytes);
  }
  EXPECT_GT(results.stats().evictions, 0u);
  EXPECT_TRUE(ask(199));
  EXPECT_FALSE(ask(1));
}

TEST_F(SmallResultCacheTest, AResultThatIsTooLargeIsNotKept) {
  ResultCache results(1024, &parent_);
  QueryExecutor executor(pool_, &results);
  const auto table = Orders();
  for (int i = 0; i < 2; ++i) {
    FinishedQueries answers;
    executor.Submit(NewContext(), BindOrDie(SumByCountry(), *table),
                    *TenantScope::Resolve(table, TenantClaim::Of("a")), answers.Next());
    ASSERT_TRUE(answers.At(0).ok()) << answers.At(0).status();
    EXPECT_FALSE((*answers.At(0))->summary().is_cached);
  }
  EXPECT_EQ(results.stats().entries, 0u);
  EXPECT_EQ(results.stats().bytes, 0u);
}

TEST_F(SmallResultCacheTest, AResultThatIsTooLargeIsSharedWithThoseThatWait) {
  ResultCache results(1024, &parent_);
  QueryExecutor executor(pool_, &results);
  const auto table = Orders();
  FinishedQueries answers;
  const auto held = HoldWorker();
  for (int i = 0; i < 2; ++i) {
    executor.Submit(NewContext(), BindOrDie(SumByCountry(), *table),
                    *TenantScope::Resolve(table, TenantClaim::Of("a")), answers.Next());
  }
  held->count_down();
  ASSERT_TRUE(answers.At(0).ok() && answers.At(1).ok());
  answers.At((*answers.At(0))->summary().is_cached ? 1 : 0)->reset();  // who ran it has gone
  for (size_t i = 0; i < 2; ++i) {
    if (*answers.At(i) == nullptr) continue;
    EXPECT_THAT(ReadAll(**answers.At(i))->rows, ElementsAre("de|1", "fr|2"));
  }
  EXPECT_EQ(results.stats().entries, 0u);
}

TEST_F(SmallResultCacheTest, AResultThatWasEvictedIsReadToItsEnd) {
  ResultCache results(kManyBytes, &parent_);
  QueryExecutor executor(pool_, &results);
  const auto table = Orders();
  FinishedQueries answers;
  for (int i = 0; i < 2; ++i) {
    executor.Submit(NewContext(), BindOrDie(SumByCountry(), *table),
                    *TenantScope::Resolve(table, TenantClaim::Of("a")), answers.Next());
    ASSERT_TRUE(answers.At(static_cast<size_t>(i)).ok());
  }
  for (int number = 0; number < 2000; ++number) {
    FinishedQueries others;
    executor.Submit(NewContext(), BindOrDie(Numbered(number), *table),
                    *TenantScope::Resolve(table, TenantClaim::Of("a")), others.Next());
    ASSERT_TRUE(others.At(0).ok());
  }
  EXPECT_GT(results.stats().evictions, 0u);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_THAT(ReadAll(**answers.At(i))->rows, ElementsAre("de|1", "fr|2"));
  }
}

TEST(ResultKeyTest, AnOpenEndAddsTheInstantOfTheSnapshot) {
  const DataType timestamp = DataType::Of(TypeKind::kTimestamp);
  const auto table = TableOf({{"s", timestamp, {Int(5)}}, {"e", timestamp, {Null()}}});
  const auto later = table->WithChunk({"dataset", 2, 77}, 0, table->shared_chunk(0));
  Query query;
  query.metrics.push_back({.name = "open", .dataset = "dataset", .expression = "count(*)"});
  query.metrics[0].pin = {TimePin::Kind::kDuring, "s", "e"};
  query.series = {{.unit = CalendarUnit::kDay}};
  const auto key_of = [&](const std::shared_ptr<const Table>& asked) {
    const std::vector<TenantScope> scopes = {*TenantScope::Resolve(asked, TenantClaim::None())};
    return ResultKey(BindOrDie(query, *asked), scopes);
  };
  EXPECT_NE(key_of(table), key_of(later));
  query.from = "1970-01-01";
  query.to = "1970-01-03";
  EXPECT_EQ(key_of(table), key_of(later));
}

}  // namespace
}  // namespace sextant
