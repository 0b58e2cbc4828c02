#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

#include "compute/column/table_builder.h"
#include "compute/exec/query_executor.h"
#include "tests/testing/finished_queries.h"
#include "tests/testing/run_query.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

constexpr uint64_t kNumRows = 2'300'000;  // three ranges of 2^20
constexpr size_t kTooFewBytes = size_t{8} << 20;
constexpr int kMaxTries = 100;

/// One column, "key", that has each value once.
std::shared_ptr<const Table> UniqueKeys() {
  Schema schema({{"key", DataType::Of(TypeKind::kInt64)}});
  auto builder = *TableBuilder::Create(std::move(schema), TestBudget(), {.chunk_rows = 50'000});
  for (uint64_t row = 0; row < kNumRows;) {
    std::array<int64_t, 1000> keys;
    const uint32_t count = std::min(builder->remaining_rows(), 1000u);
    for (uint32_t i = 0; i < count; ++i, ++row) {
      keys[i] = static_cast<int64_t>(row * 2'654'435'761u % 4'000'000'007u);
    }
    auto& column = static_cast<IntegerColumnBuilder&>(builder->column(0));
    EXPECT_TRUE(column.Append({keys.data(), count}, {}).ok());
    EXPECT_TRUE(builder->FinishRows(count).ok());
  }
  return *builder->Finish({"dataset", 1, 0});
}

/// Holds up the second worker that asks it until another part of the query has failed, and counts
/// what that thread asks after that. A query with a deadline asks it whenever it asks whether to go
/// on.
class HoldingClock final : public Clock {
 public:
  int64_t MonotonicUs() const override {
    const std::thread::id self = std::this_thread::get_id();
    if (is_looking_ || self == watcher_) return 0;
    std::thread::id none;
    if (first_.compare_exchange_strong(none, self) || first_ == self) return 0;
    if (has_held_.exchange(true)) {
      ++num_asked_after_;
      return 0;
    }
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!HasFailed() && std::chrono::steady_clock::now() < patience) std::this_thread::yield();
    has_heard_ = HasFailed();
    return 0;
  }
  int64_t WallUs() const override { return 0; }
  void WaitUntil(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
                 int64_t deadline_us) const override {
    System().WaitUntil(changed, lock, deadline_us);
  }

  /// To be called on the thread that submits the query.
  void Watch(const QueryContext& context) { context_ = &context; }
  bool has_held() const { return has_held_; }
  bool has_heard() const { return has_heard_; }
  int num_asked_after() const { return num_asked_after_; }

 private:
  bool HasFailed() const {
    is_looking_ = true;
    const bool has_failed = absl::IsCancelled(context_->Check());
    is_looking_ = false;
    return has_failed;
  }

  inline static thread_local bool is_looking_ = false;

  const std::thread::id watcher_ = std::this_thread::get_id();
  const QueryContext* context_ = nullptr;
  mutable std::atomic<std::thread::id> first_{};
  mutable std::atomic<bool> has_held_{false};
  mutable std::atomic<bool> has_heard_{false};
  mutable std::atomic<int> num_asked_after_{0};
};

class QueryPartFailureTest : public testing::Test {
 protected:
  /// Runs a query on two threads whose memory ends in every range; the error.
  absl::Status Run(HoldingClock& clock) {
    WorkerPool pool(2);
    QueryExecutor executor(pool);
    FinishedQueries finished;
    const auto context = std::make_shared<QueryContext>(
        clock, QueryContext::kNoDeadline - 1, Priority::kInteractive, &budget_, kTooFewBytes);
    clock.Watch(*context);
    Query query;
    query.metrics.push_back({.name = "n", .dataset = "dataset", .expression = "count(*)"});
    query.group_by.push_back(GroupAxis::Of("key"));
    executor.Submit(context, BindOrDie(query, *table_),
                    *TenantScope::Resolve(table_, TenantClaim::None()), finished.Next());
    return finished.WaitFor(1)[0].status();
  }

  /// Runs it until the second thread came before the first had failed.
  absl::Status RunUntilHeld() {
    for (int attempt = 0; attempt < kMaxTries; ++attempt) {
      clock_.emplace();
      const absl::Status status = Run(*clock_);
      if (clock_->has_held()) return status;
    }
    return absl::InternalError("one thread always failed before the other had begun");
  }

  MemoryBudget budget_{"test"};
  const std::shared_ptr<const Table> table_ = UniqueKeys();
  std::optional<HoldingClock> clock_;
};

TEST_F(QueryPartFailureTest, TheOtherThreadsEndAtTheirNextQuestion) {
  RunUntilHeld().IgnoreError();
  EXPECT_TRUE(clock_->has_heard()) << "a thread was not told that another one had failed";
  EXPECT_EQ(clock_->num_asked_after(), 0) << "a thread went on after another one had failed";
}

TEST_F(QueryPartFailureTest, TheErrorIsThatOfThePartThatFailed) {
  EXPECT_TRUE(absl::IsResourceExhausted(RunUntilHeld()));
}

TEST_F(QueryPartFailureTest, AllMemoryIsGivenBack) {
  RunUntilHeld().IgnoreError();
  EXPECT_EQ(budget_.reserved_bytes(), 0u);
}

}  // namespace
}  // namespace sextant
