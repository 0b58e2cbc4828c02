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

/// The sum of BytesOf all values before the position.
size_t BytesBefore(const MetricValues& values, size_t position) {
  if (position == 0) return 0;
  if (values.form == MetricValues::Form::kText) return values.text_ends[position - 1];
  if (values.form != MetricValues::Form::kList) return 0;
  const size_t num_elements = values.ListEnd(position - 1);
  return num_elements * FixedBytes(*values.elements) + BytesBefore(*values.elements, num_elements);
}

/// Integers that are all there, to be written.
std::vector<int64_t>& AllValid(const DataType& type, size_t count, ResultValues& column) {
  column.type = type;
  column.valid.assign(count, 1);
  return ValuesAs<std::vector<int64_t>>(column);
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
  SEXTANT_ASSIGN_OR_RETURN(scratch_, MakeScratch());
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

/// Texts and lists lie one after another, so that those of rows that do, too, need not be looked at
/// one by one.
size_t FinishedResult::CountRowsInOrder(size_t target_bytes) const {
  const auto bytes_before = [this](size_t row) {
    size_t bytes = row * num_fixed_bytes_;
    for (const MetricValues* const values : variable_) bytes += BytesBefore(*values, row);
    return bytes;
  };
  const size_t wanted = bytes_before(next_) + target_bytes;
  size_t least = next_ + 1;
  size_t most = num_rows();
  while (least < most) {
    const size_t middle = least + (most - least) / 2;
    bytes_before(middle) < wanted ? least = middle + 1 : most = middle;
  }
  return least - next_;
}

size_t FinishedResult::CountRows(size_t target_bytes) const {
  const size_t rest = num_rows() - next_;
  if (text_axes_.empty() && variable_.empty()) {
    const size_t wanted = (target_bytes + num_fixed_bytes_ - 1) / num_fixed_bytes_;
    return std::min(rest, std::max<size_t>(wanted, 1));
  }
  if (text_axes_.empty() && rows_->is_in_order) return CountRowsInOrder(target_bytes);
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
  const RowRun rows = TakeRun(target_bytes);
  if (rows.count == 0) return std::nullopt;
  ResultBatch batch = std::move(given_back_);
  Read(rows, scratch_, batch);
  return batch;
}

absl::StatusOr<FinishedResult::Scratch> FinishedResult::MakeScratch() const {
  Scratch scratch;
  for (const BatchAxis& axis : axes_) {
    SEXTANT_ASSIGN_OR_RETURN(BatchAxis::Scratch codes, axis.MakeScratch(context_.budget()));
    scratch.push_back(std::move(codes));
  }
  return scratch;
}

RowRun FinishedResult::TakeRun(size_t target_bytes) {
  const size_t count = next_ == num_rows() ? 0 : CountRows(target_bytes);
  const RowRun rows = {next_, count, rows_->order.span()};
  next_ += count;
  return rows;
}

void FinishedResult::Read(const RowRun& rows, Scratch& scratch, ResultBatch& batch) const {
  batch.num_rows = static_cast<uint32_t>(rows.count);
  batch.columns.resize(header_->columns.size());
  for (size_t column = 0; column < header_->columns.size(); ++column) {
    ReadColumn(column, rows, scratch, batch.columns[column]);
  }
}

void FinishedResult::ReadColumn(size_t column, const RowRun& rows, Scratch& scratch,
                                ResultValues& into) const {
  const ResultColumn& described = header_->columns[column];
  switch (described.role) {
    case ResultRole::kAxis:
      return axes_[column].Take(rows, scratch[column], into);
    case ResultRole::kMetric:
    case ResultRole::kColumn: {
      const size_t first_metric = header_->columns.size() - rows_->metrics.size();
      return TakeMetric(rows_->values[rows_->metrics[column - first_metric]], rows, into);
    }
    case ResultRole::kGrouping:
      return ReadGrouping(described, rows, into);
    default:
      return ReadInterval(described, rows, into);
  }
}

void FinishedResult::ReadInterval(const ResultColumn& column, const RowRun& rows,
                                  ResultValues& into) const {
  const std::vector<int64_t>& by_interval = column.role == ResultRole::kSeries ? series_ : starts_;
  TakeThrough(by_interval.data(), rows_->intervals.data(), rows,
              AllValid(column.type, rows.count, into));
}

void FinishedResult::ReadGrouping(const ResultColumn& column, const RowRun& rows,
                                  ResultValues& into) const {
  std::vector<int64_t>& values = AllValid(column.type, rows.count, into);
  values.resize(rows.count);
  for (size_t i = 0; i < rows.count; ++i) {
    const auto after =
        std::upper_bound(rows_->grouping_begins.begin(), rows_->grouping_begins.end(), rows[i]);
    values[i] = rows_->groupings[static_cast<size_t>(after - rows_->grouping_begins.begin() - 1)];
  }
}

}  // namespace sextant
