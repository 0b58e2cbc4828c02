#include "compute/plan/binder/pin_binder.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/value_binder.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/expression_parser.h"

namespace sextant {
namespace {

constexpr size_t kMaxListedNames = 20;
constexpr size_t kMaxShownBytes = 64;

bool IsTime(TypeKind kind) { return kind == TypeKind::kTimestamp || kind == TypeKind::kDate; }

/// Names of columns that can pin a sample to time, for an error: at most 20, then a count.
std::vector<std::string> TimeColumns(const Schema& schema, size_t& num_columns) {
  std::vector<std::string> names;
  num_columns = 0;
  for (const Field& column : schema.fields()) {
    const bool is_list_of_instants =
        column.type.kind == TypeKind::kList && column.type.element == TypeKind::kTimestamp;
    if (!is_list_of_instants && !IsTime(column.type.kind)) continue;
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

/// `column` when `text` is the name of one as it stands, else the expression that it is.
absl::StatusOr<Expression> ReadPin(const std::string& text, const Schema& schema,
                                   const std::string& field) {
  if (schema.Find(text)) return Expression::Column(text);
  return ParseValue(text, field);
}

/// A value that is an instant or a day of each row or, if `may_be_list`, a list of them.
absl::StatusOr<BoundValue> BindInstant(const PredicateContext& context, const std::string& text,
                                       const std::string& field, bool may_be_list) {
  const Schema& schema = context.schema;
  if (text.empty()) {
    return FieldError(
        field,
        "no column is named; allowed: a timestamp or date column, or an expression that is one");
  }
  SEXTANT_ASSIGN_OR_RETURN(const Expression expression, ReadPin(text, schema, field));
  SEXTANT_ASSIGN_OR_RETURN(ResolvedValue resolved, ResolveValue(context, expression, field));
  const DataType& type = resolved.value.type;
  if (IsTime(type.kind)) return std::move(resolved.value);
  const bool is_list = type.kind == TypeKind::kList && resolved.value.IsColumn();
  if (may_be_list && is_list && type.element == TypeKind::kTimestamp)
    return std::move(resolved.value);
  size_t num_columns = 0;
  std::vector<std::string> names = TimeColumns(schema, num_columns);
  const std::string fitting = names.empty() ? "none" : absl::StrJoin(names, ", ");
  const std::string what = expression.kind == Expression::Kind::kColumn
                               ? absl::StrCat("the column '", expression.name, "'")
                               : absl::StrCat("'", text.substr(0, kMaxShownBytes), "'");
  return FieldError(
      field,
      absl::StrCat(what, " is ", TypeName(type), "; allowed: a timestamp or date column (", fitting,
                   ")", may_be_list ? ", a list of timestamps" : "",
                   " or an expression that is one"),
      -1, std::move(names));
}

/// The value of such a pin where it is a column, as most are; else std::nullopt.
std::optional<BoundValue> InstantColumn(const PredicateContext& context, const std::string& text,
                                        bool may_be_list) {
  if (context.names != nullptr) return std::nullopt;
  const std::optional<ColumnIndex> column = context.schema.Find(text);
  if (!column) return std::nullopt;
  const DataType& type = context.schema.field(*column).type;
  const bool is_list = type.kind == TypeKind::kList && type.element == TypeKind::kTimestamp;
  if (!IsTime(type.kind) && !(may_be_list && is_list)) return std::nullopt;
  BoundValue value;
  value.column = *column;
  value.type = type;
  return value;
}

}  // namespace

absl::Status BindPin(const PredicateContext& context, const Metric& metric, const std::string& path,
                     bool needs_time, BoundPin& pin) {
  pin.kind = metric.pin.kind;
  switch (pin.kind) {
    case TimePin::Kind::kNone:
      if (needs_time) return MissingTime(absl::StrCat(path, ".at"), metric, context.schema);
      break;
    case TimePin::Kind::kAt: {
      if (std::optional<BoundValue> column = InstantColumn(context, metric.pin.start, true)) {
        pin.start = *std::move(column);
        break;
      }
      SEXTANT_ASSIGN_OR_RETURN(
          pin.start, BindInstant(context, metric.pin.start, absl::StrCat(path, ".at"), true));
      break;
    }
    case TimePin::Kind::kDuring:
    case TimePin::Kind::kAsOfEnd: {
      const std::string field =
          absl::StrCat(path, pin.kind == TimePin::Kind::kDuring ? ".during" : ".as_of_end");
      SEXTANT_ASSIGN_OR_RETURN(
          pin.start, BindInstant(context, metric.pin.start, absl::StrCat(field, ".start"), false));
      SEXTANT_ASSIGN_OR_RETURN(
          pin.end, BindInstant(context, metric.pin.end, absl::StrCat(field, ".end"), false));
      break;
    }
  }
  return absl::OkStatus();
}

}  // namespace sextant
