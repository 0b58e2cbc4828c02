#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"
#include "compute/column/table.h"
#include "compute/exec/finished_result.h"
#include "compute/operators/group_aggregate.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// Turns the merged state of a query into its result: the cells that have a sample (rule 17), in
/// axis order, then by ORDER BY and LIMIT. Copies what it needs. Used once, on one thread.
class ResultBuilder {
 public:
  struct Input {
    QueryContext& context;
    const BoundQuery& query;
    const TableIdentity& identity;
    const std::vector<ResolvedSeries>& series;
    const GroupAggregate& groups;
    const GroupAggregate::State& state;
  };

  explicit ResultBuilder(const Input& input) : input_(input), cells_(input.context.budget()) {}

  /// Errors: those of the context, RESOURCE_EXHAUSTED, OUT_OF_RANGE (SUM_OVERFLOW).
  absl::StatusOr<std::unique_ptr<FinishedResult>> Build();

 private:
  void FillHeader();
  absl::Status FindCells();
  absl::Status RankAxes();
  absl::Status SortCells();
  absl::Status FinishMetrics();
  absl::Status OrderAndLimit();
  int Compare(const BoundOrder& order, uint32_t a, uint32_t b) const;
  size_t LabelRank(uint32_t metric, std::string_view label) const;
  int64_t StartOf(uint32_t cell) const;

  const Input input_;
  FinishedResult::Cells cells_;
  TrackedVector<uint32_t> ids_{input_.context.budget()};  // of the state, by cell of the result
  std::vector<int64_t> starts_;                           // by interval, over all series
};

}  // namespace sextant
