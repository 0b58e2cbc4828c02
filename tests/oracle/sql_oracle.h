#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/oracle/answer.h"
#include "tests/oracle/case.h"
#include "tests/oracle/frames.h"
#include "tests/oracle/intervals.h"
#include "tests/oracle/postgres_link.h"

namespace sextant::oracle {

/// The intervals of a request.
struct CellIntervals {
  std::vector<Interval> intervals;
  std::optional<Interval> whole = {};             // where the ranking, clips or frames ask for it
  std::map<size_t, FramedIntervals> frames = {};  // of the lanes that have one
};

/// Answers requests with SQL of its own over the tables of the cases. The SQL shares nothing with
/// what the product prints.
class SqlOracle {
 public:
  explicit SqlOracle(PostgresLink& postgres) : postgres_(postgres) {}

  Answer Ask(const TableCase& table, const RequestCase& request);

  /// The statement of the last Ask, for people.
  const std::string& last_sql() const { return last_sql_; }

 private:
  std::vector<Interval> Intervals(const TableCase& table, const RequestCase& request);
  Answer Read(const TableCase& table, const RequestCase& request, const CellIntervals& intervals);

  PostgresLink& postgres_;
  std::string last_sql_;
  bool has_failed_ = false;  // of this Ask, the bounds of the samples
};

/// The statement whose rows are the cells of the request over `intervals`: interval, grouping,
/// axes, then per metric value and the figures of its tolerance.
std::string CellsSql(const TableCase& table, const RequestCase& request, const CellIntervals& of);
/// The name of the intervals of a lane.
std::string IntervalsOf(const CellIntervals& of, size_t lane);
/// Tables of it. `base`: a row per row in scope and tuple of its axes (oracle_key).
std::string BaseTable(const TableCase& table, const RequestCase& request);
/// `kept`: the tuples (k) of a top-N, of `base` and `iv`.
std::string KeptTables(const TableCase& table, const RequestCase& request, const CellIntervals& of);
/// `x`: a row per row and group that it counts in: tuples, others (oracle_g -1), totals.
std::string GroupedTable(const TableCase& table, const RequestCase& request);
/// WHERE of the cells, of what is asked of single aggregates and of axes.
std::string HavingSql(const RequestCase& request);
/// What joins rows with those of `intervals`, as `iv`, that hold a sample of the lane.
std::string PinJoin(const TableCase& table, const Lane& lane, const std::string& zone,
                    const std::string& intervals);
/// How the samples of a lane are clipped (rule 20).
struct Clipping {
  std::string name;    // of the table of its outliers
  std::string source;  // `base` or `x`: the rows and their groups
  Interval whole;      // the range of the request
};
/// `<name>`: the rows and groups (k, g, id) whose samples `lane` leaves out.
std::string OutlierTables(const TableCase& table, const RequestCase& request, const Lane& lane,
                          const Clipping& clipping);
/// " AND ..": a row of the source is none of them.
std::string NoOutlier(const TableCase& table, const Clipping& clipping);
/// A FROM item `axis<index>` that gives the texts `k` of the row's members of the axis.
std::string AxisSql(const TableCase& table, const AxisSpec& axis, size_t index);
/// The lanes of all metrics, in their order; `g<i>` is the table of the i-th.
std::vector<Lane> AllLanes(const RequestCase& request);
/// Where the lanes of a metric begin.
size_t FirstLane(const RequestCase& request, size_t metric);
/// FROM and WHERE of the rows that the tenant, deletions and the filter leave.
std::string ScopeSql(const TableCase& table, const RequestCase& request);
/// The instant that pins a sample, of a time column.
std::string PinSql(const TableCase& table, int column, const std::string& zone);

}  // namespace sextant::oracle
