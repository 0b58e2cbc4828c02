#include "compute/plan/binder/statistics_binder.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/aggregate_uses.h"
#include "compute/plan/binder/predicate_forms.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/nearest_names.h"

namespace sextant {
namespace {

constexpr DataType kFloat64 = DataType::Of(TypeKind::kFloat64);
constexpr DataType kInt64 = DataType::Of(TypeKind::kInt64);

/// FNV-1a: the same in every process and version.
uint64_t HashOf(const std::string& text) {
  uint64_t hash = 0xCBF29CE484222325u;
  for (const char byte : text) hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001B3u;
  return hash;
}

bool HasPairs(AggregateKind kind) {
  return kind == AggregateKind::kCorr || kind == AggregateKind::kRegrSlope ||
         kind == AggregateKind::kRegrR2;
}

BoundExpression ColumnOf(uint32_t aggregate, const DataType& type) {
  BoundExpression column;
  column.type = type;
  column.column = aggregate;
  return column;
}

/// The texts of the conditions that `filter` is the conjunction of.
void CollectConditions(const BoundPredicate& filter, std::set<std::string>& conditions) {
  const auto* const all = std::get_if<AndNode>(&filter.node);
  if (all == nullptr || filter.negated) {
    conditions.insert(ToString(filter));
    return;
  }
  for (const BoundPredicate& child : all->children) CollectConditions(child, conditions);
}

std::set<std::string> ConditionsOf(const BoundAggregate& aggregate) {
  std::set<std::string> conditions;
  if (aggregate.filter) CollectConditions(*aggregate.filter, conditions);
  return conditions;
}

/// Whether every row that `part` counts is one that `whole` counts: both are counts of rows or
/// values at the same times, and `part` has the conditions of `whole` and maybe more.
bool IsPartOf(const BoundAggregate& part, const BoundAggregate& whole) {
  const auto counts = [](const BoundAggregate& aggregate) {
    return (aggregate.kind == AggregateKind::kCountRows ||
            aggregate.kind == AggregateKind::kCount) &&
           aggregate.clip == nullptr;
  };
  if (!counts(part) || !counts(whole)) return false;
  const bool is_of_values = whole.kind == AggregateKind::kCount;
  if (is_of_values &&
      (part.kind != AggregateKind::kCount || ToString(part.value) != ToString(whole.value))) {
    return false;
  }
  if (ToString(part.pin) != ToString(whole.pin)) return false;
  if (part.filter && IsConstant(*part.filter, ConstantLeaf::Value::kFalse)) return true;
  const std::set<std::string> of_part = ConditionsOf(part);
  const std::set<std::string> of_whole = ConditionsOf(whole);
  return std::includes(of_part.begin(), of_part.end(), of_whole.begin(), of_whole.end());
}

class StatisticsBinder {
 public:
  StatisticsBinder(const StatisticsScope& scope, const Metric& metric, size_t index)
      : query_(scope.query),
        bound_(scope.bound),
        aggregates_(scope.aggregates),
        metric_(metric),
        value_(bound_.metrics.back()),
        field_(absl::StrCat("metrics[", index, "]")) {}

  absl::StatusOr<bool> Bind() {
    FindSamples();
    if (!samples_) return false;
    dataset_ = DatasetOf(*samples_);
    if (query_.samples) {
      SEXTANT_RETURN_IF_ERROR(AddCount(MetricStatistic::kSamples, false));
      SEXTANT_RETURN_IF_ERROR(AddCount(MetricStatistic::kSamplesKept, true));
    }
    if (!query_.confidence || !HasBounds()) return false;
    SEXTANT_RETURN_IF_ERROR(AddBound(MetricStatistic::kMin, -query_.confidence->level));
    SEXTANT_RETURN_IF_ERROR(AddBound(MetricStatistic::kMax, query_.confidence->level));
    return true;
  }

 private:
  /// The aggregate that has the samples of the metric; of a share the count of all of them.
  void FindSamples() {
    if (metric_.ratio && metric_.ratio->offset == 0) return FindShare();
    if (metric_.IsOfMetrics() && !metric_.threshold) return;
    if (value_.expression.op == ExpressionOp::kColumn) {
      samples_ = value_.expression.column;
      if (HasPairs(bound_.aggregates[*samples_].kind)) samples_.reset();
      return;
    }
    if (!metric_.threshold) return;
    const std::vector<uint32_t> counts = AggregatesOf(value_.expression);
    if (counts.size() != 2) return;
    const bool is_first = bound_.aggregates[counts[0]].kind == AggregateKind::kCount;
    samples_ = counts[is_first ? 0 : 1];
    passing_ = counts[is_first ? 1 : 0];
  }

  /// A ratio of two counts, of which the first is a part of the second, is a share too.
  void FindShare() {
    std::vector<uint32_t> counts;
    for (const BoundExpression& side : value_.expression.arguments) {
      const bool is_cast = side.op == ExpressionOp::kCast;
      const BoundExpression& count = is_cast ? side.arguments[0] : side;
      if (count.op == ExpressionOp::kColumn) counts.push_back(count.column);
    }
    const bool is_quotient = value_.expression.op == ExpressionOp::kDivide && counts.size() == 2 &&
                             value_.expression.arguments.size() == 2 &&
                             DatasetOf(counts[0]) == DatasetOf(counts[1]);
    if (!is_quotient) return;
    if (!IsPartOf(bound_.aggregates[counts[0]], bound_.aggregates[counts[1]])) return;
    passing_ = counts[0];
    samples_ = counts[1];
  }

  size_t DatasetOf(uint32_t aggregate) const {
    const auto has = [&](const BoundDataset& dataset) {
      return std::binary_search(dataset.aggregates.begin(), dataset.aggregates.end(), aggregate);
    };
    return static_cast<size_t>(std::find_if(bound_.datasets.begin(), bound_.datasets.end(), has) -
                               bound_.datasets.begin());
  }

  bool HasBounds() const {
    if (passing_) return true;
    const AggregateKind kind = bound_.aggregates[*samples_].kind;
    return kind == AggregateKind::kAvg || kind == AggregateKind::kPercentileCont ||
           kind == AggregateKind::kPercentileDisc;
  }

  /// Keeps an aggregate of the same samples. It excludes none: the metric counts those.
  absl::StatusOr<uint32_t> Keep(BoundAggregate aggregate) {
    aggregate.num_uses = 0;
    aggregate.outside.reset();
    aggregates_.Begin() = std::move(aggregate);
    return aggregates_.Keep(dataset_, field_);
  }

  /// The number of samples, after clipping or before.
  absl::StatusOr<uint32_t> KeepCount(bool is_clipped) {
    const BoundAggregate& samples = bound_.aggregates[*samples_];
    const bool is_plain =
        samples.kind == AggregateKind::kCountRows || samples.kind == AggregateKind::kCount;
    if (is_plain && (is_clipped || !samples.clip)) return *samples_;
    BoundAggregate count;
    count.metric = samples.metric;
    count.kind = HasValue(samples.kind) ? AggregateKind::kCount : AggregateKind::kCountRows;
    count.value = samples.kind == AggregateKind::kTopValues ? samples.second : samples.value;
    count.pin = samples.pin;
    count.filter = samples.filter;
    if (is_clipped) count.clip = samples.clip;
    count.result_type = kInt64;
    return Keep(std::move(count));
  }

  void Add(MetricStatistic statistic, BoundExpression expression) {
    static constexpr const char* kSuffixes[] = {"", ".samples", ".samples_kept", ".min", ".max"};
    // The metric first: it may move when another one is added.
    BoundMetric added;
    added.name = absl::StrCat(metric_.name, kSuffixes[static_cast<size_t>(statistic)]);
    added.statistic = statistic;
    added.result_type = expression.type;
    if (statistic >= MetricStatistic::kMin) added.unit = unit_;
    added.expression = std::move(expression);
    bound_.metrics.push_back(std::move(added));
  }

  absl::Status AddCount(MetricStatistic statistic, bool is_clipped) {
    SEXTANT_ASSIGN_OR_RETURN(const uint32_t count, KeepCount(is_clipped));
    Add(statistic, ColumnOf(count, kInt64));
    return absl::OkStatus();
  }

  absl::Status AddBound(MetricStatistic statistic, double level) {
    BoundExpression bound;
    if (passing_) {
      bound = Computed(ExpressionOp::kShareBound, level);
      bound.arguments = {ColumnOf(*passing_, kInt64), ColumnOf(*samples_, kInt64)};
    } else if (bound_.aggregates[*samples_].kind != AggregateKind::kAvg) {
      SEXTANT_ASSIGN_OR_RETURN(bound, Ordered(AggregateKind::kRankBound, {.level = level}));
    } else if (query_.confidence->method == Confidence::Method::kBootstrap) {
      const ConfidenceBound resampled = {.level = level,
                                         .seed = HashOf(ToString(bound_.aggregates[*samples_])),
                                         .max_draws = bound_.limits.max_bootstrap_draws};
      SEXTANT_ASSIGN_OR_RETURN(bound, Ordered(AggregateKind::kResampledMean, resampled));
    } else {
      SEXTANT_ASSIGN_OR_RETURN(bound, OfMean(level));
    }
    Add(statistic, std::move(bound));
    return absl::OkStatus();
  }

  static BoundExpression Computed(ExpressionOp op, double level) {
    BoundExpression expression;
    expression.op = op;
    expression.type = kFloat64;
    expression.constant.value = level;
    return expression;
  }

  absl::StatusOr<BoundExpression> Ordered(AggregateKind kind, const ConfidenceBound& bound) {
    BoundAggregate aggregate = bound_.aggregates[*samples_];
    const DataType type = aggregate.result_type;
    aggregate.kind = kind;
    aggregate.bound = std::make_shared<const ConfidenceBound>(bound);
    SEXTANT_ASSIGN_OR_RETURN(const uint32_t kept, Keep(std::move(aggregate)));
    return ColumnOf(kept, type);
  }

  absl::StatusOr<BoundExpression> OfMean(double level) {
    BoundAggregate deviation = bound_.aggregates[*samples_];
    deviation.kind = AggregateKind::kStddevSamp;
    SEXTANT_ASSIGN_OR_RETURN(const uint32_t spread, Keep(std::move(deviation)));
    SEXTANT_ASSIGN_OR_RETURN(const uint32_t count, KeepCount(true));
    BoundExpression bound = Computed(ExpressionOp::kMeanBound, level);
    bound.arguments = {ColumnOf(*samples_, kFloat64), ColumnOf(spread, kFloat64),
                       ColumnOf(count, kInt64)};
    return bound;
  }

  const Query& query_;
  BoundQuery& bound_;
  AggregateList& aggregates_;
  const Metric& metric_;
  const BoundMetric& value_;  // until the first Add
  const std::string field_;
  const std::string unit_ = value_.unit;
  std::optional<uint32_t> samples_;
  std::optional<uint32_t> passing_;  // of a share
  size_t dataset_ = 0;
};

}  // namespace

absl::Status CheckConfidence(const Confidence& confidence) {
  if (confidence.level > 0 && confidence.level < 1) return absl::OkStatus();
  return FieldError("confidence.level", absl::StrCat("found ", confidence.level,
                                                     "; allowed: more than 0, less than 1"));
}

absl::StatusOr<bool> BindStatistics(const StatisticsScope& scope, const Metric& metric,
                                    size_t index) {
  return StatisticsBinder(scope, metric, index).Bind();
}

absl::Status RefuseWithoutBounds(const Query& query) {
  std::vector<std::string> names;
  for (const Metric& metric : query.metrics) names.push_back(metric.name);
  return FieldError(
      "confidence",
      absl::StrCat("none of the metrics has bounds: found ", ListedNames(names),
                   "; allowed: with a metric that is one avg, median, percentile_cont "
                   "or percentile_disc, a threshold, or a ratio of a count to another that it is a "
                   "part of"));
}

}  // namespace sextant
