#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/query.h"

namespace sextant {

/// How many rows an answer may have.
struct RowsLimits {
  uint64_t max_rows = 1'000'000;
  uint64_t default_rows = 1'000;  // where the request says nothing
};

/// The group of a cell on one axis.
struct PickedGroup {
  std::string axis;              // by its name in the result
  std::optional<Literal> value;  // as the result shows it; std::nullopt: the group of NULL
};

/// What is asked of the rows behind a cell of a query: which cell, and what of its rows. Empty
/// strings mean "not given".
struct RowsQuery {
  std::string metric = {};   // may be left out where the query has one
  std::string dataset = {};  // may be left out where the metric reads one
  /// Axes that are left out: rows in any group of theirs (rule 18).
  std::vector<PickedGroup> group = {};
  std::string series = {};  // "week"; may be left out where the query has one
  /// An instant of the interval; left out: rows of any interval of the series.
  std::string start = {};
  std::vector<std::string> columns = {};  // empty: all
  std::vector<OrderBy> order_by = {};     // columns of the dataset; ties by row order
  std::optional<uint64_t> limit = {};
};

struct BoundRowOrder {
  ColumnIndex column = 0;
  bool descending = false;
};

/// A RowsQuery of which every name is resolved.
struct BoundRowsQuery {
  /// What makes a row one of the cell's: the aggregates of the metric, of one dataset, without
  /// axes: the conditions of the group are part of the dataset's filter. One series.
  BoundQuery cell;
  size_t dataset = 0;  // of the query that the cell is of
  /// Where the query leaves its range of time open: a query of all its datasets whose one interval
  /// is that range (rule 14).
  std::optional<BoundQuery> range;
  std::optional<int64_t> instant_us;  // absent: every interval
  std::vector<ColumnIndex> columns;   // at least one
  std::vector<BoundRowOrder> order_by;
  uint64_t limit = 0;
};

/// Resolves `rows` against the query whose cell it picks; what that query asks of its cells (top-N,
/// totals, having, order, limit) says nothing of their rows. `as_of_us` as in Bind.
/// Errors: INVALID_ARGUMENT with the field's path and nearest names: "metric", "dataset",
/// "group[i]", "interval", "start", "columns[i]", "order_by[i]", "limit". Thread-safe.
absl::StatusOr<BoundRowsQuery> BindRows(const RowsQuery& rows, const BoundQuery& query,
                                        int64_t as_of_us, const RowsLimits& limits = {});

/// The series of the cell over [from_us, to_us), with the intervals that are asked for alone.
/// Errors: INVALID_ARGUMENT for "start" that no interval holds; those of ResolveSeries.
absl::StatusOr<ResolvedSeries> ResolveInterval(const BoundRowsQuery& rows, int64_t from_us,
                                               int64_t to_us);

}  // namespace sextant
