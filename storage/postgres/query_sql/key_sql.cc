#include "storage/postgres/query_sql/key_sql.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/plan/bound_query.h"
#include "storage/postgres/query_sql/constant_sql.h"

namespace sextant {
namespace {

constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
constexpr int64_t kMost = std::numeric_limits<int64_t>::max();

std::string NeverSql(const std::string& value) {
  return absl::StrCat("(CASE WHEN ", value, " IS NOT NULL THEN false END)");
}
std::string AlwaysSql(const std::string& value) {
  return absl::StrCat("(CASE WHEN ", value, " IS NOT NULL THEN true END)");
}

std::string BetweenSql(const std::string& value, const std::optional<std::string>& lower,
                       const std::optional<std::string>& upper) {
  if (lower && upper && *lower == *upper) return absl::StrCat("(", value, " = ", *lower, ")");
  if (lower && upper) {
    return absl::StrCat("(", value, " BETWEEN ", *lower, " AND ", *upper, ")");
  }
  if (lower) return absl::StrCat("(", value, " >= ", *lower, ")");
  if (upper) return absl::StrCat("(", value, " <= ", *upper, ")");
  return AlwaysSql(value);
}

/// The double whose FloatKey is `key`.
double FloatOfKey(int64_t key) { return std::bit_cast<double>(key >= 0 ? key : key ^ kMost); }

/// Keys that no value has lie between the infinities and the ends, and at -1, which would be -0.
std::string FloatRangeSql(const std::string& value, int64_t min, int64_t max) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  std::optional<std::string> lower;
  std::optional<std::string> upper;
  if (min > FloatKey(kInfinity)) {
    lower = FloatSql(std::nan(""));
  } else if (min > FloatKey(-kInfinity)) {
    lower = FloatSql(FloatOfKey(min == -1 ? 0 : min));
  }
  if (max < FloatKey(-kInfinity)) return NeverSql(value);
  if (max < kMost) {
    upper = FloatSql(max >= FloatKey(kInfinity) ? kInfinity : FloatOfKey(max == -1 ? -2 : max));
  }
  return BetweenSql(value, lower, upper);
}

std::string BoolRangeSql(const std::string& value, int64_t min, int64_t max) {
  const bool has_false = min <= 0 && max >= 0;
  const bool has_true = min <= 1 && max >= 1;
  if (has_false && has_true) return AlwaysSql(value);
  if (!has_false && !has_true) return NeverSql(value);
  return absl::StrCat("(", value, " = ", has_true ? "true" : "false", ")");
}

std::string EnumRangeSql(const DataType& type, const Field& field, const std::string& value,
                         int64_t min, int64_t max) {
  const auto num_labels = static_cast<int64_t>(field.enum_labels.size());
  if (max < 0 || min >= num_labels) return NeverSql(value);
  std::optional<std::string> lower;
  std::optional<std::string> upper;
  if (min > 0) lower = KeySql(type, field, min);
  if (max < num_labels - 1) upper = KeySql(type, field, max);
  return BetweenSql(value, lower, upper);
}

constexpr int64_t kDayUs = 86'400'000'000;

int128_t WideLeast() { return static_cast<int128_t>(static_cast<uint128_t>(1) << 127); }

/// The interval of a key, of months of 30 days of 24 hours, as PostgreSQL compares intervals (rule
/// 6); nothing where no interval is so long.
std::optional<IntervalValue> IntervalOfKey(int128_t key) {
  constexpr int128_t kMostParts = std::numeric_limits<int32_t>::max();
  IntervalValue interval;
  interval.months = static_cast<int32_t>(std::clamp(key / kDayUs / 30, -kMostParts, kMostParts));
  key -= int128_t{interval.months} * 30 * kDayUs;
  interval.days = static_cast<int32_t>(std::clamp(key / kDayUs, -kMostParts, kMostParts));
  key -= int128_t{interval.days} * kDayUs;
  if (key < kLeast || key > kMost) return std::nullopt;
  interval.microseconds = static_cast<int64_t>(key);
  return interval;
}

std::string WideKeySql(const DataType& type, int128_t key) {
  if (type.kind == TypeKind::kUuid) {
    Wide wide = WideOfInt128(key);
    wide.high ^= uint64_t{1} << 63;
    return UuidSql(wide);
  }
  return type.kind == TypeKind::kInterval ? IntervalSql(*IntervalOfKey(key))
                                          : DecimalSql(key, type.scale);
}

/// Whether no value has this key: then all are on one side of it. The ends of the keys of decimals
/// and intervals are open bounds, those of uuids are values.
bool IsBeyond(const DataType& type, int128_t key) {
  if (type.kind == TypeKind::kUuid) return false;
  if (type.kind == TypeKind::kInterval) return !IntervalOfKey(key);
  return key == WideLeast() || key == ~WideLeast();
}

}  // namespace

std::string KeySql(const DataType& type, const Field& field, int64_t key) {
  if (IsFloat(type.kind)) return FloatSql(FloatOfKey(key));
  // Comparisons with a bare number are those with bigint.
  const bool is_bare = IsInteger(type.kind) || type.kind == TypeKind::kDuration;
  if (is_bare && key != kLeast) return absl::StrCat(key);
  return IntegerFormSql(type, field, key);
}

std::string KeyRangeSql(const DataType& type, const Field& field, const std::string& value,
                        int64_t min, int64_t max) {
  if (min > max) return NeverSql(value);
  if (IsFloat(type.kind)) return FloatRangeSql(value, min, max);
  if (type.kind == TypeKind::kBool) return BoolRangeSql(value, min, max);
  if (type.kind == TypeKind::kEnum) return EnumRangeSql(type, field, value, min, max);
  std::optional<std::string> lower;
  std::optional<std::string> upper;
  if (min != kLeast) lower = KeySql(type, field, min);
  if (max != kMost) upper = KeySql(type, field, max);
  return BetweenSql(value, lower, upper);
}

std::string KeySetSql(const DataType& type, const Field& field, const std::string& value,
                      const std::vector<int64_t>& keys) {
  if (keys.empty()) return NeverSql(value);
  return absl::StrCat("(", value, " IN (",
                      absl::StrJoin(keys, ", ",
                                    [&](std::string* out, int64_t key) {
                                      absl::StrAppend(out, KeySql(type, field, key));
                                    }),
                      "))");
}

std::string WideRangeSql(const DataType& type, const std::string& value, int128_t min,
                         int128_t max) {
  const bool is_above = min > 0 && IsBeyond(type, min);
  const bool is_below = max < 0 && IsBeyond(type, max);
  if (min > max || is_above || is_below) return NeverSql(value);
  std::optional<std::string> lower;
  std::optional<std::string> upper;
  if (min != WideLeast() && !IsBeyond(type, min)) lower = WideKeySql(type, min);
  if (max != ~WideLeast() && !IsBeyond(type, max)) upper = WideKeySql(type, max);
  return BetweenSql(value, lower, upper);
}

std::string WideSetSql(const DataType& type, const std::string& value,
                       const std::vector<int128_t>& keys) {
  if (keys.empty()) return NeverSql(value);
  return absl::StrCat("(", value, " IN (",
                      absl::StrJoin(keys, ", ",
                                    [&](std::string* out, int128_t key) {
                                      absl::StrAppend(out, WideKeySql(type, key));
                                    }),
                      "))");
}

}  // namespace sextant
