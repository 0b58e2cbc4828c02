#include <array>
#include <optional>

#include "compute/operators/aggregate.h"
#include "compute/operators/morsel.h"
#include "compute/operators/sum_state.h"

namespace sextant {
namespace {

/// count(*), or count(x) with a reader.
class CountState final : public AggregateState {
 public:
  CountState(const std::optional<ValueReader>& reader, MemoryBudget& budget)
      : reader_(reader), counts_(budget) {}

  absl::Status Resize(uint32_t num_cells) override { return counts_.Resize(num_cells); }

  absl::Status Update(const SampleBatch& batch) override {
    int64_t* __restrict counts = counts_.data();
    const size_t num_rows = batch.rows.size();
    if (reader_) {
      std::array<uint8_t, kBatchRows> valid;
      const ReadOutcome outcome = reader_->ReadValidity(*batch.chunk, batch.rows, valid.data());
      if (!outcome.all_valid) {
        for (size_t k = 0; k < num_rows; ++k) counts[batch.cells[k]] += valid[k];
        return absl::OkStatus();
      }
    }
    if (counts_.size() == 1) {  // every row is in it; adding one by one would wait for each store
      counts[0] += static_cast<int64_t>(num_rows);
      return absl::OkStatus();
    }
    for (size_t k = 0; k < num_rows; ++k) ++counts[batch.cells[k]];
    return absl::OkStatus();
  }

  absl::Status Merge(AggregateState& from, std::span<const uint32_t> cell_map, KeepGoing) override {
    const auto& other = static_cast<const CountState&>(from);
    for (size_t cell = 0; cell < other.counts_.size(); ++cell) {
      counts_[cell_map[cell]] += other.counts_[cell];
    }
    return absl::OkStatus();
  }

  bool HasSample(uint32_t cell) const override { return counts_[cell] != 0; }

  absl::Status Finish(std::span<const uint32_t> cells, MetricValues& values,
                      KeepGoing) const override {
    for (const uint32_t cell : cells) {
      SEXTANT_RETURN_IF_ERROR(values.AppendInteger(counts_[cell]));
    }
    return absl::OkStatus();
  }

 private:
  const std::optional<ValueReader>& reader_;
  TrackedVector<int64_t> counts_;
};

class Count final : public Aggregate {
 public:
  explicit Count(const AggregateSpec& spec) {
    if (spec.aggregate.kind == AggregateKind::kCount)
      reader_.emplace(spec.aggregate.value, spec.table);
  }
  std::unique_ptr<AggregateState> MakeView(AggregateState& leader) const override {
    return MakeCountView(leader);
  }
  std::unique_ptr<AggregateState> MakeState(MemoryBudget& budget) const override {
    return std::make_unique<CountState>(reader_, budget);
  }

 private:
  std::optional<ValueReader> reader_;
};

}  // namespace

std::unique_ptr<Aggregate> MakeCount(const AggregateSpec& spec) {
  return std::make_unique<Count>(spec);
}

}  // namespace sextant
