#include <optional>
#include <tuple>
#include <utility>

#include "compute/exec/query_executor.h"
#include "compute/exec/read_ahead.h"
#include "compute/exec/rows_run.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

/// The one interval of an answer to BoundRowsQuery::range.
std::pair<int64_t, int64_t> RangeOf(const ResultCursor& range) {
  const ResolvedInterval& whole = range.header().series[0].intervals[0];
  return {whole.start_us, whole.end_us};
}

}  // namespace

/// Rows that are asked for on the pool: first their range of time, where it is open, then the rows.
struct QueryExecutor::AskedRows {
  AskedRows(std::shared_ptr<QueryContext> of, BoundRowsQuery rows, std::vector<TenantScope> reached,
            Done call)
      : context(std::move(of)),
        query(std::move(rows)),
        scopes(std::move(reached)),
        done(std::move(call)) {}

  const std::shared_ptr<QueryContext> context;
  const BoundRowsQuery query;
  std::vector<TenantScope> scopes;
  Done done;
  std::optional<RowsRun> run;
  int64_t submitted_us = 0;
  std::optional<int64_t> queued_us;
};

namespace {

/// Works through the rows, a morsel a step.
template <typename Asked>
class RowsTask final : public Task {
 public:
  RowsTask(std::shared_ptr<Asked> asked, std::pair<int64_t, int64_t> range, WorkerPool& pool)
      : asked_(std::move(asked)), range_(range), pool_(pool) {}

  bool Step() override {
    const absl::StatusOr<bool> has_more = is_begun_ ? asked_->run->Step() : Begin();
    if (has_more.ok() && *has_more) return true;
    Finish(has_more.status());
    return false;
  }

 private:
  absl::StatusOr<bool> Begin() {
    is_begun_ = true;
    QueryContext& context = *asked_->context;
    if (!asked_->queued_us) {
      asked_->queued_us = context.clock().MonotonicUs() - asked_->submitted_us;
    }
    SEXTANT_RETURN_IF_ERROR(context.Check());  // a deadline that passed until here: the queue
    context.SetStage(QueryStage::kRun);
    SEXTANT_RETURN_IF_ERROR(asked_->run->Prepare(range_.first, range_.second));
    return true;
  }

  /// The table is let go before `done` is called.
  void Finish(const absl::Status& status) {
    absl::StatusOr<std::unique_ptr<FinishedResult>> result =
        status.ok() ? asked_->run->MakeResult(asked_->context, *asked_->queued_us)
                    : absl::StatusOr<std::unique_ptr<FinishedResult>>(status);
    asked_->run.reset();
    asked_->context->SetStage(QueryStage::kStream);
    const QueryExecutor::Done done = std::move(asked_->done);
    if (!result.ok()) return done(result.status());
    done(ReadAhead(*std::move(result), pool_));
  }

  const std::shared_ptr<Asked> asked_;
  const std::pair<int64_t, int64_t> range_;
  WorkerPool& pool_;
  bool is_begun_ = false;
};

}  // namespace

void QueryExecutor::SubmitRows(std::shared_ptr<QueryContext> context, BoundRowsQuery query,
                               std::vector<TenantScope> scopes, Done done) {
  auto asked = std::make_shared<AskedRows>(std::move(context), std::move(query), std::move(scopes),
                                           std::move(done));
  asked->submitted_us = asked->context->clock().MonotonicUs();
  asked->context->SetPool(&pool_);
  if (!asked->query.range) {
    const auto [from_us, to_us] = KnownRange(asked->query.cell);
    return RunRows(std::move(asked), from_us, to_us);
  }
  Submit(asked->context, *asked->query.range, asked->scopes,
         [this, asked](absl::StatusOr<std::unique_ptr<ResultCursor>> range) {
           if (!range.ok()) return asked->done(range.status());
           const auto [from_us, to_us] = RangeOf(**range);
           asked->queued_us = (*range)->summary().queued_us;
           asked->context->SetStage(QueryStage::kRun);
           RunRows(asked, from_us, to_us);
         });
}

void QueryExecutor::RunRows(std::shared_ptr<AskedRows> asked, int64_t from_us, int64_t to_us) {
  asked->run.emplace(*asked->context, asked->query, std::move(asked->scopes[asked->query.dataset]));
  asked->scopes.clear();
  const Priority priority = asked->context->priority();
  using Range = std::pair<int64_t, int64_t>;
  pool_.Continue(priority, std::make_unique<RowsTask<AskedRows>>(std::move(asked),
                                                                 Range(from_us, to_us), pool_));
}

absl::StatusOr<std::unique_ptr<ResultCursor>> QueryExecutor::RunRows(
    QueryContext& context, const BoundRowsQuery& query, std::vector<TenantScope> scopes) {
  auto [from_us, to_us] = KnownRange(query.cell);
  if (query.range) {
    SEXTANT_ASSIGN_OR_RETURN(const std::unique_ptr<ResultCursor> range,
                             Run(context, *query.range, scopes));
    std::tie(from_us, to_us) = RangeOf(*range);
  }
  context.SetStage(QueryStage::kRun);
  RowsRun run(context, query, std::move(scopes[query.dataset]));
  SEXTANT_RETURN_IF_ERROR(run.Prepare(from_us, to_us));
  bool has_more = true;
  while (has_more) {
    SEXTANT_ASSIGN_OR_RETURN(has_more, run.Step());
  }
  absl::StatusOr<std::unique_ptr<ResultCursor>> result = run.MakeResult(nullptr, 0);
  context.SetStage(QueryStage::kStream);
  return result;
}

}  // namespace sextant
