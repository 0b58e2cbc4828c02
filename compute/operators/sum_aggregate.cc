#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>

#include "compute/kernels/exact_division.h"
#include "compute/kernels/float_lanes.h"
#include "compute/operators/aggregate.h"
#include "compute/operators/cell_overflow.h"
#include "compute/operators/morsel.h"

namespace sextant {
namespace {

constexpr int64_t kMicrosecondsPerSecond = 1'000'000;

/// How a metric's sums become values.
struct SumFormat {
  std::string metric;
  bool is_average = false;
  DataType value_type;
  DataType result_type;
};

absl::Status SumOverflow(const SumFormat& format, const char* limit) {
  return CellOverflow(format.metric, "sum", limit);
}

/// 10^38: decimals are smaller.
int128_t DecimalLimit() {
  int128_t limit = 1;
  for (int digit = 0; digit < 38; ++digit) limit *= 10;
  return limit;
}

absl::Status AppendExact(const SumFormat& format, int128_t sum, uint64_t count,
                         MetricValues& values) {
  const bool is_duration = format.value_type.kind == TypeKind::kDuration;
  if (is_duration) {
    const uint64_t divisor = format.is_average ? count : 1;
    return values.AppendFloat(DivideExactly(sum, divisor * kMicrosecondsPerSecond));
  }
  if (format.is_average)
    return values.AppendFloat(DivideDecimal(sum, count, format.value_type.scale));
  switch (values.form) {
    case MetricValues::Form::kWide:
      if (sum >= DecimalLimit() || sum <= -DecimalLimit()) return SumOverflow(format, "38 digits");
      return values.AppendWide(WideOfInt128(sum));
    case MetricValues::Form::kFloat:
      return values.AppendFloat(DivideDecimal(sum, 1, format.value_type.scale));
    default:
      if (sum != static_cast<int64_t>(sum)) return SumOverflow(format, "bigint");
      return values.AppendInteger(static_cast<int64_t>(sum));
  }
}

/// Exact, where the column's bounds and the number of rows prove that int64 is enough.
struct ProvenSum {
  using Value = int64_t;
  int64_t sum = 0;
  uint64_t count = 0;

  void Add(int64_t value) {
    sum += value;
    ++count;
  }
  void Merge(const ProvenSum& next) {
    sum += next.sum;
    count += next.count;
  }
  absl::Status Append(const SumFormat& format, MetricValues& values) const {
    return AppendExact(format, sum, count, values);
  }
};

/// Exact in 128 bits. Only decimals of more than 18 digits can overflow them, and may come back:
/// what counts is whether all of them together do.
template <typename ValueType>
struct WideSum {
  using Value = ValueType;
  int128_t sum = 0;
  uint64_t count = 0;
  int64_t wraps = 0;  // times that 2^128 must be added to `sum`

  void Add(const Value& value) {
    int128_t addend;
    if constexpr (std::is_same_v<Value, Wide>) {
      addend = Int128OfWide(value);
    } else {
      addend = value;
    }
    AddExactly(addend);
    ++count;
  }
  void Merge(const WideSum& next) {
    AddExactly(next.sum);
    wraps += next.wraps;
    count += next.count;
  }
  absl::Status Append(const SumFormat& format, MetricValues& values) const {
    if (wraps != 0) return SumOverflow(format, "38 digits");
    return AppendExact(format, sum, count, values);
  }

 private:
  void AddExactly(int128_t addend) {
    if (__builtin_add_overflow(sum, addend, &sum)) wraps += addend < 0 ? -1 : 1;
  }
};

/// 0 of a finite value, else the value.
double SpecialOf(double value) { return std::isfinite(value) ? 0 : value; }

/// In row order; the ranges' sums are added in order (rule 4). `special` is 0 until an infinity or
/// a NaN comes in; from then on it is the answer, whatever the finite values add up to, as it is in
/// PostgreSQL where it comes first.
struct FloatSum {
  using Value = double;
  double sum = 0;
  double special = 0;
  uint64_t count = 0;

  void Add(double value) {
    sum += value;
    special += SpecialOf(value);
    ++count;
  }
  void Merge(const FloatSum& next) {
    sum += next.sum;
    special += next.special;
    count += next.count;
  }
  absl::Status Append(const SumFormat& format, MetricValues& values) const {
    if (special != 0) return values.AppendFloat(special);  // its mean is the same
    if (!std::isfinite(sum)) return SumOverflow(format, "double precision");
    return values.AppendFloat(format.is_average ? sum / static_cast<double>(count) : sum);
  }
};

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

template <typename Accumulator>
class SumState final : public AggregateState {
 public:
  SumState(const ValueReader& reader, const SumFormat& format, MemoryBudget& budget)
      : reader_(reader), format_(format), cells_(budget) {}

  absl::Status Resize(uint32_t num_cells) override { return cells_.Resize(num_cells); }

  absl::Status Update(const SampleBatch& batch) override {
    std::array<typename Accumulator::Value, kBatchRows> values;
    std::array<uint8_t, kBatchRows> valid;
    const ReadOutcome outcome = ReadValues(reader_, batch, values.data(), valid.data());
    Accumulator* __restrict cells = cells_.data();
    if (outcome.all_valid) {
      for (size_t k = 0; k < batch.rows.size(); ++k) cells[batch.cells[k]].Add(values[k]);
    } else {
      for (size_t k = 0; k < batch.rows.size(); ++k) {
        if (valid[k] != 0) cells[batch.cells[k]].Add(values[k]);
      }
    }
    return absl::OkStatus();
  }

  absl::Status Merge(const AggregateState& from, std::span<const uint32_t> cell_map) override {
    const auto& other = static_cast<const SumState&>(from);
    for (size_t cell = 0; cell < other.cells_.size(); ++cell) {
      cells_[cell_map[cell]].Merge(other.cells_[cell]);
    }
    return absl::OkStatus();
  }

  bool HasSample(uint32_t cell) const override { return cells_[cell].count != 0; }

  absl::Status Finish(std::span<const uint32_t> cells, MetricValues& values) const override {
    for (const uint32_t cell : cells) {
      SEXTANT_RETURN_IF_ERROR(HasSample(cell) ? cells_[cell].Append(format_, values)
                                              : values.AppendMissing());
    }
    return absl::OkStatus();
  }

 private:
  const ValueReader& reader_;
  const SumFormat& format_;
  TrackedVector<Accumulator> cells_;
};

/// The one cell of an ungrouped float sum, by lanes (rule 4).
class LaneSumState final : public AggregateState {
 public:
  LaneSumState(const ValueReader& reader, const SumFormat& format)
      : reader_(reader), format_(format) {}

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

  absl::Status Merge(const AggregateState& from, std::span<const uint32_t>) override {
    const FloatSum next = static_cast<const LaneSumState&>(from).Total();
    total_ = Total();
    total_.Merge(next);
    is_reduced_ = true;
    return absl::OkStatus();
  }

  bool HasSample(uint32_t) const override { return total_.count != 0; }

  absl::Status Finish(std::span<const uint32_t> cells, MetricValues& values) const override {
    for (size_t i = 0; i < cells.size(); ++i) {
      SEXTANT_RETURN_IF_ERROR(total_.count != 0 ? Total().Append(format_, values)
                                                : values.AppendMissing());
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
  FloatLanes lanes_{};
  FloatSum total_;  // its sum counts once ranges were merged
  bool is_reduced_ = false;
};

class Sum final : public Aggregate {
 public:
  explicit Sum(const AggregateSpec& spec)
      : reader_(spec.aggregate.value, spec.table),
        format_{spec.aggregate.metric, spec.aggregate.kind == AggregateKind::kAvg,
                spec.aggregate.value.type, spec.aggregate.result_type},
        is_ungrouped_(spec.is_ungrouped) {
    constexpr int128_t kLimit = std::numeric_limits<int64_t>::max();
    is_proven_ =
        static_cast<int128_t>(reader_.max_magnitude()) * static_cast<int128_t>(spec.num_rows) <=
        kLimit;
  }

  std::unique_ptr<AggregateState> MakeState(MemoryBudget& budget) const override {
    switch (reader_.form()) {
      case ValueReader::Form::kFloat:
        if (is_ungrouped_) return std::make_unique<LaneSumState>(reader_, format_);
        return std::make_unique<SumState<FloatSum>>(reader_, format_, budget);
      case ValueReader::Form::kWide:
        return std::make_unique<SumState<WideSum<Wide>>>(reader_, format_, budget);
      default:
        if (is_proven_) return std::make_unique<SumState<ProvenSum>>(reader_, format_, budget);
        return std::make_unique<SumState<WideSum<int64_t>>>(reader_, format_, budget);
    }
  }

 private:
  const ValueReader reader_;
  const SumFormat format_;
  const bool is_ungrouped_;
  bool is_proven_ = false;
};

}  // namespace

std::unique_ptr<Aggregate> MakeSum(const AggregateSpec& spec) {
  return std::make_unique<Sum>(spec);
}

}  // namespace sextant
