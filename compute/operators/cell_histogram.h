#pragma once

#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "compute/memory/buffer.h"
#include "compute/memory/keep_going.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// The most bins of a histogram that chooses them by itself.
inline constexpr uint32_t kMaxAutomaticBins = 1000;

/// The bins of one cell after another. Samples are finite, at most 2^1022 in magnitude, and above 0
/// where the histogram is logarithmic. All arithmetic is float64, in the order of the samples'
/// values, so that it is the same bits however they came. Not thread-safe.
///
/// Counts: bin i has the samples e[i] <= x < e[i + 1], the last bin those equal to its upper edge
/// too (rule 9); of edges that are given samples outside are in none.
///
/// Edges that are not given, of n bins from the least sample lo to the greatest hi: e[i] = lo + i *
/// ((hi - lo) / n), at most hi, and e[n] = hi. Where lo = hi they are lo - 0.5 and hi + 0.5, as in
/// NumPy (numpy.histogram_bin_edges). Logarithmic: the same of natural logarithms, and their
/// exponentials between lo and hi.
///
/// The automatic number of bins of N samples, or of their logarithms, is the larger of
///   ceil((hi - lo) / (2 IQR N^(-1/3)))         Freedman, Diaconis: On the histogram as a density
///                                              estimator, 1981; 1 where IQR is 0
///   ceil(1 + log2 N + log2(1 + |g1| / s))      Doane: Aesthetic frequency classifications, 1976; 1
///                                              of fewer than 3 samples
/// with IQR the difference of percentile_cont at 0.75 and 0.25, g1 = mean(((x - mean) / sigma)^3),
/// sigma the deviation of the population, s = sqrt(6 (N - 2) / ((N + 1) (N + 3))); at most
/// kMaxAutomaticBins, and 1 where lo = hi. These are 'fd' and 'doane' of NumPy, the finer of which
/// the seed took (seed-system.md, 1.7).
class CellHistogram {
 public:
  /// `sorted`: at least one. Cost: linear where the number of bins is automatic, else bins x log n.
  /// Errors: those of `keep_going`.
  absl::Status Find(const BoundHistogram& histogram, std::span<const double> sorted,
                    KeepGoing keep_going);

  std::span<const double> edges() const { return edges_; }
  std::span<const int64_t> counts() const { return counts_; }

 private:
  absl::StatusOr<uint32_t> AutomaticBins(std::span<const double> sorted, bool is_log,
                                         KeepGoing keep_going) const;
  void FindEdges(uint32_t num_bins, std::span<const double> sorted, bool is_log);
  void Count(std::span<const double> sorted);

  std::vector<double> edges_;  // of one cell, at most one more than bins
  std::vector<int64_t> counts_;
};

/// The histograms of the cells of a state.
class HistogramStore {
 public:
  explicit HistogramStore(MemoryBudget& budget) : ends_(budget), edges_(budget), counts_(budget) {}

  /// Returns what finds it. Thread-safe. Errors: RESOURCE_EXHAUSTED.
  absl::StatusOr<uint64_t> Add(const CellHistogram& histogram);

  /// Of one that was added. REQUIRES: no more are.
  std::span<const double> EdgesOf(uint64_t found) const;
  std::span<const int64_t> CountsOf(uint64_t found) const;

 private:
  std::mutex mutex_;
  TrackedVector<uint64_t> ends_;  // of each, in bins
  TrackedVector<double> edges_;   // of each one more than bins
  TrackedVector<int64_t> counts_;
};

}  // namespace sextant
