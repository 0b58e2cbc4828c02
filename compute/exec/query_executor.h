#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/tenant_scope.h"
#include "compute/exec/query_context.h"
#include "compute/exec/result.h"
#include "compute/exec/result_cache.h"
#include "compute/exec/worker_pool.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/rows_query.h"

namespace sextant {

/// Runs bound queries over pinned tables on the worker pool, or answers them by the result of an
/// equal query over the same rows.
///
/// A query is cut at fixed ranges of 2^20 row ordinals that never depend on threads (rule 4); a
/// range is worked through morsel by morsel (a chunk's rows in scope) by one worker at a time,
/// which checks deadline and cancellation before each and lets a more urgent task go first. Ranges
/// run in parallel and are merged in order, or in any where order is free. Thread-safety: all
/// methods may be called from any thread. Must outlive the queries submitted.
class QueryExecutor {
 public:
  using Done = std::function<void(absl::StatusOr<std::unique_ptr<ResultCursor>>)>;

  /// `results` may be null: then every query is run. It outlives the queries.
  explicit QueryExecutor(WorkerPool& pool, ResultCache* results = nullptr)
      : pool_(pool), results_(results) {}

  /// Calls `done` once, on a pool thread. `scopes`, one per dataset of the query and in that order,
  /// keep their tables pinned until then. A query that is explained is always run.
  /// Errors to `done`: CANCELLED, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED (cells, memory; ErrorDetail
  /// names the limit), OUT_OF_RANGE (overflow of a sum; names the metric), INVALID_ARGUMENT (too
  /// many intervals).
  void Submit(std::shared_ptr<QueryContext> context, BoundQuery query,
              std::vector<TenantScope> scopes, Done done);
  /// The same of one dataset.
  void Submit(std::shared_ptr<QueryContext> context, BoundQuery query, TenantScope scope,
              Done done);

  /// Likewise, of the rows behind a cell: `scopes` has one per dataset of the query that the cell
  /// is of. The result is no kept one, and none is kept. Errors to `done`: CANCELLED,
  /// DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED (memory), INVALID_ARGUMENT (no interval holds the start,
  /// or there are too many).
  void SubmitRows(std::shared_ptr<QueryContext> context, BoundRowsQuery query,
                  std::vector<TenantScope> scopes, Done done);

  /// The same on the calling thread, without the pool: for tests, benchmarks and tools.
  static absl::StatusOr<std::unique_ptr<ResultCursor>> Run(QueryContext& context,
                                                           const BoundQuery& query,
                                                           std::vector<TenantScope> scopes);
  static absl::StatusOr<std::unique_ptr<ResultCursor>> Run(QueryContext& context,
                                                           const BoundQuery& query,
                                                           const TenantScope& scope);

  static absl::StatusOr<std::unique_ptr<ResultCursor>> RunRows(QueryContext& context,
                                                               const BoundRowsQuery& query,
                                                               std::vector<TenantScope> scopes);

  /// Builds the indexes of `table` in the background, chunk by chunk; answers are equal meanwhile.
  /// Stops early, and quietly, when `budget` refuses. Keeps `table` pinned until done. From the
  /// first call on, what submitted queries come to want of any table (OrderDemand) is built
  /// likewise, from the same budget.
  void BuildIndexes(std::shared_ptr<const Table> table, MemoryBudget& budget);
  /// Builds the orders that queries have come to want of `table`, as BuildIndexes does; they leave
  /// as much of `budget` free as the table takes, for its next version.
  void BuildWantedOrders(std::shared_ptr<const Table> table, MemoryBudget& budget);

 private:
  struct AskedQuery;
  struct AskedRows;

  void SubmitOrShare(std::shared_ptr<AskedQuery> asked);
  /// Runs it, and lands `flight`, which may be null.
  void Run(std::shared_ptr<AskedQuery> asked, std::shared_ptr<ResultCache::Flight> flight);
  void RunRows(std::shared_ptr<AskedRows> asked, int64_t from_us, int64_t to_us);
  void Answer(const AskedQuery& asked, ResultCache::Rows rows) const;

  WorkerPool& pool_;
  ResultCache* const results_;
  std::atomic<MemoryBudget*> index_budget_{nullptr};  // null: nothing was to be built so far
};

}  // namespace sextant
