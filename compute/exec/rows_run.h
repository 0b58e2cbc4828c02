#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/tenant_scope.h"
#include "compute/exec/finished_result.h"
#include "compute/exec/query_context.h"
#include "compute/exec/result.h"
#include "compute/operators/filter.h"
#include "compute/operators/first_rows.h"
#include "compute/operators/sampled_rows.h"
#include "compute/operators/scan.h"
#include "compute/plan/rows_query.h"

namespace sextant {

/// The rows behind a cell, from bound to finished: scan, filter, samples, the first of them in the
/// order asked for, and their columns. One thread works through it morsel by morsel: without an
/// order it ends with the limit, with one every row takes a look at one key.
///
///   Prepare(from_us, to_us);
///   while (Step()) {}
///   MakeResult();
///
/// The context must outlive it and its result. Not thread-safe.
class RowsRun {
 public:
  /// `query` must outlive it. `scope` is that of the dataset that is read.
  RowsRun(QueryContext& context, const BoundRowsQuery& query, TenantScope scope);

  /// Over the range of time that the query was asked with, or has found. Errors: INVALID_ARGUMENT
  /// for a start that no interval holds; those of the context, RESOURCE_EXHAUSTED.
  absl::Status Prepare(int64_t from_us, int64_t to_us);
  /// Runs one morsel; returns whether there are more.
  absl::StatusOr<bool> Step();
  /// `keep_alive` lives as long as the result.
  absl::StatusOr<std::unique_ptr<FinishedResult>> MakeResult(std::shared_ptr<void> keep_alive,
                                                             int64_t queued_us);

 private:
  absl::Status StepMorsel(const Morsel& morsel);
  ResultHeader MakeHeader() const;

  QueryContext& context_;
  const BoundRowsQuery& query_;
  const Scan scan_;
  std::vector<ResolvedSeries> series_;  // one
  std::optional<Filter> filter_;
  std::optional<SampledRows> samples_;
  FilterScratch filter_scratch_;
  std::optional<SampledRows::State> samples_state_;
  Buffer selection_;
  FirstRows first_;
  uint32_t range_ = 0;
  size_t next_morsel_ = 0;  // of the range
  int64_t start_us_ = 0;    // of Prepare
  ResultSummary counts_;
};

/// The range of time of `query` where it needs no samples to be found (see BoundRowsQuery::range).
std::pair<int64_t, int64_t> KnownRange(const BoundQuery& query);

}  // namespace sextant
