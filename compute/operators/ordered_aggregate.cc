#include <algorithm>
#include <array>
#include <cmath>

#include "compute/memory/check.h"
#include "compute/operators/aggregate.h"
#include "compute/operators/morsel.h"
#include "compute/operators/sample_slices.h"
#include "compute/operators/sample_source.h"

namespace sextant {
namespace {

/// What the states of one aggregate share.
struct OrderedSpec {
  OrderedValue value;
  AggregateKind kind;
  double fraction;
};

/// The key of 1-based rank ceil(fraction * n), at least the first: PostgreSQL's percentile_disc.
template <typename Key>
Key DiscreteQuantile(double fraction, std::span<Key> keys) {
  const double rank = std::ceil(fraction * static_cast<double>(keys.size()));
  const auto nth = keys.begin() + static_cast<std::ptrdiff_t>(std::max(rank, 1.0)) - 1;
  std::nth_element(keys.begin(), nth, keys.end());
  return *nth;
}

/// The smallest of the most frequent keys (rule 9).
template <typename Key>
Key ModeOf(std::span<Key> keys) {
  std::sort(keys.begin(), keys.end());
  Key mode = keys[0];
  size_t most = 0;
  for (size_t begin = 0; begin < keys.size();) {
    size_t end = begin + 1;
    while (end < keys.size() && keys[end] == keys[begin]) ++end;
    if (end - begin > most) mode = keys[begin];
    most = std::max(most, end - begin);
    begin = end;
  }
  return mode;
}

/// lo + fraction * (hi - lo) between the samples around fraction * (n - 1) (rule 9).
template <typename Source>
double ContinuousQuantile(double fraction, std::span<typename Source::Key> keys,
                          const Source& source) {
  const double position = fraction * static_cast<double>(keys.size() - 1);
  const double below = std::floor(position);
  const auto low = keys.begin() + static_cast<std::ptrdiff_t>(below);
  std::nth_element(keys.begin(), low, keys.end());
  const double low_number = source.Number(*low);
  if (std::ceil(position) == below) return low_number;
  const double high_number = source.Number(*std::min_element(low + 1, keys.end()));
  return low_number + (position - below) * (high_number - low_number);
}

/// percentile_cont, percentile_disc and mode: keeps every sample.
template <typename Source>
class OrderedState final : public AggregateState {
 public:
  OrderedState(const OrderedSpec& spec, MemoryBudget& budget)
      : spec_(spec), budget_(budget), source_(spec.value, budget), samples_(budget) {}

  absl::Status Resize(uint32_t num_cells) override { return samples_.Resize(num_cells); }

  absl::Status Update(const SampleBatch& batch) override {
    std::array<Key, kBatchRows> keys;
    std::array<uint8_t, kBatchRows> valid;
    SEXTANT_RETURN_IF_ERROR(source_.Read(batch, keys.data(), valid.data()));
    SEXTANT_RETURN_IF_ERROR(samples_.Reserve(batch.rows.size()));
    for (size_t k = 0; k < batch.rows.size(); ++k) {
      if (valid[k] != 0) samples_.Add(batch.cells[k], keys[k]);
    }
    return absl::OkStatus();
  }

  absl::Status Merge(const AggregateState& from, std::span<const uint32_t> cell_map) override {
    const auto& other = static_cast<const OrderedState&>(from);
    SEXTANT_CHECK(!samples_.is_scattered() && !other.samples_.is_scattered());
    SEXTANT_RETURN_IF_ERROR(source_.Absorb(other.source_));
    SEXTANT_RETURN_IF_ERROR(samples_.Reserve(other.samples_.num_samples()));
    for (size_t sample = 0; sample < other.samples_.num_samples(); ++sample) {
      samples_.Add(cell_map[other.samples_.cell_at(sample)],
                   source_.Remapped(other.samples_.keys()[sample]));
    }
    return absl::OkStatus();
  }

  bool HasSample(uint32_t cell) const override { return samples_.count(cell) != 0; }

  absl::Status Finish(std::span<const uint32_t> cells, MetricValues& values) const override {
    if (!samples_.is_scattered()) {
      SEXTANT_RETURN_IF_ERROR(source_.Rank(samples_.keys()));
      SEXTANT_RETURN_IF_ERROR(samples_.Scatter(budget_));
    }
    for (const uint32_t cell : cells) {
      SEXTANT_RETURN_IF_ERROR(HasSample(cell) ? Append(samples_.Slice(cell), values)
                                              : values.AppendMissing());
    }
    return absl::OkStatus();
  }

 private:
  using Key = typename Source::Key;

  absl::Status Append(std::span<Key> keys, MetricValues& values) const {
    switch (spec_.kind) {
      case AggregateKind::kPercentileCont:
        return values.AppendFloat(ContinuousQuantile(spec_.fraction, keys, source_));
      case AggregateKind::kPercentileDisc:
        return source_.Append(DiscreteQuantile(spec_.fraction, keys), values);
      default:
        return source_.Append(ModeOf(keys), values);
    }
  }

  const OrderedSpec& spec_;
  MemoryBudget& budget_;
  // The first Finish ranks and scatters them, later ones put slices in order: what they say stays.
  mutable Source source_;
  mutable SampleSlices<Key> samples_;
};

class Ordered final : public Aggregate {
 public:
  explicit Ordered(const AggregateSpec& spec)
      : spec_{OrderedValue(spec.aggregate.value, spec.table), spec.aggregate.kind,
              spec.aggregate.fraction} {}

  std::unique_ptr<AggregateState> MakeState(MemoryBudget& budget) const override {
    if (spec_.value.coder) return std::make_unique<OrderedState<CodeSource>>(spec_, budget);
    return std::make_unique<OrderedState<KeySource>>(spec_, budget);
  }

 private:
  const OrderedSpec spec_;
};

}  // namespace

std::unique_ptr<Aggregate> MakeOrdered(const AggregateSpec& spec) {
  return std::make_unique<Ordered>(spec);
}

}  // namespace sextant
