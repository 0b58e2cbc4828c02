#include "service/cli/metric_page.h"

#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "service/cli/text_format.h"

namespace sextant {
namespace {

/// As text of Markdown, which may stand in a table.
std::string Plain(const std::string& text) {
  return absl::StrReplaceAll(
      PrintableLine(text),
      {{"\\", "\\\\"}, {"|", "\\|"}, {"*", "\\*"}, {"_", "\\_"}, {"<", "&lt;"}, {"`", "\\`"}});
}

/// As code, which may stand in a table.
std::string Code(const std::string& text) {
  const std::string line = absl::StrReplaceAll(PrintableLine(text), {{"|", "\\|"}});
  return line.find('`') == std::string::npos ? absl::StrCat("`", line, "`")
                                             : absl::StrCat("`` ", line, " ``");
}

std::string ParameterOf(const v1::MetricParameter& parameter) {
  const std::string type = absl::StrCat("$", parameter.name(), " ", parameter.type());
  if (!parameter.has_default_value()) return Code(type);
  return absl::StrCat(Code(type), ", default ", Code(parameter.default_value()));
}

/// The rows that a metric is of.
std::string RowsOf(const v1::MetricDefinition& definition) {
  const std::string from = absl::StrCat(
      "FROM ", PrintableLine(definition.dataset()),
      definition.filter().empty() ? "" : "\nWHERE " + PrintableLine(definition.filter()));
  if (!definition.has_per()) return from;
  const v1::PerKey& per = definition.per();
  std::vector<std::string> columns;
  for (const std::string& key : per.keys()) columns.push_back(PrintableLine(key));
  const std::string keys = absl::StrJoin(columns, ", ");
  for (const v1::PerKey::Column& column : per.select()) {
    columns.push_back(
        absl::StrCat(PrintableLine(column.expression()), " AS ", PrintableLine(column.name())));
  }
  const std::string inner =
      absl::StrCat("SELECT ", absl::StrJoin(columns, ", "), "\n", from, "\nGROUP BY ", keys);
  return absl::StrCat("FROM (\n  ", absl::StrReplaceAll(inner, {{"\n", "\n  "}}),
                      "\n) AS rows_per_key");
}

std::string SqlOf(const v1::MetricDefinition& definition) {
  const v1::TimeSpan& span = definition.concurrency().during();
  const std::string columns = definition.has_concurrency()
                                  ? absl::StrCat(span.start(), ", ", span.end())
                                  : definition.expression();
  return absl::StrCat("```sql\nSELECT ", PrintableLine(columns), "\n", RowsOf(definition),
                      "\n```\n");
}

std::string SectionOf(const v1::Metric& metric) {
  const v1::MetricDefinition& definition = metric.definition();
  std::string text = absl::StrCat("## ", Plain(definition.name()), "\n");
  if (!metric.description().empty()) absl::StrAppend(&text, Plain(metric.description()), "\n");
  absl::StrAppend(&text, "\n| | |\n| --- | --- |\n");
  const auto row = [&](const char* name, const std::string& value) {
    if (!value.empty()) absl::StrAppend(&text, "| ", name, " | ", value, " |\n");
  };
  const auto code_row = [&](const char* name, const std::string& value) {
    row(name, value.empty() ? "" : Code(value));
  };
  row("unit", Plain(definition.unit()));
  row("dataset", Plain(absl::StrJoin(metric.datasets(), ", ")));
  code_row("time", TimeOf(definition));
  code_row("samples", definition.domain());
  row("parameters", absl::StrJoin(metric.parameters(), "; ", [](std::string* out, const auto& one) {
        out->append(ParameterOf(one));
      }));
  if (definition.has_clip()) row("clipped", definition.clip() ? "yes" : "no");
  code_row("formula", FormulaOf(definition));
  const bool has_rows = !definition.expression().empty() || definition.has_concurrency();
  if (has_rows) absl::StrAppend(&text, "\n", SqlOf(definition));
  return text;
}

}  // namespace

std::string FormulaOf(const v1::MetricDefinition& definition) {
  if (definition.has_threshold()) {
    const v1::Threshold& threshold = definition.threshold();
    return absl::StrCat("share of the samples of ", threshold.of(), " ", threshold.op(), " ",
                        threshold.value());
  }
  if (definition.has_sum_of()) {
    const bool is_complete = definition.sum_of().complete();
    return absl::StrCat(absl::StrJoin(definition.sum_of().metrics(), " + "),
                        is_complete ? ", where all have a value" : ", of those that have a value");
  }
  if (definition.has_cumulative()) {
    const v1::Cumulative& cumulative = definition.cumulative();
    return cumulative.window().empty()
               ? absl::StrCat(cumulative.of(), " to the ", cumulative.to_date())
               : absl::StrCat(cumulative.of(), " over ", cumulative.window());
  }
  if (definition.has_concurrency()) {
    const bool is_max = definition.concurrency().statistic() == v1::CONCURRENCY_STATISTIC_MAX;
    return is_max ? "the most rows that run at once"
                  : "how many rows run at once, on average over time";
  }
  if (definition.has_histogram()) {
    const v1::Histogram& histogram = definition.histogram();
    const std::string bins =
        !histogram.edges().empty()
            ? absl::StrCat("bins between ", absl::StrJoin(histogram.edges(), ", "))
        : histogram.bins() == 0 ? std::string("automatic bins")
                                : absl::StrCat(histogram.bins(), " bins");
    return absl::StrCat("histogram of the samples of ", histogram.of(), ", ", bins,
                        histogram.scale() == v1::HISTOGRAM_SCALE_LOG ? ", logarithmic" : "");
  }
  if (!definition.has_ratio()) return definition.derived();
  const v1::Ratio& ratio = definition.ratio();
  if (ratio.offset() == 0) return absl::StrCat(ratio.numerator(), " / ", ratio.denominator());
  return absl::StrCat("(", ratio.numerator(), " + ", ratio.offset(), ") / (", ratio.denominator(),
                      " + ", ratio.offset(), ")");
}

std::string TimeOf(const v1::MetricDefinition& definition) {
  if (definition.has_during() || definition.has_concurrency()) {
    const v1::TimeSpan& span =
        definition.has_during() ? definition.during() : definition.concurrency().during();
    return absl::StrCat("during [", span.start(), ", ", span.end(), ")");
  }
  if (definition.has_as_of_end()) {
    return absl::StrCat("open at the end: [", definition.as_of_end().start(), ", ",
                        definition.as_of_end().end(), ")");
  }
  return definition.at().empty() ? "" : absl::StrCat("at ", definition.at());
}

std::string MetricPage(const std::vector<v1::Metric>& metrics) {
  std::string page = absl::StrCat(
      "# Metrics\n\nGenerated by `sextant metrics --format markdown`. The SQL is of the samples of "
      "one group and interval, over the columns of the dataset.\n\n| metric | unit | description "
      "|\n| --- | --- | --- |\n");
  for (const v1::Metric& metric : metrics) {
    absl::StrAppend(&page, "| [", Plain(metric.definition().name()), "](#",
                    absl::AsciiStrToLower(metric.definition().name()), ") | ",
                    Plain(metric.definition().unit()), " | ", Plain(metric.description()), " |\n");
  }
  for (const v1::Metric& metric : metrics) absl::StrAppend(&page, "\n", SectionOf(metric));
  return page;
}

}  // namespace sextant
