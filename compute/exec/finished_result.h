#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

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
    std::vector<size_t> grouping_begins;  // cells from here on are of the grouping
    std::vector<int64_t> groupings;       // of the same index
  };

  FinishedResult(QueryContext& context, Cells cells);

  const ResultHeader& header() const override { return cells_.header; }
  absl::StatusOr<std::optional<ResultBatch>> Next(size_t target_bytes) override;
  const ResultSummary& summary() const override { return summary_; }

  size_t num_rows() const { return cells_.order.size(); }
  void SetSummary(const ResultSummary& summary) { summary_ = summary; }
  /// What must live as long as this: the context.
  void KeepAlive(std::shared_ptr<void> owner) { keep_alive_ = std::move(owner); }

 private:
  size_t CountRows(size_t target_bytes) const;
  ResultValues ReadColumn(size_t column, std::span<const uint32_t> rows) const;
  ResultValues ReadAxis(const AxisColumn& axis, std::span<const uint32_t> rows) const;
  ResultValues ReadInterval(const ResultColumn& column, std::span<const uint32_t> rows) const;
  ResultValues ReadGrouping(const ResultColumn& column, std::span<const uint32_t> rows) const;

  std::shared_ptr<void> keep_alive_;  // destroyed last
  QueryContext& context_;
  Cells cells_;
  std::vector<uint32_t> first_interval_;  // per series
  size_t num_fixed_bytes_ = 0;            // of a row, without its texts
  size_t next_ = 0;
  ResultSummary summary_;
};

}  // namespace sextant
