// The states of concurrency: what a query does with them, one step at a time.
#include <gmock/gmock.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/operators/aggregate.h"
#include "compute/operators/sample_pin.h"
#include "tests/testing/counted_questions.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;

constexpr auto kMax = AggregateKind::kConcurrencyMax;
constexpr auto kMean = AggregateKind::kConcurrencyMean;
constexpr int64_t kForever = std::numeric_limits<int64_t>::max();

struct Span {
  int64_t start_us;
  int64_t end_us;  // kForever: NULL
};

std::shared_ptr<const Table> TableOfSpans(const std::vector<Span>& spans) {
  std::vector<Cell> starts;
  std::vector<Cell> ends;
  for (const Span& span : spans) {
    starts.push_back(Int(span.start_us));
    ends.push_back(span.end_us == kForever ? Null() : Int(span.end_us));
  }
  const DataType time = DataType::Of(TypeKind::kTimestamp);
  return TableOf({{"start", time, starts}, {"end", time, ends}});
}

/// A row of a table, and the cell that it is a sample of.
struct Sample {
  uint32_t row;
  uint32_t cell;
};

/// An aggregate over the spans of a table, whose cell c is of interval c.
class Sweep {
 public:
  Sweep(AggregateKind kind, const std::vector<Span>& spans,
        const std::vector<ResolvedInterval>& intervals)
      : table_(TableOfSpans(spans)),
        series_({{.series = {}, .name = "all", .intervals = intervals}}),
        memory_(TestBudget()) {
    aggregate_.kind = kind;
    aggregate_.result_type = DataType::Of(kind == kMax ? TypeKind::kInt64 : TypeKind::kFloat64);
    BoundPin& pin = aggregate_.pin;
    pin.kind = TimePin::Kind::kDuring;
    pin.start.type = pin.end.type = DataType::Of(TypeKind::kTimestamp);
    pin.end.column = 1;
    auto made = SamplePin::Create(pin, {*table_, series_, zone_, memory_, true});
    EXPECT_TRUE(made.ok()) << made.status();
    pin_.emplace(*std::move(made));
    compiled_ = MakeAggregate(
        {.aggregate = aggregate_, .table = *table_, .num_rows = spans.size(), .pin = &*pin_});
  }

  const Aggregate& aggregate() const { return *compiled_; }
  uint32_t num_cells() const { return static_cast<uint32_t>(series_[0].intervals.size()); }

  /// Its cell c is of interval cells[c].
  std::unique_ptr<AggregateState> MakeState(std::span<const uint32_t> cells,
                                            MemoryBudget& budget = TestBudget()) const {
    std::unique_ptr<AggregateState> state = compiled_->MakeState(budget);
    EXPECT_EQ(state->Resize(static_cast<uint32_t>(cells.size())), absl::OkStatus());
    state->SetIntervals(0, cells);
    return state;
  }

  absl::Status Add(AggregateState& state, const std::vector<Sample>& samples) const {
    std::vector<uint32_t> rows;
    std::vector<uint32_t> cells;
    for (const Sample& sample : samples) {
      rows.push_back(sample.row);
      cells.push_back(sample.cell);
    }
    return state.Update({&table_->chunk(0), 0, rows, cells.data()});
  }

  std::vector<std::string> ValuesOf(AggregateState& state) const {
    EXPECT_EQ(state.Seal(AlwaysGoOn), absl::OkStatus());
    MetricValues values(aggregate_.result_type, TestBudget());
    std::vector<uint32_t> cells;
    for (uint32_t cell = 0; cell < num_cells(); ++cell) cells.push_back(cell);
    EXPECT_EQ(state.Finish(cells, values, AlwaysGoOn), absl::OkStatus());
    std::vector<std::string> texts;
    for (const uint32_t cell : cells) {
      texts.push_back(aggregate_.kind == kMax ? absl::StrCat(values.integers[cell])
                                              : absl::StrCat(values.floats[cell]));
    }
    return texts;
  }

  /// Of samples that one state has.
  std::vector<std::string> Run(const std::vector<Sample>& samples) const {
    std::vector<uint32_t> cells;
    for (uint32_t cell = 0; cell < num_cells(); ++cell) cells.push_back(cell);
    const std::unique_ptr<AggregateState> state = MakeState(cells);
    EXPECT_EQ(Add(*state, samples), absl::OkStatus());
    return ValuesOf(*state);
  }

 private:
  std::shared_ptr<const Table> table_;
  std::vector<ResolvedSeries> series_;
  absl::TimeZone zone_ = absl::UTCTimeZone();
  MemoryReservation memory_;
  BoundAggregate aggregate_;
  std::optional<SamplePin> pin_;
  std::unique_ptr<Aggregate> compiled_;
};

const std::vector<ResolvedInterval> kTen = {{0, 10, false}};

TEST(ConcurrencyAggregateTest, EndsComeBeforeStarts) {
  EXPECT_THAT(Sweep(kMax, {{1, 5}, {5, 9}}, kTen).Run({{0, 0}, {1, 0}}), ElementsAre("1"));
  EXPECT_THAT(Sweep(kMax, {{1, 6}, {5, 9}}, kTen).Run({{0, 0}, {1, 0}}), ElementsAre("2"));
}

TEST(ConcurrencyAggregateTest, WhatRunsAtTheFirstInstantCounts) {
  EXPECT_THAT(Sweep(kMax, {{-5, 3}, {0, 2}, {3, 4}}, kTen).Run({{0, 0}, {1, 0}, {2, 0}}),
              ElementsAre("2"));
}

TEST(ConcurrencyAggregateTest, WhatRunsThroughAddsToWhatRunsWithin) {
  EXPECT_THAT(Sweep(kMax, {{-5, kForever}, {2, 4}, {3, 12}, {4, 10}}, kTen)
                  .Run({{0, 0}, {1, 0}, {2, 0}, {3, 0}}),
              ElementsAre("3"));
}

TEST(ConcurrencyAggregateTest, AnInstantRunsNever) {
  EXPECT_THAT(Sweep(kMax, {{0, 0}, {4, 4}}, kTen).Run({{0, 0}, {1, 0}}), ElementsAre("0"));
  EXPECT_THAT(Sweep(kMean, {{0, 0}, {4, 4}}, kTen).Run({{0, 0}, {1, 0}}), ElementsAre("0"));
}

TEST(ConcurrencyAggregateTest, MeansAreOfWhatIsCut) {
  EXPECT_THAT(Sweep(kMean, {{-5, 5}, {8, kForever}, {2, 3}}, kTen).Run({{0, 0}, {1, 0}, {2, 0}}),
              ElementsAre("0.8"));
}

TEST(ConcurrencyAggregateTest, TheLongestTimesDoNotOverflow) {
  const std::vector<Span> spans(3, {kMinInstantUs, kForever});
  const std::vector<ResolvedInterval> all = {{kMinInstantUs, kMaxInstantUs, false}};
  EXPECT_THAT(Sweep(kMean, spans, all).Run({{0, 0}, {1, 0}, {2, 0}}), ElementsAre("3"));
  EXPECT_THAT(Sweep(kMax, spans, all).Run({{0, 0}, {1, 0}, {2, 0}}), ElementsAre("3"));
}

TEST(ConcurrencyAggregateTest, ACellWithoutSamplesIsZero) {
  const std::vector<ResolvedInterval> two = {{0, 10, false}, {10, 20, false}};
  EXPECT_THAT(Sweep(kMax, {{1, 2}}, two).Run({{0, 0}}), ElementsAre("1", "0"));
  EXPECT_THAT(Sweep(kMean, {{1, 2}}, two).Run({{0, 0}}), ElementsAre("0.1", "0"));
}

TEST(ConcurrencyAggregateTest, RangesAreMergedByTheirCells) {
  const std::vector<ResolvedInterval> two = {{0, 10, false}, {10, 20, false}};
  const std::vector<uint32_t> straight = {0, 1};
  const std::vector<uint32_t> turned = {1, 0};
  const auto merged = [&](AggregateKind kind) {
    const Sweep sweep(kind, {{1, 12}, {2, 4}, {3, 15}, {11, 14}}, two);
    const auto first = sweep.MakeState(straight);
    const auto second = sweep.MakeState(turned);
    EXPECT_EQ(sweep.Add(*first, {{0, 0}, {0, 1}, {1, 0}}), absl::OkStatus());
    EXPECT_EQ(sweep.Add(*second, {{2, 1}, {2, 0}, {3, 0}}), absl::OkStatus());
    EXPECT_EQ(first->Seal(AlwaysGoOn), absl::OkStatus());
    EXPECT_EQ(second->Seal(AlwaysGoOn), absl::OkStatus());
    EXPECT_EQ(first->Merge(*second, turned, AlwaysGoOn), absl::OkStatus());
    return sweep.ValuesOf(*first);
  };
  EXPECT_THAT(merged(kMax), ElementsAre("3", "3"));
  EXPECT_THAT(merged(kMean), ElementsAre("1.8", "1"));
}

TEST(ConcurrencyAggregateTest, ItIsExactInAnyOrder) {
  EXPECT_TRUE(Sweep(kMax, {{1, 2}}, kTen).aggregate().is_order_free());
  EXPECT_TRUE(Sweep(kMean, {{1, 2}}, kTen).aggregate().is_order_free());
}

/// One after the other, from instant 1 on.
std::vector<Span> Many(uint32_t count) {
  std::vector<Span> spans;
  for (uint32_t i = 1; i <= count; ++i) spans.push_back({i, int64_t{i} + 1});
  return spans;
}

TEST(ConcurrencyAggregateTest, WhatIsKeptIsCharged) {
  constexpr uint32_t kRows = 1000;
  const Sweep sweep(kMax, Many(kRows), {{0, 2 * kRows, false}});
  MemoryBudget small("test", 64 << 10);
  const auto state = sweep.MakeState(std::vector<uint32_t>{0}, small);
  std::vector<Sample> samples;
  for (uint32_t row = 0; row < kRows; ++row) samples.push_back({row, 0});
  absl::Status status;
  for (int i = 0; i < 100 && status.ok(); ++i) status = sweep.Add(*state, samples);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
}

TEST(ConcurrencyAggregateTest, RowsThatRunThroughTakeNoRoom) {
  constexpr uint32_t kRows = 1000;
  const std::vector<Span> spans(kRows, {-1, kForever});
  MemoryBudget small("test", 64 << 10);
  const Sweep sweep(kMax, spans, kTen);
  const auto state = sweep.MakeState(std::vector<uint32_t>{0}, small);
  std::vector<Sample> samples;
  for (uint32_t row = 0; row < kRows; ++row) samples.push_back({row, 0});
  for (int i = 0; i < 100; ++i) ASSERT_EQ(sweep.Add(*state, samples), absl::OkStatus());
  EXPECT_THAT(sweep.ValuesOf(*state), ElementsAre("100000"));
}

TEST(ConcurrencyAggregateTest, TheSweepAsksWhetherToGoOn) {
  constexpr uint32_t kRows = 1000;
  const Sweep sweep(kMax, Many(kRows), {{0, 2 * kRows, false}});
  const auto state = sweep.MakeState(std::vector<uint32_t>{0});
  std::vector<Sample> samples;
  for (uint32_t row = 0; row < kRows; ++row) samples.push_back({row, 0});
  for (int i = 0; i < 300; ++i) ASSERT_EQ(sweep.Add(*state, samples), absl::OkStatus());
  ASSERT_EQ(state->Seal(AlwaysGoOn), absl::OkStatus());
  const CountedQuestions few = {.num_allowed = 3};
  MetricValues values(DataType::Of(TypeKind::kInt64), TestBudget());
  const std::vector<uint32_t> cell = {0};
  EXPECT_EQ(state->Finish(cell, values, [&] { return few(); }).code(),
            absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace sextant
