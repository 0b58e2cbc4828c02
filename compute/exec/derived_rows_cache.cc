#include "compute/exec/derived_rows_cache.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "compute/memory/check.h"

namespace sextant {

class DerivedRowsCache::Flight {
 public:
  Flight(std::string key, Priority priority) : key_(std::move(key)), priority_(priority) {}

  const std::string& key() const { return key_; }
  Priority priority() const { return priority_; }

  void Wait(Waiter waiter) {
    waiters_.push_back(std::move(waiter));
    num_waiting_.store(waiters_.size(), std::memory_order_relaxed);
  }
  bool IsAwaited() const { return num_waiting_.load(std::memory_order_relaxed) != 0; }
  std::vector<Waiter> TakeAll() {
    num_waiting_.store(0, std::memory_order_relaxed);
    return std::exchange(waiters_, {});
  }
  /// Those whose context is not OK any more.
  std::vector<Waiter> TakeExpired() {
    const auto expired =
        std::stable_partition(waiters_.begin(), waiters_.end(),
                              [](const Waiter& waiter) { return waiter.context->Check().ok(); });
    std::vector<Waiter> taken(std::make_move_iterator(expired),
                              std::make_move_iterator(waiters_.end()));
    waiters_.erase(expired, waiters_.end());
    num_waiting_.store(waiters_.size(), std::memory_order_relaxed);
    return taken;
  }

 private:
  const std::string key_;
  const Priority priority_;
  std::atomic<size_t> num_waiting_{0};
  std::vector<Waiter> waiters_;  // guarded by the cache's mutex
};

DerivedRowsCache::DerivedRowsCache(size_t limit_bytes, MemoryBudget* parent, bool keeps)
    : budget_(std::make_shared<MemoryBudget>("derived rows", limit_bytes, parent)), keeps_(keeps) {}

DerivedRowsCache::~DerivedRowsCache() { SEXTANT_CHECK(in_flight_.empty()); }

DerivedRowsCache::Turn DerivedRowsCache::Take(std::string key,
                                              std::shared_ptr<QueryContext> context, Ready ready) {
  const std::lock_guard lock(mutex_);
  if (const auto known = by_key_.find(key); known != by_key_.end()) {
    entries_.splice(entries_.begin(), entries_, known->second);
    ++stats_.hits;
    return {.rows = known->second->rows, .flight = nullptr};
  }
  const auto [flying, is_first] = in_flight_.try_emplace(key, nullptr);
  if (!is_first && flying->second->priority() <= context->priority()) {
    flying->second->Wait({std::move(context), std::move(ready)});
    return {};
  }
  ++stats_.misses;
  auto flight = std::make_shared<Flight>(std::move(key), context->priority());
  // A less urgent one that flies already lands for those that wait for it.
  if (is_first) flying->second = flight;
  return {.rows = std::nullopt, .flight = std::move(flight)};
}

bool DerivedRowsCache::DropOldest() {
  Entry dropped;  // ends without the lock
  const std::lock_guard lock(mutex_);
  if (entries_.empty()) return false;
  by_key_.erase(entries_.back().key);
  dropped = std::move(entries_.back());
  entries_.pop_back();
  return true;
}

absl::StatusOr<std::shared_ptr<const Table>> DerivedRowsCache::Make(const BoundDerivedRows& rows,
                                                                    const FinishedRows& cells,
                                                                    const TableIdentity& identity) {
  while (true) {
    absl::StatusOr<std::shared_ptr<const Table>> table =
        MakeDerivedTable(rows, cells, identity, *budget_);
    if (!absl::IsResourceExhausted(table.status()) || !DropOldest()) return table;
  }
}

absl::StatusOr<DerivedRows> DerivedRowsCache::Land(Flight& flight, const BoundDerivedRows& rows,
                                                   const FinishedRows& cells,
                                                   const TableIdentity& identity) {
  absl::StatusOr<std::shared_ptr<const Table>> table = Make(rows, cells, identity);
  if (!table.ok()) {
    Fail(flight, table.status());
    return table.status();
  }
  // The budget lives as long as what is charged to it.
  using Owner = std::pair<std::shared_ptr<MemoryBudget>, std::shared_ptr<const Table>>;
  const Table* const made = table->get();
  DerivedRows derived;
  derived.table =
      std::shared_ptr<const Table>(std::make_shared<Owner>(budget_, *std::move(table)), made);
  derived.excluded = cells.summary.excluded;
  std::vector<Waiter> waiters;
  Entries older;  // end without the lock
  {
    const std::lock_guard lock(mutex_);
    waiters = End(flight);
    stats_.hits += waiters.size();
    older = TakeOlder(identity.dataset, identity.version);
    if (keeps_ && !by_key_.contains(flight.key())) {
      entries_.push_front({flight.key(), derived});
      by_key_.emplace(entries_.front().key, entries_.begin());
    }
  }
  for (const Waiter& waiter : waiters) waiter.ready(std::optional<DerivedRows>(derived));
  return derived;
}

void DerivedRowsCache::Fail(Flight& flight, const absl::Status& error) {
  std::vector<Waiter> waiters;
  {
    const std::lock_guard lock(mutex_);
    waiters = End(flight);
  }
  const bool is_of_rows = error.code() == absl::StatusCode::kOutOfRange ||
                          error.code() == absl::StatusCode::kInvalidArgument ||
                          error.code() == absl::StatusCode::kFailedPrecondition;
  for (const Waiter& waiter : waiters) {
    is_of_rows ? waiter.ready(error) : waiter.ready(std::optional<DerivedRows>());
  }
}

std::vector<DerivedRowsCache::Waiter> DerivedRowsCache::End(Flight& flight) {
  const auto flying = in_flight_.find(flight.key());
  if (flying != in_flight_.end() && flying->second.get() == &flight) in_flight_.erase(flying);
  return flight.TakeAll();
}

void DerivedRowsCache::DismissExpired(Flight& flight) {
  if (!flight.IsAwaited()) return;
  std::vector<Waiter> expired;
  {
    const std::lock_guard lock(mutex_);
    expired = flight.TakeExpired();
  }
  for (const Waiter& waiter : expired) waiter.ready(waiter.context->Check());
}

DerivedRowsCache::Entries DerivedRowsCache::TakeOlder(std::string_view dataset, uint64_t version) {
  Entries older;
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const auto next = std::next(entry);
    const TableIdentity& identity = entry->rows.table->identity();
    if (identity.dataset == dataset && identity.version < version) {
      by_key_.erase(entry->key);
      older.splice(older.end(), entries_, entry);
    }
    entry = next;
  }
  return older;
}

void DerivedRowsCache::DropOlder(std::string_view dataset, uint64_t version) {
  Entries older;  // end without the lock
  const std::lock_guard lock(mutex_);
  older = TakeOlder(dataset, version);
}

DerivedRowsCacheStats DerivedRowsCache::stats() const {
  const std::lock_guard lock(mutex_);
  DerivedRowsCacheStats stats = stats_;
  stats.entries = entries_.size();
  stats.bytes = budget_->reserved_bytes();
  return stats;
}

}  // namespace sextant
