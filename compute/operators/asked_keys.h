#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include "absl/status/status.h"
#include "compute/kernels/bin_sort.h"
#include "compute/kernels/exact_variance.h"
#include "compute/kernels/few_keys_sort.h"
#include "compute/kernels/key_moments.h"
#include "compute/kernels/key_selection.h"
#include "compute/kernels/key_sort.h"
#include "compute/kernels/rank_selection.h"
#include "compute/memory/check.h"
#include "compute/memory/keep_going.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/cell_histogram.h"
#include "compute/operators/ordered_state.h"
#include "compute/operators/resampled_bounds.h"
#include "compute/operators/sample_slices.h"

namespace sextant {

/// The answer of a spread that has no value: of no arithmetic.
inline constexpr uint64_t kNoAnswer = ~uint64_t{0};

/// The position of a percentile_cont among the sorted samples of a cell.
inline double ContinuousPosition(double fraction, uint64_t count) {
  return fraction * static_cast<double>(count - 1);
}

/// The ranks of the keys that an answer is made of: of percentile_cont those around its position,
/// else twice the same; of a bound that there is not the first. REQUIRES: it is not kMode,
/// kResampledMean or a histogram; count > 0.
inline std::array<uint64_t, 2> RanksOf(const OrderedAsk& ask, uint64_t count) {
  switch (ask.kind) {
    case AggregateKind::kPercentileCont: {
      const double position = ContinuousPosition(ask.fraction, count);
      return {static_cast<uint64_t>(static_cast<int64_t>(position)),
              static_cast<uint64_t>(static_cast<int64_t>(std::ceil(position)))};
    }
    case AggregateKind::kPercentileDisc: {
      // 1-based rank ceil(fraction * n), at least the first: as PostgreSQL.
      const double rank = std::max(std::ceil(ask.fraction * static_cast<double>(count)), 1.0);
      return {static_cast<uint64_t>(rank) - 1, static_cast<uint64_t>(rank) - 1};
    }
    case AggregateKind::kNearestRank: {
      const double rank = std::nearbyint(ContinuousPosition(ask.fraction, count));
      return {static_cast<uint64_t>(rank), static_cast<uint64_t>(rank)};
    }
    case AggregateKind::kRankBound: {
      const uint64_t rank = std::max<uint64_t>(BoundRank(ask, count), 1);
      return {rank - 1, rank - 1};
    }
    case AggregateKind::kMin:
      return {0, 0};
    default:
      SEXTANT_CHECK(ask.kind == AggregateKind::kMax) << static_cast<int>(ask.kind);
      return {count - 1, count - 1};
  }
}

/// The smallest of the most frequent keys (rule 9).
template <typename Key>
Key ModeOfSorted(std::span<const Key> keys) {
  Key mode = keys[0];
  size_t most = 0;
  for (size_t begin = 0; begin < keys.size();) {
    size_t end = begin + 1;
    while (end < keys.size() && keys[end] == keys[begin]) ++end;
    if (end - begin > most) mode = keys[begin];
    most = std::max(most, end - begin);
    begin = end;
  }
  return mode;
}

/// Answers what is asked of the samples of a cell: by a sort of them, or where they are many and
/// only ranks are asked for, by looking for these alone. An answer is the bits of a double for
/// percentile_cont and spreads, of a histogram what finds it in the store, else a key.
template <typename Source>
class AskedKeys {
 public:
  using Key = typename Source::Key;

  /// What the keys mean is up to `source`, which has ranked them. Histograms go to `histograms`.
  AskedKeys(const Source& source, std::span<const OrderedAsk> asks, HistogramStore& histograms,
            MemoryBudget& budget, KeepGoing keep_going)
      : source_(source),
        asks_(asks),
        histograms_(histograms),
        budget_(budget),
        keep_going_(keep_going),
        resampled_(budget),
        numbers_(budget),
        room_(budget) {
    for (const OrderedAsk& ask : asks) {
      needs_all_ |= ask.kind == AggregateKind::kMode || IsResampled(ask) || IsHistogram(ask.kind);
      has_spread_ |= IsSpread(ask.kind);
    }
    const auto is_ranked = [](const OrderedAsk& ask) { return !IsSpread(ask.kind); };
    if (!needs_all_ && std::count_if(asks.begin(), asks.end(), is_ranked) == 1) {
      only_ranked_ = std::find_if(asks.begin(), asks.end(), is_ranked) - asks.begin();
    }
  }

  /// Writes an answer per ask. Errors: RESOURCE_EXHAUSTED, those of keep_going.
  absl::Status Find(typename SampleSlices<Key>::CellKeys& samples, uint64_t* answers) {
    if (const std::span<Key> whole = samples.whole();
        !whole.empty() && whole.size() <= kKeysSortedAtOnce) {
      if (only_ranked_ && asks_.size() == 1 && whole.size() > kFewKeys<Key>) {
        return SelectOnly(whole, answers);
      }
      SortKeys(whole);
      return Answer(whole, answers);
    }
    if (samples.size() > kKeysSortedAtOnce && !needs_all_) {
      return SelectRanks(samples.parts(), samples.size(), answers);
    }
    SEXTANT_ASSIGN_OR_RETURN(const std::span<Key> keys, samples.Join(keep_going_));
    SEXTANT_RETURN_IF_ERROR(SortManyKeys(keys, budget_, keep_going_));
    return Answer(keys, answers);
  }

  /// The same of keys that lie side by side, and may be put in another order.
  absl::Status FindIn(std::span<Key> keys, uint64_t* answers) {
    if constexpr (std::is_same_v<Key, uint32_t>) AnswerSpreads(keys, answers);
    if (only_ranked_ && keys.size() > kFewKeys<Key> && keys.size() <= kKeysSortedAtOnce) {
      return SelectOnly(keys, answers);
    }
    if (keys.size() <= kKeysSortedAtOnce) {
      SortKeys(keys);
    } else if (!needs_all_) {
      const std::span<const Key> part = keys;
      return SelectRanks({&part, 1}, keys.size(), answers);
    } else {
      SEXTANT_RETURN_IF_ERROR(SortManyKeys(keys, budget_, keep_going_));
    }
    return Answer(keys, answers);
  }

 private:
  absl::Status SelectOnly(std::span<Key> keys, uint64_t* answers) {
    const OrderedAsk& ask = asks_[*only_ranked_];
    const auto [low, high] = RanksOf(ask, keys.size());
    SEXTANT_RETURN_IF_ERROR(room_.ResizeUninitialized(keys.size() + kSelectionSlack));
    const RankedKeys<Key> found = SelectRankedKeys(keys, low, high, room_.span());
    answers[*only_ranked_] = AnswerOf(ask, keys.size(), found.low, found.high);
    return absl::OkStatus();
  }

  void AnswerSpreads(std::span<const Key> keys, uint64_t* answers) const {
    if (!has_spread_) return;
    const KeyMoments sums = MomentsOfKeys(keys);
    const ExactMoments moments = {sums.count, Natural(sums.sum), Natural(sums.squares)};
    for (size_t i = 0; i < asks_.size(); ++i) {
      if (!IsSpread(asks_[i].kind)) continue;
      const bool is_sample =
          asks_[i].kind == AggregateKind::kVarSamp || asks_[i].kind == AggregateKind::kStddevSamp;
      const bool is_root =
          asks_[i].kind == AggregateKind::kStddevPop || asks_[i].kind == AggregateKind::kStddevSamp;
      const VarianceKind kind = is_sample ? VarianceKind::kSample : VarianceKind::kPopulation;
      answers[i] =
          is_sample && moments.count < 2
              ? kNoAnswer
              : std::bit_cast<uint64_t>(VarianceOfMoments(moments, kind, source_.scale(), is_root));
    }
  }

  absl::Status Answer(std::span<const Key> sorted, uint64_t* answers) {
    const BoundHistogram* found = nullptr;
    uint64_t found_at = 0;
    for (size_t i = 0; i < asks_.size(); ++i) {
      if (IsSpread(asks_[i].kind)) continue;
      if (IsHistogram(asks_[i].kind)) {
        // Counts and edges are of one.
        if (asks_[i].histogram.get() != found) {
          found = asks_[i].histogram.get();
          SEXTANT_ASSIGN_OR_RETURN(found_at, FindHistogram(sorted, *found));
        }
        answers[i] = found_at;
        continue;
      }
      if (IsResampled(asks_[i])) {
        SEXTANT_ASSIGN_OR_RETURN(answers[i], Resample(sorted, *asks_[i].bound));
        continue;
      }
      if (asks_[i].kind == AggregateKind::kMode) {
        answers[i] = static_cast<uint64_t>(ModeOfSorted(sorted));
        continue;
      }
      if (asks_[i].kind == AggregateKind::kPercentileCont) {
        const double position = ContinuousPosition(asks_[i].fraction, sorted.size());
        const auto low = static_cast<size_t>(static_cast<int64_t>(position));
        const double part = position - static_cast<double>(static_cast<int64_t>(low));
        answers[i] = std::bit_cast<uint64_t>(
            Between(part, sorted[low], sorted[std::min(low + 1, sorted.size() - 1)]));
        continue;
      }
      answers[i] = static_cast<uint64_t>(sorted[RanksOf(asks_[i], sorted.size())[0]]);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<uint64_t> FindHistogram(std::span<const Key> sorted,
                                         const BoundHistogram& histogram) {
    SEXTANT_RETURN_IF_ERROR(numbers_.ResizeUninitialized(sorted.size()));
    SEXTANT_RETURN_IF_ERROR(ForBlocks(sorted.size(), keep_going_, [&](size_t begin, size_t end) {
      for (size_t k = begin; k < end; ++k) numbers_[k] = source_.Number(sorted[k]);
    }));
    SEXTANT_RETURN_IF_ERROR(histogram_.Find(histogram, numbers_.span(), keep_going_));
    return histograms_.Add(histogram_);
  }

  /// The other bound of the same mean is answered next, from what was found.
  absl::StatusOr<uint64_t> Resample(std::span<const Key> sorted, const ConfidenceBound& bound) {
    if (sorted.size() < 2) return kNoAnswer;
    const bool is_other = bound.level > 0 && lower_ && lower_->seed == bound.seed;
    if (!is_other) {
      SEXTANT_ASSIGN_OR_RETURN(const std::span<double> values, resampled_.MakeRoom(sorted.size()));
      for (size_t k = 0; k < sorted.size(); ++k) values[k] = source_.Number(sorted[k]);
      SEXTANT_ASSIGN_OR_RETURN(bounds_, resampled_.Find(bound, keep_going_));
    }
    lower_ = bound.level < 0 ? &bound : nullptr;
    return std::bit_cast<uint64_t>(bound.level < 0 ? bounds_.low : bounds_.high);
  }

  absl::Status SelectRanks(KeyParts<Key> parts, uint64_t count, uint64_t* answers) const {
    std::vector<uint64_t> ranks;  // two per ask
    for (const OrderedAsk& ask : asks_) {
      const OrderedAsk ranked = IsSpread(ask.kind) ? OrderedAsk{AggregateKind::kMin} : ask;
      for (const uint64_t rank : RanksOf(ranked, count)) ranks.push_back(rank);
    }
    std::vector<uint64_t> sorted = ranks;
    std::sort(sorted.begin(), sorted.end());
    std::vector<Key> selected(sorted.size());
    SEXTANT_RETURN_IF_ERROR(
        RankSelection<Key>(budget_, keep_going_).Select(parts, sorted, selected.data()));
    const auto key_of = [&](uint64_t rank) {
      const auto at = std::lower_bound(sorted.begin(), sorted.end(), rank);
      return selected[static_cast<size_t>(at - sorted.begin())];
    };
    for (size_t i = 0; i < asks_.size(); ++i) {
      if (IsSpread(asks_[i].kind)) continue;
      answers[i] = AnswerOf(asks_[i], count, key_of(ranks[2 * i]), key_of(ranks[2 * i + 1]));
    }
    return absl::OkStatus();
  }

  /// From the keys of RanksOf.
  uint64_t AnswerOf(const OrderedAsk& ask, uint64_t count, Key low, Key high) const {
    if (ask.kind != AggregateKind::kPercentileCont) return static_cast<uint64_t>(low);
    const double position = ContinuousPosition(ask.fraction, count);
    return std::bit_cast<uint64_t>(Between(position - std::floor(position), low, high));
  }

  /// low + part * (high - low) (rule 9).
  double Between(double part, Key low_key, Key high_key) const {
    const double low = source_.Number(low_key);
    const double high = source_.Number(high_key);
    const double between = low + part * (high - low);
    return part == 0 ? low : between;  // not -0 + 0, or infinity - infinity
  }

  const Source& source_;
  const std::span<const OrderedAsk> asks_;
  HistogramStore& histograms_;
  MemoryBudget& budget_;
  KeepGoing keep_going_;
  bool needs_all_ = false;  // in order
  bool has_spread_ = false;
  std::optional<size_t> only_ranked_;  // the only ask that is no spread, of one place
  ResampledBounds resampled_;
  ResampledBounds::Bounds bounds_;          // that were found last
  const ConfidenceBound* lower_ = nullptr;  // whose upper one they have and was not asked yet
  CellHistogram histogram_;
  TrackedVector<double> numbers_;  // of a histogram
  TrackedVector<Key> room_;
};

}  // namespace sextant
