#include "storage/postgres/query_sql/dataset_rows.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "compute/memory/status_macros.h"
#include "storage/postgres/identifier.h"
#include "storage/postgres/query_sql/constant_sql.h"
#include "storage/postgres/query_sql/expression_sql.h"
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

absl::StatusOr<DatasetRows> DatasetRows::Create(const BoundDataset& dataset,
                                                const DatasetSpec& spec, size_t index,
                                                std::vector<std::string>* unsupported) {
  DatasetRows rows(dataset, spec, index);
  rows.unsupported_ = unsupported;
  std::vector<Field> fields;
  for (const Field& field : dataset.schema->fields()) {
    if (!IsDerived(spec, field.name)) fields.push_back(field);
  }
  rows.source_schema_ = Schema(std::move(fields));
  for (const DerivedSpec& derived : spec.derived) {
    SEXTANT_ASSIGN_OR_RETURN(BoundDerivedColumn column,
                             BindDerived(derived.name, derived.expression, rows.source_schema_));
    rows.derived_.emplace(derived.name, std::move(column));
  }
  return rows;
}

SqlScope DatasetRows::scope() {
  return {dataset_->schema.get(), [this](ColumnIndex column) { return ColumnSql(column); },
          unsupported_};
}

/// A derived column is its definition, over the columns of the source.
std::string DatasetRows::ColumnSql(ColumnIndex column) {
  const std::string& name = dataset_->schema->field(column).name;
  const auto derived = derived_.find(name);
  if (derived == derived_.end()) {
    used_.insert(name);
    return absl::StrCat("r.", QuoteIdentifier(name));
  }
  const SqlScope of_source = {&source_schema_,
                              [this](ColumnIndex source_column) {
                                const std::string& source =
                                    source_schema_.field(source_column).name;
                                used_.insert(source);
                                return absl::StrCat("r.", QuoteIdentifier(source));
                              },
                              unsupported_};
  return ValueSql(of_source, derived->second.value);
}

SqlScope DatasetRows::scope_of_source() const {
  return {.schema = &source_schema_, .column = {}, .unsupported = unsupported_};
}

std::string DatasetRows::ZoneOf(const std::string& name) const {
  return ZoneSql(scope_of_source(), name);
}

/// A timestamp without time zone becomes an instant in its zone (rule 10). Whether a column without
/// a declared zone is one, only the source knows.
std::string DatasetRows::InstantColumnSql(const std::string& name) const {
  const std::string column = QuoteIdentifier(name);
  if (const auto zone = spec_->zones.find(name); zone != spec_->zones.end()) {
    return absl::StrCat("(", column, " AT TIME ZONE ", ZoneOf(zone->second), ")");
  }
  return InstantSqlOf(column);
}

std::string DatasetRows::SourceColumnSql(const Field& field) const {
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

std::string DatasetRows::CommonTableExpressions(const TenantClaim& claim) {
  const std::string filter =
      dataset_->filter ? PredicateSql(scope(), *dataset_->filter) : std::string();
  std::vector<std::string> columns;
  for (const Field& field : source_schema_.fields()) {
    if (!used_.contains(field.name)) continue;
    columns.push_back(absl::StrCat(SourceColumnSql(field), " AS ", QuoteIdentifier(field.name)));
  }
  if (columns.empty()) columns.emplace_back("1 AS one");
  std::vector<std::string> conditions;
  if (!spec_->where.empty()) conditions.push_back(absl::StrCat("(\n", spec_->where, "\n)"));
  if (const auto tenant = dataset_->schema->tenant_column()) {
    // Without a claim nobody's rows are reached.
    conditions.push_back(claim.tenant()
                             ? absl::StrCat("CAST(",
                                            QuoteIdentifier(dataset_->schema->field(*tenant).name),
                                            " AS text) = ", QuoteLiteral(*claim.tenant()))
                             : "false");
  }
  return absl::StrCat(
      name_, "_source AS (\n  SELECT ", absl::StrJoin(columns, ",\n         "), "\n  FROM ",
      FromItem(*spec_),
      conditions.empty() ? "" : "\n  WHERE " + absl::StrJoin(conditions, "\n    AND "), "\n),\n",
      rows_name(), " AS (\n  SELECT * FROM ", name_, "_source AS r",
      filter.empty() ? "" : "\n  WHERE " + filter, "\n)");
}

}  // namespace sextant
