#include "storage/postgres/query_sql.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/aggregate_uses.h"
#include "compute/plan/binder.h"
#include "storage/postgres/identifier.h"
#include "storage/postgres/query_sql/axis_sql.h"
#include "storage/postgres/query_sql/cells_sql.h"
#include "storage/postgres/query_sql/dataset_rows.h"
#include "storage/postgres/query_sql/expression_sql.h"
#include "storage/postgres/query_sql/histogram_sql.h"
#include "storage/postgres/query_sql/interval_sql.h"
#include "storage/postgres/query_sql/predicate_sql.h"

namespace sextant {
namespace {

/// Writes one query.
class QueryPrinter {
 public:
  QueryPrinter(const BoundQuery& query, const AnswerTimes& times, std::vector<DatasetRows>& rows,
               LinkedSources& linked, std::vector<std::string>& unsupported)
      : query_(query),
        times_(times),
        rows_(rows),
        linked_(linked),
        unsupported_(unsupported),
        aggregates_schema_(SchemaOfAggregates(query)),
        result_schema_(ResultSchema(query)) {}

  absl::StatusOr<std::string> Print(const TenantClaim& claim) {
    const CellsPrinter cells(query_, rows_);
    const ClipSql::Range range = RangeSql(query_, times_);
    std::vector<std::string> expressions;
    std::vector<CellGrouping> groupings = TotalsOf(query_);
    std::vector<std::string> of_cells;
    if (query_.top_n) {
      SEXTANT_ASSIGN_OR_RETURN(of_cells.emplace_back(), RankedIntervalsSql(query_, times_));
      of_cells.push_back(cells.Print("ranking", {"ranked_intervals", range}, {groupings[0]}));
      of_cells.push_back(KeptSql());
      if (query_.top_n->others) {
        groupings.push_back({CellGrouping::kOthers, groupings[0].num_axes});
      }
    }
    of_cells.push_back(cells.Print("cells", {"intervals", range}, groupings));
    if (query_.fill == FillMode::kDense) of_cells.push_back(DenseSql());
    of_cells.push_back(ValuesSql());
    const std::string result = ResultSql();
    // First, so that tables of the source may have the names of what follows.
    expressions = RowsSql(claim);
    SEXTANT_ASSIGN_OR_RETURN(expressions.emplace_back(), IntervalsSql(query_, times_.series));
    expressions.insert(expressions.end(), of_cells.begin(), of_cells.end());
    return absl::StrCat("WITH ", absl::StrJoin(expressions, ",\n"), "\n", result);
  }

 private:
  /// Of the datasets and those that they are linked to.
  std::vector<std::string> RowsSql(const TenantClaim& claim) {
    std::vector<SourceRows*> sources;
    std::vector<std::string> filtered;
    for (DatasetRows& rows : rows_) {
      filtered.push_back(rows.RowsExpression());
      sources.push_back(rows.source());
    }
    std::vector<std::string> expressions = linked_.CommonTableExpressions(sources, claim);
    expressions.insert(expressions.end(), filtered.begin(), filtered.end());
    return expressions;
  }

  static Schema SchemaOfAggregates(const BoundQuery& query) {
    std::vector<Field> fields;
    for (size_t i = 0; i < query.aggregates.size(); ++i) {
      Field field = {.name = absl::StrCat("value_", i), .type = query.aggregates[i].result_type};
      if (field.type.kind == TypeKind::kEnum) {
        for (const BoundDataset& dataset : query.datasets) {
          const auto& own = dataset.aggregates;
          if (std::find(own.begin(), own.end(), i) == own.end()) continue;
          field.enum_labels = dataset.schema->field(query.aggregates[i].value.column).enum_labels;
        }
      }
      fields.push_back(std::move(field));
    }
    return Schema(std::move(fields));
  }

  /// A metric over the aggregates of a cell called c; count-like ones are 0 where they have no
  /// sample (rule 17).
  std::string MetricSql(const BoundMetric& metric) const {
    const SqlScope scope = {&aggregates_schema_,
                            [this](ColumnIndex aggregate) {
                              const std::string value = absl::StrCat("c.value_", aggregate);
                              return query_.aggregates[aggregate].IsCountLike()
                                         ? absl::StrCat("coalesce(", value, ", 0)")
                                         : value;
                            },
                            &unsupported_};
    return ExpressionSql(scope, metric.expression);
  }

  /// "axis_0 NULLS LAST, axis_1 NULLS LAST", each followed by ", ".
  std::string AxisOrder(const std::string& prefix) const {
    std::string order;
    for (size_t axis = 0; axis < query_.axes().size(); ++axis) {
      absl::StrAppend(&order,
                      AxisOrderSql(query_.axes()[axis], absl::StrCat(prefix, "axis_", axis)),
                      " NULLS LAST, ");
    }
    return order;
  }

  /// The tuples of top-N: best first, ties by tuple, those without a value in the whole range last.
  std::string KeptSql() const {
    const BoundTopN& top = *query_.top_n;
    return absl::StrCat(
        "kept AS (\n  SELECT t.axis_key\n  FROM (SELECT DISTINCT ON (axis_key) axis_key",
        CellsPrinter::AxisColumns(query_, ""),
        " FROM ranking) AS t\n  LEFT JOIN ranking AS c ON c.interval_id = ", kWholeRangeId,
        " AND c.axis_key = t.axis_key\n  ORDER BY CASE WHEN c.axis_key IS NOT NULL THEN ",
        MetricSql(query_.metrics[top.metric]), " END", top.smallest ? "" : " DESC", " NULLS LAST, ",
        AxisOrder("t."), "t.axis_key\n  LIMIT ", top.count, "\n)");
  }

  /// Every tuple that has a cell, in every interval; totals and others likewise.
  std::string DenseSql() const {
    std::string values;
    for (size_t i = 0; i < query_.aggregates.size(); ++i) {
      absl::StrAppend(&values, ", c.value_", i);
    }
    return absl::StrCat(
        "dense AS (\n  SELECT t.grouping_id, i.id AS interval_id, t.axis_key",
        CellsPrinter::AxisColumns(query_, "t."), values,
        "\n  FROM (SELECT DISTINCT ON (grouping_id, axis_key) grouping_id, axis_key",
        CellsPrinter::AxisColumns(query_, ""),
        " FROM cells) AS t\n  CROSS JOIN intervals AS i\n"
        "  LEFT JOIN cells AS c ON c.grouping_id = t.grouping_id AND c.interval_id = i.id\n"
        "    AND c.axis_key = t.axis_key\n)");
  }

  std::string ValuesSql() const {
    std::string sql = "metric_values AS (\n  SELECT c.grouping_id, c.interval_id";
    absl::StrAppend(&sql, CellsPrinter::AxisColumns(query_, "c."));
    for (size_t i = 0; i < query_.metrics.size(); ++i) {
      absl::StrAppend(&sql, ",\n         ", MetricSql(query_.metrics[i]), " AS metric_", i);
    }
    absl::StrAppend(&sql, "\n  FROM ", query_.fill == FillMode::kDense ? "dense" : "cells",
                    " AS c");
    if (query_.top_n) {
      absl::StrAppend(&sql,
                      "\n  WHERE c.grouping_id <> 0 OR c.axis_key IN (SELECT axis_key FROM kept)");
    }
    return sql + "\n)";
  }

  std::string AxisResultSql(size_t axis) const {
    const std::string value = absl::StrCat("v.axis_", axis);
    return query_.axes()[axis].type.kind == TypeKind::kDuration
               ? absl::StrCat("(", value, "::numeric / 1000000)::double precision")
               : value;
  }

  /// A column of ResultSchema over v, the values, and i, their interval.
  std::string ResultColumnSql(ColumnIndex column) const {
    const size_t num_axes = query_.axes().size();
    if (column < num_axes) return absl::StrCat("v.axis_", column);
    const size_t first_metric = num_axes + (query_.HasTimeAxis() ? 1 : 0);
    if (column < first_metric) return "i.start_at";
    return absl::StrCat("v.metric_", column - first_metric);
  }

  std::string HavingSql() const {
    if (!query_.having) return "";
    const SqlScope scope = {&result_schema_,
                            [this](ColumnIndex column) { return ResultColumnSql(column); },
                            &unsupported_};
    const std::string condition = PredicateSql(scope, *query_.having);
    return absl::StrCat("\nWHERE ", HasGroupings() ? "v.grouping_id <> 0 OR " : "", condition);
  }

  std::string OrderSql() const {
    std::string sql;
    for (const BoundOrder& order : query_.order_by) {
      std::string key = "i.start_at";
      if (order.target == BoundOrder::Target::kMetric) key = absl::StrCat("v.metric_", order.index);
      if (order.target == BoundOrder::Target::kAxis) {
        key = AxisOrderSql(query_.axes()[order.index], absl::StrCat("v.axis_", order.index));
      }
      // Others and totals have their own order (rule 18).
      if (HasGroupings()) key = absl::StrCat("CASE WHEN v.grouping_id = 0 THEN ", key, " END");
      absl::StrAppend(&sql, key, order.descending ? " DESC" : "", " NULLS LAST, ");
    }
    return absl::StrCat(sql, AxisOrder("v."), "i.id");
  }

  bool HasGroupings() const {
    return query_.totals != Totals::kNone || (query_.top_n && query_.top_n->others);
  }

  std::vector<std::string> ResultColumns() const {
    std::vector<std::string> columns;
    const auto add = [&](const std::string& sql, const std::string& name) {
      columns.push_back(absl::StrCat(sql, " AS ", QuoteIdentifier(name)));
    };
    for (size_t axis = 0; axis < query_.axes().size(); ++axis) {
      add(AxisResultSql(axis), query_.axes()[axis].name);
    }
    if (times_.series.size() > 1) add("i.name", "interval");
    if (query_.HasTimeAxis()) add("i.start_at", "start");
    if (HasGroupings()) add("v.grouping_id", "grouping");
    for (size_t i = 0; i < query_.metrics.size(); ++i) {
      add(absl::StrCat("v.metric_", i), query_.metrics[i].name);
    }
    return columns;
  }

  std::string ResultSql() const {
    const std::string from = absl::StrCat(
        "FROM metric_values AS v\nJOIN intervals AS i ON i.id = v.interval_id", HavingSql());
    const std::string columns = absl::StrJoin(ResultColumns(), ",\n       ");
    if (!HasGroupings()) {
      return absl::StrCat("SELECT ", columns, "\n", from, "\nORDER BY ", OrderSql(),
                          query_.limit ? absl::StrCat("\nLIMIT ", *query_.limit) : "");
    }
    // Order and limit act on cells; others and totals follow (rule 18).
    return absl::StrCat(
        "SELECT ", columns,
        "\nFROM (\n  SELECT v.*, i.*, row_number() OVER (PARTITION BY "
        "v.grouping_id ORDER BY ",
        OrderSql(), ") AS place\n", from, "\n) AS v\nJOIN intervals AS i ON i.id = v.interval_id",
        query_.limit ? absl::StrCat("\nWHERE v.grouping_id <> 0 OR v.place <= ", *query_.limit)
                     : "",
        "\nORDER BY v.grouping_id <> 0, v.grouping_id, v.place");
  }

  const BoundQuery& query_;
  const AnswerTimes& times_;
  std::vector<DatasetRows>& rows_;  // not row-proportional: one per dataset
  LinkedSources& linked_;
  std::vector<std::string>& unsupported_;  // not row-proportional: parts of one query
  const Schema aggregates_schema_;
  const Schema result_schema_;
};

/// Of a table expression of the statement: the value and the samples of each aggregate, the axes,
/// and three that tell the cell.
void CheckNumColumns(const BoundQuery& query, std::vector<std::string>& unsupported) {
  constexpr size_t kMaxColumns = 1664;
  const size_t num_columns = 2 * query.aggregates.size() + query.axes().size() + 3;
  if (num_columns <= kMaxColumns) return;
  unsupported.push_back(absl::StrCat(query.aggregates.size(), " aggregates in ", num_columns,
                                     " columns, of which PostgreSQL has at most ", kMaxColumns));
}

/// What is decided by a column that has no SQL has none either.
void CheckColumns(const BoundQuery& query, EquivalentSql& sql) {
  std::vector<bool> lacks_sql;
  for (const BoundMetric& metric : query.metrics) {
    lacks_sql.push_back(!HasSql(query, metric));
    if (lacks_sql.back()) sql.columns_without_sql.push_back(metric.name);
  }
  if (sql.columns_without_sql.empty()) return;
  const auto check = [&](size_t metric, const char* what) {
    if (lacks_sql[metric]) {
      sql.unsupported.push_back(absl::StrCat(what, " '", query.metrics[metric].name, "'"));
    }
  };
  if (query.top_n) check(query.top_n->metric, "top_n by");
  for (const BoundOrder& order : query.order_by) {
    if (order.target == BoundOrder::Target::kMetric) check(order.index, "an order by");
  }
  if (!query.having) return;
  const size_t first_metric = query.axes().size() + (query.HasTimeAxis() ? 1 : 0);
  for (const uint32_t column : ColumnsOf(*query.having)) {
    if (column >= first_metric) check(column - first_metric, "a condition on");
  }
}

/// The SELECT of derived rows: a query without time, whose one interval bounds nothing.
absl::StatusOr<EquivalentSql> PrintDerivedRows(const BoundDataset& dataset,
                                               std::span<const DatasetSpec* const> specs,
                                               const TenantClaim& claim) {
  SEXTANT_ASSIGN_OR_RETURN(const std::vector<ResolvedSeries> series,
                           ResolveSeries(dataset.derived->query, 0, 0));
  return PrintQuerySql(dataset.derived->query, specs, series, claim);
}

}  // namespace

bool HasSql(const BoundQuery& query, const BoundMetric& metric) {
  const BoundExpression& value = metric.expression;
  if (value.op != ExpressionOp::kColumn) return value.op != ExpressionOp::kMeanBound;
  const BoundAggregate& aggregate = query.aggregates[value.column];
  if (aggregate.histogram != nullptr) return HistogramHasSql(aggregate);
  return aggregate.bound == nullptr;
}

absl::StatusOr<EquivalentSql> PrintQuerySql(const BoundQuery& query,
                                            std::span<const DatasetSpec* const> specs,
                                            const AnswerTimes& times, const TenantClaim& claim) {
  EquivalentSql sql;
  const DatasetSpec* first = nullptr;
  LinkedSources linked(specs, &sql.unsupported);
  std::vector<DatasetRows> rows;
  rows.reserve(query.datasets.size());
  for (const BoundDataset& dataset : query.datasets) {
    const auto spec = std::find_if(specs.begin(), specs.end(), [&](const DatasetSpec* one) {
      return one->name == dataset.name || (query.datasets.size() == 1 && specs.size() == 1);
    });
    if (spec == specs.end()) {
      return absl::InternalError(absl::StrCat("no spec of the dataset '", dataset.name, "'"));
    }
    if (first == nullptr) first = *spec;
    if ((*spec)->source != first->source) {
      sql.unsupported.push_back(absl::StrCat(
          "datasets of several sources: '", first->name, "' is in '", first->source, "', '",
          (*spec)->name, "' in '", (*spec)->source, "'; one statement reads one of them"));
    }
    if (dataset.derived != nullptr) {
      SEXTANT_ASSIGN_OR_RETURN(EquivalentSql derived, PrintDerivedRows(dataset, specs, claim));
      std::move(derived.unsupported.begin(), derived.unsupported.end(),
                std::back_inserter(sql.unsupported));
      rows.push_back(DatasetRows::OfDerived(dataset, **spec, rows.size(), std::move(derived.text),
                                            &sql.unsupported));
      continue;
    }
    SEXTANT_ASSIGN_OR_RETURN(DatasetRows one, DatasetRows::Create(dataset, **spec, rows.size(),
                                                                  &linked, &sql.unsupported));
    rows.push_back(std::move(one));
  }
  CheckNumColumns(query, sql.unsupported);
  CheckColumns(query, sql);
  SEXTANT_ASSIGN_OR_RETURN(sql.text,
                           QueryPrinter(query, times, rows, linked, sql.unsupported).Print(claim));
  SEXTANT_RETURN_IF_ERROR(linked.status());
  std::sort(sql.unsupported.begin(), sql.unsupported.end());
  sql.unsupported.erase(std::unique(sql.unsupported.begin(), sql.unsupported.end()),
                        sql.unsupported.end());
  return sql;
}

}  // namespace sextant
