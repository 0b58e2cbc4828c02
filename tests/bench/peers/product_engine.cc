#include "tests/bench/peers/product_engine.h"

#include <future>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/exec/worker_pool.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder.h"
#include "tests/bench/peers/datasets.h"
#include "tests/bench/peers/table_sink.h"

namespace sextant::peers {
namespace {

constexpr size_t kBatchBytes = 256 * 1024;  // as the service's unary call

/// Above the result of A.q10, whose six keys have a cell per row.
QueryLimits Limits() {
  QueryLimits limits;
  limits.max_values = 200'000'000;
  return limits;
}

absl::Status Drain(ResultCursor& cursor, absl::FunctionRef<void(const ResultBatch&)> consume,
                   Answer& answer) {
  while (true) {
    SEXTANT_ASSIGN_OR_RETURN(std::optional<ResultBatch> batch, cursor.Next(kBatchBytes));
    if (!batch) return absl::OkStatus();
    answer.num_rows += batch->num_rows;
    consume(*batch);
    cursor.GiveBack(*std::move(batch));
  }
}

std::string DatasetNames() {
  return absl::StrJoin(Datasets(), ", ", [](std::string* text, const Dataset& dataset) {
    absl::StrAppend(text, dataset.name);
  });
}

std::shared_ptr<QueryContext> NewContext(MemoryBudget& budget) {
  return std::make_shared<QueryContext>(Clock::System(), QueryContext::kNoDeadline,
                                        Priority::kInteractive, &budget,
                                        MemoryBudget::kUnlimitedBytes);
}

}  // namespace

ProductEngine::ProductEngine(int num_threads, bool uses_pool) {
  if (!uses_pool && num_threads <= 1) return;
  pool_ = std::make_unique<WorkerPool>(num_threads);
  executor_ = std::make_unique<QueryExecutor>(*pool_);
}

absl::Status ProductEngine::AddTable(const std::string& dataset, uint64_t num_rows,
                                     RowVariant variant) {
  const Dataset* found = FindDataset(dataset);
  if (found == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("dataset: found '", dataset, "'; allowed are ", DatasetNames()));
  }
  Dataset rows = *found;
  rows.variant = variant;
  SEXTANT_ASSIGN_OR_RETURN(std::shared_ptr<const Table> table, MakeTable(rows, num_rows, budget_));
  WorkerPool builders(2);  // its end waits for the indexes
  QueryExecutor(builders).BuildIndexes(table, budget_);
  tables_[dataset] = std::move(table);
  return absl::OkStatus();
}

ColumnBytes ProductEngine::column_bytes() const {
  ColumnBytes bytes;
  for (const auto& [name, table] : tables_) {
    for (ColumnIndex column = 0; column < table->schema().num_fields(); ++column) {
      uint64_t& own = bytes[name][table->schema().field(column).name];
      for (uint32_t chunk = 0; chunk < table->num_chunks(); ++chunk) {
        own += table->chunk(chunk).column(column).reserved_bytes();
      }
    }
  }
  return bytes;
}

absl::StatusOr<Answer> ProductEngine::Ask(const Query& query, Consume consume) {
  const Stopwatch stopwatch;
  absl::StatusOr<Answer> answer =
      pool_ == nullptr ? AskHere(query, consume) : AskPool(query, consume);
  if (answer.ok()) answer->timing = stopwatch.Read();
  BuildWantedOrders(tables_.at(query.metrics.front().dataset));
  return answer;
}

void ProductEngine::BuildWantedOrders(const std::shared_ptr<const Table>& table) {
  if (!table->TakeNewsOfDemand()) return;
  WorkerPool builders(1);  // its end waits for them
  QueryExecutor(builders).BuildWantedOrders(table, budget_);
}

absl::StatusOr<Answer> ProductEngine::AskHere(const Query& query, Consume consume) {
  const std::shared_ptr<const Table>& table = tables_.at(query.metrics.front().dataset);
  SEXTANT_ASSIGN_OR_RETURN(const BoundQuery bound, Bind(query, table->shared_schema(),
                                                        table->identity().as_of_us, Limits()));
  SEXTANT_ASSIGN_OR_RETURN(const TenantScope scope,
                           TenantScope::Resolve(table, TenantClaim::None()));
  const std::shared_ptr<QueryContext> context = NewContext(budget_);
  SEXTANT_ASSIGN_OR_RETURN(const std::unique_ptr<ResultCursor> cursor,
                           QueryExecutor::Run(*context, bound, scope));
  Answer answer;
  SEXTANT_RETURN_IF_ERROR(Drain(*cursor, consume, answer));
  return answer;
}

absl::StatusOr<Answer> ProductEngine::AskPool(const Query& query, Consume consume) {
  // Shared: the worker may still be inside of set_value when this thread goes on.
  const auto promise = std::make_shared<std::promise<absl::StatusOr<Answer>>>();
  std::future<absl::StatusOr<Answer>> future = promise->get_future();
  const auto finish = [promise, consume](absl::StatusOr<std::unique_ptr<ResultCursor>> cursor) {
    if (!cursor.ok()) return promise->set_value(cursor.status());
    Answer answer;
    const absl::Status status = Drain(**cursor, consume, answer);
    status.ok() ? promise->set_value(std::move(answer)) : promise->set_value(status);
  };
  pool_->Submit(Priority::kInteractive, [this, &query, promise, finish] {
    const std::shared_ptr<const Table>& table = tables_.at(query.metrics.front().dataset);
    absl::StatusOr<BoundQuery> bound =
        Bind(query, table->shared_schema(), table->identity().as_of_us, Limits());
    if (!bound.ok()) return promise->set_value(bound.status());
    absl::StatusOr<TenantScope> scope = TenantScope::Resolve(table, TenantClaim::None());
    if (!scope.ok()) return promise->set_value(scope.status());
    executor_->Submit(NewContext(budget_), *std::move(bound), *std::move(scope), finish);
  });
  return future.get();
}

}  // namespace sextant::peers
