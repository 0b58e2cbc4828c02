#include "compute/plan/binder/pin_binder.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/value_binder.h"
#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

constexpr size_t kMaxListedNames = 20;

bool IsTime(TypeKind kind) { return kind == TypeKind::kTimestamp || kind == TypeKind::kDate; }

/// Names of columns that can pin a sample to time, for an error: at most 20, then a count.
std::vector<std::string> TimeColumns(const Schema& schema, size_t& num_columns) {
  std::vector<std::string> names;
  num_columns = 0;
  for (const Field& column : schema.fields()) {
    if (!IsTime(column.type.kind)) continue;
    if (++num_columns <= kMaxListedNames) names.push_back(column.name);
  }
  return names;
}

absl::Status MissingTime(const std::string& field, const Metric& metric, const Schema& schema) {
  size_t num_columns = 0;
  const std::vector<std::string> names = TimeColumns(schema, num_columns);
  ErrorDetail detail;
  detail.field = field;
  detail.reason = "METRIC_WITHOUT_TIME_COLUMN";
  detail.metadata = {{"metric", metric.name},
                     {"time_columns", absl::StrJoin(names, ", ")},
                     {"num_time_columns", absl::StrCat(num_columns)}};
  return WithDetail(
      absl::FailedPreconditionError(absl::StrCat(
          field, ": metric '", metric.name,
          "' has no time column, so it has no value in a series other than 'all'; columns that "
          "fit: ",
          names.empty() ? "none" : absl::StrJoin(names, ", "))),
      detail);
}

absl::StatusOr<BoundValue> BindAt(const std::string& at, const Schema& schema,
                                  const std::string& field) {
  BoundValue value;
  SEXTANT_ASSIGN_OR_RETURN(value.column, ResolveColumn(schema, at, field, -1));
  value.type = schema.field(value.column).type;
  if (IsTime(value.type.kind)) return value;
  size_t num_columns = 0;
  std::vector<std::string> names = TimeColumns(schema, num_columns);
  const std::string fitting = names.empty() ? "none" : absl::StrJoin(names, ", ");
  return FieldError(field,
                    absl::StrCat("the column '", at, "' is ", TypeName(value.type),
                                 "; allowed: a timestamp or date column (", fitting, ")"),
                    -1, std::move(names));
}

}  // namespace

absl::StatusOr<BoundPin> BindPin(const PredicateContext& context, const Metric& metric,
                                 const std::string& path, bool needs_time) {
  const std::string field = absl::StrCat(path, ".at");
  BoundPin pin;
  if (metric.pin.kind == TimePin::Kind::kAt) {
    pin.kind = TimePin::Kind::kAt;
    SEXTANT_ASSIGN_OR_RETURN(pin.start, BindAt(metric.pin.start, context.schema, field));
  } else if (needs_time) {
    return MissingTime(field, metric, context.schema);
  }
  return pin;
}

}  // namespace sextant
