#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "compute/exec/result.h"
#include "sextant/v1/result.pb.h"

namespace sextant {

v1::ColumnRole WireRole(ResultRole role);

/// Whether the header lists the borders of the intervals: not when they are all of time, or without
/// a beginning or an end.
bool HasBorders(const ResolvedSeries& series);

/// Puts the answer of a query into the messages of sextant.v1. One per answer; the batches must
/// come in their order. Thread-safety: one thread at a time.
class ColumnBatchEncoder {
 public:
  /// `header` must outlive this; its time zone is one of the database.
  explicit ColumnBatchEncoder(const ResultHeader& header);

  v1::Header EncodeHeader() const;

  v1::Batch BatchMessage(const ResultBatch& batch) const;

  /// The frame of that message; counts it and its checksum into the summary.
  std::string EncodeBatch(const ResultBatch& batch);

  v1::Summary EncodeSummary(const ResultSummary& summary, int64_t streamed_us) const;

 private:
  void EncodeValues(const ResultValues& values, v1::ColumnData& column) const;
  void EncodeIntegers(const std::vector<int64_t>& integers, const ResultValues& values,
                      v1::ColumnData& column) const;
  void EncodeStarts(const ResultBatch& batch, size_t index, v1::ColumnData& column) const;

  const ResultHeader& header_;
  absl::TimeZone zone_;
  uint32_t batch_count_ = 0;
  uint32_t crc32_ = 0;
};

}  // namespace sextant
