#pragma once

#include <cstdint>
#include <span>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "compute/memory/buffer.h"
#include "compute/memory/keep_going.h"
#include "compute/operators/ordered_state.h"

namespace sextant {

/// Bounds of means by bootstrap, of one cell after another (rule 21): the percentile interval. Of B
/// = NumResamplings(n) means of resamples of a cell's n samples, sorted, the lower bound is number
/// r = round half to even((1 - level) / 2 * (B - 1)), counted from 0, and the upper one B - 1 - r.
/// Means are sum / n of samples as float64; the sums as SumResamples adds them. Not thread-safe.
class ResampledBounds {
 public:
  struct Bounds {
    double low = 0;
    double high = 0;
  };

  explicit ResampledBounds(MemoryBudget& budget) : values_(budget), sums_(budget), keys_(budget) {}

  /// Room for the samples of a cell, to be written in ascending order. Errors: RESOURCE_EXHAUSTED.
  absl::StatusOr<std::span<double>> MakeRoom(size_t num_samples);
  /// Of the samples that were written, 2 or more and below 2^32. Errors: those of `keep_going`.
  absl::StatusOr<Bounds> Find(const ConfidenceBound& bound, KeepGoing keep_going);

 private:
  TrackedVector<double> values_;
  TrackedVector<double> sums_;
  TrackedVector<int64_t> keys_;  // of the sums, sorted
};

/// Whether `ask` is a bound by bootstrap.
inline bool IsResampled(const OrderedAsk& ask) { return ask.kind == AggregateKind::kResampledMean; }

/// Counts the draws of the query that the resampled ones of `asks` take in cells of
/// `count_of(cell)` samples, before they are made. Errors: RESOURCE_EXHAUSTED (TOO_MANY_DRAWS).
absl::Status SpendDrawsOf(std::span<const OrderedAsk> asks, size_t num_cells,
                          absl::FunctionRef<uint64_t(uint32_t cell)> count_of);

}  // namespace sextant
