#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace sextant {

/// A first `datasets:` stanza for `table` of the database at `conninfo`, from what pg_catalog
/// knows: key, a guess at the tenant, columns that need a declaration, the grants a loading role
/// needs, expected rows and memory. Guesses stand in comments. YAML, with a newline at the end.
/// Reads no rows; runs EXPLAIN once. Errors: those of PostgresSession::Open and ResolveTable; what
/// to grant a role that may not read the table; never the conninfo.
absl::StatusOr<std::string> DraftDataset(const std::string& conninfo, const std::string& table);

}  // namespace sextant
