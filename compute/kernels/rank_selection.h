#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "compute/kernels/key_bins.h"
#include "compute/kernels/key_sort.h"
#include "compute/memory/buffer.h"
#include "compute/memory/keep_going.h"
#include "compute/memory/status_macros.h"

namespace sextant {

/// Finds what a sort of many keys would put at a few ranks without sorting them all: a histogram
/// over the span of the keys tells which bins hold the ranks, and only the keys of these are taken
/// out, and sorted or looked through in turn. Every pass reads the keys once, in order, and asks
/// every 64 Ki keys whether to go on. Charges what it takes out. Key: uint32_t or int64_t.
template <typename Key>
class RankSelection {
 public:
  RankSelection(MemoryBudget& budget, KeepGoing keep_going)
      : budget_(budget), keep_going_(keep_going) {}

  /// Writes the key of rank ranks[i] (0 for the least) to found[i]. REQUIRES: `ranks` ascend and
  /// are below the number of keys; `found` has as many. Errors: those of keep_going,
  /// RESOURCE_EXHAUSTED.
  absl::Status Select(KeyParts<Key> keys, std::span<const uint64_t> ranks, Key* found) {
    SEXTANT_ASSIGN_OR_RETURN(const KeyBins<Key> bins,
                             KeyBins<Key>::Over(keys, kBinBits, keep_going_));
    if (bins.span == 0) {
      std::fill_n(found, ranks.size(), bins.least);
      return absl::OkStatus();
    }
    TrackedVector<uint64_t> counts(budget_);
    SEXTANT_RETURN_IF_ERROR(counts.Resize(kBins));
    SEXTANT_RETURN_IF_ERROR(InBlocksOfParts(keys, keep_going_, [&](std::span<const Key> block) {
      for (const Key key : block) ++counts[bins.Of(key)];
    }));
    std::vector<Part> parts;
    ChooseParts(counts.span(), ranks, parts);
    TrackedVector<Key> taken(budget_);
    SEXTANT_RETURN_IF_ERROR(TakeOut(keys, bins, parts, taken));
    for (const Part& part : parts) {
      const std::span<Key> own = taken.span().subspan(part.begin, part.count);
      SEXTANT_RETURN_IF_ERROR(Finish(own, part, ranks, found));
    }
    return absl::OkStatus();
  }

 private:
  static constexpr int kBinBits = 12;
  static constexpr size_t kBins = size_t{1} << kBinBits;

  /// A bin that holds ranks[first_rank .. last_rank); its keys are taken[begin .. begin + count).
  struct Part {
    size_t bin;
    uint64_t rank_of_first_key;
    uint64_t count;
    uint64_t begin;
    size_t first_rank;
    size_t last_rank;
  };

  static void ChooseParts(std::span<const uint64_t> counts, std::span<const uint64_t> ranks,
                          std::vector<Part>& parts) {
    uint64_t below = 0;
    uint64_t begin = 0;
    size_t rank = 0;
    for (size_t bin = 0; bin < counts.size() && rank < ranks.size(); ++bin) {
      const size_t first_rank = rank;
      while (rank < ranks.size() && ranks[rank] < below + counts[bin]) ++rank;
      if (rank > first_rank) {
        parts.push_back({bin, below, counts[bin], begin, first_rank, rank});
        begin += counts[bin];
      }
      below += counts[bin];
    }
  }

  absl::Status TakeOut(KeyParts<Key> keys, const KeyBins<Key>& bins, std::span<const Part> parts,
                       TrackedVector<Key>& taken) {
    SEXTANT_RETURN_IF_ERROR(taken.Resize(parts.back().begin + parts.back().count));
    constexpr uint16_t kNone = 0xFFFF;
    std::array<uint16_t, kBins> part_of_bin;
    part_of_bin.fill(kNone);
    std::vector<uint64_t> ends;
    for (size_t part = 0; part < parts.size(); ++part) {
      part_of_bin[parts[part].bin] = static_cast<uint16_t>(part);
      ends.push_back(parts[part].begin);
    }
    return InBlocksOfParts(keys, keep_going_, [&](std::span<const Key> block) {
      for (const Key key : block) {
        const uint16_t part = part_of_bin[bins.Of(key)];
        if (part != kNone) taken[ends[part]++] = key;
      }
    });
  }

  absl::Status Finish(std::span<Key> own, const Part& part, std::span<const uint64_t> ranks,
                      Key* found) {
    std::vector<uint64_t> inner;
    for (size_t i = part.first_rank; i < part.last_rank; ++i) {
      inner.push_back(ranks[i] - part.rank_of_first_key);
    }
    if (own.size() > kKeysSortedAtOnce) {
      const std::span<const Key> whole = own;
      return Select({&whole, 1}, inner, found + part.first_rank);
    }
    SEXTANT_RETURN_IF_ERROR(keep_going_());
    SortKeys(own);
    for (size_t i = 0; i < inner.size(); ++i) found[part.first_rank + i] = own[inner[i]];
    return absl::OkStatus();
  }

  MemoryBudget& budget_;
  KeepGoing keep_going_;
};

}  // namespace sextant
