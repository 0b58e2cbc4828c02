#include "compute/plan/binder/group_condition.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/literal_binder.h"
#include "compute/plan/binder/literal_text.h"
#include "compute/plan/binder/predicate_forms.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/nearest_names.h"

namespace sextant {
namespace {

constexpr size_t kMaxShownBytes = 64;

std::string Shown(const Literal& literal) {
  return absl::StrCat("'", literal.text.substr(0, kMaxShownBytes), "'");
}

BoundValue ColumnOf(const BoundAxis& axis, const Schema& schema) {
  BoundValue value;
  value.column = axis.column;
  value.type = schema.field(axis.column).type;
  return value;
}

absl::Status RefuseNull(const BoundAxis& axis, const std::string& field) {
  return FieldError(field, absl::StrCat("the axis '", axis.name,
                                        "' has no group of NULL; allowed: a value that it shows"));
}

/// [first, last) of the edges.
BoundPredicate BetweenEdges(const BoundAxis& axis, const Schema& schema, size_t first,
                            size_t last) {
  IntegerRangeLeaf range{.value = ColumnOf(axis, schema), .min = 0, .max = 0};
  if (axis.float_edges.empty()) {
    range.min = axis.edges[first];
    range.max = axis.edges[last] - 1;  // edges ascend
  } else {
    range.min = FloatKey(axis.float_edges[first]);
    range.max = FloatKey(axis.float_edges[last]) - 1;
  }
  return LeafPredicate(std::move(range));
}

/// Which of the edges is the lower one that is meant.
std::optional<size_t> EdgeOf(const BoundAxis& axis, const Literal& literal) {
  if (!axis.float_edges.empty()) {
    const std::optional<double> edge = ParseDouble(literal.text);
    const auto found = std::find(axis.float_edges.begin(), axis.float_edges.end(), edge);
    if (!edge || found == axis.float_edges.end()) return std::nullopt;
    return static_cast<size_t>(found - axis.float_edges.begin());
  }
  const int scale = axis.type.kind == TypeKind::kDecimal ? axis.type.scale : 0;
  const std::optional<ScaledDecimal> edge = ParseScaledDecimal(literal.text, scale);
  if (!edge || !edge->exact) return std::nullopt;
  for (size_t i = 0; i < axis.edges.size(); ++i) {
    if (edge->floor == axis.edges[i]) return i;
  }
  return std::nullopt;
}

absl::StatusOr<BoundPredicate> BindBin(const BoundAxis& axis, const Schema& schema,
                                       const Literal& literal, const std::string& field) {
  const std::optional<size_t> edge = EdgeOf(axis, literal);
  const size_t num_bins = std::max(axis.edges.size(), axis.float_edges.size()) - 1;
  if (edge && *edge < num_bins) return BetweenEdges(axis, schema, *edge, *edge + 1);
  return FieldError(
      field, absl::StrCat("found ", Shown(literal), ", where no bin of '", axis.name,
                          "' begins; allowed: the lower edge of one of its ", num_bins, " bins"));
}

absl::StatusOr<BoundPredicate> BindMember(const BoundAxis& axis, const Literal& literal,
                                          const std::string& field) {
  std::vector<std::string> names;
  for (const BoundMember& member : axis.members) {
    if (member.name == literal.text) return member.condition;
    names.push_back(member.name);
  }
  const std::string shown = literal.text.substr(0, kMaxShownBytes);
  return FieldError(field,
                    absl::StrCat("'", axis.name, "' has no member '", shown, "'",
                                 DidYouMean(shown, names), "; allowed: ", ListedNames(names)),
                    -1, NearestNames(shown, names));
}

/// The list has an element that is NULL: a comparison with ANY that no value satisfies is neither
/// TRUE nor FALSE of it.
BoundPredicate HasNullElement(const BoundValue& list) {
  ListCompareLeaf none;
  none.value = list;
  if (list.type.element == TypeKind::kText || list.type.element == TypeKind::kBytes) {
    none.min_text = "";
    none.max_text = "";
    none.min_inclusive = false;
    none.max_inclusive = false;
  } else {
    none.min = 1;
    none.max = 0;
  }
  std::vector<BoundPredicate> parts;
  parts.push_back(LeafPredicate(NullLeaf{list}, /*negated=*/true));
  parts.push_back(Negation(Truth(LeafPredicate(std::move(none), /*negated=*/true))));
  return Conjunction(std::move(parts));
}

/// cardinality(list) <> 0, which is not TRUE of a list that is NULL.
BoundPredicate HasElements(const BoundValue& list) {
  auto length = std::make_shared<BoundExpression>();
  length->op = ExpressionOp::kCardinality;
  length->type = DataType::Of(TypeKind::kInt64);
  BoundExpression& column = length->arguments.emplace_back();
  column.column = list.column;
  column.type = list.type;
  BoundValue value;
  value.type = length->type;
  value.column = list.column;
  value.expression = std::move(length);
  return LeafPredicate(IntegerRangeLeaf{std::move(value), 0, 0}, /*negated=*/true);
}

}  // namespace

absl::StatusOr<BoundPredicate> BindGroup(const PredicateContext& context, const BoundAxis& axis,
                                         const std::optional<Literal>& value,
                                         const std::string& field) {
  if (axis.kind != GroupAxis::Kind::kColumn) {
    if (!value) return RefuseNull(axis, field);
    return axis.kind == GroupAxis::Kind::kBins ? BindBin(axis, context.schema, *value, field)
                                               : BindMember(axis, *value, field);
  }
  if (axis.is_list && HasWideKey(axis.type)) {
    return FieldError(field, absl::StrCat("elements of '", axis.name, "' are ", TypeName(axis.type),
                                          ", which no condition tests; allowed: other types, or "
                                          "the axis left out"));
  }
  if (!value) {
    const BoundValue column = ColumnOf(axis, context.schema);
    return axis.is_list ? HasNullElement(column) : LeafPredicate(NullLeaf{column});
  }
  Predicate condition;
  condition.kind = axis.is_list ? Predicate::Kind::kList : Predicate::Kind::kCompare;
  condition.value = Expression::Column(context.schema.field(axis.column).name);
  condition.literals.push_back(*value);
  condition.field = field;
  return BindPredicate(context, condition);
}

std::optional<BoundPredicate> InAnyGroup(const BoundAxis& axis, const Schema& schema) {
  switch (axis.kind) {
    case GroupAxis::Kind::kColumn:
      if (!axis.is_list) return std::nullopt;
      return HasElements(ColumnOf(axis, schema));
    case GroupAxis::Kind::kBins:
      return BetweenEdges(axis, schema, 0,
                          std::max(axis.edges.size(), axis.float_edges.size()) - 1);
    case GroupAxis::Kind::kSets:
      break;
  }
  std::vector<BoundPredicate> members;
  for (const BoundMember& member : axis.members) members.push_back(member.condition);
  return Disjunction(std::move(members));
}

}  // namespace sextant
