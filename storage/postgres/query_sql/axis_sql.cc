#include "storage/postgres/query_sql/axis_sql.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "storage/postgres/identifier.h"
#include "storage/postgres/query_sql/constant_sql.h"
#include "storage/postgres/query_sql/predicate_sql.h"

namespace sextant {
namespace {

/// A value as groups have it: -0 and 0 are one (rule 8).
std::string GroupedSql(const DataType& type, const std::string& value) {
  return IsFloat(type.kind) ? absl::StrCat("(", value, " + 0)") : value;
}

AxisSql ListAxis(const SqlScope& scope, const BoundAxis& axis, const std::string& name) {
  const std::string list = scope.column(axis.column);
  const DataType element = scope.schema->field(axis.column).type.ElementType();
  // Unlike a column of text, an array of it has no collation "C" yet (rule 7).
  const std::string value = element.kind == TypeKind::kText ? "u.e COLLATE \"C\"" : "u.e";
  return {absl::StrCat("\n  CROSS JOIN LATERAL (SELECT DISTINCT ", GroupedSql(element, value),
                       " FROM unnest(", list, ") AS u(e)) AS ", name, "(value)"),
          name + ".value", absl::StrCat("cardinality(", list, ") > 0")};
}

AxisSql BinsAxis(const SqlScope& scope, const BoundAxis& axis, const std::string& name) {
  const DataType& type = scope.schema->field(axis.column).type;
  const std::string column = scope.column(axis.column);
  std::vector<std::string> edges;
  for (const int64_t edge : axis.edges) edges.push_back(IntegerFormSql(type, Field(), edge));
  for (const double edge : axis.float_edges) edges.push_back(FloatSql(edge));
  std::vector<std::string> bins;
  for (size_t i = 0; i + 1 < edges.size(); ++i) {
    bins.push_back(absl::StrCat("(", edges[i], ", ", edges[i + 1], ")"));
  }
  if (bins.empty()) return {"", "NULL", "false"};
  return {
      absl::StrCat("\n  JOIN (VALUES ", absl::StrJoin(bins, ", "), ") AS ", name,
                   "(value, next) ON ", column, " >= ", name, ".value AND ", column, " < ", name,
                   ".next"),
      name + ".value",
      absl::StrCat("(", column, " >= ", edges.front(), " AND ", column, " < ", edges.back(), ")")};
}

AxisSql SetsAxis(const SqlScope& scope, const BoundAxis& axis, const std::string& name) {
  std::vector<std::string> members;
  std::vector<std::string> conditions;
  for (const BoundMember& member : axis.members) {
    conditions.push_back(PredicateSql(scope, member.condition));
    members.push_back(absl::StrCat("(", TextSql(member.name), ", ", conditions.back(), ")"));
  }
  if (members.empty()) return {"", "NULL", "false"};
  return {absl::StrCat("\n  JOIN LATERAL (VALUES ", absl::StrJoin(members, ", "), ") AS ", name,
                       "(value, holds) ON ", name, ".holds"),
          name + ".value", absl::StrCat("(", absl::StrJoin(conditions, " OR "), ")")};
}

}  // namespace

AxisSql AxisSqlOf(const SqlScope& scope, const BoundAxis& axis, size_t index) {
  const std::string name = absl::StrCat("axis_", index);
  switch (axis.kind) {
    case GroupAxis::Kind::kBins:
      return BinsAxis(scope, axis, name);
    case GroupAxis::Kind::kSets:
      return SetsAxis(scope, axis, name);
    case GroupAxis::Kind::kColumn:
      break;
  }
  if (axis.is_list) return ListAxis(scope, axis, name);
  return {"", GroupedSql(scope.schema->field(axis.column).type, scope.column(axis.column)), ""};
}

std::string AxisOrderSql(const BoundAxis& axis, const std::string& column) {
  if (axis.kind != GroupAxis::Kind::kSets) return column;
  std::vector<std::string> names;
  for (const BoundMember& member : axis.members) names.push_back(QuoteLiteral(member.name));
  return absl::StrCat("array_position(ARRAY[", absl::StrJoin(names, ", "), "]::text[], ", column,
                      ")");
}

std::string AxisKeySql(const BoundAxis& axis, const std::string& value) {
  const auto part = [&](const char* field) {
    return absl::StrCat("extract(", field, " FROM ", value, ")");
  };
  switch (axis.type.kind) {
    case TypeKind::kDecimal:
      return absl::StrCat("trim_scale(", value, ")::text");
    case TypeKind::kInterval:
      // Equal ones may be written differently (rule 6).
      return absl::StrCat("((", part("year"), " * 12 + ", part("month"), ") * 2592000 + ",
                          part("day"), " * 86400 + ", part("hour"), " * 3600 + ", part("minute"),
                          " * 60 + ", part("second"), ")::text");
    case TypeKind::kTimestamp:
      // The other texts depend on the session.
      return absl::StrCat(part("epoch"), "::text");
    case TypeKind::kFloat32:
    case TypeKind::kFloat64:
      return absl::StrCat("float8send(", value, ")::text");
    default:
      return absl::StrCat(value, "::text");
  }
}

}  // namespace sextant
