#include "compute/plan/binder/expression_binder.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/bound_parts.h"
#include "compute/plan/binder/cast_binder.h"
#include "compute/plan/binder/comparison_binder.h"
#include "compute/plan/binder/constant_value.h"
#include "compute/plan/binder/function_binder.h"
#include "compute/plan/binder/operator_binder.h"
#include "compute/plan/binder/predicate_forms.h"
#include "compute/plan/binder/time_function_binder.h"
#include "compute/plan/binder/type_name.h"
#include "compute/plan/binder/value_binder.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/time_zone.h"

namespace sextant {
namespace {

constexpr char kSeconds[] = "seconds";
constexpr size_t kMaxShownBytes = 64;

bool IsOperator(const std::string& name) {
  return name.size() == 1 && std::string_view("+-*/%").find(name[0]) != std::string_view::npos;
}

std::string ShownLiteral(const Literal& literal) {
  if (literal.kind == Literal::Kind::kNull) return "NULL";
  const std::string text = absl::Utf8SafeCHexEscape(literal.text.substr(0, kMaxShownBytes));
  const bool is_quoted =
      literal.kind == Literal::Kind::kString || literal.kind == Literal::Kind::kTyped;
  return is_quoted ? absl::StrCat("'", text, "'") : text;
}

class ExpressionBinder {
 public:
  ExpressionBinder(const PredicateContext& context, const std::string& field)
      : context_(context),
        typing_{context.time_zone, field, context.division},
        depth_(context.depth) {}

  absl::StatusOr<TypedExpression> Bind(const Expression& expression) {
    if (depth_ >= kMaxExpressionDepth) {
      return FieldError(typing_.field,
                        absl::StrCat("values nest deeper than ", kMaxExpressionDepth,
                                     " levels, which are allowed"),
                        expression.position);
    }
    ++depth_;
    absl::StatusOr<TypedExpression> bound = Dispatch(expression);
    --depth_;
    return bound;
  }

 private:
  absl::StatusOr<TypedExpression> Dispatch(const Expression& expression) {
    switch (expression.kind) {
      case Expression::Kind::kColumn:
        return BindColumn(expression);
      case Expression::Kind::kAggregate:
        return BindAggregate(expression);
      case Expression::Kind::kLiteral:
        return BindLiteral(expression);
      case Expression::Kind::kCast:
        return BindCastOf(expression);
      case Expression::Kind::kCase:
        return BindCase(expression);
      case Expression::Kind::kCondition:
        return BindCondition(expression);
      case Expression::Kind::kCall:
        return BindCall(expression);
    }
    return FieldError(typing_.field, "an expression of no kind", expression.position);
  }

  absl::Status RefuseShape(const Expression& expression) const {
    return FieldError(typing_.field, "an expression without its parts", expression.position);
  }

  TypedExpression At(const Expression& expression, std::string text) const {
    TypedExpression at;
    if (text.size() > kMaxShownBytes) text = absl::StrCat(text.substr(0, kMaxShownBytes), "..");
    at.text = std::move(text);
    at.position = expression.position;
    return at;
  }

  absl::StatusOr<TypedExpression> BindColumn(const Expression& expression) {
    if (context_.names != nullptr) return context_.names->Resolve(expression, typing_.field);
    SEXTANT_ASSIGN_OR_RETURN(
        const ColumnIndex column,
        ResolveColumn(context_.schema, expression.name, typing_.field, expression.position));
    const Field& field = context_.schema.field(column);
    TypedExpression typed = At(expression, expression.name);
    typed.expression.type = field.type;
    typed.expression.column = column;
    typed.enum_labels = field.enum_labels;
    typed.is_blank_padded = field.is_blank_padded;
    typed.integer_digits = IntegerDigitsOf(field.type);
    typed.unit = field.type.kind == TypeKind::kDuration ? std::string_view(kSeconds) : field.unit;
    return typed;
  }

  absl::StatusOr<TypedExpression> BindAggregate(const Expression& expression) {
    if (context_.names != nullptr) return context_.names->Resolve(expression, typing_.field);
    return FieldError(typing_.field, "found an aggregate; allowed: the values of one row",
                      expression.position);
  }

  absl::StatusOr<TypedExpression> BindLiteral(const Expression& expression) {
    const Literal& literal = expression.literal;
    TypedExpression typed = At(expression, ShownLiteral(literal));
    typed.literal = literal;
    std::optional<DataType> type = OwnTypeOf(literal);
    if (!type) type = DataType::Of(TypeKind::kText);  // of an enum, until it meets one
    absl::StatusOr<BoundConstant> constant =
        ConstantOfLiteral(literal, *type, {}, context_.time_zone);
    if (!constant.ok()) return typing_.Refuse(typed, std::string(constant.status().message()));
    if (literal.kind == Literal::Kind::kTyped) {
      const std::optional<NamedType> named = ParseTypeName(literal.type_name);
      typed.is_varchar = named && named->is_varchar;
      typed.is_blank_padded = named && named->is_blank_padded;
    }
    typed.expression = ConstantExpression(*type, *std::move(constant));
    typed.integer_digits = IntegerDigitsOf(typed.expression);
    return typed;
  }

  /// `x AT TIME ZONE 'zone'` as x and the zone, where x is an instant and what reads it takes its
  /// zone from there; std::nullopt: it is something else.
  absl::StatusOr<std::optional<TypedExpression>> TakeZone(const Expression& expression,
                                                          TypingContext& typing) {
    const bool is_shift = expression.kind == Expression::Kind::kCall &&
                          expression.name == "at_time_zone" && expression.arguments.size() == 2;
    if (!is_shift) return std::nullopt;
    SEXTANT_ASSIGN_OR_RETURN(const TypedExpression zone, Bind(expression.arguments[1]));
    SEXTANT_ASSIGN_OR_RETURN(TypedExpression value, Bind(expression.arguments[0]));
    const bool is_name = zone.IsConstant() && !zone.IsNull() && zone.Is(TypeKind::kText);
    if (!is_name || value.IsUnknown() || !value.Is(TypeKind::kTimestamp)) return std::nullopt;
    const absl::StatusOr<absl::TimeZone> found =
        FindTimeZone(std::get<std::string>(zone.expression.constant.value));
    if (!found.ok()) return typing_.Refuse(zone, std::string(found.status().message()));
    typing.zone = *found;
    return value;
  }

  absl::StatusOr<TypedExpression> BindCastOf(const Expression& expression) {
    if (expression.arguments.size() != 1) return RefuseShape(expression);
    const std::optional<NamedType> named = ParseTypeName(expression.name);
    if (named && named->type.kind == TypeKind::kDate) {
      TypingContext typing = typing_;
      SEXTANT_ASSIGN_OR_RETURN(std::optional<TypedExpression> instant,
                               TakeZone(expression.arguments[0], typing));
      if (instant) return BindCast(typing, *std::move(instant), expression.name);
    }
    SEXTANT_ASSIGN_OR_RETURN(TypedExpression value, Bind(expression.arguments[0]));
    return BindCast(typing_, std::move(value), expression.name);
  }

  PredicateContext Inner() const {
    PredicateContext inner = context_;
    inner.depth = depth_;
    return inner;
  }

  absl::StatusOr<BoundPredicate> BindInnerCondition(Predicate condition) const {
    if (condition.field.empty()) condition.field = typing_.field;
    return BindPredicate(Inner(), condition);
  }

  absl::StatusOr<TypedExpression> BindCondition(const Expression& expression) {
    if (expression.conditions.size() != 1) return RefuseShape(expression);
    SEXTANT_ASSIGN_OR_RETURN(BoundPredicate condition,
                             BindInnerCondition(expression.conditions[0]));
    TypedExpression typed = At(expression, "the condition");
    BoundExpression node;
    node.op = ExpressionOp::kCondition;
    node.type = DataType::Of(TypeKind::kBool);
    node.conditions.push_back(condition);
    node.conditions.push_back(Negation(std::move(condition)));
    SEXTANT_RETURN_IF_ERROR(LimitSize(node, typed));
    SEXTANT_ASSIGN_OR_RETURN(typed.expression, MakeNode(typing_, std::move(node), typed));
    return typed;
  }

  absl::StatusOr<TypedExpression> BindCase(const Expression& expression) {
    const size_t num_conditions = expression.conditions.size();
    const size_t num_values = expression.arguments.size();
    if (num_conditions == 0 || num_values < num_conditions || num_values > num_conditions + 1) {
      return RefuseShape(expression);
    }
    std::vector<BoundPredicate> conditions;
    for (const Predicate& condition : expression.conditions) {
      SEXTANT_ASSIGN_OR_RETURN(BoundPredicate bound, BindInnerCondition(condition));
      conditions.push_back(std::move(bound));
    }
    std::vector<TypedExpression> values;
    for (const Expression& argument : expression.arguments) {
      SEXTANT_ASSIGN_OR_RETURN(TypedExpression value, Bind(argument));
      values.push_back(std::move(value));
    }
    return MakeCase(At(expression, "CASE"), std::move(conditions), std::move(values));
  }

  absl::StatusOr<TypedExpression> MakeCase(TypedExpression result,
                                           std::vector<BoundPredicate> conditions,
                                           std::vector<TypedExpression> values) {
    SEXTANT_ASSIGN_OR_RETURN(values, Unified(typing_, std::move(values), "CASE"));
    BoundExpression node;
    node.op = ExpressionOp::kCase;
    node.type = values[0].type();
    node.conditions = std::move(conditions);
    result.enum_labels = values[0].enum_labels;
    result.is_blank_padded = values[0].is_blank_padded;
    std::optional<std::string_view> unit;
    for (TypedExpression& value : values) {
      result.is_mixed_scale = result.is_mixed_scale || value.is_mixed_scale;
      result.integer_digits = std::max(result.integer_digits, value.integer_digits);
      if (value.Is(TypeKind::kEnum)) node.column = value.expression.column;
      if (!value.IsConstant()) unit = unit && *unit != value.unit ? "" : value.unit;
      node.arguments.push_back(std::move(value.expression));
    }
    result.unit = unit.value_or("");
    SEXTANT_RETURN_IF_ERROR(LimitSize(node, result));
    SEXTANT_ASSIGN_OR_RETURN(result.expression, MakeNode(typing_, std::move(node), result));
    return result;
  }

  /// What CASE and conditions copy grows with every level of them.
  absl::Status LimitSize(const BoundExpression& node, const TypedExpression& at) const {
    if (NumParts(node, kMaxParts) <= kMaxParts) return absl::OkStatus();
    return typing_.Refuse(at, absl::StrCat("CASE, nullif and conditions within each other, of more "
                                           "than ",
                                           kMaxParts,
                                           " parts when they are written out, "
                                           "which are allowed"));
  }

  /// nullif(a, b): CASE WHEN a = b THEN NULL ELSE a END.
  absl::StatusOr<TypedExpression> BindNullIf(const Expression& expression,
                                             const TypedExpression& at) {
    SEXTANT_RETURN_IF_ERROR(
        CheckArguments(typing_, "nullif", expression.arguments.size(), at, 2, 2));
    SEXTANT_ASSIGN_OR_RETURN(TypedExpression value, Bind(expression.arguments[0]));
    SEXTANT_ASSIGN_OR_RETURN(TypedExpression other, Bind(expression.arguments[1]));
    SEXTANT_ASSIGN_OR_RETURN(
        BoundPredicate condition,
        BindComparison(Inner(), typing_.field, CompareOp::kEqual, value, std::move(other)));
    TypedExpression null = At(expression, "NULL");
    null.literal = Literal();
    null.expression = ConstantExpression(DataType::Of(TypeKind::kText), NullConstantOf());
    std::vector<BoundPredicate> conditions;
    conditions.push_back(std::move(condition));
    std::vector<TypedExpression> values;
    values.push_back(std::move(null));
    values.push_back(std::move(value));
    return MakeCase(at, std::move(conditions), std::move(values));
  }

  absl::StatusOr<std::vector<TypedExpression>> BindArguments(const Expression& expression) {
    std::vector<TypedExpression> arguments;
    for (const Expression& argument : expression.arguments) {
      SEXTANT_ASSIGN_OR_RETURN(TypedExpression value, Bind(argument));
      arguments.push_back(std::move(value));
    }
    return arguments;
  }

  absl::StatusOr<TypedExpression> BindOfTime(const Expression& expression,
                                             const TypedExpression& at) {
    SEXTANT_RETURN_IF_ERROR(
        CheckArguments(typing_, expression.name, expression.arguments.size(), at, 2, 2));
    SEXTANT_ASSIGN_OR_RETURN(const TypedExpression field, Bind(expression.arguments[0]));
    if (expression.name == "date_trunc") {
      SEXTANT_ASSIGN_OR_RETURN(TypedExpression value, Bind(expression.arguments[1]));
      return BindDateTrunc(typing_, field, std::move(value), at);
    }
    TypingContext typing = typing_;
    SEXTANT_ASSIGN_OR_RETURN(std::optional<TypedExpression> shifted,
                             TakeZone(expression.arguments[1], typing));
    if (!shifted) {
      SEXTANT_ASSIGN_OR_RETURN(shifted, Bind(expression.arguments[1]));
    } else if (absl::AsciiStrToLower(field.text) == "'epoch'") {
      return typing_.Refuse(at, "the epoch of a local time; allowed: extract(epoch from x)");
    }
    return BindExtract(typing, field, *std::move(shifted), at);
  }

  absl::StatusOr<TypedExpression> BindCall(const Expression& expression) {
    TypedExpression at = At(expression, absl::StrCat(expression.name, "()"));
    const std::string& name = expression.name;
    if (name == "nullif") return BindNullIf(expression, at);
    if (name == "extract" || name == "date_part" || name == "date_trunc") {
      return BindOfTime(expression, at);
    }
    SEXTANT_ASSIGN_OR_RETURN(std::vector<TypedExpression> arguments, BindArguments(expression));
    if (IsOperator(name) && arguments.size() == 2) {
      std::optional<BoundValue> difference = DifferenceOfColumns(name, arguments);
      SEXTANT_ASSIGN_OR_RETURN(
          TypedExpression result,
          BindOperator(typing_, name[0], std::move(arguments[0]), std::move(arguments[1])));
      result.difference = std::move(difference);
      return result;
    }
    if (name == "-" && arguments.size() == 1) return BindMinus(typing_, std::move(arguments[0]));
    const auto text_of = [](std::string* out, const TypedExpression& one) {
      absl::StrAppend(out, one.text);
    };
    if (!context_.has_now && (name == "now" || name == "current_date")) {
      return typing_.Refuse(at, absl::StrCat(name,
                                             "() in a column that is stored; allowed: in "
                                             "filters and metrics"));
    }
    at.text =
        At(expression, absl::StrCat(name, "(", absl::StrJoin(arguments, ", ", text_of), ")")).text;
    return BindFunction(typing_, name, std::move(arguments), at, context_.as_of_us);
  }

  const PredicateContext& context_;
  const TypingContext typing_;
  int depth_;
};

}  // namespace

absl::StatusOr<TypedExpression> BindExpression(const PredicateContext& context,
                                               const Expression& expression,
                                               const std::string& field) {
  return ExpressionBinder(context, field).Bind(expression);
}

}  // namespace sextant
