#include "service/rpc/answer_frames.h"

#include <optional>
#include <utility>

#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

/// The first rows are there at once; the others come in messages that are cheap per byte.
constexpr size_t kFirstBatchBytes = 4 * 1024;
constexpr size_t kBatchBytes = 64 * 1024;

}  // namespace

AnswerFrames::AnswerFrames(std::unique_ptr<ResultCursor> cursor, v1::ResultFormat format,
                           const Clock& clock)
    : clock_(clock),
      cursor_(std::move(cursor)),
      encoder_(cursor_->header(), format),
      began_us_(clock.MonotonicUs()) {}

absl::StatusOr<std::vector<std::string>> AnswerFrames::NextBatch() {
  SEXTANT_ASSIGN_OR_RETURN(
      std::optional<ResultBatch> batch,
      cursor_->Next(std::exchange(is_first_batch_, false) ? kFirstBatchBytes : kBatchBytes));
  if (!batch.has_value()) return std::vector<std::string>();
  std::vector<std::string> frames = encoder_.EncodeBatch(*batch);
  cursor_->GiveBack(*std::move(batch));
  return frames;
}

v1::Summary AnswerFrames::Summary(const ResultSummary& counts) const {
  return encoder_.EncodeSummary(counts, clock_.MonotonicUs() - began_us_);
}

}  // namespace sextant
