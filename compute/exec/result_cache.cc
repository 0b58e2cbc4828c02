#include "compute/exec/result_cache.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/column/table.h"
#include "compute/column/table_links.h"
#include "compute/memory/check.h"
#include "compute/plan/query_text.h"

namespace sextant {
namespace {

/// Of the limit: what one result may take at most.
constexpr size_t kLargestFraction = 8;

/// Whether an open end counts as the `as_of` of the table: then the bounds of time depend on it.
bool DependsOnAsOf(const BoundQuery& query) {
  if (query.from_us && query.to_us) return false;
  return std::any_of(query.aggregates.begin(), query.aggregates.end(),
                     [](const BoundAggregate& aggregate) {
                       return aggregate.pin.kind == TimePin::Kind::kDuring ||
                              aggregate.pin.kind == TimePin::Kind::kAsOfEnd;
                     });
}

}  // namespace

std::string ResultKey(const BoundQuery& query, std::span<const TenantScope> scopes) {
  SEXTANT_CHECK(scopes.size() == query.datasets.size());
  std::string key = CanonicalText(query);
  for (const TenantScope& scope : scopes) {
    const Table& table = scope.table();
    absl::StrAppend(&key, "/", table.identity().dataset);
    // What the rows of linked tables say may decide as well.
    if (table.links() != nullptr) absl::StrAppend(&key, "~", table.links()->group_id);
    if (DependsOnAsOf(query)) absl::StrAppend(&key, "@", table.identity().as_of_us);
    absl::StrAppend(&key, RowsKey(scope));
  }
  return key;
}

std::string RowsKey(const TenantScope& scope) {
  const Table& table = scope.table();
  std::string key;
  for (const RowRange& range : scope.ranges()) {
    absl::StrAppend(&key, " ", table.chunk(range.chunk).version_id(), ":", range.begin, "-",
                    range.end, "+", table.first_row(range.chunk));
  }
  return key;
}

class ResultCache::Flight {
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

ResultCache::ResultCache(size_t limit_bytes, MemoryBudget* parent)
    : budget_("results", limit_bytes, parent) {}

ResultCache::~ResultCache() { SEXTANT_CHECK(in_flight_.empty()); }

ResultCache::Turn ResultCache::Take(std::string key, std::shared_ptr<QueryContext> context,
                                    Ready ready) {
  const std::lock_guard lock(mutex_);
  const auto known = by_key_.find(key);
  if (known != by_key_.end()) {
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
  return {.rows = nullptr, .flight = std::move(flight)};
}

bool ResultCache::MakeRoom(FinishedRows& rows, MemoryReservation& key_bytes, size_t num_key_bytes) {
  const size_t bytes = rows.reserved_bytes() + num_key_bytes;
  if (bytes > budget_.limit_bytes() / kLargestFraction) return false;
  while (true) {
    if (key_bytes.Resize(num_key_bytes).ok() && rows.ChargeTo(budget_).ok()) return true;
    if (entries_.empty()) return false;
    by_key_.erase(entries_.back().key);
    entries_.pop_back();
    ++stats_.evictions;
  }
}

void ResultCache::Land(Flight& flight, const std::shared_ptr<FinishedRows>& rows,
                       const std::shared_ptr<QueryContext>& context) {
  std::vector<Waiter> waiters;
  bool is_kept = false;
  {
    const std::lock_guard lock(mutex_);
    waiters = End(flight);
    stats_.hits += waiters.size();
    stats_.waits += waiters.size();
    MemoryReservation key_bytes(budget_);
    is_kept = !by_key_.contains(flight.key()) && MakeRoom(*rows, key_bytes, flight.key().size());
    if (is_kept) {
      entries_.push_front({flight.key(), rows, std::move(key_bytes)});
      by_key_.emplace(entries_.front().key, entries_.begin());
    }
  }
  if (waiters.empty()) return;
  Rows shared = rows;
  if (!is_kept) {
    using Owner = std::pair<std::shared_ptr<QueryContext>, std::shared_ptr<FinishedRows>>;
    shared = Rows(std::make_shared<Owner>(context, rows), rows.get());  // ends rows first
  }
  for (const Waiter& waiter : waiters) waiter.ready(shared);
}

void ResultCache::Fail(Flight& flight, const absl::Status& error) {
  std::vector<Waiter> waiters;
  {
    const std::lock_guard lock(mutex_);
    waiters = End(flight);
    stats_.misses += waiters.size();
  }
  const bool is_of_query = error.code() == absl::StatusCode::kOutOfRange ||
                           error.code() == absl::StatusCode::kInvalidArgument;
  for (const Waiter& waiter : waiters) {
    is_of_query ? waiter.ready(error) : waiter.ready(Rows());
  }
}

std::vector<ResultCache::Waiter> ResultCache::End(Flight& flight) {
  const auto flying = in_flight_.find(flight.key());
  if (flying != in_flight_.end() && flying->second.get() == &flight) in_flight_.erase(flying);
  return flight.TakeAll();
}

void ResultCache::DismissExpired(Flight& flight) {
  if (!flight.IsAwaited()) return;
  std::vector<Waiter> expired;
  {
    const std::lock_guard lock(mutex_);
    expired = flight.TakeExpired();
  }
  for (const Waiter& waiter : expired) waiter.ready(waiter.context->Check());
}

ResultCacheStats ResultCache::stats() const {
  const std::lock_guard lock(mutex_);
  ResultCacheStats stats = stats_;
  stats.entries = entries_.size();
  stats.bytes = budget_.reserved_bytes();
  return stats;
}

}  // namespace sextant
