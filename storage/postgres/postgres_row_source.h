#pragma once

#include <string>

#include "storage/postgres/session.h"
#include "storage/postgres/source_plan.h"
#include "storage/row_source.h"

namespace sextant {

/// Reads one dataset over a session by binary COPY. A load of a group is:
///
///   session = PostgresSession::Open(..)
///   target  = ResolveTarget(session, spec)                for every dataset of the group
///   leader  = LoadTransaction::Lead(session, relations of all targets)
///   plan    = PlanSource(session, spec, target.origin)    inside the transaction
///   PostgresRowSource(session, spec.name, plan).ReadAll(builder, ..)
///
/// Other sessions join with LoadTransaction::Follow and read datasets of the group at the same
/// time.
class PostgresRowSource final : public RowSource {
 public:
  /// `session` outlives the source, and is inside the transaction in which `plan` was made.
  PostgresRowSource(PostgresSession& session, std::string dataset_name, SourcePlan plan);

  const Schema& schema() const override { return plan_.schema; }
  uint64_t expected_rows() const override;
  absl::StatusOr<ReadStatistics> ReadAll(TableBuilder& builder,
                                         absl::FunctionRef<void(const ReadStatistics&)> on_progress,
                                         std::stop_token stop) override;

 private:
  PostgresSession& session_;
  const std::string dataset_name_;
  const SourcePlan plan_;
};

}  // namespace sextant
