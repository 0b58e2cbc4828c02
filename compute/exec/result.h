#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/data_type.h"
#include "compute/column/table.h"
#include "compute/exec/result_texts.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/calendar.h"

namespace sextant {

/// What a column of the result is.
enum class ResultRole : uint8_t { kAxis, kSeries, kStart, kGrouping, kMetric, kColumn };

/// kSeries (int: index into ResultHeader::series) is there when several series are asked, kStart
/// (timestamp) when the query has a time axis, kGrouping (int) when totals or others are: 0 in a
/// cell; a bit per axis in a total, the leftmost the highest, 1 where the axis is summed up and
/// shown as NULL, as PostgreSQL's GROUPING(); -1 in others. kColumn: of the rows behind a cell, in
/// which there is nothing else.
struct ResultColumn {
  std::string name;  // axis or metric name, "interval", "start", "grouping"
  DataType type;
  std::string unit;
  ResultRole role = ResultRole::kAxis;
  /// Of kMetric; other than kValue: of the last metric before that is one.
  MetricStatistic statistic = MetricStatistic::kValue;
};

/// All that a reader needs before the first batch.
struct ResultHeader {
  std::vector<ResultColumn> columns;  // axes, [interval], [start], [grouping], metrics
  std::vector<ResolvedSeries> series;
  /// Where the query compares, of each series: the intervals that the first, second, .. of it are
  /// compared with. There may be fewer.
  std::vector<ResolvedSeries> compared_series;
  /// What the series divide: the range that the query asks, where it is open of the samples. Of a
  /// query without time it means nothing.
  InstantRange range;
  std::string time_zone;
  std::string tz_database_version;
  std::vector<TableIdentity> datasets;  // in the order of the query's
};

struct ResultValues;

/// Lists: row i has the elements [offsets[i], offsets[i + 1]) of `elements`, NULL ones too. A row
/// without a list has none.
struct ResultLists {
  std::vector<uint32_t> offsets;  // one more than rows, the first 0
  std::shared_ptr<const ResultValues> elements;
};

/// The values of one column in one batch. Which member of `values` by type: bool, ints, date
/// (days), timestamp (microseconds), decimal p<=18 (scaled): int64; floats and durations in
/// seconds: double; text, enum, json, bytes: ResultTexts; decimal p>18, uuid, interval: Wide;
/// lists: ResultLists. Nulls: valid[i] == 0: a NULL group, or a metric without a value in this
/// cell; the slot of a number holds zero.
struct ResultValues {
  DataType type;
  std::vector<uint8_t> valid;  // one per row
  std::variant<std::vector<int64_t>, std::vector<double>, ResultTexts, std::vector<Wide>,
               ResultLists>
      values;
};

/// Rows of the result: one row is one cell, others and totals follow the cells; or one row of the
/// dataset behind a cell.
struct ResultBatch {
  uint32_t num_rows = 0;
  std::vector<ResultValues> columns;  // as in the header
};

struct ResultSummary {
  uint64_t rows_scanned = 0;   // live rows in scope
  uint64_t rows_selected = 0;  // kept by the filter, but of the rows below
  /// Of chunks and blocks that bounds show to be outside of the range of time: the filter does not
  /// see them.
  uint64_t rows_out_of_range = 0;
  uint64_t chunks_skipped = 0;  // by zone maps
  uint64_t cells = 0;
  uint64_t excluded = 0;  // samples whose value could not be computed (rule 5)
  uint64_t bootstrap_draws = 0;
  int64_t queued_us = 0;
  int64_t run_us = 0;
  /// The answer of an equal query over the same rows: the figures above are of that one, but for
  /// the times.
  bool is_cached = false;
  bool has_more = false;  // rows behind a cell than the limit
};

/// The finished result of a query, read batch by batch; holds its own memory and keeps no table
/// pinned. Thread-safety: none; used by one thread at a time.
class ResultCursor {
 public:
  virtual ~ResultCursor() = default;
  virtual const ResultHeader& header() const = 0;
  /// The next rows, about `target_bytes` of them and at least one; std::nullopt after the last.
  /// Errors: CANCELLED and DEADLINE_EXCEEDED from the context.
  virtual absl::StatusOr<std::optional<ResultBatch>> Next(size_t target_bytes) = 0;
  /// Takes a batch of this cursor that is not needed any more, and makes others in its memory. May
  /// be left out.
  virtual void GiveBack(ResultBatch /*batch*/) {}
  virtual const ResultSummary& summary() const = 0;
};

}  // namespace sextant
