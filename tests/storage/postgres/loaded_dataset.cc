#include "tests/storage/postgres/loaded_dataset.h"

#include <utility>
#include <vector>

#include "compute/column/table_builder.h"
#include "compute/exec/expression_column_deriver.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder.h"
#include "storage/postgres/load_transaction.h"
#include "storage/postgres/postgres_row_source.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

absl::StatusOr<std::shared_ptr<const ColumnDeriver>> DeriverOf(const DatasetSpec& spec,
                                                               const Schema& source_schema) {
  if (spec.derived.empty()) return nullptr;
  std::vector<BoundDerivedColumn> columns;
  for (const DerivedSpec& derived : spec.derived) {
    SEXTANT_ASSIGN_OR_RETURN(BoundDerivedColumn column,
                             BindDerived(derived.name, derived.expression, source_schema));
    columns.push_back(std::move(column));
  }
  return std::make_shared<const ExpressionColumnDeriver>(std::move(columns));
}

}  // namespace

SessionOptions TestSessionOptions(const std::string& conninfo) {
  SessionOptions options;
  options.source_name = "s";
  options.conninfo = conninfo;
  options.lock_timeout = absl::Milliseconds(200);
  return options;
}

std::unique_ptr<PostgresSession> OpenTestSession(const std::string& conninfo) {
  return *PostgresSession::Open(TestSessionOptions(conninfo), {});
}

DatasetSpec TableDataset(std::string table) {
  DatasetSpec spec;
  spec.name = "d";
  spec.source = "s";
  spec.table = std::move(table);
  return spec;
}

DatasetSpec QueryDataset(std::string query) {
  DatasetSpec spec = TableDataset("");
  spec.query = std::move(query);
  return spec;
}

absl::StatusOr<SourcePlan> PlanDataset(const std::string& conninfo, const DatasetSpec& spec) {
  const auto session = OpenTestSession(conninfo);
  const auto target = ResolveTarget(*session, spec, {});
  if (!target.ok()) return target.status();
  const auto leader = LoadTransaction::Lead(*session, target->relations, {});
  if (!leader.ok()) return leader.status();
  return PlanSource(*session, spec, target->origin, {});
}

absl::StatusOr<std::shared_ptr<const Table>> LoadDataset(const std::string& conninfo,
                                                         const DatasetSpec& spec) {
  const auto session = OpenTestSession(conninfo);
  const auto target = ResolveTarget(*session, spec, {});
  if (!target.ok()) return target.status();
  const auto leader = LoadTransaction::Lead(*session, target->relations, {});
  if (!leader.ok()) return leader.status();
  auto plan = PlanSource(*session, spec, target->origin, {});
  if (!plan.ok()) return plan.status();
  PostgresRowSource source(*session, spec.name, *std::move(plan));
  auto deriver = DeriverOf(spec, source.schema());
  if (!deriver.ok()) return deriver.status();
  auto builder = TableBuilder::Create(source.schema(), TestBudget(),
                                      {.chunk_rows = 1000, .deriver = *std::move(deriver)});
  if (!builder.ok()) return builder.status();
  const auto statistics = source.ReadAll(**builder, [](const ReadStatistics&) {}, {});
  if (!statistics.ok()) return statistics.status();
  return (*builder)->Finish({.dataset = spec.name, .version = 1});
}

std::string MessageOf(const absl::Status& status) { return std::string(status.message()); }

}  // namespace sextant
