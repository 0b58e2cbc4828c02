#include "service/rpc/query_preparation.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/column/table.h"
#include "compute/exec/derived_rows.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/time_zone.h"
#include "service/admission/identity.h"

namespace sextant {
namespace {

/// The rows that the caller reaches; the error tells a program how a tenant is named.
absl::StatusOr<TenantScope> ScopeOf(const std::shared_ptr<const Table>& table,
                                    const TenantClaim& claim) {
  absl::StatusOr<TenantScope> scope = TenantScope::Resolve(table, claim);
  if (scope.ok() || !absl::IsUnauthenticated(scope.status())) return scope;
  const std::string message =
      absl::StrCat(scope.status().message(), "; allowed: one in the metadata key '",
                   kTenantMetadata, "' (client: --tenant or SEXTANT_TENANT)");
  return WithDetail(absl::UnauthenticatedError(message),
                    {.reason = "TENANT_MISSING", .metadata = {{"metadata", kTenantMetadata}}});
}

/// In the terms of the binder.
Dimensions DimensionsOf(const MetricCatalog& catalog) {
  Dimensions dimensions;
  for (const auto& [name, dimension] : catalog.dimensions()) {
    dimensions.columns.emplace(name, dimension.columns);
  }
  return dimensions;
}

/// A calendar without periods yet.
bool LacksPeriods(const TimeSeries& series) {
  return series.calendar != nullptr && series.calendar->borders_us.empty();
}

bool LacksPeriods(const Query& query) {
  return std::any_of(query.series.begin(), query.series.end(),
                     [](const TimeSeries& one) { return LacksPeriods(one); });
}

}  // namespace

absl::StatusOr<std::vector<std::string>> TablesOf(const Query& query,
                                                  const MetricCatalog& catalog) {
  SEXTANT_ASSIGN_OR_RETURN(std::vector<std::string> names, DatasetsOf(query));
  std::set<std::string> calendars;
  for (const TimeSeries& series : query.series) {
    if (!LacksPeriods(series) || !calendars.insert(series.calendar->name).second) continue;
    const auto calendar = catalog.calendars().find(series.calendar->name);
    SEXTANT_CHECK(calendar != catalog.calendars().end()) << "a calendar of another catalogue";
    names.push_back(calendar->second.dataset);
  }
  return names;
}

absl::StatusOr<Query> WithPeriods(const Query& query,
                                  const std::vector<std::shared_ptr<const Table>>& tables,
                                  const Asker& asker) {
  Query known = query;
  SEXTANT_ASSIGN_OR_RETURN(const std::vector<std::string> datasets, DatasetsOf(query));
  SEXTANT_ASSIGN_OR_RETURN(const absl::TimeZone zone, FindTimeZone(query.time_zone));
  size_t next = datasets.size();
  // A calendar that is asked for again and again is refused when it is bound, and read once.
  std::map<std::string, std::shared_ptr<const PeriodCalendar>> read;
  for (TimeSeries& series : known.series) {
    if (!LacksPeriods(series)) continue;
    const std::string name = series.calendar->name;
    if (read.find(name) == read.end()) {
      SEXTANT_ASSIGN_OR_RETURN(const TenantScope scope, ScopeOf(tables[next++], asker.claim));
      SEXTANT_ASSIGN_OR_RETURN(read[name], asker.periods.Find(asker.catalog.calendars().at(name),
                                                              scope, zone, asker.context));
    }
    series.calendar = read[name];
  }
  return known;
}

absl::StatusOr<PreparedQuery> PrepareQuery(const Query& query,
                                           const std::vector<std::shared_ptr<const Table>>& tables,
                                           const Asker& asker, const QueryLimits& limits) {
  if (LacksPeriods(query)) {
    SEXTANT_ASSIGN_OR_RETURN(const Query known, WithPeriods(query, tables, asker));
    SEXTANT_ASSIGN_OR_RETURN(const std::vector<std::string> datasets, DatasetsOf(query));
    const auto end = tables.begin() + static_cast<ptrdiff_t>(datasets.size());
    return PrepareQuery(known, {tables.begin(), end}, asker, limits);
  }
  PreparedQuery prepared;
  std::vector<std::shared_ptr<const Schema>> schemas;
  int64_t& as_of_us = prepared.as_of_us;
  for (const std::shared_ptr<const Table>& table : tables) {
    SEXTANT_ASSIGN_OR_RETURN(TenantScope scope, ScopeOf(table, asker.claim));
    prepared.scopes.push_back(std::move(scope));
    schemas.push_back(table->shared_schema());
    as_of_us = std::max(as_of_us, table->identity().as_of_us);
  }
  SEXTANT_ASSIGN_OR_RETURN(prepared.bound,
                           Bind(query, schemas, as_of_us, limits, DimensionsOf(asker.catalog)));
  if (ReadsDerivedRows(prepared.bound)) {
    SEXTANT_ASSIGN_OR_RETURN(const std::vector<std::string> names, DatasetsOf(query));
    prepared.scopes = ScopesPerDataset(prepared.bound, names, prepared.scopes);
  }
  return prepared;
}

}  // namespace sextant
