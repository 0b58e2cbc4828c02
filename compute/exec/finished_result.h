#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "compute/exec/batch_columns.h"
#include "compute/exec/query_context.h"
#include "compute/exec/result.h"
#include "compute/operators/metric_values.h"

namespace sextant {

/// A group axis of a result: its distinct values in their order, NULL last, and which one each cell
/// has.
struct AxisColumn {
  AxisColumn(const DataType& type, MemoryBudget& budget) : values(type, budget), ranks(budget) {}

  MetricValues values;            // by rank
  TrackedVector<uint32_t> ranks;  // by cell
};

/// A finished result in memory of its own: the cells in axis order, and the order they are read in.
/// Keeps no table.
class FinishedResult final : public ResultCursor {
 public:
  /// What ResultBuilder fills in.
  struct Cells {
    explicit Cells(MemoryBudget& budget) : intervals(budget), order(budget) {}

    ResultHeader header;
    std::vector<AxisColumn> axes;
    TrackedVector<uint32_t> intervals;  // by cell: counted over all series
    std::vector<MetricValues> values;
    std::vector<uint32_t> metrics;        // which of `values`, per metric
    TrackedVector<uint32_t> order;        // cells in the order they are read in
    bool is_in_order = false;             // `order` is empty, and they are read as they lie
    std::vector<size_t> grouping_begins;  // cells from here on are of the grouping
    std::vector<int64_t> groupings;       // of the same index
  };

  /// Errors: RESOURCE_EXHAUSTED.
  static absl::StatusOr<std::unique_ptr<FinishedResult>> Create(QueryContext& context, Cells cells);

  const ResultHeader& header() const override { return cells_.header; }
  absl::StatusOr<std::optional<ResultBatch>> Next(size_t target_bytes) override;
  const ResultSummary& summary() const override { return summary_; }

  size_t num_rows() const {
    return cells_.is_in_order ? cells_.intervals.size() : cells_.order.size();
  }
  void SetSummary(const ResultSummary& summary) { summary_ = summary; }
  /// What must live as long as this: the context.
  void KeepAlive(std::shared_ptr<void> owner) { keep_alive_ = std::move(owner); }

 private:
  FinishedResult(QueryContext& context, Cells cells);

  /// How many of the next rows are about `target_bytes`, and at least one.
  size_t CountRows(size_t target_bytes) const;
  /// Of the metrics of a row.
  size_t VariableBytes(uint32_t row) const;
  ResultValues ReadColumn(size_t column, const RowRun& rows);
  ResultValues ReadInterval(const ResultColumn& column, const RowRun& rows) const;
  ResultValues ReadGrouping(const ResultColumn& column, const RowRun& rows) const;

  std::shared_ptr<void> keep_alive_;  // destroyed last
  QueryContext& context_;
  Cells cells_;
  std::vector<BatchAxis> axes_;
  std::vector<const BatchAxis*> text_axes_;
  std::vector<const MetricValues*> variable_;  // metrics whose values are of any size
  // By interval, over all series.
  std::vector<int64_t> series_;
  std::vector<int64_t> starts_;
  size_t num_fixed_bytes_ = 0;  // of a row, without its texts
  size_t next_ = 0;
  ResultSummary summary_;
};

}  // namespace sextant
