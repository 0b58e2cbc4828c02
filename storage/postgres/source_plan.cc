#include "storage/postgres/source_plan.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/postgres/missing_grants.h"
#include "storage/postgres/pqxx_status.h"

namespace sextant {
namespace {

absl::Status InDataset(const DatasetSpec& spec, const absl::Status& status) {
  return PrefixStatus("dataset '" + spec.name + "': ", status);
}

ColumnOverrides OverridesOf(const DatasetSpec& spec, const std::string& column) {
  ColumnOverrides overrides;
  if (const auto type = spec.types.find(column); type != spec.types.end()) {
    overrides.type = type->second;
  }
  if (const auto zone = spec.zones.find(column); zone != spec.zones.end()) {
    overrides.zone = zone->second;
  }
  return overrides;
}

// The names of the columns to read, each checked against the source.
absl::StatusOr<std::vector<std::string>> ChooseColumns(const DatasetSpec& spec,
                                                       const std::vector<SourceColumn>& columns) {
  std::vector<std::string> chosen;
  const auto choose = [&](const std::string& name, std::string_view what) -> absl::Status {
    if (const auto column = FindColumn(columns, name, what); !column.ok()) return column.status();
    if (std::find(chosen.begin(), chosen.end(), name) == chosen.end()) chosen.push_back(name);
    return absl::OkStatus();
  };
  if (spec.include.empty()) {
    for (const SourceColumn& column : columns) chosen.push_back(column.name);
  }
  for (const std::string& name : spec.include) {
    if (absl::Status status = choose(name, "columns.include"); !status.ok()) return status;
  }
  for (const std::string& name : spec.key) {
    if (absl::Status status = choose(name, "key"); !status.ok()) return status;
  }
  if (!spec.tenant.empty()) {
    if (absl::Status status = choose(spec.tenant, "tenant"); !status.ok()) return status;
  }
  if (chosen.empty()) return absl::FailedPreconditionError("the source has no columns");
  return chosen;
}

// What is declared of a column must be of one that is read.
absl::Status CheckDeclared(const std::map<std::string, std::string>& declared,
                           const std::vector<SourceColumn>& columns, std::string_view what) {
  for (const auto& [name, value] : declared) {
    if (const auto column = FindColumn(columns, name, what); !column.ok()) return column.status();
  }
  return absl::OkStatus();
}

// A declared type becomes part of the SQL: it must be the name of a type and nothing else.
absl::Status CheckTypeName(PostgresSession& session, const std::string& column,
                           const std::string& type, std::stop_token stop) {
  const auto rows = session.Query(
      absl::StrCat("columns.types: column '", column, "'"),
      absl::StrCat("SELECT pg_catalog.to_regtype(", QuoteLiteral(type), ") IS NOT NULL"),
      std::move(stop));
  if (!rows.ok()) return rows.status();
  if (rows->front()[0] == "t") return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("columns.types: column '", column, "': the source has no type '", type, "'"));
}

absl::StatusOr<std::vector<SourceSelect::Column>> SelectColumns(
    PostgresSession& session, const DatasetSpec& spec, const std::vector<SourceColumn>& columns,
    std::stop_token stop) {
  const auto chosen = ChooseColumns(spec, columns);
  if (!chosen.ok()) return chosen.status();
  std::vector<SourceSelect::Column> selected;
  for (const std::string& name : *chosen) {
    const auto column = FindColumn(columns, name, "columns");
    if (!column.ok()) return column.status();
    const ColumnOverrides overrides = OverridesOf(spec, name);
    if (!overrides.type.empty()) {
      absl::Status status = CheckTypeName(session, name, overrides.type, stop);
      if (!status.ok()) return status;
    }
    const auto cast = CastFor(**column, overrides);
    if (!cast.ok()) return cast.status();
    selected.push_back({.name = name, .cast = *cast});
  }
  return selected;
}

absl::StatusOr<std::vector<SourceSelect::OrderKey>> OrderKeys(
    const DatasetSpec& spec, const std::vector<SourceColumn>& columns) {
  std::vector<std::string> names;
  if (!spec.tenant.empty()) names.push_back(spec.tenant);
  names.insert(names.end(), spec.order_by.begin(), spec.order_by.end());
  std::vector<SourceSelect::OrderKey> keys;
  for (const std::string& name : names) {
    const auto column = FindColumn(columns, name, "order_by");
    if (!column.ok()) return column.status();
    keys.push_back({.name = name, .by_bytes = (*column)->is_collatable});
  }
  return keys;
}

/// Where the columns of the key lie. Errors: one that has no order.
absl::StatusOr<std::vector<ColumnIndex>> KeyColumns(const DatasetSpec& spec,
                                                    const std::vector<Field>& fields) {
  std::vector<ColumnIndex> key;
  for (const std::string& name : spec.key) {
    const auto found = std::find_if(fields.begin(), fields.end(),
                                    [&](const Field& field) { return field.name == name; });
    if (!IsGroupable(found->type.kind)) {
      return absl::FailedPreconditionError(
          absl::StrCat("key: the column '", name, "' is ", TypeName(found->type),
                       ", which has no order; allowed: every other type"));
    }
    const auto index = static_cast<ColumnIndex>(found - fields.begin());
    if (std::find(key.begin(), key.end(), index) == key.end()) key.push_back(index);
  }
  return key;
}

absl::StatusOr<Schema> MakeSchema(const DatasetSpec& spec,
                                  const std::vector<PlannedColumn>& columns) {
  std::vector<Field> fields;
  std::optional<ColumnIndex> tenant;
  for (const PlannedColumn& column : columns) {
    if (column.field.name == spec.tenant) tenant = static_cast<ColumnIndex>(fields.size());
    fields.push_back(column.field);
  }
  absl::StatusOr<std::vector<ColumnIndex>> key = KeyColumns(spec, fields);
  if (!key.ok()) return key.status();
  return Schema(std::move(fields), tenant, *std::move(key));
}

absl::StatusOr<std::vector<PlannedColumn>> PlanColumns(PostgresSession& session,
                                                       const DatasetSpec& spec,
                                                       const std::string& select,
                                                       std::stop_token stop) {
  // Described again as it will arrive: casts have changed types.
  auto columns = DescribeColumns(session, select, std::move(stop));
  if (!columns.ok()) return columns.status();
  std::vector<PlannedColumn> planned;
  for (SourceColumn& column : *columns) {
    // An outer join makes NULLs of a column that its table declares NOT NULL.
    if (spec.table.empty()) column.nullable = true;
    auto mapped = MapColumn(column, OverridesOf(spec, column.name));
    if (!mapped.ok()) return mapped.status();
    const auto unit = spec.units.find(column.name);
    if (unit != spec.units.end()) mapped->field.unit = unit->second;
    planned.push_back(*std::move(mapped));
  }
  return planned;
}

/// Alone, so that a refusal of PostgreSQL is known to be of `where:`.
absl::Status CheckWhere(PostgresSession& session, const SourceOrigin& origin,
                        const std::string& where, std::stop_token stop) {
  if (where.empty()) return absl::OkStatus();
  SourceSelect no_columns;
  no_columns.where = where;
  const auto described =
      session.Describe("describing the rows", BuildSelect(origin, no_columns), std::move(stop));
  return PrefixStatus("where: ", described.status());
}

absl::StatusOr<SourcePlan> Plan(PostgresSession& session, const DatasetSpec& spec,
                                const SourceOrigin& origin, std::stop_token stop) {
  const auto columns = DescribeColumns(session, SelectAll(origin), stop);
  if (!columns.ok()) return columns.status();
  for (const auto& [declared, what] :
       {std::pair(&spec.types, "columns.types"), std::pair(&spec.zones, "columns.zones"),
        std::pair(&spec.units, "columns.units")}) {
    absl::Status status = CheckDeclared(*declared, *columns, what);
    if (!status.ok()) return status;
  }
  SourceSelect select;
  select.where = spec.where;
  if (absl::Status status = CheckWhere(session, origin, spec.where, stop); !status.ok()) {
    return status;
  }
  auto selected = SelectColumns(session, spec, *columns, stop);
  if (!selected.ok()) return selected.status();
  select.columns = *std::move(selected);
  auto order_by = OrderKeys(spec, *columns);
  if (!order_by.ok()) return order_by.status();
  select.order_by = *std::move(order_by);

  SourcePlan plan;
  plan.select = BuildSelect(origin, select);
  auto planned = PlanColumns(session, spec, plan.select, stop);
  if (!planned.ok()) return planned.status();
  plan.columns = *std::move(planned);
  auto schema = MakeSchema(spec, plan.columns);
  if (!schema.ok()) return schema.status();
  plan.schema = *std::move(schema);
  const auto estimate = EstimateRows(session, plan.select, std::move(stop));
  if (!estimate.ok()) return estimate.status();
  plan.estimate = *estimate;
  return plan;
}

}  // namespace

absl::StatusOr<SourceTarget> ResolveTarget(PostgresSession& session, const DatasetSpec& spec,
                                           std::stop_token stop) {
  SourceTarget target;
  target.origin.query = spec.query;
  if (!spec.table.empty()) {
    auto relation = ResolveTable(session, spec.table, stop);
    if (!relation.ok()) {
      return InDataset(spec, WithMissingGrants(session, spec.table, relation.status()));
    }
    target.origin.table = *relation;
    target.relations = {*std::move(relation)};
    if (target.origin.table->kind != 'v') return target;
    // Of what lies under a view, locking it locks the tables, but no materialized view.
  }
  auto relations = RelationsRead(session, SelectAll(target.origin), std::move(stop));
  if (!relations.ok()) return InDataset(spec, relations.status());
  target.relations = *std::move(relations);
  return target;
}

absl::StatusOr<SourcePlan> PlanSource(PostgresSession& session, const DatasetSpec& spec,
                                      const SourceOrigin& origin, std::stop_token stop) {
  absl::StatusOr<SourcePlan> plan = Plan(session, spec, origin, std::move(stop));
  if (!plan.ok()) return InDataset(spec, plan.status());
  return plan;
}

}  // namespace sextant
