#include "service/wire/column_batch.h"

#include <zlib.h>

#include <algorithm>
#include <variant>

#include "compute/memory/check.h"
#include "compute/plan/calendar.h"
#include "compute/plan/instant_text.h"
#include "service/wire/column_data.h"
#include "service/wire/frame.h"

namespace sextant {
namespace {

v1::DataType WireType(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kBool:
      return v1::DATA_TYPE_BOOL;
    case TypeKind::kInt16:
    case TypeKind::kInt32:
    case TypeKind::kInt64:
      return v1::DATA_TYPE_INT64;
    case TypeKind::kFloat32:
    case TypeKind::kFloat64:
    case TypeKind::kDuration:
      return v1::DATA_TYPE_FLOAT64;
    case TypeKind::kDecimal:
      return v1::DATA_TYPE_DECIMAL;
    case TypeKind::kDate:
      return v1::DATA_TYPE_DATE;
    case TypeKind::kTimestamp:
      return v1::DATA_TYPE_TIMESTAMP;
    case TypeKind::kList:
      return v1::DATA_TYPE_LIST;
    default:
      return v1::DATA_TYPE_TEXT;
  }
}

/// The series and the start of a row are indices on the wire.
v1::DataType WireType(const ResultColumn& column) {
  const bool index = column.role == ResultRole::kStart || column.role == ResultRole::kSeries;
  return index ? v1::DATA_TYPE_INT64 : WireType(column.type);
}

/// Finds intervals by their starts.
class IntervalFinder {
 public:
  explicit IntervalFinder(const std::vector<ResolvedInterval>& intervals) : intervals_(intervals) {
    if (intervals.size() < 2) return;
    const auto range_us =
        static_cast<double>(intervals.back().start_us) - static_cast<double>(first_us());
    intervals_per_us_ = static_cast<double>(intervals.size() - 1) / range_us;
  }

  /// The index of the interval that begins at `start_us`. REQUIRES: there is one.
  size_t IndexOf(int64_t start_us) const {
    // Where all were of one length, as units of a calendar almost are.
    const double guess =
        (static_cast<double>(start_us) - static_cast<double>(first_us())) * intervals_per_us_;
    const auto index = static_cast<size_t>(guess + 0.5);
    if (intervals_[index].start_us == start_us) return index;
    const auto begins_before = [](const ResolvedInterval& interval, int64_t instant) {
      return interval.start_us < instant;
    };
    return static_cast<size_t>(
        std::lower_bound(intervals_.begin(), intervals_.end(), start_us, begins_before) -
        intervals_.begin());
  }

 private:
  int64_t first_us() const { return intervals_.front().start_us; }

  const std::vector<ResolvedInterval>& intervals_;
  double intervals_per_us_ = 0;
};

void EncodeSeries(const ResolvedSeries& series, const absl::TimeZone& zone,
                  v1::ResolvedSeries& wire) {
  wire.set_interval(series.name);
  if (!HasBorders(series)) return;
  for (const ResolvedInterval& interval : series.intervals) {
    wire.add_borders(FormatInstant(interval.start_us, zone));
  }
  wire.add_borders(FormatInstant(series.intervals.back().end_us, zone));
  wire.set_first_partial(series.intervals.front().is_partial);
  wire.set_last_partial(series.intervals.back().is_partial);
}

}  // namespace

v1::ColumnRole WireRole(ResultRole role) {
  switch (role) {
    case ResultRole::kAxis:
      return v1::COLUMN_ROLE_AXIS;
    case ResultRole::kSeries:
      return v1::COLUMN_ROLE_SERIES;
    case ResultRole::kStart:
      return v1::COLUMN_ROLE_START;
    case ResultRole::kGrouping:
      return v1::COLUMN_ROLE_GROUPING;
    case ResultRole::kMetric:
      return v1::COLUMN_ROLE_METRIC;
  }
  return v1::COLUMN_ROLE_UNSPECIFIED;
}

bool HasBorders(const ResolvedSeries& series) {
  if (series.intervals.empty()) return false;
  const ResolvedInterval& first = series.intervals.front();
  return first.start_us > kMinInstantUs && first.end_us < kMaxInstantUs;
}

ColumnBatchEncoder::ColumnBatchEncoder(const ResultHeader& header) : header_(header) {
  SEXTANT_CHECK(absl::LoadTimeZone(header.time_zone, &zone_)) << header.time_zone;
}

v1::Header ColumnBatchEncoder::EncodeHeader() const {
  v1::Header wire;
  for (const ResultColumn& column : header_.columns) {
    v1::ResultColumn* out = wire.add_columns();
    out->set_name(column.name);
    out->set_role(WireRole(column.role));
    out->set_type(WireType(column));
    if (column.type.kind == TypeKind::kList) {
      out->set_element_type(WireType(column.type.ElementType()));
    }
    out->set_unit(column.unit);
  }
  for (const ResolvedSeries& series : header_.series) {
    EncodeSeries(series, zone_, *wire.add_series());
  }
  wire.set_time_zone(header_.time_zone);
  wire.set_tz_version(header_.tz_database_version);
  for (const TableIdentity& identity : header_.datasets) {
    v1::DatasetVersion* dataset = wire.add_datasets();
    dataset->set_dataset(identity.dataset);
    dataset->set_version(static_cast<int64_t>(identity.version));
    dataset->set_as_of(FormatInstant(identity.as_of_us, absl::UTCTimeZone()));
  }
  return wire;
}

std::string ColumnBatchEncoder::EncodeBatch(const ResultBatch& batch) {
  size_t expected_bytes = 0;
  for (const ResultValues& values : batch.columns) expected_bytes += ExpectedBytes(values);
  ProtobufBytes frame(expected_bytes + kMaxFieldOverhead);
  const auto message = frame.Begin(static_cast<int>(FrameField::kBatch), expected_bytes);
  frame.AddUnsigned(v1::Batch::kRowCountFieldNumber, batch.num_rows);
  for (size_t i = 0; i < batch.columns.size(); ++i) {
    const auto column =
        frame.Begin(v1::Batch::kColumnsFieldNumber, ExpectedBytes(batch.columns[i]));
    AddColumn(batch, i, frame);
    frame.End(column);
  }
  const std::string_view bytes = frame.End(message);
  crc32_ = static_cast<uint32_t>(
      crc32(crc32_, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
  ++batch_count_;
  return frame.Take();
}

void ColumnBatchEncoder::AddColumn(const ResultBatch& batch, size_t index,
                                   ProtobufBytes& bytes) const {
  if (header_.columns[index].role == ResultRole::kStart) {
    AddIntegers(StartIndices(batch, index), bytes);
    AddValidity(batch.columns[index].valid, bytes);
  } else {
    AddColumnData(batch.columns[index], zone_, bytes);
  }
}

v1::Summary ColumnBatchEncoder::EncodeSummary(const ResultSummary& summary,
                                              int64_t streamed_us) const {
  v1::Summary wire;
  wire.set_rows_scanned(static_cast<int64_t>(summary.rows_scanned));
  wire.set_cells(static_cast<int64_t>(summary.cells));
  wire.set_queued_us(summary.queued_us);
  wire.set_run_us(summary.run_us);
  wire.set_streamed_us(streamed_us);
  wire.set_excluded_samples(static_cast<int64_t>(summary.excluded));
  wire.set_batch_count(batch_count_);
  wire.set_batches_crc32(crc32_);
  wire.set_from_result_cache(summary.is_cached);
  return wire;
}

std::vector<int64_t> ColumnBatchEncoder::StartIndices(const ResultBatch& batch,
                                                      size_t index) const {
  using Integers = std::vector<int64_t>;
  const Integers& starts = std::get<Integers>(batch.columns[index].values);
  const bool several = index > 0 && header_.columns[index - 1].role == ResultRole::kSeries;
  const Integers* series_of_row =
      several ? &std::get<Integers>(batch.columns[index - 1].values) : nullptr;
  std::vector<IntervalFinder> finders;
  for (const ResolvedSeries& resolved : header_.series) finders.emplace_back(resolved.intervals);
  Integers indices(starts.size());
  for (size_t row = 0; row < starts.size(); ++row) {
    const size_t series = several ? static_cast<size_t>((*series_of_row)[row]) : 0;
    indices[row] = static_cast<int64_t>(finders[series].IndexOf(starts[row]));
  }
  return indices;
}

}  // namespace sextant
