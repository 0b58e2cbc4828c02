#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace sextant {

/// A date with an optional time of day and an optional offset from UTC, as it was written.
struct DateTimeText {
  absl::CivilDay date;       // the day as written, which 24:00 does not move
  absl::CivilSecond local;   // midnight when no time was written
  int32_t microseconds = 0;  // [0, 1,000,000)
  bool has_time = false;
  std::optional<int32_t> offset_seconds;  // east of UTC
};

/// Reads 'YYYY-MM-DD', 'YYYY-MM-DD HH:MM[:SS[.ffffff]]' (a 'T' in place of the space will do), each
/// with an optional offset 'Z', '+HH', '+HHMM' or '+HH:MM[:SS]' after the time, and with an
/// optional ' BC' at the end: RFC 3339 and the ISO forms of PostgreSQL. 24:00 and second 60 carry
/// over, further digits of the second round (a tie to even), as in PostgreSQL. Errors:
/// INVALID_ARGUMENT that repeats the text and says what is allowed. Thread-safe.
absl::StatusOr<DateTimeText> ParseDateTime(std::string_view text);

/// Returns the instant of an end of a time range, microseconds since 1970-01-01T00:00Z. A date is
/// the first instant of that day in `zone`; a time without an offset is local time in `zone`, of
/// which PostgreSQL's reading counts (the later of two, or the offset before a gap).
/// Errors: INVALID_ARGUMENT, also outside of [kMinInstantUs, kMaxInstantUs]. Thread-safe.
absl::StatusOr<int64_t> ParseRangeInstantUs(std::string_view text, const absl::TimeZone& zone);

/// Returns the instant that PostgreSQL reads `text` as when its session is in `zone` (design rule
/// 15): as ParseRangeInstantUs, but for a date, whose midnight is the later one of two.
absl::StatusOr<int64_t> ParseTimestampTzUs(std::string_view text, const absl::TimeZone& zone);

/// Returns the day of `text`, days since 1970-01-01; a time of day is ignored, as in PostgreSQL.
absl::StatusOr<int32_t> ParseDateDays(std::string_view text);

/// Returns the instant that PostgreSQL gives the local time `local` in `zone`: the later of two
/// for a repeated one, the one by the offset before the gap for a skipped one.
/// Saturates at int64.
int64_t PostgresInstantUs(const absl::CivilSecond& local, const absl::TimeZone& zone);

/// Returns RFC 3339 with the offset of `zone`, and as many digits of the second as are needed. What
/// RFC 3339 has no form for is written as PostgreSQL writes it: an offset with seconds (+00:19:32),
/// a year beyond 9999 (with all its digits) and one before Christ (' BC' at the end). Every text of
/// an instant in [kMinInstantUs, kMaxInstantUs] is read back as that instant.
std::string FormatInstant(int64_t instant_us, const absl::TimeZone& zone);

/// What the longest text of an instant takes: the days of 4714 BC have an offset with seconds, or
/// the year six digits.
inline constexpr size_t kMaxInstantTextBytes = 48;

/// Writes FormatInstant's text to `target`, which has room for kMaxInstantTextBytes; returns its
/// end. For results, which have an instant per interval.
char* WriteInstant(int64_t instant_us, const absl::TimeZone& zone, char* target);

}  // namespace sextant
