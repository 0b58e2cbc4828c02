#include "service/catalog/metric_section.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "compute/plan/binder/histogram_binder.h"
#include "compute/plan/binder/sample_condition.h"
#include "compute/plan/expression_parser.h"
#include "compute/plan/metric_parameters.h"
#include "compute/plan/relative_time.h"
#include "service/catalog/dataset_section.h"
#include "service/catalog/refused_text.h"

namespace sextant {
namespace {

constexpr size_t kMaxMembers = 1000;
constexpr size_t kMaxParameterNameBytes = 64;
constexpr char kAllowedValue[] = "one expression as PostgreSQL writes it, such as a - b";
constexpr char kAllowedMetric[] =
    "one aggregate expression as PostgreSQL writes it, such as sum(a)";
constexpr char kAllowedCondition[] =
    "one condition as PostgreSQL writes it, such as state = 'open'";
constexpr char kAllowedDomain[] =
    "a condition on the value of a sample, such as \">= 0\" or \"value > 0 AND value < 10\"";
constexpr char kAllowedAggregates[] =
    "count, distinct, sum, mean, min, max, median, quantile(q) with 0 <= q <= 1, stddev, variance, "
    "mode, any, all; or `expression` for every other one";

/// The PostgreSQL aggregate called `aggregate` of `value`, or "".
std::string AggregateText(std::string_view aggregate, const std::string& value) {
  constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"count", "count"},   {"sum", "sum"},           {"mean", "avg"},    {"min", "min"},
      {"max", "max"},       {"median", "median"},     {"any", "bool_or"}, {"all", "bool_and"},
      {"stddev", "stddev"}, {"variance", "variance"},
  };
  if (aggregate == "distinct") return absl::StrCat("count(DISTINCT ", value, ")");
  if (aggregate == "mode") return absl::StrCat("mode() WITHIN GROUP (ORDER BY ", value, ")");
  constexpr std::string_view kQuantile = "quantile(";
  if (aggregate.starts_with(kQuantile) && aggregate.ends_with(")")) {
    const std::string fraction(
        aggregate.substr(kQuantile.size(), aggregate.size() - kQuantile.size() - 1));
    double parsed = 0;
    if (!absl::SimpleAtod(fraction, &parsed) || !(parsed >= 0 && parsed <= 1)) return "";
    return absl::StrCat("percentile_cont(", fraction, ") WITHIN GROUP (ORDER BY ", value, ")");
  }
  for (const auto& [name, function] : kNames) {
    if (aggregate == name) return absl::StrCat(std::string(function), "(", value, ")");
  }
  return "";
}

/// The parameters of a metric, and what their texts are read with until a request gives others.
struct Constants {
  std::vector<MetricParameter> parameters = {};
  std::map<std::string, std::string> samples = {};

  absl::StatusOr<std::string> In(const std::string& text) const {
    return WithConstants(text, parameters, samples);
  }
};

/// Parses `text` with the constants in it: what is wrong with either.
template <typename Parse>
absl::Status Check(const Constants& constants, const std::string& text, const std::string& key,
                   const Parse& parse) {
  const absl::StatusOr<std::string> with_constants = constants.In(text);
  if (!with_constants.ok()) return with_constants.status();
  return parse(*with_constants, key).status();
}

/// Whether `text` is empty or a value.
bool CheckValue(const YamlSection& section, const std::string& key, const std::string& text,
                const Constants& constants = {}) {
  if (text.empty()) return true;
  const absl::Status status = Check(constants, text, key, ParseValue);
  if (!status.ok()) ReportRefused(section, key, text, status, kAllowedValue);
  return status.ok();
}

/// `value` and `aggregate`, or `expression`.
std::string ReadExpression(const YamlSection& section, const Constants& constants) {
  const std::string value = section.Text("value");
  const std::string aggregate = section.Text("aggregate");
  if (section.Has("expression")) {
    if (section.Has("value") || section.Has("aggregate")) {
      section.Report("expression", "both 'expression' and 'value' or 'aggregate'",
                     "'expression', or 'value' with 'aggregate'");
    }
    return section.Text("expression");
  }
  if (aggregate == "count" && value.empty()) return "count(*)";
  section.Require("aggregate");
  section.Require("value");
  const bool is_value = CheckValue(section, "value", value, constants);
  if (!is_value || value.empty() || aggregate.empty()) return "";
  std::string text = AggregateText(aggregate, value);
  if (text.empty()) {
    section.Report("aggregate", absl::StrCat("'", aggregate, "'"), kAllowedAggregates);
  }
  return text;
}

TimePin ReadSpan(const YamlSection& section, const std::string& key, TimePin::Kind kind) {
  const std::vector<std::string> ends = section.TextList(key);
  if (ends.size() != 2) {
    section.Report(key, absl::StrCat(ends.size(), " entries"), "two: [start, end]");
    return {};
  }
  for (const std::string& end : ends) CheckValue(section, key, end);
  return {kind, ends[0], ends[1]};
}

TimePin ReadPin(const YamlSection& section) {
  const int num_pins = (section.Has("at") ? 1 : 0) + (section.Has("during") ? 1 : 0) +
                       (section.Has("as_of_end") ? 1 : 0);
  if (num_pins > 1) {
    section.Report("", "several of 'at', 'during' and 'as_of_end'", "at most one of them");
  }
  if (section.Has("during")) return ReadSpan(section, "during", TimePin::Kind::kDuring);
  if (section.Has("as_of_end")) return ReadSpan(section, "as_of_end", TimePin::Kind::kAsOfEnd);
  if (!section.Has("at")) return {};
  CheckValue(section, "at", section.Text("at"));
  return TimePin::At(section.Text("at"));
}

void ReadRatio(const YamlSection& section, Metric& metric) {
  YamlSection ratio = section.Section("ratio");
  ratio.AllowKeys({"numerator", "denominator", "offset"});
  ratio.Require("numerator");
  ratio.Require("denominator");
  Metric::Ratio& parsed = metric.ratio.emplace(Metric::Ratio{});
  parsed.numerator = ratio.Text("numerator");
  parsed.denominator = ratio.Text("denominator");
  const std::string offset = ratio.Text("offset");
  if (!offset.empty() && !absl::SimpleAtod(offset, &parsed.offset)) {
    ratio.Report("offset", absl::StrCat("'", offset, "'"), "a number");
  }
}

/// Whether cells without samples have 0: `empty: zero`.
bool ReadEmpty(const YamlSection& section) {
  section.OneOf("empty", {"zero", "null"}, "null");
  return section.Text("empty") == "zero";
}

std::shared_ptr<const PerKey> ReadPer(const YamlSection& section, const Constants& constants) {
  YamlSection per = section.Section("per");
  per.AllowKeys({"keys", "select"});
  per.Require("keys");
  auto read = std::make_shared<PerKey>();
  read->keys = per.TextList("keys");
  if (read->keys.empty()) per.Report("keys", "no column", "one or more");
  const YamlSection select = per.Section("select");
  for (auto& [name, expression] : per.TextMap("select")) {
    const absl::Status status = Check(constants, expression, name, ParseMetric);
    if (!status.ok()) ReportRefused(select, name, expression, status, kAllowedMetric);
    read->select.push_back({name, expression});
  }
  return read;
}

/// The dataset, and which rows of it.
void ReadRows(const YamlSection& section, const Constants& constants, Metric& metric) {
  section.Require("dataset");
  metric.dataset = section.Text("dataset");
  if (section.Has("per")) metric.per = ReadPer(section, constants);
  metric.filter = section.Text("filter");
  if (metric.filter.empty()) return;
  const absl::Status status = Check(constants, metric.filter, "filter", ParseFilter);
  if (!status.ok()) ReportRefused(section, "filter", metric.filter, status, kAllowedCondition);
}

/// Rows that run in a span of time, and have no values.
void ReadConcurrency(const YamlSection& section, const Constants& constants, Metric& metric) {
  for (const char* key : {"expression", "value", "aggregate", "at", "during", "as_of_end", "domain",
                          "empty", "clip"}) {
    if (!section.Has(key)) continue;
    section.Report(key, absl::StrCat("'", key, "' beside 'concurrency'"),
                   "'dataset', 'filter', 'per' and 'unit'");
  }
  ReadRows(section, constants, metric);
  YamlSection concurrency = section.Section("concurrency");
  concurrency.AllowKeys({"during", "statistic"});
  concurrency.Require("during");
  concurrency.Require("statistic");
  concurrency.OneOf("statistic", {"max", "mean"}, "max");
  metric.concurrency = concurrency.Text("statistic") == "mean" ? Metric::Concurrency::kMean
                                                               : Metric::Concurrency::kMax;
  if (concurrency.Has("during")) {
    metric.pin = ReadSpan(concurrency, "during", TimePin::Kind::kDuring);
  }
}

void ReadSimple(const YamlSection& section, const Constants& constants, Metric& metric) {
  metric.expression = ReadExpression(section, constants);
  if (!metric.expression.empty()) {
    const absl::Status status = Check(constants, metric.expression, "expression", ParseMetric);
    if (!status.ok()) {
      ReportRefused(section, section.Has("expression") ? "expression" : "value", metric.expression,
                    status, kAllowedMetric);
    }
  }
  ReadRows(section, constants, metric);
  metric.pin = ReadPin(section);
  metric.is_zero_when_empty = ReadEmpty(section);
  metric.domain = section.Text("domain");
  if (!metric.domain.empty() && !Check(constants, metric.domain, "domain", ParseDomain).ok()) {
    section.Report("domain", absl::StrCat("'", metric.domain, "'"), kAllowedDomain);
  }
}

void ReadThreshold(const YamlSection& section, Metric& metric) {
  YamlSection threshold = section.Section("threshold");
  threshold.AllowKeys({"of", "op", "value"});
  for (const char* key : {"of", "op", "value"}) threshold.Require(key);
  threshold.OneOf("op", {"<", "<=", ">", ">=", "=", "<>"}, "<=");
  metric.threshold =
      Metric::Threshold{threshold.Text("of"), threshold.Text("op"), threshold.Text("value")};
}

void ReadCumulative(const YamlSection& section, Metric& metric) {
  YamlSection cumulative = section.Section("cumulative");
  cumulative.AllowKeys({"of", "window", "to_date"});
  cumulative.Require("of");
  if (cumulative.Has("window") == cumulative.Has("to_date")) {
    section.Report(
        "cumulative",
        cumulative.Has("window") ? "both 'window' and 'to_date'" : "neither 'window' nor 'to_date'",
        "one of the two");
  }
  cumulative.OneOf("to_date", {"day", "week", "month", "quarter", "year"}, "month");
  const std::string window = cumulative.Text("window");
  if (!window.empty() && !ReadPeriod(window)) {
    cumulative.Report("window", absl::StrCat("'", window, "'"),
                      "a length of time, as 28d, 4w, 3mo, 1y, 12h or 15min");
  }
  metric.cumulative = Metric::Cumulative{cumulative.Text("of"), window, cumulative.Text("to_date")};
}

/// `bins`: auto, how many, or a list of edges.
void ReadBins(const YamlSection& section, const Constants& constants, Metric::Histogram& read) {
  if (section.IsList("bins")) {
    read.edges = section.TextList("bins");
    if (read.edges.size() < 2 || read.edges.size() > kMaxHistogramBins + 1) {
      section.Report("bins", absl::StrCat(read.edges.size(), " edges"),
                     absl::StrCat("2 to ", kMaxHistogramBins + 1));
    }
    for (const std::string& edge : read.edges) {
      if (edge.starts_with('$') && constants.samples.count(edge.substr(1)) == 0) {
        section.Report("bins", absl::StrCat("'", edge, "'"), "a constant, or $ and a parameter");
      }
    }
    return;
  }
  const std::string bins = section.Text("bins");
  if (bins.empty() || bins == "auto") return;
  if (!absl::SimpleAtoi(bins, &read.bins) || read.bins < 1 || read.bins > kMaxHistogramBins) {
    section.Report("bins", absl::StrCat("'", bins, "'"),
                   absl::StrCat("auto, 1 to ", kMaxHistogramBins, ", or a list of edges"));
  }
}

void ReadHistogram(const YamlSection& section, const Constants& constants, Metric& metric) {
  YamlSection histogram = section.Section("histogram");
  histogram.AllowKeys({"of", "bins", "scale"});
  histogram.Require("of");
  histogram.OneOf("scale", {"linear", "log"}, "linear");
  Metric::Histogram& read = metric.histogram.emplace(Metric::Histogram{histogram.Text("of")});
  read.is_log = histogram.Text("scale") == "log";
  ReadBins(histogram, constants, read);
}

void ReadSumOf(const YamlSection& section, Metric& metric) {
  metric.sum_of = Metric::SumOf{section.TextList("sum_of"), section.Bool("complete", false)};
  if (metric.sum_of->names.empty()) section.Report("sum_of", "no metric", "one or more");
}

/// A metric of metrics takes its samples from those that it names.
void RefuseSampleKeys(const YamlSection& section) {
  for (const char* key : {"expression", "value", "aggregate", "at", "during", "as_of_end", "filter",
                          "domain", "dataset", "empty", "per"}) {
    if (!section.Has(key)) continue;
    section.Report(key, absl::StrCat("'", key, "' beside a definition by other metrics"),
                   "in the metrics that these name");
  }
}

/// The forms that the section has, but for the simple one.
std::vector<std::string> FormsOf(const YamlSection& section) {
  std::vector<std::string> forms;
  for (const char* form :
       {"concurrency", "derived", "ratio", "threshold", "sum_of", "cumulative", "histogram"}) {
    if (section.Has(form)) forms.emplace_back(form);
  }
  return forms;
}

void ReadMetricOfMetrics(const YamlSection& section, const std::string& form,
                         const Constants& constants, Metric& metric) {
  RefuseSampleKeys(section);
  if (metric.clip && form != "threshold" && form != "histogram") {
    section.Report("clip", absl::StrCat("'clip' beside '", form, "'"),
                   "in the metrics that it names, or beside 'threshold' or 'histogram'");
  }
  if (form == "ratio") return ReadRatio(section, metric);
  if (form == "threshold") return ReadThreshold(section, metric);
  if (form == "sum_of") return ReadSumOf(section, metric);
  if (form == "cumulative") return ReadCumulative(section, metric);
  if (form == "histogram") return ReadHistogram(section, constants, metric);
  metric.derived = section.Text("derived");
  CheckValue(section, "derived", metric.derived, constants);
}

bool IsParameterName(const std::string& name) {
  const auto is_part = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
  };
  return !name.empty() && name.size() <= kMaxParameterNameBytes &&
         !absl::ascii_isdigit(static_cast<unsigned char>(name[0])) &&
         std::all_of(name.begin(), name.end(), is_part);
}

MetricParameter ReadParameter(const YamlSection& entries, const std::string& name) {
  YamlSection entry = entries.Section(name);
  entry.AllowKeys({"type", "default"});
  entry.Require("type");
  MetricParameter parameter;
  parameter.name = name;
  if (!IsParameterName(name)) {
    entries.Report(name, absl::StrCat("the name '", name, "'"),
                   "a name of letters, digits and '_', not with a digit first");
  }
  const std::optional<MetricParameter::Type> type = ParameterTypeNamed(entry.Text("type"));
  if (!type) {
    entry.Report("type", absl::StrCat("'", entry.Text("type"), "'"),
                 "interval, number, text, bool, date, timestamp");
    return parameter;
  }
  parameter.type = *type;
  if (!entry.Has("default")) return parameter;
  parameter.default_value = entry.Text("default");
  const absl::Status status = CheckParameterValue(*type, *parameter.default_value);
  if (!status.ok()) {
    entry.Report("default", absl::StrCat("'", *parameter.default_value, "'"),
                 absl::StrCat("a value of type ", ParameterTypeName(*type)));
  }
  return parameter;
}

Constants ReadParameters(const YamlSection& section) {
  Constants constants;
  if (!section.Has("parameters")) return constants;
  const YamlSection entries = section.Section("parameters");
  for (const std::string& name : entries.Keys()) {
    constants.parameters.push_back(ReadParameter(entries, name));
  }
  constants.samples = SampleValues(constants.parameters);
  return constants;
}

}  // namespace

CatalogMetric ReadMetric(const YamlSection& entry) {
  YamlSection section = entry;
  section.AllowKeys(
      {"name",       "dataset", "description", "unit",       "expression", "value",
       "aggregate",  "at",      "during",      "as_of_end",  "filter",     "domain",
       "derived",    "ratio",   "threshold",   "sum_of",     "complete",   "clip",
       "cumulative", "empty",   "per",         "parameters", "histogram",  "concurrency"},
      {"confidence"});
  CheckName(section, "name");
  CatalogMetric read;
  Metric& metric = read.metric;
  metric.name = section.Text("name");
  metric.unit = section.Text("unit");
  metric.is_from_catalog = true;
  read.description = section.Text("description");
  if (section.Has("clip")) metric.clip = section.Bool("clip", false);
  const Constants constants = ReadParameters(section);
  read.parameters = constants.parameters;
  const std::vector<std::string> forms = FormsOf(section);
  if (forms.size() > 1) {
    section.Report(forms[1], absl::StrCat("both '", forms[0], "' and '", forms[1], "'"),
                   "one of the two");
  } else if (forms.size() == 1 && forms[0] == "concurrency") {
    ReadConcurrency(section, constants, metric);
  } else if (forms.size() == 1) {
    ReadMetricOfMetrics(section, forms[0], constants, metric);
  } else {
    ReadSimple(section, constants, metric);
  }
  if (section.Has("complete") && !metric.sum_of) {
    section.Report("complete", "'complete' without 'sum_of'", "beside 'sum_of'");
  }
  return read;
}

CatalogSet ReadSet(const YamlSection& entry) {
  YamlSection section = entry;
  section.AllowKeys({"name", "description", "members"});
  CheckName(section, "name");
  section.Require("members");
  CatalogSet set;
  set.name = section.Text("name");
  set.description = section.Text("description");
  const YamlSection members = section.Section("members");
  for (auto& [name, condition] : section.TextMap("members")) {
    const absl::Status status = ParseFilter(condition, name).status();
    if (!status.ok()) ReportRefused(members, name, condition, status, kAllowedCondition);
    set.members.push_back({name, condition});
  }
  if (set.members.size() > kMaxMembers) {
    section.Report("members", absl::StrCat(set.members.size(), " members"),
                   absl::StrCat("at most ", kMaxMembers));
  }
  return set;
}

CatalogDimension ReadDimension(const YamlSection& entry) {
  YamlSection section = entry;
  section.AllowKeys({"name", "description", "columns"});
  CheckName(section, "name");
  section.Require("columns");
  CatalogDimension dimension;
  dimension.name = section.Text("name");
  dimension.description = section.Text("description");
  for (auto& [dataset, column] : section.TextMap("columns")) {
    dimension.columns.emplace(dataset, column);
  }
  return dimension;
}

}  // namespace sextant
