#include "compute/operators/cell_partition.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <vector>

#include "compute/operators/morsel.h"
#include "tests/testing/counted_questions.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

class Sums final : public AggregateState {
 public:
  explicit Sums(MemoryBudget& budget) : sums_(budget) {}
  absl::Status Resize(uint32_t num_cells) override { return sums_.Resize(num_cells); }
  absl::Status Update(const SampleBatch&) override { return absl::OkStatus(); }
  absl::Status Merge(AggregateState&, std::span<const uint32_t>, KeepGoing) override {
    return absl::OkStatus();
  }
  bool HasSample(uint32_t) const override { return true; }
  absl::Status Finish(std::span<const uint32_t>, MetricValues&, KeepGoing) const override {
    return absl::OkStatus();
  }
  void Add(uint32_t cell, uint32_t carried) { sums_[cell] += carried; }
  uint64_t sum() const {
    return std::accumulate(sums_.span().begin(), sums_.span().end(), uint64_t{0});
  }

 private:
  TrackedVector<uint64_t> sums_;
};

class Ones final : public SampleCarrier {
 public:
  void Write(const SampleBatch& batch, uint32_t* carried) const override {
    std::fill_n(carried, batch.rows.size(), 1);
  }
  void Add(std::span<const uint32_t> carried, const uint32_t* cells,
           AggregateState& state) const override {
    for (size_t k = 0; k < carried.size(); ++k) {
      static_cast<Sums&>(state).Add(cells[k], carried[k]);
    }
  }
};

std::vector<std::unique_ptr<AggregateState>> MakeStates() {
  std::vector<std::unique_ptr<AggregateState>> states;
  states.push_back(std::make_unique<Sums>(TestBudget()));
  return states;
}

/// Samples that all fall in the first bin, each in a cell of its own. Keys go into bins by their
/// highest bits: where one value of the first axis has most rows, one bin has them.
class CellPartitionTest : public testing::Test {
 protected:
  static constexpr uint32_t kSamples = uint32_t{1} << 19;

  CellPartitionTest() : ranks_(kSamples), rows_(kBatchRows) {
    std::iota(ranks_.begin(), ranks_.end(), 0);
    std::iota(rows_.begin(), rows_.end(), 0);
    plan_.digits.axes.push_back({20, ranks_});
    plan_.max_rows = kSamples;
    table_ =
        TableOf({{"a", DataType::Of(TypeKind::kInt64), std::vector<Cell>(kBatchRows, Int(1))}});
  }

  /// `carrier` may be null.
  void Log(const SampleCarrier* carrier) {
    plan_.carrier = carrier;
    logs_.push_back(std::make_unique<SampleLog>(plan_, TestBudget()));
    SampleLog& log = *logs_.back();
    ASSERT_TRUE(log.BeginChunk(table_->chunk(0), 0).ok());
    const std::vector<uint32_t> intervals(kBatchRows);
    std::vector<uint32_t> codes(kBatchRows);
    for (uint32_t begin = 0; begin < kSamples; begin += kBatchRows) {
      for (uint32_t k = 0; k < kBatchRows; ++k) codes[k] = (begin + k) * 2654435761u % kSamples;
      const uint32_t* const column = codes.data();
      ASSERT_TRUE(log.Pack({&column, 1}, kBatchRows).ok());
      ASSERT_TRUE(log.Append(rows_, rows_.data(), intervals.data()).ok());
    }
    ASSERT_TRUE(log.Deal(AlwaysGoOn).ok());
  }

  absl::StatusOr<CellPartition> Make(const CountedQuestions& questions) const {
    return MakeCellPartition({logs_, 0, MakeStates, TestBudget(), plan_.carrier, 0}, questions);
  }

  const Ones ones_;
  std::vector<uint32_t> ranks_;
  std::vector<uint32_t> rows_;
  SampleLogPlan plan_;
  std::shared_ptr<const Table> table_;
  std::vector<std::unique_ptr<SampleLog>> logs_;
};

/// Passes over the samples, each of which asks in every 32 Ki: those that copy the keys and what
/// goes with them, find the bounds, number the positions, sort, find the cells and add.
constexpr size_t kLeastPasses = 7;

TEST_F(CellPartitionTest, ABinOfManyCarriedSamplesAsksInEveryPassOverThem) {
  Log(&ones_);
  const CountedQuestions questions;
  const auto made = Make(questions);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->keys.size(), kSamples);
  EXPECT_EQ(static_cast<const Sums&>(*made->metrics[0]).sum(), kSamples);
  EXPECT_GE(questions.num_asked, kLeastPasses * kSamples / (uint32_t{1} << 15));
}

TEST_F(CellPartitionTest, ABinOfManySamplesAsksInEveryPassOverThem) {
  Log(nullptr);
  const CountedQuestions questions;
  const auto made = Make(questions);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->keys.size(), kSamples);
  EXPECT_GE(questions.num_asked, kLeastPasses * kSamples / (uint32_t{1} << 15));
}

TEST_F(CellPartitionTest, ABinIsGivenUpWhicheverQuestionSaysSo) {
  Log(&ones_);
  const CountedQuestions all;
  ASSERT_TRUE(Make(all).ok());
  for (size_t num_allowed = 0; num_allowed < all.num_asked; num_allowed += 7) {
    const CountedQuestions questions{.num_allowed = num_allowed};
    EXPECT_EQ(Make(questions).status().code(), absl::StatusCode::kCancelled) << num_allowed;
    EXPECT_EQ(questions.num_asked, num_allowed + 1);
  }
}

}  // namespace
}  // namespace sextant
