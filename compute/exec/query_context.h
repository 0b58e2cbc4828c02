#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "compute/exec/execution_profile.h"
#include "compute/memory/clock.h"
#include "compute/memory/draw_account.h"
#include "compute/memory/keep_going.h"
#include "compute/memory/memory_budget.h"

namespace sextant {

class WorkerPool;

enum class Priority : uint8_t { kCritical, kInteractive, kBatch, kBackground };
inline constexpr int kNumPriorities = 4;

/// Where a query is, for errors: ErrorInfo(stage) of a deadline.
enum class QueryStage : uint8_t { kQueue, kRun, kStream };

/// One running query: until when, whether anybody still wants it, how urgent, and what memory it
/// may use. Thread-safety: Cancel and Check may be called from any thread.
class QueryContext {
 public:
  static constexpr int64_t kNoDeadline = std::numeric_limits<int64_t>::max();

  QueryContext(const Clock& clock, int64_t deadline_monotonic_us, Priority priority,
               MemoryBudget* parent_budget, size_t memory_limit_bytes);

  void Cancel() { cancelled_.store(true, std::memory_order_relaxed); }
  /// While it is set Check says CANCELLED, so that what other threads do for a part of a query ends
  /// soon after another part has failed.
  void SetPartFailed(bool has_failed) { part_failed_.store(has_failed, std::memory_order_relaxed); }
  void SetStage(QueryStage stage) { stage_.store(stage, std::memory_order_relaxed); }

  /// CANCELLED, or DEADLINE_EXCEEDED with ErrorDetail{reason "DEADLINE", metadata stage}, or OK.
  /// Called per morsel.
  absl::Status Check() const;

  Priority priority() const { return priority_; }
  MemoryBudget& budget() { return budget_; }
  /// Of bootstraps. Thread-safe.
  DrawAccount& draws() const { return draws_; }
  const Clock& clock() const { return clock_; }
  /// Whose workers may help with parts of the query (query_parts.h); null: none.
  WorkerPool* pool() const { return pool_; }
  /// REQUIRES: the query has not begun. The pool outlives it, and the reading of its result.
  void SetPool(WorkerPool* pool) { pool_ = pool; }
  int64_t deadline_us() const { return deadline_us_; }

  /// Null unless the query is explained: then every step is noted, which costs time.
  ExecutionProfile* profile() const { return profile_.get(); }
  /// REQUIRES: the query has not begun.
  void EnableProfile() { profile_ = std::make_unique<ExecutionProfile>(); }

 private:
  const Clock& clock_;
  const int64_t deadline_us_;
  const Priority priority_;
  std::atomic<bool> cancelled_{false};
  std::atomic<bool> part_failed_{false};
  std::atomic<QueryStage> stage_{QueryStage::kQueue};
  WorkerPool* pool_ = nullptr;
  mutable DrawAccount draws_;
  MemoryBudget budget_;
  std::unique_ptr<ExecutionProfile> profile_;
};

/// While it lives, what asks on this thread whether to go on (AskToGoOn) asks the query, and what
/// draws (SpendDraws) draws for it.
class QueryScope {
 public:
  explicit QueryScope(const QueryContext& context)
      : check_{context}, scope_(check_), draws_(context.draws()) {}

 private:
  struct Check {
    const QueryContext& context;
    absl::Status operator()() const { return context.Check(); }
  };

  const Check check_;
  const KeepGoingScope scope_;
  const DrawScope draws_;
};

}  // namespace sextant
