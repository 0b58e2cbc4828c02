#include "storage/source_check.h"

#include <memory>
#include <stop_token>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/column/tenant_key.h"
#include "compute/memory/status_macros.h"
#include "storage/postgres/load_transaction.h"
#include "storage/postgres/source_plan.h"
#include "storage/postgres_source.h"

namespace sextant {

absl::StatusOr<Schema> DescribeDataset(const SourceSpec& source, const DatasetSpec& dataset) {
  const std::stop_token never;
  SEXTANT_ASSIGN_OR_RETURN(
      const std::unique_ptr<PostgresSession> session,
      PostgresSession::Open(SessionOptionsOf(source, RefresherOptions()), never));
  SEXTANT_ASSIGN_OR_RETURN(const SourceTarget target, ResolveTarget(*session, dataset, never));
  // The locks of a load are what needs the SELECT privilege.
  SEXTANT_ASSIGN_OR_RETURN(LoadTransaction transaction,
                           LoadTransaction::Lead(*session, target.relations, never));
  SEXTANT_ASSIGN_OR_RETURN(SourcePlan plan, PlanSource(*session, dataset, target.origin, never));
  transaction.End();
  if (const auto tenant = plan.schema.tenant_column(); tenant.has_value()) {
    const absl::Status status = CheckTenantField(plan.schema.field(*tenant));
    if (!status.ok()) {
      return absl::FailedPreconditionError(
          absl::StrCat("dataset '", dataset.name, "': ", status.message()));
    }
  }
  return std::move(plan.schema);
}

}  // namespace sextant
