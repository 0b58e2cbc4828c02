#include "tests/oracle/product_request.h"

#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "tests/oracle/dataset_split.h"
#include "tests/oracle/key_split.h"
#include "tests/oracle/sql_text.h"

namespace sextant::oracle {
namespace {

CalendarUnit ProductUnit(Unit unit) {
  static constexpr CalendarUnit kUnits[] = {
      CalendarUnit::kAll,     CalendarUnit::kMinute, CalendarUnit::kHour,
      CalendarUnit::kDay,     CalendarUnit::kWeek,   CalendarUnit::kMonth,
      CalendarUnit::kQuarter, CalendarUnit::kYear,   CalendarUnit::kPeriod};
  return kUnits[static_cast<size_t>(unit)];
}

const std::string& NameOf(const TableCase& table, int column) {
  return table.columns[static_cast<size_t>(column)].name;
}

/// The tree as text; `divides` whether integers are divided as float8 (rule 1).
std::string CellText(const CellExpr& value, const std::vector<std::string>& operands,
                     bool divides) {
  static constexpr const char* kNames[] = {"", "", " + ", " - ", " * ", " / "};
  if (value.op == CellExpr::Op::kOperand) return operands[value.operand];
  if (value.op == CellExpr::Op::kConstant) return value.text;
  const bool needs_cast = value.op == CellExpr::Op::kDivide && !divides;
  return absl::StrCat("(", CellText(value.args[0], operands, divides), needs_cast ? "::float8" : "",
                      kNames[static_cast<size_t>(value.op)],
                      CellText(value.args[1], operands, divides), ")");
}

/// Rows of two levels pass the metric's filter before they are made: its conditions go to its
/// aggregates.
MetricSpec WithFilteredAggregates(const MetricSpec& spec) {
  MetricSpec filtered = spec;
  if (spec.filter.empty()) return filtered;
  const auto add_to = [&](AggregateExpr& aggregate) {
    std::vector<Expr> both = spec.filter;
    if (!aggregate.filter.empty()) both = {Condition(Op::kAnd, {both[0], aggregate.filter[0]})};
    aggregate.filter = both;
  };
  add_to(filtered.aggregate);
  for (AggregateExpr& second : filtered.second) add_to(second);
  filtered.filter.clear();
  return filtered;
}

Metric ProductMetric(const TableCase& whole, const MetricSpec& written);

/// Of the metric that it is of, which may say itself whether it is clipped.
Metric ProductHistogram(const TableCase& whole, const MetricSpec& written) {
  const HistogramSpec& spec = *written.aggregate.histogram;
  Metric metric{.name = written.name};
  Metric of = ProductMetric(whole, written.histogram_of[0]);
  if (spec.is_log) metric.clip = std::exchange(of.clip, std::nullopt);
  Metric::Histogram& histogram = metric.histogram.emplace(Metric::Histogram{of.name});
  histogram.is_log = spec.is_log;
  for (const auto& [number, text] : spec.edges) histogram.edges.push_back(text);
  if (spec.edges.empty()) histogram.bins = spec.num_bins;
  metric.components.push_back(std::move(of));
  return metric;
}

Metric ProductMetric(const TableCase& whole, const MetricSpec& written) {
  if (!written.histogram_of.empty()) return ProductHistogram(whole, written);
  const MetricSpec spec = written.is_per_key ? WithFilteredAggregates(written) : written;
  const TableCase part = spec.dataset >= 0 ? DatasetCase(whole, spec.dataset) : TableCase();
  const TableCase& table = spec.dataset >= 0 ? part : whole;
  Metric metric{.name = spec.name, .dataset = table.name};
  metric.clip = spec.clip;
  if (spec.form != MetricSpec::Form::kExpression) {
    metric.dataset.clear();
    for (const MetricSpec& component : spec.components) {
      metric.components.push_back(ProductMetric(table, component));
    }
    if (spec.form == MetricSpec::Form::kDerived) {
      metric.derived = MetricText(table, spec);
    } else if (spec.form == MetricSpec::Form::kThreshold) {
      const SampleCondition& passes = spec.threshold[0];
      metric.threshold = {spec.components[0].name, passes.op, *PlainText(passes.literal)};
    } else if (spec.form == MetricSpec::Form::kCumulative) {
      const bool is_trailing = spec.frame.window == FrameSpec::Window::kTrailing;
      metric.cumulative = Metric::Cumulative{.of = spec.components[0].name,
                                             .window = is_trailing ? spec.frame.text : "",
                                             .to_date = is_trailing ? "" : spec.frame.text};
    } else if (spec.form == MetricSpec::Form::kSumOf) {
      metric.sum_of.emplace().is_complete = spec.is_complete;
      for (const MetricSpec& component : spec.components) {
        metric.sum_of->names.push_back(component.name);
      }
    } else {
      metric.ratio = Metric::Ratio{spec.components[0].name, spec.components[1].name,
                                   std::strtod(spec.offset.c_str(), nullptr)};
    }
    return metric;
  }
  if (spec.aggregate.kind == Aggregate::kConcurrencyMax) {
    metric.concurrency = Metric::Concurrency::kMax;
  } else if (spec.aggregate.kind == Aggregate::kConcurrencyMean) {
    metric.concurrency = Metric::Concurrency::kMean;
  } else {
    metric.expression = MetricText(table, spec);
  }
  metric.is_zero_when_empty = spec.is_zero_when_empty;
  const ExpressionWriter writer(ExpressionWriter::Reader::kRequest, table);
  if (!spec.filter.empty()) metric.filter = writer.Write(spec.filter[0]);
  if (spec.is_per_key) AskPerKey(table, metric);
  metric.domain = DomainText(table, spec);
  switch (spec.pin) {
    case MetricSpec::Pin::kNone:
      break;
    case MetricSpec::Pin::kAt:
      metric.pin = TimePin::At(NameOf(table, spec.start));
      break;
    case MetricSpec::Pin::kDuring:
    case MetricSpec::Pin::kAsOfEnd:
      metric.pin.kind =
          spec.pin == MetricSpec::Pin::kDuring ? TimePin::Kind::kDuring : TimePin::Kind::kAsOfEnd;
      metric.pin.start = NameOf(table, spec.start);
      metric.pin.end = NameOf(table, spec.end);
      break;
  }
  return metric;
}

GroupAxis ProductAxis(const TableCase& table, const AxisSpec& spec) {
  GroupAxis axis;
  if (spec.by != AxisSpec::By::kSets) axis.column = NameOf(table, spec.column);
  if (spec.by == AxisSpec::By::kBins) {
    axis.kind = GroupAxis::Kind::kBins;
    axis.edges = spec.edges;
  }
  if (spec.by == AxisSpec::By::kSets) {
    axis.kind = GroupAxis::Kind::kSets;
    const ExpressionWriter writer(ExpressionWriter::Reader::kRequest, table);
    GroupAxis sets;
    sets.kind = GroupAxis::Kind::kSets;
    sets.name = spec.name;
    if (spec.is_zipped) axis.zipped.assign(2, sets);
    for (const auto& [name, condition] : spec.members) {
      if (!spec.is_zipped) axis.members.push_back({name, writer.Write(condition)});
      for (size_t i = 0; i < axis.zipped.size(); ++i) {
        axis.zipped[i].members.push_back({name, writer.Write(condition.args[i])});
      }
    }
  }
  if (spec.by != AxisSpec::By::kColumn) axis.name = spec.name;
  return axis;
}

std::string OrderName(const RequestCase& request, const OrderSpec& order) {
  if (order.target == OrderSpec::Target::kStart) return "start";
  return order.target == OrderSpec::Target::kAxis ? request.axes[order.index].name
                                                  : request.metrics[order.index].name;
}

void AddCells(const RequestCase& request, Query& query) {
  query.fill = request.is_dense ? FillMode::kDense : FillMode::kSparse;
  if (request.top_n) {
    query.top_n = TopN{static_cast<uint64_t>(request.top_n->count),
                       request.metrics[request.top_n->metric].name, request.top_n->smallest,
                       request.top_n->others};
  }
  query.totals = static_cast<Totals>(request.totals);
  for (const HavingSpec& having : request.having) {
    absl::StrAppend(&query.having_text, query.having_text.empty() ? "" : " AND ",
                    QuoteName(having.is_of_axis ? request.axes[having.metric].name
                                                : request.metrics[having.metric].name),
                    " ", having.op, " ", having.number);
  }
  for (const OrderSpec& order : request.order_by) {
    query.order_by.push_back({OrderName(request, order), order.descending});
  }
  query.limit = request.limit;
}

}  // namespace

std::string RangeEndText(const RangeEnd& end) {
  if (end.form == RangeEnd::Form::kRelative) return end.text;
  if (end.form == RangeEnd::Form::kDate) return DateText(end.value);
  std::string text = LocalText(end.value);
  if (end.form == RangeEnd::Form::kInstant) {
    text[text.find(' ')] = 'T';
    text += "Z";
  }
  return text;
}

std::string AggregateText(const TableCase& table, const AggregateExpr& aggregate) {
  static constexpr const char* kNames[] = {"count",
                                           "count",
                                           "count",
                                           "sum",
                                           "avg",
                                           "min",
                                           "max",
                                           "stddev_samp",
                                           "stddev_pop",
                                           "var_samp",
                                           "var_pop",
                                           "percentile_cont",
                                           "percentile_disc",
                                           "median",
                                           "mode",
                                           "bool_or",
                                           "bool_and",
                                           "corr",
                                           "regr_slope",
                                           "regr_r2",
                                           "array_agg",
                                           "bound by t of",
                                           "bound by rank of",
                                           "bound by bootstrap of",
                                           "histogram of",
                                           "edges of",
                                           "most at once",
                                           "mean at once"};
  const ExpressionWriter writer(ExpressionWriter::Reader::kRequest, table);
  const std::string name = kNames[static_cast<size_t>(aggregate.kind)];
  std::string args;
  for (const Expr& arg : aggregate.args) {
    absl::StrAppend(&args, args.empty() ? "" : ", ", writer.Write(arg));
  }
  const std::string filter =
      aggregate.filter.empty()
          ? ""
          : absl::StrCat(" FILTER (WHERE ", writer.Write(aggregate.filter[0]), ")");
  switch (aggregate.kind) {
    case Aggregate::kCountRows:
      return "count(*)" + filter;
    case Aggregate::kCountDistinct:
      return absl::StrCat("count(DISTINCT ", args, ")", filter);
    case Aggregate::kPercentileCont:
    case Aggregate::kPercentileDisc:
      return absl::StrCat(name, "(", aggregate.fraction_text, ") WITHIN GROUP (ORDER BY ", args,
                          ")", filter);
    case Aggregate::kMode:
      return absl::StrCat("mode() WITHIN GROUP (ORDER BY ", args, ")", filter);
    case Aggregate::kTopValues: {
      const std::string slice = aggregate.is_list
                                    ? absl::StrCat("[", aggregate.first, ":", aggregate.last, "]")
                                    : absl::StrCat("[", aggregate.first, "]");
      return absl::StrCat("(array_agg(", args, " ORDER BY ", writer.Write(aggregate.order_by[0]),
                          aggregate.descending ? " DESC" : "", ")", filter, ")", slice);
    }
    default:
      return absl::StrCat(name, "(", args, ")", filter);
  }
}

std::optional<std::string> PlainText(const Expr& literal) {
  const std::string& text = literal.text;
  const bool is_quoted = text.size() >= 2 && text.front() == '\'' && text.back() == '\'';
  if (literal.literal.is_null || !literal.name.empty()) return std::nullopt;
  if (is_quoted) {
    if (IsNumber(literal.type.kind)) return std::nullopt;  // it would be one, not a text
    return absl::StrReplaceAll(text.substr(1, text.size() - 2), {{"''", "'"}});
  }
  const bool is_number = text.find_first_not_of("-0123456789.e") == std::string::npos;
  return IsNumber(literal.type.kind) && is_number ? std::optional(text) : std::nullopt;
}

std::string DomainText(const TableCase& table, const MetricSpec& metric) {
  const ExpressionWriter writer(ExpressionWriter::Reader::kRequest, table);
  std::string text;
  for (const SampleCondition& condition : metric.domain) {
    // The name may be left out once.
    absl::StrAppend(&text, text.empty() ? "" : " AND value ", condition.op, " ",
                    writer.Write(condition.literal));
  }
  return text;
}

std::string MetricText(const TableCase& table, const MetricSpec& metric) {
  std::vector<std::string> operands;
  if (metric.form == MetricSpec::Form::kExpression) {
    operands.push_back(AggregateText(table, metric.aggregate));
    for (const AggregateExpr& second : metric.second) {
      operands.push_back(AggregateText(table, second));
    }
  }
  for (const MetricSpec& component : metric.components) operands.push_back(component.name);
  if (metric.form == MetricSpec::Form::kRatio) {
    return absl::StrCat(operands[0], " : ", operands[1], " offset ", metric.offset);
  }
  if (metric.form == MetricSpec::Form::kThreshold) {
    return absl::StrCat("share of ", operands[0], " ", metric.threshold[0].op, " ",
                        metric.threshold[0].literal.text);
  }
  if (metric.form == MetricSpec::Form::kSumOf) {
    return absl::StrCat(metric.is_complete ? "complete " : "", "sum of ",
                        absl::StrJoin(operands, ", "));
  }
  if (metric.form == MetricSpec::Form::kCumulative) {
    return absl::StrCat(operands[0], " over ", metric.frame.text);
  }
  if (metric.form == MetricSpec::Form::kExpression && metric.second.empty()) return operands[0];
  return CellText(metric.value, operands, metric.form == MetricSpec::Form::kDerived);
}

Query ProductQuery(const TableCase& table, const RequestCase& request) {
  Query query;
  for (const MetricSpec& metric : request.metrics) {
    if (metric.frame.is_compared || metric.is_statistic) continue;
    query.metrics.push_back(ProductMetric(table, metric));
  }
  query.samples = request.samples;
  if (request.confidence) {
    query.confidence = Confidence{request.confidence->level, request.confidence->is_bootstrap
                                                                 ? Confidence::Method::kBootstrap
                                                                 : Confidence::Method::kAnalytic};
  }
  if (request.compare) query.compare_to = PeriodComparison{request.compare->text};
  if (!request.filter.empty()) {
    if (request.as_typed_filter) query.filter = TypedFilter(table, request.filter[0]);
    if (!query.filter) {
      query.where =
          ExpressionWriter(ExpressionWriter::Reader::kRequest, table).Write(request.filter[0]);
    }
  }
  for (const AxisSpec& axis : request.axes) query.group_by.push_back(ProductAxis(table, axis));
  if (request.from) query.from = RangeEndText(*request.from);
  if (request.to) query.to = RangeEndText(*request.to);
  for (const SeriesSpec& series : request.series) {
    TimeSeries& asked = query.series.emplace_back();
    asked = {ProductUnit(series.unit), series.count, series.is_rolling};
    if (series.unit != Unit::kPeriod) continue;
    asked.calendar = std::make_shared<const PeriodCalendar>(
        PeriodCalendar{.name = UnitName(series.unit), .borders_us = series.borders_us});
  }
  query.exclude_partial = request.exclude_partial;
  if (request.clip) {
    query.clip = Clip{request.clip->low, request.clip->high, request.clip->stride_days};
  }
  query.time_zone = request.zone;
  query.week_start = request.week_start;
  AddCells(request, query);
  return query;
}

}  // namespace sextant::oracle
