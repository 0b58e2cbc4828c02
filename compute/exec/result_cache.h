#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "compute/column/tenant_scope.h"
#include "compute/exec/finished_rows.h"
#include "compute/exec/query_context.h"
#include "compute/memory/memory_budget.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// What an answer depends on: the canonical text of the query, and per dataset the versions of the
/// chunks in scope with the rows of them that the claim reaches. So nobody is answered from rows
/// that are not theirs, and whatever is published later has keys of its own.
/// REQUIRES: one scope per dataset of the query.
std::string ResultKey(const BoundQuery& query, std::span<const TenantScope> scopes);

/// The part of it that a scope makes: the versions of its chunks with the rows of them.
std::string RowsKey(const TenantScope& scope);

struct ResultCacheStats {
  uint64_t hits = 0;    // answered without being run
  uint64_t waits = 0;   // of these: by waiting for the same query that ran
  uint64_t misses = 0;  // run
  uint64_t evictions = 0;
  uint64_t entries = 0;
  uint64_t bytes = 0;
};

/// Finished results, kept for queries that ask the same of the same rows, least recently used go
/// first. Of queries with one key one runs, the others wait for it; none of them blocks a thread.
/// Charged to a budget of its own; a result beyond an eighth of it is not kept, but handed to those
/// that wait. Thread-safety: all methods may be called from any thread. Callbacks are called
/// without a lock held, on the thread of the call that makes them due.
class ResultCache {
 public:
  using Rows = std::shared_ptr<const FinishedRows>;
  /// OK with rows: the answer. OK with null: the query is to run after all. Else its own error.
  using Ready = std::function<void(absl::StatusOr<Rows>)>;

  ResultCache(size_t limit_bytes, MemoryBudget* parent);
  ~ResultCache();
  ResultCache(const ResultCache&) = delete;
  ResultCache& operator=(const ResultCache&) = delete;

  /// A query that runs for all that wait for its key.
  class Flight;
  /// One of: rows, the answer; flight, which the caller runs and ends by Land or Fail; neither:
  /// `ready` is called later.
  struct Turn {
    Rows rows;
    std::shared_ptr<Flight> flight;
  };
  /// A query waits only for one that is at least as urgent. `ready` is called at most once, and
  /// only for one that waits.
  Turn Take(std::string key, std::shared_ptr<QueryContext> context, Ready ready);

  /// Keeps `rows`, and hands them to those that wait. Recharges them: nobody else reads them yet.
  /// Where there is no room they stay charged to `context`, which then lives as long.
  void Land(Flight& flight, const std::shared_ptr<FinishedRows>& rows,
            const std::shared_ptr<QueryContext>& context);
  /// There are no rows. What is wrong with the query itself is wrong with those that wait; after
  /// another error each runs its query itself.
  void Fail(Flight& flight, const absl::Status& error);
  /// Ends the wait of those whose time is over or whose caller has gone. Cheap where nobody waits;
  /// called while the flight runs.
  void DismissExpired(Flight& flight);

  ResultCacheStats stats() const;

 private:
  struct Waiter {
    std::shared_ptr<QueryContext> context;
    Ready ready;
  };
  struct Entry {
    std::string key;
    Rows rows;
    MemoryReservation key_bytes;
  };
  using Entries = std::list<Entry>;  // the most recently used first

  /// Nobody waits for it any more; returns who did. REQUIRES: mutex_ is held, as below.
  std::vector<Waiter> End(Flight& flight);
  /// Charges the rows, and a key, to this cache, at the cost of older entries. Returns whether it
  /// has room.
  bool MakeRoom(FinishedRows& rows, MemoryReservation& key_bytes, size_t num_key_bytes);

  mutable std::mutex mutex_;
  MemoryBudget budget_;
  Entries entries_;                                                      // guarded by mutex_
  absl::flat_hash_map<std::string_view, Entries::iterator> by_key_;      // guarded by mutex_
  absl::flat_hash_map<std::string, std::shared_ptr<Flight>> in_flight_;  // guarded by mutex_
  ResultCacheStats stats_;                                               // guarded by mutex_
};

}  // namespace sextant
