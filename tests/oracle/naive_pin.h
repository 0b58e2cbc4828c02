#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/oracle/case.h"
#include "tests/oracle/intervals.h"
#include "tests/oracle/naive_value.h"

namespace sextant::oracle {

/// Where in time a row is, for one lane.
class NaivePin {
 public:
  NaivePin(const TableCase& table, const NaiveRow& row, const Lane& lane, const std::string& zone);

  bool IsIn(const Interval& interval) const;
  /// The ends of its samples: an open one is `as_of_us`, or its start when that is later. Nothing
  /// without a time.
  std::vector<int64_t> Instants(int64_t as_of_us) const;
  /// Cut to an interval that it IsIn. REQUIRES: kDuring.
  Interval CutTo(const Interval& interval) const;
  /// Whether it ends before it starts (rule 16).
  bool is_reversed() const { return is_reversed_; }

 private:
  const MetricSpec::Pin pin_;
  bool is_reversed_ = false;
  std::vector<int64_t> at_;       // kAt
  std::optional<int64_t> start_;  // kDuring, kAsOfEnd
  std::optional<int64_t> end_;
};

}  // namespace sextant::oracle
