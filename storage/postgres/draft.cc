#include "storage/postgres/draft.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/memory/status_macros.h"
#include "storage/postgres/identifier.h"
#include "storage/postgres/missing_grants.h"
#include "storage/postgres/session.h"
#include "storage/postgres/source_schema.h"
#include "storage/postgres/type_map.h"

namespace sextant {
namespace {

constexpr std::array<std::string_view, 8> kTenantNames = {
    "tenant_id",       "tenant", "account_id",   "organization_id",
    "organisation_id", "org_id", "workspace_id", "customer_id"};
constexpr std::array<std::string_view, 4> kWatermarkNames = {"updated_at", "modified_at",
                                                             "last_modified", "updated"};

struct TableFacts {
  SourceRelation relation;
  std::vector<SourceColumn> columns;  // not row-proportional: one per column
  SourceEstimate estimate;
  std::vector<std::string> key;  // not row-proportional: the columns of the primary key
};

/// A text as a YAML scalar in single quotes, unless it is a plain word.
std::string YamlText(const std::string& text) {
  const bool is_plain = !text.empty() &&
                        absl::ascii_isalpha(static_cast<unsigned char>(text.front())) &&
                        std::all_of(text.begin(), text.end(), [](unsigned char c) {
                          return absl::ascii_isalnum(c) || c == '_' || c == '.' || c == '-';
                        });
  const std::string lower = absl::AsciiStrToLower(text);
  const bool is_word = lower == "true" || lower == "false" || lower == "null" || lower == "yes" ||
                       lower == "no" || lower == "on" || lower == "off" || lower == "y" ||
                       lower == "n";
  if (is_plain && !is_word) return text;
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') quoted += '\'';
    quoted += c;
  }
  return quoted + "'";
}

/// A name that the catalogue accepts, made of the table's.
std::string DatasetName(const std::string& table) {
  std::string name;
  for (const unsigned char c : table)
    name += absl::ascii_isalnum(c) || c == '_' || c == '-' ? static_cast<char>(c) : '_';
  if (name.empty() || !absl::ascii_isalpha(static_cast<unsigned char>(name.front())))
    name = "t_" + name;
  return name.substr(0, 63);
}

absl::StatusOr<std::vector<std::string>> PrimaryKey(PostgresSession& session,
                                                    const SourceRelation& relation) {
  const std::string sql = absl::StrCat(
      "SELECT a.attname FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH "
      "ORDINALITY AS k(attnum, place) "
      "JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum "
      "WHERE i.indisprimary AND i.indrelid = ",
      relation.oid, " ORDER BY k.place");
  SEXTANT_ASSIGN_OR_RETURN(const std::vector<TextRow> rows, session.Query("primary key", sql, {}));
  std::vector<std::string> names;
  for (const TextRow& row : rows) names.push_back(row.at(0).value_or(""));
  return names;
}

/// As a person would write it, where no quotes are needed.
std::string TableName(const SourceRelation& relation) {
  const std::string plain = absl::StrCat(relation.schema, ".", relation.name);
  const bool needs_quotes = !std::all_of(plain.begin(), plain.end(), [](unsigned char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_' || c == '.';
  });
  const bool is_ambiguous = std::count(plain.begin(), plain.end(), '.') != 1;
  return needs_quotes || is_ambiguous ? relation.Quoted() : plain;
}

/// `text` on one line: a name may hold anything, and a comment ends with its line.
std::string OneLine(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return absl::ascii_iscntrl(c); }, '?');
  return text;
}

template <size_t kSize>
std::optional<std::string> FirstOf(const std::array<std::string_view, kSize>& names,
                                   const TableFacts& facts) {
  for (const std::string_view name : names) {
    for (const SourceColumn& column : facts.columns) {
      if (column.name == name) return column.name;
    }
  }
  return std::nullopt;
}

bool IsUnboundedNumeric(const SourceColumn& column) {
  return !column.is_array && column.type_oid == kNumericOid && column.typmod < 0;
}

/// The type as the table declares it: the name of a numeric alone would read as one without
/// precision.
std::string TypeText(const SourceColumn& column) {
  if (column.is_array || column.type_oid != kNumericOid || column.typmod < 0)
    return column.type_name;
  const absl::StatusOr<PlannedColumn> planned = MapColumn(column, {});
  return planned.ok() ? TypeName(planned->field.type) : column.type_name;
}

void AppendColumns(const TableFacts& facts, std::string& yaml) {
  std::vector<std::string> types;  // not row-proportional: lines of the stanza
  std::vector<std::string> zones;  // not row-proportional: lines of the stanza
  for (const SourceColumn& column : facts.columns) {
    if (IsUnboundedNumeric(column)) {
      types.push_back(
          absl::StrCat("        ", YamlText(column.name),
                       ": numeric(18,4)  # numeric without a precision: declare one that fits\n"));
    }
    if (!column.is_array && column.type_oid == kTimestampOid) {
      zones.push_back(absl::StrCat("        ", YamlText(column.name),
                                   ": UTC  # timestamp without a zone: whose is it?\n"));
    }
  }
  if (types.empty() && zones.empty()) return;
  absl::StrAppend(&yaml, "    columns:\n");
  if (!types.empty()) absl::StrAppend(&yaml, "      types:\n", absl::StrJoin(types, ""));
  if (!zones.empty()) absl::StrAppend(&yaml, "      zones:\n", absl::StrJoin(zones, ""));
}

std::string Render(const TableFacts& facts) {
  const std::string qualified = TableName(facts.relation);
  const double megabytes = static_cast<double>(facts.estimate.rows) *
                           static_cast<double>(facts.estimate.row_bytes) / 1e6;
  std::string yaml =
      absl::StrCat("# About ", facts.estimate.rows, " rows, as plain values about ",
                   static_cast<int64_t>(megabytes) + 1,
                   " MB; a refresh holds the old and the new version.\n# The role that loads it "
                   "needs:\n#   GRANT USAGE ON SCHEMA ",
                   OneLine(QuoteIdentifier(facts.relation.schema)),
                   " TO ...;\n#   GRANT SELECT ON ", OneLine(qualified), " TO ...;\n");
  absl::StrAppend(&yaml, "datasets:\n  - name: ", YamlText(DatasetName(facts.relation.name)),
                  "\n    source: warehouse  # the name of an entry of sources:\n    table: ",
                  YamlText(qualified), "\n");
  if (!facts.key.empty()) {
    absl::StrAppend(&yaml, "    key: [",
                    absl::StrJoin(facts.key, ", ",
                                  [](std::string* out, const std::string& name) {
                                    out->append(YamlText(name));
                                  }),
                    "]\n");
  }
  if (const auto tenant = FirstOf(kTenantNames, facts)) {
    absl::StrAppend(&yaml, "    # tenant: ", YamlText(*tenant),
                    "  # if each row belongs to one tenant\n");
  }
  if (const auto watermark = FirstOf(kWatermarkNames, facts)) {
    absl::StrAppend(&yaml, "    # watermark: ", YamlText(*watermark),
                    "  # not supported by this version: full refreshes\n");
  }
  AppendColumns(facts, yaml);
  for (const SourceColumn& column : facts.columns) {
    absl::StrAppend(&yaml, "    # ", OneLine(column.name), ": ", OneLine(TypeText(column)),
                    column.nullable ? "" : " not null", "\n");
  }
  return yaml;
}

/// `name` becomes that of the table in full, once it is found.
absl::StatusOr<TableFacts> ReadFacts(PostgresSession& session, std::string& name) {
  TableFacts facts;
  SEXTANT_ASSIGN_OR_RETURN(facts.relation, ResolveTable(session, name, {}));
  name = facts.relation.Quoted();
  const std::string select = absl::StrCat("SELECT * FROM ", name);
  SEXTANT_ASSIGN_OR_RETURN(facts.columns, DescribeColumns(session, select, {}));
  SEXTANT_ASSIGN_OR_RETURN(facts.estimate, EstimateRows(session, select, {}));
  SEXTANT_ASSIGN_OR_RETURN(facts.key, PrimaryKey(session, facts.relation));
  return facts;
}

}  // namespace

absl::StatusOr<std::string> DraftDataset(const std::string& conninfo, const std::string& table) {
  SessionOptions options;
  options.source_name = "--source";
  options.conninfo = conninfo;
  SEXTANT_ASSIGN_OR_RETURN(const std::unique_ptr<PostgresSession> session,
                           PostgresSession::Open(options, {}));
  std::string name = table;
  const absl::StatusOr<TableFacts> facts = ReadFacts(*session, name);
  if (!facts.ok()) return WithMissingGrants(*session, name, facts.status());
  return Render(*facts);
}

}  // namespace sextant
