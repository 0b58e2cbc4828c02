#include "service/wire/column_batch.h"

#include <zlib.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/container/flat_hash_map.h"
#include "compute/memory/check.h"
#include "compute/plan/calendar.h"
#include "compute/plan/instant_text.h"
#include "service/wire/frame.h"
#include "service/wire/value_text.h"

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

/// Writes texts once per distinct value of a batch; `print` makes the text of a key.
template <typename Key, typename Print>
void EncodeTexts(const std::vector<Key>& keys, const std::vector<uint8_t>& valid,
                 v1::TextColumn& column, Print print) {
  absl::flat_hash_map<Key, uint32_t> codes;
  column.mutable_codes()->Reserve(static_cast<int>(keys.size()));
  for (size_t row = 0; row < keys.size(); ++row) {
    if (valid[row] == 0) {
      column.add_codes(0);
      continue;
    }
    const auto [entry, is_new] =
        codes.try_emplace(keys[row], static_cast<uint32_t>(column.values_size()));
    if (is_new) column.add_values(print(keys[row]));
    column.add_codes(entry->second);
  }
}

/// The same of texts that a batch has once each already.
void EncodeTexts(const ResultTexts& texts, const std::vector<uint8_t>& valid, bool are_bytes,
                 v1::TextColumn& column) {
  constexpr int64_t kNoCode = -1;
  std::vector<int64_t> codes(texts.num_entries(), kNoCode);  // by entry
  column.mutable_codes()->Reserve(static_cast<int>(valid.size()));
  for (size_t row = 0; row < valid.size(); ++row) {
    if (valid[row] == 0) {
      column.add_codes(0);
      continue;
    }
    int64_t& code = codes[texts.codes[row]];
    if (code == kNoCode) {
      code = column.values_size();
      const std::string_view text = texts[row];
      column.add_values(are_bytes ? BytesText(text) : std::string(text));
    }
    column.add_codes(static_cast<uint32_t>(code));
  }
}

/// The bits of `valid`, or nothing when all are set.
std::string ValidityBits(const std::vector<uint8_t>& valid) {
  if (std::find(valid.begin(), valid.end(), 0) == valid.end()) return {};
  std::string bits((valid.size() + 7) / 8, '\0');
  for (size_t row = 0; row < valid.size(); ++row) {
    if (valid[row] != 0) bits[row / 8] = static_cast<char>(bits[row / 8] | (1 << (row % 8)));
  }
  return bits;
}

size_t IndexOf(int64_t start_us, const std::vector<ResolvedInterval>& intervals) {
  const auto found = std::lower_bound(
      intervals.begin(), intervals.end(), start_us,
      [](const ResolvedInterval& interval, int64_t start) { return interval.start_us < start; });
  return static_cast<size_t>(found - intervals.begin());
}

/// A Wide as a hash key.
using WideHalves = std::pair<uint64_t, uint64_t>;

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

v1::Batch ColumnBatchEncoder::BatchMessage(const ResultBatch& batch) const {
  v1::Batch wire;
  wire.set_row_count(batch.num_rows);
  for (size_t i = 0; i < batch.columns.size(); ++i) {
    v1::ColumnData* column = wire.add_columns();
    if (header_.columns[i].role == ResultRole::kStart) {
      EncodeStarts(batch, i, *column);
    } else {
      EncodeValues(batch.columns[i], *column);
    }
    column->set_validity(ValidityBits(batch.columns[i].valid));
  }
  return wire;
}

std::string ColumnBatchEncoder::EncodeBatch(const ResultBatch& batch) {
  const v1::Batch wire = BatchMessage(batch);
  std::string frame = FrameOf(FrameField::kBatch, wire);
  const std::string_view bytes = MessageIn(frame, wire);
  crc32_ = static_cast<uint32_t>(
      crc32(crc32_, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
  ++batch_count_;
  return frame;
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

void ColumnBatchEncoder::EncodeStarts(const ResultBatch& batch, size_t index,
                                      v1::ColumnData& column) const {
  using Integers = std::vector<int64_t>;
  const Integers& starts = std::get<Integers>(batch.columns[index].values);
  const bool several = index > 0 && header_.columns[index - 1].role == ResultRole::kSeries;
  const Integers* series_of_row =
      several ? &std::get<Integers>(batch.columns[index - 1].values) : nullptr;
  google::protobuf::RepeatedField<int64_t>& indices = *column.mutable_ints()->mutable_values();
  indices.Reserve(static_cast<int>(starts.size()));
  size_t index_of_row = 0;
  for (size_t row = 0; row < starts.size(); ++row) {
    const size_t series = several ? static_cast<size_t>((*series_of_row)[row]) : 0;
    const std::vector<ResolvedInterval>& intervals = header_.series[series].intervals;
    // As a rule the interval after that of the row before.
    const size_t next = index_of_row + 1;
    const bool is_next = next < intervals.size() && intervals[next].start_us == starts[row];
    index_of_row = is_next ? next : IndexOf(starts[row], intervals);
    indices.AddAlreadyReserved(static_cast<int64_t>(index_of_row));
  }
}

void ColumnBatchEncoder::EncodeValues(const ResultValues& values, v1::ColumnData& column) const {
  const std::vector<uint8_t>& valid = values.valid;
  if (const auto* floats = std::get_if<std::vector<double>>(&values.values)) {
    column.mutable_floats()->mutable_values()->Add(floats->begin(), floats->end());
  } else if (const auto* texts = std::get_if<ResultTexts>(&values.values)) {
    EncodeTexts(*texts, valid, values.type.kind == TypeKind::kBytes, *column.mutable_texts());
  } else if (const auto* wides = std::get_if<std::vector<Wide>>(&values.values)) {
    std::vector<WideHalves> keys;
    keys.reserve(wides->size());
    for (const Wide& wide : *wides) keys.emplace_back(wide.low, wide.high);
    EncodeTexts(keys, valid, *column.mutable_texts(), [&](WideHalves key) {
      return WideText(values.type, {key.first, key.second});
    });
  } else if (const auto* lists = std::get_if<ResultLists>(&values.values)) {
    v1::ListColumn& list_column = *column.mutable_lists();
    list_column.mutable_offsets()->Add(lists->offsets.begin(), lists->offsets.end());
    EncodeValues(*lists->elements, *list_column.mutable_elements());
    list_column.mutable_elements()->set_validity(ValidityBits(lists->elements->valid));
  } else {
    EncodeIntegers(std::get<std::vector<int64_t>>(values.values), values, column);
  }
}

void ColumnBatchEncoder::EncodeIntegers(const std::vector<int64_t>& integers,
                                        const ResultValues& values, v1::ColumnData& column) const {
  switch (values.type.kind) {
    case TypeKind::kBool:
      for (const int64_t value : integers) column.mutable_bools()->add_values(value != 0);
      return;
    case TypeKind::kDate:
      return EncodeTexts(integers, values.valid, *column.mutable_texts(), DateText);
    case TypeKind::kTimestamp:
      return EncodeTexts(integers, values.valid, *column.mutable_texts(),
                         [this](int64_t us) { return FormatInstant(us, zone_); });
    case TypeKind::kDecimal:
      return EncodeTexts(integers, values.valid, *column.mutable_texts(), [&](int64_t unscaled) {
        return DecimalText(unscaled, values.type.scale);
      });
    default:
      column.mutable_ints()->mutable_values()->Add(integers.begin(), integers.end());
  }
}

}  // namespace sextant
