#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/table.h"
#include "compute/exec/finished_result.h"
#include "compute/exec/metric_columns.h"
#include "compute/exec/result_rows.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// Turns the merged states of a query into its result: the cells that have a sample (rule 17), in
/// axis order, then by HAVING, ORDER BY and LIMIT; behind them others and totals (rule 18). Copies
/// what it needs of what it is not given. Used once, on one thread.
class ResultBuilder {
 public:
  struct Input {
    QueryContext& context;
    const BoundQuery& query;
    std::vector<TableIdentity> identities;  // per dataset
    std::vector<ResolvedSeries> series;
    std::vector<ResolvedSeries> compared_series;  // as in ResultHeader
    InstantRange range;                           // likewise
    /// The cells, others, then totals by their grouping.
    std::span<const FinishedPass> passes;
  };

  explicit ResultBuilder(Input input)
      : input_(std::move(input)), cells_(std::make_shared<FinishedRows>(input_.context.budget())) {}

  /// Errors: those of the context, RESOURCE_EXHAUSTED, OUT_OF_RANGE (SUM_OVERFLOW).
  absl::StatusOr<std::unique_ptr<FinishedResult>> Build();
  /// Of a pass, before having and limit. After Build. REQUIRES: the query is explained.
  size_t num_cells(size_t pass) const;
  /// Values that arithmetic over aggregates could not compute. After Build.
  uint64_t num_excluded() const { return num_excluded_; }

 private:
  void FillHeader();
  absl::Status MakeCells();
  /// Puts the cells that pass into the order.
  absl::Status KeepHaving();
  absl::Status OrderAndLimit();
  absl::Status AddOtherRows();

  Input input_;  // of which the header takes what it has
  /// Behind a pointer: the result, and a cache, go on with it.
  std::shared_ptr<FinishedRows> cells_;
  size_t num_cells_ = 0;         // of the first pass
  std::vector<int64_t> starts_;  // by interval, over all series
  uint64_t num_excluded_ = 0;
};

}  // namespace sextant
