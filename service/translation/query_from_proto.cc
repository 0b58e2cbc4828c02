#include "service/translation/query_from_proto.h"

#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/nearest_names.h"
#include "compute/plan/series_text.h"
#include "service/translation/filter_from_proto.h"
#include "service/translation/metrics_from_proto.h"

namespace sextant {
namespace {

absl::StatusOr<GroupAxis> ReadSets(const v1::Sets& sets, const MetricCatalog& catalog,
                                   const std::string& field) {
  GroupAxis axis;
  axis.kind = GroupAxis::Kind::kSets;
  axis.name = sets.name();
  if (sets.name().empty()) {
    return FieldError(field + ".name", "found nothing, allowed: the name of the result column");
  }
  for (int i = 0; i < sets.members_size(); ++i) {
    const v1::SetMember& member = sets.members(i);
    SEXTANT_RETURN_IF_ERROR(CheckExpressionText(
        member.condition(), absl::StrCat(field, ".members[", i, "].condition")));
    axis.members.push_back({member.name(), member.condition()});
  }
  if (!axis.members.empty()) return axis;
  const auto set = catalog.sets().find(sets.name());
  if (set == catalog.sets().end()) {
    std::vector<std::string> names;
    for (const auto& [name, known] : catalog.sets()) names.push_back(name);
    const std::string shown = sets.name().substr(0, 64);
    return FieldError(
        field + ".name",
        absl::StrCat("the catalogue has no set '", shown, "'", DidYouMean(shown, names),
                     "; allowed: ", names.empty() ? "" : ListedNames(names) + ", or ",
                     "members of its own"),
        -1, NearestNames(shown, names));
  }
  axis.members = set->second.members;
  axis.is_from_catalog = true;
  return axis;
}

absl::StatusOr<GroupAxis> ReadZip(const v1::Zip& zip, const MetricCatalog& catalog,
                                  const std::string& field) {
  GroupAxis axis;
  axis.kind = GroupAxis::Kind::kSets;
  axis.name = zip.name();
  if (zip.sets().empty()) return FieldError(field, "found nothing, allowed: one or more sets");
  for (int i = 0; i < zip.sets_size(); ++i) {
    SEXTANT_ASSIGN_OR_RETURN(GroupAxis sets,
                             ReadSets(zip.sets(i), catalog, absl::StrCat(field, ".sets[", i, "]")));
    axis.zipped.push_back(std::move(sets));
  }
  return axis;
}

absl::StatusOr<GroupAxis> ReadAxis(const v1::GroupAxis& axis, const MetricCatalog& catalog,
                                   const std::string& field) {
  if (axis.has_sets()) return ReadSets(axis.sets(), catalog, field + ".sets");
  if (axis.has_zip()) return ReadZip(axis.zip(), catalog, field + ".zip");
  if (axis.has_bins()) {
    GroupAxis bins = GroupAxis::Of(axis.bins().column());
    bins.kind = GroupAxis::Kind::kBins;
    bins.edges.assign(axis.bins().edges().begin(), axis.bins().edges().end());
    if (!bins.column.empty()) return bins;
    return FieldError(field + ".bins.column", "found nothing, allowed: a column of numbers");
  }
  const std::string& column = axis.has_column() ? axis.column() : axis.list_element();
  if (!column.empty()) return GroupAxis::Of(column);
  return FieldError(field, "found nothing, allowed: column, list_element, bins, sets or zip");
}

absl::Status ReadAxes(const v1::QueryMetricsRequest& request, const MetricCatalog& catalog,
                      Query& query) {
  for (int i = 0; i < request.group_by_size(); ++i) {
    SEXTANT_ASSIGN_OR_RETURN(
        GroupAxis axis, ReadAxis(request.group_by(i), catalog, absl::StrCat("group_by[", i, "]")));
    query.group_by.push_back(std::move(axis));
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

/// A unit's, or a calendar's by its name.
absl::StatusOr<TimeSeries> ReadSeries(const std::string& text, const MetricCatalog& catalog,
                                      const std::string& field) {
  const auto calendar = catalog.calendars().find(text);
  if (calendar == catalog.calendars().end()) {
    std::vector<std::string> names;
    for (const auto& [name, one] : catalog.calendars()) names.push_back(name);
    return ParseSeries(text, field, names);
  }
  TimeSeries series;
  series.unit = CalendarUnit::kPeriod;
  series.calendar = std::make_shared<const PeriodCalendar>(PeriodCalendar{.name = text});
  return series;
}

absl::Status ReadTime(const v1::QueryMetricsRequest& request, const MetricCatalog& catalog,
                      Query& query) {
  query.from = request.time_range().from();
  query.to = request.time_range().to();
  if (!request.time_zone().empty()) query.time_zone = request.time_zone();
  for (int i = 0; i < request.series_size(); ++i) {
    SEXTANT_ASSIGN_OR_RETURN(TimeSeries series,
                             ReadSeries(request.series(i).interval(), catalog,
                                        absl::StrCat("series[", i, "].interval")));
    query.series.push_back(std::move(series));
  }
  SEXTANT_ASSIGN_OR_RETURN(auto week_start, ReadWeekStart(request.week_start()));
  query.week_start = week_start;
  query.exclude_partial = request.exclude_partial();
  return absl::OkStatus();
}

absl::Status ReadFilters(const v1::QueryMetricsRequest& request, const QueryLimits& limits,
                         Query& query) {
  if (request.has_filter()) {
    SEXTANT_ASSIGN_OR_RETURN(auto filter, FilterFromProto(request.filter(), "filter", limits));
    query.filter = std::move(filter);
  }
  query.where = request.where();
  SEXTANT_RETURN_IF_ERROR(CheckExpressionText(request.where(), "where"));
  if (request.has_having()) {
    SEXTANT_ASSIGN_OR_RETURN(auto having, FilterFromProto(request.having(), "having", limits));
    query.having = std::move(having);
  }
  query.having_text = request.having_text();
  return CheckExpressionText(request.having_text(), "having_text");
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

absl::Status ReadTopN(const v1::QueryMetricsRequest& request, Query& query) {
  if (!request.has_top_n()) return absl::OkStatus();
  const v1::TopN& top_n = request.top_n();
  if (top_n.count() < 1) {
    return FieldError("top_n.count", absl::StrCat("found ", top_n.count(), ", allowed: 1 or more"));
  }
  query.top_n =
      TopN{static_cast<uint64_t>(top_n.count()), top_n.metric(), top_n.smallest(), top_n.others()};
  return absl::OkStatus();
}

absl::Status ReadTotals(const v1::QueryMetricsRequest& request, Query& query) {
  switch (request.totals()) {
    case v1::TOTALS_UNSPECIFIED:
      return absl::OkStatus();
    case v1::TOTALS_GRAND:
      query.totals = Totals::kGrand;
      return absl::OkStatus();
    case v1::TOTALS_ROLLUP:
      query.totals = Totals::kRollup;
      return absl::OkStatus();
    case v1::TOTALS_CUBE:
      query.totals = Totals::kCube;
      return absl::OkStatus();
    default:
      return FieldError("totals", absl::StrCat("found ", static_cast<int>(request.totals()),
                                               ", allowed: TOTALS_GRAND, _ROLLUP, _CUBE"));
  }
}

absl::Status ReadFill(const v1::QueryMetricsRequest& request, Query& query) {
  switch (request.fill()) {
    case v1::FILL_MODE_UNSPECIFIED:
    case v1::FILL_MODE_SPARSE:
      return absl::OkStatus();
    case v1::FILL_MODE_DENSE:
      query.fill = FillMode::kDense;
      return absl::OkStatus();
    default:
      return FieldError("fill", absl::StrCat("found ", static_cast<int>(request.fill()),
                                             ", allowed: FILL_MODE_SPARSE, _DENSE"));
  }
}

/// Days of "14d"; 0 of "all".
absl::StatusOr<int> ReadStride(const std::string& stride) {
  if (stride.empty()) return Clip().stride_days;
  if (stride == "all") return 0;
  int days = 0;
  const bool is_days =
      stride.back() == 'd' && absl::SimpleAtoi(stride.substr(0, stride.size() - 1), &days);
  if (is_days && days > 0) return days;
  return FieldError("clip.stride", absl::StrCat("found '", stride.substr(0, 64),
                                                "', allowed: days such as 14d, or all"));
}

absl::Status ReadClip(const v1::QueryMetricsRequest& request, Query& query) {
  if (!request.has_clip()) return absl::OkStatus();
  if (request.clip().high() == 0) {
    return FieldError("clip.high", "found 0 or nothing, allowed: more, up to 1");
  }
  Clip& clip = query.clip.emplace();
  clip.low = request.clip().low();
  clip.high = request.clip().high();
  SEXTANT_ASSIGN_OR_RETURN(clip.stride_days, ReadStride(request.clip().stride()));
  return absl::OkStatus();
}

absl::Status ReadComparison(const v1::QueryMetricsRequest& request, Query& query) {
  if (!request.has_compare_to()) return absl::OkStatus();
  query.compare_to = PeriodComparison{request.compare_to().offset()};
  return CheckExpressionText(request.compare_to().offset(), "compare_to.offset");
}

absl::Status ReadConfidence(const v1::QueryMetricsRequest& request, Query& query) {
  query.samples = request.samples();
  if (!request.has_confidence()) return absl::OkStatus();
  Confidence& confidence = query.confidence.emplace();
  if (request.confidence().has_level()) confidence.level = request.confidence().level();
  switch (request.confidence().method()) {
    case v1::CONFIDENCE_METHOD_UNSPECIFIED:
    case v1::CONFIDENCE_METHOD_ANALYTIC:
      return absl::OkStatus();
    case v1::CONFIDENCE_METHOD_BOOTSTRAP:
      confidence.method = Confidence::Method::kBootstrap;
      return absl::OkStatus();
    default:
      return FieldError("confidence.method",
                        absl::StrCat("found ", static_cast<int>(request.confidence().method()),
                                     ", allowed: CONFIDENCE_METHOD_ANALYTIC, _BOOTSTRAP"));
  }
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
                                               const MetricCatalog& catalog,
                                               const QueryLimits& limits) {
  TranslatedQuery result;
  Query& query = result.query;
  SEXTANT_ASSIGN_OR_RETURN(query.metrics, MetricsFromProto(request, catalog, limits));
  SEXTANT_RETURN_IF_ERROR(ReadFilters(request, limits, query));
  SEXTANT_RETURN_IF_ERROR(ReadAxes(request, catalog, query));
  SEXTANT_RETURN_IF_ERROR(ReadTime(request, catalog, query));
  SEXTANT_RETURN_IF_ERROR(ReadTopN(request, query));
  SEXTANT_RETURN_IF_ERROR(ReadTotals(request, query));
  SEXTANT_RETURN_IF_ERROR(ReadFill(request, query));
  SEXTANT_RETURN_IF_ERROR(ReadClip(request, query));
  SEXTANT_RETURN_IF_ERROR(ReadComparison(request, query));
  SEXTANT_RETURN_IF_ERROR(ReadConfidence(request, query));
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
