#include "compute/column/tenant_key.h"

#include "absl/strings/str_cat.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

/// As PostgreSQL prints it: 8-4-4-4-12 digits in lower case.
std::string UuidText(Wide uuid) {
  constexpr char kDigits[] = "0123456789abcdef";
  uint8_t bytes[16];
  UuidOfWide(uuid, bytes);
  std::string text;
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text.push_back('-');
    text.push_back(kDigits[bytes[i] >> 4]);
    text.push_back(kDigits[bytes[i] & 15]);
  }
  return text;
}

std::string TenantText(const Column& column, const Dictionary* dictionary, uint32_t row) {
  switch (column.layout()) {
    case Layout::kInteger:
      return absl::StrCat(column.IntegerAt(row));
    case Layout::kCode:
      return std::string(dictionary->Entry(column.CodeAt(row)));
    case Layout::kWide:
      return UuidText(column.WideAt(row));
    case Layout::kBytes:
      return std::string(column.BytesAt(row));
    default:
      SEXTANT_CHECK(false) << "a tenant of " << TypeName(column.type());
      return {};
  }
}

bool SameTenant(const Column& column, uint32_t a, uint32_t b) {
  switch (column.layout()) {
    case Layout::kInteger:
      return column.IntegerAt(a) == column.IntegerAt(b);
    case Layout::kCode:
      return column.CodeAt(a) == column.CodeAt(b);
    case Layout::kWide:
      return column.WideAt(a) == column.WideAt(b);
    default:
      return column.BytesAt(a) == column.BytesAt(b);
  }
}

}  // namespace

absl::Status CheckTenantField(const Field& field) {
  const TypeKind kind = field.type.kind;
  if (IsInteger(kind) || kind == TypeKind::kText || kind == TypeKind::kUuid ||
      kind == TypeKind::kEnum) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("tenant column '", field.name, "' is ", TypeName(field.type),
                   "; allowed: smallint, integer, bigint, text, uuid, enum"));
}

absl::Status AddTenantRanges(const Column& column, const Dictionary* dictionary, uint32_t chunk,
                             TenantIndex& tenants) {
  uint32_t begin = 0;
  while (begin < column.num_rows()) {
    const bool is_null = column.IsNull(begin);
    uint32_t end = begin + 1;
    while (end < column.num_rows() && column.IsNull(end) == is_null &&
           (is_null || SameTenant(column, begin, end))) {
      ++end;
    }
    if (!is_null) {
      SEXTANT_RETURN_IF_ERROR(
          tenants.Add(TenantText(column, dictionary, begin), {chunk, begin, end}));
    }
    begin = end;
  }
  return absl::OkStatus();
}

}  // namespace sextant
