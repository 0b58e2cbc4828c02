#include "storage/postgres/query_sql/source_rows.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/child_column.h"
#include "storage/postgres/identifier.h"
#include "storage/postgres/query_sql/constant_sql.h"
#include "storage/postgres/query_sql/expression_sql.h"
#include "storage/postgres/query_sql/linked_sources.h"
#include "storage/postgres/query_sql/predicate_sql.h"
#include "storage/postgres/query_sql/zone_sql.h"

namespace sextant {
namespace {

/// A query may end with a semicolon or a comment, as people write it: the newline ends that.
std::string FromItem(const DatasetSpec& spec) {
  if (!spec.table.empty()) return spec.table;
  absl::string_view query = absl::StripAsciiWhitespace(spec.query);
  while (absl::ConsumeSuffix(&query, ";")) query = absl::StripTrailingAsciiWhitespace(query);
  return absl::StrCat("(\n", query, "\n) AS source");
}

bool IsTime(const DataType& type) {
  const TypeKind kind = type.kind == TypeKind::kList ? type.element : type.kind;
  return kind == TypeKind::kTimestamp || kind == TypeKind::kDate || kind == TypeKind::kInterval;
}

/// A timestamp with time zone, or a local one of UTC: which it is, PostgreSQL finds.
std::string InstantSqlOf(const std::string& column) {
  return absl::StrCat(
      "CASE WHEN pg_typeof(", column, " AT TIME ZONE 'UTC') = 'timestamptz'::regtype THEN CAST(",
      column, " AT TIME ZONE 'UTC' AS timestamptz) ELSE CAST(", column, " AS timestamptz) END");
}

/// The list of `value` of each element e.
std::string ElementsSql(const std::string& list, const std::string& value) {
  return absl::StrCat("CASE WHEN ", list, " IS NOT NULL THEN ARRAY(SELECT ", value, " FROM unnest(",
                      list, ") WITH ORDINALITY AS u(e, n) ORDER BY n) END");
}

bool IsDerived(const DatasetSpec& spec, const std::string& column) {
  return std::any_of(spec.derived.begin(), spec.derived.end(),
                     [&](const DerivedSpec& derived) { return derived.name == column; });
}

}  // namespace

absl::StatusOr<SourceRows> SourceRows::Create(std::shared_ptr<const Schema> schema,
                                              const DatasetSpec& spec, std::string name,
                                              LinkedSources* linked,
                                              std::vector<std::string>* unsupported) {
  SourceRows rows(std::move(schema), spec, std::move(name));
  rows.linked_ = linked;
  rows.unsupported_ = unsupported;
  std::vector<Field> fields;
  for (const Field& field : rows.schema_->fields()) {
    if (field.link.empty() && !IsDerived(spec, field.name)) fields.push_back(field);
  }
  rows.source_schema_ = Schema(std::move(fields));
  for (const DerivedSpec& derived : spec.derived) {
    SEXTANT_ASSIGN_OR_RETURN(BoundDerivedColumn column,
                             BindDerived(derived.name, derived.expression, rows.source_schema_));
    rows.derived_.emplace(derived.name, std::move(column));
  }
  return rows;
}

SourceRows SourceRows::OfDerived(std::shared_ptr<const Schema> schema, const DatasetSpec& spec,
                                 std::string name, std::string query,
                                 std::vector<std::string>* unsupported) {
  SourceRows rows(std::move(schema), spec, std::move(name));
  rows.unsupported_ = unsupported;
  rows.source_schema_ = *rows.schema_;
  rows.derived_query_ = std::move(query);
  return rows;
}

/// A derived column is its definition, over the columns of the source.
std::string SourceRows::ColumnSql(ColumnIndex column, const std::string& alias) {
  const Field& field = schema_->field(column);
  if (!field.link.empty()) {
    linked_used_.insert(column);
    return absl::StrCat(alias, ".", QuoteIdentifier(field.name));
  }
  const auto derived = derived_.find(field.name);
  if (derived == derived_.end()) {
    used_.insert(field.name);
    return absl::StrCat(alias, ".", QuoteIdentifier(field.name));
  }
  const SqlScope of_source = {&source_schema_,
                              [&](ColumnIndex source_column) {
                                const std::string& source =
                                    source_schema_.field(source_column).name;
                                used_.insert(source);
                                return absl::StrCat(alias, ".", QuoteIdentifier(source));
                              },
                              unsupported_};
  return ValueSql(of_source, derived->second.value);
}

std::string SourceRows::ColumnSql(const std::string& name, const std::string& alias) {
  return ColumnSql(*schema_->Find(name), alias);
}

SqlScope SourceRows::scope(const std::string& alias) {
  return {.schema = schema_.get(),
          .column = [this, alias](ColumnIndex column) { return ColumnSql(column, alias); },
          .unsupported = unsupported_,
          .exists = [this, alias](
                        const ExistsLeaf& leaf) { return linked_->ExistsSql(*this, alias, leaf); }};
}

const LinkDeclaration& SourceRows::LinkNamed(const std::string& name) const {
  return *std::find_if(spec_->links.begin(), spec_->links.end(),
                       [&](const LinkDeclaration& link) { return link.name == name; });
}

SqlScope SourceRows::scope_of_source() const {
  return {.schema = &source_schema_, .column = {}, .unsupported = unsupported_};
}

std::string SourceRows::ZoneOf(const std::string& name) const {
  return ZoneSql(scope_of_source(), name);
}

/// A timestamp without time zone becomes an instant in its zone (rule 10). Whether a column without
/// a declared zone is one, only the source knows.
std::string SourceRows::InstantColumnSql(const std::string& name) const {
  const std::string column = QuoteIdentifier(name);
  if (const auto zone = spec_->zones.find(name); zone != spec_->zones.end()) {
    return absl::StrCat("(", column, " AT TIME ZONE ", ZoneOf(zone->second), ")");
  }
  return InstantSqlOf(column);
}

std::string SourceRows::SourceColumnSql(const Field& field) const {
  const DataType& type = field.type;
  std::string column = QuoteIdentifier(field.name);
  if (const auto declared = spec_->types.find(field.name); declared != spec_->types.end()) {
    if (IsTime(type)) {
      return scope_of_source().Unsupported(
          absl::StrCat("the column '", field.name, "' of the dataset '", spec_->name,
                       "', which columns.types casts to ", declared->second,
                       ": what that gives depends on the session"));
    }
    column = absl::StrCat("CAST(", column, " AS ", declared->second, ")");
  }
  switch (type.kind) {
    case TypeKind::kInt16:
    case TypeKind::kInt32:
    case TypeKind::kInt64:
    case TypeKind::kFloat32:
    case TypeKind::kFloat64:
      return absl::StrCat("CAST(", column, " AS ", SqlTypeOf(type), ")");
    case TypeKind::kText:
      return absl::StrCat("CAST(", column, " AS text) COLLATE \"C\"");
    case TypeKind::kTimestamp:
      return InstantColumnSql(field.name);
    case TypeKind::kList: {
      const auto zone = spec_->zones.find(field.name);
      if (zone != spec_->zones.end()) {
        return ElementsSql(column, absl::StrCat("e AT TIME ZONE ", ZoneOf(zone->second)));
      }
      if (type.element == TypeKind::kTimestamp) return ElementsSql(column, InstantSqlOf("e"));
      const std::string sql_type = SqlTypeOf(type);
      return sql_type.empty() ? column : absl::StrCat("CAST(", column, " AS ", sql_type, ")");
    }
    default:
      return column;
  }
}

/// Of the result of a query, which shows durations in seconds.
std::string SourceRows::DerivedColumnSql(const Field& field) const {
  const std::string column = QuoteIdentifier(field.name);
  if (field.type.kind == TypeKind::kDuration) {
    return absl::StrCat("CAST(round(", column, " * 1000000) AS bigint)");
  }
  return field.type.kind == TypeKind::kText ? absl::StrCat(column, " COLLATE \"C\"") : column;
}

std::string SourceRows::SourceExpression(const TenantClaim& claim) const {
  std::vector<std::string> columns;
  for (const Field& field : source_schema_.fields()) {
    if (!used_.contains(field.name)) continue;
    const std::string value = derived_query_ ? DerivedColumnSql(field) : SourceColumnSql(field);
    columns.push_back(absl::StrCat(value, " AS ", QuoteIdentifier(field.name)));
  }
  if (columns.empty()) columns.emplace_back("1 AS one");
  std::vector<std::string> conditions;
  if (!derived_query_ && !spec_->where.empty())
    conditions.push_back(absl::StrCat("(\n", spec_->where, "\n)"));
  if (const auto tenant = schema_->tenant_column()) {
    // Without a claim nobody's rows are reached.
    conditions.push_back(claim.tenant()
                             ? absl::StrCat("CAST(", QuoteIdentifier(schema_->field(*tenant).name),
                                            " AS text) = ", QuoteLiteral(*claim.tenant()))
                             : "false");
  }
  return absl::StrCat(
      source_name(), " AS (\n  SELECT ", absl::StrJoin(columns, ",\n         "), "\n  FROM ",
      derived_query_ ? absl::StrCat("(\n", *derived_query_, "\n) AS source") : FromItem(*spec_),
      conditions.empty() ? "" : "\n  WHERE " + absl::StrJoin(conditions, "\n    AND "), "\n)");
}

std::optional<std::string> SourceRows::LinkedExpression() {
  if (linked_used_.empty()) return std::nullopt;
  std::vector<std::string> columns = {"r.*"};
  std::string joins;
  std::map<std::string, std::string> alias_of_link;
  for (const ColumnIndex column : linked_used_) {
    const Field& field = schema_->field(column);
    const auto child = std::find_if(spec_->children.begin(), spec_->children.end(),
                                    [&](const auto& one) { return one.name == field.name; });
    const std::string name = " AS " + QuoteIdentifier(field.name);
    if (child != spec_->children.end()) {
      columns.push_back(ChildSql(*child, absl::StrCat("c", column), joins) + name);
      continue;
    }
    const LinkDeclaration& link = LinkNamed(field.link);
    SourceRows& target = linked_->SourceOf(*this, link.name);
    const auto [alias, is_new] =
        alias_of_link.try_emplace(link.name, absl::StrCat("l", alias_of_link.size()));
    if (is_new) {
      std::vector<std::string> pairs;
      for (size_t i = 0; i < link.own.size(); ++i) {
        pairs.push_back(absl::StrCat(target.ColumnSql(link.other[i], alias->second), " = ",
                                     ColumnSql(link.own[i], "r")));
      }
      absl::StrAppend(&joins, "\n  LEFT JOIN ", target.source_name(), " AS ", alias->second, " ON ",
                      absl::StrJoin(pairs, " AND "));
    }
    const std::string attribute = field.name.substr(field.link.size() + 1);
    columns.push_back(target.ColumnSql(attribute, alias->second) + name);
  }
  return absl::StrCat(linked_name(), " AS (\n  SELECT ", absl::StrJoin(columns, ", "), "\n  FROM ",
                      source_name(), " AS r", joins, "\n)");
}

/// The linked rows by the columns that they are found by, which are joined as `alias`; the value.
std::string SourceRows::ChildSql(const ChildDeclaration& declared, const std::string& alias,
                                 std::string& joins) {
  std::vector<LinkedSchema> schemas;
  std::vector<std::shared_ptr<const Schema>> kept;
  for (const SchemaLink& link : schema_->links()) {
    kept.push_back(link.target.lock());
    schemas.push_back({link.name, kept.back().get()});
  }
  const auto bound = BindChildColumn(declared.name, declared.expression, schemas);
  if (!bound.ok()) return scope_of_source().Unsupported(std::string(bound.status().message()));
  const LinkDeclaration& link = LinkNamed(schemas[bound->link].link);
  SourceRows& target = linked_->SourceOf(*this, link.name);
  std::string from = absl::StrCat(target.source_name(), " AS t");
  std::vector<std::string> keys;
  for (const std::string& other : link.other) keys.push_back(target.ColumnSql(other, "t"));
  if (!link.via.empty()) {
    // Pairs of a bridge count once.
    SourceRows& bridge = linked_->BridgeOf(*this, link.name);
    std::vector<std::string> pairs;
    std::vector<std::string> matches;
    for (size_t i = 0; i < link.other.size(); ++i) {
      pairs.push_back(absl::StrCat(bridge.ColumnSql(link.bridge_other[i], "v"), " AS to_", i));
      matches.push_back(absl::StrCat("b.to_", i, " = ", keys[i]));
    }
    keys.clear();
    for (size_t i = 0; i < link.own.size(); ++i) {
      pairs.push_back(absl::StrCat(bridge.ColumnSql(link.bridge_own[i], "v"), " AS from_", i));
      keys.push_back(absl::StrCat("b.from_", i));
    }
    from = absl::StrCat("(SELECT DISTINCT ", absl::StrJoin(pairs, ", "), " FROM ",
                        bridge.source_name(), " AS v) AS b JOIN ", from, " ON ",
                        absl::StrJoin(matches, " AND "));
  }
  std::vector<std::string> columns;
  std::vector<std::string> found;
  for (size_t i = 0; i < keys.size(); ++i) {
    columns.push_back(absl::StrCat(keys[i], " AS key_", i));
    found.push_back(absl::StrCat(alias, ".key_", i, " = ", ColumnSql(link.own[i], "r")));
  }
  const bool is_rows = bound->kind == AggregateKind::kCountRows;
  const bool is_count = is_rows || bound->kind == AggregateKind::kCount;
  const char* const function = is_count                             ? "count("
                               : bound->kind == AggregateKind::kMin ? "min("
                                                                    : "max(";
  columns.push_back(
      absl::StrCat(function, is_rows ? "*" : target.ColumnSql(bound->column, "t"), ") AS value"));
  const std::string filter =
      bound->filter ? absl::StrCat(" WHERE ", PredicateSql(target.scope("t"), *bound->filter)) : "";
  absl::StrAppend(&joins, "\n  LEFT JOIN (SELECT ", absl::StrJoin(columns, ", "), " FROM ", from,
                  filter, " GROUP BY ", absl::StrJoin(keys, ", "), ") AS ", alias, " ON ",
                  absl::StrJoin(found, " AND "));
  return is_count ? absl::StrCat("coalesce(", alias, ".value, 0)") : absl::StrCat(alias, ".value");
}

}  // namespace sextant
