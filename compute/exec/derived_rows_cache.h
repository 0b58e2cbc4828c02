#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "compute/exec/derived_rows.h"
#include "compute/exec/finished_rows.h"
#include "compute/exec/query_context.h"
#include "compute/memory/memory_budget.h"

namespace sextant {

struct DerivedRowsCacheStats {
  uint64_t hits = 0;    // rows that were there, or made meanwhile
  uint64_t misses = 0;  // made
  uint64_t entries = 0;
  uint64_t bytes = 0;
};

/// Derived rows, made once for all queries that read them, and kept until a newer version of their
/// dataset makes some, or until there is no room; least recently used go first. Of queries with one
/// key one makes them, the others wait without a thread. Charged to a budget of its own, which what
/// is pinned keeps alive. Thread-safety: all methods may be called from any thread. Callbacks are
/// called without a lock held, on the thread of the call that makes them due.
class DerivedRowsCache {
 public:
  /// OK with rows: these. OK with none: take again. Else the caller's own error.
  using Ready = std::function<void(absl::StatusOr<std::optional<DerivedRows>>)>;

  /// `parent` may be null. Without `keeps`, rows are for those that ask while they are made.
  explicit DerivedRowsCache(size_t limit_bytes = MemoryBudget::kUnlimitedBytes,
                            MemoryBudget* parent = nullptr, bool keeps = true);
  ~DerivedRowsCache();
  DerivedRowsCache(const DerivedRowsCache&) = delete;
  DerivedRowsCache& operator=(const DerivedRowsCache&) = delete;

  /// Rows that are made for all that wait for their key.
  class Flight;
  /// One of: rows; flight, for which the caller makes them, and ends it by Land or Fail; neither:
  /// `ready` is called later.
  struct Turn {
    std::optional<DerivedRows> rows;
    std::shared_ptr<Flight> flight;
  };
  /// A query waits only for one that is at least as urgent.
  Turn Take(std::string key, std::shared_ptr<QueryContext> context, Ready ready);

  /// Makes the table, keeps it, and hands it to those that wait; after an error as Fail.
  absl::StatusOr<DerivedRows> Land(Flight& flight, const BoundDerivedRows& rows,
                                   const FinishedRows& cells, const TableIdentity& identity);
  /// There are none. What is wrong with the rows themselves is wrong for those that wait; after
  /// another error one of them makes them.
  void Fail(Flight& flight, const absl::Status& error);
  /// As that of ResultCache.
  void DismissExpired(Flight& flight);

  /// Forgets the rows of versions of the dataset before `version`.
  void DropOlder(std::string_view dataset, uint64_t version);

  DerivedRowsCacheStats stats() const;

 private:
  struct Waiter {
    std::shared_ptr<QueryContext> context;
    Ready ready;
  };
  struct Entry {
    std::string key;
    DerivedRows rows;
  };
  using Entries = std::list<Entry>;  // the most recently used first

  /// As MakeDerivedTable, at the cost of older entries where there is no room.
  absl::StatusOr<std::shared_ptr<const Table>> Make(const BoundDerivedRows& rows,
                                                    const FinishedRows& cells,
                                                    const TableIdentity& identity);
  bool DropOldest();
  /// Nobody waits for it any more; returns who did. REQUIRES: mutex_ is held, as below.
  std::vector<Waiter> End(Flight& flight);
  /// Takes them out.
  Entries TakeOlder(std::string_view dataset, uint64_t version);

  const std::shared_ptr<MemoryBudget> budget_;
  const bool keeps_;
  mutable std::mutex mutex_;
  Entries entries_;                                                      // guarded by mutex_
  absl::flat_hash_map<std::string_view, Entries::iterator> by_key_;      // guarded by mutex_
  absl::flat_hash_map<std::string, std::shared_ptr<Flight>> in_flight_;  // guarded by mutex_
  DerivedRowsCacheStats stats_;                                          // guarded by mutex_
};

}  // namespace sextant
