#include "service/translation/metrics_from_proto.h"

#include <map>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/expression_parser.h"

namespace sextant {
namespace {

/// The same status with the field that it is about in front: one with a position is about a part.
absl::Status At(const std::string& field, const absl::Status& status) {
  ErrorDetail detail = DetailOf(status).value_or(ErrorDetail());
  if (detail.position >= 0) {
    const std::string message = absl::StrCat(field, ".", std::string(status.message()));
    detail.field = absl::StrCat(field, ".", detail.field);
    return WithDetail(absl::Status(status.code(), message), detail);
  }
  if (absl::IsInvalidArgument(status)) detail.field = field;
  return WithDetail(
      absl::Status(status.code(), absl::StrCat(field, ": ", std::string(status.message()))),
      detail);
}

absl::StatusOr<TimePin> ReadSpan(const v1::TimeSpan& span, TimePin::Kind kind,
                                 const std::string& field) {
  if (span.start().empty()) {
    return FieldError(field + ".start", "found nothing, allowed: a timestamp or date column");
  }
  if (span.end().empty()) {
    return FieldError(field + ".end", "found nothing, allowed: a timestamp or date column");
  }
  SEXTANT_RETURN_IF_ERROR(CheckExpressionText(span.start(), field, ".start"));
  SEXTANT_RETURN_IF_ERROR(CheckExpressionText(span.end(), field, ".end"));
  return TimePin{kind, span.start(), span.end()};
}

absl::StatusOr<TimePin> ReadPin(const v1::MetricDefinition& definition, const std::string& field) {
  const int num_pins = (definition.at().empty() ? 0 : 1) + (definition.has_during() ? 1 : 0) +
                       (definition.has_as_of_end() ? 1 : 0);
  if (num_pins > 1) {
    return FieldError(field, "found several of at, during and as_of_end, allowed: at most one");
  }
  if (definition.has_during()) {
    return ReadSpan(definition.during(), TimePin::Kind::kDuring, field + ".during");
  }
  if (definition.has_as_of_end()) {
    return ReadSpan(definition.as_of_end(), TimePin::Kind::kAsOfEnd, field + ".as_of_end");
  }
  if (definition.at().empty()) return TimePin();
  SEXTANT_RETURN_IF_ERROR(CheckExpressionText(definition.at(), field, ".at"));
  return TimePin::At(definition.at());
}

absl::StatusOr<std::shared_ptr<const PerKey>> ReadPer(const v1::PerKey& per,
                                                      const std::string& field) {
  auto read = std::make_shared<PerKey>();
  read->keys.assign(per.keys().begin(), per.keys().end());
  if (read->keys.empty()) return FieldError(field + ".keys", "found none, allowed: one or more");
  for (int i = 0; i < per.select_size(); ++i) {
    const v1::PerKey::Column& column = per.select(i);
    const std::string path = absl::StrCat(field, ".select[", i, "]");
    if (column.name().empty() || column.expression().empty()) {
      return FieldError(path, "found less than name and expression, allowed: both");
    }
    SEXTANT_RETURN_IF_ERROR(CheckExpressionText(column.expression(), path, ".expression"));
    read->select.push_back({column.name(), column.expression()});
  }
  return read;
}

absl::StatusOr<Metric::Concurrency> ReadStatistic(const v1::Concurrency& concurrency,
                                                  const std::string& field) {
  switch (concurrency.statistic()) {
    case v1::CONCURRENCY_STATISTIC_MAX:
      return Metric::Concurrency::kMax;
    case v1::CONCURRENCY_STATISTIC_MEAN:
      return Metric::Concurrency::kMean;
    default:
      return FieldError(
          field + ".statistic",
          absl::StrCat(concurrency.statistic() == v1::CONCURRENCY_STATISTIC_UNSPECIFIED
                           ? "found nothing"
                           : "found a statistic of a newer version",
                       ", allowed: CONCURRENCY_STATISTIC_MAX and CONCURRENCY_STATISTIC_MEAN"));
  }
}

/// `concurrency`, whose rows have a span of time and no value.
absl::Status ReadConcurrency(const v1::MetricDefinition& definition, const std::string& field,
                             Metric& metric) {
  const std::string own = field + ".concurrency";
  if (!definition.at().empty() || definition.has_during() || definition.has_as_of_end() ||
      !definition.domain().empty() || definition.zero_when_empty() || definition.has_clip()) {
    return FieldError(field,
                      "found at, during, as_of_end, domain, clip or zero_when_empty beside "
                      "concurrency, allowed: dataset, filter, unit and per; its span of time is "
                      "within");
  }
  SEXTANT_ASSIGN_OR_RETURN(metric.concurrency, ReadStatistic(definition.concurrency(), own));
  SEXTANT_ASSIGN_OR_RETURN(metric.pin, ReadSpan(definition.concurrency().during(),
                                                TimePin::Kind::kDuring, own + ".during"));
  return absl::OkStatus();
}

/// `expression`, with its time.
absl::Status ReadExpression(const v1::MetricDefinition& definition, const std::string& field,
                            Metric& metric) {
  SEXTANT_RETURN_IF_ERROR(CheckExpressionText(definition.expression(), field, ".expression"));
  SEXTANT_RETURN_IF_ERROR(CheckExpressionText(definition.domain(), field, ".domain"));
  metric.expression = definition.expression();
  metric.domain = definition.domain();
  metric.is_zero_when_empty = definition.zero_when_empty();
  SEXTANT_ASSIGN_OR_RETURN(metric.pin, ReadPin(definition, field));
  return absl::OkStatus();
}

/// What has rows of its own: their dataset, filter and time.
absl::Status ReadSamples(const v1::MetricDefinition& definition, const std::string& default_dataset,
                         const std::string& field, Metric& metric) {
  SEXTANT_RETURN_IF_ERROR(CheckExpressionText(definition.filter(), field, ".filter"));
  metric.filter = definition.filter();
  metric.dataset = definition.dataset().empty() ? default_dataset : definition.dataset();
  if (definition.has_per()) {
    SEXTANT_ASSIGN_OR_RETURN(metric.per, ReadPer(definition.per(), field + ".per"));
  }
  SEXTANT_RETURN_IF_ERROR(definition.has_concurrency() ? ReadConcurrency(definition, field, metric)
                                                       : ReadExpression(definition, field, metric));
  if (!metric.dataset.empty()) return absl::OkStatus();
  return FieldError(field + ".dataset",
                    "found nothing, allowed: a dataset, here or as the dataset of the request");
}

absl::StatusOr<Metric::Threshold> ReadThreshold(const v1::Threshold& threshold,
                                                const std::string& field) {
  if (threshold.of().empty() || threshold.op().empty() || threshold.value().empty()) {
    return FieldError(field, "found less than of, op and value, allowed: all three");
  }
  SEXTANT_RETURN_IF_ERROR(CheckExpressionText(threshold.value(), field, ".value"));
  return Metric::Threshold{threshold.of(), threshold.op(), threshold.value()};
}

absl::StatusOr<Metric::Histogram> ReadHistogram(const v1::Histogram& histogram,
                                                const std::string& field) {
  if (histogram.of().empty()) {
    return FieldError(field + ".of", "found nothing, allowed: the name of a metric");
  }
  if (!v1::HistogramScale_IsValid(histogram.scale())) {
    return FieldError(field + ".scale",
                      "found a scale of a newer version, allowed: HISTOGRAM_SCALE_LINEAR and "
                      "HISTOGRAM_SCALE_LOG");
  }
  for (const std::string& edge : histogram.edges()) {
    SEXTANT_RETURN_IF_ERROR(CheckExpressionText(edge, field, ".edges"));
  }
  return Metric::Histogram{.of = histogram.of(),
                           .bins = histogram.bins(),
                           .edges = {histogram.edges().begin(), histogram.edges().end()},
                           .is_log = histogram.scale() == v1::HISTOGRAM_SCALE_LOG};
}

/// A metric of metrics; what has samples of its own is refused beside it.
absl::Status ReadDerived(const v1::MetricDefinition& definition, const std::string& field,
                         Metric& metric) {
  if (!definition.at().empty() || definition.has_during() || definition.has_as_of_end() ||
      !definition.filter().empty() || !definition.dataset().empty() ||
      !definition.domain().empty() || definition.zero_when_empty() || definition.has_per() ||
      (definition.has_clip() && !definition.has_threshold() && !definition.has_histogram())) {
    return FieldError(
        field,
        "found at, during, as_of_end, filter, domain, per, clip, zero_when_empty or dataset beside "
        "derived, ratio, threshold, sum_of, cumulative or histogram, allowed: in the metrics that "
        "these name");
  }
  SEXTANT_RETURN_IF_ERROR(CheckExpressionText(definition.derived(), field, ".derived"));
  metric.derived = definition.derived();
  if (definition.has_cumulative()) {
    const v1::Cumulative& cumulative = definition.cumulative();
    if (cumulative.of().empty()) {
      return FieldError(field + ".cumulative.of", "found nothing, allowed: the name of a metric");
    }
    metric.cumulative =
        Metric::Cumulative{cumulative.of(), cumulative.window(), cumulative.to_date()};
  }
  if (definition.has_histogram()) {
    SEXTANT_ASSIGN_OR_RETURN(metric.histogram,
                             ReadHistogram(definition.histogram(), field + ".histogram"));
  }
  if (definition.has_threshold()) {
    SEXTANT_ASSIGN_OR_RETURN(metric.threshold,
                             ReadThreshold(definition.threshold(), field + ".threshold"));
  }
  if (definition.has_sum_of()) {
    const auto& names = definition.sum_of().metrics();
    if (names.empty()) {
      return FieldError(field + ".sum_of.metrics", "found none, allowed: one or more");
    }
    metric.sum_of = Metric::SumOf{{names.begin(), names.end()}, definition.sum_of().complete()};
  }
  if (!definition.has_ratio()) return absl::OkStatus();
  if (definition.ratio().numerator().empty() || definition.ratio().denominator().empty()) {
    return FieldError(field + ".ratio", "found one name, allowed: numerator and denominator");
  }
  metric.ratio = Metric::Ratio{definition.ratio().numerator(), definition.ratio().denominator(),
                               definition.ratio().offset()};
  return absl::OkStatus();
}

absl::StatusOr<Metric> ReadDefinition(const v1::MetricDefinition& definition,
                                      const std::string& default_dataset,
                                      const std::string& field) {
  if (definition.name().empty()) {
    return FieldError(field + ".name", "found nothing, allowed: the name of the result column");
  }
  const int num_forms =
      (definition.expression().empty() ? 0 : 1) + (definition.derived().empty() ? 0 : 1) +
      (definition.has_ratio() ? 1 : 0) + (definition.has_threshold() ? 1 : 0) +
      (definition.has_sum_of() ? 1 : 0) + (definition.has_cumulative() ? 1 : 0) +
      (definition.has_histogram() ? 1 : 0) + (definition.has_concurrency() ? 1 : 0);
  if (num_forms == 0) {
    return FieldError(field + ".expression",
                      "found nothing, allowed: an aggregate expression, or derived, ratio, "
                      "threshold, sum_of, cumulative, histogram or concurrency in its place");
  }
  if (num_forms > 1) {
    return FieldError(
        field,
        "found several of expression, derived, ratio, threshold, sum_of, cumulative, histogram and "
        "concurrency, allowed: one");
  }
  Metric metric;
  metric.name = definition.name();
  metric.unit = definition.unit();
  if (definition.has_clip()) metric.clip = definition.clip();
  const bool has_rows = !definition.expression().empty() || definition.has_concurrency();
  SEXTANT_RETURN_IF_ERROR(has_rows ? ReadSamples(definition, default_dataset, field, metric)
                                   : ReadDerived(definition, field, metric));
  return metric;
}

std::map<std::string, std::string> ParametersOf(const v1::MetricRef& ref) {
  return {ref.parameters().begin(), ref.parameters().end()};
}

/// By the names that they have in the request; of two with one name the first.
std::map<std::string, Metric> ByName(const std::vector<Metric>& metrics) {
  std::map<std::string, Metric> named;
  for (const Metric& metric : metrics) named.emplace(metric.name, metric);
  return named;
}

}  // namespace

absl::Status CheckExpressionText(const std::string& text, const std::string& field,
                                 const char* part) {
  if (text.size() <= kMaxExpressionBytes) return absl::OkStatus();
  return FieldError(
      absl::StrCat(field, part),
      absl::StrCat("found ", text.size(), " bytes, allowed: at most ", kMaxExpressionBytes));
}

absl::StatusOr<std::vector<Metric>> MetricsFromProto(const v1::QueryMetricsRequest& request,
                                                     const MetricCatalog& catalog,
                                                     const QueryLimits& limits) {
  if (request.metrics_size() < 1 || request.metrics_size() > limits.max_metrics) {
    return FieldError("metrics", absl::StrCat("found ", request.metrics_size(),
                                              " metrics, allowed: 1 to ", limits.max_metrics));
  }
  std::vector<Metric> metrics(static_cast<size_t>(request.metrics_size()));
  bool has_operands = false;
  for (int i = 0; i < request.metrics_size(); ++i) {
    const v1::MetricRef& ref = request.metrics(i);
    const std::string field = absl::StrCat("metrics[", i, "]");
    if (ref.has_definition()) {
      Metric& metric = metrics[static_cast<size_t>(i)];
      SEXTANT_ASSIGN_OR_RETURN(
          metric, ReadDefinition(ref.definition(), request.dataset(), field + ".definition"));
      // Here, where it is known whose text it is.
      const absl::StatusOr<std::vector<std::string>> operands = OperandsOf(metric);
      if (!operands.ok()) return At(field, operands.status());
      has_operands = has_operands || !operands->empty();
      if (!ref.alias().empty() || !ref.parameters().empty()) {
        return FieldError(field,
                          "found alias or parameters beside a definition, allowed: beside name");
      }
    } else if (ref.name().empty()) {
      return FieldError(field, "found nothing, allowed: name or definition");
    }
  }
  for (int i = 0; i < request.metrics_size(); ++i) {
    const v1::MetricRef& ref = request.metrics(i);
    if (ref.has_definition()) continue;
    absl::StatusOr<Metric> resolved = catalog.Resolve(ref.name(), ParametersOf(ref));
    if (!resolved.ok()) return At(absl::StrCat("metrics[", i, "]"), resolved.status());
    Metric& metric = metrics[static_cast<size_t>(i)];
    metric = *std::move(resolved);
    if (!ref.alias().empty()) metric.name = ref.alias();
  }
  // What rests on nothing is complete as it is.
  if (!has_operands) return metrics;
  const std::map<std::string, Metric> local = ByName(metrics);
  for (int i = 0; i < request.metrics_size(); ++i) {
    if (!request.metrics(i).has_definition()) continue;
    Metric& metric = metrics[static_cast<size_t>(i)];
    absl::StatusOr<Metric> complete = catalog.Complete(metric, local);
    if (!complete.ok()) return At(absl::StrCat("metrics[", i, "]"), complete.status());
    metric = *std::move(complete);
  }
  return metrics;
}

}  // namespace sextant
