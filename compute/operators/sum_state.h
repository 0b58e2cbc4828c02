#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "compute/operators/aggregate.h"
#include "compute/operators/sum_accumulators.h"

namespace sextant {

/// A state of the count and sum of one value, for every aggregate that is finished from them.
class SumSamples : public AggregateState {
 public:
  /// As Finish, of another format.
  virtual absl::Status FinishAs(const SumFormat& format, std::span<const uint32_t> cells,
                                MetricValues& values) const = 0;
  /// As Finish, of how many values of a cell are not NULL.
  virtual absl::Status FinishCounts(std::span<const uint32_t> cells,
                                    MetricValues& values) const = 0;
};

/// A view of `leader`, which is a SumSamples: count(x).
std::unique_ptr<AggregateState> MakeCountView(AggregateState& leader);

}  // namespace sextant
