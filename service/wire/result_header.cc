#include "service/wire/result_header.h"

#include <array>

#include "compute/plan/calendar.h"
#include "compute/plan/instant_text.h"
#include "service/wire/frame.h"
#include "service/wire/protobuf_bytes.h"

namespace sextant {
namespace {

/// Of the border of an interval, with its field.
constexpr size_t kUsualBorderBytes = sizeof("2024-02-29T00:00:00+00:00") + 1;
/// Of everything else: a column, a data set, names of usual length.
constexpr size_t kUsualEntryBytes = 64;

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

/// Nothing of an empty text, which is what an absent one means.
void AddText(int field, std::string_view text, ProtobufBytes& bytes) {
  if (!text.empty()) bytes.AddBytes(field, text);
}

void AddInstant(int field, int64_t instant_us, const absl::TimeZone& zone, ProtobufBytes& bytes) {
  std::array<char, kMaxInstantTextBytes> text;
  const char* const end = WriteInstant(instant_us, zone, text.data());
  bytes.AddBytes(field, {text.data(), static_cast<size_t>(end - text.data())});
}

void AddColumn(const ResultColumn& column, ProtobufBytes& bytes) {
  using Wire = v1::ResultColumn;
  const auto message = bytes.Begin(v1::Header::kColumnsFieldNumber, kUsualEntryBytes);
  AddText(Wire::kNameFieldNumber, column.name, bytes);
  bytes.AddUnsigned(Wire::kRoleFieldNumber, static_cast<uint64_t>(WireRole(column.role)));
  bytes.AddUnsigned(Wire::kTypeFieldNumber, static_cast<uint64_t>(WireType(column)));
  AddText(Wire::kUnitFieldNumber, column.unit, bytes);
  if (column.type.kind == TypeKind::kList) {
    const v1::DataType element = WireType(column.type.ElementType());
    bytes.AddUnsigned(Wire::kElementTypeFieldNumber, static_cast<uint64_t>(element));
  }
  if (column.statistic != MetricStatistic::kValue) {
    bytes.AddUnsigned(Wire::kStatisticFieldNumber,
                      static_cast<uint64_t>(WireStatistic(column.statistic)));
  }
  bytes.End(message);
}

bool HasLabels(const ResolvedSeries& series) {
  return series.series.calendar != nullptr && !series.series.calendar->labels.empty();
}

size_t ExpectedBytes(const ResolvedSeries& series) {
  const size_t num_borders = HasBorders(series) ? series.intervals.size() + 1 : 0;
  size_t num_bytes = num_borders * kUsualBorderBytes + series.name.size();
  if (!HasLabels(series)) return num_bytes;
  for (const std::string& label : series.series.calendar->labels) num_bytes += 2 + label.size();
  return num_bytes;
}

void AddSeries(int field, const ResolvedSeries& series, const absl::TimeZone& zone,
               ProtobufBytes& bytes) {
  using Wire = v1::ResolvedSeries;
  const auto message = bytes.Begin(field, ExpectedBytes(series));
  AddText(Wire::kIntervalFieldNumber, series.name, bytes);
  if (HasBorders(series)) {
    for (const ResolvedInterval& interval : series.intervals) {
      AddInstant(Wire::kBordersFieldNumber, interval.start_us, zone, bytes);
    }
    AddInstant(Wire::kBordersFieldNumber, series.intervals.back().end_us, zone, bytes);
    bytes.AddUnsigned(Wire::kFirstPartialFieldNumber, series.intervals.front().is_partial ? 1 : 0);
    bytes.AddUnsigned(Wire::kLastPartialFieldNumber, series.intervals.back().is_partial ? 1 : 0);
  }
  if (HasLabels(series)) {
    for (const ResolvedInterval& interval : series.intervals) {
      bytes.AddBytes(Wire::kLabelsFieldNumber,
                     PeriodLabel(*series.series.calendar, interval.end_us - 1));
    }
  }
  bytes.End(message);
}

void AddDataset(const TableIdentity& identity, ProtobufBytes& bytes) {
  using Wire = v1::DatasetVersion;
  const auto message = bytes.Begin(v1::Header::kDatasetsFieldNumber, kUsualEntryBytes);
  AddText(Wire::kDatasetFieldNumber, identity.dataset, bytes);
  bytes.AddUnsigned(Wire::kVersionFieldNumber, identity.version);
  AddInstant(Wire::kAsOfFieldNumber, identity.as_of_us, absl::UTCTimeZone(), bytes);
  bytes.End(message);
}

size_t ExpectedBytes(const ResultHeader& header) {
  size_t num_bytes = kUsualEntryBytes * (1 + header.columns.size() + header.datasets.size());
  for (const ResolvedSeries& series : header.series) num_bytes += ExpectedBytes(series);
  for (const ResolvedSeries& series : header.compared_series) num_bytes += ExpectedBytes(series);
  return num_bytes;
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
    case ResultRole::kColumn:
      return v1::COLUMN_ROLE_COLUMN;
  }
  return v1::COLUMN_ROLE_UNSPECIFIED;
}

v1::MetricStatistic WireStatistic(MetricStatistic statistic) {
  switch (statistic) {
    case MetricStatistic::kValue:
      return v1::METRIC_STATISTIC_UNSPECIFIED;
    case MetricStatistic::kSamples:
      return v1::METRIC_STATISTIC_SAMPLES;
    case MetricStatistic::kSamplesKept:
      return v1::METRIC_STATISTIC_SAMPLES_KEPT;
    case MetricStatistic::kMin:
      return v1::METRIC_STATISTIC_MIN;
    case MetricStatistic::kMax:
      return v1::METRIC_STATISTIC_MAX;
    case MetricStatistic::kEdges:
      return v1::METRIC_STATISTIC_EDGES;
    case MetricStatistic::kLowerQuartile:
      return v1::METRIC_STATISTIC_LOWER_QUARTILE;
    case MetricStatistic::kUpperQuartile:
      return v1::METRIC_STATISTIC_UPPER_QUARTILE;
  }
  return v1::METRIC_STATISTIC_UNSPECIFIED;
}

bool HasBorders(const ResolvedSeries& series) {
  if (series.intervals.empty()) return false;
  const ResolvedInterval& first = series.intervals.front();
  return first.start_us > kMinInstantUs && first.end_us < kMaxInstantUs;
}

std::string EncodeResultHeader(const ResultHeader& header, const absl::TimeZone& zone,
                               std::string_view arrow_schema) {
  const size_t expected_bytes = ExpectedBytes(header) + arrow_schema.size();
  ProtobufBytes bytes(expected_bytes);
  const auto message = bytes.Begin(static_cast<int>(FrameField::kHeader), expected_bytes);
  for (const ResultColumn& column : header.columns) AddColumn(column, bytes);
  for (const ResolvedSeries& series : header.series) {
    AddSeries(v1::Header::kSeriesFieldNumber, series, zone, bytes);
  }
  AddText(v1::Header::kTimeZoneFieldNumber, header.time_zone, bytes);
  AddText(v1::Header::kTzVersionFieldNumber, header.tz_database_version, bytes);
  for (const TableIdentity& identity : header.datasets) AddDataset(identity, bytes);
  AddText(v1::Header::kArrowSchemaFieldNumber, arrow_schema, bytes);
  for (const ResolvedSeries& series : header.compared_series) {
    AddSeries(v1::Header::kComparedSeriesFieldNumber, series, zone, bytes);
  }
  bytes.End(message);
  return bytes.Take();
}

}  // namespace sextant
