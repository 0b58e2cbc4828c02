#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "compute/column/data_type.h"

namespace sextant {

/// What the ends of a range of time are read against (rule 15).
struct RangeClock {
  absl::TimeZone time_zone;
  int64_t as_of_us = 0;  // now
  int week_start = 1;    // 1 Monday .. 7 Sunday (ISO)
};

/// The interval that "30d" says: at most 6 digits and min, h, d, w, mo or y. std::nullopt: it says
/// none. Thread-safe.
std::optional<IntervalValue> ReadPeriod(std::string_view text);

/// Returns the instant of an end of a range of time: what ParseRangeInstantUs (instant_text.h)
/// reads, or a text relative to `clock.as_of_us`, letter case ignored:
///   now
///   -15min -12h -30d -2w -3mo -1y   that long before now, as PostgreSQL subtracts an interval:
///                                   months, then days of local time, then elapsed time
///   today yesterday
///   this_U last_U                   the start of the unit that holds now, or of the one before:
///                                   U is day, week, month, quarter or year of local time
/// A start is the first instant of its local day (rule 11), for an end of a range too.
/// Errors: INVALID_ARGUMENT for `field` that says what is allowed, with the nearest names.
/// Thread-safe.
absl::StatusOr<int64_t> ParseRangeEndUs(std::string_view text, const RangeClock& clock,
                                        const std::string& field);

}  // namespace sextant
