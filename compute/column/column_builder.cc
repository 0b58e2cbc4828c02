#include "compute/column/column_builder.h"

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "compute/column/column_builder_kinds.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

constexpr int kMaxDecimalPrecision = 38;
constexpr int kMaxIntegerDecimalPrecision = 18;

absl::Status CheckEnumLabels(const Field& field) {
  absl::flat_hash_set<std::string> seen;
  for (const std::string& label : field.enum_labels) {
    if (seen.insert(label).second) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("column '", field.name, "': enum label '", label, "' is declared twice"));
  }
  return absl::OkStatus();
}

bool IsElementKind(TypeKind kind) {
  return kind == TypeKind::kText || IsInteger(kind) || IsFloat(kind) ||
         kind == TypeKind::kTimestamp;
}

absl::StatusOr<std::unique_ptr<ColumnBuilder>> MakeDecimalColumnBuilder(const Field& field,
                                                                        MemoryBudget& budget) {
  const int precision = field.type.precision;
  if (precision < 1 || precision > kMaxDecimalPrecision) {
    return absl::InvalidArgumentError(absl::StrCat("column '", field.name,
                                                   "': numeric of precision ", precision,
                                                   ", allowed 1 to ", kMaxDecimalPrecision));
  }
  if (precision > kMaxIntegerDecimalPrecision) return MakeWideColumnBuilder(field.type, budget);
  return MakeIntegerColumnBuilder(field.type, budget);
}

absl::StatusOr<std::unique_ptr<ColumnBuilder>> MakeListBuilderOf(const Field& field,
                                                                 MemoryBudget& budget) {
  if (!IsElementKind(field.type.element)) {
    return absl::InvalidArgumentError(
        absl::StrCat("column '", field.name, "': lists of ", TypeName(field.type.ElementType()),
                     " are not supported; allowed: lists of text, integers, floats, timestamps"));
  }
  Field element;
  element.name = field.name;
  element.type = field.type.ElementType();
  SEXTANT_ASSIGN_OR_RETURN(
      std::unique_ptr<ColumnBuilder> elements,
      element.type.kind == TypeKind::kText
          ? MakeTextColumnBuilder(element.type, TextSwitch::kFirstChunk, budget)
          : MakeColumnBuilder(element, budget));
  return MakeListColumnBuilder(field.type, std::move(elements), budget);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ColumnParts>> ColumnBuilder::Recode(const Column& sealed) {
  SEXTANT_CHECK(false) << "a column of " << TypeName(sealed.type()) << " went over to codes";
  return absl::InternalError("unreachable");
}

absl::StatusOr<std::unique_ptr<ColumnBuilder>> MakeColumnBuilder(const Field& field,
                                                                 MemoryBudget& budget) {
  switch (field.type.kind) {
    case TypeKind::kFloat32:
    case TypeKind::kFloat64:
      return MakeFloatColumnBuilder(field.type, budget);
    case TypeKind::kDecimal:
      return MakeDecimalColumnBuilder(field, budget);
    case TypeKind::kUuid:
    case TypeKind::kInterval:
      return MakeWideColumnBuilder(field.type, budget);
    case TypeKind::kText:
      return MakeTextColumnBuilder(field.type, TextSwitch::kAnyChunk, budget);
    case TypeKind::kEnum:
      SEXTANT_RETURN_IF_ERROR(CheckEnumLabels(field));
      return MakeEnumColumnBuilder(field, budget);
    case TypeKind::kJson:
    case TypeKind::kBytes:
      return MakeBytesColumnBuilder(field.type, budget);
    case TypeKind::kList:
      return MakeListBuilderOf(field, budget);
    default:
      return MakeIntegerColumnBuilder(field.type, budget);
  }
}

}  // namespace sextant
