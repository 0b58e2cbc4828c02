#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "compute/exec/query_executor.h"
#include "compute/plan/query.h"
#include "tests/bench/peers/measurement.h"
#include "tests/bench/peers/row_variant.h"

namespace sextant::peers {

/// What became of one query: from the Query with unresolved names to the last batch of its result.
struct Answer {
  Timing timing;
  uint64_t num_rows = 0;
};

/// The product in process, as the service uses it: indexes are built after the load, a query is
/// bound, run and read in batches. Thread-safety: Ask may be called from any thread after the
/// last AddTable.
class ProductEngine {
 public:
  /// One thread: queries run on the caller's. More: on a pool of so many workers, and so they do
  /// with `uses_pool`.
  ProductEngine(int num_threads, bool uses_pool);

  /// Keeps `num_rows` rows of the data set of that name (0: as many as it has), with the indexes
  /// that the service builds. Errors: INVALID_ARGUMENT for another name.
  absl::Status AddTable(const std::string& dataset, uint64_t num_rows,
                        RowVariant variant = RowVariant::kPlain);
  uint64_t reserved_bytes() const { return budget_.reserved_bytes(); }
  /// Of the rows alone, without their indexes and dictionaries.
  ColumnBytes column_bytes() const;

  /// `consume` gets every batch, on whatever thread makes it; its time counts.
  /// Errors: those of binding and running.
  absl::StatusOr<Answer> Ask(const Query& query,
                             absl::FunctionRef<void(const ResultBatch&)> consume);

 private:
  using Consume = absl::FunctionRef<void(const ResultBatch&)>;

  absl::StatusOr<Answer> AskHere(const Query& query, Consume consume);
  absl::StatusOr<Answer> AskPool(const Query& query, Consume consume);
  /// What queries have come to want of it; the service does that in the background.
  void BuildWantedOrders(const std::shared_ptr<const Table>& table);

  MemoryBudget budget_{"peers"};
  std::map<std::string, std::shared_ptr<const Table>> tables_;
  std::unique_ptr<QueryExecutor> executor_;  // null: on the caller's thread
  std::unique_ptr<WorkerPool> pool_;         // ends before its executor
};

}  // namespace sextant::peers
