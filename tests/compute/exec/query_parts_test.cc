#include "compute/exec/query_parts.h"

#include <gmock/gmock.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "compute/exec/value_parts.h"
#include "compute/exec/worker_pool.h"

namespace sextant {
namespace {

using ::testing::Each;

class QueryPartsTest : public ::testing::Test {
 protected:
  QueryPartsTest()
      : context_(Clock::System(), QueryContext::kNoDeadline, Priority::kInteractive, &budget_,
                 MemoryBudget::kUnlimitedBytes) {
    context_.SetPool(&pool_);
    while (!MayShareParts(context_)) std::this_thread::yield();
  }

  /// Texts and numbers of so many values, made in parts.
  MetricValues Append(const DataType& type, size_t size) {
    MetricValues values(type, budget_);
    EXPECT_TRUE(AppendInParts(context_, size, values,
                              [&](size_t begin, size_t end, MetricValues& own) -> absl::Status {
                                for (size_t i = begin; i < end; ++i) {
                                  const absl::Status status = AppendOne(i, own);
                                  if (!status.ok()) return status;
                                }
                                return absl::OkStatus();
                              })
                    .ok());
    return values;
  }

  /// Every seventh is missing.
  static absl::Status AppendOne(size_t i, MetricValues& values) {
    if (i % 7 == 0) return values.AppendMissing();
    if (values.form == MetricValues::Form::kText) return values.AppendText(std::to_string(i));
    if (values.form == MetricValues::Form::kInteger) {
      return values.AppendInteger(static_cast<int64_t>(i));
    }
    for (size_t element = 0; element < i % 3; ++element) {
      const absl::Status status = values.elements->AppendInteger(static_cast<int64_t>(i + element));
      if (!status.ok()) return status;
    }
    return values.AppendList();
  }

  MemoryBudget budget_{"test"};
  WorkerPool pool_{3};
  QueryContext context_;
};

TEST_F(QueryPartsTest, EveryPartIsRunOnce) {
  std::vector<std::atomic<int>> runs(1000);
  ASSERT_TRUE(RunParts(context_, runs.size(), [&](size_t part) {
                ++runs[part];
                return absl::OkStatus();
              }).ok());
  EXPECT_THAT(std::vector<int>(runs.begin(), runs.end()), Each(1));
}

TEST_F(QueryPartsTest, APartWaitsForOneThatAnotherThreadRuns) {
  std::atomic<int> num_begun = 0;
  ASSERT_TRUE(RunParts(context_, 2, [&](size_t) {
                ++num_begun;
                while (num_begun < 2) std::this_thread::yield();
                return absl::OkStatus();
              }).ok());
}

TEST_F(QueryPartsTest, AFailedPartEndsTheOthersAndIsTheError) {
  std::atomic<int> num_run = 0;
  const absl::Status status = RunParts(context_, 1'000'000, [&](size_t part) {
    ++num_run;
    return part == 3 ? absl::OutOfRangeError("three") : absl::OkStatus();
  });
  EXPECT_EQ(status, absl::OutOfRangeError("three"));
  EXPECT_LT(num_run, 1'000'000);
}

TEST_F(QueryPartsTest, PartsAskTheQueryWhetherToGoOn) {
  context_.Cancel();
  const absl::Status status = RunParts(context_, 8, [](size_t) { return AskToGoOn(); });
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
}

TEST_F(QueryPartsTest, WithoutAPoolPartsAreRunInTheirOrder) {
  context_.SetPool(nullptr);
  std::vector<size_t> order;
  ASSERT_TRUE(RunBlocks(context_, 10, 4, [&](size_t begin, size_t end) {
                order.push_back(begin);
                order.push_back(end);
                return absl::OkStatus();
              }).ok());
  EXPECT_EQ(order, (std::vector<size_t>{0, 4, 4, 8, 8, 10}));
}

TEST_F(QueryPartsTest, WhereNoWorkerIsIdleTheCallerDoesAll) {
  std::atomic<int> num_held = 0;
  std::atomic<bool> go_on = false;
  for (int i = 0; i < 3; ++i) {
    pool_.Submit(Priority::kInteractive, [&] {
      ++num_held;
      while (!go_on) std::this_thread::yield();
    });
  }
  while (num_held < 3) std::this_thread::yield();
  EXPECT_FALSE(MayShareParts(context_));
  const std::thread::id caller = std::this_thread::get_id();
  EXPECT_TRUE(RunParts(context_, 50, [&](size_t) {
                EXPECT_EQ(std::this_thread::get_id(), caller);
                return absl::OkStatus();
              }).ok());
  go_on = true;
}

TEST_F(QueryPartsTest, NumbersOfPartsLieInTheirOrder) {
  const size_t size = 3 * kLeastSharedValues + 5;
  const MetricValues values = Append(DataType::Of(TypeKind::kInt64), size);
  ASSERT_EQ(values.size(), size);
  for (size_t i = 0; i < size; ++i) {
    ASSERT_EQ(values.valid[i], i % 7 == 0 ? 0 : 1);
    ASSERT_EQ(values.integers[i], i % 7 == 0 ? 0 : static_cast<int64_t>(i));
  }
}

TEST_F(QueryPartsTest, TextsOfPartsLieInTheirOrder) {
  const size_t size = 3 * kLeastSharedValues + 5;
  const MetricValues values = Append(DataType::Of(TypeKind::kText), size);
  ASSERT_EQ(values.size(), size);
  for (size_t i = 0; i < size; ++i) {
    ASSERT_EQ(values.valid[i], i % 7 == 0 ? 0 : 1);
    ASSERT_EQ(values.Text(i), i % 7 == 0 ? "" : std::to_string(i));
  }
}

TEST_F(QueryPartsTest, ListsOfPartsLieInTheirOrder) {
  const size_t size = 2 * kLeastSharedValues + 1;
  const MetricValues values = Append(DataType::ListOf(DataType::Of(TypeKind::kInt64)), size);
  ASSERT_EQ(values.size(), size);
  for (size_t i = 0; i < size; ++i) {
    const size_t num_elements = i % 7 == 0 ? 0 : i % 3;
    ASSERT_EQ(values.ListEnd(i) - values.ListBegin(i), num_elements);
    for (size_t at = 0; at < num_elements; ++at) {
      ASSERT_EQ(values.elements->integers[values.ListBegin(i) + at], static_cast<int64_t>(i + at));
    }
  }
}

TEST_F(QueryPartsTest, AnErrorOfAPartIsThatOfTheValues) {
  MetricValues values(DataType::Of(TypeKind::kText), budget_);
  const absl::Status status = AppendInParts(
      context_, 4 * kLeastSharedValues, values, [](size_t begin, size_t, MetricValues&) {
        return begin > 0 ? absl::OutOfRangeError("sum") : absl::OkStatus();
      });
  EXPECT_EQ(status, absl::OutOfRangeError("sum"));
}

}  // namespace
}  // namespace sextant
