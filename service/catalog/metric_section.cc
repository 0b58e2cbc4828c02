#include "service/catalog/metric_section.h"

#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "compute/plan/binder/sample_condition.h"
#include "compute/plan/expression_parser.h"
#include "service/catalog/dataset_section.h"
#include "service/catalog/refused_text.h"

namespace sextant {
namespace {

constexpr size_t kMaxMembers = 1000;
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

/// Whether `text` is empty or a value.
bool CheckValue(const YamlSection& section, const std::string& key, const std::string& text) {
  if (text.empty()) return true;
  const absl::Status status = ParseValue(text, key).status();
  if (!status.ok()) ReportRefused(section, key, text, status, kAllowedValue);
  return status.ok();
}

/// `value` and `aggregate`, or `expression`.
std::string ReadExpression(const YamlSection& section) {
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
  const bool is_value = CheckValue(section, "value", value);
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

void ReadSimple(const YamlSection& section, Metric& metric) {
  section.Require("dataset");
  metric.dataset = section.Text("dataset");
  metric.expression = ReadExpression(section);
  if (!metric.expression.empty()) {
    const absl::Status status = ParseMetric(metric.expression, "expression").status();
    if (!status.ok()) {
      ReportRefused(section, section.Has("expression") ? "expression" : "value", metric.expression,
                    status, kAllowedMetric);
    }
  }
  metric.pin = ReadPin(section);
  metric.filter = section.Text("filter");
  if (!metric.filter.empty()) {
    const absl::Status status = ParseFilter(metric.filter, "filter").status();
    if (!status.ok()) ReportRefused(section, "filter", metric.filter, status, kAllowedCondition);
  }
  metric.domain = section.Text("domain");
  if (!metric.domain.empty() && !ParseDomain(metric.domain, "domain").ok()) {
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

void ReadSumOf(const YamlSection& section, Metric& metric) {
  metric.sum_of = Metric::SumOf{section.TextList("sum_of"), section.Bool("complete", false)};
  if (metric.sum_of->names.empty()) section.Report("sum_of", "no metric", "one or more");
}

/// A metric of metrics takes its samples from those that it names.
void RefuseSampleKeys(const YamlSection& section) {
  for (const char* key : {"expression", "value", "aggregate", "at", "during", "as_of_end", "filter",
                          "domain", "dataset"}) {
    if (!section.Has(key)) continue;
    section.Report(key, absl::StrCat("'", key, "' beside a definition by other metrics"),
                   "in the metrics that these name");
  }
}

/// The forms of a metric of metrics that the section has.
std::vector<std::string> FormsOf(const YamlSection& section) {
  std::vector<std::string> forms;
  for (const char* form : {"derived", "ratio", "threshold", "sum_of"}) {
    if (section.Has(form)) forms.emplace_back(form);
  }
  return forms;
}

void ReadMetricOfMetrics(const YamlSection& section, const std::string& form, Metric& metric) {
  RefuseSampleKeys(section);
  if (metric.clip && form != "threshold") {
    section.Report("clip", absl::StrCat("'clip' beside '", form, "'"),
                   "in the metrics that it names, or beside 'threshold'");
  }
  if (form == "ratio") return ReadRatio(section, metric);
  if (form == "threshold") return ReadThreshold(section, metric);
  if (form == "sum_of") return ReadSumOf(section, metric);
  metric.derived = section.Text("derived");
  CheckValue(section, "derived", metric.derived);
}

}  // namespace

CatalogMetric ReadMetric(const YamlSection& entry) {
  YamlSection section = entry;
  section.AllowKeys(
      {"name", "dataset", "description", "unit", "expression", "value", "aggregate", "at", "during",
       "as_of_end", "filter", "domain", "derived", "ratio", "threshold", "sum_of", "complete",
       "clip"},
      {"confidence", "parameters", "cumulative", "per", "histogram", "concurrency", "empty"});
  CheckName(section, "name");
  CatalogMetric read;
  Metric& metric = read.metric;
  metric.name = section.Text("name");
  metric.unit = section.Text("unit");
  metric.is_from_catalog = true;
  read.description = section.Text("description");
  if (section.Has("clip")) metric.clip = section.Bool("clip", false);
  const std::vector<std::string> forms = FormsOf(section);
  if (forms.size() > 1) {
    section.Report(forms[1], absl::StrCat("both '", forms[0], "' and '", forms[1], "'"),
                   "one of the two");
  } else if (forms.size() == 1) {
    ReadMetricOfMetrics(section, forms[0], metric);
  } else {
    ReadSimple(section, metric);
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
