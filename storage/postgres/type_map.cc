#include "storage/postgres/type_map.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "compute/memory/string_view_bridge.h"
#include "compute/plan/time_zone.h"

namespace sextant {
namespace {

constexpr int kMaxDecimalDigits = 38;

struct Precision {
  int precision = 0;
  int scale = 0;
};

struct WireAndKind {
  WireType wire;
  TypeKind kind;
};

std::optional<WireAndKind> ScalarOf(uint32_t type_oid) {
  switch (type_oid) {
    case kBoolOid:
      return WireAndKind{WireType::kBool, TypeKind::kBool};
    case kInt2Oid:
      return WireAndKind{WireType::kInt2, TypeKind::kInt16};
    case kInt4Oid:
      return WireAndKind{WireType::kInt4, TypeKind::kInt32};
    case kInt8Oid:
      return WireAndKind{WireType::kInt8, TypeKind::kInt64};
    case kFloat4Oid:
      return WireAndKind{WireType::kFloat4, TypeKind::kFloat32};
    case kFloat8Oid:
      return WireAndKind{WireType::kFloat8, TypeKind::kFloat64};
    case kTextOid:
    case kVarcharOid:
    case kNameOid:
      return WireAndKind{WireType::kText, TypeKind::kText};
    case kBpcharOid:
      return WireAndKind{WireType::kBpchar, TypeKind::kText};
    case kUuidOid:
      return WireAndKind{WireType::kUuid, TypeKind::kUuid};
    case kJsonOid:
      return WireAndKind{WireType::kJson, TypeKind::kJson};
    case kJsonbOid:
      return WireAndKind{WireType::kJsonb, TypeKind::kJson};
    case kDateOid:
      return WireAndKind{WireType::kDate, TypeKind::kDate};
    case kTimestampOid:
      return WireAndKind{WireType::kTimestamp, TypeKind::kTimestamp};
    case kTimestamptzOid:
      return WireAndKind{WireType::kTimestamptz, TypeKind::kTimestamp};
    case kIntervalOid:
      return WireAndKind{WireType::kInterval, TypeKind::kInterval};
    case kByteaOid:
      return WireAndKind{WireType::kBytea, TypeKind::kBytes};
    default:
      return std::nullopt;
  }
}

std::optional<WireAndKind> ElementOf(uint32_t type_oid) {
  const std::optional<WireAndKind> scalar = ScalarOf(type_oid);
  if (!scalar.has_value()) return std::nullopt;
  switch (scalar->kind) {
    case TypeKind::kText:
    case TypeKind::kInt16:
    case TypeKind::kInt32:
    case TypeKind::kInt64:
    case TypeKind::kFloat32:
    case TypeKind::kFloat64:
    case TypeKind::kTimestamp:
      return scalar;
    default:
      return std::nullopt;
  }
}

// "numeric(18,4)" and "decimal(10)": the digits; nullopt when `type` is another type.
std::optional<Precision> ParseNumeric(const std::string& type) {
  const std::string lower = absl::AsciiStrToLower(type);
  absl::string_view rest = absl::StripAsciiWhitespace(lower);
  if (!absl::ConsumePrefix(&rest, "numeric") && !absl::ConsumePrefix(&rest, "decimal")) {
    return std::nullopt;
  }
  rest = absl::StripAsciiWhitespace(rest);
  if (rest.empty()) return Precision{};
  if (!absl::ConsumePrefix(&rest, "(") || !absl::ConsumeSuffix(&rest, ")")) return std::nullopt;
  const std::vector<absl::string_view> parts = absl::StrSplit(rest, ',');
  Precision digits;
  if (parts.size() > 2 || !absl::SimpleAtoi(parts[0], &digits.precision)) return std::nullopt;
  if (parts.size() == 2 && !absl::SimpleAtoi(parts[1], &digits.scale)) return std::nullopt;
  return digits;
}

// The typmod of numeric: precision in the upper half, an 11-bit signed scale in the lower.
Precision PrecisionOfTypmod(int32_t typmod) {
  if (typmod < 4) return {};
  const int32_t packed = typmod - 4;
  return {.precision = (packed >> 16) & 0xFFFF, .scale = ((packed & 0x7FF) ^ 1024) - 1024};
}

// A scale beyond the precision only says that the value is small.
absl::StatusOr<DataType> DecimalOf(const SourceColumn& column, Precision digits,
                                   std::string_view found) {
  const int precision = std::max(digits.precision, digits.scale);
  if (digits.precision < 1 || precision > kMaxDecimalDigits || digits.scale < 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        "column '", column.name, "': found ", ToAbsl(found),
        "; allowed: numeric(p,s) of at most 38 digits. Declare it in the dataset: columns: {types: "
        "{",
        column.name, ": 'numeric(38,10)'}}, with as many decimals as the values have"));
  }
  return DataType::Decimal(precision, digits.scale);
}

std::string NumericName(Precision digits) {
  if (digits.precision == 0) return "numeric without precision";
  return absl::StrCat("numeric(", digits.precision, ",", digits.scale, ")");
}

absl::StatusOr<DataType> NumericTypeOf(const SourceColumn& column,
                                       const ColumnOverrides& overrides) {
  const std::optional<Precision> declared = ParseNumeric(overrides.type);
  const Precision digits = declared.value_or(PrecisionOfTypmod(column.typmod));
  return DecimalOf(column, digits, NumericName(digits));
}

absl::Status UseZone(const ColumnOverrides& overrides, PlannedColumn& planned) {
  if (overrides.zone.empty()) return absl::OkStatus();
  const bool is_local =
      planned.wire == WireType::kTimestamp ||
      (planned.wire == WireType::kArray && planned.element_wire == WireType::kTimestamp);
  if (!is_local) {
    return absl::FailedPreconditionError(absl::StrCat(
        "columns.zones: column '", planned.field.name, "' is ", TypeName(planned.field.type),
        "; allowed: a zone for timestamp without time zone only"));
  }
  const absl::StatusOr<absl::TimeZone> zone = FindTimeZone(overrides.zone);
  if (!zone.ok()) {
    return absl::FailedPreconditionError(absl::StrCat("columns.zones: column '", planned.field.name,
                                                      "': ", zone.status().message()));
  }
  planned.zone = *zone;
  return absl::OkStatus();
}

// Everything but numeric; false when `column` has no typed form.
bool MapType(const SourceColumn& column, PlannedColumn& planned) {
  if (column.is_array) {
    const std::optional<WireAndKind> element = ElementOf(column.element_base_oid);
    if (!element.has_value()) return false;
    planned.wire = WireType::kArray;
    planned.element_wire = element->wire;
    planned.element_oid = column.element_oid;
    planned.field.type = DataType::ListOf(element->kind);
    return true;
  }
  if (column.type_kind == 'e') {
    planned.wire = WireType::kEnum;
    planned.field.type = DataType::Of(TypeKind::kEnum);
    planned.field.enum_labels = column.enum_labels;
    return true;
  }
  const std::optional<WireAndKind> scalar = ScalarOf(column.type_oid);
  if (!scalar.has_value()) return false;
  planned.wire = scalar->wire;
  planned.field.type = DataType::Of(scalar->kind);
  planned.field.is_blank_padded = scalar->wire == WireType::kBpchar;
  return true;
}

}  // namespace

absl::StatusOr<std::string> CastFor(const SourceColumn& column, const ColumnOverrides& overrides) {
  if (!overrides.type.empty()) {
    const std::optional<Precision> digits = ParseNumeric(overrides.type);
    if (!digits.has_value()) return overrides.type;
    const auto type = DecimalOf(column, *digits, overrides.type);
    if (!type.ok()) return type.status();
    if (column.type_oid == kNumericOid) return std::string();
    return absl::StrCat("pg_catalog.numeric(", digits->precision, ",", digits->scale, ")");
  }
  PlannedColumn planned;
  if (column.type_oid == kNumericOid || MapType(column, planned)) return std::string();
  return std::string(column.is_array ? "pg_catalog.text[]" : "pg_catalog.text");
}

absl::StatusOr<PlannedColumn> MapColumn(const SourceColumn& column,
                                        const ColumnOverrides& overrides) {
  PlannedColumn planned;
  planned.field.name = column.name;
  planned.field.nullable = column.nullable;
  if (column.type_oid == kNumericOid) {
    const absl::StatusOr<DataType> type = NumericTypeOf(column, overrides);
    if (!type.ok()) return type.status();
    planned.wire = WireType::kNumeric;
    planned.field.type = *type;
  } else if (!MapType(column, planned)) {
    return absl::FailedPreconditionError(
        absl::StrCat("columns.types: column '", column.name, "': found ", column.type_name,
                     "; allowed: types that have a typed form here (text has one for each)"));
  }
  if (absl::Status status = UseZone(overrides, planned); !status.ok()) return status;
  return planned;
}

}  // namespace sextant
