#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compute/exec/result.h"
#include "service/wire/arrow_batch.h"
#include "service/wire/column_batch.h"
#include "sextant/v1/metric_service.pb.h"

namespace sextant {

/// Puts the answer of a query into the frames of its stream, in the format that was asked for. One
/// per answer; the batches must come in their order. Thread-safety: one thread at a time.
class ResultEncoder {
 public:
  /// `header` must outlive this; its time zone is one of the database.
  ResultEncoder(const ResultHeader& header, v1::ResultFormat format);

  /// The frame (see FrameOf) of the Header.
  std::string EncodeHeader() const;

  /// The frames of a batch (see FrameOf): one, or with Arrow its dictionaries first. Counts them
  /// and their checksum into the summary.
  std::vector<std::string> EncodeBatch(const ResultBatch& batch);

  v1::Summary EncodeSummary(const ResultSummary& summary, int64_t streamed_us) const;

 private:
  ColumnBatchEncoder columns_;
  std::optional<ArrowBatchEncoder> arrow_;
};

}  // namespace sextant
