#include "service/wire/column_batch.h"

#include <algorithm>
#include <variant>

#include "compute/memory/check.h"
#include "compute/plan/calendar.h"
#include "service/wire/checksum.h"
#include "service/wire/column_data.h"
#include "service/wire/frame.h"
#include "service/wire/result_header.h"

namespace sextant {
namespace {

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

}  // namespace

ColumnBatchEncoder::ColumnBatchEncoder(const ResultHeader& header) : header_(header) {
  SEXTANT_CHECK(absl::LoadTimeZone(header.time_zone, &zone_)) << header.time_zone;
}

std::string ColumnBatchEncoder::EncodeHeader(std::string_view arrow_schema) const {
  return EncodeResultHeader(header_, zone_, arrow_schema);
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
  crc32_ = Crc32(crc32_, bytes);
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
  wire.set_bootstrap_draws(static_cast<int64_t>(summary.bootstrap_draws));
  wire.set_batch_count(batch_count_);
  wire.set_batches_crc32(crc32_);
  wire.set_from_result_cache(summary.is_cached);
  wire.set_has_more_rows(summary.has_more);
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
