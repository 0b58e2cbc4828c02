#include "tests/bench/peers/spec_query.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace sextant::peers {
namespace {

Literal LiteralOf(const std::string& text, bool is_number) {
  Literal literal;
  literal.kind = is_number ? Literal::Kind::kInteger : Literal::Kind::kString;
  literal.text = text;
  return literal;
}

Predicate Not(Predicate child) {
  Predicate predicate;
  predicate.kind = Predicate::Kind::kNot;
  predicate.children.push_back(std::move(child));
  return predicate;
}

Predicate LeafOf(Predicate::Kind kind, const FilterSpec& filter) {
  Predicate leaf;
  leaf.kind = kind;
  leaf.value = Expression::Column(filter.column);
  for (const std::string& value : filter.values) {
    leaf.literals.push_back(LiteralOf(value, filter.is_number));
  }
  return leaf;
}

Predicate CompareOf(CompareOp op, const FilterSpec& filter) {
  Predicate leaf = LeafOf(Predicate::Kind::kCompare, filter);
  leaf.op = op;
  return leaf;
}

Predicate ListOf(ListMatch match, const FilterSpec& filter) {
  Predicate leaf = LeafOf(Predicate::Kind::kList, filter);
  leaf.list_match = match;
  return leaf;
}

Predicate RangeOf(const FilterSpec& filter) {
  const char* zone = filter.op == "range" ? "+00" : "";  // of instants: UTC
  Predicate leaf = LeafOf(Predicate::Kind::kRange, filter);
  leaf.lower = LiteralOf(filter.low + zone, filter.is_number);
  leaf.upper = LiteralOf(filter.high + zone, filter.is_number);
  leaf.upper_inclusive = filter.op == "between";
  return leaf;
}

Predicate BooleanOf(const FilterSpec& filter) {
  Predicate leaf;
  leaf.kind = Predicate::Kind::kBoolean;
  leaf.value = Expression::Column(filter.column);
  return filter.values.front() == "true" ? leaf : Not(std::move(leaf));
}

Predicate PredicateOf(const FilterSpec& filter) {
  if (filter.op == "in") return LeafOf(Predicate::Kind::kIn, filter);
  if (filter.op == "eq") return CompareOf(CompareOp::kEqual, filter);
  if (filter.op == "lt") return CompareOf(CompareOp::kLess, filter);
  if (filter.op == "ge") return CompareOf(CompareOp::kGreaterOrEqual, filter);
  if (filter.op == "is") return BooleanOf(filter);
  if (filter.op == "null") return LeafOf(Predicate::Kind::kIsNull, filter);
  if (filter.op == "not_null") return Not(LeafOf(Predicate::Kind::kIsNull, filter));
  if (filter.op == "any_of") return ListOf(ListMatch::kAnyOf, filter);
  if (filter.op == "none_of") return ListOf(ListMatch::kNoneOf, filter);
  return RangeOf(filter);
}

/// The condition of a ratio: "not_null" or "is".
std::string ConditionText(const FilterSpec& filter) {
  if (filter.op == "not_null") return absl::StrCat(filter.column, " IS NOT NULL");
  return filter.values.front() == "true" ? filter.column : absl::StrCat("NOT ", filter.column);
}

std::string AggregateOf(const MeasureSpec& measure) {
  const std::string& x = measure.argument;
  const std::string& function = measure.function;
  if (function == "count") return "count(*)";
  if (function == "mean") return absl::StrCat("avg(", x, ")");
  if (function == "distinct") return absl::StrCat("count(DISTINCT ", x, ")");
  if (function == "p95") {
    return absl::StrCat("percentile_cont(0.95) WITHIN GROUP (ORDER BY ", x, ")");
  }
  if (function == "ratio") {
    return absl::StrCat("(count(*) FILTER (WHERE ", ConditionText(measure.where.front()),
                        "))::float8 / count(*)");
  }
  if (function == "sum_ratio") {
    return absl::StrCat("sum(", x, ")::float8 / sum(", measure.second, ")");
  }
  if (function == "range") return absl::StrCat("max(", x, ") - min(", measure.second, ")");
  if (function == "corr2") return absl::StrCat("regr_r2(", x, ", ", measure.second, ")");
  if (function == "top2") return absl::StrCat("(array_agg(", x, " ORDER BY ", x, " DESC))[1:2]");
  return absl::StrCat(function, "(", x, ")");  // sum, min, max, median, stddev
}

CalendarUnit UnitOf(const std::string& unit) {
  if (unit == "day") return CalendarUnit::kDay;
  return unit == "week" ? CalendarUnit::kWeek : CalendarUnit::kMonth;
}

void AddFilters(const QuerySpec& spec, const std::string& event, Query& query) {
  Predicate all;
  for (const FilterSpec& filter : spec.filters) {
    if (filter.op == "range" && filter.column == event) {
      query.from = absl::StrCat(filter.low, "Z");
      query.to = absl::StrCat(filter.high, "Z");
    } else {
      all.children.push_back(PredicateOf(filter));
    }
  }
  if (!all.children.empty()) query.filter = std::move(all);
}

}  // namespace

Query QueryOf(const QuerySpec& spec) {
  Query query;
  std::string event;
  for (const KeySpec& key : spec.keys) {
    if (key.unit.empty()) {
      query.group_by.push_back(GroupAxis::Of(key.column));
    } else {
      event = key.column;
      query.series.push_back({.unit = UnitOf(key.unit)});
      query.time_zone = key.zone;
    }
  }
  for (const MeasureSpec& measure : spec.measures) {
    Metric metric{
        .name = measure.name, .dataset = spec.dataset, .expression = AggregateOf(measure)};
    if (!event.empty()) metric.pin = TimePin::At(event);
    query.metrics.push_back(std::move(metric));
  }
  AddFilters(spec, event, query);
  return query;
}

}  // namespace sextant::peers
