#include "compute/plan/binder/metric_binder.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/aggregate_scope.h"
#include "compute/plan/binder/catalog_fault.h"
#include "compute/plan/binder/concurrency_binder.h"
#include "compute/plan/binder/constant_value.h"
#include "compute/plan/binder/expression_binder.h"
#include "compute/plan/binder/frame_binder.h"
#include "compute/plan/binder/histogram_binder.h"
#include "compute/plan/binder/operator_binder.h"
#include "compute/plan/binder/pin_binder.h"
#include "compute/plan/binder/result_name.h"
#include "compute/plan/binder/sample_condition.h"
#include "compute/plan/binder/zero_when_empty.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/expression_parser.h"
#include "compute/plan/expression_parser/plain_metric.h"
#include "compute/plan/name_quotes.h"
#include "compute/plan/nearest_names.h"

namespace sextant {
namespace {

constexpr DataType kFloat64 = DataType::Of(TypeKind::kFloat64);

/// Makes `value` one of a type of results: a difference of instants is seconds.
void MakeResult(TypedExpression& value) {
  if (value.IsUnknown()) value = TypedAsText(std::move(value));
  if (!value.Is(TypeKind::kDuration)) return;
  BoundExpression seconds;
  seconds.op = ExpressionOp::kExtract;
  seconds.type = DataType::Decimal(18, 6);
  seconds.field = DateField::kEpoch;
  seconds.time_zone = absl::UTCTimeZone();
  seconds.arguments.push_back(std::move(value.expression));
  value.expression = BoundExpression();
  value.expression.op = ExpressionOp::kCast;
  value.expression.type = kFloat64;
  value.expression.arguments.push_back(std::move(seconds));
  value.is_shown_duration = true;
}

/// Where a metric, or a component of one, is in the request, for errors.
struct MetricPath {
  explicit MetricPath(size_t index) : MetricPath(absl::StrCat("metrics[", index, "]")) {}
  MetricPath(const std::string& parent, size_t index)
      : MetricPath(absl::StrCat(parent, ".components[", index, "]")) {}

  std::string metric;
  std::string expression;  // its field of that name

 private:
  explicit MetricPath(std::string path)
      : metric(std::move(path)), expression(absl::StrCat(metric, ".expression")) {}
};

/// Of most metrics it is known before they are asked; else it is made in `room`.
const MetricPath& PathOf(size_t index, std::optional<MetricPath>& room) {
  static const std::vector<MetricPath>& known = *[] {
    constexpr size_t kNumKnown = 32;
    auto* paths = new std::vector<MetricPath>;
    for (size_t i = 0; i < kNumKnown; ++i) paths->emplace_back(i);
    return paths;
  }();
  return index < known.size() ? known[index] : room.emplace(index);
}

/// One metric of the query and its components. What is bound goes to `value`, a new one: it is too
/// large to be moved from function to function.
class MetricBinder {
 public:
  explicit MetricBinder(const MetricScope& scope)
      : scope_(scope), contexts_(scope.contexts), query_(scope.query), frame_(scope.frame) {}

  absl::Status Bind(const Metric& metric, const MetricPath& path, int depth,
                    TypedExpression& value) {
    absl::Status status = BindAsWritten(metric, path, depth, value);
    if (status.ok() || !metric.is_from_catalog) return status;
    return InCatalog(status, path.metric, absl::StrCat("catalogue metric '", metric.name, "'"));
  }

 private:
  absl::Status BindAsWritten(const Metric& metric, const MetricPath& path, int depth,
                             TypedExpression& value) {
    if (depth > kMaxMetricDepth) {
      return FieldError(path.metric, absl::StrCat("metrics of metrics nest deeper than ",
                                                  kMaxMetricDepth, " levels, which are allowed"));
    }
    SEXTANT_RETURN_IF_ERROR(BindForm(metric, path, depth, value));
    if (NumParts(value.expression, kMaxParts) > kMaxParts) {
      return FieldError(path.metric,
                        absl::StrCat("metric '", metric.name, "' has more than ", kMaxParts,
                                     " parts when its components are written out, which are "
                                     "allowed"));
    }
    if (!ReadsColumn(value.expression)) {
      return FieldError(path.metric,
                        absl::StrCat("metric '", metric.name,
                                     "' computes nothing of any row; allowed: at least one "
                                     "aggregate"));
    }
    return absl::OkStatus();
  }

  absl::Status BindForm(const Metric& metric, const MetricPath& path, int depth,
                        TypedExpression& value) {
    const int num_forms = (metric.expression.empty() ? 0 : 1) + (metric.derived.empty() ? 0 : 1) +
                          (metric.ratio ? 1 : 0) + (metric.threshold ? 1 : 0) +
                          (metric.sum_of ? 1 : 0) + (metric.cumulative ? 1 : 0) +
                          (metric.histogram ? 1 : 0) + (metric.concurrency ? 1 : 0);
    if (num_forms > 1) {
      return FieldError(path.metric,
                        absl::StrCat("metric '", metric.name, "' has ", num_forms,
                                     " definitions; allowed: one of expression, derived, ratio, "
                                     "threshold, sum_of, cumulative, histogram and concurrency"));
    }
    if (metric.concurrency) return BindConcurrency(metric, path, value);
    if (metric.IsOfMetrics()) SEXTANT_RETURN_IF_ERROR(CheckDerived(metric, path));
    if (metric.ratio) return BindRatio(metric, path, depth, value);
    if (metric.threshold) return BindThreshold(metric, path, depth, value);
    if (metric.sum_of) return BindSum(metric, path, depth, value);
    if (metric.cumulative) return BindCumulative(metric, path, depth, value);
    if (metric.histogram) return BindHistogram(metric, path, depth, value);
    if (!metric.derived.empty()) return BindDerivedOf(metric, path, depth, value);
    return BindExpressionOf(metric, path, value);
  }

  /// The components of a derived metric by name, each bound once.
  class Components final : public NameScope {
   public:
    Components(MetricBinder& binder, const Metric& metric, const MetricPath& path, int depth)
        : binder_(binder), metric_(metric), path_(path), depth_(depth) {}

    absl::StatusOr<TypedExpression> Resolve(const Expression& leaf,
                                            const std::string& field) const override {
      if (leaf.kind != Expression::Kind::kColumn) {
        return FieldError(field, "found an aggregate; allowed: names of metrics", leaf.position);
      }
      return Named(leaf.name, field, leaf.position);
    }

    absl::StatusOr<TypedExpression> Named(const std::string& name, const std::string& field,
                                          int position) const {
      const auto known = bound_.find(name);
      if (known != bound_.end()) {
        SEXTANT_RETURN_IF_ERROR(Take(known->second, field));
        return known->second;
      }
      std::vector<std::string> names;
      for (size_t i = 0; i < metric_.components.size(); ++i) {
        const Metric& component = metric_.components[i];
        names.push_back(component.name);
        if (component.name != name) continue;
        if (IsHistogram(component) && !metric_.cumulative) return RefuseHistogram(name, field);
        TypedExpression bound;
        SEXTANT_RETURN_IF_ERROR(
            binder_.Bind(component, MetricPath(path_.metric, i), depth_ + 1, bound));
        bound.text = name;
        bound.position = position;
        bound_.emplace(name, bound);
        return bound;
      }
      const std::string shown = name.substr(0, 64);
      return FieldError(field,
                        absl::StrCat("unknown metric '", shown, "'", DidYouMeanInText(shown, names),
                                     "; allowed: ", ListedNames(names)),
                        position, NearestNames(shown, names));
    }

   private:
    static absl::Status RefuseHistogram(const std::string& name, const std::string& field) {
      return FieldError(field, absl::StrCat("metric '", name.substr(0, 64),
                                            "' is a histogram, which has no one value; allowed: "
                                            "histograms by themselves, or over windows"));
    }

    /// Every use of a component is a copy.
    absl::Status Take(const TypedExpression& component, const std::string& field) const {
      return binder_.scope_.parts.Take(NumParts(component.expression, kMaxParts), field);
    }

    MetricBinder& binder_;
    const Metric& metric_;
    const MetricPath& path_;
    const int depth_;
    mutable std::map<std::string, TypedExpression> bound_;
  };

  /// That of the dataset, or, in `room`, as a metric of the catalogue has it.
  const PredicateContext& ContextOf(const Metric& metric, size_t dataset,
                                    std::optional<PredicateContext>& room) const {
    if (!metric.is_from_catalog) return contexts_[dataset];
    room.emplace(contexts_[dataset]).time_zone = absl::UTCTimeZone();
    return *room;
  }

  absl::Status BindExpressionOf(const Metric& metric, const MetricPath& path,
                                TypedExpression& value) {
    const size_t dataset = SourceIndex(scope_.sources, metric);
    std::optional<PredicateContext> room;
    const PredicateContext& rows = ContextOf(metric, dataset, room);
    const std::string& field = path.expression;
    // A text that is wrong is told before a pin that is.
    AggregateCall plain;
    std::optional<Expression> parsed;
    if (!ReadPlainAggregate(metric.expression, field, plain)) {
      SEXTANT_ASSIGN_OR_RETURN(parsed, ParseMetric(metric.expression, field));
    }
    AggregateScope aggregates({scope_.aggregates, scope_.clip}, rows, dataset, metric);
    SEXTANT_RETURN_IF_ERROR(BindFramedPin(rows, metric, path.metric, aggregates.pin));
    SEXTANT_RETURN_IF_ERROR(aggregates.BindConditions(path.metric));
    if (parsed) {
      SEXTANT_ASSIGN_OR_RETURN(value, BindCells(rows, aggregates, *parsed, field));
    } else {
      SEXTANT_RETURN_IF_ERROR(aggregates.Bind(plain, field, value));
    }
    if (metric.is_zero_when_empty) SEXTANT_RETURN_IF_ERROR(MakeZeroWhenEmpty(rows, path, value));
    MakeResult(value);
    return absl::OkStatus();
  }

  absl::Status BindConcurrency(const Metric& metric, const MetricPath& path,
                               TypedExpression& value) {
    SEXTANT_ASSIGN_OR_RETURN(const AggregateCall call, ConcurrencyCall(metric, path.metric));
    const std::string field = absl::StrCat(path.metric, ".concurrency");
    const size_t dataset = SourceIndex(scope_.sources, metric);
    std::optional<PredicateContext> room;
    const PredicateContext& rows = ContextOf(metric, dataset, room);
    AggregateScope aggregates({scope_.aggregates, scope_.clip}, rows, dataset, metric);
    SEXTANT_RETURN_IF_ERROR(BindFramedPin(rows, metric, field, aggregates.pin));
    SEXTANT_RETURN_IF_ERROR(aggregates.BindConditions(path.metric));
    return aggregates.Bind(call, field, value);
  }

  absl::Status BindFramedPin(const PredicateContext& rows, const Metric& metric,
                             const std::string& path, BoundPin& pin) const {
    SEXTANT_RETURN_IF_ERROR(BindPin(rows, metric, path, query_.HasTimeAxis(), pin));
    return ApplyFrame(frame_, metric, path, pin);
  }

  absl::Status MakeZeroWhenEmpty(const PredicateContext& rows, const MetricPath& path,
                                 TypedExpression& value) const {
    const std::string field = absl::StrCat(path.metric, ".empty");
    if (value.expression.op != ExpressionOp::kColumn) {
      return FieldError(field,
                        "found 'zero' beside arithmetic; allowed: of one sum or one bool_or");
    }
    const AggregateKind kind = scope_.aggregates.aggregate(value.expression.column).kind;
    SEXTANT_ASSIGN_OR_RETURN(value, ZeroWhenEmpty(rows, kind, std::move(value), field));
    return absl::OkStatus();
  }

  /// A value of each cell.
  static absl::StatusOr<TypedExpression> BindCells(const PredicateContext& rows,
                                                   const AggregateScope& aggregates,
                                                   const Expression& parsed,
                                                   const std::string& field) {
    if (parsed.kind == Expression::Kind::kAggregate) return aggregates.Resolve(parsed, field);
    PredicateContext cells = rows;
    cells.names = &aggregates;
    cells.division = Division::kRefused;
    return BindExpression(cells, parsed, field);
  }

  /// Its rows, time and filter are those of its components.
  absl::Status CheckDerived(const Metric& metric, const MetricPath& path) const {
    const bool has_pin = metric.pin.kind != TimePin::Kind::kNone;
    const bool has_clip = metric.clip && !metric.threshold && !metric.histogram;
    const bool has_zero = metric.is_zero_when_empty;
    const bool has_per = metric.per != nullptr;
    if (metric.filter.empty() && metric.domain.empty() && !has_clip && !has_pin && !has_zero &&
        !has_per) {
      return absl::OkStatus();
    }
    return FieldError(
        absl::StrCat(path.metric, has_per                  ? ".per"
                                  : !metric.filter.empty() ? ".filter"
                                  : !metric.domain.empty() ? ".domain"
                                  : has_clip               ? ".clip"
                                  : has_zero               ? ".empty"
                                                           : ".at"),
        "a metric of metrics has no rows of its own; allowed: in the metrics that it names");
  }

  absl::Status BindDerivedOf(const Metric& metric, const MetricPath& path, int depth,
                             TypedExpression& value) {
    const std::string field = absl::StrCat(path.metric, ".derived");
    SEXTANT_ASSIGN_OR_RETURN(const Expression parsed, ParseValue(metric.derived, field));
    return BindOfComponents(metric, path, depth, {parsed, field}, value);
  }

  absl::Status BindSum(const Metric& metric, const MetricPath& path, int depth,
                       TypedExpression& value) {
    const std::string field = absl::StrCat(path.metric, ".sum_of");
    if (metric.sum_of->names.empty()) {
      return FieldError(field, "found no metric; allowed: one or more");
    }
    return BindOfComponents(metric, path, depth, {SumOfNames(*metric.sum_of), field}, value);
  }

  /// Its component, over windows.
  absl::Status BindCumulative(const Metric& metric, const MetricPath& path, int depth,
                              TypedExpression& value) {
    SEXTANT_ASSIGN_OR_RETURN(std::shared_ptr<const TimeFrame> frame,
                             BindWindow(*metric.cumulative, path.metric, frame_, query_));
    frame_.swap(frame);
    const Components components(*this, metric, path, depth);
    absl::StatusOr<TypedExpression> of =
        components.Named(metric.cumulative->of, absl::StrCat(path.metric, ".cumulative.of"), -1);
    frame_.swap(frame);
    if (!of.ok()) return of.status();
    value = *std::move(of);
    return absl::OkStatus();
  }

  /// An expression over the names of components, and its field.
  struct OfComponents {
    const Expression& expression;
    const std::string& field;
  };
  absl::Status BindOfComponents(const Metric& metric, const MetricPath& path, int depth,
                                const OfComponents& of, TypedExpression& value) {
    const Components components(*this, metric, path, depth);
    std::optional<PredicateContext> room;
    PredicateContext cells = ContextOf(metric, 0, room);
    cells.names = &components;
    cells.division = Division::kFloat64;
    SEXTANT_ASSIGN_OR_RETURN(value, BindExpression(cells, of.expression, of.field));
    MakeResult(value);
    return absl::OkStatus();
  }

  /// Over the samples of its component.
  absl::Status BindThreshold(const Metric& metric, const MetricPath& path, int depth,
                             TypedExpression& value) {
    const std::string field = absl::StrCat(path.metric, ".threshold");
    const auto bind = [&](AggregateScope& aggregates,
                          const AggregateCall& samples) -> absl::Status {
      SEXTANT_ASSIGN_OR_RETURN(value, aggregates.BindShare(samples, *metric.threshold, field));
      return absl::OkStatus();
    };
    return BindOfSamples(metric, {metric.threshold->of, field}, {path, depth}, bind);
  }

  /// Likewise: its counts.
  absl::Status BindHistogram(const Metric& metric, const MetricPath& path, int depth,
                             TypedExpression& value) {
    const std::string field = absl::StrCat(path.metric, ".histogram");
    const auto bind = [&](AggregateScope& aggregates,
                          const AggregateCall& samples) -> absl::Status {
      SEXTANT_ASSIGN_OR_RETURN(value, aggregates.BindHistogram(samples, *metric.histogram, field));
      return absl::OkStatus();
    };
    return BindOfSamples(metric, {metric.histogram->of, field}, {path, depth}, bind);
  }

  /// A component by its name, and the field that names it but for ".of".
  struct SamplesOf {
    const std::string& name;
    const std::string& field;
  };
  struct Place {
    const MetricPath& path;
    int depth;
  };
  /// Calls bind(scope of the samples of the component, which is one aggregate of one value, that
  /// aggregate).
  template <typename BindSamples>
  absl::Status BindOfSamples(const Metric& metric, const SamplesOf& wanted, const Place& place,
                             const BindSamples& bind) {
    const MetricPath& path = place.path;
    const std::string field_of = absl::StrCat(wanted.field, ".of");
    const auto of = std::find_if(metric.components.begin(), metric.components.end(),
                                 [&](const Metric& one) { return one.name == wanted.name; });
    if (of == metric.components.end()) {
      return Components(*this, metric, path, place.depth).Named(wanted.name, field_of, -1).status();
    }
    const MetricPath path_of(path.metric, static_cast<size_t>(of - metric.components.begin()));
    std::optional<Expression> parsed;
    if (!of->expression.empty()) {
      SEXTANT_ASSIGN_OR_RETURN(parsed, ParseMetric(of->expression, path_of.expression));
    }
    const bool is_plain = parsed && parsed->kind == Expression::Kind::kAggregate &&
                          parsed->aggregates[0].kind != AggregateKind::kTopValues &&
                          parsed->aggregates[0].arguments.size() == 1;
    if (!is_plain) {
      return FieldError(field_of, absl::StrCat("metric '", of->name,
                                               "' is not one aggregate of one value; allowed: such "
                                               "as avg(x)"));
    }
    const size_t dataset = SourceIndex(scope_.sources, *of);
    std::optional<PredicateContext> room;
    const PredicateContext& rows = ContextOf(*of, dataset, room);
    Metric samples = *of;
    samples.name = metric.name;
    // A share is clipped where it says so, a histogram where its samples are too.
    if (metric.clip || metric.threshold) samples.clip = metric.clip.value_or(false);
    AggregateScope aggregates({scope_.aggregates, scope_.clip}, rows, dataset, samples);
    SEXTANT_RETURN_IF_ERROR(BindFramedPin(rows, samples, path_of.metric, aggregates.pin));
    SEXTANT_RETURN_IF_ERROR(aggregates.BindConditions(path_of.metric));
    return bind(aggregates, parsed->aggregates[0]);
  }

  /// (numerator + offset) / (denominator + offset), in float64 (rule 1).
  absl::Status BindRatio(const Metric& metric, const MetricPath& path, int depth,
                         TypedExpression& value) {
    const Components components(*this, metric, path, depth);
    const std::string field = absl::StrCat(path.metric, ".ratio");
    const TypingContext typing = {contexts_[0].time_zone, field, Division::kFloat64};
    SEXTANT_ASSIGN_OR_RETURN(
        TypedExpression numerator,
        components.Named(metric.ratio->numerator, absl::StrCat(field, ".numerator"), -1));
    SEXTANT_ASSIGN_OR_RETURN(
        TypedExpression denominator,
        components.Named(metric.ratio->denominator, absl::StrCat(field, ".denominator"), -1));
    for (TypedExpression* side : {&numerator, &denominator}) {
      if (!IsNumber(side->type().kind)) {
        return FieldError(field, absl::StrCat("metric '", side->text, "' is ",
                                              TypeName(side->type()), "; allowed: numbers"));
      }
      SEXTANT_ASSIGN_OR_RETURN(*side, WithOffset(typing, std::move(*side), metric.ratio->offset));
    }
    SEXTANT_ASSIGN_OR_RETURN(
        value, BindOperator(typing, '/', std::move(numerator), std::move(denominator)));
    return absl::OkStatus();
  }

  static absl::StatusOr<TypedExpression> WithOffset(const TypingContext& typing,
                                                    TypedExpression value, double offset) {
    if (offset == 0) return value;
    if (!(offset - offset == 0)) {
      return typing.Refuse(value, "the offset of a ratio is not finite; allowed: a finite number");
    }
    BoundConstant constant;
    constant.value = offset;
    TypedExpression addend;
    addend.expression = ConstantExpression(kFloat64, std::move(constant));
    addend.text = absl::StrCat(offset);
    return BindOperator(typing, '+', std::move(value), std::move(addend));
  }

  const MetricScope& scope_;
  const std::span<const PredicateContext> contexts_;
  const BoundQuery& query_;
  std::shared_ptr<const TimeFrame> frame_;  // of the metric at hand
};

/// Whether it is a ratio, or one over windows. REQUIRES: it has been bound.
bool IsRatio(const Metric& metric) {
  if (!metric.cumulative) return metric.ratio.has_value();
  return std::any_of(metric.components.begin(), metric.components.end(), [&](const Metric& one) {
    return one.name == metric.cumulative->of && IsRatio(one);
  });
}

}  // namespace

absl::Status BindMetric(const MetricScope& scope, const Metric& metric, size_t index,
                        BoundMetric& bound) {
  std::optional<MetricPath> room;
  const MetricPath& path = PathOf(index, room);
  SEXTANT_RETURN_IF_ERROR(CheckResultName(metric.name, absl::StrCat(path.metric, ".name")));
  TypedExpression value;
  SEXTANT_RETURN_IF_ERROR(MetricBinder(scope).Bind(metric, path, 1, value));
  bound.name = metric.name;
  if (scope.frame != nullptr) bound.name.append(".previous");
  bound.result_type = value.type();
  bound.unit = metric.unit.empty() ? value.unit : std::string_view(metric.unit);
  bound.is_ratio = IsRatio(metric);
  bound.is_shown_duration = value.is_shown_duration;
  bound.expression = std::move(value.expression);
  return absl::OkStatus();
}

}  // namespace sextant
