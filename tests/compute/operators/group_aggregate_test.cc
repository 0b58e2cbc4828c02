#include "compute/operators/group_aggregate.h"

#include <gmock/gmock.h>

#include "compute/plan/binder.h"
#include "tests/testing/run_query.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

/// The status of one chunk of two batches in `num_series` series, cancelled from the second on.
absl::Status ConsumeUntilCancelled(int num_series) {
  const auto table =
      TableOf({{"t", DataType::Of(TypeKind::kTimestamp), std::vector<Cell>(1500, Int(0))}});
  Query query;
  query.metrics.push_back(
      {.name = "n", .dataset = "dataset", .expression = "count(*)", .pin = TimePin::At("t")});
  for (int days = 1; days <= num_series; ++days) {
    query.series.push_back({CalendarUnit::kDay, days});
  }
  query.from = "1970-01-01";
  query.to = "1970-01-02";
  const BoundQuery bound = BindOrDie(query, *table);
  const auto series = ResolveSeries(bound, *bound.from_us, *bound.to_us);
  auto groups = GroupAggregate::Create({bound, 0, *table, 1500, *series}, TestBudget());
  EXPECT_TRUE(groups.ok()) << groups.status();
  auto state = (*groups)->MakeState(TestBudget());
  EXPECT_TRUE(state.ok()) << state.status();
  std::vector<uint64_t> words(24, ~uint64_t{0});
  words.back() = (uint64_t{1} << (1500 % 64)) - 1;
  int num_checks = 0;
  return (*groups)->Consume(**state, table->chunk(0), 0, {words.data(), 0, 24}, [&] {
    return ++num_checks < 2 ? absl::OkStatus() : absl::CancelledError();
  });
}

TEST(GroupAggregateTest, ManySeriesAreLeftBetweenBatchesOfRows) {
  EXPECT_EQ(ConsumeUntilCancelled(100).code(), absl::StatusCode::kCancelled);
}

TEST(GroupAggregateTest, FewSeriesAreDoneWithAChunkAtATime) {
  EXPECT_EQ(ConsumeUntilCancelled(1), absl::OkStatus());
}

}  // namespace
}  // namespace sextant
