#pragma once

#include <bit>
#include <cmath>
#include <span>
#include <vector>

#include "compute/operators/asked_keys.h"
#include "compute/operators/ordered_state.h"
#include "compute/operators/sample_source.h"

namespace sextant {

/// Finishes what is asked of the ordered samples of cells, from answers that who keeps the samples
/// finds.
template <typename Source>
class OrderedAnswers : public OrderedSamples {
 public:
  OrderedAnswers(const OrderedValue& value, const OrderedAsk& ask, MemoryBudget& budget)
      : budget_(budget),
        source_(value, budget),
        answers_(budget),
        histograms_(budget),
        asks_({ask}) {}

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
    SEXTANT_RETURN_IF_ERROR(FindAnswers(keep_going));
    if (asks_[ask].kind == AggregateKind::kRankBound) return FinishRankBound(ask, cells, values);
    if (IsHistogram(asks_[ask].kind)) return FinishHistogram(ask, cells, values);
    if (IsFloatAnswer(asks_[ask].kind)) {
      SEXTANT_ASSIGN_OR_RETURN(const std::span<double> slots, values.AddFloats(cells.size()));
      WriteAnswers<true>(ask, cells, slots, values,
                         [](uint64_t answer) { return std::bit_cast<double>(answer); });
      return absl::OkStatus();
    }
    if constexpr (Source::kKeysAreNumbers) {
      if (values.form == MetricValues::Form::kFloat) {
        SEXTANT_ASSIGN_OR_RETURN(const std::span<double> slots, values.AddFloats(cells.size()));
        WriteAnswers<false>(ask, cells, slots, values, [this](uint64_t answer) {
          return source_.Number(static_cast<Key>(answer));
        });
        return absl::OkStatus();
      }
      if (values.form == MetricValues::Form::kInteger) {
        SEXTANT_ASSIGN_OR_RETURN(const std::span<int64_t> slots, values.AddIntegers(cells.size()));
        WriteAnswers<false>(ask, cells, slots, values, [this](uint64_t answer) {
          return source_.Integer(static_cast<Key>(answer));
        });
        return absl::OkStatus();
      }
    }
    for (const uint32_t cell : cells) {
      SEXTANT_RETURN_IF_ERROR(this->HasSample(cell)
                                  ? source_.Append(static_cast<Key>(AnswerOf(cell, ask)), values)
                                  : values.AppendMissing());
    }
    return absl::OkStatus();
  }

 protected:
  using Key = typename Source::Key;

  static bool IsFloatAnswer(AggregateKind kind) {
    return kind == AggregateKind::kPercentileCont || kind == AggregateKind::kResampledMean ||
           IsSpread(kind);
  }

  /// Writes the answers of all cells that have a sample. Does nothing when called again.
  virtual absl::Status FindAnswers(KeepGoing keep_going) const = 0;
  /// How many samples a cell has.
  virtual uint64_t CountOf(uint32_t cell) const = 0;
  /// Writes 1 to valid[k] where cells[k] has a sample, else 0.
  virtual void FindSamples(std::span<const uint32_t> cells, uint8_t* valid) const = 0;

  uint64_t AnswerOf(uint32_t cell, uint32_t ask) const {
    return answers_[cell * asks_.size() + ask];
  }

  /// Writes value_of(answer) of each of `cells` to `slots`, the last ones of `values`; 0 and not
  /// valid where there is no sample, or with kMayLack no answer.
  template <bool kMayLack, typename Value, typename ValueOf>
  void WriteAnswers(uint32_t ask, std::span<const uint32_t> cells, std::span<Value> slots,
                    MetricValues& values, ValueOf value_of) const {
    uint8_t* __restrict valid = values.valid.data() + values.size() - cells.size();
    FindSamples(cells, valid);
    const uint64_t* const answers = answers_.data() + ask;
    const size_t num_asks = asks_.size();
    for (size_t k = 0; k < cells.size(); ++k) {
      const uint64_t answer = answers[cells[k] * num_asks];
      if constexpr (kMayLack) valid[k] &= answer != kNoAnswer ? 1 : 0;
      // By bits: of a choice the compiler makes a branch, and which cells have samples follows no
      // pattern.
      const auto bits = std::bit_cast<uint64_t>(static_cast<Value>(value_of(answer)));
      slots[k] = std::bit_cast<Value>(bits & (0 - uint64_t{valid[k]}));
    }
  }

  /// Of a percentile_cont a number, else a sample as it is.
  absl::Status FinishRankBound(uint32_t ask, std::span<const uint32_t> cells,
                               MetricValues& values) const {
    const bool is_number = values.type.kind == TypeKind::kFloat64;
    for (const uint32_t cell : cells) {
      if (BoundRank(asks_[ask], CountOf(cell)) == 0) {
        SEXTANT_RETURN_IF_ERROR(values.AppendMissing());
        continue;
      }
      const auto key = static_cast<Key>(AnswerOf(cell, ask));
      SEXTANT_RETURN_IF_ERROR(is_number ? values.AppendFloat(source_.Number(key))
                                        : source_.Append(key, values));
    }
    return absl::OkStatus();
  }

  /// A list per cell.
  absl::Status FinishHistogram(uint32_t ask, std::span<const uint32_t> cells,
                               MetricValues& values) const {
    for (const uint32_t cell : cells) {
      if (!this->HasSample(cell)) {
        SEXTANT_RETURN_IF_ERROR(values.AppendMissing());
        continue;
      }
      const uint64_t found = AnswerOf(cell, ask);
      if (asks_[ask].kind == AggregateKind::kHistogramEdges) {
        for (const double edge : histograms_.EdgesOf(found)) {
          SEXTANT_RETURN_IF_ERROR(values.elements->AppendFloat(edge));
        }
      } else {
        for (const int64_t count : histograms_.CountsOf(found)) {
          SEXTANT_RETURN_IF_ERROR(values.elements->AppendInteger(count));
        }
      }
      SEXTANT_RETURN_IF_ERROR(values.AppendList());
    }
    return absl::OkStatus();
  }

  /// Makes room for the answers of `num_cells` cells, and counts what they draw. Once.
  absl::Status MakeRoomForAnswers(size_t num_cells) const {
    SEXTANT_RETURN_IF_ERROR(
        SpendDrawsOf(asks_, num_cells, [this](uint32_t cell) { return CountOf(cell); }));
    return answers_.Resize(num_cells * asks_.size());
  }

  MemoryBudget& budget_;
  // The first Finish ranks the samples and answers all asks.
  mutable Source source_;
  mutable TrackedVector<uint64_t> answers_;  // per cell, per ask
  mutable HistogramStore histograms_;
  std::vector<OrderedAsk> asks_;  // the first is the aggregate's own
};

}  // namespace sextant
