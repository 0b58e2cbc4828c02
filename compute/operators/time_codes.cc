#include "compute/operators/time_codes.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "compute/memory/check.h"
#include "compute/operators/morsel.h"

namespace sextant {
namespace {

/// Days are looked up as if they were instants, so that the index can use its table. Days beyond
/// what int64 microseconds hold are beyond every border as well.
constexpr int64_t kDayUs = int64_t{86'400} * 1'000'000;
constexpr int64_t kMaxDay = std::numeric_limits<int64_t>::max() / kDayUs;

int64_t DayAsInstant(int64_t day) { return std::clamp(day, -kMaxDay, kMaxDay) * kDayUs; }

}  // namespace

TimeCodes::TimeCodes(const ResolvedSeries& series, bool is_date, const absl::TimeZone& zone,
                     uint32_t first_code)
    : is_date_(is_date), first_code_(first_code) {
  if (series.intervals.empty()) return;
  const auto border = [&](int64_t instant_us) {
    return is_date ? DayAsInstant(FirstDayNotBefore(zone, instant_us)) : instant_us;
  };
  std::vector<int64_t> borders;
  borders.push_back(border(series.intervals.front().start_us));
  for (uint32_t i = 0; i < series.intervals.size(); ++i) {
    const int64_t end = border(series.intervals[i].end_us);
    if (end <= borders.back()) continue;
    borders.push_back(end);
    code_of_interval_.push_back(first_code + i);
  }
  if (borders.size() >= 2) index_.emplace(std::move(borders));
}

void TimeCodes::Find(std::span<const int64_t> values, uint32_t* codes) const {
  if (!index_) {
    std::fill_n(codes, values.size(), kNoInterval);
    return;
  }
  if (is_date_) {
    std::array<int64_t, kBatchRows> instants;
    SEXTANT_DCHECK(values.size() <= instants.size());
    for (size_t k = 0; k < values.size(); ++k) instants[k] = DayAsInstant(values[k]);
    index_->Find({instants.data(), values.size()}, {codes, values.size()});
  } else {
    index_->Find(values, {codes, values.size()});
  }
  for (size_t k = 0; k < values.size(); ++k) {
    if (codes[k] != kNoInterval) codes[k] = code_of_interval_[codes[k]];
  }
}

}  // namespace sextant
