#pragma once

#include <cstdint>
#include <string>

namespace sextant::oracle {

/// The clock of a zone as the naive engine and the generator see it, over absl's transitions and
/// nothing of the product. Local times are microseconds since 1970-01-01 00:00 of that clock.
int64_t LocalUs(int64_t instant_us, const std::string& zone);
/// What PostgreSQL reads local text as: the later of a repeated time; of a skipped one, the instant
/// by the offset before the gap.
int64_t PostgresInstantUs(int64_t local_us, const std::string& zone);
/// The first instant whose local time reaches `local_us` (rule 11).
int64_t FirstInstantUs(int64_t local_us, const std::string& zone);

/// The next instant at which the clock is changed, or INT64_MAX.
int64_t NextChangeUs(int64_t instant_us, const std::string& zone);

/// Days since 1970-01-01 and back; the calendar is Gregorian for ever, year 0 is 1 BC.
struct CivilDate {
  int64_t year = 1970;
  int month = 1;
  int day = 1;
};
CivilDate DateOfDays(int64_t days);
int64_t DaysOfDate(int64_t year, int month, int day);
int64_t FloorDivide(int64_t value, int64_t divisor);

}  // namespace sextant::oracle
