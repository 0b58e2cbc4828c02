#pragma once

#include "absl/status/statusor.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/query.h"

namespace sextant {

/// Resolves `query` against the schema of its dataset and finds every error of the user (rules 2,
/// 6, 7, 8, 10, 14, 15). `as_of_us` is the pinned version's; it is what now() and relative ranges
/// mean. Errors: INVALID_ARGUMENT with the field's path, position and nearest names; UNIMPLEMENTED
/// never. Cost: linear in the query; reads no rows. Thread-safe.
absl::StatusOr<BoundQuery> Bind(const Query& query, std::shared_ptr<const Schema> schema,
                                int64_t as_of_us, const QueryLimits& limits = {});

/// The dataset that all metrics of `query` name. Errors: INVALID_ARGUMENT when there is no metric,
/// or several datasets (one request over several datasets is not supported yet).
absl::StatusOr<std::string> DatasetOf(const Query& query);

/// A `derived:` column of a dataset: the field it makes and the value it is. `text` as in
/// ParseValue.
struct BoundDerivedColumn {
  Field field;
  BoundValue value;
};
absl::StatusOr<BoundDerivedColumn> BindDerived(const std::string& name, const std::string& text,
                                               const Schema& schema);

/// The intervals of every series of `query` over [from_us, to_us) (rules 11, 13, 14). A kAll series
/// has one interval. Errors: INVALID_ARGUMENT when they are more than the limit.
absl::StatusOr<std::vector<ResolvedSeries>> ResolveSeries(const BoundQuery& query, int64_t from_us,
                                                          int64_t to_us);

/// The first day whose midnight in `zone` is not before `instant_us`: interval borders for `at`
/// columns of type date (rule 10). Days since 1970-01-01. Instants beyond those that can be named
/// (calendar.h) count as the nearest one.
int64_t FirstDayNotBefore(const absl::TimeZone& zone, int64_t instant_us);
/// The instant of `day`'s midnight in `zone` (the first instant of that local day).
int64_t MidnightOf(const absl::TimeZone& zone, int64_t day);

}  // namespace sextant
