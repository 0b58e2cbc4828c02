#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "compute/plan/binder/aggregate_list.h"
#include "compute/plan/binder/predicate_binder.h"
#include "compute/plan/binder/sample_condition.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/query.h"

namespace sextant {

/// What an aggregate is in the expression of a metric: one of its dataset, with the pin, the filter
/// and the domain of the metric. A column is refused. Points to what it is made of; not
/// thread-safe.
class AggregateScope final : public NameScope {
 public:
  /// What aggregates of a query join, and what clips them; may be null.
  struct Target {
    AggregateList& list;
    const Clip* clip = nullptr;
  };
  /// `row_context`: of the dataset, as the metric sees it.
  AggregateScope(const Target& target, const PredicateContext& row_context, size_t dataset,
                 const Metric& metric)
      : list_(target.list),
        clip_(target.clip),
        row_context_(row_context),
        dataset_(dataset),
        metric_(metric) {}

  /// Binds the filter and the domain of the metric, whose path in the request is `path`. Called
  /// once, before all else.
  absl::Status BindConditions(const std::string& path);

  absl::StatusOr<TypedExpression> Resolve(const Expression& leaf,
                                          const std::string& field) const override;
  /// The same of an aggregate, into `value`, a new one.
  absl::Status Bind(const AggregateCall& call, const std::string& field,
                    TypedExpression& value) const;

  /// The share of the samples of `call` that pass the metric's threshold, whose path is `field`:
  /// NULL without samples. REQUIRES: the metric has one, and `call` one argument.
  absl::StatusOr<TypedExpression> BindShare(const AggregateCall& call,
                                            const Metric::Threshold& threshold,
                                            const std::string& field) const;

  /// The counts of a histogram of the samples of `call`, whose path is `field`. Called at most
  /// once. REQUIRES: `call` has one argument.
  absl::StatusOr<TypedExpression> BindHistogram(const AggregateCall& call,
                                                const Metric::Histogram& histogram,
                                                const std::string& field);

  BoundPin pin;

 private:
  /// Begins the aggregate `call`, with the pin and the filter of the metric.
  absl::StatusOr<BoundAggregate*> Begin(const AggregateCall& call, const std::string& field,
                                        TypedExpression& value) const;
  /// Splits the rows of `aggregate`, whose samples `call` has, at the domain.
  absl::Status ApplyDomain(const AggregateCall& call, BoundAggregate& aggregate) const;
  /// The rows whose `sample` is in the domain. REQUIRES: there is one.
  absl::StatusOr<BoundPredicate> BindInside(const SampleValue& sample) const;

  AggregateList& list_;
  const Clip* const clip_;
  const PredicateContext& row_context_;
  const size_t dataset_;
  const Metric& metric_;
  std::string path_;
  std::optional<BoundPredicate> filter_;
  std::optional<Predicate> domain_;  // of the column `value`
};

}  // namespace sextant
