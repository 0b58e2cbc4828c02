#include "compute/plan/binder/metric_binder.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/aggregate_binder.h"
#include "compute/plan/binder/catalog_fault.h"
#include "compute/plan/binder/constant_value.h"
#include "compute/plan/binder/expression_binder.h"
#include "compute/plan/binder/operator_binder.h"
#include "compute/plan/binder/pin_binder.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/expression_parser.h"
#include "compute/plan/expression_parser/plain_metric.h"
#include "compute/plan/name_quotes.h"
#include "compute/plan/nearest_names.h"

namespace sextant {
namespace {

constexpr size_t kMaxNameBytes = 256;
constexpr DataType kFloat64 = DataType::Of(TypeKind::kFloat64);

/// The position of `name` among the datasets of `query`. REQUIRES: it is there, as DatasetsOf saw.
size_t DatasetIndex(const BoundQuery& query, const std::string& name) {
  const auto found = std::find_if(query.datasets.begin(), query.datasets.end(),
                                  [&](const BoundDataset& one) { return one.name == name; });
  SEXTANT_CHECK(found != query.datasets.end()) << name;
  return static_cast<size_t>(found - query.datasets.begin());
}

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
}

/// One metric of the query and its components.
class MetricBinder {
 public:
  explicit MetricBinder(const MetricScope& scope)
      : scope_(scope), contexts_(scope.contexts), query_(scope.query) {}

  absl::StatusOr<TypedExpression> Bind(const Metric& metric, const std::string& path, int depth) {
    absl::StatusOr<TypedExpression> bound = BindAsWritten(metric, path, depth);
    if (bound.ok() || !metric.is_from_catalog) return bound;
    return InCatalog(bound.status(), path, absl::StrCat("catalogue metric '", metric.name, "'"));
  }

 private:
  absl::StatusOr<TypedExpression> BindAsWritten(const Metric& metric, const std::string& path,
                                                int depth) {
    if (depth > kMaxMetricDepth) {
      return FieldError(path, absl::StrCat("metrics of metrics nest deeper than ", kMaxMetricDepth,
                                           " levels, which are allowed"));
    }
    const int num_forms = (metric.expression.empty() ? 0 : 1) + (metric.derived.empty() ? 0 : 1) +
                          (metric.ratio ? 1 : 0);
    if (num_forms > 1) {
      return FieldError(path, absl::StrCat("metric '", metric.name, "' has ", num_forms,
                                           " definitions; allowed: one of expression, derived "
                                           "and ratio"));
    }
    absl::StatusOr<TypedExpression> bound = metric.ratio ? BindRatio(metric, path, depth)
                                            : metric.derived.empty()
                                                ? BindExpressionOf(metric, path)
                                                : BindDerivedOf(metric, path, depth);
    if (!bound.ok()) return bound;
    if (NumParts(bound->expression, kMaxParts) > kMaxParts) {
      return FieldError(path, absl::StrCat("metric '", metric.name, "' has more than ", kMaxParts,
                                           " parts when its components are written out, which are "
                                           "allowed"));
    }
    if (!ReadsColumn(bound->expression)) {
      return FieldError(path, absl::StrCat("metric '", metric.name,
                                           "' computes nothing of any row; allowed: at least one "
                                           "aggregate"));
    }
    return bound;
  }

  /// Aggregates of one dataset, with the pin and filter of their metric.
  class Aggregates final : public NameScope {
   public:
    Aggregates(AggregateList& list, const PredicateContext& row_context, size_t dataset,
               const std::string& metric_name)
        : list_(list), row_context_(row_context), dataset_(dataset), metric_name_(metric_name) {}

    absl::StatusOr<TypedExpression> Resolve(const Expression& leaf,
                                            const std::string& field) const override {
      if (leaf.kind != Expression::Kind::kAggregate || leaf.aggregates.size() != 1) {
        return FieldError(field,
                          absl::StrCat("found the column '", leaf.name.substr(0, 64),
                                       "' outside an aggregate; allowed: columns inside of one"),
                          leaf.position);
      }
      return Bind(leaf.aggregates[0], field);
    }

    absl::StatusOr<TypedExpression> Bind(const AggregateCall& call,
                                         const std::string& field) const {
      BoundAggregate& aggregate = list_.Begin();
      // One thing is returned in all ways, so that it is made where the caller has it.
      absl::StatusOr<TypedExpression> value = BindAggregate(row_context_, call, field, aggregate);
      if (!value.ok()) return value;
      aggregate.metric = metric_name_;
      aggregate.pin = pin;
      if (filter) {
        std::optional<BoundPredicate>& own = aggregate.filter;
        own = own ? Conjunction(*std::move(own), *filter) : *filter;
      }
      const absl::StatusOr<uint32_t> index = list_.Keep(dataset_, field);
      if (index.ok()) {
        value->expression.column = *index;
      } else {
        value = index.status();
      }
      return value;
    }

    BoundPin pin;
    std::optional<BoundPredicate> filter;

   private:
    AggregateList& list_;
    const PredicateContext& row_context_;
    const size_t dataset_;
    const std::string& metric_name_;
  };

  /// The components of a derived metric by name, each bound once.
  class Components final : public NameScope {
   public:
    Components(MetricBinder& binder, const Metric& metric, const std::string& path, int depth)
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
        SEXTANT_ASSIGN_OR_RETURN(
            TypedExpression bound,
            binder_.Bind(component, absl::StrCat(path_, ".components[", i, "]"), depth_ + 1));
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
    /// Every use of a component is a copy.
    absl::Status Take(const TypedExpression& component, const std::string& field) const {
      return binder_.scope_.parts.Take(NumParts(component.expression, kMaxParts), field);
    }

    MetricBinder& binder_;
    const Metric& metric_;
    const std::string& path_;
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

  absl::StatusOr<TypedExpression> BindExpressionOf(const Metric& metric, const std::string& path) {
    const size_t dataset = DatasetIndex(query_, metric.dataset);
    std::optional<PredicateContext> room;
    const PredicateContext& rows = ContextOf(metric, dataset, room);
    const std::string field = absl::StrCat(path, ".expression");
    // A text that is wrong is told before a pin that is.
    AggregateCall plain;
    std::optional<Expression> parsed;
    if (!ReadPlainAggregate(metric.expression, field, plain)) {
      SEXTANT_ASSIGN_OR_RETURN(parsed, ParseMetric(metric.expression, field));
    }
    Aggregates aggregates(scope_.aggregates, rows, dataset, metric.name);
    SEXTANT_ASSIGN_OR_RETURN(aggregates.pin, BindPin(rows, metric, path, query_.HasTimeAxis()));
    if (!metric.filter.empty()) {
      SEXTANT_ASSIGN_OR_RETURN(const Predicate filter,
                               ParseFilter(metric.filter, absl::StrCat(path, ".filter")));
      SEXTANT_ASSIGN_OR_RETURN(aggregates.filter, BindPredicate(rows, filter));
    }
    absl::StatusOr<TypedExpression> bound =
        parsed ? BindCells(rows, aggregates, *parsed, field) : aggregates.Bind(plain, field);
    if (bound.ok()) MakeResult(*bound);
    return bound;
  }

  /// A value of each cell.
  static absl::StatusOr<TypedExpression> BindCells(const PredicateContext& rows,
                                                   const Aggregates& aggregates,
                                                   const Expression& parsed,
                                                   const std::string& field) {
    if (parsed.kind == Expression::Kind::kAggregate) return aggregates.Resolve(parsed, field);
    PredicateContext cells = rows;
    cells.names = &aggregates;
    cells.division = Division::kRefused;
    return BindExpression(cells, parsed, field);
  }

  /// Its rows, time and filter are those of its components.
  absl::Status CheckDerived(const Metric& metric, const std::string& path) const {
    if (metric.filter.empty() && metric.pin.kind == TimePin::Kind::kNone) return absl::OkStatus();
    return FieldError(
        absl::StrCat(path, metric.filter.empty() ? ".at" : ".filter"),
        "a metric of metrics has no rows of its own; allowed: in the metrics that it names");
  }

  absl::StatusOr<TypedExpression> BindDerivedOf(const Metric& metric, const std::string& path,
                                                int depth) {
    SEXTANT_RETURN_IF_ERROR(CheckDerived(metric, path));
    const std::string field = absl::StrCat(path, ".derived");
    SEXTANT_ASSIGN_OR_RETURN(const Expression parsed, ParseValue(metric.derived, field));
    const Components components(*this, metric, path, depth);
    std::optional<PredicateContext> room;
    PredicateContext cells = ContextOf(metric, 0, room);
    cells.names = &components;
    cells.division = Division::kFloat64;
    absl::StatusOr<TypedExpression> bound = BindExpression(cells, parsed, field);
    if (bound.ok()) MakeResult(*bound);
    return bound;
  }

  /// (numerator + offset) / (denominator + offset), in float64 (rule 1).
  absl::StatusOr<TypedExpression> BindRatio(const Metric& metric, const std::string& path,
                                            int depth) {
    SEXTANT_RETURN_IF_ERROR(CheckDerived(metric, path));
    const Components components(*this, metric, path, depth);
    const std::string field = absl::StrCat(path, ".ratio");
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
    return BindOperator(typing, '/', std::move(numerator), std::move(denominator));
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
};

}  // namespace

absl::Status BindMetric(const MetricScope& scope, const Metric& metric, size_t index,
                        BoundMetric& bound) {
  const std::string path = absl::StrCat("metrics[", index, "]");
  if (metric.name.empty() || metric.name.size() > kMaxNameBytes) {
    return FieldError(
        absl::StrCat(path, ".name"),
        absl::StrCat("a name of ", metric.name.size(), " bytes; allowed: 1 to ", kMaxNameBytes));
  }
  absl::StatusOr<TypedExpression> value = MetricBinder(scope).Bind(metric, path, 1);
  if (!value.ok()) return value.status();
  bound.name = metric.name;
  bound.result_type = value->type();
  bound.unit = metric.unit.empty() ? value->unit : std::string_view(metric.unit);
  bound.is_ratio = metric.ratio.has_value();
  bound.expression = std::move(value->expression);
  return absl::OkStatus();
}

}  // namespace sextant
