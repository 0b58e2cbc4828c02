#include <array>
#include <bit>
#include <vector>

#include "compute/operators/aggregate.h"
#include "compute/operators/aggregate_view.h"
#include "compute/operators/asked_keys.h"
#include "compute/operators/morsel.h"
#include "compute/operators/ordered_state.h"
#include "compute/operators/sample_slices.h"
#include "compute/operators/sample_source.h"

namespace sextant {
namespace {

/// percentile_cont, percentile_disc and mode: keeps every sample until the first Finish.
template <typename Source>
class OrderedState final : public OrderedSamples {
 public:
  OrderedState(const OrderedValue& value, const OrderedAsk& ask, MemoryBudget& budget)
      : budget_(budget), source_(value, budget), samples_(budget), answers_(budget), asks_({ask}) {}

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
      SEXTANT_ASSIGN_OR_RETURN(const std::span<double> slots, values.AddFloats(cells.size()));
      WriteAnswers(ask, cells, slots, values,
                   [](uint64_t answer) { return std::bit_cast<double>(answer); });
      return absl::OkStatus();
    }
    if constexpr (Source::kKeysAreNumbers) {
      if (values.form == MetricValues::Form::kFloat) {
        SEXTANT_ASSIGN_OR_RETURN(const std::span<double> slots, values.AddFloats(cells.size()));
        WriteAnswers(ask, cells, slots, values,
                     [this](uint64_t answer) { return source_.Number(static_cast<Key>(answer)); });
        return absl::OkStatus();
      }
      if (values.form == MetricValues::Form::kInteger) {
        SEXTANT_ASSIGN_OR_RETURN(const std::span<int64_t> slots, values.AddIntegers(cells.size()));
        WriteAnswers(ask, cells, slots, values,
                     [this](uint64_t answer) { return source_.Integer(static_cast<Key>(answer)); });
        return absl::OkStatus();
      }
    }
    for (const uint32_t cell : cells) {
      SEXTANT_RETURN_IF_ERROR(HasSample(cell)
                                  ? source_.Append(static_cast<Key>(AnswerOf(cell, ask)), values)
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
    SEXTANT_RETURN_IF_ERROR(answers_.Resize(samples_.num_cells() * asks_.size()));
    AskedKeys<Source> asked(source_, asks_, budget_, keep_going);
    SEXTANT_RETURN_IF_ERROR(samples_.VisitCells(
        [&](uint32_t cell, typename SampleSlices<Key>::CellKeys& keys) {
          return asked.Find(keys, answers_.data() + cell * asks_.size());
        },
        keep_going));
    has_found_ = true;
    return absl::OkStatus();
  }

  uint64_t AnswerOf(uint32_t cell, uint32_t ask) const {
    return answers_[cell * asks_.size() + ask];
  }

  /// Writes value_of(answer) of each of `cells` to `slots`, the last ones of `values`; 0 and not
  /// valid where there is no sample.
  template <typename Value, typename ValueOf>
  void WriteAnswers(uint32_t ask, std::span<const uint32_t> cells, std::span<Value> slots,
                    MetricValues& values, ValueOf value_of) const {
    uint8_t* __restrict valid = values.valid.data() + values.size() - cells.size();
    for (size_t k = 0; k < cells.size(); ++k) {
      const bool has_sample = HasSample(cells[k]);
      const Value value = value_of(AnswerOf(cells[k], ask));
      slots[k] = has_sample ? value : Value{0};
      valid[k] = has_sample ? 1 : 0;
    }
  }

  MemoryBudget& budget_;
  // The first Finish ranks the samples and answers all asks.
  mutable Source source_;
  mutable SampleSlices<Key> samples_;
  mutable TrackedVector<uint64_t> answers_;  // per cell, per ask
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
