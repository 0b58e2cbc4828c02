#include <utility>

#include "compute/exec/asked_query.h"
#include "compute/exec/derived_rows.h"
#include "compute/exec/profile_stopwatch.h"
#include "compute/exec/query_executor.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

/// `rows_in` of rows that were there: 0.
void Note(QueryContext& context, size_t dataset, uint64_t rows_in, const DerivedRows& rows,
          int64_t time_us) {
  if (context.profile() == nullptr) return;
  context.profile()->Add({.key = {StepProfile::Phase::kDerive, dataset, StepProfile::Kind::kDerive},
                          .rows_in = rows_in,
                          .rows_out = rows.table->num_rows(),
                          .time_ns = time_us * 1000});
}

void Mute(QueryContext& context, bool is_muted) {
  if (context.profile() != nullptr) context.profile()->Mute(is_muted);
}

}  // namespace

void QueryExecutor::DeriveRows(std::shared_ptr<AskedQuery> asked,
                               std::shared_ptr<ResultCache::Flight> flight, Derived then) {
  while (asked->num_derived < asked->scopes.size()) {
    const size_t dataset = asked->num_derived;
    const BoundDerivedRows* const rows = asked->query.datasets[dataset].derived.get();
    if (rows == nullptr) {
      ++asked->num_derived;
      continue;
    }
    const auto ready = [this, asked, flight,
                        then](absl::StatusOr<std::optional<DerivedRows>> made) {
      if (!made.ok()) return then(made.status());
      if (*made) {
        Note(*asked->context, asked->num_derived, 0, **made, 0);
        asked->Take(**made);
      }
      DeriveRows(asked, flight, then);
    };
    DerivedRowsCache::Turn turn =
        derived_.Take(DerivedRowsKey(*rows, asked->scopes[dataset]), asked->context, ready);
    if (turn.flight != nullptr) {
      return MakeRows(std::move(asked), std::move(flight), std::move(turn.flight), std::move(then));
    }
    if (!turn.rows) return;
    Note(*asked->context, dataset, 0, *turn.rows, 0);
    asked->Take(*turn.rows);
  }
  then(asked->context->Check());
}

/// The query whose cells they are is one of the same caller: it has its deadline and its memory.
void QueryExecutor::MakeRows(std::shared_ptr<AskedQuery> asked,
                             std::shared_ptr<ResultCache::Flight> flight,
                             std::shared_ptr<DerivedRowsCache::Flight> making, Derived then) {
  const size_t dataset = asked->num_derived;
  const std::shared_ptr<const BoundDerivedRows> rows = asked->query.datasets[dataset].derived;
  const TenantScope& scope = asked->scopes[dataset];
  const int64_t begun_us = asked->context->clock().MonotonicUs();
  auto inner = std::make_shared<AskedQuery>(
      AskedQuery{asked->context, rows->query, {scope}, nullptr, begun_us});
  Launch launch;
  launch.on_step = [this, making, flight] {
    derived_.DismissExpired(*making);
    if (flight != nullptr) results_->DismissExpired(*flight);
  };
  launch.done = [this, asked, flight, making, then, rows, begun_us,
                 identity = scope.table().identity(), num_rows = scope.num_rows()](
                    absl::StatusOr<std::unique_ptr<FinishedResult>> result) {
    QueryContext& context = *asked->context;
    Mute(context, false);
    if (!result.ok()) {
      derived_.Fail(*making, result.status());
      return then(result.status());
    }
    context.SetStage(QueryStage::kRun);
    absl::StatusOr<DerivedRows> made = [&] {
      const QueryScope asks(context);
      return derived_.Land(*making, *rows, *(*result)->own_rows(), identity);
    }();
    result->reset();
    if (!made.ok()) return then(made.status());
    Note(context, asked->num_derived, num_rows, *made, context.clock().MonotonicUs() - begun_us);
    asked->Take(*made);
    DeriveRows(asked, flight, then);
  };
  Mute(*asked->context, true);
  LaunchRun(std::move(inner), std::move(launch));
}

absl::StatusOr<uint64_t> QueryExecutor::DeriveScopes(QueryContext& context, const BoundQuery& query,
                                                     std::vector<TenantScope>& scopes) {
  uint64_t excluded = 0;
  for (size_t dataset = 0; dataset < scopes.size(); ++dataset) {
    const BoundDerivedRows* const rows = query.datasets[dataset].derived.get();
    if (rows == nullptr) continue;
    const int64_t begun_us = context.clock().MonotonicUs();
    const uint64_t num_rows = scopes[dataset].num_rows();
    const TableIdentity identity = scopes[dataset].table().identity();
    Mute(context, true);
    const absl::StatusOr<std::unique_ptr<FinishedResult>> result =
        RunHere(context, rows->query, {scopes[dataset]}, 0);
    Mute(context, false);
    if (!result.ok()) return result.status();
    const QueryScope asks(context);
    DerivedRows made;
    SEXTANT_ASSIGN_OR_RETURN(
        made.table, MakeDerivedTable(*rows, *(*result)->own_rows(), identity, context.budget()));
    made.excluded = (*result)->own_rows()->summary.excluded;
    Note(context, dataset, num_rows, made, context.clock().MonotonicUs() - begun_us);
    scopes[dataset] = ScopeOf(made);
    excluded += made.excluded;
  }
  return excluded;
}

}  // namespace sextant
