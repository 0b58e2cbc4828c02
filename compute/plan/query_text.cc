#include "compute/plan/query_text.h"

#include <bit>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"

namespace sextant {
namespace {

/// Writes fields one after another so that no two sequences of them give the same text: a string
/// with its length before it, everything else with an end.
class FieldWriter {
 public:
  void Text(std::string_view text) {
    absl::StrAppend(&out_, text.size(), ":");
    out_.append(text);
  }
  template <typename T>
  void Number(T value) {
    absl::StrAppend(&out_, value, ";");
  }
  template <typename T>
  void Optional(const std::optional<T>& value) {
    Number(value ? 1 : 0);
    if (value) Number(*value);
  }
  template <typename List, typename Write>
  void Each(const List& list, Write write) {
    Number(list.size());
    for (const auto& one : list) write(one);
  }

  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

void WritePredicate(const std::optional<BoundPredicate>& predicate, FieldWriter& out) {
  out.Text(predicate ? ToString(*predicate) : "");
}

void WriteAxis(const BoundAxis& axis, FieldWriter& out) {
  out.Text(axis.name);
  out.Number(static_cast<int>(axis.kind));
  out.Number(axis.column);
  out.Number(axis.is_list ? 1 : 0);
  out.Text(TypeName(axis.type));
  out.Each(axis.edges, [&](int64_t edge) { out.Number(edge); });
  // By bits: -0 is shown as such.
  out.Each(axis.float_edges, [&](double edge) { out.Number(std::bit_cast<int64_t>(edge)); });
  out.Each(axis.members, [&](const BoundMember& member) {
    out.Text(member.name);
    out.Text(ToString(member.condition));
  });
}

/// All that decides which rows they are, and what their columns mean.
std::string DerivedText(const BoundDerivedRows& rows) {
  FieldWriter out;
  out.Text(CanonicalText(rows.query));
  out.Number(rows.num_keys);
  out.Each(rows.is_duration, [&](bool is_duration) { out.Number(is_duration ? 1 : 0); });
  return out.Take();
}

void WriteDataset(const BoundDataset& dataset, FieldWriter& out) {
  out.Text(dataset.name);
  out.Text(dataset.derived == nullptr ? "" : DerivedText(*dataset.derived));
  WritePredicate(dataset.filter, out);
  out.Each(dataset.axes, [&](const BoundAxis& axis) { WriteAxis(axis, out); });
  out.Each(dataset.aggregates, [&](uint32_t aggregate) { out.Number(aggregate); });
}

void WriteMetric(const BoundMetric& metric, FieldWriter& out) {
  out.Text(metric.name);
  out.Text(ToString(metric.expression));
  out.Text(TypeName(metric.result_type));
  out.Text(metric.unit);
  out.Number(metric.is_ratio ? 1 : 0);
  out.Number(static_cast<int>(metric.statistic));
}

void WriteTime(const BoundQuery& query, FieldWriter& out) {
  out.Each(query.series, [&](const TimeSeries& series) {
    out.Number(static_cast<int>(series.unit));
    out.Number(series.count);
    out.Number(series.is_rolling ? 1 : 0);
    out.Number(series.calendar == nullptr ? 0 : 1);
    if (series.calendar == nullptr) return;
    out.Text(series.calendar->name);
    out.Each(series.calendar->borders_us, [&](int64_t border_us) { out.Number(border_us); });
    out.Each(series.calendar->labels, [&](const std::string& label) { out.Text(label); });
  });
  out.Number(query.exclude_partial ? 1 : 0);
  out.Number(query.week_start);
  out.Text(query.time_zone_name);
  out.Text(query.time_zone.name());
  out.Optional(query.from_us);
  out.Optional(query.to_us);
}

/// What is shown of the cells, and in which order.
void WriteRows(const BoundQuery& query, FieldWriter& out) {
  out.Number(static_cast<int>(query.fill));
  out.Number(query.top_n ? 1 : 0);
  if (query.top_n) {
    out.Number(query.top_n->count);
    out.Number(query.top_n->metric);
    out.Number(query.top_n->smallest ? 1 : 0);
    out.Number(query.top_n->others ? 1 : 0);
  }
  out.Number(static_cast<int>(query.totals));
  WritePredicate(query.having, out);
  out.Each(query.order_by, [&](const BoundOrder& order) {
    out.Number(static_cast<int>(order.target));
    out.Number(order.index);
    out.Number(order.descending ? 1 : 0);
  });
  out.Optional(query.limit);
  out.Number(query.limits.max_values);
  out.Number(query.limits.max_intervals);
}

}  // namespace

std::string CanonicalText(const BoundQuery& query) {
  FieldWriter out;
  out.Each(query.datasets, [&](const BoundDataset& dataset) { WriteDataset(dataset, out); });
  out.Each(query.aggregates, [&](const BoundAggregate& aggregate) {
    out.Text(ToString(aggregate));
    out.Text(TypeName(aggregate.result_type));
  });
  out.Each(query.metrics, [&](const BoundMetric& metric) { WriteMetric(metric, out); });
  WriteTime(query, out);
  WriteRows(query, out);
  return out.Take();
}

}  // namespace sextant
