#include "storage/postgres/source_schema.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/memory/string_view_bridge.h"
#include "compute/plan/nearest_names.h"

namespace sextant {
namespace {

constexpr char kRelationColumns[] =
    "c.oid, n.nspname, c.relname, c.relkind, "
    "pg_catalog.has_table_privilege(c.oid, 'SELECT') FROM pg_catalog.pg_class AS c "
    "JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace ";

struct TypeRow {
  std::string name;
  char kind = 'b';
  uint32_t base_oid = 0;  // of a domain
  int32_t base_typmod = -1;
  uint32_t element_oid = 0;  // of a true array
  bool is_collatable = false;
  std::vector<std::string> enum_labels;  // not row-proportional: declared labels
};
using TypeCatalog = std::map<uint32_t, TypeRow>;

uint32_t OidOf(const std::optional<std::string>& text) {
  uint32_t oid = 0;
  return text.has_value() && absl::SimpleAtoi(*text, &oid) ? oid : 0;
}

SourceRelation RelationOf(const TextRow& row) {
  SourceRelation relation;
  relation.oid = OidOf(row[0]);
  relation.schema = row[1].value_or("");
  relation.name = row[2].value_or("");
  relation.kind = row[3].value_or("r")[0];
  relation.is_selectable = row[4] == "t";
  return relation;
}

absl::Status NoSuchTable(PostgresSession& session, const std::string& name, std::stop_token stop) {
  std::vector<std::string> names;
  const auto rows = session.Query(
      "listing the tables",
      "SELECT CASE WHEN pg_catalog.pg_table_is_visible(c.oid) THEN c.relname ELSE "
      "pg_catalog.concat(n.nspname, '.', c.relname) END FROM pg_catalog.pg_class AS c "
      "JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace "
      "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition "
      "AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') LIMIT 10000",
      std::move(stop));
  if (!rows.ok()) return rows.status();
  for (const TextRow& row : *rows) names.push_back(row[0].value_or(""));
  return absl::FailedPreconditionError(absl::StrCat("source '", session.options().source_name,
                                                    "': no table '", name, "'",
                                                    DidYouMean(name, names)));
}

// One round through pg_type for `oids`.
absl::Status AddTypes(PostgresSession& session, const std::vector<uint32_t>& oids,
                      TypeCatalog& catalog, std::stop_token stop) {
  const auto rows = session.Query(
      "reading the types",
      absl::StrCat(
          "SELECT t.oid, pg_catalog.format_type(t.oid, NULL), t.typtype, t.typbasetype, "
          "t.typtypmod, CASE WHEN e.typarray = t.oid THEN e.oid END, t.typcollation <> 0, l.label "
          "FROM pg_catalog.pg_type AS t LEFT JOIN pg_catalog.pg_type AS e ON e.oid = t.typelem "
          "LEFT JOIN LATERAL (SELECT enumlabel AS label, enumsortorder FROM pg_catalog.pg_enum "
          "WHERE enumtypid = t.oid) AS l ON true "
          "WHERE t.oid = ANY ('",
          OidArrayText(oids), "'::pg_catalog.oid[]) ORDER BY t.oid, l.enumsortorder"),
      std::move(stop));
  if (!rows.ok()) return rows.status();
  for (const TextRow& row : *rows) {
    TypeRow& type = catalog[OidOf(row[0])];
    type.name = row[1].value_or("");
    type.kind = row[2].value_or("b")[0];
    type.base_oid = OidOf(row[3]);
    if (!absl::SimpleAtoi(row[4].value_or("-1"), &type.base_typmod)) type.base_typmod = -1;
    type.element_oid = OidOf(row[5]);
    type.is_collatable = row[6] == "t";
    if (row[7].has_value()) type.enum_labels.push_back(*row[7]);
  }
  return absl::OkStatus();
}

// The types of the columns, what domains stand for, and what arrays consist of.
absl::StatusOr<TypeCatalog> ReadTypes(PostgresSession& session,
                                      const std::vector<StatementColumn>& columns,
                                      std::stop_token stop) {
  TypeCatalog catalog;
  std::set<uint32_t> wanted;
  for (const StatementColumn& column : columns) wanted.insert(column.type_oid);
  while (!wanted.empty()) {
    const std::vector<uint32_t> oids(wanted.begin(), wanted.end());
    if (absl::Status status = AddTypes(session, oids, catalog, stop); !status.ok()) return status;
    wanted.clear();
    for (const uint32_t oid : oids) {
      const auto found = catalog.find(oid);
      if (found == catalog.end()) {
        return absl::FailedPreconditionError(absl::StrCat("source '", session.options().source_name,
                                                          "': type ", oid,
                                                          " was dropped while it was described"));
      }
      for (const uint32_t next : {found->second.base_oid, found->second.element_oid}) {
        if (next != 0 && !catalog.contains(next)) wanted.insert(next);
      }
    }
  }
  return catalog;
}

// Follows domains from (oid, typmod) to what they stand for.
std::pair<uint32_t, int32_t> ResolveDomain(const TypeCatalog& catalog, uint32_t oid,
                                           int32_t typmod) {
  for (const TypeRow* type = &catalog.at(oid); type->kind == 'd'; type = &catalog.at(oid)) {
    oid = type->base_oid;
    typmod = type->base_typmod;
  }
  return {oid, typmod};
}

SourceColumn ColumnOf(const StatementColumn& column, const TypeCatalog& catalog) {
  SourceColumn described;
  described.name = column.name;
  described.type_name = catalog.at(column.type_oid).name;
  std::tie(described.type_oid, described.typmod) =
      ResolveDomain(catalog, column.type_oid, column.typmod);
  const TypeRow& type = catalog.at(described.type_oid);
  described.type_kind = type.kind;
  described.enum_labels = type.enum_labels;
  described.is_collatable = type.is_collatable;
  if (type.element_oid != 0) {
    described.is_array = true;
    described.element_oid = type.element_oid;
    described.element_base_oid = ResolveDomain(catalog, type.element_oid, -1).first;
  }
  return described;
}

// A child table may lack its parent's NOT NULL; a partition may not.
absl::Status MarkNotNull(PostgresSession& session, const std::vector<StatementColumn>& results,
                         std::vector<SourceColumn>& columns, std::stop_token stop) {
  std::vector<std::string> origins;
  for (const StatementColumn& result : results) {
    if (result.origin_relation_oid == 0) continue;
    origins.push_back(absl::StrCat("(", result.origin_relation_oid, "::pg_catalog.oid, ",
                                   result.origin_attribute, ")"));
  }
  if (origins.empty()) return absl::OkStatus();
  const auto rows = session.Query(
      "reading the columns",
      absl::StrCat(
          "SELECT a.attrelid, a.attnum FROM pg_catalog.pg_attribute AS a "
          "JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid "
          "WHERE a.attnotnull AND (c.relkind = 'p' OR c.relkind = 'r' AND NOT c.relhassubclass) "
          "AND (a.attrelid, a.attnum) IN (",
          absl::StrJoin(origins, ", "), ")"),
      std::move(stop));
  if (!rows.ok()) return rows.status();
  std::set<std::pair<uint32_t, uint32_t>> not_null;
  for (const TextRow& row : *rows) not_null.emplace(OidOf(row[0]), OidOf(row[1]));
  for (size_t index = 0; index < results.size(); ++index) {
    const auto attribute = static_cast<uint32_t>(results[index].origin_attribute);
    columns[index].nullable = !not_null.contains({results[index].origin_relation_oid, attribute});
  }
  return absl::OkStatus();
}

template <typename Number>
Number NumberAfter(std::string_view text, std::string_view label) {
  Number value{};
  const size_t at = text.rfind(label);
  if (at == std::string_view::npos) return value;
  const char* const begin = text.data() + at + label.size();
  std::from_chars(begin, text.data() + text.size(), value);
  return value;
}

}  // namespace

absl::StatusOr<SourceRelation> ResolveTable(PostgresSession& session, const std::string& name,
                                            std::stop_token stop) {
  const auto rows = session.Query(absl::StrCat("finding table '", name, "'"),
                                  absl::StrCat("SELECT ", kRelationColumns,
                                               "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') "
                                               "AND c.oid = pg_catalog.to_regclass(",
                                               QuoteLiteral(name), ")"),
                                  stop);
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return NoSuchTable(session, name, std::move(stop));
  return RelationOf(rows->front());
}

absl::StatusOr<std::vector<SourceRelation>> RelationsRead(PostgresSession& session,
                                                          const std::string& select,
                                                          std::stop_token stop) {
  constexpr char kWhat[] = "finding the tables of the query";
  const auto explain = [&]() -> absl::StatusOr<std::vector<TextRow>> {
    const auto began = session.Query(kWhat, "BEGIN READ ONLY", stop);
    if (!began.ok()) return began.status();
    const auto plan = session.Query(kWhat, "EXPLAIN " + select, stop);
    if (!plan.ok()) return plan.status();
    return session.Query(
        kWhat,
        absl::StrCat("SELECT ", kRelationColumns,
                     "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') "
                     "AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') "
                     "AND c.oid IN (SELECT relation FROM pg_catalog.pg_locks "
                     "WHERE pid = pg_catalog.pg_backend_pid() AND locktype = 'relation') "
                     "ORDER BY c.oid"),
        stop);
  };
  const absl::StatusOr<std::vector<TextRow>> rows = explain();
  if (session.IsUsable()) {
    const auto ended = session.Query(kWhat, "ROLLBACK", std::stop_token());
    if (!ended.ok()) return ended.status();
  }
  if (!rows.ok()) return rows.status();
  std::vector<SourceRelation> relations;
  for (const TextRow& row : *rows) relations.push_back(RelationOf(row));
  return relations;
}

absl::StatusOr<std::vector<SourceColumn>> DescribeColumns(PostgresSession& session,
                                                          const std::string& select,
                                                          std::stop_token stop) {
  const auto results = session.Describe("describing the columns", select, stop);
  if (!results.ok()) return results.status();
  const auto catalog = ReadTypes(session, *results, stop);
  if (!catalog.ok()) return catalog.status();
  std::vector<SourceColumn> columns;
  std::set<std::string> names;
  for (const StatementColumn& result : *results) {
    if (!names.insert(result.name).second) {
      return absl::FailedPreconditionError(absl::StrCat("source '", session.options().source_name,
                                                        "': two columns are called '", result.name,
                                                        "'; give one another name with AS"));
    }
    columns.push_back(ColumnOf(result, *catalog));
  }
  if (absl::Status status = MarkNotNull(session, *results, columns, stop); !status.ok()) {
    return status;
  }
  return columns;
}

SourceEstimate ParseEstimate(std::string_view plan_line) {
  SourceEstimate estimate;
  estimate.rows = NumberAfter<int64_t>(plan_line, " rows=");
  estimate.row_bytes = NumberAfter<int64_t>(plan_line, " width=");
  const size_t cost = plan_line.rfind("(cost=");
  if (cost != std::string_view::npos) {
    estimate.planner_cost = NumberAfter<double>(plan_line.substr(cost), "..");
  }
  return estimate;
}

absl::StatusOr<SourceEstimate> EstimateRows(PostgresSession& session, const std::string& select,
                                            std::stop_token stop) {
  const auto rows = session.Query("estimating the rows", "EXPLAIN " + select, std::move(stop));
  if (!rows.ok()) return rows.status();
  return rows->empty() ? SourceEstimate() : ParseEstimate(rows->front()[0].value_or(""));
}

absl::StatusOr<const SourceColumn*> FindColumn(const std::vector<SourceColumn>& columns,
                                               std::string_view name, std::string_view what) {
  std::vector<std::string> names;
  for (const SourceColumn& column : columns) {
    if (column.name == name) return &column;
    names.push_back(column.name);
  }
  return absl::FailedPreconditionError(absl::StrCat(ToAbsl(what), ": the source has no column '",
                                                    ToAbsl(name), "'", DidYouMean(name, names)));
}

}  // namespace sextant
