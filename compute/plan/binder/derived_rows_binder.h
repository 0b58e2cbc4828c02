#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/schema.h"
#include "compute/plan/binder/row_sources.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/query.h"

namespace sextant {

/// Rows that are derived of the rows of a dataset (rule 23).
struct DerivedRowsRequest {
  const RowSource& source;                      // with `per`
  const std::shared_ptr<const Schema>& schema;  // of the dataset
  const Query& query;                           // whose zone literals are of, but for a catalogue's
  int64_t as_of_us = 0;
  const QueryLimits& limits;
};

/// Binds the query whose cells are the rows. `constants` are columns of the dataset that are
/// neither keys nor selected: each must turn out to have one value per key. Errors:
/// INVALID_ARGUMENT for "...per.keys[i]", "...per.select[i].expression", "...filter";
/// FAILED_PRECONDITION for a constant that has no equality. Thread-safe.
absl::StatusOr<std::shared_ptr<const BoundDerivedRows>> BindDerivedRows(
    const DerivedRowsRequest& request, const std::vector<std::string>& constants);

/// What the dataset `dataset` of `query`, which is derived and bound against all columns
/// (WithAllColumns), reads beside the columns of its rows, in the order of the dataset.
std::vector<std::string> ConstantsRead(const BoundQuery& query, size_t dataset);

/// The columns of `rows`, then the other columns of the dataset, which rows do not have.
Schema WithAllColumns(const BoundDerivedRows& rows);

}  // namespace sextant
