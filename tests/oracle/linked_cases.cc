#include "tests/oracle/linked_cases.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/oracle/sql_text.h"

namespace sextant::oracle {
namespace {

std::string NameOf(const TableCase& table, int column) {
  return QuoteName(table.columns[static_cast<size_t>(column)].name);
}

void Collect(const TableCase& table, std::vector<std::shared_ptr<const TableCase>>& found) {
  const auto add = [&](const std::shared_ptr<const TableCase>& one) {
    if (one == nullptr || std::find(found.begin(), found.end(), one) != found.end()) return;
    found.push_back(one);
    Collect(*one, found);
  };
  for (const LinkCase& link : table.links) {
    add(link.target);
    add(link.bridge);
  }
}

/// " AND tenant = tenant", of a table with tenants.
std::string TenantSql(const TableCase& of, const LinkCase& link, const TableCase& from,
                      const std::string& row) {
  if (of.tenant < 0) return "";
  return absl::StrCat(" AND ", NameOf(of, of.tenant), " = ", row, NameOf(from, link.own_tenant));
}

std::string ChildSql(const TableCase& table, const LinkedColumn& column) {
  const LinkCase& link = table.links[column.link];
  const TableCase& target = *link.target;
  static constexpr const char* kNames[] = {"", "count", "count", "min", "max"};
  const std::string of = column.of < 0 ? "*" : NameOf(target, column.of);
  std::string where = LinkSql(link, table, "t.");
  if (!column.filter.empty()) {
    const ExpressionWriter writer(ExpressionWriter::Reader::kSql, target);
    absl::StrAppend(&where, " AND ", writer.Write(column.filter[0]));
  }
  return absl::StrCat("(SELECT ", kNames[static_cast<size_t>(column.kind)], "(", of, ") FROM ",
                      target.name, " WHERE ", where, ")");
}

}  // namespace

std::vector<std::shared_ptr<const TableCase>> LinkedCases(const TableCase& table) {
  std::vector<std::shared_ptr<const TableCase>> found;
  Collect(table, found);
  return found;
}

TableCase StoredCase(const TableCase& table) {
  TableCase stored = table;
  std::erase_if(stored.columns, [](const Column& column) { return column.is_linked; });
  for (Row& row : stored.rows) row.resize(stored.columns.size());
  stored.links.clear();
  stored.linked_columns.clear();
  return stored;
}

std::string RowsName(const TableCase& table) {
  return table.links.empty() ? table.name : table.name + "_l";
}

std::string LinkSql(const LinkCase& link, const TableCase& from, const std::string& row) {
  const TableCase& target = *link.target;
  const std::string own = absl::StrCat(row, NameOf(from, link.own));
  const std::string scope =
      absl::StrCat(target.name, ".oracle_live", TenantSql(target, link, from, row), " AND ");
  if (link.bridge == nullptr) {
    return absl::StrCat(scope, NameOf(target, link.other), " = ", own);
  }
  const TableCase& bridge = *link.bridge;
  return absl::StrCat(scope, "EXISTS (SELECT FROM ", bridge.name, " WHERE ", bridge.name,
                      ".oracle_live", TenantSql(bridge, link, from, row), " AND ",
                      NameOf(bridge, link.bridge_own), " = ", own, " AND ",
                      NameOf(bridge, link.bridge_other), " = ", NameOf(target, link.other), ")");
}

std::string CreateRowsSql(const TableCase& table) {
  std::string columns = "t.*";
  std::string joins;
  for (const LinkedColumn& column : table.linked_columns) {
    const LinkCase& link = table.links[column.link];
    std::string value;
    if (column.kind == LinkedColumn::Kind::kAttribute) {
      value = absl::StrCat(link.target->name, ".", NameOf(*link.target, column.of));
      if (joins.empty()) {
        joins = absl::StrCat(" LEFT JOIN ", link.target->name, " ON ", LinkSql(link, table, "t."));
      }
    } else {
      value = ChildSql(table, column);
    }
    absl::StrAppend(&columns, ", ", value, " AS ", NameOf(table, column.column));
  }
  const std::string name = RowsName(table);
  return absl::StrCat("SET TimeZone = 'UTC'; DROP TABLE IF EXISTS ", name, "; CREATE TABLE ", name,
                      " AS SELECT ", columns, " FROM ", table.name, " AS t", joins);
}

}  // namespace sextant::oracle
