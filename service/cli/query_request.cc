#include "service/cli/query_request.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "compute/memory/status_macros.h"

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

/// "START, END": the last comma outside of brackets parts them.
absl::Status SetSpan(const std::string& flag, const std::string& text, v1::TimeSpan& span) {
  int depth = 0;
  for (size_t i = text.size(); i > 0; --i) {
    const char c = text[i - 1];
    if (c == ')') ++depth;
    if (c == '(') --depth;
    if (c != ',' || depth != 0) continue;
    span.set_start(std::string(absl::StripAsciiWhitespace(text.substr(0, i - 1))));
    span.set_end(std::string(absl::StripAsciiWhitespace(text.substr(i))));
    if (!span.start().empty() && !span.end().empty()) return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat(flag, ": found '", text, "', allowed: 'START, END', two columns"));
}

absl::Status SetTime(const QueryFlags& flags, v1::MetricDefinition& metric) {
  if (!flags.at.empty()) metric.set_at(flags.at);
  if (!flags.during.empty()) {
    const absl::Status status = SetSpan("--during", flags.during, *metric.mutable_during());
    if (!status.ok()) return status;
  }
  if (flags.as_of_end.empty()) return absl::OkStatus();
  return SetSpan("--as-of-end", flags.as_of_end, *metric.mutable_as_of_end());
}

/// "NAME = EXPRESSION" whose name is none, or something else.
absl::Status RefuseMetric(const std::string& flag, const std::string& text,
                          const std::string& allowed) {
  const size_t equals = text.find('=');
  const std::string name(absl::StripAsciiWhitespace(text.substr(0, equals)));
  const bool is_definition = equals != std::string::npos && !name.empty() &&
                             name.find_first_of("()<>!'\"") == std::string::npos;
  if (is_definition && !std::all_of(name.begin(), name.end(), IsNameCharacter)) {
    return absl::InvalidArgumentError(
        absl::StrCat(flag, ": found the name '", name,
                     "', allowed: a name of letters, digits, '_', '-' and '.'"));
  }
  return absl::InvalidArgumentError(absl::StrCat(flag, ": found '", text, "', allowed: ", allowed));
}

/// "METRIC over 28d", "METRIC to month".
bool SetCumulative(const std::string& text, v1::Cumulative& cumulative) {
  const std::vector<std::string> words = absl::StrSplit(text, ' ', absl::SkipWhitespace());
  if (words.size() != 3 || (words[1] != "over" && words[1] != "to")) return false;
  cumulative.set_of(words[0]);
  if (words[1] == "over") {
    cumulative.set_window(words[2]);
  } else {
    cumulative.set_to_date(words[2]);
  }
  return true;
}

absl::Status AddCumulative(const QueryFlags& flags, v1::QueryMetricsRequest& request) {
  for (const std::string& text : flags.cumulative) {
    const auto definition = SplitDefinition(text);
    v1::MetricDefinition metric;
    if (!definition.has_value() ||
        !SetCumulative(definition->second, *metric.mutable_cumulative())) {
      return RefuseMetric("--cumulative", text,
                          "'NAME = METRIC over 28d' or 'NAME = METRIC to month'");
    }
    metric.set_name(definition->first);
    *request.add_metrics()->mutable_definition() = std::move(metric);
  }
  return absl::OkStatus();
}

/// "METRIC", "METRIC by 20", "METRIC by 1h,1d,7d", each maybe with " log".
bool SetHistogram(const std::string& text, v1::Histogram& histogram) {
  std::vector<std::string> words = absl::StrSplit(text, ' ', absl::SkipWhitespace());
  if (words.size() > 1 && words.back() == "log") {
    histogram.set_scale(v1::HISTOGRAM_SCALE_LOG);
    words.pop_back();
  }
  if (words.empty()) return false;
  histogram.set_of(words[0]);
  if (words.size() == 1) return true;
  if (words.size() != 3 || words[1] != "by") return false;
  int32_t bins = 0;
  if (absl::SimpleAtoi(words[2], &bins)) {
    histogram.set_bins(bins);
    return bins > 0;
  }
  for (const absl::string_view edge : absl::StrSplit(words[2], ',')) {
    histogram.add_edges(std::string(edge));
  }
  return true;
}

/// "max(START, END)", "mean(START, END)".
bool SetConcurrency(std::string_view text, v1::Concurrency& concurrency) {
  const size_t bracket = text.find('(');
  if (bracket == std::string_view::npos || !text.ends_with(')')) return false;
  const absl::string_view name =
      absl::StripAsciiWhitespace(absl::string_view(text.data(), bracket));
  if (name == "max") concurrency.set_statistic(v1::CONCURRENCY_STATISTIC_MAX);
  if (name == "mean") concurrency.set_statistic(v1::CONCURRENCY_STATISTIC_MEAN);
  if (concurrency.statistic() == v1::CONCURRENCY_STATISTIC_UNSPECIFIED) return false;
  text = text.substr(bracket + 1, text.size() - bracket - 2);
  return SetSpan("--concurrency", std::string(text), *concurrency.mutable_during()).ok();
}

absl::Status AddConcurrency(const QueryFlags& flags, v1::QueryMetricsRequest& request) {
  for (const std::string& text : flags.concurrency) {
    const auto definition = SplitDefinition(text);
    v1::MetricDefinition metric;
    if (!definition.has_value() ||
        !SetConcurrency(definition->second, *metric.mutable_concurrency())) {
      return RefuseMetric("--concurrency", text,
                          "'NAME = max(START, END)' or 'NAME = mean(START, END)', of two columns");
    }
    metric.set_name(definition->first);
    *request.add_metrics()->mutable_definition() = std::move(metric);
  }
  return absl::OkStatus();
}

absl::Status AddHistograms(const QueryFlags& flags, v1::QueryMetricsRequest& request) {
  for (const std::string& text : flags.histogram) {
    const auto definition = SplitDefinition(text);
    v1::MetricDefinition metric;
    if (!definition.has_value() || !SetHistogram(definition->second, *metric.mutable_histogram())) {
      return RefuseMetric(
          "--histogram", text,
          "'NAME = METRIC', maybe with 'by 20' (at least 1 bin) or 'by 1h,1d,7d' (edges), without "
          "either as many bins as fit, and 'log'");
    }
    metric.set_name(definition->first);
    *request.add_metrics()->mutable_definition() = std::move(metric);
  }
  return absl::OkStatus();
}

bool IsName(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsNameCharacter);
}

/// "NAME", "NAME(parameter=constant, ..)", each maybe with " AS ALIAS". A constant ends at a comma
/// or the bracket; one with these is in apostrophes.
class UseOfMetric {
 public:
  explicit UseOfMetric(std::string_view text) : rest_(text) {}

  /// Whether it is one; then `ref` is it.
  bool Read(v1::MetricRef& ref) {
    const std::string name = TakeName();
    if (name.empty()) return false;
    ref.set_name(name);
    if (TakeMark('(') && !ReadParameters(ref)) return false;
    Skip();
    if (rest_.empty()) return true;
    constexpr std::string_view kAs = "as";
    const std::string word = absl::AsciiStrToLower(TakeName());
    ref.set_alias(TakeName());
    Skip();
    return word == kAs && !ref.alias().empty() && rest_.empty();
  }

 private:
  void Skip() {
    while (!rest_.empty() && rest_[0] == ' ') rest_.remove_prefix(1);
  }

  bool TakeMark(char mark) {
    Skip();
    if (!rest_.starts_with(mark)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string TakeName() {
    Skip();
    size_t size = 0;
    while (size < rest_.size() && IsNameCharacter(rest_[size])) ++size;
    std::string name(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return name;
  }

  /// Up to the closing bracket.
  bool ReadParameters(v1::MetricRef& ref) {
    do {
      const std::string name = TakeName();
      if (name.empty() || !TakeMark('=')) return false;
      const std::optional<std::string> value = TakeConstant();
      if (!value || ref.parameters().contains(name)) return false;
      (*ref.mutable_parameters())[name] = *value;
    } while (TakeMark(','));
    return TakeMark(')');
  }

  std::optional<std::string> TakeConstant() {
    if (TakeMark('\'')) {
      std::string value;
      while (!rest_.empty()) {
        const bool is_mark = rest_[0] == '\'';
        if (is_mark && !rest_.starts_with("''")) break;
        value += rest_[0];
        rest_.remove_prefix(is_mark ? 2 : 1);
      }
      return TakeMark('\'') ? std::optional(value) : std::nullopt;
    }
    const size_t size = std::min(rest_.find_first_of(",)"), rest_.size());
    const std::string value(absl::StripAsciiWhitespace(absl::string_view(rest_.data(), size)));
    rest_.remove_prefix(size);
    return value.empty() ? std::nullopt : std::optional(value);
  }

  std::string_view rest_;
};

absl::Status AddMetrics(const QueryFlags& flags, v1::QueryMetricsRequest& request) {
  for (const std::string& text : flags.metrics) {
    const std::string name(absl::StripAsciiWhitespace(text));
    if (IsName(name)) {
      request.add_metrics()->set_name(name);
      continue;
    }
    v1::MetricRef use;
    if (UseOfMetric(name).Read(use)) {
      *request.add_metrics() = use;
      continue;
    }
    const auto definition = SplitDefinition(text);
    if (!definition.has_value()) {
      return RefuseMetric(
          "--metric", text,
          "the NAME of a metric of the catalogue, 'NAME(parameter=constant)', either "
          "with ' AS ALIAS', or 'NAME = EXPRESSION', for example 'lead = avg(b - "
          "a)'; a NAME is of letters, digits, '_', '-' and '.'");
    }
    v1::MetricDefinition& metric = *request.add_metrics()->mutable_definition();
    metric.set_name(definition->first);
    metric.set_expression(definition->second);
    const absl::Status status = SetTime(flags, metric);
    if (!status.ok()) return status;
  }
  for (const std::string& text : flags.derived) {
    const auto definition = SplitDefinition(text);
    if (!definition.has_value()) {
      return RefuseMetric("--derived", text,
                          "'NAME = EXPRESSION' over metrics, for example 'share = a / b'");
    }
    v1::MetricDefinition& metric = *request.add_metrics()->mutable_definition();
    metric.set_name(definition->first);
    metric.set_derived(definition->second);
  }
  absl::Status status = AddConcurrency(flags, request);
  if (status.ok()) status = AddHistograms(flags, request);
  return status.ok() ? AddCumulative(flags, request) : status;
}

absl::Status AddGroup(const std::string& text, v1::QueryMetricsRequest& request) {
  constexpr std::string_view kSet = "set:";
  constexpr std::string_view kZip = "zip:";
  constexpr std::string_view kBins = ":bins(";
  v1::GroupAxis& axis = *request.add_group_by();
  if (text.starts_with(kSet)) {
    axis.mutable_sets()->set_name(text.substr(kSet.size()));
    return absl::OkStatus();
  }
  if (text.starts_with(kZip)) {
    for (const absl::string_view name : absl::StrSplit(text.substr(kZip.size()), ',')) {
      axis.mutable_zip()->add_sets()->set_name(std::string(absl::StripAsciiWhitespace(name)));
    }
    return absl::OkStatus();
  }
  const size_t bins = text.find(kBins);
  if (bins == std::string::npos) {
    axis.set_column(text);
    return absl::OkStatus();
  }
  if (!text.ends_with(")")) {
    return absl::InvalidArgumentError(
        absl::StrCat("--group: found '", text, "', allowed: 'COLUMN:bins(0,10,100)'"));
  }
  axis.mutable_bins()->set_column(text.substr(0, bins));
  const size_t begin = bins + kBins.size();
  const std::string edges = text.substr(begin, text.size() - begin - 1);
  if (absl::StripAsciiWhitespace(edges).empty())
    return absl::OkStatus();  // the server refuses none
  for (const absl::string_view edge : absl::StrSplit(edges, ',')) {
    axis.mutable_bins()->add_edges(std::string(absl::StripAsciiWhitespace(edge)));
  }
  return absl::OkStatus();
}

absl::Status SetTotals(const std::string& text, v1::QueryMetricsRequest& request) {
  if (text.empty()) return absl::OkStatus();
  v1::Totals totals = v1::TOTALS_UNSPECIFIED;
  if (!v1::Totals_Parse(absl::StrCat("TOTALS_", absl::AsciiStrToUpper(text)), &totals) ||
      totals == v1::TOTALS_UNSPECIFIED) {
    return absl::InvalidArgumentError(
        absl::StrCat("--totals: found '", text, "', allowed: grand, rollup, cube"));
  }
  request.set_totals(totals);
  return absl::OkStatus();
}

absl::Status SetClip(const std::string& text, v1::QueryMetricsRequest& request) {
  if (text.empty()) return absl::OkStatus();
  const std::vector<std::string> parts = absl::StrSplit(text, ',');
  double low = 0;
  double high = 0;
  if (parts.size() < 2 || parts.size() > 3 || !absl::SimpleAtod(parts[0], &low) ||
      !absl::SimpleAtod(parts[1], &high)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--clip: found '", text, "', allowed: LOW,HIGH[,STRIDE], such as 0,0.95 or 0,0.95,14d"));
  }
  request.mutable_clip()->set_low(low);
  request.mutable_clip()->set_high(high);
  if (parts.size() == 3) {
    request.mutable_clip()->set_stride(std::string(absl::StripAsciiWhitespace(parts[2])));
  }
  return absl::OkStatus();
}

absl::Status SetConfidence(const std::string& text, v1::QueryMetricsRequest& request) {
  if (text.empty()) return absl::OkStatus();
  const std::vector<std::string> parts = absl::StrSplit(text, ',');
  const bool is_bootstrap =
      parts.size() == 2 && absl::StripAsciiWhitespace(parts[1]) == "bootstrap";
  double level = 0;
  if ((parts.size() > 1 && !is_bootstrap) || !absl::SimpleAtod(parts[0], &level)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--confidence: found '", text, "', allowed: LEVEL[,bootstrap], such as 0.8"));
  }
  request.mutable_confidence()->set_level(level);
  if (is_bootstrap) {
    request.mutable_confidence()->set_method(v1::CONFIDENCE_METHOD_BOOTSTRAP);
  }
  return absl::OkStatus();
}

/// What cuts the cells down or adds to them.
absl::Status SetShape(const QueryFlags& flags, v1::QueryMetricsRequest& request) {
  request.set_exclude_partial(flags.exclude_partial);
  request.set_having_text(flags.having);
  if (flags.others && flags.top == 0) {
    return absl::InvalidArgumentError("--others: found no --top, allowed: with --top N");
  }
  if (flags.top != 0) {
    request.mutable_top_n()->set_count(flags.top);
    request.mutable_top_n()->set_others(flags.others);
  }
  if (flags.dense) request.set_fill(v1::FILL_MODE_DENSE);
  if (!flags.compare.empty()) request.mutable_compare_to()->set_offset(flags.compare);
  SEXTANT_RETURN_IF_ERROR(SetClip(flags.clip, request));
  request.set_samples(flags.samples);
  SEXTANT_RETURN_IF_ERROR(SetConfidence(flags.confidence, request));
  return SetTotals(flags.totals, request);
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
  if (flags.metrics.empty() && flags.derived.empty() && flags.cumulative.empty() &&
      flags.histogram.empty() && flags.concurrency.empty()) {
    return absl::InvalidArgumentError("--metric: found none, allowed: one or more");
  }
  request.set_dataset(flags.dataset);
  absl::Status status = AddMetrics(flags, request);
  if (!status.ok()) return status;
  status = SetPriority(flags.priority, request);
  if (!status.ok()) return status;
  status = SetShape(flags, request);
  if (!status.ok()) return status;
  const bool has_time = !flags.at.empty() || !flags.during.empty() || !flags.as_of_end.empty();
  // What is derived has the time of what it is derived from.
  const bool lacks_time =
      !has_time &&
      std::any_of(request.metrics().begin(), request.metrics().end(), [](const auto& metric) {
        return metric.has_definition() && !metric.definition().expression().empty();
      });
  if (lacks_time && !(flags.from.empty() && flags.to.empty())) {
    return absl::InvalidArgumentError(
        "--from and --to: found no --at, allowed: with --at COLUMN (or --during, --as-of-end), the "
        "time that they bound");
  }
  for (const std::string& group : flags.groups) {
    status = AddGroup(group, request);
    if (!status.ok()) return status;
  }
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
