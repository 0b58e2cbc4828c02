#include "compute/operators/time_codes.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "compute/kernels/gather.h"
#include "compute/kernels/width_dispatch.h"
#include "compute/memory/check.h"
#include "compute/operators/morsel.h"
#include "compute/plan/time_frame.h"

namespace sextant {
namespace {

/// Days are looked up as if they were instants, so that the index can use its table. Days beyond
/// what int64 microseconds hold are beyond every border as well.
constexpr int64_t kDayUs = int64_t{86'400} * 1'000'000;
constexpr int64_t kMaxDay = std::numeric_limits<int64_t>::max() / kDayUs;

int64_t DayAsInstant(int64_t day) { return std::clamp(day, -kMaxDay, kMaxDay) * kDayUs; }

/// codes[k] becomes the interval of row rows[k], whose instant is unit_us * (base + step * slot).
template <typename T>
void FindOnGrid(std::span<const T> slots, const Column& column, uint64_t unit_us,
                const IntervalGrid& grid, std::span<const uint32_t> rows,
                uint32_t* __restrict codes) {
  const T* __restrict slot = slots.data();
  const uint64_t base_us =
      static_cast<uint64_t>(column.base()) * unit_us - static_cast<uint64_t>(grid.origin_us);
  const IntervalGrid table = grid;
  const uint64_t step_us = unit_us * column.step();
  if (step_us == 1) {
    return ForRows(rows,
                   [=](size_t k, size_t row) { codes[k] = table.IntervalOf(base_us + slot[row]); });
  }
  ForRows(rows, [=](size_t k, size_t row) {
    codes[k] = table.IntervalOf(base_us + step_us * slot[row]);
  });
}

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
  has_every_interval_ = code_of_interval_.size() == series.intervals.size();
  if (borders.size() >= 2) {
    index_.emplace(std::move(borders));
  } else if (!is_date && !IsLeftOut(series.intervals.front())) {
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

std::optional<TimeCodes::Span> TimeCodes::span() const {
  if (!index_) return std::nullopt;
  const std::vector<int64_t>& borders_us = index_->borders_us();
  if (!is_date_) return Span{borders_us.front(), borders_us.back() - 1};
  return Span{borders_us.front() / kDayUs, borders_us.back() / kDayUs - 1};
}

void TimeCodes::NumberIntervals(uint32_t* __restrict codes, size_t size) const {
  if (!has_every_interval_) {
    for (size_t k = 0; k < size; ++k) codes[k] = code_of_interval_[codes[k]];
  } else if (first_code_ != 0) {
    for (size_t k = 0; k < size; ++k) codes[k] += first_code_;
  }
}

void TimeCodes::FindWithin(const Column& column, std::span<const uint32_t> rows,
                           uint32_t* codes) const {
  if (index_->num_intervals() == 1) {
    std::fill_n(codes, rows.size(), 0);
  } else if (index_->uses_table()) {
    const uint64_t unit_us = is_date_ ? uint64_t{kDayUs} : 1;
    WithUnsignedSlots(column, [&](auto slots) {
      FindOnGrid(slots, column, unit_us, index_->grid(), rows, codes);
    });
  } else {
    std::array<int64_t, kBatchRows> instants;
    SEXTANT_DCHECK(rows.size() <= instants.size());
    GatherValues(column, rows, instants.data());
    if (is_date_) {
      for (size_t k = 0; k < rows.size(); ++k) instants[k] = DayAsInstant(instants[k]);
    }
    index_->Find({instants.data(), rows.size()}, {codes, rows.size()});
  }
  NumberIntervals(codes, rows.size());
}

uint32_t TimeCodes::CodeOf(uint32_t number) const {
  if (has_every_interval_) return first_code_ + number;
  return number < code_of_interval_.size() ? code_of_interval_[number]
                                           : code_of_interval_.back() + 1;
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
    spans.firsts[k] = CodeOf(first);
    spans.lasts[k] = CodeOf(std::max(first, last));
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
    spans.firsts[k] = CodeOf(CountOver(spans.starts_us[k], spans.firsts[k]));
    spans.lasts[k] = CodeOf(CountOver(spans.ends_us[k], spans.lasts[k]));
  }
}

}  // namespace sextant
