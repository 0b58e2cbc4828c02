#include "service/translation/filter_from_proto.h"

#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

absl::StatusOr<Expression> ReadOperand(const v1::Operand& operand, const std::string& field) {
  if (operand.column().empty()) {
    return FieldError(absl::StrCat(field, ".column"), "found nothing, allowed: a column");
  }
  Expression value = Expression::Column(operand.column());
  if (operand.minus_column().empty()) return value;
  return Expression::Difference(std::move(value), Expression::Column(operand.minus_column()));
}

Literal IntegerLiteral(int64_t value) {
  return {.kind = Literal::Kind::kInteger, .text = absl::StrCat(value), .type_name = {}};
}

/// The shortest text that reads back as `value`; absl::StrCat would give six digits.
Literal FloatLiteral(double value) {
  std::string text;
  if (std::isnan(value)) {
    text = "NaN";
  } else if (std::isinf(value)) {
    text = value > 0 ? "Infinity" : "-Infinity";
  } else {
    char buffer[40];
    for (const int digits : {15, 16, 17}) {
      std::snprintf(buffer, sizeof(buffer), "%.*g", digits, value);
      if (std::strtod(buffer, nullptr) == value) break;
    }
    text = buffer;
  }
  return {.kind = Literal::Kind::kFloat, .text = std::move(text), .type_name = {}};
}

Literal StringLiteral(const std::string& text) {
  return {.kind = Literal::Kind::kString, .text = text, .type_name = {}};
}

absl::StatusOr<CompareOp> ReadOperator(v1::Comparison::Operator op, const std::string& field) {
  switch (op) {
    case v1::Comparison::OPERATOR_EQUAL:
      return CompareOp::kEqual;
    case v1::Comparison::OPERATOR_NOT_EQUAL:
      return CompareOp::kNotEqual;
    case v1::Comparison::OPERATOR_LESS:
      return CompareOp::kLess;
    case v1::Comparison::OPERATOR_LESS_OR_EQUAL:
      return CompareOp::kLessOrEqual;
    case v1::Comparison::OPERATOR_GREATER:
      return CompareOp::kGreater;
    case v1::Comparison::OPERATOR_GREATER_OR_EQUAL:
      return CompareOp::kGreaterOrEqual;
    default:
      return FieldError(field, absl::StrCat("found ", static_cast<int>(op),
                                            ", allowed: OPERATOR_EQUAL, _NOT_EQUAL, _LESS, "
                                            "_LESS_OR_EQUAL, _GREATER, _GREATER_OR_EQUAL"));
  }
}

absl::StatusOr<ListMatch> ReadQuantifier(v1::ListMatch::Quantifier quantifier,
                                         const std::string& field) {
  switch (quantifier) {
    case v1::ListMatch::QUANTIFIER_ANY:
      return ListMatch::kAnyOf;
    case v1::ListMatch::QUANTIFIER_ALL:
      return ListMatch::kAllOf;
    case v1::ListMatch::QUANTIFIER_NONE:
      return ListMatch::kNoneOf;
    default:
      return FieldError(field, absl::StrCat("found ", static_cast<int>(quantifier),
                                            ", allowed: QUANTIFIER_ANY, _ALL, _NONE"));
  }
}

/// Reads one filter; counts its nodes.
class FilterReader {
 public:
  explicit FilterReader(const QueryLimits& limits) : limits_(limits) {}

  absl::StatusOr<Predicate> Read(const v1::Filter& filter, const std::string& field, int depth);

 private:
  absl::Status Admit(const std::string& field, int depth);
  absl::StatusOr<Predicate> ReadComparison(const v1::Comparison& comparison, Predicate node);
  absl::StatusOr<Predicate> ReadInList(const v1::InList& in_list, Predicate node);
  absl::StatusOr<Predicate> ReadRange(const v1::Range& range, Predicate node);
  absl::StatusOr<Predicate> ReadNullTest(const v1::Operand& operand, Predicate node);
  absl::StatusOr<Predicate> ReadListMatch(const v1::ListMatch& match, Predicate node);
  absl::StatusOr<Predicate> ReadLink(const v1::LinkFilter& link, Predicate node, int depth);
  absl::StatusOr<Predicate> ReadChildren(const v1::FilterList& list, Predicate node, int depth);
  absl::StatusOr<std::vector<Literal>> ReadValues(const v1::ValueList& values,
                                                  const std::string& field) const;

  const QueryLimits& limits_;
  int num_nodes_ = 0;
};

absl::Status FilterReader::Admit(const std::string& field, int depth) {
  if (depth > limits_.max_filter_depth) {
    return FieldError(field, absl::StrCat("found a filter more than ", limits_.max_filter_depth,
                                          " deep, allowed: at most ", limits_.max_filter_depth));
  }
  if (++num_nodes_ > limits_.max_filter_nodes) {
    return FieldError(field,
                      absl::StrCat("found more than ", limits_.max_filter_nodes,
                                   " filter nodes, allowed: at most ", limits_.max_filter_nodes));
  }
  return absl::OkStatus();
}

Predicate NodeOf(Predicate::Kind kind, std::string field) {
  Predicate node;
  node.kind = kind;
  node.field = std::move(field);
  return node;
}

Predicate Negated(Predicate child) {
  Predicate node = NodeOf(Predicate::Kind::kNot, child.field);
  node.children.push_back(std::move(child));
  return node;
}

absl::StatusOr<Predicate> FilterReader::Read(const v1::Filter& filter, const std::string& field,
                                             int depth) {
  SEXTANT_RETURN_IF_ERROR(Admit(field, depth));
  const auto at = [&field](const char* name) { return absl::StrCat(field, ".", name); };
  using Kind = Predicate::Kind;
  switch (filter.node_case()) {
    case v1::Filter::kComparison:
      return ReadComparison(filter.comparison(), NodeOf(Kind::kCompare, at("comparison")));
    case v1::Filter::kInList:
      return ReadInList(filter.in_list(), NodeOf(Kind::kIn, at("in_list")));
    case v1::Filter::kRange:
      return ReadRange(filter.range(), NodeOf(Kind::kRange, at("range")));
    case v1::Filter::kIsNull:
      return ReadNullTest(filter.is_null(), NodeOf(Kind::kIsNull, at("is_null")));
    case v1::Filter::kIsNotNull: {
      SEXTANT_ASSIGN_OR_RETURN(
          auto node, ReadNullTest(filter.is_not_null(), NodeOf(Kind::kIsNull, at("is_not_null"))));
      return Negated(std::move(node));
    }
    case v1::Filter::kListMatch:
      return ReadListMatch(filter.list_match(), NodeOf(Kind::kList, at("list_match")));
    case v1::Filter::kAllOf:
      return ReadChildren(filter.all_of(), NodeOf(Kind::kAnd, at("all_of")), depth);
    case v1::Filter::kAnyOf:
      return ReadChildren(filter.any_of(), NodeOf(Kind::kOr, at("any_of")), depth);
    case v1::Filter::kNegation: {
      SEXTANT_ASSIGN_OR_RETURN(auto child, Read(filter.negation(), at("negation"), depth + 1));
      return Negated(std::move(child));
    }
    case v1::Filter::kExistsIn:
      return ReadLink(filter.exists_in(), NodeOf(Kind::kExists, at("exists_in")), depth);
    case v1::Filter::kNoneIn: {
      SEXTANT_ASSIGN_OR_RETURN(
          auto node, ReadLink(filter.none_in(), NodeOf(Kind::kExists, at("none_in")), depth));
      return Negated(std::move(node));
    }
    case v1::Filter::NODE_NOT_SET:
      break;
  }
  return FieldError(field,
                    "found an empty filter, allowed: comparison, in_list, range, is_null, "
                    "is_not_null, list_match, all_of, any_of, negation, exists_in, none_in");
}

absl::StatusOr<Predicate> FilterReader::ReadLink(const v1::LinkFilter& link, Predicate node,
                                                 int depth) {
  if (link.link().empty()) {
    return FieldError(node.field + ".link", "found nothing, allowed: a link of the dataset");
  }
  node.link = link.link();
  if (link.has_filter()) {
    SEXTANT_ASSIGN_OR_RETURN(auto child, Read(link.filter(), node.field + ".filter", depth + 1));
    node.children.push_back(std::move(child));
  }
  return node;
}

absl::StatusOr<Predicate> FilterReader::ReadComparison(const v1::Comparison& comparison,
                                                       Predicate node) {
  SEXTANT_ASSIGN_OR_RETURN(auto operand,
                           ReadOperand(comparison.operand(), node.field + ".operand"));
  SEXTANT_ASSIGN_OR_RETURN(auto op, ReadOperator(comparison.operator_(), node.field + ".operator"));
  SEXTANT_ASSIGN_OR_RETURN(auto value, LiteralFromProto(comparison.value(), node.field + ".value"));
  node.value = std::move(operand);
  node.op = op;
  node.literals.push_back(std::move(value));
  return node;
}

absl::StatusOr<Predicate> FilterReader::ReadInList(const v1::InList& in_list, Predicate node) {
  SEXTANT_ASSIGN_OR_RETURN(auto operand, ReadOperand(in_list.operand(), node.field + ".operand"));
  SEXTANT_ASSIGN_OR_RETURN(auto values, ReadValues(in_list.values(), node.field + ".values"));
  node.value = std::move(operand);
  node.literals = std::move(values);
  return node;
}

absl::StatusOr<Predicate> FilterReader::ReadRange(const v1::Range& range, Predicate node) {
  SEXTANT_ASSIGN_OR_RETURN(auto operand, ReadOperand(range.operand(), node.field + ".operand"));
  node.value = std::move(operand);
  if (!range.has_low() && !range.has_high()) {
    return FieldError(node.field, "found neither low nor high, allowed: one of them or both");
  }
  if (range.has_low()) {
    SEXTANT_ASSIGN_OR_RETURN(auto low, LiteralFromProto(range.low(), node.field + ".low"));
    node.lower = std::move(low);
  }
  if (range.has_high()) {
    SEXTANT_ASSIGN_OR_RETURN(auto high, LiteralFromProto(range.high(), node.field + ".high"));
    node.upper = std::move(high);
  }
  node.lower_inclusive = !range.low_exclusive();
  node.upper_inclusive = range.high_inclusive();
  return node;
}

absl::StatusOr<Predicate> FilterReader::ReadNullTest(const v1::Operand& operand, Predicate node) {
  SEXTANT_ASSIGN_OR_RETURN(auto value, ReadOperand(operand, node.field));
  node.value = std::move(value);
  return node;
}

absl::StatusOr<Predicate> FilterReader::ReadListMatch(const v1::ListMatch& match, Predicate node) {
  if (match.column().empty()) {
    return FieldError(node.field + ".column", "found nothing, allowed: a list column");
  }
  SEXTANT_ASSIGN_OR_RETURN(auto quantifier,
                           ReadQuantifier(match.quantifier(), node.field + ".quantifier"));
  SEXTANT_ASSIGN_OR_RETURN(auto values, ReadValues(match.values(), node.field + ".values"));
  node.value = Expression::Column(match.column());
  node.list_match = quantifier;
  node.literals = std::move(values);
  return node;
}

absl::StatusOr<Predicate> FilterReader::ReadChildren(const v1::FilterList& list, Predicate node,
                                                     int depth) {
  if (list.filters().empty()) {
    return FieldError(node.field + ".filters", "found none, allowed: at least one");
  }
  node.children.reserve(static_cast<size_t>(list.filters_size()));
  for (int i = 0; i < list.filters_size(); ++i) {
    SEXTANT_ASSIGN_OR_RETURN(
        auto child,
        Read(list.filters(i), absl::StrCat(node.field, ".filters[", i, "]"), depth + 1));
    node.children.push_back(std::move(child));
  }
  return node;
}

absl::StatusOr<std::vector<Literal>> FilterReader::ReadValues(const v1::ValueList& values,
                                                              const std::string& field) const {
  const int kinds = (values.ints().empty() ? 0 : 1) + (values.floats().empty() ? 0 : 1) +
                    (values.strings().empty() ? 0 : 1);
  if (kinds > 1) {
    return FieldError(field,
                      "found values of several kinds, allowed: one of ints, floats and strings");
  }
  const int64_t count = int64_t{values.ints_size()} + values.floats_size() + values.strings_size();
  if (count > limits_.max_in_list) {
    return FieldError(
        field, absl::StrCat("found ", count, " values, allowed: at most ", limits_.max_in_list));
  }
  std::vector<Literal> literals;
  literals.reserve(static_cast<size_t>(count));
  for (const int64_t value : values.ints()) literals.push_back(IntegerLiteral(value));
  for (const double value : values.floats()) literals.push_back(FloatLiteral(value));
  for (const std::string& value : values.strings()) {
    Literal& literal = literals.emplace_back();
    literal.kind = Literal::Kind::kString;
    literal.text = value;
  }
  return literals;
}

}  // namespace

absl::StatusOr<Literal> LiteralFromProto(const v1::Value& value, const std::string& field) {
  switch (value.kind_case()) {
    case v1::Value::kBoolValue:
      return Literal{.kind = Literal::Kind::kBool,
                     .text = value.bool_value() ? "true" : "false",
                     .type_name = {}};
    case v1::Value::kIntValue:
      return IntegerLiteral(value.int_value());
    case v1::Value::kFloatValue:
      return FloatLiteral(value.float_value());
    case v1::Value::kStringValue:
      return StringLiteral(value.string_value());
    case v1::Value::KIND_NOT_SET:
      break;
  }
  return FieldError(field,
                    "found no value, allowed: bool_value, int_value, float_value or string_value "
                    "(use is_null to find NULL)");
}

absl::StatusOr<Predicate> FilterFromProto(const v1::Filter& filter, const std::string& field,
                                          const QueryLimits& limits) {
  return FilterReader(limits).Read(filter, field, /*depth=*/1);
}

}  // namespace sextant
