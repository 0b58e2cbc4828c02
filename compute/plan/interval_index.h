#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sextant {

/// The result of a look-up for an instant before the first or at or after the last border.
inline constexpr uint32_t kNoInterval = 0xFFFFFFFF;

/// The table of an IntervalIndex, for loops over the slots of a column: the interval of an instant
/// between the outer borders is intervals[(instant - origin_us) * multiplier >> 64 >> shift], with
/// a product of 128 bits. Of other instants it means nothing.
struct IntervalGrid {
  const uint32_t* intervals = nullptr;
  int64_t origin_us = 0;
  uint64_t multiplier = 0;
  uint32_t shift = 0;

  uint32_t IntervalOf(uint64_t since_origin_us) const {
    __extension__ using Uint128 = unsigned __int128;
    return intervals[static_cast<uint64_t>((Uint128{since_origin_us} * multiplier) >> 64) >> shift];
  }
};

/// Maps instants to intervals: i for borders_us[i] <= instant < borders_us[i + 1].
///
/// Where the borders between two intervals are a multiple of 15 minutes or more apart from one
/// another, as those of most zones since 1972 are, a table with one entry per such granule answers
/// with a multiplication (IntervalGrid); else (old offsets such as +0:53:28, very long ranges) a
/// binary search does, which first tries the interval of the previous instant. Both give the same
/// intervals. Borders are resolved before, so nothing of a time zone is looked up per row (design
/// rule 12).
///
/// Immutable after construction; safe for any number of threads.
class IntervalIndex {
 public:
  /// REQUIRES: borders_us strictly increases; it has no or at least two elements.
  explicit IntervalIndex(std::vector<int64_t> borders_us);

  /// Writes the interval of each of `instants_us` to `intervals`, kNoInterval for none.
  /// Cost: a few instructions per instant, or O(log borders).
  /// REQUIRES: intervals.size() == instants_us.size().
  void Find(std::span<const int64_t> instants_us, std::span<uint32_t> intervals) const;

  uint32_t Find(int64_t instant_us) const;

  uint32_t num_intervals() const {
    return borders_us_.empty() ? 0 : static_cast<uint32_t>(borders_us_.size() - 1);
  }
  const std::vector<int64_t>& borders_us() const { return borders_us_; }

  /// What borders and table take: at most 16 MiB more than the borders.
  size_t size_bytes() const {
    return borders_us_.capacity() * sizeof(int64_t) +
           interval_of_granule_.capacity() * sizeof(uint32_t);
  }

  /// True when the table is used: for tests and Explain.
  bool uses_table() const { return !interval_of_granule_.empty(); }
  /// REQUIRES: uses_table(). Points into this index.
  IntervalGrid grid() const {
    return {interval_of_granule_.data(), origin_us_, multiplier_, shift_};
  }

 private:
  void BuildTable();
  uint32_t LookUp(int64_t instant_us) const;
  uint32_t Search(int64_t instant_us) const;

  std::vector<int64_t> borders_us_;
  /// Entry g is for [origin_us_ + g * granule, origin_us_ + (g + 1) * granule): of the first and
  /// the last, the part between the outer borders.
  std::vector<uint32_t> interval_of_granule_;
  int64_t origin_us_ = 0;  // at or before the first border
  uint64_t multiplier_ = 0;
  uint32_t shift_ = 0;
};

}  // namespace sextant
