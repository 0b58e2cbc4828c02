#include "service/cli/query_request.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace sextant {
namespace {

bool IsNameCharacter(char c) { return absl::ascii_isalnum(c) || c == '_' || c == '-' || c == '.'; }

/// "NAME = EXPRESSION"; the first '=' after nothing but a name, so that "count(*) = 1" is no
/// definition.
std::optional<std::pair<std::string, std::string>> SplitDefinition(const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos) return std::nullopt;
  std::string name(absl::StripAsciiWhitespace(text.substr(0, equals)));
  std::string expression(absl::StripAsciiWhitespace(text.substr(equals + 1)));
  if (name.empty() || expression.empty() ||
      !std::all_of(name.begin(), name.end(), IsNameCharacter)) {
    return std::nullopt;
  }
  return std::pair(std::move(name), std::move(expression));
}

absl::Status AddMetrics(const QueryFlags& flags, v1::QueryMetricsRequest& request) {
  for (const std::string& text : flags.metrics) {
    const auto definition = SplitDefinition(text);
    if (!definition.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--metric: found '", text,
                       "', allowed: 'NAME = EXPRESSION', for example 'lead = avg(b - a)'"));
    }
    v1::MetricDefinition& metric = *request.add_metrics()->mutable_definition();
    metric.set_name(definition->first);
    metric.set_expression(definition->second);
    if (!flags.at.empty()) metric.set_at(flags.at);
  }
  return absl::OkStatus();
}

void AddOrder(const std::string& text, v1::QueryMetricsRequest& request) {
  v1::OrderBy& order = *request.add_order_by();
  std::string name(absl::StripAsciiWhitespace(text));
  const std::string lower = absl::AsciiStrToLower(name);
  if (name.starts_with('-')) {
    name.erase(0, 1);
    order.set_descending(true);
  } else if (lower.ends_with(" desc")) {
    name.resize(name.size() - 5);
    order.set_descending(true);
  } else if (lower.ends_with(" asc")) {
    name.resize(name.size() - 4);
  }
  order.set_name(std::string(absl::StripAsciiWhitespace(name)));
}

absl::Status SetPriority(const std::string& text, v1::QueryMetricsRequest& request) {
  if (text.empty()) return absl::OkStatus();
  v1::Priority priority;
  if (!v1::Priority_Parse(absl::StrCat("PRIORITY_", absl::AsciiStrToUpper(text)), &priority)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--priority: found '", text, "', allowed: critical, interactive, batch, background"));
  }
  request.set_priority(priority);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::QueryMetricsRequest> MakeQueryRequest(const QueryFlags& flags) {
  v1::QueryMetricsRequest request;
  request.set_dataset(flags.dataset);
  absl::Status status = AddMetrics(flags, request);
  if (!status.ok()) return status;
  status = SetPriority(flags.priority, request);
  if (!status.ok()) return status;
  if (flags.at.empty() && !(flags.from.empty() && flags.to.empty())) {
    return absl::InvalidArgumentError(
        "--from and --to: found no --at, allowed: with --at COLUMN, the time that they bound");
  }
  for (const std::string& group : flags.groups) request.add_group_by()->set_column(group);
  for (const std::string& interval : flags.intervals) request.add_series()->set_interval(interval);
  for (const std::string& order : flags.order) AddOrder(order, request);
  if (!flags.from.empty()) request.mutable_time_range()->set_from(flags.from);
  if (!flags.to.empty()) request.mutable_time_range()->set_to(flags.to);
  request.set_time_zone(flags.zone);
  request.set_week_start(flags.week_start);
  request.set_where(flags.where);
  request.set_limit(flags.limit);
  return request;
}

std::optional<int64_t> ParseDurationMs(const std::string& text) {
  struct Unit {
    std::string_view suffix;
    double milliseconds;
  };
  constexpr Unit kUnits[] = {{"ms", 1}, {"s", 1000}, {"m", 60'000}};
  for (const Unit& unit : kUnits) {
    if (!text.ends_with(unit.suffix)) continue;
    double count = 0;
    const std::string digits = text.substr(0, text.size() - unit.suffix.size());
    if (!absl::SimpleAtod(digits, &count)) return std::nullopt;
    const double milliseconds = count * unit.milliseconds;
    if (!(milliseconds >= 1 && milliseconds <= 86'400'000)) return std::nullopt;
    return static_cast<int64_t>(milliseconds);
  }
  return std::nullopt;
}

}  // namespace sextant
