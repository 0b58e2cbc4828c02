#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/exec/result.h"
#include "compute/memory/clock.h"
#include "service/wire/result_encoder.h"
#include "sextant/v1/metric_service.pb.h"

namespace sextant {

/// The answer to one query as the frames of a stream (see FrameOf), made when they are wanted:
/// header, batches, summary. Thread-safety: one thread at a time.
class AnswerFrames {
 public:
  AnswerFrames(std::unique_ptr<ResultCursor> cursor, v1::ResultFormat format, const Clock& clock);

  std::string Header() const { return encoder_.EncodeHeader(); }
  /// Those of the next batch; none after the last. Errors: CANCELLED, DEADLINE_EXCEEDED.
  absl::StatusOr<std::vector<std::string>> NextBatch();
  /// After the last batch, with what the query did.
  v1::Summary Summary(const ResultSummary& counts) const;

  const ResultCursor& cursor() const { return *cursor_; }

 private:
  const Clock& clock_;
  const std::unique_ptr<ResultCursor> cursor_;
  ResultEncoder encoder_;
  const int64_t began_us_;
  bool is_first_batch_ = true;
};

}  // namespace sextant
