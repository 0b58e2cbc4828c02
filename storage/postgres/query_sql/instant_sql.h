#pragma once

#include <string>

#include "compute/column/data_type.h"

namespace sextant {

/// Arithmetic of instants, of which a session's zone decides nothing. Operands are SQL; durations
/// are microseconds as bigint, `zone` is a literal of ZoneSql.

/// left - right, exactly.
std::string DifferenceOfInstantsSql(const std::string& left, const std::string& right);

/// A duration as an interval of no days. Exact: PostgreSQL multiplies intervals in floating point,
/// which holds the parts that are used here.
std::string IntervalOfDurationSql(const std::string& duration);

/// instant + interval: months, then days in local time, then the rest in time that passes; a part
/// that is 0 leaves the instant, also in an hour that the clock repeats.
std::string AddIntervalSql(const std::string& instant, const IntervalValue& interval,
                           const std::string& zone);
std::string AddIntervalSql(const std::string& instant, const std::string& interval,
                           const std::string& zone);

}  // namespace sextant
