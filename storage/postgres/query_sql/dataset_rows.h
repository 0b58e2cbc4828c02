#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/plan/bound_query.h"
#include "storage/dataset_spec.h"
#include "storage/postgres/query_sql/linked_sources.h"
#include "storage/postgres/query_sql/source_rows.h"
#include "storage/postgres/query_sql/sql_scope.h"

namespace sextant {

/// The rows of a dataset of a query, as common table expressions: SourceRows, then those of them
/// that the query's filter keeps. Not thread-safe.
class DatasetRows {
 public:
  /// `index` tells the datasets of a query apart. Errors: those of a derived column's definition.
  static absl::StatusOr<DatasetRows> Create(const BoundDataset& dataset, const DatasetSpec& spec,
                                            size_t index, LinkedSources* linked,
                                            std::vector<std::string>* unsupported);

  /// The rows of a dataset that is derived: `query` is the SELECT that makes them.
  static DatasetRows OfDerived(const BoundDataset& dataset, const DatasetSpec& spec, size_t index,
                               std::string query, std::vector<std::string>* unsupported);

  /// Expressions over a row, called r, of the rows that the filter keeps. Remembers which columns
  /// were used.
  SqlScope scope() { return source_->scope("r"); }
  std::string rows_name() const { return name_ + "_rows"; }

  /// "d0_rows AS (..)". Uses columns itself, so before the expressions of the source.
  std::string RowsExpression();
  SourceRows* source() { return source_.get(); }

 private:
  DatasetRows(const BoundDataset& dataset, std::string name)
      : dataset_(&dataset), name_(std::move(name)) {}

  const BoundDataset* dataset_;
  std::string name_;
  std::unique_ptr<SourceRows> source_;  // stays where it is: scopes point to it
};

}  // namespace sextant
