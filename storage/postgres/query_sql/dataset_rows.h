#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/tenant_scope.h"
#include "compute/plan/binder.h"
#include "compute/plan/bound_query.h"
#include "storage/dataset_spec.h"
#include "storage/postgres/query_sql/sql_scope.h"

namespace sextant {

/// The rows of a dataset as common table expressions: those of its table or query that its `where`
/// keeps, of one tenant, with columns converted as a load converts them and `derived:` columns
/// computed; then those of them that the query's filter keeps. Not thread-safe.
class DatasetRows {
 public:
  /// `index` tells the datasets of a query apart. Errors: those of a derived column's definition.
  static absl::StatusOr<DatasetRows> Create(const BoundDataset& dataset, const DatasetSpec& spec,
                                            size_t index, std::vector<std::string>* unsupported);

  /// Expressions over a row, called r, of the rows that the filter keeps. Remembers which columns
  /// were used. Valid while this object stays where it is.
  SqlScope scope();
  std::string rows_name() const { return name_ + "_rows"; }

  /// "d0_source AS (..), d0_rows AS (..)": of the columns used, so after all that uses them.
  std::string CommonTableExpressions(const TenantClaim& claim);

 private:
  DatasetRows(const BoundDataset& dataset, const DatasetSpec& spec, size_t index)
      : dataset_(&dataset), spec_(&spec), name_("d" + std::to_string(index)) {}

  std::string ColumnSql(ColumnIndex column);
  SqlScope scope_of_source() const;
  std::string ZoneOf(const std::string& name) const;
  std::string SourceColumnSql(const Field& field) const;
  std::string InstantColumnSql(const std::string& name) const;

  const BoundDataset* dataset_;
  const DatasetSpec* spec_;
  std::string name_;
  std::vector<std::string>* unsupported_ = nullptr;  // not row-proportional: parts of one query
  Schema source_schema_;
  std::map<std::string, BoundDerivedColumn> derived_;  // not row-proportional: one per column
  std::set<std::string> used_;  // not row-proportional: names of source columns
};

}  // namespace sextant
