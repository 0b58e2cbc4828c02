#include "tests/oracle/naive_groups.h"

#include <cstdlib>
#include <set>

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

}  // namespace sextant::oracle
