#include "compute/plan/child_column.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/predicate_binder.h"
#include "compute/plan/binder/value_binder.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/expression_parser.h"
#include "compute/plan/nearest_names.h"

namespace sextant {
namespace {

constexpr char kAllowed[] =
    "count(link), count(link.column), min(link.column), max(link.column), with FILTER (WHERE ..)";

bool IsOrdered(TypeKind kind) {
  return IsInteger(kind) || IsFloat(kind) || kind == TypeKind::kDecimal ||
         kind == TypeKind::kEnum || kind == TypeKind::kDate || kind == TypeKind::kTimestamp ||
         kind == TypeKind::kDuration;
}

absl::StatusOr<uint32_t> FindLink(const std::string& name, std::span<const LinkedSchema> links,
                                  const std::string& field, int position) {
  std::vector<std::string> names;
  for (uint32_t i = 0; i < links.size(); ++i) {
    if (links[i].link == name) return i;
    names.push_back(links[i].link);
  }
  return FieldError(field,
                    absl::StrCat("'", name.substr(0, 64), "' is no link", DidYouMean(name, names),
                                 "; allowed: links of the dataset: ", ListedNames(names)),
                    position, NearestNames(name, names));
}

absl::Status BindColumn(const Expression& argument, std::span<const LinkedSchema> links,
                        const std::string& field, BoundChildColumn& child) {
  const size_t point = argument.name.find('.');
  SEXTANT_ASSIGN_OR_RETURN(
      child.link, FindLink(argument.name.substr(0, point), links, field, argument.position));
  if (point == std::string::npos) {
    if (child.kind == AggregateKind::kCount) {
      child.kind = AggregateKind::kCountRows;
      return absl::OkStatus();
    }
    return FieldError(field,
                      absl::StrCat("min or max of the link '", argument.name,
                                   "'; allowed: of a column of its rows: ", kAllowed),
                      argument.position);
  }
  const Schema& schema = *links[child.link].schema;
  SEXTANT_ASSIGN_OR_RETURN(child.column, ResolveColumn(schema, argument.name.substr(point + 1),
                                                       field, argument.position));
  const Field& column = schema.field(child.column);
  if (child.kind == AggregateKind::kCount) return absl::OkStatus();
  const bool is_wide = PlainLayout(column.type) == Layout::kWide;
  if (IsOrdered(column.type.kind) && !is_wide) {
    child.field = column;
    return absl::OkStatus();
  }
  return FieldError(
      field,
      absl::StrCat("min or max of '", argument.name, "' of type ", TypeName(column.type),
                   "; allowed: integers, floats, numeric of at most 18 digits, enums, "
                   "dates, times, durations"),
      argument.position);
}

}  // namespace

absl::StatusOr<BoundChildColumn> BindChildColumn(const std::string& name, const std::string& text,
                                                 std::span<const LinkedSchema> links) {
  const std::string field = absl::StrCat("derived.", name);
  SEXTANT_ASSIGN_OR_RETURN(const Expression expression, ParseMetric(text, field));
  if (expression.kind != Expression::Kind::kAggregate) {
    return FieldError(field, absl::StrCat("what is no aggregate alone; allowed: ", kAllowed));
  }
  const AggregateCall& call = expression.aggregates[0];
  const bool is_known = call.kind == AggregateKind::kCount || call.kind == AggregateKind::kMin ||
                        call.kind == AggregateKind::kMax;
  if (!is_known || call.arguments.size() != 1 ||
      call.arguments[0].kind != Expression::Kind::kColumn) {
    return FieldError(field, absl::StrCat("another aggregate of linked rows; allowed: ", kAllowed),
                      call.position);
  }
  BoundChildColumn child;
  child.kind = call.kind;
  SEXTANT_RETURN_IF_ERROR(BindColumn(call.arguments[0], links, field, child));
  const bool is_count =
      child.kind == AggregateKind::kCountRows || child.kind == AggregateKind::kCount;
  if (is_count) child.field = {.name = name, .type = DataType::Of(TypeKind::kInt64)};
  child.field.name = name;
  child.field.nullable = !is_count;
  child.field.link = links[child.link].link;
  if (!call.filter.empty()) {
    PredicateContext context = {*links[child.link].schema, absl::UTCTimeZone(), QueryLimits()};
    context.has_now = false;
    SEXTANT_ASSIGN_OR_RETURN(child.filter, BindPredicate(context, call.filter[0]));
  }
  return child;
}

bool IsChildColumn(const std::string& text, std::span<const std::string> links) {
  const absl::StatusOr<Expression> expression = ParseMetric(text, "derived");
  if (!expression.ok() || expression->kind != Expression::Kind::kAggregate) return false;
  const std::vector<Expression>& arguments = expression->aggregates[0].arguments;
  if (arguments.empty() || arguments[0].kind != Expression::Kind::kColumn) return false;
  const std::string& name = arguments[0].name;
  return std::find(links.begin(), links.end(), name.substr(0, name.find('.'))) != links.end();
}

}  // namespace sextant
