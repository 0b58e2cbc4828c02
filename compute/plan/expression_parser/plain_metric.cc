#include "compute/plan/expression_parser/plain_metric.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "compute/memory/string_view_bridge.h"
#include "compute/plan/expression_parser/aggregate_names.h"
#include "compute/plan/expression_parser/aggregate_reader.h"
#include "compute/plan/expression_parser/plain_text.h"
#include "compute/plan/expression_parser/tree_reader.h"

namespace sextant {
namespace {

/// Longer texts are for the parser, which knows the limits.
constexpr size_t kMaxPlainBytes = 1024;

Expression Operation(char name, Expression left, Expression right) {
  Expression call = Expression::Difference(std::move(left), std::move(right));
  call.name.assign(1, name);
  return call;
}

class PlainMetricReader {
 public:
  PlainMetricReader(std::string_view text, const std::string& field) : rest_(text), field_(field) {}

  std::optional<Expression> Read() {
    std::optional<Expression> metric = ReadTerm();
    if (!metric || rest_.AtEnd()) return metric;
    const char name = rest_.TakeOperator();
    if (name == 0) return std::nullopt;
    std::optional<Expression> right = ReadTerm();
    if (!right || !rest_.AtEnd()) return std::nullopt;
    return Operation(name, *std::move(metric), *std::move(right));
  }

  bool ReadAlone(AggregateCall& call) { return ReadAggregate(call) && rest_.AtEnd(); }

 private:
  std::optional<Expression> ReadTerm() {
    const bool is_in_brackets = rest_.Take("(");
    AggregateCall call;
    if (!ReadAggregate(call) || (is_in_brackets && !rest_.Take(")"))) return std::nullopt;
    Expression term = ExpressionOf(std::move(call));
    if (!rest_.Take("::")) return term;
    if (rest_.TakeName() != "float8") return std::nullopt;
    return CastTo(std::move(term), "float8");
  }

  bool ReadAggregate(AggregateCall& call) {
    call.position = rest_.position();
    const AggregateEntry* const entry = FindAggregateNamed(rest_.TakeName());
    if (entry == nullptr || !rest_.Take("(")) return false;
    call.kind = entry->kind;
    switch (entry->shape) {
      case AggregateShape::kCount:
      case AggregateShape::kOne:
        if (!ReadArgument(entry->shape == AggregateShape::kCount, call)) return false;
        break;
      case AggregateShape::kWithinGroup:
        if (!ReadWithinGroup(call)) return false;
        break;
      default:
        return false;
    }
    return !rest_.TakeKeyword("filter") || ReadFilter(call);
  }

  bool ReadArgument(bool is_count, AggregateCall& call) {
    if (is_count && rest_.Take("*")) {
      call.kind = AggregateKind::kCountRows;
      return rest_.Take(")");
    }
    if (is_count && rest_.TakeKeyword("distinct")) call.kind = AggregateKind::kCountDistinct;
    if (call.kind == AggregateKind::kPercentileCont) call.fraction = 0.5;  // median
    return AddValue(call) && rest_.Take(")");
  }

  bool ReadWithinGroup(AggregateCall& call) {
    if (call.kind != AggregateKind::kMode) {
      const bool is_fraction =
          absl::SimpleAtod(ToAbsl(rest_.TakeNumber()), &call.fraction) && call.fraction <= 1;
      if (!is_fraction) return false;
    }
    return rest_.Take(")") && rest_.TakeKeyword("within") && rest_.TakeKeyword("group") &&
           rest_.Take("(") && rest_.TakeKeyword("order") && rest_.TakeKeyword("by") &&
           AddValue(call) && rest_.Take(")");
  }

  /// column, or column op column.
  bool AddValue(AggregateCall& call) {
    Expression& value = call.arguments.emplace_back();
    if (!ReadColumn(value)) return false;
    const char name = rest_.TakeOperator();
    if (name == 0) return true;
    Expression right;
    if (!ReadColumn(right)) return false;
    value = Operation(name, std::move(value), std::move(right));
    return true;
  }

  /// Into a new one.
  bool ReadColumn(Expression& column) {
    column.position = rest_.position();
    const std::string_view name = rest_.TakeName();
    column.name = name;
    return !name.empty();
  }

  bool ReadFilter(AggregateCall& call) {
    if (!rest_.Take("(") || !rest_.TakeKeyword("where")) return false;
    const bool is_not = rest_.TakeKeyword("not");
    Expression column;
    if (!ReadColumn(column)) return false;
    const bool is_null_test = rest_.TakeKeyword("is");
    const bool is_not_null = is_null_test && rest_.TakeKeyword("not");
    if (is_null_test && !rest_.TakeKeyword("null")) return false;
    Predicate condition = Make(is_null_test ? Predicate::Kind::kIsNull : Predicate::Kind::kBoolean);
    condition.value = std::move(column);
    if (is_not_null) condition = Negation(std::move(condition));
    if (is_not) condition = Negation(std::move(condition));
    call.filter.push_back(std::move(condition));
    return rest_.Take(")");
  }

  Predicate Make(Predicate::Kind kind) const {
    Predicate predicate;
    predicate.kind = kind;
    predicate.field = field_;
    return predicate;
  }
  Predicate Negation(Predicate predicate) const {
    Predicate negated = Make(Predicate::Kind::kNot);
    negated.children.push_back(std::move(predicate));
    return negated;
  }

  PlainText rest_;
  const std::string& field_;
};

}  // namespace

bool ReadPlainAggregate(std::string_view text, const std::string& field, AggregateCall& call) {
  return text.size() <= kMaxPlainBytes && PlainMetricReader(text, field).ReadAlone(call);
}

std::optional<Expression> ReadPlainMetric(std::string_view text, const std::string& field) {
  if (text.size() > kMaxPlainBytes) return std::nullopt;
  return PlainMetricReader(text, field).Read();
}

}  // namespace sextant
