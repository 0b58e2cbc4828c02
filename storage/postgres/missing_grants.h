#pragma once

#include <string>

#include "absl/status/status.h"
#include "storage/postgres/session.h"

namespace sextant {

/// `status` as it is, unless PostgreSQL refused to read `table` (SQLSTATE 42501, a name as SQL
/// reads it) and the catalogue says what the session's role lacks for it: then with the statements
/// to run as the owner, `; needed: GRANT USAGE ON SCHEMA shop TO reader; GRANT SELECT ON
/// shop.orders TO reader`, or `ALTER ROLE reader BYPASSRLS` where row-level security would hide
/// rows. One query of pg_catalog, in case of that error only. REQUIRES: no transaction is open.
absl::Status WithMissingGrants(PostgresSession& session, const std::string& table,
                               const absl::Status& status);

}  // namespace sextant
