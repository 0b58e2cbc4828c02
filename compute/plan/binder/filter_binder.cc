#include "compute/plan/binder/filter_binder.h"

#include <utility>

#include "compute/memory/status_macros.h"
#include "compute/plan/binder/predicate_binder.h"
#include "compute/plan/expression_parser.h"

namespace sextant {
namespace {

absl::Status AddFilter(const Predicate& predicate, const std::string& field, const BindScope& scope,
                       BoundQuery& bound) {
  SEXTANT_RETURN_IF_ERROR(scope.CheckNames(predicate, field));
  for (size_t i = 0; i < bound.datasets.size(); ++i) {
    absl::StatusOr<BoundPredicate> one = scope.Bind(predicate, i);
    if (!one.ok()) return one.status();
    std::optional<BoundPredicate>& filter = bound.datasets[i].filter;
    if (filter) {
      filter = Conjunction(*std::move(filter), *std::move(one));
    } else {
      filter = *std::move(one);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status BindFilters(const Query& query, const BindScope& scope, BoundQuery& bound) {
  if (query.filter) {
    SEXTANT_RETURN_IF_ERROR(AddFilter(*query.filter, "filter", scope, bound));
  }
  if (query.where.empty()) return absl::OkStatus();
  SEXTANT_ASSIGN_OR_RETURN(const Predicate where, ParseFilter(query.where, "where"));
  return AddFilter(where, "where", scope, bound);
}

}  // namespace sextant
