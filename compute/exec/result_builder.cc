#include "compute/exec/result_builder.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "compute/exec/axis_ranks.h"
#include "compute/exec/checked_sort.h"
#include "compute/kernels/float_order.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/time_zone.h"

namespace sextant {
namespace {

/// Cells between two questions whether to go on.
constexpr size_t kCellsPerCheck = size_t{1} << 16;

/// A cell with the ranks of its leading axes packed into one number.
struct SortItem {
  uint64_t key;
  uint32_t cell;
};

template <typename T>
absl::Status Permute(std::span<const SortItem> items, TrackedVector<T>& values,
                     MemoryBudget& budget) {
  TrackedVector<T> sorted(budget);
  SEXTANT_RETURN_IF_ERROR(sorted.Reserve(items.size()));
  for (const SortItem& item : items) sorted.AppendUnchecked(values[item.cell]);
  values = std::move(sorted);
  return absl::OkStatus();
}

/// -1, 0 or 1.
template <typename T>
int CompareValues(const T& a, const T& b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

int CompareMetric(const MetricValues& values, size_t a, size_t b);

/// Element by element, NULL last, then by length: as PostgreSQL orders arrays.
int CompareLists(const MetricValues& lists, size_t a, size_t b) {
  const MetricValues& elements = *lists.elements;
  size_t left = lists.ListBegin(a);
  size_t right = lists.ListBegin(b);
  for (; left < lists.ListEnd(a) && right < lists.ListEnd(b); ++left, ++right) {
    int compared = CompareValues(elements.valid[right], elements.valid[left]);
    if (compared == 0 && elements.valid[left] != 0) compared = CompareMetric(elements, left, right);
    if (compared != 0) return compared;
  }
  return CompareValues(lists.ListEnd(a) - left, lists.ListEnd(b) - right);
}

int CompareMetric(const MetricValues& values, size_t a, size_t b) {
  switch (values.form) {
    case MetricValues::Form::kInteger:
      return CompareValues(values.integers[a], values.integers[b]);
    case MetricValues::Form::kFloat:
      return CompareValues(FloatOrderKey(values.floats[a]), FloatOrderKey(values.floats[b]));
    case MetricValues::Form::kWide:
      return CompareValues(WideKey(values.type, values.wides[a]),
                           WideKey(values.type, values.wides[b]));
    case MetricValues::Form::kText:
      return CompareValues(values.Text(a), values.Text(b));
    case MetricValues::Form::kList:
      return CompareLists(values, a, b);
  }
  return 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<FinishedResult>> ResultBuilder::Build() {
  FillHeader();
  SEXTANT_RETURN_IF_ERROR(FindCells());
  SEXTANT_RETURN_IF_ERROR(RankAxes());
  SEXTANT_RETURN_IF_ERROR(SortCells());
  SEXTANT_RETURN_IF_ERROR(FinishMetrics());
  SEXTANT_RETURN_IF_ERROR(OrderAndLimit());
  return std::make_unique<FinishedResult>(input_.context, std::move(cells_));
}

void ResultBuilder::FillHeader() {
  ResultHeader& header = cells_.header;
  const BoundQuery& query = input_.query;
  for (const BoundAxis& axis : query.axes()) {
    const std::string& unit = query.datasets[0].schema->field(axis.column).unit;
    header.columns.push_back({axis.name, axis.type, unit, ResultRole::kAxis});
  }
  if (input_.series.size() > 1) {
    header.columns.push_back({"interval", DataType::Of(TypeKind::kInt32), "", ResultRole::kSeries});
  }
  if (query.HasTimeAxis()) {
    header.columns.push_back({"start", DataType::Of(TypeKind::kTimestamp), "", ResultRole::kStart});
  }
  for (const BoundMetric& metric : query.metrics) {
    header.columns.push_back({metric.name, metric.result_type, metric.unit, ResultRole::kMetric});
  }
  header.series = input_.series;
  header.time_zone = query.time_zone_name;
  header.tz_database_version = TimeZoneDatabaseVersion();
  header.dataset = input_.identity.dataset;
  header.dataset_version = input_.identity.version;
  header.as_of_us = input_.identity.as_of_us;
  for (const ResolvedSeries& series : input_.series) {
    for (const ResolvedInterval& interval : series.intervals) starts_.push_back(interval.start_us);
  }
}

/// A cell that rows fell in may still lack a sample: all their values were NULL.
absl::Status ResultBuilder::FindCells() {
  const GroupAggregate::State& state = input_.state;
  for (uint32_t cell = 0; cell < state.cells.num_cells(); ++cell) {
    if (cell % kCellsPerCheck == 0) SEXTANT_RETURN_IF_ERROR(input_.context.Check());
    const bool has_sample =
        std::any_of(state.metrics.begin(), state.metrics.end(),
                    [&](const auto& metric) { return metric->HasSample(cell); });
    if (has_sample) SEXTANT_RETURN_IF_ERROR(ids_.Append(cell));
  }
  return absl::OkStatus();
}

absl::Status ResultBuilder::RankAxes() {
  const size_t num_axes = input_.query.axes().size();
  MemoryBudget& budget = input_.context.budget();
  std::vector<TrackedVector<uint32_t>> codes;
  for (size_t axis = 0; axis < num_axes; ++axis) {
    codes.emplace_back(budget);
    SEXTANT_RETURN_IF_ERROR(codes[axis].Reserve(ids_.size()));
  }
  SEXTANT_RETURN_IF_ERROR(cells_.intervals.Reserve(ids_.size()));
  std::vector<uint32_t> cell_codes(num_axes);
  for (size_t cell = 0; cell < ids_.size(); ++cell) {
    if (cell % kCellsPerCheck == 0) SEXTANT_RETURN_IF_ERROR(input_.context.Check());
    cells_.intervals.AppendUnchecked(input_.state.cells.Decode(ids_[cell], cell_codes.data()));
    for (size_t axis = 0; axis < num_axes; ++axis) codes[axis].AppendUnchecked(cell_codes[axis]);
  }
  for (size_t axis = 0; axis < num_axes; ++axis) {
    SEXTANT_ASSIGN_OR_RETURN(
        AxisColumn column,
        RankAxis(input_.context, input_.groups.coders()[axis], input_.state.values[axis],
                 input_.query.axes()[axis].type, codes[axis].span()));
    cells_.axes.push_back(std::move(column));
    codes[axis] = TrackedVector<uint32_t>(budget);
  }
  return absl::OkStatus();
}

/// By axes, series, interval. As many of these as fit are packed into one 64-bit key, and usually
/// all do.
absl::Status ResultBuilder::SortCells() {
  MemoryBudget& budget = input_.context.budget();
  TrackedVector<SortItem> items(budget);
  SEXTANT_RETURN_IF_ERROR(items.Resize(ids_.size()));
  for (uint32_t cell = 0; cell < items.size(); ++cell) items[cell].cell = cell;
  std::vector<std::span<const uint32_t>> digits;
  std::vector<uint64_t> radixes;
  for (const AxisColumn& axis : cells_.axes) {
    digits.push_back(axis.ranks.span());
    radixes.push_back(std::max<uint64_t>(axis.values.valid.size(), 1));
  }
  digits.push_back(cells_.intervals.span());
  radixes.push_back(std::max<uint64_t>(starts_.size(), 1));
  int bits = 0;
  size_t num_packed = 0;
  for (; num_packed < digits.size(); ++num_packed) {
    bits += std::bit_width(radixes[num_packed] - 1);
    if (bits > 64) break;
    for (SortItem& item : items.span()) {
      item.key = item.key * radixes[num_packed] + digits[num_packed][item.cell];
    }
  }
  const auto less = [&](const SortItem& a, const SortItem& b) {
    if (a.key != b.key) return a.key < b.key;
    for (size_t digit = num_packed; digit < digits.size(); ++digit) {
      const uint32_t left = digits[digit][a.cell];
      const uint32_t right = digits[digit][b.cell];
      if (left != right) return left < right;
    }
    return false;
  };
  SEXTANT_RETURN_IF_ERROR(SortWithChecks(input_.context, items.span(), less));
  for (AxisColumn& axis : cells_.axes) {
    SEXTANT_RETURN_IF_ERROR(Permute(items.span(), axis.ranks, budget));
  }
  SEXTANT_RETURN_IF_ERROR(Permute(items.span(), cells_.intervals, budget));
  return Permute(items.span(), ids_, budget);
}

absl::Status ResultBuilder::FinishMetrics() {
  for (size_t metric = 0; metric < input_.query.metrics.size(); ++metric) {
    cells_.metrics.emplace_back(input_.query.metrics[metric].result_type, input_.context.budget());
    for (size_t begin = 0; begin < ids_.size(); begin += kCellsPerCheck) {
      SEXTANT_RETURN_IF_ERROR(input_.context.Check());
      const size_t count = std::min(kCellsPerCheck, ids_.size() - begin);
      const uint32_t aggregate = input_.query.metrics[metric].expression.column;
      SEXTANT_RETURN_IF_ERROR(input_.state.metrics[aggregate]->Finish(
          ids_.span().subspan(begin, count), cells_.metrics.back()));
    }
  }
  return absl::OkStatus();
}

int64_t ResultBuilder::StartOf(uint32_t cell) const { return starts_[cells_.intervals[cell]]; }

/// NULL and no value come last in both directions.
int ResultBuilder::Compare(const BoundOrder& order, uint32_t a, uint32_t b) const {
  const auto directed = [&](int compared) { return order.descending ? -compared : compared; };
  if (order.target == BoundOrder::Target::kStart) {
    return directed(CompareValues(StartOf(a), StartOf(b)));
  }
  if (order.target == BoundOrder::Target::kAxis) {
    const AxisColumn& axis = cells_.axes[order.index];
    const uint32_t left = axis.ranks[a];
    const uint32_t right = axis.ranks[b];
    if (left == right) return 0;
    if (axis.values.valid[left] == 0) return 1;
    if (axis.values.valid[right] == 0) return -1;
    return directed(CompareValues(left, right));
  }
  const MetricValues& values = cells_.metrics[order.index];
  if (values.valid[a] == 0 || values.valid[b] == 0) {
    return CompareValues(values.valid[b], values.valid[a]);
  }
  if (values.type.kind == TypeKind::kEnum) {
    return directed(CompareValues(LabelRank(order.index, values.Text(a)),
                                  LabelRank(order.index, values.Text(b))));
  }
  return directed(CompareMetric(values, a, b));
}

/// Where `label` stands among the labels of the enum that the metric is of, as declared (rule 8).
size_t ResultBuilder::LabelRank(uint32_t metric, std::string_view label) const {
  const BoundQuery& query = input_.query;
  const BoundAggregate& aggregate = query.aggregates[query.metrics[metric].expression.column];
  const auto& labels = query.datasets[0].schema->field(aggregate.value.column).enum_labels;
  return static_cast<size_t>(std::find(labels.begin(), labels.end(), label) - labels.begin());
}

absl::Status ResultBuilder::OrderAndLimit() {
  SEXTANT_RETURN_IF_ERROR(cells_.order.Resize(ids_.size()));
  for (uint32_t cell = 0; cell < ids_.size(); ++cell) cells_.order[cell] = cell;
  const std::vector<BoundOrder>& keys = input_.query.order_by;
  if (!keys.empty()) {
    SEXTANT_RETURN_IF_ERROR(
        SortWithChecks(input_.context, cells_.order.span(), [&](uint32_t a, uint32_t b) {
          for (const BoundOrder& key : keys) {
            const int compared = Compare(key, a, b);
            if (compared != 0) return compared < 0;
          }
          return a < b;
        }));
  }
  const std::optional<uint64_t>& limit = input_.query.limit;
  if (limit && *limit < cells_.order.size()) return cells_.order.Resize(*limit);
  return absl::OkStatus();
}

}  // namespace sextant
