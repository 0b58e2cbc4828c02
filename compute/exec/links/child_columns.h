#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "compute/column/table.h"
#include "compute/column/table_links.h"
#include "compute/operators/linked_rows.h"
#include "compute/plan/child_column.h"

namespace sextant {

/// Counts, least and greatest values of the linked rows of each row. Not thread-safe.
class ChildColumns {
 public:
  /// `rows` are to `target`. All outlive it. Errors: RESOURCE_EXHAUSTED from `budget`.
  static absl::StatusOr<std::unique_ptr<ChildColumns>> Create(const BoundChildColumn& child,
                                                              const LinkRows& rows,
                                                              const Table& target,
                                                              MemoryBudget& budget);

  /// Of no rows: layout and dictionary.
  ColumnFacts facts() const;
  /// Of the rows of a chunk. Errors: as Create.
  absl::StatusOr<std::shared_ptr<const Column>> Compute(uint32_t chunk, uint32_t num_rows);

 private:
  ChildColumns(const BoundChildColumn& child, const LinkRows& rows, const Table& target,
               MemoryBudget& budget)
      : child_(child), rows_(rows), target_(target), budget_(budget) {}

  template <typename Visit>
  void ForEachLinked(uint32_t number, Visit visit);
  const Column* ColumnOf(uint32_t number, uint32_t& row);
  template <typename T, typename Read, typename Less>
  bool Find(uint32_t number, Read read, Less less, T& found);
  int64_t Count(uint32_t number);
  template <typename Builder, typename T, typename Read, typename Less>
  absl::Status AppendExtremes(uint32_t first, uint32_t num_rows, Read read, Less less,
                              Builder& builder);
  absl::StatusOr<std::shared_ptr<const Column>> ComputeCodes(uint32_t first, uint32_t num_rows);

  const BoundChildColumn& child_;
  const LinkRows& rows_;
  const Table& target_;
  MemoryBudget& budget_;
  std::unique_ptr<LinkedRows> filtered_;  // null: every linked row counts
  const uint64_t* kept_ = nullptr;        // of filtered_
  uint32_t begin_ = 0;                    // numbers of the rows of current_
  uint32_t end_ = 0;
  const Column* current_ = nullptr;
};

}  // namespace sextant
