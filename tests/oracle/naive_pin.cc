#include "tests/oracle/naive_pin.h"

#include <algorithm>

#include "tests/oracle/zone_clock.h"

namespace sextant::oracle {

NaivePin::NaivePin(const TableCase& table, const NaiveRow& row, const Lane& lane,
                   const std::string& zone)
    : pin_(lane.pin) {
  const auto instant = [&](int column) -> std::optional<int64_t> {
    const Datum datum = row.ColumnValue(column);
    if (datum.is_null) return std::nullopt;
    const auto value = static_cast<int64_t>(datum.integer);
    const bool is_date = table.columns[static_cast<size_t>(column)].type.kind == Kind::kDate;
    return is_date ? FirstInstantUs(value * kDayUs, zone) : value;
  };
  if (pin_ == MetricSpec::Pin::kNone) return;
  if (pin_ != MetricSpec::Pin::kAt) {
    start_ = instant(lane.start);
    end_ = instant(lane.end);
    is_reversed_ = start_ && end_ && *start_ > *end_;
    if (is_reversed_) start_.reset();
    return;
  }
  const bool is_list = table.columns[static_cast<size_t>(lane.start)].type.kind == Kind::kList;
  if (!is_list) {
    if (const auto at = instant(lane.start)) at_ = {*at};
    return;
  }
  for (const Datum& element : row.ColumnValue(lane.start).elements) {
    if (!element.is_null) at_.push_back(static_cast<int64_t>(element.integer));
  }
}

bool NaivePin::IsIn(const Interval& interval) const {
  const auto holds = [&](int64_t instant) {
    return instant >= interval.start_us && instant < interval.end_us;
  };
  switch (pin_) {
    case MetricSpec::Pin::kNone:
      return true;
    case MetricSpec::Pin::kAt:
      return std::any_of(at_.begin(), at_.end(), holds);
    case MetricSpec::Pin::kDuring:
      if (!start_ || interval.start_us >= interval.end_us) return false;
      if (end_ && *start_ == *end_) return holds(*start_);
      return *start_ < interval.end_us && (!end_ || *end_ > interval.start_us);
    case MetricSpec::Pin::kAsOfEnd:
      return start_ && *start_ < interval.end_us && (!end_ || interval.end_us <= *end_);
  }
  return false;
}

Interval NaivePin::CutTo(const Interval& interval) const {
  Interval cut = interval;
  cut.start_us = std::max(*start_, interval.start_us);
  cut.end_us = std::min(end_.value_or(interval.end_us), interval.end_us);
  return cut;
}

std::vector<int64_t> NaivePin::Instants(int64_t as_of_us) const {
  if (pin_ == MetricSpec::Pin::kAt) return at_;
  if (!start_) return {};
  if (!end_) return {*start_, std::max(as_of_us, *start_)};
  // Half open: its end is not one of its instants, but of a state at the end of a range.
  const bool has_end = pin_ == MetricSpec::Pin::kAsOfEnd || *end_ == *start_;
  return {*start_, has_end ? *end_ : *end_ - 1};
}

}  // namespace sextant::oracle
