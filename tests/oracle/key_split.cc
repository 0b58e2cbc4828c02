#include "tests/oracle/key_split.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/plan/expression_parser.h"
#include "tests/oracle/sql_text.h"

namespace sextant::oracle {
namespace {

using PerKeyForm = Column::PerKeyForm;

bool HasOrder(Kind kind) {
  return IsNumber(kind) || IsTime(kind) || kind == Kind::kText || kind == Kind::kEnum ||
         kind == Kind::kInterval;
}

/// The name in the dataset.
std::string PartName(const Column& column) {
  return column.per_key == PerKeyForm::kOneValue ? column.name : "part " + column.name;
}

std::string SelectText(const Column& column) {
  const std::string part = QuoteName(PartName(column));
  switch (column.per_key) {
    case PerKeyForm::kMax:
      return absl::StrCat("max(", part, ")");
    case PerKeyForm::kOneValue:
      return absl::StrCat("min(", part, ")");
    case PerKeyForm::kMin:
      return absl::StrCat("min(", part, ") FILTER (WHERE \"part\" < 2)");
    case PerKeyForm::kAny:
      return absl::StrCat("bool_or(", part, ")");
    default:
      return absl::StrCat("(array_agg(", part, " ORDER BY \"part\"))[1]");
  }
}

/// The value of a column in row `part` of `num_parts` of a key, and in `is_noise` rows anything.
std::string PartSql(const Column& column) {
  const std::string value = "t." + QuoteName(column.name);
  const std::string other = "t." + QuoteName("other " + column.name);
  switch (column.per_key) {
    case PerKeyForm::kOneValue:
      return absl::StrCat("CASE WHEN p.is_noise THEN ", other, " ELSE ", value, " END");
    case PerKeyForm::kMax:
    case PerKeyForm::kAny:
      return absl::StrCat("CASE WHEN p.is_noise THEN ", other, " WHEN p.part = t.place THEN ",
                          value, " END");
    case PerKeyForm::kMin:
      return absl::StrCat("CASE WHEN p.is_noise OR p.part > 1 THEN ", other,
                          " WHEN p.part = t.place % 2 THEN ", value, " END");
    default:
      return absl::StrCat("CASE WHEN p.part = 0 AND NOT p.is_noise THEN ", value, " ELSE ", other,
                          " END");
  }
}

bool HasColumn(const TableCase& table, int column) {
  if (column < 0) return true;
  return table.columns[static_cast<size_t>(column)].per_key != PerKeyForm::kAbsent;
}

/// Rows of a key have no links, but what came through them.
bool Has(const TableCase& table, const Expr& expr) {
  return expr.op != Op::kExists && HasColumn(table, expr.column) &&
         std::all_of(expr.args.begin(), expr.args.end(),
                     [&](const Expr& arg) { return Has(table, arg); });
}

bool HasAll(const TableCase& table, const std::vector<Expr>& exprs) {
  return std::all_of(exprs.begin(), exprs.end(),
                     [&](const Expr& expr) { return Has(table, expr); });
}

bool Has(const TableCase& table, const AggregateExpr& aggregate) {
  return HasAll(table, aggregate.args) && HasAll(table, aggregate.order_by) &&
         HasAll(table, aggregate.filter);
}

/// The filter of a metric of two levels goes to each of its aggregates, of which some have none and
/// which are one text of at most kMaxExpressionBytes.
bool KeepsFilter(const TableCase& table, const MetricSpec& metric) {
  if (metric.filter.empty()) return true;
  if (IsConcurrency(metric.aggregate.kind)) return false;
  const std::string text =
      ExpressionWriter(ExpressionWriter::Reader::kRequest, table).Write(metric.filter[0]);
  return (metric.second.size() + 1) * text.size() < kMaxExpressionBytes / 2;
}

bool Has(const TableCase& table, const MetricSpec& metric) {
  return KeepsFilter(table, metric) && Has(table, metric.aggregate) &&
         HasAll(table, metric.filter) && HasColumn(table, metric.start) &&
         HasColumn(table, metric.end) &&
         std::all_of(metric.second.begin(), metric.second.end(),
                     [&](const AggregateExpr& second) { return Has(table, second); }) &&
         std::all_of(metric.components.begin(), metric.components.end(),
                     [&](const MetricSpec& component) { return Has(table, component); });
}

bool IsOwnOfLink(const TableCase& table, int column) {
  return std::any_of(table.links.begin(), table.links.end(),
                     [&](const LinkCase& link) { return link.own == column; });
}

/// Differences of instants that every row of a key has, or that are its least and greatest.
void NameDifferences(Draws& draws, TableCase& table) {
  std::vector<int> instants;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const Column& column = table.columns[i];
    if (!column.is_linked && IsInstant(column.type.kind)) instants.push_back(static_cast<int>(i));
  }
  for (uint64_t i = draws.Below(3); i > 0 && instants.size() > 1; --i) {
    NamedDifference named = {.name = absl::StrCat("lasted ", i),
                             .end = draws.Pick(instants),
                             .start = draws.Pick(instants)};
    if (table.closed >= 0 && draws.OneIn(2)) {
      named.end = table.closed;
      named.start = table.opened;
    }
    Column& end = table.columns[static_cast<size_t>(named.end)];
    Column& start = table.columns[static_cast<size_t>(named.start)];
    if (draws.OneIn(2)) end.per_key = start.per_key = PerKeyForm::kOneValue;
    if (end.per_key == PerKeyForm::kOneValue && start.per_key == PerKeyForm::kOneValue) {
      named.per_key = draws.Of({NamedDifference::PerKey::kEnds, NamedDifference::PerKey::kSum,
                                NamedDifference::PerKey::kMean, NamedDifference::PerKey::kMedian});
    }
    table.differences.push_back(named);
  }
}

std::string SelectText(const TableCase& table, const NamedDifference& named) {
  const Column& end = table.columns[static_cast<size_t>(named.end)];
  const Column& start = table.columns[static_cast<size_t>(named.start)];
  const std::string each =
      absl::StrCat(QuoteName(PartName(end)), " - ", QuoteName(PartName(start)));
  switch (named.per_key) {
    case NamedDifference::PerKey::kSum:
      return absl::StrCat("sum(", each, ") FILTER (WHERE \"part\" = 0)");
    case NamedDifference::PerKey::kMean:
      return absl::StrCat("avg(", each, ")");
    case NamedDifference::PerKey::kMedian:
      return absl::StrCat("percentile_cont(0.5) WITHIN GROUP (ORDER BY ", each, ")");
    default:
      return absl::StrCat(SelectText(end), " - ", SelectText(start));
  }
}

}  // namespace

void SplitIntoKeys(Draws& draws, TableCase& table) {
  table.has_keys = true;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    Column& column = table.columns[i];
    const Kind kind = column.type.kind;
    // A group of -0 may show as 0.
    const bool must_select = IsFloat(kind);
    if (i == 0 || static_cast<int>(i) == table.tenant) {
      column.per_key = PerKeyForm::kOneValue;
    } else if (kind == Kind::kList || kind == Kind::kBytea || (column.is_linked && must_select)) {
      column.per_key = PerKeyForm::kAbsent;
    } else if (column.is_linked || IsOwnOfLink(table, static_cast<int>(i))) {
      column.per_key = PerKeyForm::kOneValue;
    } else if (!must_select && draws.OneIn(2)) {
      column.per_key = PerKeyForm::kOneValue;
    } else if (HasOrder(kind) && draws.Percent(70)) {
      column.per_key = draws.OneIn(2) ? PerKeyForm::kMax : PerKeyForm::kMin;
    } else if (kind == Kind::kBool && draws.OneIn(2)) {
      column.per_key = PerKeyForm::kAny;
    } else {
      column.per_key = PerKeyForm::kFirst;
    }
  }
  NameDifferences(draws, table);
  for (size_t i = 1; i < table.columns.size(); ++i) {
    Column& column = table.columns[i];
    column.is_key = column.per_key == PerKeyForm::kOneValue && draws.OneIn(3);
  }
}

TableCase KeyedCase(const TableCase& table) {
  TableCase keyed;
  keyed.seed = table.seed;
  keyed.name = table.name + "_k";
  keyed.columns = table.columns;
  for (Column& column : keyed.columns) {
    column.name = column.per_key == PerKeyForm::kAbsent ? "" : PartName(column);
  }
  keyed.columns.push_back({.name = "part", .type = {.kind = Kind::kInt4}});
  keyed.columns.push_back({.name = "is_part", .type = BoolType()});
  keyed.links = table.links;
  keyed.linked_columns = table.linked_columns;
  std::erase_if(keyed.linked_columns, [&](const LinkedColumn& column) {
    return table.columns[static_cast<size_t>(column.column)].per_key == PerKeyForm::kAbsent;
  });
  keyed.tenant = table.tenant;
  keyed.as_of_us = table.as_of_us;
  return keyed;
}

std::string CreateKeyedSql(const TableCase& table) {
  std::vector<std::string> columns;
  std::vector<std::string> others;
  for (const Column& column : table.columns) {
    if (column.per_key == PerKeyForm::kAbsent || column.is_linked) continue;
    const bool is_key = &column == &table.columns[0];
    const std::string value = is_key ? "t." + QuoteName(column.name) : PartSql(column);
    columns.push_back(absl::StrCat("CAST(", value, " AS ", SqlTypeName(column.type, kEnumType),
                                   ") AS ", QuoteName(PartName(column))));
    others.push_back(absl::StrCat("lead(", QuoteName(column.name), ", 3) OVER (ORDER BY id) AS ",
                                  QuoteName("other " + column.name)));
  }
  const std::string name = KeyedCase(table).name;
  // Up to three rows of a key and up to two of noise; `place` is a row that there is.
  return absl::StrCat(
      "DROP TABLE IF EXISTS ", name, "; CREATE TABLE ", name, " AS SELECT ",
      absl::StrJoin(columns, ", "),
      ", p.part, CASE WHEN NOT p.is_noise THEN true WHEN p.part = 0 THEN false END AS is_part, "
      "true AS oracle_live FROM (SELECT *, id / 2 % 3 AS num_more, "
      "id / 2 % 7 % (id / 2 % 3 + 1) AS place, ",
      absl::StrJoin(others, ", "), " FROM ", table.name,
      " WHERE oracle_live) AS t CROSS JOIN (VALUES (0, false), (1, false), (2, false), (0, true), "
      "(1, true)) AS p(part, is_noise) WHERE CASE WHEN p.is_noise THEN id / 2 % 5 = p.part ELSE "
      "p.part <= t.num_more END");
}

bool CanAskPerKey(const TableCase& table, const RequestCase& request) {
  if (!table.has_keys || !HasAll(table, request.filter)) return false;
  for (const MetricSpec& metric : request.metrics) {
    if (!Has(table, metric)) return false;
  }
  return std::all_of(request.axes.begin(), request.axes.end(), [&](const AxisSpec& axis) {
    return HasColumn(table, axis.column) &&
           std::all_of(axis.members.begin(), axis.members.end(),
                       [&](const auto& member) { return Has(table, member.second); });
  });
}

void AskPerKey(const TableCase& table, Metric& metric) {
  auto per = std::make_shared<PerKey>();
  per->keys = {"id"};
  for (const NamedDifference& named : table.differences) {
    per->select.push_back({named.name, SelectText(table, named)});
  }
  for (const Column& column : table.columns) {
    if (column.is_key) per->keys.push_back(column.name);
    if (column.per_key == PerKeyForm::kAbsent || column.per_key == PerKeyForm::kOneValue) continue;
    per->select.push_back({column.name, SelectText(column)});
  }
  metric.dataset = KeyedCase(table).name;
  metric.filter = "is_part";
  metric.per = per;
}

}  // namespace sextant::oracle
