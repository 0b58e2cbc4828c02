#include "service/wire/result_encoder.h"

#include "service/wire/frame.h"

namespace sextant {

ResultEncoder::ResultEncoder(const ResultHeader& header, v1::ResultFormat format)
    : columns_(header) {
  if (format == v1::RESULT_FORMAT_ARROW_IPC) arrow_.emplace(header);
}

std::string ResultEncoder::EncodeHeader() const {
  return columns_.EncodeHeader(arrow_.has_value() ? arrow_->SchemaMessage() : std::string());
}

std::vector<std::string> ResultEncoder::EncodeBatch(const ResultBatch& batch) {
  std::vector<std::string> frames;
  if (!arrow_.has_value()) {
    frames.push_back(columns_.EncodeBatch(batch));
    return frames;
  }
  for (const v1::ArrowMessage& message : arrow_->EncodeBatch(batch)) {
    frames.push_back(FrameOf(FrameField::kArrow, message));
  }
  return frames;
}

v1::Summary ResultEncoder::EncodeSummary(const ResultSummary& summary, int64_t streamed_us) const {
  v1::Summary wire = columns_.EncodeSummary(summary, streamed_us);
  if (!arrow_.has_value()) return wire;
  wire.set_batch_count(arrow_->num_messages());
  wire.set_batches_crc32(arrow_->messages_crc32());
  return wire;
}

}  // namespace sextant
