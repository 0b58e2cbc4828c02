#include "service/translation/query_from_proto.h"

#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/expression_parser.h"
#include "compute/plan/series_text.h"
#include "service/translation/filter_from_proto.h"

namespace sextant {
namespace {

absl::Status CheckText(const std::string& text, const std::string& field) {
  if (text.size() <= kMaxExpressionBytes) return absl::OkStatus();
  return FieldError(
      field, absl::StrCat("found ", text.size(), " bytes, allowed: at most ", kMaxExpressionBytes));
}

absl::StatusOr<Metric> ReadMetric(const v1::MetricRef& ref, const std::string& default_dataset,
                                  const std::string& path) {
  if (!ref.has_definition()) return FieldError(path, "found nothing, allowed: definition");
  const v1::MetricDefinition& definition = ref.definition();
  const std::string field = path + ".definition";
  if (definition.name().empty()) {
    return FieldError(field + ".name", "found nothing, allowed: the name of the result column");
  }
  if (definition.expression().empty()) {
    return FieldError(field + ".expression", "found nothing, allowed: an aggregate expression");
  }
  SEXTANT_RETURN_IF_ERROR(CheckText(definition.expression(), field + ".expression"));
  Metric metric;
  metric.name = definition.name();
  metric.dataset = definition.dataset().empty() ? default_dataset : definition.dataset();
  metric.expression = definition.expression();
  if (!definition.at().empty()) {
    metric.pin = TimePin::At(definition.at());
  }
  if (metric.dataset.empty()) {
    return FieldError(field + ".dataset",
                      "found nothing, allowed: a dataset, here or as the dataset of the request");
  }
  return metric;
}

absl::Status ReadMetrics(const v1::QueryMetricsRequest& request, const QueryLimits& limits,
                         Query& query) {
  if (request.metrics_size() < 1 || request.metrics_size() > limits.max_metrics) {
    return FieldError("metrics", absl::StrCat("found ", request.metrics_size(),
                                              " metrics, allowed: 1 to ", limits.max_metrics));
  }
  for (int i = 0; i < request.metrics_size(); ++i) {
    SEXTANT_ASSIGN_OR_RETURN(auto metric, ReadMetric(request.metrics(i), request.dataset(),
                                                     absl::StrCat("metrics[", i, "]")));
    query.metrics.push_back(std::move(metric));
  }
  return absl::OkStatus();
}

absl::Status ReadAxes(const v1::QueryMetricsRequest& request, Query& query) {
  for (int i = 0; i < request.group_by_size(); ++i) {
    const v1::GroupAxis& axis = request.group_by(i);
    const std::string& column = axis.has_column() ? axis.column() : axis.list_element();
    if (column.empty()) {
      return FieldError(absl::StrCat("group_by[", i, "]"),
                        "found nothing, allowed: column or list_element");
    }
    query.group_by.push_back(GroupAxis::Of(column));
  }
  return absl::OkStatus();
}

absl::StatusOr<int> ReadWeekStart(const std::string& text) {
  constexpr const char* kDays[] = {"monday", "tuesday",  "wednesday", "thursday",
                                   "friday", "saturday", "sunday"};
  if (text.empty()) return 1;
  const std::string lower = absl::AsciiStrToLower(text);
  for (int i = 0; i < 7; ++i) {
    if (lower == kDays[i]) return i + 1;
  }
  return FieldError("week_start", absl::StrCat("found '", text, "', allowed: monday to sunday"));
}

absl::Status ReadTime(const v1::QueryMetricsRequest& request, Query& query) {
  query.from = request.time_range().from();
  query.to = request.time_range().to();
  if (!request.time_zone().empty()) query.time_zone = request.time_zone();
  for (int i = 0; i < request.series_size(); ++i) {
    SEXTANT_ASSIGN_OR_RETURN(auto series, ParseSeries(request.series(i).interval(),
                                                      absl::StrCat("series[", i, "].interval")));
    query.series.push_back(series);
  }
  SEXTANT_ASSIGN_OR_RETURN(auto week_start, ReadWeekStart(request.week_start()));
  query.week_start = week_start;
  return absl::OkStatus();
}

absl::Status ReadFilters(const v1::QueryMetricsRequest& request, const QueryLimits& limits,
                         Query& query) {
  if (request.has_filter()) {
    SEXTANT_ASSIGN_OR_RETURN(auto filter, FilterFromProto(request.filter(), "filter", limits));
    query.filter = std::move(filter);
  }
  query.where = request.where();
  return CheckText(request.where(), "where");
}

absl::Status ReadOrder(const v1::QueryMetricsRequest& request, Query& query) {
  for (int i = 0; i < request.order_by_size(); ++i) {
    const v1::OrderBy& order = request.order_by(i);
    if (order.name().empty()) {
      return FieldError(absl::StrCat("order_by[", i, "].name"),
                        "found nothing, allowed: a group column, start or a metric");
    }
    query.order_by.push_back({order.name(), order.descending()});
  }
  return absl::OkStatus();
}

/// 0 stands for absent.
absl::Status ReadCount(int64_t count, const char* field, std::optional<uint64_t>& result) {
  if (count < 0) {
    return FieldError(field, absl::StrCat("found ", count, ", allowed: 0 or more"));
  }
  if (count > 0) result = static_cast<uint64_t>(count);
  return absl::OkStatus();
}

absl::StatusOr<Priority> ReadPriority(v1::Priority priority) {
  switch (priority) {
    case v1::PRIORITY_CRITICAL:
      return Priority::kCritical;
    case v1::PRIORITY_UNSPECIFIED:
    case v1::PRIORITY_INTERACTIVE:
      return Priority::kInteractive;
    case v1::PRIORITY_BATCH:
      return Priority::kBatch;
    case v1::PRIORITY_BACKGROUND:
      return Priority::kBackground;
    default:
      return FieldError("priority", absl::StrCat("found ", static_cast<int>(priority),
                                                 ", allowed: PRIORITY_CRITICAL, _INTERACTIVE, "
                                                 "_BATCH, _BACKGROUND"));
  }
}

absl::StatusOr<v1::ResultFormat> ReadFormat(v1::ResultFormat format) {
  switch (format) {
    case v1::RESULT_FORMAT_UNSPECIFIED:
    case v1::RESULT_FORMAT_COLUMNS:
      return v1::RESULT_FORMAT_COLUMNS;
    case v1::RESULT_FORMAT_ARROW_IPC:
      return v1::RESULT_FORMAT_ARROW_IPC;
    default:
      return FieldError("format",
                        absl::StrCat("found ", static_cast<int>(format),
                                     ", allowed: RESULT_FORMAT_COLUMNS, RESULT_FORMAT_ARROW_IPC"));
  }
}

}  // namespace

absl::StatusOr<TranslatedQuery> QueryFromProto(const v1::QueryMetricsRequest& request,
                                               const QueryLimits& limits) {
  TranslatedQuery result;
  Query& query = result.query;
  SEXTANT_RETURN_IF_ERROR(ReadMetrics(request, limits, query));
  SEXTANT_RETURN_IF_ERROR(ReadFilters(request, limits, query));
  SEXTANT_RETURN_IF_ERROR(ReadAxes(request, query));
  SEXTANT_RETURN_IF_ERROR(ReadTime(request, query));
  SEXTANT_RETURN_IF_ERROR(ReadOrder(request, query));
  SEXTANT_RETURN_IF_ERROR(ReadCount(request.limit(), "limit", query.limit));
  SEXTANT_RETURN_IF_ERROR(ReadCount(request.max_cells(), "max_cells", query.max_cells));
  SEXTANT_ASSIGN_OR_RETURN(auto priority, ReadPriority(request.priority()));
  result.priority = priority;
  SEXTANT_ASSIGN_OR_RETURN(result.format, ReadFormat(request.format()));
  return result;
}

absl::Status CheckAxes(const v1::QueryMetricsRequest& request, const BoundQuery& bound) {
  for (int i = 0; i < request.group_by_size(); ++i) {
    const BoundAxis& axis = bound.axes()[static_cast<size_t>(i)];
    if (axis.is_list || !request.group_by(i).has_list_element()) continue;
    return FieldError(
        absl::StrCat("group_by[", i, "].list_element"),
        absl::StrCat("found '", axis.name, "', which is no list, allowed: a list column"));
  }
  return absl::OkStatus();
}

}  // namespace sextant
