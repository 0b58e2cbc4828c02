#include "service/wire/value_text.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "compute/memory/check.h"
#include "compute/memory/string_view_bridge.h"

namespace sextant {
namespace {

__extension__ typedef unsigned __int128 uint128_t;

constexpr uint64_t kMicrosecondsPerSecond = 1'000'000;

/// Adds "-3 days"; PostgreSQL writes the sign of a positive count that follows a negative one.
void AppendUnit(int64_t count, const char* unit, bool& after_negative, std::string& text) {
  if (count == 0) return;
  absl::StrAppend(&text, text.empty() ? "" : " ", after_negative && count > 0 ? "+" : "", count,
                  " ", unit, count == 1 ? "" : "s");
  after_negative = count < 0;
}

/// "04:05:06.789", with as many digits of the second as are needed.
std::string TimeText(uint64_t microseconds) {
  const uint64_t seconds = microseconds / kMicrosecondsPerSecond;
  std::string text =
      absl::StrFormat("%02d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
  const uint64_t fraction = microseconds % kMicrosecondsPerSecond;
  if (fraction == 0) return text;
  absl::StrAppendFormat(&text, ".%06d", fraction);
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

}  // namespace

std::string DecimalText(int128_t unscaled, int scale) {
  const bool negative = unscaled < 0;
  uint128_t rest = negative ? -static_cast<uint128_t>(unscaled) : static_cast<uint128_t>(unscaled);
  std::string reversed;
  for (int digit = 0; rest != 0 || digit <= scale; ++digit) {
    if (digit == scale && scale > 0) reversed += '.';
    reversed += static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  }
  if (negative) reversed += '-';
  std::reverse(reversed.begin(), reversed.end());
  return reversed;
}

std::string DateText(int64_t day) {
  const absl::CivilDay date = absl::CivilDay(1970, 1, 1) + day;
  const bool before_christ = date.year() <= 0;
  const int64_t year = before_christ ? 1 - date.year() : date.year();
  return absl::StrFormat("%04d-%02d-%02d%s", year, date.month(), date.day(),
                         before_christ ? " BC" : "");
}

std::string IntervalText(const IntervalValue& interval) {
  std::string text;
  bool after_negative = false;
  AppendUnit(interval.months / 12, "year", after_negative, text);
  AppendUnit(interval.months % 12, "mon", after_negative, text);
  AppendUnit(interval.days, "day", after_negative, text);
  const int64_t time_us = interval.microseconds;
  if (time_us == 0 && !text.empty()) return text;
  const char* sign = time_us < 0 ? "-" : after_negative ? "+" : "";
  const uint64_t magnitude =
      time_us < 0 ? -static_cast<uint64_t>(time_us) : static_cast<uint64_t>(time_us);
  absl::StrAppend(&text, text.empty() ? "" : " ", sign, TimeText(magnitude));
  return text;
}

std::string UuidText(Wide uuid) {
  uint8_t bytes[16];
  UuidOfWide(uuid, bytes);
  std::string text =
      absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(bytes), 16));
  for (const size_t at : {20, 16, 12, 8}) text.insert(at, 1, '-');
  return text;
}

std::string WideText(const DataType& type, Wide value) {
  switch (type.kind) {
    case TypeKind::kDecimal:
      return DecimalText(Int128OfWide(value), type.scale);
    case TypeKind::kUuid:
      return UuidText(value);
    default:
      SEXTANT_CHECK(type.kind == TypeKind::kInterval) << TypeName(type);
      return IntervalText(IntervalOfWide(value));
  }
}

std::string BytesText(std::string_view bytes) {
  return absl::StrCat("\\x", absl::BytesToHexString(ToAbsl(bytes)));
}

}  // namespace sextant
