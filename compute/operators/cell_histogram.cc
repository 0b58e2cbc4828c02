#include "compute/operators/cell_histogram.h"

#include <algorithm>
#include <cmath>

#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

/// A sample, or its logarithm.
double OnScale(double sample, bool is_log) { return is_log ? std::log(sample) : sample; }

/// In units of `unit`.
double Quantile(std::span<const double> sorted, double fraction, bool is_log, double unit) {
  const double position = fraction * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<size_t>(position);
  const double least = OnScale(sorted[low], is_log) / unit;
  const double part = position - static_cast<double>(low);
  if (part == 0) return least;
  return least + part * (OnScale(sorted[low + 1], is_log) / unit - least);
}

/// 1, or less where samples are so small that a part of one has not its digits.
double UnitOf(double low, double high) {
  const bool is_tiny = std::fabs(low) < 0x1p-500 && std::fabs(high) < 0x1p-500;
  return is_tiny ? 0x1p-500 : 1;
}

uint32_t NumBins(double wanted) {
  if (!(wanted < kMaxAutomaticBins)) return kMaxAutomaticBins;
  return std::max(static_cast<uint32_t>(std::ceil(wanted)), 1u);
}

uint32_t FreedmanDiaconis(double range, double quartiles, double n) {
  if (!(quartiles > 0)) return 1;
  return NumBins(range / quartiles * std::cbrt(n) / 2);
}

uint32_t Doane(double skewness, double n) {
  if (n < 3) return 1;
  const double deviation = std::sqrt(6 * (n - 2) / ((n + 1) * (n + 3)));
  return NumBins(1 + std::log2(n) + std::log2(1 + std::fabs(skewness) / deviation));
}

}  // namespace

absl::Status CellHistogram::Find(const BoundHistogram& histogram, std::span<const double> sorted,
                                 KeepGoing keep_going) {
  if (!histogram.edges.empty()) {
    edges_.assign(histogram.edges.begin(), histogram.edges.end());
  } else {
    uint32_t num_bins = histogram.num_bins;
    if (num_bins == 0) {
      SEXTANT_ASSIGN_OR_RETURN(num_bins, AutomaticBins(sorted, histogram.is_log, keep_going));
    }
    FindEdges(num_bins, sorted, histogram.is_log);
  }
  Count(sorted);
  return absl::OkStatus();
}

absl::StatusOr<uint32_t> CellHistogram::AutomaticBins(std::span<const double> sorted, bool is_log,
                                                      KeepGoing keep_going) const {
  const double low = OnScale(sorted.front(), is_log);
  const double range = OnScale(sorted.back(), is_log) - low;
  if (!(range > 0)) return 1;
  const auto n = static_cast<double>(sorted.size());
  // Of shares of the range, whose powers do not overflow: the skewness is the same.
  const auto share = [&](size_t i) { return (OnScale(sorted[i], is_log) - low) / range; };
  double sum = 0;
  SEXTANT_RETURN_IF_ERROR(ForBlocks(sorted.size(), keep_going, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) sum += share(i);
  }));
  const double mean = sum / n;
  double squares = 0;
  double cubes = 0;
  SEXTANT_RETURN_IF_ERROR(ForBlocks(sorted.size(), keep_going, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      const double distance = share(i) - mean;
      squares += distance * distance;
      cubes += distance * distance * distance;
    }
  }));
  const double sigma = std::sqrt(squares / n);
  const double skewness = sigma > 0 ? cubes / n / (sigma * sigma * sigma) : 0;
  const double unit = UnitOf(low, low + range);
  const double quartiles =
      Quantile(sorted, 0.75, is_log, unit) - Quantile(sorted, 0.25, is_log, unit);
  return std::max(FreedmanDiaconis(range / unit, quartiles, n), Doane(skewness, n));
}

void CellHistogram::FindEdges(uint32_t num_bins, std::span<const double> sorted, bool is_log) {
  double low = OnScale(sorted.front(), is_log);
  double high = OnScale(sorted.back(), is_log);
  double least = sorted.front();
  double greatest = sorted.back();
  if (least == greatest) {
    low -= 0.5;
    high += 0.5;
    least = is_log ? std::exp(low) : low;
    greatest = is_log ? std::exp(high) : high;
  }
  const double step = (high - low) / num_bins;
  edges_.resize(num_bins + 1);
  edges_[0] = least;
  for (uint32_t i = 1; i < num_bins; ++i) {
    const double edge = low + i * step;
    edges_[i] = std::clamp(is_log ? std::exp(edge) : edge, edges_[i - 1], greatest);
  }
  edges_[num_bins] = greatest;
}

void CellHistogram::Count(std::span<const double> sorted) {
  counts_.resize(edges_.size() - 1);
  auto begin = std::lower_bound(sorted.begin(), sorted.end(), edges_[0]);
  for (size_t i = 0; i < counts_.size(); ++i) {
    const bool is_last = i + 1 == counts_.size();
    const auto end = is_last ? std::upper_bound(begin, sorted.end(), edges_[i + 1])
                             : std::lower_bound(begin, sorted.end(), edges_[i + 1]);
    counts_[i] = end - begin;
    begin = end;
  }
}

absl::StatusOr<uint64_t> HistogramStore::Add(const CellHistogram& histogram) {
  const std::lock_guard lock(mutex_);
  SEXTANT_RETURN_IF_ERROR(edges_.AppendSpan(histogram.edges()));
  SEXTANT_RETURN_IF_ERROR(counts_.AppendSpan(histogram.counts()));
  SEXTANT_RETURN_IF_ERROR(ends_.Append(counts_.size()));
  return ends_.size() - 1;
}

std::span<const double> HistogramStore::EdgesOf(uint64_t found) const {
  const uint64_t begin = found == 0 ? 0 : ends_[found - 1];
  return edges_.span().subspan(begin + found, ends_[found] - begin + 1);
}

std::span<const int64_t> HistogramStore::CountsOf(uint64_t found) const {
  const uint64_t begin = found == 0 ? 0 : ends_[found - 1];
  return counts_.span().subspan(begin, ends_[found] - begin);
}

}  // namespace sextant
