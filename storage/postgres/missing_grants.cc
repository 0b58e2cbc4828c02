#include "storage/postgres/missing_grants.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "storage/postgres/identifier.h"
#include "storage/postgres/pqxx_status.h"

namespace sextant {
namespace {

constexpr char kInsufficientPrivilege[] = "42501";

/// What the role may do with the schema and the table of a qualified name. pg_catalog shows both to
/// a role that may not use either. A name without a schema has no row: then what is refused is none
/// of the two.
std::string PrivilegesSql(const std::string& table) {
  return absl::StrCat(
      "SELECT pg_catalog.quote_ident(current_user), pg_catalog.quote_ident(n.nspname), "
      "pg_catalog.has_schema_privilege(n.oid, 'USAGE'), pg_catalog.quote_ident(c.relname), "
      "pg_catalog.has_table_privilege(c.oid, 'SELECT'), pg_catalog.row_security_active(c.oid) "
      "FROM (SELECT pg_catalog.parse_ident(",
      QuoteLiteral(table),
      ")) AS t(parts) JOIN pg_catalog.pg_namespace AS n "
      "ON n.nspname = parts[pg_catalog.cardinality(parts) - 1] "
      "LEFT JOIN pg_catalog.pg_class AS c "
      "ON c.relnamespace = n.oid AND c.relname = parts[pg_catalog.cardinality(parts)]");
}

std::vector<std::string> MissingGrants(const TextRow& row) {
  const std::string role = row[0].value_or("");
  const std::string schema = row[1].value_or("");
  std::vector<std::string> grants;
  if (row[2] == "f") grants.push_back(absl::StrCat("GRANT USAGE ON SCHEMA ", schema, " TO ", role));
  if (row[4] == "f") {
    grants.push_back(
        absl::StrCat("GRANT SELECT ON ", schema, ".", row[3].value_or(""), " TO ", role));
  }
  if (row[5] == "t") grants.push_back(absl::StrCat("ALTER ROLE ", role, " BYPASSRLS"));
  return grants;
}

}  // namespace

absl::Status WithMissingGrants(PostgresSession& session, const std::string& table,
                               const absl::Status& status) {
  if (SqlstateOf(status) != kInsufficientPrivilege) return status;
  const auto rows = session.Query("finding what to grant", PrivilegesSql(table), {});
  if (!rows.ok() || rows->empty()) return status;
  const std::vector<std::string> grants = MissingGrants(rows->front());
  if (grants.empty()) return status;
  absl::Status told(status.code(),
                    absl::StrCat(status.message(), "; needed: ", absl::StrJoin(grants, "; ")));
  status.ForEachPayload(
      [&](absl::string_view url, const absl::Cord& payload) { told.SetPayload(url, payload); });
  return told;
}

}  // namespace sextant
