#include "compute/exec/finished_result.h"

#include <algorithm>
#include <utility>

#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

size_t FixedBytes(const MetricValues& values) {
  return values.form == MetricValues::Form::kWide ? 16 : 8;
}

/// Those of a value that FixedBytes does not count.
size_t BytesOf(const MetricValues& values, size_t position) {
  if (values.form == MetricValues::Form::kText) return values.Text(position).size();
  if (values.form != MetricValues::Form::kList) return 0;
  size_t bytes = 0;
  for (size_t i = values.ListBegin(position); i < values.ListEnd(position); ++i) {
    bytes += FixedBytes(*values.elements) + BytesOf(*values.elements, i);
  }
  return bytes;
}

ResultValues AllValid(const DataType& type, std::vector<int64_t> values) {
  ResultValues result;
  result.type = type;
  result.valid.assign(values.size(), 1);
  result.values = std::move(values);
  return result;
}

}  // namespace

FinishedResult::FinishedResult(QueryContext& context, Cells cells)
    : context_(context), cells_(std::move(cells)) {}

absl::StatusOr<std::unique_ptr<FinishedResult>> FinishedResult::Create(QueryContext& context,
                                                                       Cells cells) {
  std::unique_ptr<FinishedResult> result(new FinishedResult(context, std::move(cells)));
  const Cells& own = result->cells_;
  for (size_t series = 0; series < own.header.series.size(); ++series) {
    for (const ResolvedInterval& interval : own.header.series[series].intervals) {
      result->series_.push_back(static_cast<int64_t>(series));
      result->starts_.push_back(interval.start_us);
    }
  }
  result->num_fixed_bytes_ = 24;  // series, start and grouping
  for (const AxisColumn& axis : own.axes) {
    SEXTANT_ASSIGN_OR_RETURN(BatchAxis batch_axis,
                             BatchAxis::Create(axis.values, axis.ranks, context.budget()));
    result->axes_.push_back(std::move(batch_axis));
    result->num_fixed_bytes_ += FixedBytes(axis.values);
  }
  for (const BatchAxis& axis : result->axes_) {
    if (axis.has_texts()) result->text_axes_.push_back(&axis);
  }
  for (const uint32_t metric : own.metrics) {
    const MetricValues& values = own.values[metric];
    result->num_fixed_bytes_ += FixedBytes(values);
    if (values.form == MetricValues::Form::kText || values.form == MetricValues::Form::kList) {
      result->variable_.push_back(&values);
    }
  }
  return result;
}

size_t FinishedResult::VariableBytes(uint32_t row) const {
  size_t bytes = 0;
  for (const MetricValues* const values : variable_) bytes += BytesOf(*values, row);
  return bytes;
}

size_t FinishedResult::CountRows(size_t target_bytes) const {
  const size_t rest = num_rows() - next_;
  if (text_axes_.empty() && variable_.empty()) {
    const size_t wanted = (target_bytes + num_fixed_bytes_ - 1) / num_fixed_bytes_;
    return std::min(rest, std::max<size_t>(wanted, 1));
  }
  const RowRun rows = {next_, rest, cells_.order.span()};
  const bool has_text_axes_only = variable_.empty();
  size_t bytes = 0;
  size_t count = 0;
  while (count < rest && (count == 0 || bytes < target_bytes)) {
    const uint32_t row = rows[count++];
    bytes += num_fixed_bytes_;
    for (const BatchAxis* const axis : text_axes_) bytes += axis->num_bytes(row);
    if (!has_text_axes_only) bytes += VariableBytes(row);
  }
  return count;
}

absl::StatusOr<std::optional<ResultBatch>> FinishedResult::Next(size_t target_bytes) {
  SEXTANT_RETURN_IF_ERROR(context_.Check());
  if (next_ == num_rows()) return std::nullopt;
  const RowRun rows = {next_, CountRows(target_bytes), cells_.order.span()};
  ResultBatch batch;
  batch.num_rows = static_cast<uint32_t>(rows.count);
  batch.columns.reserve(cells_.header.columns.size());
  for (size_t column = 0; column < cells_.header.columns.size(); ++column) {
    batch.columns.push_back(ReadColumn(column, rows));
  }
  next_ += rows.count;
  return batch;
}

ResultValues FinishedResult::ReadColumn(size_t column, const RowRun& rows) {
  const ResultColumn& described = cells_.header.columns[column];
  switch (described.role) {
    case ResultRole::kAxis:
      return axes_[column].Take(rows);
    case ResultRole::kMetric: {
      const size_t first_metric = cells_.header.columns.size() - cells_.metrics.size();
      return TakeMetric(cells_.values[cells_.metrics[column - first_metric]], rows);
    }
    case ResultRole::kGrouping:
      return ReadGrouping(described, rows);
    default:
      return ReadInterval(described, rows);
  }
}

ResultValues FinishedResult::ReadInterval(const ResultColumn& column, const RowRun& rows) const {
  const std::vector<int64_t>& by_interval = column.role == ResultRole::kSeries ? series_ : starts_;
  return AllValid(column.type, TakeThrough(by_interval.data(), cells_.intervals.data(), rows));
}

ResultValues FinishedResult::ReadGrouping(const ResultColumn& column, const RowRun& rows) const {
  std::vector<int64_t> values(rows.count);
  for (size_t i = 0; i < rows.count; ++i) {
    const auto after =
        std::upper_bound(cells_.grouping_begins.begin(), cells_.grouping_begins.end(), rows[i]);
    values[i] = cells_.groupings[static_cast<size_t>(after - cells_.grouping_begins.begin() - 1)];
  }
  return AllValid(column.type, std::move(values));
}

}  // namespace sextant
