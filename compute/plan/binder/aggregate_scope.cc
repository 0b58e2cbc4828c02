#include "compute/plan/binder/aggregate_scope.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/aggregate_binder.h"
#include "compute/plan/binder/clip_binder.h"
#include "compute/plan/binder/expression_binder.h"
#include "compute/plan/binder/histogram_binder.h"
#include "compute/plan/binder/sample_condition.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/expression_parser.h"

namespace sextant {
namespace {

constexpr char kPassing[] = "passing";
constexpr char kSamples[] = "samples";

/// `filter`, where there is one, and `condition`.
Predicate Both(const std::vector<Predicate>& filter, Predicate condition) {
  if (filter.empty()) return condition;
  Predicate both;
  both.kind = Predicate::Kind::kAnd;
  both.children = {filter[0], std::move(condition)};
  return both;
}

void And(std::optional<BoundPredicate>& filter, BoundPredicate condition) {
  filter = filter ? Conjunction(*std::move(filter), std::move(condition)) : std::move(condition);
}

/// The counts that a share is made of.
class ShareCounts final : public NameScope {
 public:
  ShareCounts(TypedExpression passing, TypedExpression samples)
      : passing_(std::move(passing)), samples_(std::move(samples)) {}

  absl::StatusOr<TypedExpression> Resolve(const Expression& leaf,
                                          const std::string& /*field*/) const override {
    return leaf.name == kPassing ? passing_ : samples_;
  }

 private:
  const TypedExpression passing_;
  const TypedExpression samples_;
};

}  // namespace

absl::Status AggregateScope::BindConditions(const std::string& path) {
  path_ = path;
  // Of derived rows it is their rows that pass.
  if (!metric_.filter.empty() && metric_.per == nullptr) {
    SEXTANT_ASSIGN_OR_RETURN(const Predicate filter,
                             ParseFilter(metric_.filter, absl::StrCat(path, ".filter")));
    SEXTANT_ASSIGN_OR_RETURN(filter_, BindPredicate(row_context_, filter));
  }
  if (metric_.domain.empty()) return absl::OkStatus();
  SEXTANT_ASSIGN_OR_RETURN(domain_, ParseDomain(metric_.domain, absl::StrCat(path, ".domain")));
  return absl::OkStatus();
}

absl::StatusOr<TypedExpression> AggregateScope::Resolve(const Expression& leaf,
                                                        const std::string& field) const {
  if (leaf.kind != Expression::Kind::kAggregate || leaf.aggregates.size() != 1) {
    return FieldError(field,
                      absl::StrCat("found the column '", leaf.name.substr(0, 64),
                                   "' outside an aggregate; allowed: columns inside of one"),
                      leaf.position);
  }
  TypedExpression value;
  SEXTANT_RETURN_IF_ERROR(Bind(leaf.aggregates[0], field, value));
  value.text.append(AggregateName(leaf.aggregates[0].kind)).append("()");
  return value;
}

absl::StatusOr<BoundAggregate*> AggregateScope::Begin(const AggregateCall& call,
                                                      const std::string& field,
                                                      TypedExpression& value) const {
  BoundAggregate& aggregate = list_.Begin();
  SEXTANT_RETURN_IF_ERROR(BindAggregate(row_context_, call, field, aggregate, value));
  aggregate.metric = metric_.name;
  aggregate.pin = pin;
  if (filter_) And(aggregate.filter, *filter_);
  return &aggregate;
}

absl::Status AggregateScope::Bind(const AggregateCall& call, const std::string& field,
                                  TypedExpression& value) const {
  SEXTANT_ASSIGN_OR_RETURN(BoundAggregate* const aggregate, Begin(call, field, value));
  if (domain_) SEXTANT_RETURN_IF_ERROR(ApplyDomain(call, *aggregate));
  if (clip_ != nullptr && metric_.clip.value_or(call.kind == AggregateKind::kAvg)) {
    SEXTANT_ASSIGN_OR_RETURN(BoundClip clip, BindClip(*clip_, *aggregate, path_));
    aggregate->clip = std::make_shared<const BoundClip>(std::move(clip));
  }
  SEXTANT_ASSIGN_OR_RETURN(value.expression.column, list_.Keep(dataset_, field));
  return absl::OkStatus();
}

absl::StatusOr<TypedExpression> AggregateScope::BindHistogram(const AggregateCall& call,
                                                              const Metric::Histogram& histogram,
                                                              const std::string& field) {
  const std::string field_of = absl::StrCat(field, ".of");
  AggregateCall counted = call;
  counted.kind = AggregateKind::kHistogramCounts;
  counted.fraction = 0;
  TypedExpression value;
  SEXTANT_ASSIGN_OR_RETURN(BoundAggregate* const aggregate, Begin(counted, field_of, value));
  const TypeKind kind = aggregate->value.type.kind;
  SEXTANT_ASSIGN_OR_RETURN(BoundHistogram bins, BindBins(histogram, kind, field));
  aggregate->histogram = std::make_shared<const BoundHistogram>(std::move(bins));
  if (std::optional<Predicate> domain = HistogramDomain(histogram, kind)) {
    if (domain_) domain = Both({*domain_}, *std::move(domain));
    domain_ = std::move(domain);
  }
  if (domain_) SEXTANT_RETURN_IF_ERROR(ApplyDomain(counted, *aggregate));
  if (clip_ != nullptr && metric_.clip.value_or(call.kind == AggregateKind::kAvg)) {
    SEXTANT_ASSIGN_OR_RETURN(BoundClip clip, BindClip(*clip_, *aggregate, path_));
    aggregate->clip = std::make_shared<const BoundClip>(std::move(clip));
  }
  SEXTANT_ASSIGN_OR_RETURN(value.expression.column, list_.Keep(dataset_, field));
  return value;
}

absl::Status AggregateScope::ApplyDomain(const AggregateCall& call,
                                         BoundAggregate& aggregate) const {
  if (call.arguments.size() != 1 || call.kind == AggregateKind::kTopValues) {
    return FieldError(absl::StrCat(path_, ".domain"),
                      absl::StrCat("found a domain beside ", std::string(AggregateName(call.kind)),
                                   call.arguments.empty() ? "(*)" : "",
                                   "; allowed: of aggregates of one value each"));
  }
  SEXTANT_ASSIGN_OR_RETURN(BoundPredicate inside,
                           BindInside({call.arguments[0], aggregate.value.type.kind}));
  std::optional<BoundPredicate> outside = aggregate.filter;
  And(outside, Negation(Truth(inside)));
  aggregate.outside = std::make_shared<const BoundPredicate>(*std::move(outside));
  And(aggregate.filter, std::move(inside));
  return absl::OkStatus();
}

absl::StatusOr<BoundPredicate> AggregateScope::BindInside(const SampleValue& sample) const {
  SEXTANT_ASSIGN_OR_RETURN(BoundPredicate inside,
                           BindPredicate(row_context_, WithSample(*domain_, sample)));
  if (!IsFloat(sample.kind)) return inside;
  SEXTANT_ASSIGN_OR_RETURN(BoundPredicate number,
                           BindPredicate(row_context_, IsNoNaN(sample.expression)));
  return Conjunction(std::move(inside), std::move(number));
}

absl::StatusOr<TypedExpression> AggregateScope::BindShare(const AggregateCall& call,
                                                          const Metric::Threshold& threshold,
                                                          const std::string& field) const {
  const std::string field_of = absl::StrCat(field, ".of");
  const Expression& sample = call.arguments[0];
  AggregateCall counted = call;
  counted.kind = AggregateKind::kCount;
  TypedExpression samples;
  SEXTANT_RETURN_IF_ERROR(Bind(counted, field_of, samples));
  const TypeKind kind = list_.aggregate(samples.expression.column).value.type.kind;
  const std::shared_ptr<const BoundClip> clip = list_.aggregate(samples.expression.column).clip;
  SEXTANT_ASSIGN_OR_RETURN(Predicate passes, ThresholdCondition(threshold, {sample, kind}, field));
  // A row that passes has a value: whatever is excluded, the other count excludes.
  counted.kind = AggregateKind::kCountRows;
  counted.arguments.clear();
  counted.filter = {Both(call.filter, std::move(passes))};
  TypedExpression passing;
  SEXTANT_ASSIGN_OR_RETURN(BoundAggregate* const aggregate, Begin(counted, field_of, passing));
  if (domain_) {
    SEXTANT_ASSIGN_OR_RETURN(BoundPredicate inside, BindInside({sample, kind}));
    And(aggregate->filter, std::move(inside));
  }
  aggregate->clip = clip;
  SEXTANT_ASSIGN_OR_RETURN(passing.expression.column, list_.Keep(dataset_, field_of));
  SEXTANT_ASSIGN_OR_RETURN(
      const Expression share,
      ParseValue(absl::StrCat(kPassing, " / nullif(", kSamples, ", 0)"), field));
  const ShareCounts counts(std::move(passing), std::move(samples));
  PredicateContext cells = row_context_;
  cells.names = &counts;
  cells.division = Division::kFloat64;
  return BindExpression(cells, share, field);
}

}  // namespace sextant
