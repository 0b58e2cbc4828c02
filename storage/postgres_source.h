#pragma once

#include "absl/status/statusor.h"
#include "compute/memory/clock.h"
#include "compute/memory/memory_budget.h"
#include "storage/postgres/session.h"
#include "storage/refresher.h"
#include "storage/source_connection.h"
#include "storage/table_cache.h"

namespace sextant {

/// What the connections of every source share. All of it outlives them.
struct LoadEnvironment {
  TableCache& cache;  // gives versions and published schemas, takes progress
  MemoryBudget& budget;
  const DeriverFactory& make_deriver;  // may be empty
  const Clock& clock;
  const RefresherOptions& options;
};

/// How sessions to `source` are opened.
SessionOptions SessionOptionsOf(const SourceSpec& source, const RefresherOptions& options);

/// Connections to a PostgreSQL source: a leader resolves and locks the tables of its group, takes
/// and exports the snapshot and plans every dataset in it; followers import that snapshot. A
/// dataset whose source has lost or retyped a column since the published version is refused
/// (schema_drift); columns that were added are not read.
ConnectionFactory ConnectToPostgres(const SourceSpec& source, const LoadEnvironment& environment);

}  // namespace sextant
