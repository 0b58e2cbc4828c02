#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "compute/kernels/bin_sort.h"
#include "compute/kernels/key_sort.h"
#include "compute/kernels/rank_selection.h"
#include "compute/memory/check.h"
#include "compute/operators/aggregate.h"
#include "compute/operators/aggregate_view.h"
#include "compute/operators/morsel.h"
#include "compute/operators/ordered_state.h"
#include "compute/operators/sample_slices.h"
#include "compute/operators/sample_source.h"

namespace sextant {
namespace {

/// Keys that each ask keeps of a cell: percentile_cont those of the samples around its position.
constexpr uint32_t kKeysOfAsk = 2;

/// The position of a percentile_cont among the sorted samples of a cell.
double ContinuousPosition(double fraction, uint64_t count) {
  return fraction * static_cast<double>(count - 1);
}

/// The ranks of the keys that an ask keeps. REQUIRES: it is not kMode; count > 0.
std::array<uint64_t, kKeysOfAsk> RanksOf(const OrderedAsk& ask, uint64_t count) {
  switch (ask.kind) {
    case AggregateKind::kPercentileCont: {
      const double position = ContinuousPosition(ask.fraction, count);
      return {static_cast<uint64_t>(position), static_cast<uint64_t>(std::ceil(position))};
    }
    case AggregateKind::kPercentileDisc: {
      // 1-based rank ceil(fraction * n), at least the first: as PostgreSQL.
      const double rank = std::max(std::ceil(ask.fraction * static_cast<double>(count)), 1.0);
      return {static_cast<uint64_t>(rank) - 1, static_cast<uint64_t>(rank) - 1};
    }
    case AggregateKind::kMin:
      return {0, 0};
    default:
      SEXTANT_CHECK(ask.kind == AggregateKind::kMax) << static_cast<int>(ask.kind);
      return {count - 1, count - 1};
  }
}

/// The smallest of the most frequent keys (rule 9).
template <typename Key>
Key ModeOfSorted(std::span<const Key> keys) {
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

/// Writes the keys that asks keep of a cell: by a sort of its samples, or where they are many and
/// only ranks are asked for, by looking for these alone.
template <typename Key>
class AskedKeys {
 public:
  AskedKeys(std::span<const OrderedAsk> asks, MemoryBudget& budget, KeepGoing keep_going)
      : asks_(asks), budget_(budget), keep_going_(keep_going) {
    for (const OrderedAsk& ask : asks) has_mode_ |= ask.kind == AggregateKind::kMode;
  }

  absl::Status Find(typename SampleSlices<Key>::CellKeys& samples, Key* found) {
    if (samples.size() > kKeysSortedAtOnce && !has_mode_) return SelectRanks(samples, found);
    SEXTANT_ASSIGN_OR_RETURN(const std::span<Key> keys, samples.Join(keep_going_));
    SEXTANT_RETURN_IF_ERROR(SortManyKeys(keys, budget_, keep_going_));
    for (const OrderedAsk& ask : asks_) {
      if (ask.kind == AggregateKind::kMode) {
        found[0] = ModeOfSorted(std::span<const Key>(keys));
      } else {
        const auto ranks = RanksOf(ask, keys.size());
        for (uint32_t i = 0; i < kKeysOfAsk; ++i) found[i] = keys[ranks[i]];
      }
      found += kKeysOfAsk;
    }
    return absl::OkStatus();
  }

 private:
  absl::Status SelectRanks(const typename SampleSlices<Key>::CellKeys& samples, Key* found) {
    std::vector<uint64_t> ranks;
    for (const OrderedAsk& ask : asks_) {
      for (const uint64_t rank : RanksOf(ask, samples.size())) ranks.push_back(rank);
    }
    std::vector<uint64_t> sorted = ranks;
    std::sort(sorted.begin(), sorted.end());
    std::vector<Key> selected(sorted.size());
    SEXTANT_RETURN_IF_ERROR(
        RankSelection<Key>(budget_, keep_going_).Select(samples.parts(), sorted, selected.data()));
    for (size_t i = 0; i < ranks.size(); ++i) {
      const auto at = std::lower_bound(sorted.begin(), sorted.end(), ranks[i]);
      found[i] = selected[static_cast<size_t>(at - sorted.begin())];
    }
    return absl::OkStatus();
  }

  const std::span<const OrderedAsk> asks_;
  MemoryBudget& budget_;
  KeepGoing keep_going_;
  bool has_mode_ = false;
};

/// percentile_cont, percentile_disc and mode: keeps every sample until the first Finish.
template <typename Source>
class OrderedState final : public OrderedSamples {
 public:
  OrderedState(const OrderedValue& value, const OrderedAsk& ask, MemoryBudget& budget)
      : budget_(budget),
        source_(value, budget),
        samples_(budget),
        keys_of_asks_(budget),
        asks_({ask}) {}

  absl::Status Resize(uint32_t num_cells) override { return samples_.Resize(num_cells); }

  absl::Status Update(const SampleBatch& batch) override {
    std::array<uint8_t, kBatchRows> valid;
    SEXTANT_RETURN_IF_ERROR(samples_.Reserve(batch.rows.size()));
    SEXTANT_RETURN_IF_ERROR(source_.Read(batch, samples_.free_keys(), valid.data()));
    samples_.Keep(batch.cells, valid.data(), batch.rows.size());
    return absl::OkStatus();
  }

  absl::Status Seal(KeepGoing keep_going) override { return samples_.Seal(keep_going); }

  absl::Status Merge(AggregateState& from, std::span<const uint32_t> cell_map,
                     KeepGoing keep_going) override {
    auto& other = static_cast<OrderedState&>(from);
    SEXTANT_RETURN_IF_ERROR(Seal(keep_going));
    SEXTANT_RETURN_IF_ERROR(other.Seal(keep_going));
    return AbsorbSamples<Source>({source_, samples_}, {other.source_, other.samples_}, cell_map,
                                 keep_going);
  }

  bool HasSample(uint32_t cell) const override { return samples_.count(cell) != 0; }
  void MarkSamples(std::span<uint8_t> has_sample) const override {
    MarkSamplesBy(has_sample,
                  [this](size_t cell) { return samples_.count(static_cast<uint32_t>(cell)) != 0; });
  }

  uint32_t AddAsk(const OrderedAsk& ask) override {
    asks_.push_back(ask);
    return static_cast<uint32_t>(asks_.size()) - 1;
  }

  absl::Status Finish(std::span<const uint32_t> cells, MetricValues& values,
                      KeepGoing keep_going) const override {
    return FinishAsk(0, cells, values, keep_going);
  }

  absl::Status FinishAsk(uint32_t ask, std::span<const uint32_t> cells, MetricValues& values,
                         KeepGoing keep_going) const override {
    SEXTANT_RETURN_IF_ERROR(FindKeys(keep_going));
    if (asks_[ask].kind == AggregateKind::kPercentileCont) {
      return FinishContinuous(ask, cells, values);
    }
    for (const uint32_t cell : cells) {
      SEXTANT_RETURN_IF_ERROR(HasSample(cell) ? source_.Append(KeysOf(cell, ask)[0], values)
                                              : values.AppendMissing());
    }
    return absl::OkStatus();
  }

 private:
  using Key = typename Source::Key;

  absl::Status FindKeys(KeepGoing keep_going) const {
    if (has_found_) return absl::OkStatus();
    SEXTANT_RETURN_IF_ERROR(samples_.Seal(keep_going));
    const auto for_each = [&](absl::FunctionRef<absl::Status(std::span<Key>)> body) {
      return samples_.ForEachKeys(body, keep_going);
    };
    SEXTANT_RETURN_IF_ERROR(source_.Rank(for_each, keep_going));
    SEXTANT_RETURN_IF_ERROR(keys_of_asks_.Resize(samples_.num_cells() * asks_.size() * kKeysOfAsk));
    AskedKeys<Key> asked(asks_, budget_, keep_going);
    SEXTANT_RETURN_IF_ERROR(samples_.VisitCells(
        [&](uint32_t cell, typename SampleSlices<Key>::CellKeys& keys) {
          return asked.Find(keys, keys_of_asks_.data() + cell * asks_.size() * kKeysOfAsk);
        },
        keep_going));
    has_found_ = true;
    return absl::OkStatus();
  }

  const Key* KeysOf(uint32_t cell, uint32_t ask) const {
    return keys_of_asks_.data() + (cell * asks_.size() + ask) * kKeysOfAsk;
  }

  absl::Status FinishContinuous(uint32_t ask, std::span<const uint32_t> cells,
                                MetricValues& values) const {
    const size_t first = values.size();
    SEXTANT_ASSIGN_OR_RETURN(const std::span<double> slots, values.AddFloats(cells.size()));
    for (size_t k = 0; k < cells.size(); ++k) {
      if (HasSample(cells[k])) {
        slots[k] = Continuous(asks_[ask].fraction, samples_.count(cells[k]), KeysOf(cells[k], ask));
      } else {
        values.MakeMissing(first + k);
      }
    }
    return absl::OkStatus();
  }

  /// lo + fraction * (hi - lo) between the samples around fraction * (n - 1) (rule 9).
  double Continuous(double fraction, uint64_t count, const Key* found) const {
    const double position = ContinuousPosition(fraction, count);
    const double below = std::floor(position);
    const double low = source_.Number(found[0]);
    if (std::ceil(position) == below) return low;
    const double high = source_.Number(found[1]);
    return low + (position - below) * (high - low);
  }

  MemoryBudget& budget_;
  // The first Finish ranks the samples and turns them into the keys that are asked for.
  mutable Source source_;
  mutable SampleSlices<Key> samples_;
  mutable TrackedVector<Key> keys_of_asks_;  // per cell, per ask
  mutable bool has_found_ = false;
  std::vector<OrderedAsk> asks_;  // the first is the aggregate's own
};

/// An aggregate that asks something of the samples of another's state.
class OrderedView final : public AggregateView {
 public:
  OrderedView(OrderedSamples& leader, const OrderedAsk& ask)
      : leader_(leader), ask_(leader.AddAsk(ask)) {}

  bool HasSample(uint32_t cell) const override { return leader_.HasSample(cell); }
  void MarkSamples(std::span<uint8_t> has_sample) const override {
    leader_.MarkSamples(has_sample);
  }
  absl::Status Finish(std::span<const uint32_t> cells, MetricValues& values,
                      KeepGoing keep_going) const override {
    return leader_.FinishAsk(ask_, cells, values, keep_going);
  }

 private:
  const OrderedSamples& leader_;
  const uint32_t ask_;
};

class Ordered final : public Aggregate {
 public:
  explicit Ordered(const AggregateSpec& spec)
      : value_(spec.aggregate.value, spec.table),
        ask_{spec.aggregate.kind, spec.aggregate.fraction} {}

  std::unique_ptr<AggregateState> MakeState(MemoryBudget& budget) const override {
    if (value_.coder) return std::make_unique<OrderedState<CodeSource>>(value_, ask_, budget);
    if (value_.least) return std::make_unique<OrderedState<OffsetSource>>(value_, ask_, budget);
    return std::make_unique<OrderedState<KeySource>>(value_, ask_, budget);
  }

  std::unique_ptr<AggregateState> MakeView(AggregateState& leader) const override {
    return MakeOrderedView(leader, ask_);
  }

 private:
  const OrderedValue value_;
  const OrderedAsk ask_;
};

}  // namespace

std::unique_ptr<Aggregate> MakeOrdered(const AggregateSpec& spec) {
  return std::make_unique<Ordered>(spec);
}

std::unique_ptr<AggregateState> MakeOrderedView(AggregateState& leader, const OrderedAsk& ask) {
  return std::make_unique<OrderedView>(static_cast<OrderedSamples&>(leader), ask);
}

}  // namespace sextant
