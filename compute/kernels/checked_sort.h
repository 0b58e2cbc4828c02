#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "absl/status/status.h"
#include "compute/memory/buffer.h"
#include "compute/memory/keep_going.h"
#include "compute/memory/status_macros.h"

namespace sextant {

/// std::merge of sorted `a` and `b` to `to`, a run of which is written between two questions.
template <typename T, typename Less>
absl::Status MergeWithChecks(std::span<const T> a, std::span<const T> b, T* to, Less less,
                             KeepGoing keep_going) {
  constexpr size_t kItemsPerCheck = size_t{1} << 14;
  while (!a.empty() && !b.empty()) {
    SEXTANT_RETURN_IF_ERROR(keep_going());
    size_t taken_a = 0;
    size_t taken_b = 0;
    while (taken_a + taken_b < kItemsPerCheck && taken_a < a.size() && taken_b < b.size()) {
      *to++ = less(b[taken_b], a[taken_a]) ? b[taken_b++] : a[taken_a++];
    }
    a = a.subspan(taken_a);
    b = b.subspan(taken_b);
  }
  SEXTANT_RETURN_IF_ERROR(CopyInBlocks(a, to, keep_going));
  return CopyInBlocks(b, to + a.size(), keep_going);
}

/// Sorts `items` by `less`, asking between runs whether to go on. Runs are sorted where they lie
/// and then merged pair by pair, with as much memory again, which is charged to `budget`. `less`
/// must order every two items, so that the result does not depend on runs. Errors: those of
/// `keep_going`, or RESOURCE_EXHAUSTED.
template <typename T, typename Less>
absl::Status SortWithChecks(std::span<T> items, Less less, MemoryBudget& budget,
                            KeepGoing keep_going) {
  constexpr size_t kRunItems = size_t{1} << 14;
  for (size_t begin = 0; begin < items.size(); begin += kRunItems) {
    SEXTANT_RETURN_IF_ERROR(keep_going());
    const std::span<T> run = items.subspan(begin, std::min(kRunItems, items.size() - begin));
    std::sort(run.begin(), run.end(), less);
  }
  if (items.size() <= kRunItems) return absl::OkStatus();
  SEXTANT_ASSIGN_OR_RETURN(Buffer spare, Buffer::Allocate(budget, items.size_bytes()));
  T* from = items.data();
  T* to = spare.As<T>().data();
  for (size_t run = kRunItems; run < items.size(); run *= 2) {
    for (size_t begin = 0; begin < items.size(); begin += 2 * run) {
      SEXTANT_RETURN_IF_ERROR(keep_going());
      const size_t middle = std::min(begin + run, items.size());
      const size_t end = std::min(begin + 2 * run, items.size());
      SEXTANT_RETURN_IF_ERROR(MergeWithChecks<T>({from + begin, middle - begin},
                                                 {from + middle, end - middle}, to + begin, less,
                                                 keep_going));
    }
    std::swap(from, to);
  }
  if (from == items.data()) return absl::OkStatus();
  return CopyInBlocks<T>({from, items.size()}, items.data(), keep_going);
}

}  // namespace sextant
