#include "compute/exec/finished_result.h"

#include <algorithm>
#include <string>
#include <utility>

#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

size_t FixedBytes(const MetricValues& values) {
  return values.form == MetricValues::Form::kWide ? 16 : 8;
}

/// Those of a value that FixedBytes does not count.
size_t VariableBytes(const MetricValues& values, size_t position) {
  if (values.form == MetricValues::Form::kText) return values.Text(position).size();
  if (values.form != MetricValues::Form::kList) return 0;
  size_t bytes = 0;
  for (size_t i = values.ListBegin(position); i < values.ListEnd(position); ++i) {
    bytes += FixedBytes(*values.elements) + VariableBytes(*values.elements, i);
  }
  return bytes;
}

template <typename Positions>
ResultLists ReadLists(const MetricValues& values, const Positions& positions);

/// The values at `positions`, as a batch has them.
template <typename Positions>
ResultValues ReadValues(const MetricValues& values, const Positions& positions) {
  ResultValues result;
  result.type = values.type;
  for (const uint32_t position : positions) result.valid.push_back(values.valid[position]);
  const auto read = [&](auto&& value_at) {
    std::vector<std::decay_t<decltype(value_at(0u))>> read_values;
    read_values.reserve(positions.size());
    for (const uint32_t position : positions) read_values.push_back(value_at(position));
    result.values = std::move(read_values);
  };
  switch (values.form) {
    case MetricValues::Form::kInteger:
      read([&](uint32_t position) { return values.integers[position]; });
      break;
    case MetricValues::Form::kFloat:
      read([&](uint32_t position) { return values.floats[position]; });
      break;
    case MetricValues::Form::kWide:
      read([&](uint32_t position) { return values.wides[position]; });
      break;
    case MetricValues::Form::kText:
      read([&](uint32_t position) { return std::string(values.Text(position)); });
      break;
    case MetricValues::Form::kList:
      result.values = ReadLists(values, positions);
      break;
  }
  return result;
}

template <typename Positions>
ResultLists ReadLists(const MetricValues& values, const Positions& positions) {
  ResultLists lists;
  lists.offsets.push_back(0);
  std::vector<uint32_t> elements;
  for (const uint32_t position : positions) {
    for (size_t i = values.ListBegin(position); i < values.ListEnd(position); ++i) {
      elements.push_back(static_cast<uint32_t>(i));
    }
    lists.offsets.push_back(static_cast<uint32_t>(elements.size()));
  }
  lists.elements = std::make_shared<const ResultValues>(ReadValues(*values.elements, elements));
  return lists;
}

}  // namespace

FinishedResult::FinishedResult(QueryContext& context, Cells cells)
    : context_(context), cells_(std::move(cells)) {
  uint32_t first = 0;
  for (const ResolvedSeries& series : cells_.header.series) {
    first_interval_.push_back(first);
    first += static_cast<uint32_t>(series.intervals.size());
  }
  num_fixed_bytes_ = 24;  // series, start and grouping
  for (const AxisColumn& axis : cells_.axes) num_fixed_bytes_ += FixedBytes(axis.values);
  for (const uint32_t metric : cells_.metrics) {
    num_fixed_bytes_ += FixedBytes(cells_.values[metric]);
  }
}

size_t FinishedResult::CountRows(size_t target_bytes) const {
  size_t bytes = 0;
  size_t row = next_;
  while (row < num_rows() && (row == next_ || bytes < target_bytes)) {
    const uint32_t cell = cells_.order[row++];
    bytes += num_fixed_bytes_;
    for (const AxisColumn& axis : cells_.axes) {
      bytes += VariableBytes(axis.values, axis.ranks[cell]);
    }
    for (const uint32_t metric : cells_.metrics) {
      bytes += VariableBytes(cells_.values[metric], cell);
    }
  }
  return row - next_;
}

absl::StatusOr<std::optional<ResultBatch>> FinishedResult::Next(size_t target_bytes) {
  SEXTANT_RETURN_IF_ERROR(context_.Check());
  if (next_ == num_rows()) return std::nullopt;
  const std::span<const uint32_t> rows =
      cells_.order.span().subspan(next_, CountRows(target_bytes));
  ResultBatch batch;
  batch.num_rows = static_cast<uint32_t>(rows.size());
  for (size_t column = 0; column < cells_.header.columns.size(); ++column) {
    batch.columns.push_back(ReadColumn(column, rows));
  }
  next_ += rows.size();
  return batch;
}

ResultValues FinishedResult::ReadColumn(size_t column, std::span<const uint32_t> rows) const {
  const ResultColumn& described = cells_.header.columns[column];
  switch (described.role) {
    case ResultRole::kAxis:
      return ReadAxis(cells_.axes[column], rows);
    case ResultRole::kMetric: {
      const size_t first_metric = cells_.header.columns.size() - cells_.metrics.size();
      return ReadValues(cells_.values[cells_.metrics[column - first_metric]], rows);
    }
    case ResultRole::kGrouping:
      return ReadGrouping(described, rows);
    default:
      return ReadInterval(described, rows);
  }
}

ResultValues FinishedResult::ReadAxis(const AxisColumn& axis,
                                      std::span<const uint32_t> rows) const {
  std::vector<uint32_t> ranks;
  ranks.reserve(rows.size());
  for (const uint32_t row : rows) ranks.push_back(axis.ranks[row]);
  return ReadValues(axis.values, ranks);
}

ResultValues FinishedResult::ReadInterval(const ResultColumn& column,
                                          std::span<const uint32_t> rows) const {
  std::vector<int64_t> values;
  values.reserve(rows.size());
  for (const uint32_t row : rows) {
    const uint32_t interval = cells_.intervals[row];
    // The last series that begins at or before the interval: series without intervals begin where
    // the next one does.
    const auto after = std::upper_bound(first_interval_.begin(), first_interval_.end(), interval);
    const auto series = static_cast<size_t>(after - first_interval_.begin() - 1);
    values.push_back(
        column.role == ResultRole::kSeries
            ? static_cast<int64_t>(series)
            : cells_.header.series[series].intervals[interval - first_interval_[series]].start_us);
  }
  ResultValues result;
  result.type = column.type;
  result.valid.assign(rows.size(), 1);
  result.values = std::move(values);
  return result;
}

ResultValues FinishedResult::ReadGrouping(const ResultColumn& column,
                                          std::span<const uint32_t> rows) const {
  std::vector<int64_t> values;
  values.reserve(rows.size());
  for (const uint32_t row : rows) {
    const auto after =
        std::upper_bound(cells_.grouping_begins.begin(), cells_.grouping_begins.end(), row);
    values.push_back(
        cells_.groupings[static_cast<size_t>(after - cells_.grouping_begins.begin() - 1)]);
  }
  ResultValues result;
  result.type = column.type;
  result.valid.assign(rows.size(), 1);
  result.values = std::move(values);
  return result;
}

}  // namespace sextant
