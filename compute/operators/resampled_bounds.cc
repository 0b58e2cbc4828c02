#include "compute/operators/resampled_bounds.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "compute/kernels/float_order.h"
#include "compute/kernels/key_sort.h"
#include "compute/kernels/resampled_means.h"
#include "compute/memory/draw_account.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binomial_rank.h"
#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

/// Two bounds of one mean are of one resampling.
bool IsSameResampling(const OrderedAsk& a, const OrderedAsk& b) {
  return IsResampled(a) && IsResampled(b) && a.bound->seed == b.bound->seed;
}

}  // namespace

uint64_t BoundRank(const OrderedAsk& ask, uint64_t count) {
  const double level = ask.bound->level;
  const BinomialRanks ranks = KnownBinomialRanks(count, ask.fraction, std::fabs(level));
  return level < 0 ? ranks.low : ranks.high;
}

absl::StatusOr<std::span<double>> ResampledBounds::MakeRoom(size_t num_samples) {
  SEXTANT_RETURN_IF_ERROR(values_.ResizeUninitialized(num_samples));
  return values_.span();
}

absl::StatusOr<ResampledBounds::Bounds> ResampledBounds::Find(const ConfidenceBound& bound,
                                                              KeepGoing keep_going) {
  constexpr size_t kDrawsPerQuestion = size_t{1} << 20;
  const size_t n = values_.size();
  const uint32_t num_iterations = NumResamplings(n);
  SEXTANT_RETURN_IF_ERROR(sums_.ResizeUninitialized(num_iterations));
  const size_t at_once = std::clamp<size_t>(kDrawsPerQuestion / n, 1, num_iterations);
  for (size_t first = 0; first < num_iterations; first += at_once) {
    SEXTANT_RETURN_IF_ERROR(keep_going());
    const size_t count = std::min(at_once, num_iterations - first);
    SumResamples(values_.span(), bound.seed, static_cast<uint32_t>(first),
                 sums_.span().subspan(first, count));
  }
  SEXTANT_RETURN_IF_ERROR(keys_.ResizeUninitialized(num_iterations));
  for (size_t i = 0; i < num_iterations; ++i) keys_[i] = FloatOrderKey(sums_[i]);
  SortKeys(keys_.span());
  const double tail = (1 - std::fabs(bound.level)) / 2;
  const auto rank = static_cast<size_t>(std::nearbyint(tail * (num_iterations - 1)));
  const auto size = static_cast<double>(n);
  Bounds bounds;
  bounds.low = FloatOfOrderKey(keys_[rank]) / size;
  bounds.high = FloatOfOrderKey(keys_[num_iterations - 1 - rank]) / size;
  return bounds;
}

absl::Status SpendDrawsOf(std::span<const OrderedAsk> asks, size_t num_cells,
                          absl::FunctionRef<uint64_t(uint32_t cell)> count_of) {
  uint64_t num_resamplings = 0;
  uint64_t limit = 0;
  for (size_t i = 0; i < asks.size(); ++i) {
    if (!IsResampled(asks[i])) continue;
    const auto is_known = [&](const OrderedAsk& other) { return IsSameResampling(asks[i], other); };
    num_resamplings +=
        std::any_of(asks.begin(), asks.begin() + static_cast<ptrdiff_t>(i), is_known) ? 0 : 1;
    limit = asks[i].bound->max_draws;
  }
  if (num_resamplings == 0) return absl::OkStatus();
  uint64_t draws = 0;
  for (uint32_t cell = 0; cell < num_cells; ++cell) {
    const uint64_t n = count_of(cell);
    if (n >= 2) draws += n * NumResamplings(n) * num_resamplings;
  }
  if (SpendDraws(draws, limit)) return absl::OkStatus();
  return WithDetail(
      absl::ResourceExhaustedError(absl::StrCat(
          "the bootstraps of the query draw more than ", limit,
          " samples, which are allowed; analytic confidence, fewer cells or fewer metrics draw "
          "less")),
      ErrorDetail{.reason = "TOO_MANY_DRAWS", .metadata = {{"limit", absl::StrCat(limit)}}});
}

}  // namespace sextant
