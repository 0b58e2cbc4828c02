#include "compute/plan/expression_parser/aggregate_reader.h"

#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/expression_parser.h"
#include "compute/plan/expression_parser/aggregate_names.h"

namespace sextant {
namespace {

constexpr std::string_view kAllowedTopValues =
    "(array_agg(x ORDER BY y [DESC]))[n] or [a:b], 1 <= a <= b <= 1000";

const AggregateEntry* FindAggregate(const SyntaxNode& node) {
  if (!node.Is("FuncCall")) return nullptr;
  const std::vector<std::string> names = node.Names("funcname");
  return names.size() == 1 ? FindAggregateNamed(names[0]) : nullptr;
}

const AggregateEntry* FindSubscripted(const SyntaxNode& node) {
  return node.Is("A_Indirection") ? FindAggregate(node.Child("arg")) : nullptr;
}

/// Reads one call. `call` is the FuncCall, whatever stands around it.
class AggregateReader {
 public:
  AggregateReader(TreeReader& reader, const SyntaxNode& call, const AggregateEntry& entry)
      : reader_(reader), source_(reader.source()), call_(call), entry_(entry) {}

  absl::StatusOr<AggregateCall> Read() {
    SEXTANT_RETURN_IF_ERROR(CheckFields());
    aggregate_.kind = entry_.kind;
    aggregate_.position = source_.PositionOf(call_);
    const TreeReader::ScopeChange inside(reader_, ReadScope::kInsideAggregate);
    switch (entry_.shape) {
      case AggregateShape::kCount:
        SEXTANT_RETURN_IF_ERROR(ReadCount());
        break;
      case AggregateShape::kOne:
        SEXTANT_RETURN_IF_ERROR(ReadArguments(1));
        if (entry_.kind == AggregateKind::kPercentileCont) aggregate_.fraction = 0.5;
        break;
      case AggregateShape::kTwo:
        SEXTANT_RETURN_IF_ERROR(ReadArguments(2));
        break;
      case AggregateShape::kWithinGroup:
        SEXTANT_RETURN_IF_ERROR(ReadWithinGroup());
        break;
      case AggregateShape::kArray:
        SEXTANT_RETURN_IF_ERROR(ReadArguments(1));
        SEXTANT_RETURN_IF_ERROR(ReadOrderOfArray());
        break;
    }
    if (call_.Has("agg_filter")) {
      SEXTANT_ASSIGN_OR_RETURN(Predicate filter, reader_.ReadCondition(call_.Child("agg_filter")));
      aggregate_.filter.push_back(std::move(filter));
    }
    return std::move(aggregate_);
  }

 private:
  absl::Status Refuse(std::string_view found) const {
    return source_.Refuse(call_, absl::StrCat(std::string(found), " in ", entry_.name, "()"),
                          AllowedAggregates());
  }

  absl::Status CheckFields() const {
    if (call_.Has("over")) return Refuse("OVER");
    if (call_.Has("func_variadic")) return Refuse("VARIADIC");
    const bool has_order = call_.Has("agg_order");
    const bool is_within = call_.Flag("agg_within_group");
    if (entry_.shape == AggregateShape::kWithinGroup) {
      if (!is_within) return Refuse("no WITHIN GROUP (ORDER BY x)");
    } else if (is_within) {
      return Refuse("WITHIN GROUP");
    } else if (has_order && entry_.shape != AggregateShape::kArray) {
      return Refuse("ORDER BY");
    }
    if (call_.Has("agg_distinct") && entry_.shape != AggregateShape::kCount)
      return Refuse("DISTINCT");
    if (call_.Has("agg_star") && entry_.shape != AggregateShape::kCount) return Refuse("*");
    const std::string outside =
        call_.FindFieldOutside({"funcname", "args", "agg_star", "agg_distinct", "agg_order",
                                "agg_filter", "agg_within_group", "funcformat", "location"});
    return outside.empty() ? absl::OkStatus() : Refuse(outside);
  }

  absl::Status ReadArguments(size_t expected) {
    const std::vector<SyntaxNode> nodes = call_.Children("args");
    if (nodes.size() != expected) {
      return source_.Refuse(call_, absl::StrCat(entry_.name, "() of ", nodes.size(), " values"),
                            absl::StrCat(entry_.name, "() of ", expected));
    }
    SEXTANT_ASSIGN_OR_RETURN(aggregate_.arguments, reader_.ReadValues(nodes));
    return absl::OkStatus();
  }

  absl::Status ReadCount() {
    if (call_.Flag("agg_star")) {
      aggregate_.kind = AggregateKind::kCountRows;
      return absl::OkStatus();
    }
    if (call_.Flag("agg_distinct")) aggregate_.kind = AggregateKind::kCountDistinct;
    return ReadArguments(1);
  }

  /// The one SortBy of the call. Errors: several, USING, NULLS FIRST.
  absl::StatusOr<SyntaxNode> OnlySortKey(std::string_view allowed) const {
    const std::vector<SyntaxNode> keys = call_.Children("agg_order");
    if (keys.size() != 1) {
      return source_.Refuse(
          call_, absl::StrCat(entry_.name, "() ordered by ", keys.size(), " values"), allowed);
    }
    if (keys[0].Text("sortby_dir") == "SORTBY_USING") {
      return source_.Refuse(keys[0], "ORDER BY .. USING", allowed);
    }
    if (keys[0].Text("sortby_nulls") == "SORTBY_NULLS_FIRST") {
      return source_.Refuse(keys[0], "NULLS FIRST, but rows without the value are left out",
                            allowed);
    }
    return keys[0];
  }

  absl::Status ReadWithinGroup() {
    const bool has_fraction = entry_.kind != AggregateKind::kMode;
    SEXTANT_RETURN_IF_ERROR(ReadArguments(has_fraction ? 1 : 0));
    if (has_fraction) SEXTANT_RETURN_IF_ERROR(ReadFraction());
    const std::string allowed =
        absl::StrCat(entry_.name, has_fraction ? "(fraction)" : "()", " WITHIN GROUP (ORDER BY x)");
    SEXTANT_ASSIGN_OR_RETURN(const SyntaxNode key, OnlySortKey(allowed));
    if (key.Text("sortby_dir") == "SORTBY_DESC") {
      return source_.Refuse(
          key, "ORDER BY .. DESC",
          has_fraction ? absl::StrCat(allowed, ", with 1 - fraction for the other end") : allowed);
    }
    SEXTANT_ASSIGN_OR_RETURN(Expression value, reader_.ReadValue(key.Child("node")));
    aggregate_.arguments.clear();
    aggregate_.arguments.push_back(std::move(value));
    return absl::OkStatus();
  }

  absl::Status ReadFraction() {
    const Expression& fraction = aggregate_.arguments[0];
    const Literal& literal = fraction.literal;
    const bool is_number =
        fraction.kind == Expression::Kind::kLiteral &&
        (literal.kind == Literal::Kind::kInteger || literal.kind == Literal::Kind::kDecimal);
    if (!is_number || !absl::SimpleAtod(literal.text, &aggregate_.fraction) ||
        !(aggregate_.fraction >= 0 && aggregate_.fraction <= 1)) {
      return source_.Refuse(
          call_,
          absl::StrCat(entry_.name, "() of ", is_number ? literal.text : "what is no number"),
          "a fraction from 0 to 1, written as a number");
    }
    return absl::OkStatus();
  }

  absl::Status ReadOrderOfArray() {
    SEXTANT_ASSIGN_OR_RETURN(const SyntaxNode key, OnlySortKey(kAllowedTopValues));
    SEXTANT_ASSIGN_OR_RETURN(Expression order, reader_.ReadValue(key.Child("node")));
    aggregate_.order_by.push_back(std::move(order));
    aggregate_.descending = key.Text("sortby_dir") == "SORTBY_DESC";
    return absl::OkStatus();
  }

  TreeReader& reader_;
  const SourceText& source_;
  const SyntaxNode& call_;
  const AggregateEntry& entry_;
  AggregateCall aggregate_;
};

/// The integer that a bound of a subscript is. Errors: what is none, or not in 1 .. kMaxTopValues.
absl::StatusOr<int64_t> ReadBound(const TreeReader& reader, const SyntaxNode& bound) {
  int64_t value = 0;
  const bool is_integer = bound.Is("A_Const") && bound.Has("ival") &&
                          absl::SimpleAtoi(reader.source().IntegerOf(bound), &value);
  if (!is_integer || value < 1 || value > kMaxTopValues) {
    return reader.source().Refuse(
        bound,
        is_integer ? absl::StrCat("the subscript ", value)
                   : absl::StrCat("a subscript that is ", SourceText::Describe(bound)),
        kAllowedTopValues);
  }
  return value;
}

absl::Status ReadSubscript(const TreeReader& reader, const SyntaxNode& node,
                           AggregateCall& aggregate) {
  const std::vector<SyntaxNode> subscripts = node.Children("indirection");
  if (subscripts.size() != 1 || !subscripts[0].Is("A_Indices")) {
    return reader.source().Refuse(node, "more than one subscript", kAllowedTopValues);
  }
  const SyntaxNode& subscript = subscripts[0];
  aggregate.is_list = subscript.Flag("is_slice");
  if (!subscript.Has("uidx")) {
    return reader.source().Refuse(node, "a slice without an end", kAllowedTopValues);
  }
  SEXTANT_ASSIGN_OR_RETURN(aggregate.last, ReadBound(reader, subscript.Child("uidx")));
  aggregate.first = aggregate.is_list ? 1 : aggregate.last;
  if (subscript.Has("lidx")) {
    SEXTANT_ASSIGN_OR_RETURN(aggregate.first, ReadBound(reader, subscript.Child("lidx")));
  }
  if (aggregate.first > aggregate.last) {
    return reader.source().Refuse(
        node, absl::StrCat("the slice [", aggregate.first, ":", aggregate.last, "]"),
        kAllowedTopValues);
  }
  return absl::OkStatus();
}

}  // namespace

bool IsAggregate(const SyntaxNode& node) {
  return FindAggregate(node) != nullptr || FindSubscripted(node) != nullptr;
}

absl::StatusOr<Expression> ReadAggregate(TreeReader& reader, const SyntaxNode& node) {
  const bool is_subscripted = node.Is("A_Indirection");
  const SyntaxNode call = is_subscripted ? node.Child("arg") : node;
  const AggregateEntry& entry = *FindAggregate(call);
  const std::string found = absl::StrCat("the aggregate ", entry.name, "()");
  if (reader.scope() == ReadScope::kInsideAggregate) {
    return reader.source().Refuse(call, absl::StrCat(found, " inside an aggregate"),
                                  "columns, constants and functions of them");
  }
  if (reader.scope() == ReadScope::kRow) {
    // The definition of a derived metric is read as a row of metrics; "derived.x" is a column.
    const std::string_view field = reader.source().field();
    const bool is_derived = field.ends_with("derived") && !field.starts_with("derived.");
    return reader.source().Refuse(
        call, found,
        is_derived ? "names of metrics; an aggregate is a metric of its own, which can be named"
                   : "values of a row: columns and functions of them");
  }
  if (is_subscripted != (entry.shape == AggregateShape::kArray)) {
    return reader.source().Refuse(
        call, absl::StrCat(found, is_subscripted ? " with a subscript" : " without a subscript"),
        is_subscripted ? AllowedAggregates() : std::string(kAllowedTopValues));
  }
  reader.CountAggregate();
  SEXTANT_ASSIGN_OR_RETURN(AggregateCall aggregate, AggregateReader(reader, call, entry).Read());
  if (is_subscripted) SEXTANT_RETURN_IF_ERROR(ReadSubscript(reader, node, aggregate));
  return ExpressionOf(std::move(aggregate));
}

Expression ExpressionOf(AggregateCall aggregate) {
  Expression leaf;
  leaf.kind = Expression::Kind::kAggregate;
  leaf.position = aggregate.position;
  leaf.aggregates.push_back(std::move(aggregate));
  return leaf;
}

}  // namespace sextant
