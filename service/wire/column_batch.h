#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "compute/exec/result.h"
#include "service/wire/protobuf_bytes.h"
#include "sextant/v1/result.pb.h"

namespace sextant {

/// Puts the answer of a query into the messages of sextant.v1. One per answer; the batches must
/// come in their order. Thread-safety: one thread at a time.
class ColumnBatchEncoder {
 public:
  /// `header` must outlive this; its time zone is one of the database.
  explicit ColumnBatchEncoder(const ResultHeader& header);

  /// The frame (see FrameOf) of the Header, with `arrow_schema` in the field of that name.
  std::string EncodeHeader(std::string_view arrow_schema = {}) const;

  /// The frame (see FrameOf) of the Batch; counts it and its checksum into the summary.
  std::string EncodeBatch(const ResultBatch& batch);

  v1::Summary EncodeSummary(const ResultSummary& summary, int64_t streamed_us) const;

 private:
  /// The fields of a ColumnData.
  void AddColumn(const ResultBatch& batch, size_t index, ProtobufBytes& bytes) const;
  std::vector<int64_t> StartIndices(const ResultBatch& batch, size_t index) const;

  const ResultHeader& header_;
  absl::TimeZone zone_;
  uint32_t batch_count_ = 0;
  uint32_t crc32_ = 0;
};

}  // namespace sextant
