#include "compute/plan/binder/interval_text.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "compute/memory/string_view_bridge.h"

namespace sextant {
namespace {

constexpr size_t kMaxTextBytes = 128;
constexpr int64_t kSecondUs = 1'000'000;
constexpr int64_t kDayUs = 86'400 * kSecondUs;

enum class Part { kMonths, kDays, kMicroseconds };

struct Unit {
  std::string_view name;
  Part part;
  int64_t amount;  // of the part
};
constexpr Unit kUnits[] = {
    {"microsecond", Part::kMicroseconds, 1},
    {"us", Part::kMicroseconds, 1},
    {"usec", Part::kMicroseconds, 1},
    {"millisecond", Part::kMicroseconds, 1000},
    {"ms", Part::kMicroseconds, 1000},
    {"msec", Part::kMicroseconds, 1000},
    {"second", Part::kMicroseconds, kSecondUs},
    {"sec", Part::kMicroseconds, kSecondUs},
    {"s", Part::kMicroseconds, kSecondUs},
    {"minute", Part::kMicroseconds, 60 * kSecondUs},
    {"min", Part::kMicroseconds, 60 * kSecondUs},
    {"m", Part::kMicroseconds, 60 * kSecondUs},
    {"hour", Part::kMicroseconds, 3600 * kSecondUs},
    {"hr", Part::kMicroseconds, 3600 * kSecondUs},
    {"h", Part::kMicroseconds, 3600 * kSecondUs},
    {"day", Part::kDays, 1},
    {"d", Part::kDays, 1},
    {"week", Part::kDays, 7},
    {"w", Part::kDays, 7},
    {"month", Part::kMonths, 1},
    {"mon", Part::kMonths, 1},
    {"year", Part::kMonths, 12},
    {"yr", Part::kMonths, 12},
    {"y", Part::kMonths, 12},
    {"decade", Part::kMonths, 120},
};

const Unit* FindUnit(std::string_view name) {
  for (const Unit& unit : kUnits) {
    if (name == unit.name) return &unit;
    if (name.size() == unit.name.size() + 1 && name.starts_with(unit.name) && name.back() == 's') {
      return &unit;
    }
  }
  return nullptr;
}

/// A number as written: sign, whole part, and the fraction as a double in [0, 1).
struct Number {
  bool negative = false;
  bool has_sign = false;
  bool has_point = false;
  int64_t whole = 0;
  double fraction = 0;
};

bool IsDigit(char letter) { return absl::ascii_isdigit(static_cast<unsigned char>(letter)); }

/// Adds up the parts of an interval; wide enough that no sum of parts of a short text overflows.
class IntervalSum {
 public:
  bool Add(const Number& number, const Unit& unit) {
    constexpr int64_t kMaxWhole = int64_t{1} << 53;
    if (number.whole > kMaxWhole) return false;
    const int128_t sign = number.negative ? -1 : 1;
    const double fraction = number.fraction * static_cast<double>(sign);
    switch (unit.part) {
      case Part::kMicroseconds:
        AddMicroseconds(sign * number.whole * unit.amount,
                        fraction * static_cast<double>(unit.amount));
        break;
      case Part::kDays:
        days_ += sign * number.whole * unit.amount;
        AddFractionOfDays(fraction * static_cast<double>(unit.amount));
        break;
      case Part::kMonths:
        months_ += sign * number.whole * unit.amount;
        AddFractionOfMonths(fraction * static_cast<double>(unit.amount), unit.amount > 1);
        break;
    }
    return true;
  }

  void AddClock(const Number& hours, int64_t minutes, int64_t microseconds) {
    const int128_t sign = hours.negative ? -1 : 1;
    microseconds_ +=
        sign * (int128_t{hours.whole} * 3600 * kSecondUs + minutes * 60 * kSecondUs + microseconds);
  }

  void Negate() {
    months_ = -months_;
    days_ = -days_;
    microseconds_ = -microseconds_;
  }

  bool Finish(IntervalValue& interval) const {
    if (!Fits<int32_t>(months_) || !Fits<int32_t>(days_) || !Fits<int64_t>(microseconds_)) {
      return false;
    }
    interval = {static_cast<int32_t>(months_), static_cast<int32_t>(days_),
                static_cast<int64_t>(microseconds_)};
    return true;
  }

 private:
  template <typename T>
  static bool Fits(int128_t value) {
    return value >= std::numeric_limits<T>::min() && value <= std::numeric_limits<T>::max();
  }

  /// As PostgreSQL, a half is rounded to zero.
  void AddMicroseconds(int128_t whole, double fraction) {
    const double rounded = std::trunc(fraction);
    microseconds_ += whole + static_cast<int64_t>(rounded);
    if (fraction - rounded > 0.5) ++microseconds_;
    if (fraction - rounded < -0.5) --microseconds_;
  }
  void AddFractionOfDays(double days) {
    const double whole = std::trunc(days);
    days_ += static_cast<int64_t>(whole);
    AddMicroseconds(0, (days - whole) * static_cast<double>(kDayUs));
  }
  /// The fraction of a year is rounded to months, that of a month is days.
  void AddFractionOfMonths(double months, bool is_years) {
    if (is_years) {
      months_ += std::llrint(months);
      return;
    }
    AddFractionOfDays(months * 30);
  }

  int128_t months_ = 0;
  int128_t days_ = 0;
  int128_t microseconds_ = 0;
};

class IntervalReader {
 public:
  explicit IntervalReader(std::string_view lower_case) : rest_(lower_case) {}

  bool Read(IntervalValue& interval) {
    IntervalSum sum;
    const bool read = !rest_.empty() && rest_.front() == 'p' ? ReadIso(sum) : ReadWords(sum);
    return read && sum.Finish(interval);
  }

 private:
  bool ReadWords(IntervalSum& sum) {
    SkipSpaces();
    if (!rest_.empty() && rest_.front() == '@') Advance(1);
    bool any = false;
    for (SkipSpaces(); !rest_.empty(); SkipSpaces()) {
      if (any && rest_ == "ago") {
        sum.Negate();
        return true;
      }
      Number number;
      if (!ReadNumber(number)) return false;
      if (!rest_.empty() && rest_.front() == ':') {
        if (!ReadClock(number, sum)) return false;
      } else if (!ReadUnitOf(number, sum)) {
        return false;
      }
      any = true;
    }
    return any;
  }

  /// A number at the end is seconds.
  bool ReadUnitOf(const Number& number, IntervalSum& sum) {
    SkipSpaces();
    if (rest_.empty()) return sum.Add(number, *FindUnit("second"));
    const Unit* unit = FindUnit(TakeWord());
    return unit != nullptr && sum.Add(number, *unit);
  }

  /// [hours]:MM[:SS[.ffffff]], or [minutes]:SS.ffffff, the first number already read.
  bool ReadClock(Number hours, IntervalSum& sum) {
    Advance(1);
    Number minutes;
    Number seconds;
    if (hours.has_point || hours.whole > 1'000'000'000) return false;
    if (!ReadNumber(minutes) || minutes.has_sign) return false;
    if (minutes.has_point) {
      seconds = std::exchange(minutes, {.whole = std::exchange(hours.whole, 0)});
      if (seconds.whole > 60 || (!rest_.empty() && rest_.front() == ':')) return false;
    }
    if (minutes.whole > 59) return false;
    if (!rest_.empty() && rest_.front() == ':') {
      Advance(1);
      if (!ReadNumber(seconds) || seconds.has_sign || seconds.whole > 60) return false;
    }
    const int64_t microseconds =
        seconds.whole * kSecondUs + std::llrint(seconds.fraction * static_cast<double>(kSecondUs));
    sum.AddClock(hours, minutes.whole, microseconds);
    return true;
  }

  /// ISO 8601 with designators: P1Y2M3W4DT5H6M7.8S.
  bool ReadIso(IntervalSum& sum) {
    Advance(1);
    bool in_time = false;
    bool any = false;
    while (!rest_.empty()) {
      if (rest_.front() == 't' && !in_time) {
        in_time = true;
        any = true;
        Advance(1);
        continue;
      }
      Number number;
      if (!ReadNumber(number) || rest_.empty()) return false;
      const std::string_view name = IsoUnit(rest_.front(), in_time);
      Advance(1);
      if (name.empty() || !sum.Add(number, *FindUnit(name))) return false;
      any = true;
    }
    return any;
  }

  static std::string_view IsoUnit(char designator, bool in_time) {
    switch (designator) {
      case 'y':
        return in_time ? "" : "year";
      case 'm':
        return in_time ? "minute" : "month";
      case 'w':
        return in_time ? "" : "week";
      case 'd':
        return in_time ? "" : "day";
      case 'h':
        return in_time ? "hour" : "";
      case 's':
        return in_time ? "second" : "";
      default:
        return "";
    }
  }

  bool ReadNumber(Number& number) {
    number.has_sign = !rest_.empty() && (rest_.front() == '-' || rest_.front() == '+');
    if (number.has_sign) {
      number.negative = rest_.front() == '-';
      Advance(1);
    }
    size_t num_digits = 0;
    while (num_digits < rest_.size() && IsDigit(rest_[num_digits])) {
      if (num_digits == 18) return false;
      number.whole = number.whole * 10 + (rest_[num_digits++] - '0');
    }
    Advance(num_digits);
    if (rest_.empty() || rest_.front() != '.') return num_digits > 0;
    number.has_point = true;
    Advance(1);
    size_t num_decimals = 0;
    double scale = 1;
    double decimals = 0;
    while (num_decimals < rest_.size() && IsDigit(rest_[num_decimals])) {
      if (num_decimals < 15) {
        decimals = decimals * 10 + (rest_[num_decimals] - '0');
        scale *= 10;
      }
      ++num_decimals;
    }
    Advance(num_decimals);
    number.fraction = decimals / scale;
    return num_digits + num_decimals > 0;
  }

  std::string_view TakeWord() {
    size_t size = 0;
    while (size < rest_.size() && absl::ascii_isalpha(static_cast<unsigned char>(rest_[size]))) {
      ++size;
    }
    const std::string_view word = rest_.substr(0, size);
    Advance(size);
    return word;
  }

  void SkipSpaces() {
    while (!rest_.empty() && rest_.front() == ' ') Advance(1);
  }
  void Advance(size_t count) { rest_.remove_prefix(count); }

  std::string_view rest_;
};

}  // namespace

absl::StatusOr<IntervalValue> ParseInterval(std::string_view text) {
  const std::string lower_case =
      absl::AsciiStrToLower(absl::StripAsciiWhitespace(ToAbsl(text.substr(0, kMaxTextBytes + 1))));
  IntervalValue interval;
  if (lower_case.size() <= kMaxTextBytes && IntervalReader(lower_case).Read(interval)) {
    return interval;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "'", absl::CHexEscape(ToAbsl(text.substr(0, 64))),
      "' is not an interval; allowed: such as '2 days', '1 month 12:30:00', 'P1DT2H'"));
}

}  // namespace sextant
