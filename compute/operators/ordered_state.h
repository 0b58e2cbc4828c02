#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "compute/operators/aggregate.h"
#include "compute/operators/sample_keys.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// What is asked of the sorted samples of a cell: kPercentileCont, kPercentileDisc, kNearestRank,
/// kRankBound (of `fraction`), kMode, kMin, kMax, kResampledMean, kHistogramCounts or
/// kHistogramEdges, and of samples in bins the spreads.
struct OrderedAsk {
  AggregateKind kind = AggregateKind::kMode;
  double fraction = 0;
  std::shared_ptr<const ConfidenceBound> bound = nullptr;     // kRankBound, kResampledMean
  std::shared_ptr<const BoundHistogram> histogram = nullptr;  // kHistogramCounts, kHistogramEdges
};

/// kRankBound of `count` samples: the number of its sample, counted from 1; 0: there is none.
uint64_t BoundRank(const OrderedAsk& ask, uint64_t count);

inline bool IsHistogram(AggregateKind kind) {
  return kind == AggregateKind::kHistogramCounts || kind == AggregateKind::kHistogramEdges;
}

/// A variance or a standard deviation.
inline bool IsSpread(AggregateKind kind) {
  return kind == AggregateKind::kVarPop || kind == AggregateKind::kVarSamp ||
         kind == AggregateKind::kStddevPop || kind == AggregateKind::kStddevSamp;
}

struct OrderedValue;
/// Whether the samples of a value of at most `num_rows` rows are dealt into bins of cells, which is
/// worth it from `least_rows` on.
bool BinsSamples(const OrderedValue& value, uint64_t num_rows, uint64_t least_rows);

/// A state that sorts its samples once, for every aggregate that asks something of them.
class OrderedSamples : public AggregateState {
 public:
  /// Returns the number of the ask. REQUIRES: Finish was not called.
  virtual uint32_t AddAsk(const OrderedAsk& ask) = 0;
  /// As Finish, of an ask.
  virtual absl::Status FinishAsk(uint32_t ask, std::span<const uint32_t> cells,
                                 MetricValues& values, KeepGoing keep_going) const = 0;
  /// The samples by cell, as they are; null where they are codes or in bins. REQUIRES: all are
  /// merged, and Finish is not called. Errors: RESOURCE_EXHAUSTED, those of keep_going.
  virtual absl::StatusOr<std::unique_ptr<SampleKeys>> IndexKeys(KeepGoing /*keep_going*/) {
    return nullptr;
  }
};

/// A view of `leader`, which is an OrderedSamples.
std::unique_ptr<AggregateState> MakeOrderedView(AggregateState& leader, const OrderedAsk& ask);

}  // namespace sextant
