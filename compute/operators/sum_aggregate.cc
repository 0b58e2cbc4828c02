#include <array>
#include <string>
#include <type_traits>
#include <utility>

#include "compute/kernels/cell_sums.h"
#include "compute/kernels/float_lanes.h"
#include "compute/kernels/selected_sums.h"
#include "compute/kernels/vector_selection.h"
#include "compute/kernels/width_dispatch.h"
#include "compute/memory/check.h"
#include "compute/operators/aggregate.h"
#include "compute/operators/aggregate_view.h"
#include "compute/operators/interleaved_cells.h"
#include "compute/operators/morsel.h"
#include "compute/operators/sum_accumulators.h"
#include "compute/operators/sum_columns.h"
#include "compute/operators/sum_state.h"

namespace sextant {
namespace {

template <typename Value>
ReadOutcome ReadValues(const ValueReader& reader, const SampleBatch& batch, Value* values,
                       uint8_t* valid) {
  if constexpr (std::is_same_v<Value, double>) {
    return reader.ReadFloats(*batch.chunk, batch.rows, values, valid);
  } else if constexpr (std::is_same_v<Value, Wide>) {
    return reader.ReadWides(*batch.chunk, batch.rows, values, valid);
  } else {
    return reader.ReadIntegers(*batch.chunk, batch.rows, values, valid);
  }
}

/// Adds the rows of a column whose slots the accumulator takes as they are.
template <uint32_t kWays, typename Accumulator>
void AddColumn(const Column& column, const SampleBatch& batch, Accumulator* cells) {
  const uint64_t* const validity = column.has_nulls() ? column.validity().data() : nullptr;
  if constexpr (std::is_same_v<Accumulator, FiniteSum>) {
    WithFloatSlots(column, [&](auto slots) {
      AddRowsToCells<kWays>(
          AddedSlots<typename decltype(slots)::value_type>{slots.data(), 0, validity}, batch.rows,
          batch.cells, cells);
    });
  } else {
    SEXTANT_DCHECK(column.step() == 1);  // no time is added up
    WithUnsignedSlots(column, [&](auto slots) {
      AddRowsToCells<kWays>(
          AddedSlots<typename decltype(slots)::value_type>{slots.data(), column.base(), validity},
          batch.rows, batch.cells, cells);
    });
  }
}

template <typename Accumulator>
class SumState final : public SumSamples {
 public:
  SumState(const ValueReader& reader, const SumFormat& format, MemoryBudget& budget)
      : reader_(reader), format_(format), cells_(budget) {}

  absl::Status Resize(uint32_t num_cells) override { return cells_.Resize(num_cells); }

  absl::Status Update(const SampleBatch& batch) override {
    if constexpr (std::is_same_v<Accumulator, FiniteSum> ||
                  std::is_same_v<Accumulator, ProvenSum>) {
      if (reader_.is_column()) {
        const Column& column = batch.chunk->column(reader_.column());
        if (cells_.ways() == 1) {
          AddColumn<1>(column, batch, cells_.sums());
        } else {
          AddColumn<kWays>(column, batch, cells_.sums());
        }
        return absl::OkStatus();
      }
    }
    std::array<typename Accumulator::Value, kBatchRows> values;
    std::array<uint8_t, kBatchRows> valid;
    const ReadOutcome outcome = ReadValues(reader_, batch, values.data(), valid.data());
    Accumulator* __restrict cells = cells_.sums();
    const size_t ways = cells_.ways();
    if (outcome.all_valid) {
      for (size_t k = 0; k < batch.rows.size(); ++k) cells[batch.cells[k] * ways].Add(values[k]);
    } else {
      for (size_t k = 0; k < batch.rows.size(); ++k) {
        if (valid[k] != 0) cells[batch.cells[k] * ways].Add(values[k]);
      }
    }
    return absl::OkStatus();
  }

  void AddNumbers(uint32_t cell, std::span<const int64_t> numbers) override {
    if constexpr (std::is_same_v<typename Accumulator::Value, int64_t>) {
      cells_.Fold();
      Accumulator sum = cells_[cell];
      for (const int64_t number : numbers) sum.Add(number);
      cells_[cell] = sum;
    } else {
      AggregateState::AddNumbers(cell, numbers);
    }
  }

  absl::Status Seal(KeepGoing) override {
    cells_.Fold();
    return absl::OkStatus();
  }

  absl::Status Merge(AggregateState& from, std::span<const uint32_t> cell_map,
                     KeepGoing keep_going) override {
    auto& other = static_cast<SumState&>(from);
    cells_.Fold();
    other.cells_.Fold();
    return MergeCells(other.cells_.size(), keep_going,
                      [&](size_t cell) { cells_[cell_map[cell]].Merge(other.cells_[cell]); });
  }

  bool HasSample(uint32_t cell) const override { return cells_[cell].count != 0; }
  void MarkSamples(std::span<uint8_t> has_sample) const override {
    const Accumulator* const sums = cells_.folded();
    MarkSamplesBy(has_sample, [sums](size_t cell) { return sums[cell].count != 0; });
  }

  absl::Status Finish(std::span<const uint32_t> cells, MetricValues& values,
                      KeepGoing) const override {
    return FinishAs(format_, cells, values);
  }
  absl::Status FinishAs(const SumFormat& format, std::span<const uint32_t> cells,
                        MetricValues& values) const override {
    return AppendSumColumn(format, cells_.folded(), cells, values);
  }
  absl::Status FinishCounts(std::span<const uint32_t> cells, MetricValues& values) const override {
    SEXTANT_ASSIGN_OR_RETURN(const std::span<int64_t> slots, values.AddIntegers(cells.size()));
    for (size_t k = 0; k < cells.size(); ++k) {
      slots[k] = static_cast<int64_t>(cells_[cells[k]].count);
    }
    return absl::OkStatus();
  }

 private:
  /// Float sums are in row order (rule 4).
  static constexpr uint32_t kWays = std::is_same_v<Accumulator, ProvenSum> ? 4 : 1;

  const ValueReader& reader_;
  const SumFormat& format_;
  InterleavedCells<Accumulator, kWays> cells_;
};

/// The one cell of an ungrouped float sum, by lanes (rule 4).
class LaneSumState final : public SumSamples {
 public:
  LaneSumState(const ValueReader& reader, const SumFormat& format, bool is_finite)
      : reader_(reader), format_(format), is_finite_(is_finite) {}

  absl::Status Resize(uint32_t) override { return absl::OkStatus(); }

  absl::Status Update(const SampleBatch& batch) override {
    std::array<double, kBatchRows> values;
    std::array<uint8_t, kBatchRows> valid;
    std::array<uint32_t, kBatchRows> rows;
    ReadValues(reader_, batch, values.data(), valid.data());
    size_t kept = 0;
    for (size_t k = 0; k < batch.rows.size(); ++k) {
      rows[kept] = batch.rows[k];
      values[kept] = values[k];
      kept += valid[k];
    }
    AddToLanes(batch.first_ordinal, {rows.data(), kept}, values.data(), lanes_);
    for (size_t k = 0; k < kept; ++k) total_.special += SpecialOf(values[k]);
    total_.count += kept;
    return absl::OkStatus();
  }

  /// Finite values of a column, of which there is nothing special.
  bool takes_selections() const override { return is_finite_; }
  void AddSelected(const SelectedRows& selected) override {
    const Column& column = selected.chunk->column(reader_.column());
    WithFloatSlots(column, [&](auto slots) {
      AddSelectedToLanes(selected.first_ordinal, slots.data(), column.num_rows(), selected.rows,
                         lanes_);
    });
    total_.count += column.has_nulls() ? CountSelectedIn(selected.rows, column.validity().data())
                                       : CountSelected(selected.rows);
  }

  absl::Status Merge(AggregateState& from, std::span<const uint32_t>, KeepGoing) override {
    const FloatSum next = static_cast<const LaneSumState&>(from).Total();
    total_ = Total();
    total_.Merge(next);
    is_reduced_ = true;
    return absl::OkStatus();
  }

  bool HasSample(uint32_t) const override { return total_.count != 0; }

  absl::Status Finish(std::span<const uint32_t> cells, MetricValues& values,
                      KeepGoing) const override {
    return FinishAs(format_, cells, values);
  }
  absl::Status FinishAs(const SumFormat& format, std::span<const uint32_t> cells,
                        MetricValues& values) const override {
    for (size_t i = 0; i < cells.size(); ++i) {
      SEXTANT_RETURN_IF_ERROR(total_.count != 0 ? Total().Append(format, values)
                                                : values.AppendMissing());
    }
    return absl::OkStatus();
  }
  absl::Status FinishCounts(std::span<const uint32_t> cells, MetricValues& values) const override {
    for (size_t i = 0; i < cells.size(); ++i) {
      SEXTANT_RETURN_IF_ERROR(values.AppendInteger(static_cast<int64_t>(total_.count)));
    }
    return absl::OkStatus();
  }

 private:
  FloatSum Total() const {
    FloatSum total = total_;
    if (!is_reduced_) total.sum = SumOfLanes(lanes_);
    return total;
  }

  const ValueReader& reader_;
  const SumFormat& format_;
  const bool is_finite_;
  FloatLanes lanes_{};
  FloatSum total_;  // its sum counts once ranges were merged
  bool is_reduced_ = false;
};

/// The sum, the mean or the count of what another's state has added.
class SumView final : public AggregateView {
 public:
  /// `format` is null for the count.
  SumView(const SumSamples& leader, const SumFormat* format) : leader_(leader), format_(format) {}

  bool HasSample(uint32_t cell) const override { return leader_.HasSample(cell); }
  void MarkSamples(std::span<uint8_t> has_sample) const override {
    leader_.MarkSamples(has_sample);
  }
  absl::Status Finish(std::span<const uint32_t> cells, MetricValues& values,
                      KeepGoing) const override {
    return format_ != nullptr ? leader_.FinishAs(*format_, cells, values)
                              : leader_.FinishCounts(cells, values);
  }

 private:
  const SumSamples& leader_;
  const SumFormat* const format_;
};

class Sum final : public Aggregate {
 public:
  explicit Sum(const AggregateSpec& spec)
      : reader_(spec.aggregate.value, spec.table),
        format_{spec.aggregate.metric, spec.aggregate.kind == AggregateKind::kAvg,
                spec.aggregate.value.type, spec.aggregate.result_type},
        is_ungrouped_(spec.is_ungrouped) {
    is_proven_ = IsProvenSum(reader_, spec.num_rows);
    is_finite_ = reader_.is_column() && IsFinite(spec.table.facts(reader_.column()));
  }

  std::unique_ptr<AggregateState> MakeState(MemoryBudget& budget) const override {
    switch (reader_.form()) {
      case ValueReader::Form::kFloat:
        if (is_ungrouped_) return std::make_unique<LaneSumState>(reader_, format_, is_finite_);
        if (is_finite_) return std::make_unique<SumState<FiniteSum>>(reader_, format_, budget);
        return std::make_unique<SumState<FloatSum>>(reader_, format_, budget);
      case ValueReader::Form::kWide:
        return std::make_unique<SumState<WideSum<Wide>>>(reader_, format_, budget);
      default:
        if (is_proven_) return std::make_unique<SumState<ProvenSum>>(reader_, format_, budget);
        return std::make_unique<SumState<WideSum<int64_t>>>(reader_, format_, budget);
    }
  }

  std::unique_ptr<AggregateState> MakeView(AggregateState& leader) const override {
    return std::make_unique<SumView>(static_cast<const SumSamples&>(leader), &format_);
  }
  /// The others are exact, and know how often they wrapped.
  bool is_order_free() const override { return reader_.form() != ValueReader::Form::kFloat; }

 private:
  const ValueReader reader_;
  const SumFormat format_;
  const bool is_ungrouped_;
  bool is_proven_ = false;
  bool is_finite_ = false;
};

}  // namespace

std::unique_ptr<Aggregate> MakeSum(const AggregateSpec& spec) {
  return std::make_unique<Sum>(spec);
}

std::unique_ptr<AggregateState> MakeCountView(AggregateState& leader) {
  return std::make_unique<SumView>(static_cast<const SumSamples&>(leader), nullptr);
}

}  // namespace sextant
