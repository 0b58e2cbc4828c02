#include "tests/oracle/naive_links.h"

#include <algorithm>
#include <string>

#include "tests/oracle/naive_value.h"

namespace sextant::oracle {
namespace {

const Datum& At(const Row& row, int column) { return row[static_cast<size_t>(column)]; }

const Type& TypeOf(const TableCase& table, int column) {
  return table.columns[static_cast<size_t>(column)].type;
}

bool AreEqual(const Type& a_type, const Datum& a, const Type& b_type, const Datum& b) {
  return !a.is_null && !b.is_null && CompareTyped(a_type, a, b_type, b) == 0;
}

/// Whether the row is live and, of a table with tenants, of that of `from_row`.
bool IsInScope(const TableCase& table, const Row& row, const LinkCase& link, const TableCase& from,
               const Row& from_row) {
  const auto id = static_cast<int64_t>(row[0].integer);
  if (std::find(table.deleted_ids.begin(), table.deleted_ids.end(), id) != table.deleted_ids.end())
    return false;
  return table.tenant < 0 || AreEqual(TypeOf(from, link.own_tenant), At(from_row, link.own_tenant),
                                      TypeOf(table, table.tenant), At(row, table.tenant));
}

}  // namespace

std::vector<const Row*> NaiveLinkedRows(const LinkCase& link, const TableCase& from,
                                        const Row& row) {
  const TableCase& target = *link.target;
  std::vector<const Row*> found;
  const auto add_where = [&](const Type& type, const Datum& key) {
    for (const Row& one : target.rows) {
      if (!AreEqual(type, key, TypeOf(target, link.other), At(one, link.other))) continue;
      if (!IsInScope(target, one, link, from, row)) continue;
      if (std::find(found.begin(), found.end(), &one) == found.end()) found.push_back(&one);
    }
  };
  const Type& own_type = TypeOf(from, link.own);
  const Datum& own = At(row, link.own);
  if (link.bridge == nullptr) {
    add_where(own_type, own);
    return found;
  }
  const TableCase& bridge = *link.bridge;
  for (const Row& pair : bridge.rows) {
    if (!AreEqual(own_type, own, TypeOf(bridge, link.bridge_own), At(pair, link.bridge_own))) {
      continue;
    }
    if (!IsInScope(bridge, pair, link, from, row)) continue;
    add_where(TypeOf(bridge, link.bridge_other), At(pair, link.bridge_other));
  }
  return found;
}

Datum NaiveLinkedValue(const TableCase& from, const Row& row, const LinkedColumn& column) {
  using Form = LinkedColumn::Kind;
  static const auto& utc = *new std::string("UTC");
  const LinkCase& link = from.links[column.link];
  int64_t count = 0;
  Datum found;
  for (const Row* const linked : NaiveLinkedRows(link, from, row)) {
    if (!column.filter.empty() && !NaiveRow(*link.target, *linked, utc).IsTrue(column.filter[0])) {
      continue;
    }
    if (column.kind == Form::kCountRows) {
      ++count;
      continue;
    }
    const Datum& value = At(*linked, column.of);
    if (value.is_null) continue;
    ++count;
    const int order =
        found.is_null ? 0 : CompareDatums(TypeOf(*link.target, column.of).kind, value, found);
    const bool is_better = column.kind == Form::kMin ? order < 0 : order > 0;
    if (found.is_null || is_better) found = value;
  }
  const bool is_count = column.kind == Form::kCountRows || column.kind == Form::kCount;
  return is_count ? Datum::OfInteger(count) : found;
}

}  // namespace sextant::oracle
