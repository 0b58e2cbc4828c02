#include "compute/exec/query_context.h"

#include "absl/strings/str_cat.h"
#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

/// Of the parent, held in advance: most queries ask it once.
constexpr size_t kBudgetStepBytes = size_t{64} << 10;

const char* StageName(QueryStage stage) {
  switch (stage) {
    case QueryStage::kQueue:
      return "QUEUE";
    case QueryStage::kRun:
      return "RUN";
    case QueryStage::kStream:
      return "STREAM";
  }
  return "";
}

}  // namespace

QueryContext::QueryContext(const Clock& clock, int64_t deadline_monotonic_us, Priority priority,
                           MemoryBudget* parent_budget, size_t memory_limit_bytes)
    : clock_(clock),
      deadline_us_(deadline_monotonic_us),
      priority_(priority),
      budget_("query", memory_limit_bytes, parent_budget, kBudgetStepBytes) {}

absl::Status QueryContext::Check() const {
  if (cancelled_.load(std::memory_order_relaxed)) {
    return absl::CancelledError("the query was cancelled");
  }
  if (part_failed_.load(std::memory_order_relaxed)) {
    return absl::CancelledError("another part of the query has failed");
  }
  if (deadline_us_ == kNoDeadline || clock_.MonotonicUs() < deadline_us_) return absl::OkStatus();
  const char* stage = StageName(stage_.load(std::memory_order_relaxed));
  return WithDetail(absl::DeadlineExceededError(
                        absl::StrCat("the deadline of the query passed in stage '", stage, "'")),
                    ErrorDetail{.reason = "DEADLINE", .metadata = {{"stage", stage}}});
}

}  // namespace sextant
