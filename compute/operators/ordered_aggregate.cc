#include <algorithm>
#include <array>
#include <cstring>

#include "compute/kernels/gather.h"
#include "compute/operators/aggregate.h"
#include "compute/operators/aggregate_view.h"
#include "compute/operators/asked_keys.h"
#include "compute/operators/morsel.h"
#include "compute/operators/ordered_answers.h"
#include "compute/operators/ordered_state.h"
#include "compute/operators/sample_bins.h"
#include "compute/operators/sample_slices.h"
#include "compute/operators/sample_source.h"
#include "compute/operators/sliced_keys.h"

namespace sextant {
namespace {

/// percentile_cont, percentile_disc and mode: keeps every sample until the first Finish.
template <typename Source>
class OrderedState final : public OrderedAnswers<Source> {
 public:
  OrderedState(const OrderedValue& value, const OrderedAsk& ask, MemoryBudget& budget)
      : OrderedAnswers<Source>(value, ask, budget), samples_(budget) {}

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

  absl::StatusOr<std::unique_ptr<SampleKeys>> IndexKeys(KeepGoing keep_going) override {
    if constexpr (!Source::kHasRemap) {
      SEXTANT_RETURN_IF_ERROR(Seal(keep_going));
      return SlicedKeys<Source>::Create(source_, samples_, budget_, keep_going);
    }
    return nullptr;
  }

 protected:
  using Base = OrderedAnswers<Source>;
  using Key = typename Source::Key;
  using Base::answers_;
  using Base::asks_;
  using Base::budget_;
  using Base::histograms_;
  using Base::source_;

  absl::Status FindAnswers(KeepGoing keep_going) const override {
    if (has_found_) return absl::OkStatus();
    SEXTANT_RETURN_IF_ERROR(samples_.Seal(keep_going));
    const auto for_each = [&](absl::FunctionRef<absl::Status(std::span<Key>)> body) {
      return samples_.ForEachKeys(body, keep_going);
    };
    SEXTANT_RETURN_IF_ERROR(source_.Rank(for_each, keep_going));
    SEXTANT_RETURN_IF_ERROR(this->MakeRoomForAnswers(samples_.num_cells()));
    AskedKeys<Source> asked(source_, asks_, histograms_, budget_, keep_going);
    SEXTANT_RETURN_IF_ERROR(samples_.VisitCells(
        [&](uint32_t cell, typename SampleSlices<Key>::CellKeys& keys) {
          return asked.Find(keys, answers_.data() + cell * asks_.size());
        },
        keep_going));
    has_found_ = true;
    return absl::OkStatus();
  }

  uint64_t CountOf(uint32_t cell) const override { return samples_.count(cell); }
  void FindSamples(std::span<const uint32_t> cells, uint8_t* valid) const override {
    for (size_t k = 0; k < cells.size(); ++k) valid[k] = samples_.count(cells[k]) != 0 ? 1 : 0;
  }

 private:
  mutable SampleSlices<Key> samples_;
  mutable bool has_found_ = false;
};

/// The same where there are many rows: samples are dealt into bins, which are finished side by
/// side.
template <typename Source>
class BinnedOrderedState final : public OrderedAnswers<Source> {
 public:
  BinnedOrderedState(const OrderedValue& value, const OrderedAsk& ask, MemoryBudget& budget)
      : OrderedAnswers<Source>(value, ask, budget), samples_(budget) {
    static_assert(!Source::kHasRemap);
  }

  absl::Status Resize(uint32_t num_cells) override { return samples_.Resize(num_cells); }

  absl::Status Update(const SampleBatch& batch) override {
    std::array<Key, kBatchRows> keys;
    std::array<uint8_t, kBatchRows> valid;
    SEXTANT_RETURN_IF_ERROR(source_.Read(batch, keys.data(), valid.data()));
    const size_t num_rows = batch.rows.size();
    if (std::memchr(valid.data(), 0, num_rows) == nullptr) {
      return samples_.Add(batch.cells, keys.data(), num_rows);
    }
    std::array<uint32_t, kBatchRows> cells;
    std::copy_n(batch.cells, num_rows, cells.data());
    const size_t kept = Compact(valid.data(), num_rows, cells.data());
    Compact(valid.data(), num_rows, keys.data());
    return samples_.Add(cells.data(), keys.data(), kept);
  }

  absl::Status Merge(AggregateState& from, std::span<const uint32_t> cell_map,
                     KeepGoing keep_going) override {
    return samples_.Absorb(static_cast<BinnedOrderedState&>(from).samples_, cell_map, keep_going);
  }

  bool HasSample(uint32_t cell) const override { return samples_.has_sample(cell); }
  void MarkSamples(std::span<uint8_t> has_sample) const override {
    const uint32_t* const counts = samples_.counts().data();
    MarkSamplesBy(has_sample, [=](size_t cell) { return counts[cell] != 0; });
  }

  absl::StatusOr<uint32_t> BeginParts() override {
    if (has_begun_) return 0;
    SEXTANT_RETURN_IF_ERROR(this->MakeRoomForAnswers(samples_.num_cells()));
    has_begun_ = true;
    return SampleBins<Key>::kBins;
  }
  absl::Status FinishPart(uint32_t part, KeepGoing keep_going) override {
    return FindAnswersOf(part, keep_going);
  }

 protected:
  using Base = OrderedAnswers<Source>;
  using Key = typename Source::Key;
  using Base::answers_;
  using Base::asks_;
  using Base::budget_;
  using Base::histograms_;
  using Base::source_;

  absl::Status FindAnswers(KeepGoing keep_going) const override {
    if (has_found_) return absl::OkStatus();
    if (!has_begun_) SEXTANT_RETURN_IF_ERROR(this->MakeRoomForAnswers(samples_.num_cells()));
    has_begun_ = true;
    for (uint32_t bin = 0; bin < SampleBins<Key>::kBins; ++bin) {  // none of those that are done
      SEXTANT_RETURN_IF_ERROR(FindAnswersOf(bin, keep_going));
    }
    has_found_ = true;
    return absl::OkStatus();
  }

  uint64_t CountOf(uint32_t cell) const override { return samples_.counts()[cell]; }
  void FindSamples(std::span<const uint32_t> cells, uint8_t* valid) const override {
    for (size_t k = 0; k < cells.size(); ++k) valid[k] = samples_.has_sample(cells[k]) ? 1 : 0;
  }

 private:
  absl::Status FindAnswersOf(uint32_t bin, KeepGoing keep_going) const {
    AskedKeys<Source> asked(source_, asks_, histograms_, budget_, keep_going);
    return samples_.VisitBin(
        bin,
        [&](uint32_t cell, std::span<Key> keys) {
          return asked.FindIn(keys, answers_.data() + cell * asks_.size());
        },
        keep_going);
  }

  mutable SampleBins<Key> samples_;
  mutable bool has_begun_ = false;
  mutable bool has_found_ = false;
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
        ask_{spec.aggregate.kind, spec.aggregate.fraction, spec.aggregate.bound,
             spec.aggregate.histogram},
        bins_samples_(BinsSamples(value_, spec.num_rows, spec.least_binned_rows)) {}

  std::unique_ptr<AggregateState> MakeState(MemoryBudget& budget) const override {
    if (bins_samples_) {
      if (value_.least) {
        return std::make_unique<BinnedOrderedState<OffsetSource>>(value_, ask_, budget);
      }
      return std::make_unique<BinnedOrderedState<KeySource>>(value_, ask_, budget);
    }
    if (value_.coder) return std::make_unique<OrderedState<CodeSource>>(value_, ask_, budget);
    if (value_.least) return std::make_unique<OrderedState<OffsetSource>>(value_, ask_, budget);
    return std::make_unique<OrderedState<KeySource>>(value_, ask_, budget);
  }

  /// Of equal intervals the first is shown.
  bool is_order_free() const override {
    return !value_.coder || value_.coder->kind() != ValueCoder::Kind::kWide;
  }
  std::unique_ptr<AggregateState> MakeView(AggregateState& leader) const override {
    return MakeOrderedView(leader, ask_);
  }

 private:
  const OrderedValue value_;
  const OrderedAsk ask_;
  const bool bins_samples_;
};

}  // namespace

bool BinsSamples(const OrderedValue& value, uint64_t num_rows, uint64_t least_rows) {
  constexpr uint64_t kMostRows = ~uint32_t{0};
  return !value.coder && num_rows >= least_rows && num_rows <= kMostRows;
}

std::unique_ptr<Aggregate> MakeOrdered(const AggregateSpec& spec) {
  return std::make_unique<Ordered>(spec);
}

std::unique_ptr<AggregateState> MakeOrderedView(AggregateState& leader, const OrderedAsk& ask) {
  return std::make_unique<OrderedView>(static_cast<OrderedSamples&>(leader), ask);
}

}  // namespace sextant
