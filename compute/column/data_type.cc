#include "compute/column/data_type.h"

#include "absl/strings/str_cat.h"
#include "compute/memory/check.h"

namespace sextant {
namespace {

const char* KindName(TypeKind kind) {
  switch (kind) {
    case TypeKind::kBool:
      return "boolean";
    case TypeKind::kInt16:
      return "smallint";
    case TypeKind::kInt32:
      return "integer";
    case TypeKind::kInt64:
      return "bigint";
    case TypeKind::kFloat32:
      return "real";
    case TypeKind::kFloat64:
      return "double precision";
    case TypeKind::kDecimal:
      return "numeric";
    case TypeKind::kText:
      return "text";
    case TypeKind::kEnum:
      return "enum";
    case TypeKind::kUuid:
      return "uuid";
    case TypeKind::kJson:
      return "json";
    case TypeKind::kDate:
      return "date";
    case TypeKind::kTimestamp:
      return "timestamp with time zone";
    case TypeKind::kDuration:
      return "duration";
    case TypeKind::kInterval:
      return "interval";
    case TypeKind::kBytes:
      return "bytea";
    case TypeKind::kList:
      return "array";
  }
  SEXTANT_CHECK(false) << "type kind " << static_cast<int>(kind);
  return "";
}

uint64_t LoadBigEndian(const uint8_t* bytes) {
  uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | bytes[i];
  return value;
}

void StoreBigEndian(uint64_t value, uint8_t* bytes) {
  for (int i = 7; i >= 0; --i, value >>= 8) bytes[i] = static_cast<uint8_t>(value);
}

}  // namespace

std::string TypeName(const DataType& type) {
  if (type.kind == TypeKind::kList) return absl::StrCat(TypeName(type.ElementType()), "[]");
  if (type.kind == TypeKind::kDecimal && type.precision > 0) {
    return absl::StrCat("numeric(", int{type.precision}, ",", int{type.scale}, ")");
  }
  return KindName(type.kind);
}

Layout PlainLayout(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kFloat32:
    case TypeKind::kFloat64:
      return Layout::kFloat;
    case TypeKind::kDecimal:
      return type.precision > 18 ? Layout::kWide : Layout::kInteger;
    case TypeKind::kUuid:
    case TypeKind::kInterval:
      return Layout::kWide;
    case TypeKind::kEnum:
      return Layout::kCode;
    case TypeKind::kText:
    case TypeKind::kJson:
    case TypeKind::kBytes:
      return Layout::kBytes;
    case TypeKind::kList:
      return Layout::kList;
    default:
      return Layout::kInteger;
  }
}

Wide WideOfInt128(int128_t value) {
  const auto bits = static_cast<uint128_t>(value);
  return {static_cast<uint64_t>(bits), static_cast<uint64_t>(bits >> 64)};
}

int128_t Int128OfWide(Wide wide) {
  return static_cast<int128_t>(static_cast<uint128_t>(wide.high) << 64 | wide.low);
}

Wide WideOfInterval(const IntervalValue& interval) {
  return {static_cast<uint64_t>(interval.microseconds),
          uint64_t{static_cast<uint32_t>(interval.months)} << 32 |
              static_cast<uint32_t>(interval.days)};
}

IntervalValue IntervalOfWide(Wide wide) {
  return {static_cast<int32_t>(wide.high >> 32), static_cast<int32_t>(wide.high),
          static_cast<int64_t>(wide.low)};
}

Wide WideOfUuid(const uint8_t* bytes) { return {LoadBigEndian(bytes + 8), LoadBigEndian(bytes)}; }

void UuidOfWide(Wide wide, uint8_t* bytes) {
  StoreBigEndian(wide.high, bytes);
  StoreBigEndian(wide.low, bytes + 8);
}

int128_t IntervalOrderKey(const IntervalValue& interval) {
  constexpr int128_t kDayUs = int128_t{86'400} * 1'000'000;
  return (int128_t{interval.months} * 30 + interval.days) * kDayUs + interval.microseconds;
}

}  // namespace sextant
