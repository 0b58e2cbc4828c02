#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
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

/// Whether int64 holds the sum of any `num_rows` values. REQUIRES: form kInteger.
inline bool IsProvenSum(const ValueReader& reader, uint64_t num_rows) {
  constexpr int128_t kLimit = std::numeric_limits<int64_t>::max();
  return static_cast<int128_t>(reader.max_magnitude()) * static_cast<int128_t>(num_rows) <= kLimit;
}
/// Whether no value of a float column is an infinity or NaN.
inline bool IsFinite(const ColumnFacts& facts) {
  return facts.has_bounds && !facts.has_nan && std::isfinite(facts.min_float) &&
         std::isfinite(facts.max_float);
}

/// A view of `leader`, which is a SumSamples: count(x).
std::unique_ptr<AggregateState> MakeCountView(AggregateState& leader);

}  // namespace sextant
