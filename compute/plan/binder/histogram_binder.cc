#include "compute/plan/binder/histogram_binder.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/interval_text.h"
#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

constexpr double kMicrosecondsPerSecond = 1e6;
constexpr int64_t kDayUs = int64_t{86'400} * 1'000'000;
constexpr char kSample[] = "value";
constexpr char kGreatestSample[] = "4.49423283715579e307";  // just below 2^1022

std::optional<double> NumberOf(const std::string& text) {
  double number = 0;
  if (!absl::SimpleAtod(text, &number) || !(number - number == 0)) return std::nullopt;
  return number == 0 ? 0 : number;  // not -0
}

/// Of a difference of times: a number of seconds, or a length of time without months.
std::optional<double> SecondsOf(const std::string& text) {
  if (const std::optional<double> seconds = NumberOf(text)) return seconds;
  const absl::StatusOr<IntervalValue> length = ParseInterval(text);
  if (!length.ok() || length->months != 0) return std::nullopt;
  int64_t microseconds = 0;
  if (__builtin_mul_overflow(int64_t{length->days}, kDayUs, &microseconds) ||
      __builtin_add_overflow(microseconds, length->microseconds, &microseconds)) {
    return std::nullopt;
  }
  return static_cast<double>(microseconds) / kMicrosecondsPerSecond;
}

Predicate Comparison(CompareOp op, Literal::Kind kind, std::string text) {
  Predicate comparison;
  comparison.kind = Predicate::Kind::kCompare;
  comparison.value = Expression::Column(kSample);
  comparison.op = op;
  Literal& literal = comparison.literals.emplace_back();
  literal.kind = kind;
  literal.text = std::move(text);
  return comparison;
}

std::string Shown(const std::string& text) { return absl::StrCat("'", text.substr(0, 64), "'"); }

absl::StatusOr<std::vector<double>> BindEdges(const Metric::Histogram& histogram, TypeKind kind,
                                              const std::string& field) {
  const size_t num_edges = histogram.edges.size();
  if (num_edges < 2 || num_edges > kMaxHistogramBins + 1) {
    return FieldError(field, absl::StrCat("found ", num_edges, num_edges == 1 ? " edge" : " edges",
                                          "; allowed: 2 to ", kMaxHistogramBins + 1));
  }
  std::vector<double> edges;
  for (size_t i = 0; i < num_edges; ++i) {
    const std::string& text = histogram.edges[i];
    const std::string edge_field = absl::StrCat(field, "[", i, "]");
    const bool is_time = kind == TypeKind::kDuration;
    const std::optional<double> edge = is_time ? SecondsOf(text) : NumberOf(text);
    if (!edge) {
      return FieldError(edge_field, absl::StrCat("found ", Shown(text), "; allowed: ",
                                                 is_time ? "a number of seconds, or a length of "
                                                           "time without months, as 2d or 12h"
                                                         : "a finite number"));
    }
    if (i > 0 && !(edges.back() < *edge)) {
      return FieldError(edge_field,
                        absl::StrCat("found the edge ", Shown(text), " after ",
                                     Shown(histogram.edges[i - 1]), "; allowed: ascending edges"));
    }
    edges.push_back(*edge);
  }
  return edges;
}

size_t DatasetOf(const BoundQuery& query, uint32_t aggregate) {
  const auto has = [&](const BoundDataset& dataset) {
    return std::binary_search(dataset.aggregates.begin(), dataset.aggregates.end(), aggregate);
  };
  return static_cast<size_t>(std::find_if(query.datasets.begin(), query.datasets.end(), has) -
                             query.datasets.begin());
}

}  // namespace

absl::StatusOr<BoundHistogram> BindBins(const Metric::Histogram& histogram, TypeKind kind,
                                        const std::string& field) {
  BoundHistogram bound;
  bound.is_log = histogram.is_log;
  if (histogram.bins != 0 && !histogram.edges.empty()) {
    return FieldError(field, "found both bins and edges; allowed: one of the two, or neither");
  }
  if (histogram.bins < 0 || histogram.bins > kMaxHistogramBins) {
    return FieldError(absl::StrCat(field, ".bins"),
                      absl::StrCat("found ", histogram.bins, " bins; allowed: 1 to ",
                                   kMaxHistogramBins, ", or 0 for as many as fit the samples"));
  }
  bound.num_bins = static_cast<uint32_t>(histogram.bins);
  if (histogram.edges.empty()) return bound;
  SEXTANT_ASSIGN_OR_RETURN(bound.edges, BindEdges(histogram, kind, absl::StrCat(field, ".edges")));
  return bound;
}

std::optional<Predicate> HistogramDomain(const Metric::Histogram& histogram, TypeKind kind) {
  Predicate domain;
  domain.kind = Predicate::Kind::kAnd;
  if (histogram.is_log) {
    const bool is_time = kind == TypeKind::kDuration;
    domain.children.push_back(Comparison(CompareOp::kGreater,
                                         is_time ? Literal::Kind::kString : Literal::Kind::kInteger,
                                         is_time ? "0 seconds" : "0"));
  }
  if (IsFloat(kind)) {
    domain.children.push_back(Comparison(CompareOp::kGreaterOrEqual, Literal::Kind::kFloat,
                                         absl::StrCat("-", kGreatestSample)));
    domain.children.push_back(
        Comparison(CompareOp::kLessOrEqual, Literal::Kind::kFloat, kGreatestSample));
  }
  if (domain.children.empty()) return std::nullopt;
  return domain;
}

bool IsHistogram(const Metric& metric) {
  if (!metric.cumulative) return metric.histogram.has_value();
  return std::any_of(metric.components.begin(), metric.components.end(), [&](const Metric& one) {
    return one.name == metric.cumulative->of && IsHistogram(one);
  });
}

bool IsHistogramList(const BoundQuery& query, const BoundMetric& metric) {
  return metric.expression.op == ExpressionOp::kColumn &&
         query.aggregates[metric.expression.column].histogram != nullptr;
}

absl::Status AddHistogramColumns(const StatisticsScope& scope, size_t index) {
  BoundQuery& query = scope.bound;
  if (!IsHistogramList(query, query.metrics.back())) return absl::OkStatus();
  const std::string field = absl::StrCat("metrics[", index, "]");
  const uint32_t counts = query.metrics.back().expression.column;
  const size_t dataset = DatasetOf(query, counts);
  const std::string name = query.metrics.back().name;
  const std::string unit = std::exchange(query.metrics.back().unit, "");
  const auto add = [&](const char* suffix, MetricStatistic statistic,
                       BoundAggregate aggregate) -> absl::Status {
    aggregate.num_uses = 0;
    aggregate.outside.reset();
    BoundMetric metric;
    metric.name = absl::StrCat(name, suffix);
    metric.statistic = statistic;
    metric.result_type = aggregate.result_type;
    metric.unit = unit;
    metric.expression.type = aggregate.result_type;
    scope.aggregates.Begin() = std::move(aggregate);
    SEXTANT_ASSIGN_OR_RETURN(metric.expression.column, scope.aggregates.Keep(dataset, field));
    query.metrics.push_back(std::move(metric));
    return absl::OkStatus();
  };
  BoundAggregate edges = query.aggregates[counts];
  edges.kind = AggregateKind::kHistogramEdges;
  edges.result_type = DataType::ListOf(TypeKind::kFloat64);
  SEXTANT_RETURN_IF_ERROR(add(".edges", MetricStatistic::kEdges, std::move(edges)));
  BoundAggregate quartile = query.aggregates[counts];
  quartile.kind = AggregateKind::kPercentileCont;
  quartile.result_type = DataType::Of(TypeKind::kFloat64);
  quartile.histogram.reset();
  quartile.fraction = 0.25;
  SEXTANT_RETURN_IF_ERROR(add(".q25", MetricStatistic::kLowerQuartile, quartile));
  quartile.fraction = 0.75;
  return add(".q75", MetricStatistic::kUpperQuartile, std::move(quartile));
}

}  // namespace sextant
