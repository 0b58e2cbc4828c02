#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/query.h"

namespace sextant {

/// One name for columns of several datasets: the catalogue's `dimensions:` (rule 19).
struct Dimensions {
  /// Name of the dimension -> dataset -> column.
  std::map<std::string, std::map<std::string, std::string>> columns;
};

/// The datasets that the metrics of `query` name, components of metrics of metrics too, each once,
/// in the order of their first use. Errors: INVALID_ARGUMENT when there is no metric, or one
/// without a dataset.
absl::StatusOr<std::vector<std::string>> DatasetsOf(const Query& query);

/// Resolves `query` against the schemas of its datasets, in the order of DatasetsOf, and finds
/// every error of the user (rules 2, 6, 7, 8, 10, 14, 15, 19). Columns of filters and axes resolve
/// in every dataset: as a dimension says, else by their own name. Metrics over derived rows (`per`)
/// have a BoundDataset of their own, of the name of the one that their rows are made of: datasets
/// of the result may share a name. `as_of_us` is the pinned versions'; it is what now() and
/// relative ranges mean. Errors: INVALID_ARGUMENT with the field's path, position and nearest
/// names; FAILED_PRECONDITION with the names that fit for one that does not resolve in one of
/// several datasets; UNIMPLEMENTED never. Cost: linear in the query; reads no rows. Thread-safe.
absl::StatusOr<BoundQuery> Bind(const Query& query,
                                std::span<const std::shared_ptr<const Schema>> schemas,
                                int64_t as_of_us, const QueryLimits& limits = {},
                                const Dimensions& dimensions = {});
/// The same for a query of one dataset.
absl::StatusOr<BoundQuery> Bind(const Query& query, const std::shared_ptr<const Schema>& schema,
                                int64_t as_of_us, const QueryLimits& limits = {});

/// A `derived:` column of a dataset: the field it makes and the value it is. `text` as in
/// ParseValue.
struct BoundDerivedColumn {
  Field field;
  BoundValue value;
};
absl::StatusOr<BoundDerivedColumn> BindDerived(const std::string& name, const std::string& text,
                                               const Schema& schema);

/// The intervals of every series of `query` over [from_us, to_us) (rules 11, 13, 14): those of a
/// series follow one another without a gap; with `exclude_partial` those that the range cuts, the
/// first and the last, are left out. A kAll series has one interval, which is never partial.
/// Errors: INVALID_ARGUMENT when they are more than the limit.
absl::StatusOr<std::vector<ResolvedSeries>> ResolveSeries(const BoundQuery& query, int64_t from_us,
                                                          int64_t to_us);

/// The first day whose midnight in `zone` is not before `instant_us`: interval borders for `at`
/// columns of type date (rule 10). Days since 1970-01-01. Instants beyond those that can be named
/// (calendar.h) count as the nearest one.
int64_t FirstDayNotBefore(const absl::TimeZone& zone, int64_t instant_us);
/// The instant of `day`'s midnight in `zone` (the first instant of that local day).
int64_t MidnightOf(const absl::TimeZone& zone, int64_t day);

}  // namespace sextant
