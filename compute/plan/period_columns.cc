#include "compute/plan/period_columns.h"

#include <algorithm>
#include <initializer_list>
#include <string>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/value_binder.h"
#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

absl::StatusOr<ColumnIndex> FindOne(const CatalogCalendar& calendar, const Schema& schema,
                                    const std::string& column,
                                    std::initializer_list<TypeKind> kinds, const char* allowed) {
  const std::string field =
      absl::StrCat("calendar '", calendar.name, "': dataset '", calendar.dataset, "'");
  SEXTANT_ASSIGN_OR_RETURN(const ColumnIndex index, ResolveColumn(schema, column, field, -1));
  const DataType& type = schema.field(index).type;
  if (std::find(kinds.begin(), kinds.end(), type.kind) != kinds.end()) return index;
  return FieldError(
      field, absl::StrCat("the column '", column, "' is ", TypeName(type), "; allowed: ", allowed));
}

}  // namespace

absl::StatusOr<PeriodColumns> FindPeriodColumns(const CatalogCalendar& calendar,
                                                const Schema& schema) {
  PeriodColumns columns;
  const auto find_border = [&](const std::string& column) {
    return FindOne(calendar, schema, column, {TypeKind::kDate, TypeKind::kTimestamp},
                   "date and timestamptz");
  };
  SEXTANT_ASSIGN_OR_RETURN(columns.start, find_border(calendar.start));
  columns.end_is_last_day = !calendar.last_day.empty();
  if (columns.end_is_last_day) {
    SEXTANT_ASSIGN_OR_RETURN(
        columns.end, FindOne(calendar, schema, calendar.last_day, {TypeKind::kDate}, "date"));
  } else {
    SEXTANT_ASSIGN_OR_RETURN(columns.end, find_border(calendar.end));
  }
  if (calendar.label.empty()) return columns;
  SEXTANT_ASSIGN_OR_RETURN(columns.label,
                           FindOne(calendar, schema, calendar.label, {TypeKind::kText}, "text"));
  return columns;
}

}  // namespace sextant
