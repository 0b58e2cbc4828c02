#include "compute/plan/bound_query.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/memory/check.h"
#include "compute/plan/time_frame.h"

namespace sextant {
namespace {

std::string Decimal(int128_t value) {
  const bool negative = value < 0;
  auto rest = static_cast<uint128_t>(value);
  if (negative) rest = 0 - rest;
  std::string digits;
  do {
    digits.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  } while (rest != 0);
  if (negative) digits.push_back('-');
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::string Decimal(int64_t value) { return absl::StrCat(value); }

std::string Quoted(const std::string& text) {
  return absl::StrCat("'", absl::CHexEscape(text), "'");
}

std::string ConstantText(const BoundExpression& expression) {
  const BoundConstant& constant = expression.constant;
  if (constant.is_null) return "null";
  if (const auto* integer = std::get_if<int64_t>(&constant.value)) return absl::StrCat(*integer);
  // The bits, so that the text is exact: -0 is another constant than 0.
  if (const auto* number = std::get_if<double>(&constant.value)) {
    return absl::StrCat("float ", std::bit_cast<int64_t>(*number));
  }
  if (const auto* text = std::get_if<std::string>(&constant.value)) return Quoted(*text);
  const Wide wide = std::get<Wide>(constant.value);
  return absl::StrCat("wide ", wide.high, ":", wide.low);
}

std::string ValueText(const BoundValue& value) {
  if (value.expression != nullptr) return ToString(*value.expression);
  std::string text = absl::StrCat("#", value.column);
  if (value.factor != 1) absl::StrAppend(&text, "*", value.factor);
  if (value.minus) absl::StrAppend(&text, "-#", *value.minus);
  if (value.minus_factor != 1) absl::StrAppend(&text, "*", value.minus_factor);
  if (value.as_float) absl::StrAppend(&text, " as float");
  return absl::StrCat("(", text, " ", TypeName(value.type), ")");
}

template <typename Key>
std::string RangeText(const BoundValue& value, Key min, Key max) {
  return absl::StrCat(ValueText(value), " in [", Decimal(min), ", ", Decimal(max), "]");
}

template <typename Key>
std::string SetText(const BoundValue& value, const std::vector<Key>& keys) {
  const auto append = [](std::string* out, Key key) { absl::StrAppend(out, Decimal(key)); };
  return absl::StrCat(ValueText(value), " in {", absl::StrJoin(keys, ", ", append), "}");
}

std::string TextsText(const std::vector<std::string>& texts) {
  const auto append = [](std::string* out, const std::string& text) {
    absl::StrAppend(out, Quoted(text));
  };
  return absl::StrCat("{", absl::StrJoin(texts, ", ", append), "}");
}

std::string ChildrenText(const char* name, const std::vector<BoundPredicate>& children) {
  const auto append = [](std::string* out, const BoundPredicate& child) {
    absl::StrAppend(out, ToString(child));
  };
  return absl::StrCat(name, "(", absl::StrJoin(children, ", ", append), ")");
}

/// Writes each kind of node; ToString adds the negation.
struct NodeText {
  std::string operator()(const ConstantLeaf& leaf) const {
    const char* const names[] = {"true", "false", "null"};
    return names[static_cast<int>(leaf.value)];
  }
  std::string operator()(const NullLeaf& leaf) const { return ValueText(leaf.value) + " is null"; }
  std::string operator()(const IntegerRangeLeaf& leaf) const {
    return RangeText(leaf.value, leaf.min, leaf.max);
  }
  std::string operator()(const IntegerSetLeaf& leaf) const {
    return SetText(leaf.value, leaf.keys);
  }
  std::string operator()(const WideRangeLeaf& leaf) const {
    return RangeText(leaf.value, leaf.min, leaf.max);
  }
  std::string operator()(const WideSetLeaf& leaf) const { return SetText(leaf.value, leaf.keys); }
  std::string operator()(const TextRangeLeaf& leaf) const {
    std::string text = ValueText(leaf.value);
    if (leaf.min) absl::StrAppend(&text, leaf.min_inclusive ? " >= " : " > ", Quoted(*leaf.min));
    if (leaf.max) absl::StrAppend(&text, leaf.max_inclusive ? " <= " : " < ", Quoted(*leaf.max));
    return text;
  }
  std::string operator()(const TextSetLeaf& leaf) const {
    return absl::StrCat(ValueText(leaf.value), " in ", TextsText(leaf.texts));
  }
  std::string operator()(const ListLeaf& leaf) const {
    const char* const names[] = {" any of ", " all of ", " none of ", " equals any "};
    const auto append = [](std::string* out, int64_t key) { absl::StrAppend(out, key); };
    return absl::StrCat(ValueText(leaf.value), names[static_cast<int>(leaf.match)], "{",
                        absl::StrJoin(leaf.keys, ", ", append), "} ", TextsText(leaf.texts),
                        leaf.wants_null ? " and null" : "");
  }
  std::string operator()(const ListCompareLeaf& leaf) const {
    std::string text =
        absl::StrCat(leaf.is_all ? "all of " : "any of ", ValueText(leaf.value),
                     leaf.outside ? " outside " : " in ", "[", leaf.min, ", ", leaf.max, "]");
    if (leaf.min_text) {
      absl::StrAppend(&text, leaf.min_inclusive ? " >= " : " > ", Quoted(*leaf.min_text));
    }
    if (leaf.max_text) {
      absl::StrAppend(&text, leaf.max_inclusive ? " <= " : " < ", Quoted(*leaf.max_text));
    }
    return text;
  }
  std::string operator()(const CompareLeaf& leaf) const {
    const char* const names[] = {" = ", " <> ", " < ", " <= ", " > ", " >= "};
    return absl::StrCat(ValueText(leaf.left), names[static_cast<int>(leaf.op)],
                        ValueText(leaf.right));
  }
  std::string operator()(const DistinctLeaf& leaf) const {
    return absl::StrCat(ValueText(leaf.left), " is distinct from ", ValueText(leaf.right));
  }
  std::string operator()(const PatternLeaf& leaf) const {
    return absl::StrCat(ValueText(leaf.value), leaf.is_like ? " like " : " ~ ",
                        leaf.case_insensitive ? "any case " : "", Quoted(leaf.pattern), " escape ",
                        Quoted(leaf.escape));
  }
  std::string operator()(const ExistsLeaf& leaf) const {
    return ChildrenText(absl::StrCat("exists ", leaf.link).c_str(), leaf.children);
  }
  std::string operator()(const IsTrueNode& node) const {
    return ChildrenText("is_true", node.children);
  }
  std::string operator()(const AndNode& node) const { return ChildrenText("and", node.children); }
  std::string operator()(const OrNode& node) const { return ChildrenText("or", node.children); }
};

}  // namespace

int64_t FloatKey(double value) {
  if (value != value) return std::numeric_limits<int64_t>::max();
  if (value == 0) return 0;
  const auto bits = std::bit_cast<int64_t>(value);
  // Negative values order against their magnitude.
  return bits >= 0 ? bits : bits ^ std::numeric_limits<int64_t>::max();
}

int128_t WideKey(const DataType& type, Wide value) {
  switch (type.kind) {
    case TypeKind::kDecimal:
      return Int128OfWide(value);
    case TypeKind::kInterval:
      return IntervalOrderKey(IntervalOfWide(value));
    case TypeKind::kUuid:
      return Int128OfWide({value.low, value.high ^ (uint64_t{1} << 63)});
    default:
      SEXTANT_CHECK(false) << TypeName(type) << " is not wide";
      return 0;
  }
}

std::string ToString(const BoundPredicate& predicate) {
  const std::string text = std::visit(NodeText(), predicate.node);
  return predicate.negated ? absl::StrCat("not(", text, ")") : text;
}

std::string ToString(const BoundExpression& expression) {
  if (expression.op == ExpressionOp::kColumn) {
    return absl::StrCat("(#", expression.column, " ", TypeName(expression.type), ")");
  }
  std::vector<std::string> parts;
  const bool has_constant = expression.op == ExpressionOp::kConstant ||
                            expression.op == ExpressionOp::kMeanBound ||
                            expression.op == ExpressionOp::kShareBound;
  if (has_constant) parts.push_back(ConstantText(expression));
  for (const BoundPredicate& condition : expression.conditions) {
    parts.push_back(absl::StrCat("[", ToString(condition), "]"));
  }
  for (const BoundExpression& argument : expression.arguments) {
    parts.push_back(ToString(argument));
  }
  return absl::StrCat("op", static_cast<int>(expression.op), ".",
                      static_cast<int>(expression.field), "(", absl::StrJoin(parts, ", "), " ",
                      TypeName(expression.type), " @", expression.time_zone.name(), ")");
}

std::string ToString(const BoundValue& value) { return ValueText(value); }

std::string ToString(const BoundPin& pin) {
  std::string frame = pin.frame == nullptr ? "" : ToString(*pin.frame);
  switch (pin.kind) {
    case TimePin::Kind::kNone:
      return "timeless";
    case TimePin::Kind::kAt:
      return absl::StrCat("at ", ToString(pin.start), frame);
    case TimePin::Kind::kDuring:
      return absl::StrCat("during ", ToString(pin.start), ToString(pin.end), frame);
    case TimePin::Kind::kAsOfEnd:
      return absl::StrCat("as of end ", ToString(pin.start), ToString(pin.end), frame);
  }
  return "";
}

std::string ToString(const BoundClip& clip) {
  return absl::StrCat(ToString(clip.value), clip.filter ? ToString(*clip.filter) : "", " ",
                      FloatKey(clip.low), " ", FloatKey(clip.high), " ", clip.stride_us);
}

std::string ToString(const ConfidenceBound& bound) {
  return absl::StrCat(" bound ", FloatKey(bound.level), " ", bound.seed, " ", bound.max_draws);
}

std::string ToString(const BoundHistogram& histogram) {
  std::string text =
      absl::StrCat(" histogram ", histogram.num_bins, histogram.is_log ? " log" : "");
  for (const double edge : histogram.edges) absl::StrAppend(&text, " ", FloatKey(edge));
  return text;
}

std::string ToString(const BoundAggregate& aggregate) {
  const bool has_value = HasValue(aggregate.kind);
  const bool has_second = aggregate.kind >= AggregateKind::kCorr;
  return absl::StrCat(
      "aggregate", static_cast<int>(aggregate.kind), " ",
      has_value ? ToString(aggregate.value) : "", " ", has_second ? ToString(aggregate.second) : "",
      " ", FloatKey(aggregate.fraction), aggregate.descending ? " desc " : " ", aggregate.first,
      ":", aggregate.last, aggregate.is_list ? " list " : " ", ToString(aggregate.pin),
      aggregate.filter ? absl::StrCat(" filter ", ToString(*aggregate.filter)) : "",
      aggregate.outside ? absl::StrCat(" outside ", ToString(*aggregate.outside)) : "",
      aggregate.clip ? absl::StrCat(" clip ", ToString(*aggregate.clip)) : "",
      aggregate.bound ? ToString(*aggregate.bound) : "",
      aggregate.histogram ? ToString(*aggregate.histogram) : "");
}

std::vector<std::string> AggregateLabels(const BoundQuery& query, size_t aggregate) {
  for (const BoundDataset& dataset : query.datasets) {
    const auto& own = dataset.aggregates;
    if (std::find(own.begin(), own.end(), aggregate) == own.end()) continue;
    return dataset.schema->field(query.aggregates[aggregate].value.column).enum_labels;
  }
  return {};
}

Schema ResultSchema(const BoundQuery& query) {
  std::vector<Field> fields;
  for (const BoundAxis& axis : query.axes()) {
    Field field = {.name = axis.name, .type = axis.type};
    if (axis.type.kind == TypeKind::kEnum) {
      field.enum_labels = query.datasets[0].schema->field(axis.column).enum_labels;
    }
    fields.push_back(std::move(field));
  }
  if (query.HasTimeAxis()) {
    fields.push_back({.name = "start", .type = DataType::Of(TypeKind::kTimestamp)});
  }
  for (const BoundMetric& metric : query.metrics) {
    Field field = {.name = metric.name, .type = metric.result_type, .unit = metric.unit};
    if (field.type.kind == TypeKind::kEnum) {
      field.enum_labels = AggregateLabels(query, metric.expression.column);
    }
    fields.push_back(std::move(field));
  }
  return Schema(std::move(fields));
}

bool BoundQuery::HasTimeAxis() const {
  return std::any_of(series.begin(), series.end(),
                     [](const TimeSeries& one) { return one.unit != CalendarUnit::kAll; });
}

}  // namespace sextant
