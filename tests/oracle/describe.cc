#include "tests/oracle/describe.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/oracle/product_request.h"
#include "tests/oracle/sql_text.h"

namespace sextant::oracle {
namespace {

constexpr size_t kMaxShownRows = 12;

std::string DescribeRow(const TableCase& table, const Row& row) {
  std::vector<std::string> values;
  for (size_t i = 0; i < row.size(); ++i) {
    const Type& type = table.columns[i].type;
    if (row[i].is_null) {
      values.emplace_back("NULL");
    } else if (type.kind == Kind::kTimestamptz || type.kind == Kind::kTimestamp) {
      values.push_back(LocalText(static_cast<int64_t>(row[i].integer)));
    } else {
      values.push_back(absl::Utf8SafeCHexEscape(CanonicalText(type, row[i]).substr(0, 60)));
    }
  }
  return absl::StrJoin(values, " | ");
}

std::string PinText(const TableCase& table, const MetricSpec& metric) {
  if (metric.pin == MetricSpec::Pin::kNone) return "";
  const auto name = [&](int column) { return table.columns[static_cast<size_t>(column)].name; };
  if (metric.pin == MetricSpec::Pin::kAt) return " at " + name(metric.start);
  return absl::StrCat(metric.pin == MetricSpec::Pin::kDuring ? " during [" : " as_of_end [",
                      name(metric.start), ", ", name(metric.end), ")");
}

std::string AxisText(const TableCase& table, const AxisSpec& axis) {
  if (axis.by == AxisSpec::By::kColumn) return axis.name;
  if (axis.by == AxisSpec::By::kBins) {
    return absl::StrCat("bins of ", table.columns[static_cast<size_t>(axis.column)].name, ": ",
                        absl::StrJoin(axis.edges, ", "));
  }
  const ExpressionWriter writer(ExpressionWriter::Reader::kRequest, table);
  std::string text = axis.is_zipped ? "zipped sets" : "sets";
  for (const auto& [name, condition] : axis.members) {
    absl::StrAppend(&text, " | ", name, ": ", writer.Write(condition));
  }
  return text;
}

/// Each component in a line of its own, further in.
void AppendMetric(const TableCase& table, const MetricSpec& metric, const std::string& indent,
                  std::string& text) {
  const ExpressionWriter writer(ExpressionWriter::Reader::kRequest, table);
  absl::StrAppend(&text, indent, metric.name, " = ", MetricText(table, metric),
                  PinText(table, metric),
                  metric.dataset < 0 ? "" : absl::StrCat(" of dataset ", metric.dataset), "\n");
  const std::string further = absl::StrCat(indent, "  ");
  if (metric.is_zero_when_empty) absl::StrAppend(&text, further, "zero when empty\n");
  if (metric.clip) absl::StrAppend(&text, further, "clip ", *metric.clip ? "yes" : "no", "\n");
  if (!metric.filter.empty()) {
    absl::StrAppend(&text, further, "filter ", writer.Write(metric.filter[0]), "\n");
  }
  if (!metric.domain.empty()) {
    absl::StrAppend(&text, further, "domain ", DomainText(table, metric), "\n");
  }
  for (const MetricSpec& component : metric.components) {
    AppendMetric(table, component, further, text);
  }
}

}  // namespace

std::string Describe(const TableCase& table, const RequestCase& request) {
  const ExpressionWriter writer(ExpressionWriter::Reader::kRequest, table);
  std::string text = absl::StrCat("table seed ", table.seed, " (", table.rows.size(), " rows, ",
                                  table.deleted_ids.size(), " deleted), request seed ",
                                  request.seed, ", zone ", request.zone, "\n");
  for (const MetricSpec& metric : request.metrics) AppendMetric(table, metric, "  ", text);
  for (const AxisSpec& axis : request.axes) {
    absl::StrAppend(&text, "  group by ", AxisText(table, axis), "\n");
  }
  for (const SeriesSpec& series : request.series) {
    absl::StrAppend(&text, "  series ", SeriesText(series), series.is_rolling ? " rolling" : "",
                    " week start ", request.week_start, "\n");
  }
  if (request.top_n) {
    absl::StrAppend(&text, "  ", request.top_n->smallest ? "bottom " : "top ", request.top_n->count,
                    " by ", request.metrics[request.top_n->metric].name,
                    request.top_n->others ? " with others" : "", "\n");
  }
  for (const HavingSpec& having : request.having) {
    absl::StrAppend(
        &text, "  having ",
        having.is_of_axis ? request.axes[having.metric].name : request.metrics[having.metric].name,
        " ", having.op, " ", having.number, "\n");
  }
  if (request.clip) {
    absl::StrAppend(&text, "  clip ", request.clip->low, " to ", request.clip->high, " by ",
                    request.clip->stride_days, " days\n");
  }
  if (request.compare) absl::StrAppend(&text, "  compared with ", request.compare->text, "\n");
  absl::StrAppend(&text, request.is_dense ? "  dense\n" : "",
                  request.exclude_partial ? "  without partial intervals\n" : "");
  for (const int grouping : request.Groupings()) {
    absl::StrAppend(&text, "  total ", grouping, "\n");
  }
  if (request.from) absl::StrAppend(&text, "  from ", RangeEndText(*request.from), "\n");
  if (request.to) absl::StrAppend(&text, "  to ", RangeEndText(*request.to), "\n");
  if (!request.filter.empty()) {
    absl::StrAppend(&text, "  where ", writer.Write(request.filter[0]),
                    request.as_typed_filter ? " (typed)" : "", "\n");
  }
  for (const OrderSpec& order : request.order_by) {
    absl::StrAppend(&text, "  order by ", static_cast<int>(order.target), ":", order.index,
                    order.descending ? " desc" : "", "\n");
  }
  if (request.limit) absl::StrAppend(&text, "  limit ", *request.limit, "\n");
  if (!request.tenant.empty()) absl::StrAppend(&text, "  tenant ", request.tenant, "\n");
  std::vector<std::string> names;
  for (const Column& column : table.columns) {
    names.push_back(absl::StrCat(column.name, " ", SqlTypeName(column.type, kEnumType),
                                 column.zone.empty() ? "" : " in " + column.zone));
  }
  absl::StrAppend(&text, "  ", absl::StrJoin(names, " | "), "\n");
  for (size_t i = 0; i < table.rows.size() && i < kMaxShownRows; ++i) {
    absl::StrAppend(&text, "  ", DescribeRow(table, table.rows[i]), "\n");
  }
  return text;
}

}  // namespace sextant::oracle
