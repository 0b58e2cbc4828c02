#include "tests/testing/reference_engine.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/memory/check.h"
#include "compute/plan/binder.h"
#include "tests/testing/reference_value.h"
#include "tests/testing/run_query.h"

namespace sextant {
namespace {

constexpr double kUlp = 2.3e-16;

/// An axis value of a cell: NULL is last.
struct AxisKey {
  bool is_null = true;
  std::tuple<int128_t, std::string> order;
  int Compare(const AxisKey& other) const {
    if (is_null != other.is_null) return is_null ? 1 : -1;
    return order < other.order ? -1 : (other.order < order ? 1 : 0);
  }
  friend bool operator<(const AxisKey& a, const AxisKey& b) { return a.Compare(b) < 0; }
};

struct CellKey {
  int64_t grouping = 0;  // of a total: a bit per axis that is summed up, the first is the highest
  std::vector<AxisKey> axes;
  size_t series = 0;
  size_t interval = 0;
  friend bool operator<(const CellKey& a, const CellKey& b) {
    if (a.grouping != b.grouping) return a.grouping < b.grouping;
    for (size_t i = 0; i < a.axes.size(); ++i) {
      const int order = a.axes[i].Compare(b.axes[i]);
      if (order != 0) return order < 0;
    }
    return std::pair(a.series, a.interval) < std::pair(b.series, b.interval);
  }
};

struct CellSamples {
  std::vector<std::vector<RowValue>> samples;  // per metric: not NULL
};

std::string AxisText(const DataType& type, const RowValue& value) {
  if (type.kind != TypeKind::kDuration) return value.text;
  return FloatText(static_cast<double>(static_cast<long double>(value.integer) / 1e6L));
}

class Reference {
 public:
  Reference(const BoundQuery& query, const TenantScope& scope)
      : query_(query), scope_(scope), table_(scope.table()) {}

  ReferenceResult Run() {
    series_ = Resolve();
    ForEachKeptRow([&](const Chunk& chunk, uint32_t row) {
      ++result_.rows_selected;
      NoteShownTexts(chunk, row);
      for (size_t metric = 0; metric < query_.aggregates.size(); ++metric) {
        AddSample(chunk, row, metric);
      }
    });
    for (const auto& [key, cell] : cells_) Emit(key, cell);
    OrderAndLimit();
    return std::move(result_);
  }

 private:
  template <typename Visit>
  void ForEachKeptRow(Visit visit) {
    for (const RowRange& range : scope_.ranges()) {
      const Chunk& chunk = table_.chunk(range.chunk);
      for (uint32_t row = range.begin; row < range.end; ++row) {
        if (!chunk.live().empty() && !TestBit(chunk.live(), row)) continue;
        if (query_.datasets[0].filter && !IsKept(table_, chunk, *query_.datasets[0].filter, row))
          continue;
        visit(chunk, row);
      }
    }
  }

  std::optional<int64_t> InstantOf(const Chunk& chunk, uint32_t row, ColumnIndex at) const {
    const Column& column = chunk.column(at);
    if (column.IsNull(row)) return std::nullopt;
    const int64_t value = column.IntegerAt(row);
    return column.type().kind == TypeKind::kDate ? MidnightOf(query_.time_zone, value) : value;
  }

  std::vector<ResolvedSeries> Resolve() {
    std::optional<int64_t> min;
    std::optional<int64_t> max;
    ForEachKeptRow([&](const Chunk& chunk, uint32_t row) {
      for (const BoundAggregate& metric : query_.aggregates) {
        if (metric.pin.kind == TimePin::Kind::kNone) continue;
        const auto instant = InstantOf(chunk, row, metric.pin.start.column);
        if (!instant) continue;
        min = min ? std::min(*min, *instant) : *instant;
        max = max ? std::max(*max, *instant) : *instant;
      }
    });
    const int64_t known = query_.from_us.value_or(query_.to_us.value_or(0));
    const int64_t from = query_.from_us.value_or(min.value_or(known));
    const int64_t to = query_.to_us.value_or(max ? *max + 1 : known);
    auto series = ResolveSeries(query_, from, std::max(from, to));
    SEXTANT_CHECK(series.ok()) << series.status();
    return *series;
  }

  /// The sets that the row is in, in declared order.
  std::map<AxisKey, std::string> SetsOf(const BoundAxis& axis, const Chunk& chunk,
                                        uint32_t row) const {
    std::map<AxisKey, std::string> sets;
    for (size_t i = 0; i < axis.members.size(); ++i) {
      if (!IsKept(table_, chunk, axis.members[i].condition, row)) continue;
      sets.emplace(AxisKey{false, {static_cast<int128_t>(i), ""}}, axis.members[i].name);
    }
    return sets;
  }

  /// The bin that the row is in, if any.
  std::map<AxisKey, std::string> BinOf(const BoundAxis& axis, const Chunk& chunk,
                                       uint32_t row) const {
    std::map<AxisKey, std::string> bins;
    const auto value = ReadRow(chunk.column(axis.column), nullptr, row);
    if (!value) return bins;
    for (size_t i = 0; i + 1 < axis.float_edges.size(); ++i) {
      if (!(axis.float_edges[i] <= value->number && value->number < axis.float_edges[i + 1])) {
        continue;
      }
      bins.emplace(AxisKey{false, {static_cast<int128_t>(i), ""}}, FloatText(axis.float_edges[i]));
    }
    for (size_t i = 0; i + 1 < axis.edges.size(); ++i) {
      if (value->integer < axis.edges[i] || value->integer >= axis.edges[i + 1]) continue;
      bins.emplace(AxisKey{false, {static_cast<int128_t>(i), ""}}, absl::StrCat(axis.edges[i]));
    }
    return bins;
  }

  /// One entry per axis and distinct value of the row.
  std::vector<std::vector<std::pair<AxisKey, std::string>>> AxisValues(const Chunk& chunk,
                                                                       uint32_t row) const {
    std::vector<std::vector<std::pair<AxisKey, std::string>>> all;
    for (const BoundAxis& axis : query_.axes()) {
      if (axis.kind != GroupAxis::Kind::kColumn) {
        const auto groups = axis.kind == GroupAxis::Kind::kSets ? SetsOf(axis, chunk, row)
                                                                : BinOf(axis, chunk, row);
        all.emplace_back(groups.begin(), groups.end());
        continue;
      }
      const Column& column = chunk.column(axis.column);
      const Dictionary* dictionary = table_.facts(axis.column).dictionary.get();
      std::map<AxisKey, std::string> values;
      const auto add = [&](const Column& from, uint32_t at) {
        const auto value = ReadRow(from, dictionary, at);
        if (value) {
          values.emplace(AxisKey{false, value->order}, AxisText(axis.type, *value));
        } else {
          values.emplace(AxisKey{}, "-");
        }
      };
      if (!axis.is_list) {
        add(column, row);
      } else if (!column.IsNull(row)) {
        for (uint32_t at = column.offsets()[row]; at < column.offsets()[row + 1]; ++at) {
          add(column.elements(), at);
        }
      }
      all.emplace_back(values.begin(), values.end());
    }
    return all;
  }

  /// The intervals that get a sample of the row, as (series, interval).
  std::vector<std::pair<size_t, size_t>> IntervalsOf(const Chunk& chunk, uint32_t row,
                                                     const BoundAggregate& metric) const {
    std::vector<std::pair<size_t, size_t>> intervals;
    for (size_t series = 0; series < series_.size(); ++series) {
      const auto& list = series_[series].intervals;
      for (size_t i = 0; i < list.size(); ++i) {
        if (metric.pin.kind == TimePin::Kind::kAt) {
          const auto instant = InstantOf(chunk, row, metric.pin.start.column);
          if (!instant || *instant < list[i].start_us || *instant >= list[i].end_us) continue;
        }
        intervals.emplace_back(series, i);
      }
    }
    return intervals;
  }

  /// Equal intervals may be written differently: a group shows the first one of a row that a metric
  /// has a time for.
  void NoteShownTexts(const Chunk& chunk, uint32_t row) {
    const bool has_time = std::any_of(
        query_.aggregates.begin(), query_.aggregates.end(),
        [&](const BoundAggregate& metric) { return !IntervalsOf(chunk, row, metric).empty(); });
    if (!has_time) return;
    const auto axes = AxisValues(chunk, row);
    const bool has_cell =
        std::all_of(axes.begin(), axes.end(), [](const auto& values) { return !values.empty(); });
    if (!has_cell) return;
    shown_.resize(axes.size());
    for (size_t axis = 0; axis < axes.size(); ++axis) {
      for (const auto& [key, text] : axes[axis]) shown_[axis].emplace(key, text);
    }
  }

  void AddSample(const Chunk& chunk, uint32_t row, size_t metric_index) {
    const BoundAggregate& metric = query_.aggregates[metric_index];
    std::optional<RowValue> value = RowValue();
    bool excluded = false;
    if (metric.kind != AggregateKind::kCountRows) {
      value = ReadValue(table_, chunk, metric.value, row, &excluded);
    }
    const auto intervals = IntervalsOf(chunk, row, metric);
    if (excluded && !intervals.empty()) ++result_.excluded;
    if (!value) return;
    const auto axes = AxisValues(chunk, row);
    for (const auto& [series, interval] : intervals) {
      for (const int64_t grouping : Groupings()) {
        CellKey key{grouping, {}, series, interval};
        AddToCells(WithTotals(axes, grouping), key, metric_index, *value);
      }
    }
  }

  /// 0, for the cells, and one per total.
  std::vector<int64_t> Groupings() const {
    const size_t num_axes = query_.axes().size();
    const int64_t all = (int64_t{1} << num_axes) - 1;
    std::vector<int64_t> groupings = {0};
    for (int64_t grouping = 1; grouping <= all; ++grouping) {
      bool is_rollup = false;  // the last axes, however many
      for (size_t last = 1; last <= num_axes; ++last) {
        is_rollup |= grouping == (int64_t{1} << last) - 1;
      }
      if (query_.totals == Totals::kCube || (query_.totals == Totals::kRollup && is_rollup) ||
          (query_.totals == Totals::kGrand && grouping == all)) {
        groupings.push_back(grouping);
      }
    }
    return groupings;
  }

  /// The row once, whatever its values, on the axes that are summed up.
  static std::vector<std::vector<std::pair<AxisKey, std::string>>> WithTotals(
      std::vector<std::vector<std::pair<AxisKey, std::string>>> axes, int64_t grouping) {
    for (size_t axis = 0; axis < axes.size(); ++axis) {
      if ((grouping >> (axes.size() - 1 - axis) & 1) == 0) continue;
      if (!axes[axis].empty()) axes[axis] = {{AxisKey{}, "-"}};
    }
    return axes;
  }

  void AddToCells(const std::vector<std::vector<std::pair<AxisKey, std::string>>>& axes,
                  CellKey& key, size_t metric, const RowValue& value) {
    if (key.axes.size() == axes.size()) {
      CellSamples& cell = cells_[key];
      cell.samples.resize(query_.aggregates.size());
      cell.samples[metric].push_back(value);
      return;
    }
    for (const auto& [axis_key, text] : axes[key.axes.size()]) {
      key.axes.push_back(axis_key);
      AddToCells(axes, key, metric, value);
      key.axes.pop_back();
    }
  }

  void Emit(const CellKey& key, const CellSamples& cell) {
    std::vector<std::string> parts;
    for (size_t axis = 0; axis < key.axes.size(); ++axis) {
      const bool is_total = (key.grouping >> (key.axes.size() - 1 - axis) & 1) != 0;
      parts.push_back(is_total ? "-" : shown_[axis].at(key.axes[axis]));
    }
    if (series_.size() > 1) parts.push_back(absl::StrCat(key.series));
    const int64_t start = series_[key.series].intervals[key.interval].start_us;
    if (query_.HasTimeAxis()) parts.push_back(absl::StrCat(start));
    if (query_.HasGrouping()) parts.push_back(absl::StrCat(key.grouping));
    ReferenceRow row{absl::StrJoin(parts, "|"), {}};
    for (size_t metric = 0; metric < query_.aggregates.size(); ++metric) {
      row.values.push_back(Aggregate(query_.aggregates[metric], cell.samples[metric]));
    }
    result_.rows.push_back(std::move(row));
    keys_.push_back(key);
    starts_.push_back(start);
  }

  static ReferenceValue Float(double value, double tolerance) {
    return {FloatText(value), true, value, tolerance};
  }

  ReferenceValue Aggregate(const BoundAggregate& metric, const std::vector<RowValue>& samples) {
    const auto size = static_cast<int64_t>(samples.size());
    if (metric.kind == AggregateKind::kCountRows || metric.kind == AggregateKind::kCount) {
      return {absl::StrCat(size)};
    }
    if (metric.kind == AggregateKind::kCountDistinct) {
      std::set<std::tuple<int128_t, std::string>> distinct;
      for (const RowValue& sample : samples) distinct.insert(sample.order);
      return {absl::StrCat(distinct.size())};
    }
    if (samples.empty()) return {"-"};
    if (metric.kind == AggregateKind::kSum || metric.kind == AggregateKind::kAvg) {
      return Sum(metric, samples);
    }
    // Of equal values (intervals) the first one is shown.
    const auto less = [](const RowValue& a, const RowValue& b) { return a.order < b.order; };
    const RowValue& best = metric.kind == AggregateKind::kMin
                               ? *std::min_element(samples.begin(), samples.end(), less)
                               : *std::max_element(samples.begin(), samples.end(), less);
    if (metric.value.type.kind == TypeKind::kDuration) {
      return Float(static_cast<double>(static_cast<long double>(best.integer) / 1e6L), 0);
    }
    if (!IsFloat(metric.value.type.kind)) return {best.text};
    return Float(best.number, 0);
  }

  ReferenceValue Sum(const BoundAggregate& metric, const std::vector<RowValue>& samples) {
    const bool is_average = metric.kind == AggregateKind::kAvg;
    const auto size = static_cast<long double>(samples.size());
    if (IsFloat(metric.value.type.kind)) {
      long double sum = 0;
      long double magnitude = 0;
      for (const RowValue& sample : samples) {
        sum += sample.number;
        magnitude += std::fabs(sample.number);
      }
      const auto tolerance = static_cast<double>(size * 1e-15L * magnitude);
      return Float(static_cast<double>(is_average ? sum / size : sum), tolerance);
    }
    int128_t sum = 0;
    for (const RowValue& sample : samples) sum += sample.integer;
    const bool is_duration = metric.value.type.kind == TypeKind::kDuration;
    if (!is_average && !is_duration) {
      if (metric.result_type.kind == TypeKind::kDecimal) return {WideText(WideOfInt128(sum))};
      if (sum != static_cast<int64_t>(sum)) result_.sum_overflows = true;
      return {absl::StrCat(static_cast<int64_t>(sum))};
    }
    const long double unit = is_duration ? 1e6L : std::pow(10.0L, metric.value.type.scale);
    const auto value =
        static_cast<double>(static_cast<long double>(sum) / unit / (is_average ? size : 1));
    return Float(value, std::fabs(value) * kUlp);
  }

  int Compare(const BoundOrder& order, size_t a, size_t b) const {
    const int sign = order.descending ? -1 : 1;
    if (order.target == BoundOrder::Target::kStart) {
      return starts_[a] == starts_[b] ? 0 : (starts_[a] < starts_[b] ? -sign : sign);
    }
    if (order.target == BoundOrder::Target::kAxis) {
      const AxisKey& left = keys_[a].axes[order.index];
      const AxisKey& right = keys_[b].axes[order.index];
      const int compared = left.Compare(right);
      return left.is_null || right.is_null ? compared : sign * compared;
    }
    // The tests order by counts only.
    const auto left = std::stoll(result_.rows[a].values[order.index].text);
    const auto right = std::stoll(result_.rows[b].values[order.index].text);
    return left == right ? 0 : (left < right ? -sign : sign);
  }

  void OrderAndLimit() {
    std::vector<size_t> order;
    std::vector<size_t> totals;
    for (size_t i = 0; i < keys_.size(); ++i) {
      (keys_[i].grouping == 0 ? order : totals).push_back(i);
    }
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
      for (const BoundOrder& key : query_.order_by) {
        const int compared = Compare(key, a, b);
        if (compared != 0) return compared < 0;
      }
      return false;
    });
    if (query_.limit) order.resize(std::min<size_t>(order.size(), *query_.limit));
    order.insert(order.end(), totals.begin(), totals.end());
    std::vector<ReferenceRow> rows;
    for (const size_t i : order) rows.push_back(result_.rows[i]);
    result_.rows = std::move(rows);
  }

  const BoundQuery& query_;
  const TenantScope& scope_;
  const Table& table_;
  std::vector<ResolvedSeries> series_;
  std::vector<std::map<AxisKey, std::string>> shown_;  // per axis
  std::map<CellKey, CellSamples> cells_;
  std::vector<CellKey> keys_;
  std::vector<int64_t> starts_;
  ReferenceResult result_;
};

}  // namespace

ReferenceResult RunReference(const BoundQuery& query, const TenantScope& scope) {
  return Reference(query, scope).Run();
}

}  // namespace sextant
