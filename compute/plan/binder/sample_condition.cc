#include "compute/plan/binder/sample_condition.h"

#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/expression_parser.h"

namespace sextant {
namespace {

constexpr char kSample[] = "value";
constexpr std::pair<std::string_view, CompareOp> kComparisons[] = {
    {"<=", CompareOp::kLessOrEqual}, {">=", CompareOp::kGreaterOrEqual},
    {"<", CompareOp::kLess},         {">", CompareOp::kGreater},
    {"=", CompareOp::kEqual},        {"<>", CompareOp::kNotEqual},
};

void Replace(Predicate& predicate, const Expression& sample);

void Replace(Expression& expression, const Expression& sample) {
  if (expression.kind == Expression::Kind::kColumn) {
    if (expression.name == kSample) expression = sample;
    return;  // the sample may have a column of that name
  }
  for (Expression& argument : expression.arguments) Replace(argument, sample);
  for (Predicate& condition : expression.conditions) Replace(condition, sample);
}

bool IsSample(const Expression& expression) {
  return expression.kind == Expression::Kind::kColumn && expression.name == kSample;
}

/// A number as a difference of times.
void MakeSeconds(Literal& literal) {
  if (literal.kind != Literal::Kind::kInteger && literal.kind != Literal::Kind::kDecimal) return;
  double seconds = 0;
  const bool has_exponent = literal.text.find_first_of("eE") != std::string::npos;
  if (has_exponent && absl::SimpleAtod(literal.text, &seconds)) {
    literal.text = absl::StrFormat("%.6f", seconds);  // intervals have no exponents
  }
  literal.kind = Literal::Kind::kString;
  literal.text.append(" seconds");
}

/// Of what the sample is compared with.
void MakeSeconds(Predicate& predicate) {
  for (Predicate& child : predicate.children) MakeSeconds(child);
  if (!IsSample(predicate.value)) return;
  for (Literal& literal : predicate.literals) MakeSeconds(literal);
  if (predicate.lower) MakeSeconds(*predicate.lower);
  if (predicate.upper) MakeSeconds(*predicate.upper);
}

void Replace(Predicate& predicate, const Expression& sample) {
  for (Predicate& child : predicate.children) Replace(child, sample);
  Replace(predicate.value, sample);
  for (Expression& other : predicate.other) Replace(other, sample);
}

Predicate Comparison(const Expression& sample, CompareOp op, Literal constant) {
  Predicate comparison;
  comparison.kind = Predicate::Kind::kCompare;
  comparison.value = sample;
  comparison.op = op;
  comparison.literals.push_back(std::move(constant));
  return comparison;
}

Literal MakeLiteral(Literal::Kind kind, std::string text) {
  Literal literal;
  literal.kind = kind;
  literal.text = std::move(text);
  return literal;
}

/// A constant as the user would write it in an expression.
Literal LiteralOf(const std::string& text) {
  Literal literal = MakeLiteral(Literal::Kind::kString, text);
  double number = 0;
  if (!absl::SimpleAtod(text, &number) || !(number - number == 0)) return literal;
  const bool is_integer = text.find_first_of(".eE") == std::string::npos;
  literal.kind = is_integer ? Literal::Kind::kInteger : Literal::Kind::kDecimal;
  return literal;
}

Predicate IsNull(const std::string& name) {
  Predicate is_null;
  is_null.kind = Predicate::Kind::kIsNull;
  is_null.value = Expression::Column(name);
  return is_null;
}

Expression Call(std::string name, std::vector<Expression> arguments) {
  Expression call;
  call.kind = Expression::Kind::kCall;
  call.name = std::move(name);
  call.arguments = std::move(arguments);
  return call;
}

}  // namespace

absl::StatusOr<Predicate> ParseDomain(const std::string& domain, const std::string& field) {
  const size_t begin = domain.find_first_not_of(" \t\n");
  const bool is_short = begin != std::string::npos &&
                        std::string_view("<>=!").find(domain[begin]) != std::string_view::npos;
  absl::StatusOr<Predicate> condition =
      ParseFilter(is_short ? absl::StrCat(kSample, " ", domain) : domain, field);
  if (condition.ok()) return condition;
  return FieldError(field, absl::StrCat("'", domain.substr(0, 64),
                                        "' is no condition; allowed: one of the value of a sample, "
                                        "such as \">= 0\" or \"value > 0 AND value < 10\""));
}

absl::StatusOr<Predicate> ThresholdCondition(const Metric::Threshold& threshold,
                                             const SampleValue& sample, const std::string& field) {
  for (const auto& [text, op] : kComparisons) {
    if (threshold.op != text) continue;
    Literal constant = LiteralOf(threshold.value);
    if (sample.kind == TypeKind::kDuration) {
      MakeSeconds(constant);
    } else if (!IsNumber(sample.kind)) {
      constant = MakeLiteral(Literal::Kind::kString, threshold.value);
    }
    Predicate condition = Comparison(sample.expression, op, std::move(constant));
    condition.field = absl::StrCat(field, ".value");
    return condition;
  }
  return FieldError(absl::StrCat(field, ".op"), absl::StrCat("'", threshold.op.substr(0, 64),
                                                             "'; allowed: <, <=, >, >=, =, <>"));
}

Predicate WithSample(Predicate condition, const SampleValue& sample) {
  if (sample.kind == TypeKind::kDuration) MakeSeconds(condition);
  Replace(condition, sample.expression);
  return condition;
}

Predicate IsNoNaN(const Expression& sample) {
  return Comparison(sample, CompareOp::kLess, MakeLiteral(Literal::Kind::kFloat, "NaN"));
}

Expression SumOfNames(const Metric::SumOf& sum_of) {
  const Literal zero = MakeLiteral(Literal::Kind::kInteger, "0");
  Predicate all_null;
  all_null.kind = Predicate::Kind::kAnd;
  Expression sum;
  for (size_t i = 0; i < sum_of.names.size(); ++i) {
    const std::string& name = sum_of.names[i];
    Expression value = Expression::Column(name);
    if (!sum_of.is_complete) {
      value = Call("coalesce", {std::move(value), Expression::Constant(zero)});
    }
    sum = i == 0 ? std::move(value) : Call("+", {std::move(sum), std::move(value)});
    all_null.children.push_back(IsNull(name));
  }
  if (sum_of.is_complete) return sum;
  Expression result;
  result.kind = Expression::Kind::kCase;
  result.conditions.push_back(std::move(all_null));
  result.arguments.push_back(Expression::Constant(Literal()));
  result.arguments.push_back(std::move(sum));
  return result;
}

}  // namespace sextant
