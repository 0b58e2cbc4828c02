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

/// The interval of one series in which a row's `at` column falls. Borders were resolved before
/// (rule 11); a date is the midnight of its day in the query's zone (rule 10), so it is compared
/// with borders in days. Immutable, so safe for any thread.
class TimeCodes {
 public:
  /// `first_code` is the number of intervals of the series before.
  TimeCodes(const ResolvedSeries& series, bool is_date, const absl::TimeZone& zone,
            uint32_t first_code);

  /// Writes first_code + interval of each value (microseconds, or days of a date column), or
  /// kNoInterval. REQUIRES: at most kBatchRows values.
  void Find(std::span<const int64_t> values, uint32_t* codes) const;

  size_t size_bytes() const {
    return code_of_interval_.capacity() * sizeof(uint32_t) + (index_ ? index_->size_bytes() : 0);
  }

 private:
  const bool is_date_;
  const uint32_t first_code_;
  std::vector<uint32_t> code_of_interval_;  // of index_; intervals without a midnight have none
  std::optional<IntervalIndex> index_;      // none: the series has no intervals
};

}  // namespace sextant
