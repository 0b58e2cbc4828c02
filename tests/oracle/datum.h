#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sextant::oracle {

__extension__ typedef __int128 Int128;

enum class Kind : uint8_t {
  kBool,
  kInt2,
  kInt4,
  kInt8,
  kFloat4,
  kFloat8,
  kNumeric,
  kText,
  kBpchar,
  kEnum,
  kUuid,
  kDate,
  kTimestamptz,
  kTimestamp,  // local in the column's zone; an instant once it is read
  kDuration,   // a difference of instants
  kInterval,
  kBytea,
  kList,
};

/// The oracle's own notion of a type; nothing of the product's.
struct Type {
  Kind kind = Kind::kInt8;
  int precision = 0;  // kNumeric; length of kBpchar
  int scale = 0;      // kNumeric
  Kind element = Kind::kInt8;
  int element_precision = 0;

  friend bool operator==(const Type&, const Type&) = default;
};

inline bool IsInteger(Kind kind) { return kind >= Kind::kInt2 && kind <= Kind::kInt8; }
inline bool IsFloat(Kind kind) { return kind == Kind::kFloat4 || kind == Kind::kFloat8; }
inline bool IsNumber(Kind kind) { return kind >= Kind::kInt2 && kind <= Kind::kNumeric; }
inline bool IsText(Kind kind) { return kind == Kind::kText || kind == Kind::kBpchar; }
inline bool IsInstant(Kind kind) { return kind == Kind::kTimestamptz || kind == Kind::kTimestamp; }
inline bool IsTime(Kind kind) { return IsInstant(kind) || kind == Kind::kDate; }

constexpr int64_t kSecondUs = 1'000'000;
constexpr int64_t kHourUs = 3'600 * kSecondUs;
constexpr int64_t kDayUs = 24 * kHourUs;
/// What PostgreSQL's -infinity and infinity become.
constexpr int64_t kMinusInfinityUs = INT64_MIN;
constexpr int64_t kInfinityUs = INT64_MAX;
constexpr int64_t kMinusInfinityDay = INT32_MIN;
constexpr int64_t kInfinityDay = INT32_MAX;

/// A value of any type, or NULL. Which member by kind:
///   integer: bool, integers, numeric (scaled), date (days since 1970), timestamps and durations
///   (microseconds), enum (code); number: floats; text: text, uuid (as written), bytea (bytes);
///   months, days, microseconds: interval; elements: list.
struct Datum {
  bool is_null = true;
  Int128 integer = 0;
  double number = 0;
  std::string text = {};
  int32_t months = 0;
  int32_t days = 0;
  int64_t microseconds = 0;
  std::vector<Datum> elements = {};

  static Datum OfInteger(Int128 value);
  static Datum OfNumber(double value);
  static Datum OfText(std::string value);
  static Datum OfInterval(int32_t months, int32_t days, int64_t microseconds);
  static Datum OfElements(std::vector<Datum> elements);
  static Datum OfBool(bool value) { return OfInteger(value ? 1 : 0); }
};

/// PostgreSQL's order of values that are not NULL, text by bytes, NaN greatest, -0 equal to 0.
int CompareDatums(Kind kind, const Datum& a, const Datum& b);
int CompareFloats(double a, double b);
/// Months of 30 days of 24 hours, in microseconds.
Int128 IntervalKey(const Datum& interval);

std::string Int128Text(Int128 value);
/// The scaled integer with its point: 12345 of scale 2 is "123.45".
std::string DecimalText(Int128 scaled, int scale);
std::optional<Int128> ParseInt128(const std::string& text);
/// Shortest round-trip form; "NaN", "Infinity", "-Infinity"; -0 is "0".
std::string FloatText(double value);
Int128 PowerOfTen(int exponent);
/// scaled / 10^scale, rounded once.
double DecimalToFloat(Int128 scaled, int scale);

/// What makes a value equal to another of the same type: the form in which answers are compared.
/// Bytes in hexadecimal, instants in microseconds, intervals by IntervalKey.
std::string CanonicalText(const Type& type, const Datum& datum);

/// PostgreSQL's name of a type ("numeric(12,2)", "text[]"), enums as `enum_name`.
std::string SqlTypeName(const Type& type, const std::string& enum_name);
std::string KindName(Kind kind);

}  // namespace sextant::oracle
