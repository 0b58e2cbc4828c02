#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/oracle/sql_oracle.h"
#include "tests/oracle/sql_text.h"

namespace sextant::oracle {
namespace {

/// A SELECT of the lower edges (k) of the bins that hold `value`: one, or none.
std::string BinsSql(const Type& type, const std::vector<std::string>& edges,
                    const std::string& value) {
  const std::string as = IsFloat(type.kind) ? "::float8" : "::numeric";
  std::vector<std::string> bins;
  for (size_t i = 0; i + 1 < edges.size(); ++i) {
    // As PostgreSQL would show a value of the column.
    const std::string shown =
        IsFloat(type.kind) ? FloatText(std::strtod(edges[i].c_str(), nullptr)) : edges[i];
    bins.push_back(absl::StrCat("(", QuoteText(edges[i]), as, ", ", QuoteText(edges[i + 1]), as,
                                ", ", QuoteText(shown), ")"));
  }
  return absl::StrCat("SELECT bins.k FROM (VALUES ", absl::StrJoin(bins, ", "),
                      ") AS bins(low, high, k) WHERE (", value, ")", as, " >= low AND (", value,
                      ")", as, " < high");
}

}  // namespace

std::string AxisSql(const TableCase& table, const AxisSpec& axis, size_t index) {
  const ExpressionWriter writer(ExpressionWriter::Reader::kSql, table);
  std::string members;
  if (axis.by == AxisSpec::By::kSets) {
    std::vector<std::string> sets;
    for (const auto& [name, condition] : axis.members) {
      sets.push_back(
          absl::StrCat("SELECT ", QuoteText(name), " AS k WHERE ", writer.Write(condition)));
    }
    members = absl::StrJoin(sets, " UNION ALL ");
  } else {
    const Type& type = table.columns[static_cast<size_t>(axis.column)].type;
    const std::string value = writer.WriteColumn(axis.column);
    if (axis.by == AxisSpec::By::kBins) {
      members = BinsSql(type, axis.edges, value);
    } else if (type.kind == Kind::kList) {
      members = absl::StrCat("SELECT DISTINCT ", CanonicalSql({.kind = type.element}, "u"),
                             " AS k FROM unnest(", value, ") AS u");
    } else {
      members = absl::StrCat("SELECT ", CanonicalSql(type, value), " AS k");
    }
  }
  return absl::StrCat(" CROSS JOIN LATERAL (", members, ") AS axis", index);
}

}  // namespace sextant::oracle
