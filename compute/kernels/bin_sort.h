#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <type_traits>

#include "absl/status/status.h"
#include "compute/kernels/checked_sort.h"
#include "compute/kernels/key_bins.h"
#include "compute/kernels/key_sort.h"
#include "compute/memory/buffer.h"
#include "compute/memory/keep_going.h"
#include "compute/memory/page_touch.h"
#include "compute/memory/status_macros.h"

namespace sextant {

/// Sorts any number of keys ascending: many are dealt into bins first, so that each sort is short
/// and asks in between whether to go on (a few keys are sorted without asking). Then it takes as
/// much memory again, charged to `budget`. Errors: those of `keep_going`, RESOURCE_EXHAUSTED. Key:
/// uint32_t, int64_t or KeyedItem.
template <typename Key>
absl::Status SortManyKeys(std::span<Key> keys, MemoryBudget& budget, KeepGoing keep_going) {
  constexpr int kBinBits = 10;
  if (keys.size() <= kKeysSortedAtOnce) {
    SortKeys(keys);
    return absl::OkStatus();
  }
  SEXTANT_RETURN_IF_ERROR(keep_going());
  const std::span<const Key> whole = keys;
  SEXTANT_ASSIGN_OR_RETURN(const KeyBins<Key> bins,
                           KeyBins<Key>::Over({&whole, 1}, kBinBits, keep_going));
  if (bins.span == 0) {
    if constexpr (std::is_same_v<Key, KeyedItem>) {  // their items are what orders them
      return SortWithChecks(keys, std::less<KeyedItem>(), budget, keep_going);
    }
    return absl::OkStatus();
  }
  TrackedVector<uint64_t> ends(budget);
  SEXTANT_RETURN_IF_ERROR(ends.Resize((size_t{1} << kBinBits) + 1));
  SEXTANT_RETURN_IF_ERROR(InBlocks(keys, keep_going, [&](std::span<const Key> block) {
    for (const Key& key : block) ++ends[bins.Of(key) + 1];
  }));
  for (size_t bin = 1; bin < ends.size(); ++bin) ends[bin] += ends[bin - 1];
  TrackedVector<Key> dealt(budget);
  SEXTANT_RETURN_IF_ERROR(dealt.ResizeUninitialized(keys.size()));
  SEXTANT_RETURN_IF_ERROR(TouchPages(std::as_writable_bytes(dealt.span()), keep_going));
  SEXTANT_RETURN_IF_ERROR(InBlocks(keys, keep_going, [&](std::span<const Key> block) {
    for (const Key& key : block) dealt[ends[bins.Of(key)]++] = key;
  }));
  uint64_t begin = 0;
  size_t unchecked = 0;
  for (size_t bin = 0; bin + 1 < ends.size(); ++bin) {
    const std::span<Key> own = dealt.span().subspan(begin, ends[bin] - begin);
    if ((unchecked += own.size()) > kKeysSortedAtOnce) {
      SEXTANT_RETURN_IF_ERROR(keep_going());
      unchecked = 0;
    }
    SEXTANT_RETURN_IF_ERROR(SortManyKeys(own, budget, keep_going));
    if (!own.empty()) std::memcpy(keys.data() + begin, own.data(), own.size_bytes());
    begin = ends[bin];
  }
  return absl::OkStatus();
}

}  // namespace sextant
