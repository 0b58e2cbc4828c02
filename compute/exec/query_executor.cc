#include "compute/exec/query_executor.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "compute/exec/asked_query.h"
#include "compute/exec/query_run.h"
#include "compute/exec/read_ahead.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

/// A query on the pool: its tasks claim ranges until there are none; who finishes the last one
/// finishes the phase, and in the end calls `done`. A failed query still hands out its ranges, but
/// they do nothing, so that `done` is called once and when no other thread is at work.
struct SubmittedQuery {
  using Done = std::function<void(absl::StatusOr<std::unique_ptr<FinishedResult>>)>;

  SubmittedQuery(std::shared_ptr<QueryContext> of, BoundQuery asked, Done call, WorkerPool& workers)
      : context(std::move(of)), query(std::move(asked)), done(std::move(call)), pool(workers) {}

  const std::shared_ptr<QueryContext> context;
  const BoundQuery query;
  Done done;
  std::function<void()> on_step;  // may be empty
  WorkerPool& pool;
  QueryExecutor* executor = nullptr;
  MemoryBudget* index_budget = nullptr;  // null: no indexes are built
  std::unique_ptr<QueryRun> run;         // null once done
  int64_t submitted_us = 0;
  int64_t queued_us = 0;

  std::mutex mutex;
  uint32_t next_range = 0;   // guarded by mutex, as all below
  uint32_t num_ranges = 0;   // of the phase
  uint32_t ranges_left = 0;  // claimed or not
  absl::Status error;

  bool has_failed() {
    const std::lock_guard lock(mutex);
    return !error.ok();
  }
  /// Others at work for the query hear of it when they ask whether to go on.
  void Fail(absl::Status status) {
    const std::lock_guard lock(mutex);
    if (error.ok()) error = std::move(status);
    context->SetPartFailed(true);
  }
};

/// One worker's part in a query.
class QueryTask final : public Task {
 public:
  /// The first task of a query prepares it and calls in the others.
  QueryTask(std::shared_ptr<SubmittedQuery> query, bool is_first)
      : query_(std::move(query)), is_first_(is_first) {}

  bool Step() override {
    if (is_first_) {
      is_first_ = false;
      return Begin();
    }
    if (!has_claim_ && !Claim()) return false;
    absl::StatusOr<bool> has_more = StepRange();
    if (!has_more.ok()) {
      query_->Fail(has_more.status());
    } else if (*has_more) {
      return true;
    }
    range_.reset();
    has_claim_ = false;
    return FinishClaim();
  }

 private:
  bool Begin() {
    query_->queued_us = query_->context->clock().MonotonicUs() - query_->submitted_us;
    absl::Status status = query_->context->Check();  // a deadline that passed until here: the queue
    query_->context->SetStage(QueryStage::kRun);
    if (status.ok()) status = query_->run->Prepare();
    if (!status.ok()) {
      query_->Fail(std::move(status));
      return Finish();
    }
    return BeginPhase();
  }

  bool BeginPhase() {
    const uint32_t num_ranges = query_->run->num_ranges();
    if (num_ranges == 0) return FinishPhase();
    {
      const std::lock_guard lock(query_->mutex);
      query_->next_range = 0;
      query_->num_ranges = num_ranges;
      query_->ranges_left = num_ranges;
    }
    const auto num_workers = static_cast<uint32_t>(query_->pool.stats().num_workers);
    for (uint32_t i = 1; i < std::min(num_workers, num_ranges); ++i) {
      query_->pool.Submit(query_->context->priority(), std::make_unique<QueryTask>(query_, false));
    }
    return true;
  }

  bool Claim() {
    const std::lock_guard lock(query_->mutex);
    if (query_->next_range == query_->num_ranges) return false;
    claimed_ = query_->next_range++;
    has_claim_ = true;
    return true;
  }

  absl::StatusOr<bool> StepRange() {
    if (query_->has_failed()) return false;
    if (query_->on_step) query_->on_step();
    if (range_ == nullptr) {
      SEXTANT_ASSIGN_OR_RETURN(range_, query_->run->StartRange(claimed_));
    }
    SEXTANT_ASSIGN_OR_RETURN(const bool has_more, query_->run->Step(*range_));
    if (!has_more) SEXTANT_RETURN_IF_ERROR(query_->run->FinishRange(std::move(range_)));
    return has_more;
  }

  bool FinishClaim() {
    {
      const std::lock_guard lock(query_->mutex);
      if (--query_->ranges_left > 0) return true;
    }
    return query_->has_failed() ? Finish() : FinishPhase();
  }

  bool FinishPhase() {
    absl::StatusOr<bool> has_phase = query_->run->FinishPhase();
    if (has_phase.ok() && *has_phase) return BeginPhase();
    if (!has_phase.ok()) query_->Fail(has_phase.status());
    return Finish();
  }

  absl::StatusOr<std::unique_ptr<FinishedResult>> MakeResult() {
    if (!query_->error.ok()) return query_->error;
    return query_->run->MakeResult(query_->context, query_->queued_us);
  }

  void BuildWantedOrders() {
    if (query_->index_budget == nullptr) return;
    for (auto& table : query_->run->TakeTablesInDemand()) {
      query_->executor->BuildWantedOrders(std::move(table), *query_->index_budget);
    }
  }

  /// The table is let go before `done` is called, but by who builds its indexes.
  bool Finish() {
    absl::StatusOr<std::unique_ptr<FinishedResult>> result = MakeResult();
    BuildWantedOrders();
    query_->run.reset();
    query_->context->SetPartFailed(false);
    query_->context->SetStage(QueryStage::kStream);
    const SubmittedQuery::Done done = std::move(query_->done);
    done(std::move(result));
    return false;
  }

  const std::shared_ptr<SubmittedQuery> query_;
  bool is_first_;
  bool has_claim_ = false;
  uint32_t claimed_ = 0;
  std::unique_ptr<QueryRun::Range> range_;
};

}  // namespace

QueryExecutor::QueryExecutor(WorkerPool& pool, ResultCache* results, DerivedRowsCache* derived)
    : pool_(pool),
      results_(results),
      own_derived_(derived != nullptr
                       ? nullptr
                       : std::make_unique<DerivedRowsCache>(MemoryBudget::kUnlimitedBytes, nullptr,
                                                            /*keeps=*/false)),
      derived_(derived != nullptr ? *derived : *own_derived_) {}

void QueryExecutor::Submit(std::shared_ptr<QueryContext> context, BoundQuery query,
                           TenantScope scope, Done done) {
  // A list in braces would keep a copy, and with it the table, until Submit has returned.
  std::vector<TenantScope> scopes;
  scopes.push_back(std::move(scope));
  Submit(std::move(context), std::move(query), std::move(scopes), std::move(done));
}

void QueryExecutor::Submit(std::shared_ptr<QueryContext> context, BoundQuery query,
                           std::vector<TenantScope> scopes, Done done) {
  auto asked = std::make_shared<AskedQuery>(
      AskedQuery{std::move(context), std::move(query), std::move(scopes), std::move(done)});
  asked->submitted_us = asked->context->clock().MonotonicUs();
  asked->context->SetPool(&pool_);
  const bool may_share = results_ != nullptr && asked->context->profile() == nullptr;
  may_share ? SubmitOrShare(std::move(asked)) : Run(std::move(asked), nullptr);
}

/// Whoever waits is called on the worker that finished the query it waited for.
void QueryExecutor::SubmitOrShare(std::shared_ptr<AskedQuery> asked) {
  const auto ready = [this, asked](absl::StatusOr<ResultCache::Rows> rows) {
    if (!rows.ok()) {
      asked->done(rows.status());
    } else if (*rows == nullptr) {
      Run(asked, nullptr);
    } else {
      Answer(*asked, *std::move(rows));
    }
  };
  ResultCache::Turn turn =
      results_->Take(ResultKey(asked->query, asked->scopes), asked->context, ready);
  if (turn.rows != nullptr) {
    pool_.Submit(asked->context->priority(),
                 [this, asked, rows = std::move(turn.rows)] { Answer(*asked, rows); });
  } else if (turn.flight != nullptr) {
    Run(std::move(asked), std::move(turn.flight));
  }
}

void QueryExecutor::Answer(const AskedQuery& asked, ResultCache::Rows rows) const {
  if (const absl::Status status = asked.context->Check(); !status.ok()) return asked.done(status);
  std::vector<TableIdentity> identities;
  for (const TenantScope& scope : asked.scopes) AddIdentity(scope.table().identity(), identities);
  absl::StatusOr<std::unique_ptr<FinishedResult>> result =
      FinishedResult::OfKept(asked.context, std::move(rows), std::move(identities),
                             asked.context->clock().MonotonicUs() - asked.submitted_us);
  asked.context->SetStage(QueryStage::kStream);
  if (!result.ok()) return asked.done(result.status());
  asked.done(ReadAhead(*std::move(result), pool_));
}

void QueryExecutor::Run(std::shared_ptr<AskedQuery> asked,
                        std::shared_ptr<ResultCache::Flight> flight) {
  if (!ReadsDerivedRows(asked->query)) return RunOverRows(std::move(asked), std::move(flight));
  const int64_t begun_us = asked->context->clock().MonotonicUs();
  DeriveRows(asked, flight, [this, asked, flight, begun_us](const absl::Status& status) {
    asked->derived_us = asked->context->clock().MonotonicUs() - begun_us;
    asked->submitted_us += asked->derived_us;  // it is no time of the queue
    if (status.ok()) return RunOverRows(asked, flight);
    if (flight != nullptr) results_->Fail(*flight, status);
    asked->done(status);
  });
}

void QueryExecutor::RunOverRows(std::shared_ptr<AskedQuery> asked,
                                std::shared_ptr<ResultCache::Flight> flight) {
  Launch launch;
  if (flight != nullptr) launch.on_step = [this, flight] { results_->DismissExpired(*flight); };
  launch.done = [this, flight, context = asked->context, done = std::move(asked->done)](
                    absl::StatusOr<std::unique_ptr<FinishedResult>> result) {
    if (flight != nullptr) {
      result.ok() ? results_->Land(*flight, (*result)->own_rows(), context)
                  : results_->Fail(*flight, result.status());
    }
    if (!result.ok()) return done(result.status());
    done(ReadAhead(*std::move(result), pool_));
  };
  LaunchRun(std::move(asked), std::move(launch));
}

void QueryExecutor::LaunchRun(std::shared_ptr<AskedQuery> asked, Launch launch) {
  auto submitted = std::make_shared<SubmittedQuery>(asked->context, std::move(asked->query),
                                                    std::move(launch.done), pool_);
  submitted->executor = this;
  submitted->index_budget = index_budget_.load(std::memory_order_relaxed);
  submitted->on_step = std::move(launch.on_step);
  submitted->submitted_us = asked->submitted_us;
  submitted->run =
      std::make_unique<QueryRun>(*submitted->context, submitted->query, std::move(asked->scopes));
  submitted->run->AddBefore(asked->excluded, asked->derived_us);
  const Priority priority = submitted->context->priority();
  // Its turn came when it was bound: it does not wait for it again.
  pool_.Continue(priority, std::make_unique<QueryTask>(std::move(submitted), true));
}

absl::StatusOr<std::unique_ptr<ResultCursor>> QueryExecutor::Run(QueryContext& context,
                                                                 const BoundQuery& query,
                                                                 const TenantScope& scope) {
  return Run(context, query, std::vector<TenantScope>(1, scope));
}

absl::StatusOr<std::unique_ptr<ResultCursor>> QueryExecutor::Run(QueryContext& context,
                                                                 const BoundQuery& query,
                                                                 std::vector<TenantScope> scopes) {
  context.SetStage(QueryStage::kRun);
  SEXTANT_ASSIGN_OR_RETURN(const uint64_t excluded, DeriveScopes(context, query, scopes));
  return RunHere(context, query, std::move(scopes), excluded);
}

absl::StatusOr<std::unique_ptr<FinishedResult>> QueryExecutor::RunHere(
    QueryContext& context, const BoundQuery& query, std::vector<TenantScope> scopes,
    uint64_t excluded) {
  context.SetStage(QueryStage::kRun);
  QueryRun run(context, query, std::move(scopes));
  run.AddBefore(excluded, 0);
  SEXTANT_RETURN_IF_ERROR(run.Prepare());
  bool has_phase = true;
  while (has_phase) {
    for (uint32_t index = 0; index < run.num_ranges(); ++index) {
      SEXTANT_ASSIGN_OR_RETURN(std::unique_ptr<QueryRun::Range> range, run.StartRange(index));
      bool has_more = true;
      while (has_more) {
        SEXTANT_ASSIGN_OR_RETURN(has_more, run.Step(*range));
      }
      SEXTANT_RETURN_IF_ERROR(run.FinishRange(std::move(range)));
    }
    SEXTANT_ASSIGN_OR_RETURN(has_phase, run.FinishPhase());
  }
  absl::StatusOr<std::unique_ptr<FinishedResult>> result = run.MakeResult(nullptr, 0);
  context.SetStage(QueryStage::kStream);
  return result;
}

}  // namespace sextant
