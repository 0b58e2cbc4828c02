#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "compute/column/table.h"
#include "storage/dataset_spec.h"
#include "storage/postgres/session.h"
#include "storage/postgres/source_plan.h"

namespace sextant {

/// A session with short limits, for tests.
SessionOptions TestSessionOptions(const std::string& conninfo);
std::unique_ptr<PostgresSession> OpenTestSession(const std::string& conninfo);

/// A dataset called `d` over a table, or over a query.
DatasetSpec TableDataset(std::string table);
DatasetSpec QueryDataset(std::string query);

/// Plans a dataset in a load transaction of its own.
absl::StatusOr<SourcePlan> PlanDataset(const std::string& conninfo, const DatasetSpec& spec);

/// Loads a dataset as the loader does.
absl::StatusOr<std::shared_ptr<const Table>> LoadDataset(const std::string& conninfo,
                                                         const DatasetSpec& spec);

/// The message of a status, as gMock likes it.
std::string MessageOf(const absl::Status& status);

}  // namespace sextant
