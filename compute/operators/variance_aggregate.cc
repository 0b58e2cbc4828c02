#include <array>
#include <limits>
#include <string>
#include <type_traits>

#include "compute/kernels/exact_variance.h"
#include "compute/operators/aggregate.h"
#include "compute/operators/cell_overflow.h"
#include "compute/operators/float_moments.h"
#include "compute/operators/morsel.h"
#include "compute/operators/number_reader.h"
#include "compute/operators/sum_state.h"

namespace sextant {
namespace {

/// How moments become a value: the sample forms have none for one sample.
struct VarianceFormat {
  std::string metric;
  VarianceKind kind = VarianceKind::kSample;
  bool is_root = false;
  int scale = 0;
};

uint128_t Magnitude(int128_t value) {
  return value < 0 ? uint128_t{0} - static_cast<uint128_t>(value) : static_cast<uint128_t>(value);
}

double ExactValue(const VarianceFormat& format, const ExactMoments& moments) {
  return VarianceOfMoments(moments, format.kind, format.scale, format.is_root);
}

/// Where the column's bounds and the number of rows prove that 64 bits hold the sums.
struct ProvenMoments {
  using Value = int64_t;
  int64_t sum = 0;
  uint64_t squares = 0;
  uint64_t count = 0;

  void Add(int64_t value) {
    sum += value;
    squares += static_cast<uint64_t>(value * value);
    ++count;
  }
  void Merge(const ProvenMoments& next) {
    sum += next.sum;
    squares += next.squares;
    count += next.count;
  }
  ExactMoments Exact() const { return {count, Natural(Magnitude(sum)), Natural(squares)}; }
};

/// Squares of int64 take 126 bits: their sum is kept in 192.
struct IntegerMoments {
  using Value = int64_t;
  int128_t sum = 0;
  uint128_t squares = 0;
  uint64_t squares_high = 0;
  uint64_t count = 0;

  void Add(int64_t value) {
    sum += value;
    const auto square = static_cast<uint128_t>(int128_t{value} * value);
    squares_high += __builtin_add_overflow(squares, square, &squares) ? 1 : 0;
    ++count;
  }
  void Merge(const IntegerMoments& next) {
    sum += next.sum;
    squares_high +=
        next.squares_high + (__builtin_add_overflow(squares, next.squares, &squares) ? 1 : 0);
    count += next.count;
  }
  ExactMoments Exact() const {
    return {count, Natural(Magnitude(sum)),
            Natural(squares) + Natural(squares_high).ShiftedLeft(128)};
  }
};

/// Decimals of more than 18 digits.
struct WideMoments {
  using Value = Wide;
  Natural positive;  // the sum of values above zero
  Natural negative;  // the sum of the magnitudes of those below
  Natural squares;
  uint64_t count = 0;
  uint64_t padding = 0;

  void Add(const Wide& value) {
    const int128_t integer = Int128OfWide(value);
    const Natural magnitude(Magnitude(integer));
    (integer < 0 ? negative : positive) += magnitude;
    squares += magnitude * magnitude;
    ++count;
  }
  void Merge(const WideMoments& next) {
    positive += next.positive;
    negative += next.negative;
    squares += next.squares;
    count += next.count;
  }
  ExactMoments Exact() const {
    return {count, positive < negative ? negative - positive : positive - negative, squares};
  }
};

template <typename Moments>
absl::Status AppendVariance(const VarianceFormat& format, const Moments& moments,
                            MetricValues& values) {
  const bool is_sample = format.kind == VarianceKind::kSample;
  if (moments.count < (is_sample ? 2 : 1)) return values.AppendMissing();
  if constexpr (std::is_same_v<Moments, FloatMoments>) {
    if (moments.overflows != 0) {
      return CellOverflow(format.metric, format.is_root ? "standard deviation" : "variance",
                          "double precision");
    }
    const double variance = moments.Spread() / (is_sample ? moments.count - 1 : moments.count);
    return values.AppendFloat(format.is_root ? std::sqrt(variance) : variance);
  } else {
    return values.AppendFloat(ExactValue(format, moments.Exact()));
  }
}

template <typename Moments>
struct ValueOf {
  using Type = typename Moments::Value;
};
template <>
struct ValueOf<FloatMoments> {
  using Type = double;
};

template <typename Moments, typename Base = AggregateState>
class VarianceState : public Base {
 public:
  VarianceState(const ValueReader& reader, const VarianceFormat& format, MemoryBudget& budget)
      : reader_(reader), format_(format), cells_(budget) {}

  absl::Status Resize(uint32_t num_cells) override { return cells_.Resize(num_cells); }

  absl::Status Update(const SampleBatch& batch) override {
    std::array<typename ValueOf<Moments>::Type, kBatchRows> values;
    std::array<uint8_t, kBatchRows> valid;
    Read(batch, values.data(), valid.data());
    Moments* const cells = cells_.data();
    for (size_t k = 0; k < batch.rows.size(); ++k) {
      if (valid[k] != 0) cells[batch.cells[k]].Add(values[k]);
    }
    return absl::OkStatus();
  }

  void AddNumbers(uint32_t cell, std::span<const int64_t> numbers) override {
    if constexpr (std::is_same_v<typename ValueOf<Moments>::Type, int64_t>) {
      Moments moments = cells_[cell];
      for (const int64_t number : numbers) moments.Add(number);
      cells_[cell] = moments;
    } else {
      AggregateState::AddNumbers(cell, numbers);
    }
  }

  absl::Status Merge(AggregateState& from, std::span<const uint32_t> cell_map,
                     KeepGoing keep_going) override {
    const auto& other = static_cast<const VarianceState&>(from);
    return MergeCells(other.cells_.size(), keep_going,
                      [&](size_t cell) { cells_[cell_map[cell]].Merge(other.cells_[cell]); });
  }

  bool HasSample(uint32_t cell) const override { return cells_[cell].count > 0; }

  absl::Status Finish(std::span<const uint32_t> cells, MetricValues& values,
                      KeepGoing) const override {
    for (const uint32_t cell : cells) {
      SEXTANT_RETURN_IF_ERROR(AppendVariance(format_, cells_[cell], values));
    }
    return absl::OkStatus();
  }

 protected:
  const Moments& moments(uint32_t cell) const { return cells_[cell]; }

 private:
  template <typename Value>
  void Read(const SampleBatch& batch, Value* values, uint8_t* valid) const {
    if constexpr (std::is_same_v<Value, double>) {
      reader_.ReadFloats(*batch.chunk, batch.rows, values, valid);
    } else if constexpr (std::is_same_v<Value, Wide>) {
      reader_.ReadWides(*batch.chunk, batch.rows, values, valid);
    } else {
      reader_.ReadIntegers(*batch.chunk, batch.rows, values, valid);
    }
  }

  const ValueReader& reader_;
  const VarianceFormat& format_;
  TrackedVector<Moments> cells_;
};

/// Of integers, from which sums and counts of the same value are finished too.
template <typename Moments>
class IntegerVarianceState final : public VarianceState<Moments, SumSamples> {
 public:
  using VarianceState<Moments, SumSamples>::VarianceState;

  absl::Status FinishAs(const SumFormat& format, std::span<const uint32_t> cells,
                        MetricValues& values) const override {
    for (const uint32_t cell : cells) {
      const Moments& moments = this->moments(cell);
      SEXTANT_RETURN_IF_ERROR(moments.count != 0
                                  ? AppendExact(format, moments.sum, moments.count, values)
                                  : values.AppendMissing());
    }
    return absl::OkStatus();
  }
  absl::Status FinishCounts(std::span<const uint32_t> cells, MetricValues& values) const override {
    for (const uint32_t cell : cells) {
      SEXTANT_RETURN_IF_ERROR(
          values.AppendInteger(static_cast<int64_t>(this->moments(cell).count)));
    }
    return absl::OkStatus();
  }
};

class Variance final : public Aggregate {
 public:
  explicit Variance(const AggregateSpec& spec) : reader_(spec.aggregate.value, spec.table) {
    const AggregateKind kind = spec.aggregate.kind;
    const bool is_population = kind == AggregateKind::kVarPop || kind == AggregateKind::kStddevPop;
    format_ = {spec.aggregate.metric,
               is_population ? VarianceKind::kPopulation : VarianceKind::kSample,
               kind == AggregateKind::kStddevPop || kind == AggregateKind::kStddevSamp,
               NumberScale(spec.aggregate.value.type)};
    const uint128_t magnitude = reader_.max_magnitude();
    is_proven_ = magnitude < (uint64_t{1} << 31) &&
                 magnitude * magnitude * std::max<uint64_t>(spec.num_rows, 1) <=
                     static_cast<uint128_t>(std::numeric_limits<int64_t>::max());
  }

  std::unique_ptr<AggregateState> MakeState(MemoryBudget& budget) const override {
    switch (reader_.form()) {
      case ValueReader::Form::kFloat:
        return std::make_unique<VarianceState<FloatMoments>>(reader_, format_, budget);
      case ValueReader::Form::kWide:
        return std::make_unique<VarianceState<WideMoments>>(reader_, format_, budget);
      default:
        if (is_proven_) {
          return std::make_unique<IntegerVarianceState<ProvenMoments>>(reader_, format_, budget);
        }
        return std::make_unique<IntegerVarianceState<IntegerMoments>>(reader_, format_, budget);
    }
  }
  bool is_order_free() const override { return reader_.form() != ValueReader::Form::kFloat; }

 private:
  const ValueReader reader_;
  VarianceFormat format_;
  bool is_proven_ = false;
};

}  // namespace

std::unique_ptr<Aggregate> MakeVariance(const AggregateSpec& spec) {
  return std::make_unique<Variance>(spec);
}

}  // namespace sextant
