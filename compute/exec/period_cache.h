#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "compute/column/tenant_scope.h"
#include "compute/exec/query_context.h"
#include "compute/memory/memory_budget.h"
#include "compute/plan/metric_catalog.h"

namespace sextant {

struct PeriodCacheStats {
  uint64_t hits = 0;
  uint64_t misses = 0;  // read
  uint64_t entries = 0;
};

/// The periods of calendars, read once for all queries that ask for those of the same rows in the
/// same zone; least recently used go first. What is handed out is charged to `budget`, for as long
/// as it lives, and not to the query, whose results outlive it. Thread-safety: all methods may be
/// called from any thread.
class PeriodCache {
 public:
  /// Keeps periods of up to `keep_bytes`. `budget` outlives whatever is handed out.
  PeriodCache(size_t keep_bytes, MemoryBudget& budget);
  PeriodCache(const PeriodCache&) = delete;
  PeriodCache& operator=(const PeriodCache&) = delete;

  /// As ReadPeriods, which is charged to the budget of `query` and ends with it.
  /// Errors: those of ReadPeriods and of `query`; RESOURCE_EXHAUSTED from the budget.
  absl::StatusOr<std::shared_ptr<const PeriodCalendar>> Find(const CatalogCalendar& calendar,
                                                             const TenantScope& scope,
                                                             const absl::TimeZone& zone,
                                                             QueryContext& query);

  PeriodCacheStats stats() const;

 private:
  struct Entry {
    std::string key;
    size_t num_bytes = 0;
    std::shared_ptr<const PeriodCalendar> calendar;
  };
  using Entries = std::list<Entry>;  // the most recently used first

  /// Null: there is none.
  std::shared_ptr<const PeriodCalendar> Kept(const std::string& key);
  void Keep(Entry entry);

  const size_t keep_bytes_;
  MemoryBudget& budget_;
  mutable std::mutex mutex_;
  Entries entries_;                                                  // guarded by mutex_
  absl::flat_hash_map<std::string_view, Entries::iterator> by_key_;  // guarded by mutex_
  size_t num_bytes_ = 0;    // guarded by mutex_; of entries_
  PeriodCacheStats stats_;  // guarded by mutex_
};

}  // namespace sextant
