#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>

#include "absl/status/statusor.h"
#include "compute/memory/buffer.h"

namespace sextant {

/// A set of int64 keys for membership tests of many rows: a bitmap where the keys lie within 2^20
/// of one another, else a binary search. Immutable.
class IntegerKeySet {
 public:
  /// REQUIRES: `keys` is sorted, without repeats. Errors: RESOURCE_EXHAUSTED from `budget`.
  static absl::StatusOr<IntegerKeySet> Create(std::span<const int64_t> keys, MemoryBudget& budget);

  bool Contains(int64_t key) const {
    if (bitmap_.size_bytes() == 0) {
      return std::binary_search(keys().begin(), keys().end(), key);
    }
    const uint64_t offset = static_cast<uint64_t>(key) - static_cast<uint64_t>(min_);
    return offset <= span_ && ((bitmap_.As<uint64_t>()[offset / 64] >> (offset % 64)) & 1) != 0;
  }

  /// Whether a key lies in [low, high].
  bool MeetsRange(int64_t low, int64_t high) const {
    const auto at = std::lower_bound(keys().begin(), keys().end(), low);
    return at != keys().end() && *at <= high;
  }

  /// Ascending.
  std::span<const int64_t> keys() const { return sorted_.As<int64_t>(); }

 private:
  Buffer sorted_;
  Buffer bitmap_;  // empty: use sorted_
  int64_t min_ = 0;
  uint64_t span_ = 0;
};

}  // namespace sextant
