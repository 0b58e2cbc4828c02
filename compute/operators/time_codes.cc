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
  if (borders.size() >= 2) {
    index_.emplace(std::move(borders));
  } else if (!is_date) {
    empty_at_us_ = borders.front();
  }
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

uint32_t TimeCodes::CountOver(int64_t instant_us, uint32_t interval) const {
  if (interval != kNoInterval) return interval;
  return instant_us < index_->borders_us().front() ? 0 : index_->num_intervals();
}

void TimeCodes::FindOverlapped(const Spans& spans) const {
  SEXTANT_DCHECK(!is_date_);
  const size_t num_spans = spans.starts_us.size();
  if (!index_) {
    std::fill_n(spans.firsts, num_spans, 0);
    std::fill_n(spans.lasts, num_spans, 0);
    return;
  }
  std::array<int64_t, kBatchRows> last_instants;
  SEXTANT_DCHECK(num_spans <= last_instants.size());
  for (size_t k = 0; k < num_spans; ++k) {
    const bool is_instant = spans.starts_us[k] == spans.ends_us[k];
    // An end is later than a start here, so that one less is an instant.
    last_instants[k] = spans.ends_us[k] - (is_instant ? 0 : 1);
  }
  index_->Find(spans.starts_us, {spans.firsts, num_spans});
  index_->Find({last_instants.data(), num_spans}, {spans.lasts, num_spans});
  const int64_t first_border_us = index_->borders_us().front();
  for (size_t k = 0; k < num_spans; ++k) {
    const uint32_t first = CountOver(spans.starts_us[k], spans.firsts[k]);
    const bool is_before = last_instants[k] < first_border_us;
    const bool is_after = !is_before && spans.lasts[k] == kNoInterval;
    const uint32_t last = is_before ? 0 : (is_after ? index_->num_intervals() : spans.lasts[k] + 1);
    spans.firsts[k] = first_code_ + first;
    spans.lasts[k] = first_code_ + std::max(first, last);
  }
}

void TimeCodes::FindEndsOfEmpty(const Spans& spans) const {
  for (size_t k = 0; k < spans.starts_us.size(); ++k) {
    const bool is_within =
        empty_at_us_ && spans.starts_us[k] < *empty_at_us_ && *empty_at_us_ <= spans.ends_us[k];
    spans.firsts[k] = first_code_;
    spans.lasts[k] = first_code_ + (is_within ? 1 : 0);
  }
}

void TimeCodes::FindEndsWithin(const Spans& spans) const {
  SEXTANT_DCHECK(!is_date_);
  if (!index_) return FindEndsOfEmpty(spans);
  const size_t num_spans = spans.starts_us.size();
  index_->Find(spans.starts_us, {spans.firsts, num_spans});
  index_->Find({spans.ends_us, num_spans}, {spans.lasts, num_spans});
  for (size_t k = 0; k < num_spans; ++k) {
    spans.firsts[k] = first_code_ + CountOver(spans.starts_us[k], spans.firsts[k]);
    spans.lasts[k] = first_code_ + CountOver(spans.ends_us[k], spans.lasts[k]);
  }
}

}  // namespace sextant
