#include "compute/plan/instant_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "compute/memory/string_view_bridge.h"
#include "compute/plan/calendar.h"

namespace sextant {
namespace {

constexpr size_t kMaxTextBytes = 64;
constexpr int64_t kMaxYear = 294'276;
constexpr int64_t kMicrosPerSecond = 1'000'000;

/// Reads forward; each function consumes what it names and returns whether it was there.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool AtEnd() const { return rest_.empty(); }
  size_t num_left() const { return rest_.size(); }

  bool Skip(char wanted) {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool SkipAnyOf(std::string_view wanted) {
    if (rest_.empty() || wanted.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool SkipWord(std::string_view upper_case) {
    if (rest_.size() < upper_case.size()) return false;
    for (size_t i = 0; i < upper_case.size(); ++i) {
      if (absl::ascii_toupper(static_cast<unsigned char>(rest_[i])) != upper_case[i]) return false;
    }
    rest_.remove_prefix(upper_case.size());
    return true;
  }

  void SkipSpaces() {
    while (Skip(' ')) {
    }
  }

  /// Between min_digits and max_digits digits, and no digit after them.
  bool Digits(size_t min_digits, size_t max_digits, int64_t& value) {
    size_t num_digits = 0;
    int64_t read = 0;
    while (num_digits < rest_.size() && IsDigit(rest_[num_digits])) {
      if (num_digits == max_digits) return false;
      read = read * 10 + (rest_[num_digits++] - '0');
    }
    if (num_digits < min_digits) return false;
    rest_.remove_prefix(num_digits);
    value = read;
    return true;
  }

  /// The digits after the point of a second, rounded to microseconds (up to 1,000,000) in the
  /// floating-point arithmetic of PostgreSQL, so that ties fall as they do there.
  bool Fraction(int64_t& microseconds) {
    std::string fraction = "0.";
    while (!rest_.empty() && IsDigit(rest_.front())) {
      fraction.push_back(rest_.front());
      rest_.remove_prefix(1);
    }
    double seconds = 0;
    if (fraction.size() == 2 || !absl::SimpleAtod(fraction, &seconds)) return false;
    microseconds = std::llrint(seconds * 1e6);
    return true;
  }

 private:
  static bool IsDigit(char letter) {
    return absl::ascii_isdigit(static_cast<unsigned char>(letter));
  }

  std::string_view rest_;
};

bool ReadDate(Cursor& cursor, int64_t& year, int64_t& month, int64_t& day) {
  return cursor.Digits(4, 6, year) && cursor.Skip('-') && cursor.Digits(1, 2, month) &&
         cursor.Skip('-') && cursor.Digits(1, 2, day);
}

/// HH:MM[:SS[.ffffff]] as microseconds since midnight, up to 24:00.
bool ReadTimeOfDay(Cursor& cursor, int64_t& time_us) {
  int64_t hour = 0;
  int64_t minute = 0;
  int64_t second = 0;
  int64_t microseconds = 0;
  if (!cursor.Digits(1, 2, hour) || !cursor.Skip(':') || !cursor.Digits(2, 2, minute)) return false;
  if (cursor.Skip(':')) {
    if (!cursor.Digits(2, 2, second)) return false;
    if (cursor.SkipAnyOf(".,") && !cursor.Fraction(microseconds)) return false;
  }
  time_us = ((hour * 60 + minute) * 60 + second) * kMicrosPerSecond + microseconds;
  return minute <= 59 && second <= 60 && time_us <= int64_t{24} * 3600 * kMicrosPerSecond;
}

/// 'Z', '+HH', '+HHMM' or '+HH:MM[:SS]'. Absent is fine.
bool ReadOffset(Cursor& cursor, std::optional<int32_t>& offset_seconds) {
  if (cursor.SkipAnyOf("zZ")) {
    offset_seconds = 0;
    return true;
  }
  const bool west = cursor.Skip('-');
  if (!west && !cursor.Skip('+')) return true;
  int64_t hour = 0;
  int64_t minute = 0;
  int64_t second = 0;
  const size_t num_left = cursor.num_left();
  if (!cursor.Digits(1, 4, hour)) return false;
  if (num_left - cursor.num_left() > 2) {
    minute = hour % 100;
    hour /= 100;
  } else if (cursor.Skip(':')) {
    if (!cursor.Digits(2, 2, minute)) return false;
    if (cursor.Skip(':') && !cursor.Digits(2, 2, second)) return false;
  }
  if (hour > 15 || minute > 59 || second > 59) return false;
  const auto seconds = static_cast<int32_t>((hour * 60 + minute) * 60 + second);
  offset_seconds = west ? -seconds : seconds;
  return true;
}

bool ReadDateTime(std::string_view text, DateTimeText& result) {
  Cursor cursor(text);
  int64_t year = 0;
  int64_t month = 0;
  int64_t day = 0;
  int64_t time_us = 0;
  if (!ReadDate(cursor, year, month, day)) return false;
  if (cursor.SkipAnyOf("tT")) {
    result.has_time = true;
  } else {
    cursor.SkipSpaces();
    result.has_time = !cursor.AtEnd() && !cursor.SkipWord("BC");
    // The only thing that may follow BC is the end.
    if (!result.has_time && !cursor.AtEnd()) return false;
  }
  bool before_christ = absl::EndsWithIgnoreCase(ToAbsl(text), "BC");
  if (result.has_time) {
    if (!ReadTimeOfDay(cursor, time_us)) return false;
    cursor.SkipSpaces();
    if (!ReadOffset(cursor, result.offset_seconds)) return false;
    cursor.SkipSpaces();
    before_christ = cursor.SkipWord("BC");
    if (!cursor.AtEnd()) return false;
  }
  if (year < 1 || year > kMaxYear) return false;
  if (before_christ) year = 1 - year;
  const absl::CivilDay date(year, month, day);
  // CivilDay carries 2024-02-30 over to March.
  if (date.year() != year || date.month() != month || date.day() != day) return false;
  result.date = date;
  result.local = absl::CivilSecond(date) + time_us / kMicrosPerSecond;
  result.microseconds = static_cast<int32_t>(time_us % kMicrosPerSecond);
  return true;
}

std::string Quoted(std::string_view text) {
  const bool cut = text.size() > kMaxTextBytes;
  return absl::StrCat("'", absl::CHexEscape(ToAbsl(text.substr(0, kMaxTextBytes))),
                      cut ? "...'" : "'");
}

absl::Status OutOfRange(std::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat(
      "time ", Quoted(text), " is outside of the years 4714 BC to 294246, which are allowed"));
}

enum class DateReading { kFirstInstant, kPostgres };

absl::StatusOr<int64_t> ParseInstant(std::string_view text, const absl::TimeZone& zone,
                                     DateReading date_reading) {
  const absl::StatusOr<DateTimeText> parsed = ParseDateTime(text);
  if (!parsed.ok()) return parsed.status();
  // Beyond these days a sum could leave int64; every offset is shorter than a day.
  if (parsed->local < absl::CivilSecond(-4713, 11, 23) ||
      parsed->local > absl::CivilSecond(294'247, 1, 2)) {
    return OutOfRange(text);
  }
  int64_t seconds_us = 0;
  if (parsed->offset_seconds) {
    seconds_us = absl::ToUnixMicros(absl::FromCivil(parsed->local, absl::UTCTimeZone())) -
                 *parsed->offset_seconds * kMicrosPerSecond;
  } else if (!parsed->has_time && date_reading == DateReading::kFirstInstant) {
    seconds_us = FirstInstantUs(parsed->local, zone);
  } else {
    seconds_us = PostgresInstantUs(parsed->local, zone);
  }
  const int64_t instant_us = seconds_us + parsed->microseconds;
  if (instant_us < kMinInstantUs || instant_us > kMaxInstantUs) return OutOfRange(text);
  return instant_us;
}

/// A number below 100.
char* WriteTwoDigits(int number, char* target) {
  target[0] = static_cast<char>('0' + number / 10);
  target[1] = static_cast<char>('0' + number % 10);
  return target + 2;
}

/// Of at least four digits.
char* WriteYear(int64_t year, char* target) {
  constexpr size_t kMaxDigits = 20;
  if (year > 9999) return std::to_chars(target, target + kMaxDigits, year).ptr;
  target = WriteTwoDigits(static_cast<int>(year) / 100, target);
  return WriteTwoDigits(static_cast<int>(year) % 100, target);
}

/// A point and as many digits as are needed; nothing of 0.
char* WriteFraction(int64_t fraction_us, char* target) {
  if (fraction_us != 0) *target++ = '.';
  for (int64_t unit_us = kMicrosPerSecond / 10; fraction_us != 0; unit_us /= 10) {
    *target++ = static_cast<char>('0' + fraction_us / unit_us);
    fraction_us %= unit_us;
  }
  return target;
}

char* WriteOffset(int offset_seconds, char* target) {
  *target++ = offset_seconds < 0 ? '-' : '+';
  const int distance = std::abs(offset_seconds);
  target = WriteTwoDigits(distance / 3600, target);
  *target++ = ':';
  target = WriteTwoDigits(distance / 60 % 60, target);
  if (distance % 60 == 0) return target;
  *target++ = ':';
  return WriteTwoDigits(distance % 60, target);
}

}  // namespace

absl::StatusOr<DateTimeText> ParseDateTime(std::string_view text) {
  const std::string_view trimmed = ToStd(absl::StripAsciiWhitespace(ToAbsl(text)));
  DateTimeText result;
  if (trimmed.size() <= kMaxTextBytes && ReadDateTime(trimmed, result)) return result;
  return absl::InvalidArgumentError(absl::StrCat(
      Quoted(text),
      " is not a date or time; allowed: 'YYYY-MM-DD', 'YYYY-MM-DD HH:MM[:SS[.ffffff]]', and RFC "
      "3339 such as '2024-01-31T10:00:00Z' or '2024-01-31T10:00:00+02:00'"));
}

absl::StatusOr<int64_t> ParseRangeInstantUs(std::string_view text, const absl::TimeZone& zone) {
  return ParseInstant(text, zone, DateReading::kFirstInstant);
}

absl::StatusOr<int64_t> ParseTimestampTzUs(std::string_view text, const absl::TimeZone& zone) {
  return ParseInstant(text, zone, DateReading::kPostgres);
}

absl::StatusOr<int32_t> ParseDateDays(std::string_view text) {
  const absl::StatusOr<DateTimeText> parsed = ParseDateTime(text);
  if (!parsed.ok()) return parsed.status();
  return static_cast<int32_t>(parsed->date - absl::CivilDay(1970, 1, 1));
}

int64_t PostgresInstantUs(const absl::CivilSecond& local, const absl::TimeZone& zone) {
  const absl::TimeZone::TimeInfo info = zone.At(local);
  const absl::Time instant = info.kind == absl::TimeZone::TimeInfo::REPEATED ? info.post : info.pre;
  return absl::ToUnixMicros(instant);
}

std::string FormatInstant(int64_t instant_us, const absl::TimeZone& zone) {
  std::array<char, kMaxInstantTextBytes> text;
  return std::string(text.data(), WriteInstant(instant_us, zone, text.data()));
}

char* WriteInstant(int64_t instant_us, const absl::TimeZone& zone, char* target) {
  const absl::TimeZone::CivilInfo local = zone.At(absl::FromUnixMicros(instant_us));
  const bool before_christ = local.cs.year() <= 0;
  target = WriteYear(before_christ ? 1 - local.cs.year() : local.cs.year(), target);
  const std::pair<char, int> parts[] = {{'-', local.cs.month()},
                                        {'-', local.cs.day()},
                                        {'T', local.cs.hour()},
                                        {':', local.cs.minute()},
                                        {':', local.cs.second()}};
  for (const auto& [separator, value] : parts) {
    *target++ = separator;
    target = WriteTwoDigits(value, target);
  }
  const int64_t remainder_us = instant_us % kMicrosPerSecond;
  target = WriteFraction(remainder_us < 0 ? remainder_us + kMicrosPerSecond : remainder_us, target);
  target = WriteOffset(local.offset, target);
  for (const char letter : std::string_view(before_christ ? " BC" : "")) *target++ = letter;
  return target;
}

}  // namespace sextant
