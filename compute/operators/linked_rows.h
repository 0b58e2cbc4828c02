#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "absl/status/statusor.h"
#include "compute/column/table_links.h"
#include "compute/memory/buffer.h"
#include "compute/operators/filter.h"

namespace sextant {

/// Which rows of a linked table satisfy a condition, found chunk by chunk when they are asked for:
/// of a table whose rows lie by tenant, little more than those of the tenant. Every chunk is
/// evaluated once. Thread-safety: all methods may be called from any thread.
class LinkedRows {
 public:
  /// `numbers` outlives it. Errors: RESOURCE_EXHAUSTED from `budget`; those of Filter::Create.
  static absl::StatusOr<std::unique_ptr<LinkedRows>> Create(const BoundPredicate& condition,
                                                            const Table& table,
                                                            const RowNumbers& numbers,
                                                            MemoryBudget& budget);

  /// A bitmap by RowNumbers, in which the rows of `chunks` may be read, and numbers.size(), which
  /// is never set.
  const uint64_t* Find(LinkRows::ChunkSpan chunks);

 private:
  LinkedRows(const Table& table, const RowNumbers& numbers, Filter filter)
      : table_(table), numbers_(numbers), filter_(std::move(filter)) {}

  void Evaluate(uint32_t chunk);

  const Table& table_;
  const RowNumbers& numbers_;
  const Filter filter_;
  Buffer words_;
  std::unique_ptr<std::atomic<bool>[]> is_found_;  // by chunk

  std::mutex mutex_;
  FilterScratch scratch_;  // guarded by mutex_
};

}  // namespace sextant
