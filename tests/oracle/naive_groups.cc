#include "tests/oracle/naive_groups.h"

#include <cstdlib>
#include <set>
#include <utility>

namespace sextant::oracle {
namespace {

/// An edge as a value of the column: scaled, or a float.
Datum EdgeOf(const Type& type, const std::string& text) {
  if (IsFloat(type.kind)) return Datum::OfNumber(std::strtod(text.c_str(), nullptr));
  std::string digits = text;
  std::erase(digits, '.');
  return Datum::OfInteger(*ParseInt128(digits));
}

/// The lower edge of the half-open bin that holds the value; none outside, of NULL and of NaN.
std::vector<AxisText> BinOf(const Type& type, const AxisSpec& axis, const Datum& value) {
  if (value.is_null) return {};
  for (size_t i = 0; i + 1 < axis.edges.size(); ++i) {
    const Datum low = EdgeOf(type, axis.edges[i]);
    const Datum high = EdgeOf(type, axis.edges[i + 1]);
    if (CompareDatums(type.kind, value, low) < 0 || CompareDatums(type.kind, value, high) >= 0) {
      continue;
    }
    return {CanonicalText(IsFloat(type.kind) ? Type{.kind = Kind::kFloat8} : type, low)};
  }
  return {};
}

}  // namespace

std::vector<AxisText> NaiveMembers(const TableCase& table, const NaiveRow& row,
                                   const AxisSpec& axis) {
  if (axis.by == AxisSpec::By::kSets) {
    std::vector<AxisText> members;
    for (const auto& [name, condition] : axis.members) {
      if (row.IsTrue(condition)) members.emplace_back(name);
    }
    return members;
  }
  const Datum value = row.ColumnValue(axis.column);
  const Type& type = table.columns[static_cast<size_t>(axis.column)].type;
  if (axis.by == AxisSpec::By::kBins) return BinOf(type, axis, value);
  std::set<AxisText> members;
  const auto add = [&](const Type& of, const Datum& datum) {
    members.insert(datum.is_null ? AxisText() : AxisText(CanonicalText(of, datum)));
  };
  if (type.kind != Kind::kList) {
    add(type, value);
  } else {
    for (const Datum& element : value.elements) add({.kind = type.element}, element);
  }
  return {members.begin(), members.end()};
}

std::vector<Tuple> NaiveTuples(const TableCase& table, const NaiveRow& row,
                               const std::vector<AxisSpec>& axes) {
  std::vector<Tuple> tuples = {{}};
  for (const AxisSpec& axis : axes) {
    const std::vector<AxisText> members = NaiveMembers(table, row, axis);
    std::vector<Tuple> longer;
    for (const Tuple& tuple : tuples) {
      for (const AxisText& member : members) {
        longer.push_back(tuple);
        longer.back().push_back(member);
      }
    }
    tuples = std::move(longer);
  }
  return tuples;
}

std::set<NaiveGroup> NaiveGroups(const RequestCase& request, const std::vector<Tuple>& tuples,
                                 const std::set<Tuple>& kept) {
  std::set<NaiveGroup> groups;
  if (tuples.empty()) return groups;
  bool is_kept = false;
  for (const Tuple& tuple : tuples) {
    if (request.top_n && !kept.contains(tuple)) continue;
    is_kept = true;
    groups.insert({0, tuple});
  }
  const size_t num_axes = request.axes.size();
  if (request.top_n && request.top_n->others && !is_kept) groups.insert({-1, Tuple(num_axes)});
  for (const int grouping : request.Groupings()) {
    for (Tuple tuple : tuples) {
      for (size_t axis = 0; axis < num_axes; ++axis) {
        const bool is_summed = (grouping >> (num_axes - 1 - axis)) % 2 == 1;
        if (is_summed) tuple[axis].reset();
      }
      groups.insert({grouping, std::move(tuple)});
    }
  }
  return groups;
}

bool NaiveHaving(const HavingSpec& having, const AnswerRow& cell) {
  if (having.number.empty()) {
    const bool exists = having.is_of_axis ? cell.axes[having.metric].has_value()
                                          : cell.values[having.metric].exists;
    return exists == (having.op == "IS NOT NULL");
  }
  const AnswerValue& value = cell.values[having.metric];
  if (!value.exists) return false;
  int order = 0;
  if (value.is_float) {
    order = CompareFloats(value.number, std::strtod(having.number.c_str(), nullptr));
  } else {
    const auto read = [](std::string text, int* scale) {
      const size_t point = text.find('.');
      *scale = point == std::string::npos ? 0 : static_cast<int>(text.size() - point - 1);
      std::erase(text, '.');
      return Datum::OfInteger(*ParseInt128(text));
    };
    Type left = {Kind::kNumeric, 38, 0};
    Type right = left;
    const Datum metric = read(value.text, &left.scale);
    const Datum number = read(having.number, &right.scale);
    order = CompareTyped(left, metric, right, number);
  }
  if (having.op == "=") return order == 0;
  if (having.op == "<>") return order != 0;
  if (having.op == "<") return order < 0;
  if (having.op == "<=") return order <= 0;
  return having.op == ">" ? order > 0 : order >= 0;
}

}  // namespace sextant::oracle
