#include "service/cli/rows_request.h"

#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace sextant {
namespace {

/// In place of a metric: where the rows are asked for, only their samples count.
constexpr char kCountedAs[] = "rows";

/// What is typed for -g: the axis, and the group on it, if any.
struct PickedAxis {
  std::string axis;
  std::optional<std::string> value;
  bool is_null = false;
};

PickedAxis SplitGroup(const std::string& text) {
  constexpr std::string_view kIsNull = " is null";
  if (absl::AsciiStrToLower(text).ends_with(kIsNull)) {
    return {text.substr(0, text.size() - kIsNull.size()), std::nullopt, true};
  }
  const size_t equals = text.find('=');
  if (equals == std::string::npos) return {text, std::nullopt, false};
  return {text.substr(0, equals), text.substr(equals + 1), false};
}

/// The column of the result.
std::string NameOf(const v1::GroupAxis& axis) {
  if (axis.has_sets()) return axis.sets().name();
  if (axis.has_zip())
    return axis.zip().name().empty() ? axis.zip().sets(0).name() : axis.zip().name();
  return axis.has_bins() ? axis.bins().column() : axis.column();
}

size_t NumOfMetrics(const QueryFlags& flags) {
  return flags.derived.size() + flags.histogram.size() + flags.cumulative.size();
}

bool NamesMetrics(const QueryFlags& flags) {
  return !flags.metrics.empty() || NumOfMetrics(flags) > 0;
}

absl::Status SetMetric(const RowsFlags& flags, v1::QueryRowsRequest& request) {
  v1::QueryMetricsRequest& query = *request.mutable_query();
  if (!NamesMetrics(flags.query)) {
    if (flags.query.dataset.empty()) {
      return absl::InvalidArgumentError(
          "--metric: found none, allowed: one, or --dataset for all of its rows");
    }
    // A name that no column has.
    query.mutable_metrics(0)->mutable_definition()->set_name("count(*)");
    return absl::OkStatus();
  }
  const size_t num_of_metrics = NumOfMetrics(flags.query);
  const size_t count = num_of_metrics > 0 ? num_of_metrics : flags.query.metrics.size();
  if (count != 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        num_of_metrics > 0 ? "--derived, --histogram and --cumulative" : "--metric", ": found ",
        count, ", allowed: the one whose cell it is (of these: and the metrics that it names)"));
  }
  // What is of metrics stands behind them.
  const v1::MetricRef& last = query.metrics(query.metrics_size() - 1);
  const std::string& name = last.has_definition() ? last.definition().name() : last.name();
  request.set_metric(last.alias().empty() ? name : last.alias());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::QueryRowsRequest> MakeRowsRequest(const RowsFlags& flags) {
  QueryFlags of_cell = flags.query;
  std::vector<PickedAxis> picked;
  for (std::string& group : of_cell.groups) {
    picked.push_back(SplitGroup(group));
    group = picked.back().axis;
  }
  if (!NamesMetrics(of_cell)) {
    of_cell.metrics = {absl::StrCat(kCountedAs, " = count(*)")};
  }
  absl::StatusOr<v1::QueryMetricsRequest> query = MakeQueryRequest(of_cell);
  if (!query.ok()) return query.status();
  v1::QueryRowsRequest request;
  *request.mutable_query() = *std::move(query);
  if (absl::Status status = SetMetric(flags, request); !status.ok()) return status;
  for (size_t i = 0; i < picked.size(); ++i) {
    if (!picked[i].value && !picked[i].is_null) continue;
    v1::GroupValue& group = *request.add_group();
    group.set_axis(NameOf(request.query().group_by(static_cast<int>(i))));
    picked[i].is_null ? group.set_is_null(true)
                      : group.mutable_value()->set_string_value(*picked[i].value);
  }
  request.set_dataset(flags.query.dataset);  // of a metric over several, whose rows
  request.set_start(flags.start);
  for (const std::string& columns : flags.columns) {
    for (const absl::string_view column : absl::StrSplit(columns, ',')) {
      request.add_columns(std::string(absl::StripAsciiWhitespace(column)));
    }
  }
  request.mutable_order_by()->Swap(request.mutable_query()->mutable_order_by());
  request.set_limit(request.query().limit());
  request.mutable_query()->clear_limit();
  return request;
}

}  // namespace sextant
