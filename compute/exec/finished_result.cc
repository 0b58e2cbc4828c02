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

FinishedResult::FinishedResult(QueryContext& context, std::shared_ptr<const FinishedRows> rows)
    : context_(context),
      rows_(std::move(rows)),
      header_(&rows_->header),
      summary_(rows_->summary) {}

absl::StatusOr<std::unique_ptr<FinishedResult>> FinishedResult::Create(
    QueryContext& context, std::shared_ptr<FinishedRows> rows) {
  std::unique_ptr<FinishedResult> result(new FinishedResult(context, rows));
  result->own_rows_ = std::move(rows);
  SEXTANT_RETURN_IF_ERROR(result->Prepare());
  return result;
}

absl::StatusOr<std::unique_ptr<FinishedResult>> FinishedResult::OfKept(
    std::shared_ptr<QueryContext> context, std::shared_ptr<const FinishedRows> rows,
    std::vector<TableIdentity> identities, int64_t queued_us) {
  std::unique_ptr<FinishedResult> result(new FinishedResult(*context, std::move(rows)));
  ResultHeader& header = result->own_header_.emplace(result->rows_->header);
  header.datasets = std::move(identities);
  result->header_ = &header;
  result->summary_.queued_us = queued_us;
  result->summary_.run_us = 0;
  result->summary_.is_cached = true;
  result->keep_alive_ = std::move(context);
  SEXTANT_RETURN_IF_ERROR(result->Prepare());
  return result;
}

void FinishedResult::SetSummary(const ResultSummary& summary) {
  own_rows_->summary = summary;
  summary_ = summary;
}

absl::Status FinishedResult::Prepare() {
  for (size_t series = 0; series < header_->series.size(); ++series) {
    for (const ResolvedInterval& interval : header_->series[series].intervals) {
      series_.push_back(static_cast<int64_t>(series));
      starts_.push_back(interval.start_us);
    }
  }
  num_fixed_bytes_ = 24;  // series, start and grouping
  for (const AxisColumn& axis : rows_->axes) {
    SEXTANT_ASSIGN_OR_RETURN(BatchAxis batch_axis,
                             BatchAxis::Create(axis.values, axis.ranks, context_.budget()));
    axes_.push_back(std::move(batch_axis));
    num_fixed_bytes_ += FixedBytes(axis.values);
  }
  for (const BatchAxis& axis : axes_) {
    if (!axis.has_texts()) continue;
    if (const auto num_bytes = axis.num_bytes_of_all()) {
      num_fixed_bytes_ += *num_bytes;
    } else {
      text_axes_.push_back(&axis);
    }
  }
  for (const uint32_t metric : rows_->metrics) {
    const MetricValues& values = rows_->values[metric];
    num_fixed_bytes_ += FixedBytes(values);
    if (values.form == MetricValues::Form::kText || values.form == MetricValues::Form::kList) {
      variable_.push_back(&values);
    }
  }
  return absl::OkStatus();
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
  const RowRun rows = {next_, rest, rows_->order.span()};
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
  const RowRun rows = {next_, CountRows(target_bytes), rows_->order.span()};
  ResultBatch batch;
  batch.num_rows = static_cast<uint32_t>(rows.count);
  batch.columns.reserve(header_->columns.size());
  for (size_t column = 0; column < header_->columns.size(); ++column) {
    batch.columns.push_back(ReadColumn(column, rows));
  }
  next_ += rows.count;
  return batch;
}

ResultValues FinishedResult::ReadColumn(size_t column, const RowRun& rows) {
  const ResultColumn& described = header_->columns[column];
  switch (described.role) {
    case ResultRole::kAxis:
      return axes_[column].Take(rows);
    case ResultRole::kMetric: {
      const size_t first_metric = header_->columns.size() - rows_->metrics.size();
      return TakeMetric(rows_->values[rows_->metrics[column - first_metric]], rows);
    }
    case ResultRole::kGrouping:
      return ReadGrouping(described, rows);
    default:
      return ReadInterval(described, rows);
  }
}

ResultValues FinishedResult::ReadInterval(const ResultColumn& column, const RowRun& rows) const {
  const std::vector<int64_t>& by_interval = column.role == ResultRole::kSeries ? series_ : starts_;
  return AllValid(column.type, TakeThrough(by_interval.data(), rows_->intervals.data(), rows));
}

ResultValues FinishedResult::ReadGrouping(const ResultColumn& column, const RowRun& rows) const {
  std::vector<int64_t> values(rows.count);
  for (size_t i = 0; i < rows.count; ++i) {
    const auto after =
        std::upper_bound(rows_->grouping_begins.begin(), rows_->grouping_begins.end(), rows[i]);
    values[i] = rows_->groupings[static_cast<size_t>(after - rows_->grouping_begins.begin() - 1)];
  }
  return AllValid(column.type, std::move(values));
}

}  // namespace sextant
