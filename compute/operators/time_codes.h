#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/time/time.h"
#include "compute/column/table.h"
#include "compute/plan/binder.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/interval_index.h"

namespace sextant {

/// The end of an open span: later than every border.
inline constexpr int64_t kOpenEndUs = INT64_MAX;

/// The intervals of one series in which instants fall, or which spans of time touch. Borders were
/// resolved before (rule 11); a date is the midnight of its day in the query's zone (rule 10), so
/// it is compared with borders in days. Immutable, so safe for any thread.
class TimeCodes {
 public:
  /// `first_code` is the number of intervals of the series before. REQUIRES: no interval begins
  /// before the one before it ends, and none later (rule 14); empty ones are the first or the last.
  TimeCodes(const ResolvedSeries& series, bool is_date, const absl::TimeZone& zone,
            uint32_t first_code);

  /// Writes first_code + interval of each value (microseconds, or days of a date column), or
  /// kNoInterval. REQUIRES: at most kBatchRows values.
  void Find(std::span<const int64_t> values, uint32_t* codes) const;

  /// Values of the column, inclusive.
  struct Span {
    int64_t first;
    int64_t last;
  };
  /// Those that are in an interval; nullopt: none.
  std::optional<Span> span() const;
  /// As Find, of rows of the column. REQUIRES: none is NULL, and each is within span(), which there
  /// is.
  void FindWithin(const Column& column, std::span<const uint32_t> rows, uint32_t* codes) const;

  /// Spans of instants, [starts_us[k], ends_us[k]), and the codes [firsts[k], lasts[k]) of the
  /// intervals that each one has; none when they are equal.
  struct Spans {
    std::span<const int64_t> starts_us;  // at most kBatchRows
    const int64_t* ends_us;              // kOpenEndUs: open
    uint32_t* firsts;
    uint32_t* lasts;
  };
  /// Rule 16, `during`: the intervals that [start, end) overlaps; start = end is the instant.
  /// REQUIRES: not is_date; start <= end.
  void FindOverlapped(const Spans& spans) const;
  /// Rule 16, `as_of_end`: the intervals whose end lies in (start, end], that of an empty range of
  /// time (`all`) too, though no instant lies in it. REQUIRES: not is_date; start <= end.
  void FindEndsWithin(const Spans& spans) const;

  size_t size_bytes() const {
    return code_of_interval_.capacity() * sizeof(uint32_t) + (index_ ? index_->size_bytes() : 0);
  }

 private:
  void FindEndsOfEmpty(const Spans& spans) const;
  /// Makes numbers of the index's intervals the codes of this series.
  void NumberIntervals(uint32_t* codes, size_t size) const;
  /// The code of interval `number` of the index, or of what follows the last.
  uint32_t CodeOf(uint32_t number) const;
  /// How many intervals end at or before an instant of which the index found `interval`.
  uint32_t CountOver(int64_t instant_us, uint32_t interval) const;

  const bool is_date_;
  const uint32_t first_code_;
  std::vector<uint32_t> code_of_interval_;  // of index_; intervals without a midnight have none
  bool has_every_interval_ = false;         // code_of_interval_[i] is first_code_ + i
  std::optional<IntervalIndex> index_;      // none: the series has no intervals, or an empty one
  std::optional<int64_t> empty_at_us_;      // where that begins and ends
};

}  // namespace sextant
