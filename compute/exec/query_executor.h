#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/tenant_scope.h"
#include "compute/exec/derived_rows_cache.h"
#include "compute/exec/finished_result.h"
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

  /// `results` may be null: then every query is run; so may `derived`: then derived rows are made
  /// for each query that does not find them in the making. They outlive the queries.
  explicit QueryExecutor(WorkerPool& pool, ResultCache* results = nullptr,
                         DerivedRowsCache* derived = nullptr);

  /// Calls `done` once, on a pool thread. `scopes`, one per dataset of the query and in that order
  /// (of a derived one: of the dataset it is made of), keep their tables pinned until then. A query
  /// that is explained is always run. Errors to `done`: CANCELLED, DEADLINE_EXCEEDED,
  /// RESOURCE_EXHAUSTED (cells, memory; ErrorDetail names the limit), OUT_OF_RANGE (overflow of a
  /// sum; names the metric), INVALID_ARGUMENT (too many intervals), FAILED_PRECONDITION (a column
  /// of derived rows has two values for one key).
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

  /// Of a query with derived rows: replaces their scopes by those of the rows, which are made on
  /// the calling thread and charged to the query. Returns how many values could not be computed.
  static absl::StatusOr<uint64_t> DeriveScopes(QueryContext& context, const BoundQuery& query,
                                               std::vector<TenantScope>& scopes);

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
  struct Launch;
  using Derived = std::function<void(absl::Status)>;

  void SubmitOrShare(std::shared_ptr<AskedQuery> asked);
  static absl::StatusOr<std::unique_ptr<FinishedResult>> RunHere(QueryContext& context,
                                                                 const BoundQuery& query,
                                                                 std::vector<TenantScope> scopes,
                                                                 uint64_t excluded);
  /// Runs it, and lands `flight`, which may be null.
  void Run(std::shared_ptr<AskedQuery> asked, std::shared_ptr<ResultCache::Flight> flight);
  /// The same once all rows that it reads are there.
  void RunOverRows(std::shared_ptr<AskedQuery> asked, std::shared_ptr<ResultCache::Flight> flight);
  void LaunchRun(std::shared_ptr<AskedQuery> asked, Launch launch);
  /// Takes or makes the derived rows that `asked` reads, then calls `then`. `flight` is that of its
  /// result; it may be null.
  void DeriveRows(std::shared_ptr<AskedQuery> asked, std::shared_ptr<ResultCache::Flight> flight,
                  Derived then);
  void MakeRows(std::shared_ptr<AskedQuery> asked, std::shared_ptr<ResultCache::Flight> flight,
                std::shared_ptr<DerivedRowsCache::Flight> making, Derived then);
  void RunRows(std::shared_ptr<AskedRows> asked, int64_t from_us, int64_t to_us);
  void Answer(const AskedQuery& asked, ResultCache::Rows rows) const;

  WorkerPool& pool_;
  ResultCache* const results_;
  const std::unique_ptr<DerivedRowsCache> own_derived_;  // where none is given
  DerivedRowsCache& derived_;
  std::atomic<MemoryBudget*> index_budget_{nullptr};  // null: nothing was to be built so far
};

}  // namespace sextant
