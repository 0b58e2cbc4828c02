#include <array>
#include <optional>

#include "compute/kernels/selected_sums.h"
#include "compute/kernels/vector_selection.h"
#include "compute/operators/aggregate.h"
#include "compute/operators/interleaved_cells.h"
#include "compute/operators/morsel.h"
#include "compute/operators/sum_state.h"

namespace sextant {
namespace {

struct RowCount {
  int64_t count = 0;
  void Merge(const RowCount& next) { count += next.count; }
};

/// counts[cells[k] * kWays + k % kWays] grows by increment_of(k).
template <size_t kWays, typename IncrementOf>
void AddCounts(const uint32_t* __restrict cells, size_t size, RowCount* __restrict counts,
               IncrementOf increment_of) {
  for (size_t k = 0; k < size; ++k) counts[cells[k] * kWays + k % kWays].count += increment_of(k);
}

/// count(*), or count(x) with a reader.
class CountState final : public AggregateState {
 public:
  CountState(const std::optional<ValueReader>& reader, MemoryBudget& budget)
      : reader_(reader), counts_(budget) {}

  absl::Status Resize(uint32_t num_cells) override { return counts_.Resize(num_cells); }

  absl::Status Update(const SampleBatch& batch) override {
    if (reader_) {
      std::array<uint8_t, kBatchRows> valid;
      const ReadOutcome outcome = reader_->ReadValidity(*batch.chunk, batch.rows, valid.data());
      if (!outcome.all_valid) {
        Add(batch, [&valid](size_t k) { return valid[k]; });
        return absl::OkStatus();
      }
    }
    if (counts_.size() == 1) {  // every row is in it
      counts_.sums()->count += static_cast<int64_t>(batch.rows.size());
    } else {
      Add(batch, [](size_t) { return 1; });
    }
    return absl::OkStatus();
  }

  bool takes_selections() const override { return !reader_ || reader_->is_column(); }
  void AddSelected(const SelectedRows& selected) override {
    const Column* const column = reader_ ? &selected.chunk->column(reader_->column()) : nullptr;
    const bool has_nulls = column != nullptr && column->has_nulls();
    counts_.sums()->count +=
        static_cast<int64_t>(has_nulls ? CountSelectedIn(selected.rows, column->validity().data())
                                       : CountSelected(selected.rows));
  }

  void AddNumbers(uint32_t cell, std::span<const int64_t> numbers) override {
    AddCount(cell, numbers.size());
  }
  void AddCount(uint32_t cell, uint64_t count) override {
    counts_.Fold();
    counts_[cell].count += static_cast<int64_t>(count);
  }

  absl::Status Seal(KeepGoing) override {
    counts_.Fold();
    return absl::OkStatus();
  }

  absl::Status Merge(AggregateState& from, std::span<const uint32_t> cell_map,
                     KeepGoing keep_going) override {
    auto& other = static_cast<CountState&>(from);
    counts_.Fold();
    other.counts_.Fold();
    return MergeCells(other.counts_.size(), keep_going,
                      [&](size_t cell) { counts_[cell_map[cell]].Merge(other.counts_[cell]); });
  }

  bool HasSample(uint32_t cell) const override { return counts_[cell].count != 0; }
  void MarkSamples(std::span<uint8_t> has_sample) const override {
    const RowCount* const counts = counts_.folded();
    MarkSamplesBy(has_sample, [counts](size_t cell) { return counts[cell].count != 0; });
  }

  absl::Status Finish(std::span<const uint32_t> cells, MetricValues& values,
                      KeepGoing) const override {
    SEXTANT_ASSIGN_OR_RETURN(const std::span<int64_t> slots, values.AddIntegers(cells.size()));
    const RowCount* const counts = counts_.folded();
    for (size_t k = 0; k < cells.size(); ++k) slots[k] = counts[cells[k]].count;
    return absl::OkStatus();
  }

 private:
  template <typename IncrementOf>
  void Add(const SampleBatch& batch, IncrementOf increment_of) {
    if (counts_.ways() == 1) {
      AddCounts<1>(batch.cells, batch.rows.size(), counts_.sums(), increment_of);
    } else {
      AddCounts<4>(batch.cells, batch.rows.size(), counts_.sums(), increment_of);
    }
  }

  const std::optional<ValueReader>& reader_;
  InterleavedCells<RowCount, 4> counts_;
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
  bool is_order_free() const override { return true; }

 private:
  std::optional<ValueReader> reader_;
};

}  // namespace

std::unique_ptr<Aggregate> MakeCount(const AggregateSpec& spec) {
  return std::make_unique<Count>(spec);
}

}  // namespace sextant
