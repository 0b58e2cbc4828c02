#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "compute/plan/bound_query.h"
#include "storage/postgres/query_sql/clip_sql.h"
#include "storage/postgres/query_sql/dataset_rows.h"

namespace sextant {

/// Which axes a cell sums up: cells proper, a total, or the others of top-N.
struct CellGrouping {
  static constexpr int kOthers = -1;

  int id = 0;             // PostgreSQL's GROUPING(): the leftmost axis is the highest bit
  uint32_t num_axes = 0;  // of the query

  bool Sums(size_t axis) const { return id == kOthers || (id >> (num_axes - 1 - axis) & 1) != 0; }
};

/// The groupings of a query, cells first, then its totals in their order.
std::vector<CellGrouping> TotalsOf(const BoundQuery& query);

/// Prints the cells of a query as common table expressions: one per dataset and pin, joined on the
/// values of the axes. Columns: grouping_id, interval_id, axis_key, axis_I per axis, value_A per
/// aggregate. Only cells with a sample (rule 17); every grouping over distinct rows (rule 18).
class CellsPrinter {
 public:
  CellsPrinter(const BoundQuery& query, std::vector<DatasetRows>& rows)
      : query_(query), rows_(rows) {}

  /// What rows are joined with, and the range of the query, which clips may ask for.
  struct Intervals {
    std::string table;
    ClipSql::Range range;
  };
  /// `name` AS (..), with helpers before it. `kept` is, for the others, the expression of top-N's
  /// tuples.
  std::string Print(const std::string& name, const Intervals& intervals,
                    const std::vector<CellGrouping>& groupings) const;

  /// The columns axis_0, axis_1, .. each preceded by `prefix`.
  static std::string AxisColumns(const BoundQuery& query, const std::string& prefix);

 private:
  /// The aggregates of one dataset and one pin: they see the same rows in the same intervals.
  struct Lane {
    size_t dataset = 0;
    std::vector<uint32_t> aggregates;  // not row-proportional: of one query
  };

  /// The rows of a dataset under a grouping, one per row and group.
  struct GroupedRows {
    std::string joins;
    std::vector<std::string> conditions;  // not row-proportional: of one query, as these
    std::vector<std::string> columns;     // not row-proportional: axis_0, axis_1, ..
    std::vector<std::string> groups;      // not row-proportional: of the axes that are shown
    ClipSql::Group group;
  };
  /// Names of what lanes read.
  struct Tables {
    std::string intervals;
    ClipSql::Range range;
    std::map<std::string, std::string> cuts;  // not row-proportional: by dataset and ClipText
  };

  std::vector<Lane> Lanes() const;
  GroupedRows RowsOf(size_t dataset, const CellGrouping& grouping) const;
  std::string LaneSql(const Lane& lane, const Tables& tables, const CellGrouping& grouping) const;
  std::string CutsSql(size_t dataset, const BoundAggregate& aggregate, const Tables& tables,
                      const std::vector<CellGrouping>& groupings) const;
  std::string JoinLanes(const std::string& name, const std::vector<Lane>& lanes) const;

  const BoundQuery& query_;
  std::vector<DatasetRows>& rows_;  // not row-proportional: one per dataset
};

}  // namespace sextant
