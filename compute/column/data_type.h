#pragma once

#include <cstdint>
#include <string>

namespace sextant {

/// What a value means. Physical storage is Layout's business, and the width is each chunk's own.
enum class TypeKind : uint8_t {
  kBool,
  kInt16,
  kInt32,
  kInt64,
  kFloat32,
  kFloat64,
  kDecimal,  // numeric(precision, scale), precision <= 38; value = integer / 10^scale
  kText,     // text, varchar, bpchar (stored without its padding: rule 8); orders by bytes (rule 7)
  kEnum,     // codes in declared order, and it orders so (rule 8)
  kUuid,     // 16 bytes, network order
  kJson,     // text of json or jsonb; no group, no equality (rule 8)
  kDate,     // days since 1970-01-01, a calendar day of no zone (rule 10)
  kTimestamp,  // microseconds since 1970-01-01T00:00Z, an instant (rule 10)
  kDuration,   // microseconds: a difference of instants (rule 6)
  kInterval,   // months, days, microseconds (rule 6)
  kBytes,      // bytea
  kList,       // one-dimensional array of `element`
};

/// How values lie in memory. Chosen per column and generation, never per chunk; widths are per
/// chunk.
enum class Layout : uint8_t {
  kInteger,  // value = base + unsigned offset of 1, 2, 4 or 8 bytes: bool, ints, date, timestamp,
             // duration, decimal p<=18
  kFloat,    // IEEE 754, 4 or 8 bytes
  kCode,     // code of a Dictionary, unsigned, 1, 2 or 4 bytes: enum; text where a dictionary pays
  kWide,     // 16 bytes: decimal p>18 (int128), uuid, interval
  kBytes,    // offsets and bytes: bytea, json, text where a dictionary does not pay
  kList,     // offsets into a column of elements
};

/// A logical type. `precision` and `scale` belong to kDecimal and to lists of it, `element` to
/// kList, else 0 and kBool.
struct DataType {
  TypeKind kind = TypeKind::kInt64;
  uint8_t precision = 0;
  uint8_t scale = 0;
  TypeKind element = TypeKind::kBool;

  static constexpr DataType Of(TypeKind kind) { return {kind, 0, 0, TypeKind::kBool}; }
  static constexpr DataType Decimal(int precision, int scale) {
    return {TypeKind::kDecimal, static_cast<uint8_t>(precision), static_cast<uint8_t>(scale),
            TypeKind::kBool};
  }
  static constexpr DataType ListOf(TypeKind element) { return {TypeKind::kList, 0, 0, element}; }
  static constexpr DataType ListOf(const DataType& element) {
    return {TypeKind::kList, element.precision, element.scale, element.kind};
  }

  /// Of the elements of a kList.
  constexpr DataType ElementType() const { return {element, precision, scale, TypeKind::kBool}; }
  friend constexpr bool operator==(const DataType&, const DataType&) = default;
};

/// The name that users know: PostgreSQL's ("bigint", "numeric(12,2)", "text[]", "timestamp with
/// time zone").
std::string TypeName(const DataType& type);

constexpr bool IsInteger(TypeKind kind) {
  return kind == TypeKind::kInt16 || kind == TypeKind::kInt32 || kind == TypeKind::kInt64;
}
constexpr bool IsFloat(TypeKind kind) {
  return kind == TypeKind::kFloat32 || kind == TypeKind::kFloat64;
}
constexpr bool IsNumber(TypeKind kind) {
  return IsInteger(kind) || IsFloat(kind) || kind == TypeKind::kDecimal;
}
/// False for json and for lists.
constexpr bool IsGroupable(TypeKind kind) {
  return kind != TypeKind::kJson && kind != TypeKind::kList;
}

/// kCode is the caller's choice for kText: this is the layout without a dictionary (kEnum is always
/// kCode).
Layout PlainLayout(const DataType& type);

/// A 16-byte value: int128 of a decimal, bytes of a uuid, or an interval. Trivially copyable,
/// compares by bytes only.
struct Wide {
  uint64_t low = 0;
  uint64_t high = 0;
  friend bool operator==(const Wide&, const Wide&) = default;
};

__extension__ typedef __int128 int128_t;
__extension__ typedef unsigned __int128 uint128_t;

/// kInterval as it lies in a Wide.
struct IntervalValue {
  int32_t months = 0;
  int32_t days = 0;
  int64_t microseconds = 0;
};

Wide WideOfInt128(int128_t value);
int128_t Int128OfWide(Wide wide);
Wide WideOfInterval(const IntervalValue& interval);
IntervalValue IntervalOfWide(Wide wide);
/// `bytes` are 16, network order; the Wide compares as the bytes do when compared high first,
/// unsigned.
Wide WideOfUuid(const uint8_t* bytes);
void UuidOfWide(Wide wide, uint8_t* bytes);

/// PostgreSQL's order of intervals: months of 30 days, days of 24 hours (rule 6).
int128_t IntervalOrderKey(const IntervalValue& interval);

}  // namespace sextant
