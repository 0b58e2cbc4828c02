#include "tests/oracle/dataset_split.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/oracle/sql_text.h"

namespace sextant::oracle {
namespace {

const std::string& NameIn(const Column& column, int dataset) {
  return column.dataset_names[static_cast<size_t>(dataset)];
}

bool HasColumn(const TableCase& table, int dataset, int column) {
  if (column < 0) return true;
  const Column& from = table.columns[static_cast<size_t>(column)];
  if (dataset >= 0) return !NameIn(from, dataset).empty();
  return !NameIn(from, 0).empty() && !NameIn(from, 1).empty();
}

bool HasAll(const TableCase& table, int dataset, const std::vector<Expr>& exprs) {
  return std::all_of(exprs.begin(), exprs.end(),
                     [&](const Expr& expr) { return Has(table, dataset, expr); });
}

bool HasAll(const TableCase& table, int dataset, const AggregateExpr& aggregate) {
  return HasAll(table, dataset, aggregate.args) && HasAll(table, dataset, aggregate.order_by) &&
         HasAll(table, dataset, aggregate.filter);
}

}  // namespace

void SplitTable(Draws& draws, TableCase& table) {
  for (size_t i = 0; i < table.columns.size(); ++i) {
    Column& column = table.columns[i];
    const std::string& name = column.name;
    // The key, an instant and the tenant are everywhere.
    const bool must_share = i < 2 || static_cast<int>(i) == table.tenant;
    if (i == 0 || (must_share && draws.OneIn(2))) {
      column.dataset_names = {name, name};
    } else if (must_share || draws.Percent(60)) {
      column.dataset_names = {draws.OneIn(2) ? name : "our " + name,
                              draws.OneIn(4) ? name : "their " + name};
    } else if (draws.OneIn(2)) {
      column.dataset_names = {name, ""};
    } else {
      column.dataset_names = {"", name};
    }
  }
  table.second = static_cast<int>(table.columns.size());
  table.columns.push_back({.name = "is_second", .type = BoolType(), .dataset_names = {"", ""}});
  for (Row& row : table.rows) row.push_back(Datum::OfInteger(draws.OneIn(4) ? 1 : 0));
}

TableCase DatasetCase(const TableCase& table, int dataset) {
  TableCase part;
  part.seed = table.seed;
  part.is_ordered_by_time = table.is_ordered_by_time;
  part.name = absl::StrCat(table.name, dataset == 0 ? "_a" : "_b");
  part.columns = table.columns;
  for (Column& column : part.columns) column.name = NameIn(column, dataset);
  part.tenant = table.tenant;
  part.as_of_us = table.as_of_us;
  part.deleted_ids = table.deleted_ids;
  return part;
}

std::string CreateDatasetSql(const TableCase& table, int dataset) {
  const TableCase part = DatasetCase(table, dataset);
  std::vector<std::string> columns;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (part.columns[i].name.empty()) continue;
    columns.push_back(
        absl::StrCat(QuoteName(table.columns[i].name), " AS ", QuoteName(part.columns[i].name)));
  }
  return absl::StrCat("DROP TABLE IF EXISTS ", part.name, "; CREATE TABLE ", part.name,
                      " AS SELECT ", absl::StrJoin(columns, ", "), ", oracle_live FROM ",
                      table.name, " WHERE ", dataset == 0 ? "NOT " : "", "is_second");
}

Dimensions DimensionsOf(const TableCase& table) {
  Dimensions dimensions;
  if (table.second < 0) return dimensions;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const Column& column = table.columns[i];
    if (!HasColumn(table, -1, static_cast<int>(i))) continue;
    if (NameIn(column, 0) == column.name && NameIn(column, 1) == column.name) continue;
    for (const int dataset : {0, 1}) {
      dimensions.columns[column.name][DatasetCase(table, dataset).name] = NameIn(column, dataset);
    }
  }
  return dimensions;
}

bool Has(const TableCase& table, int dataset, const Expr& expr) {
  return HasColumn(table, dataset, expr.column) && HasAll(table, dataset, expr.args);
}

bool Has(const TableCase& table, int dataset, const MetricSpec& metric) {
  return HasAll(table, dataset, metric.aggregate) && HasAll(table, dataset, metric.filter) &&
         HasColumn(table, dataset, metric.start) && HasColumn(table, dataset, metric.end) &&
         std::all_of(metric.second.begin(), metric.second.end(),
                     [&](const AggregateExpr& second) { return HasAll(table, dataset, second); }) &&
         std::all_of(metric.components.begin(), metric.components.end(),
                     [&](const MetricSpec& component) { return Has(table, dataset, component); });
}

bool Has(const TableCase& table, int dataset, const AxisSpec& axis) {
  return HasColumn(table, dataset, axis.column) &&
         std::all_of(axis.members.begin(), axis.members.end(),
                     [&](const auto& member) { return Has(table, dataset, member.second); });
}

void AskOf(const TableCase& table, int dataset, MetricSpec& metric) {
  metric.dataset = dataset;
  const Expr is_second = {.op = Op::kColumn, .type = BoolType(), .column = table.second};
  metric.scope = {dataset == 1 ? is_second : Condition(Op::kNot, {is_second})};
}

}  // namespace sextant::oracle
