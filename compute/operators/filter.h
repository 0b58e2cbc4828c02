#pragma once

#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "compute/operators/predicate_step.h"

namespace sextant {

/// Keeps the rows of a chunk for which a predicate is TRUE (SQL: NULL counts as FALSE). Moves no
/// values: only the selection shrinks. Const after construction; safe for any number of threads,
/// each with its own FilterScratch.
class Filter {
 public:
  /// Without a predicate every row stays. Errors: RESOURCE_EXHAUSTED from `budget`.
  static absl::StatusOr<Filter> Create(const std::optional<BoundPredicate>& predicate,
                                       const Table& table, MemoryBudget& budget);

  absl::StatusOr<FilterScratch> MakeScratch(MemoryBudget& budget) const;
  /// Whether zone maps prove that no row of `chunk` passes.
  bool Skips(const Chunk& chunk) const;
  /// Clears the bits of rows that bounds of blocks prove not to pass: some of what Narrow clears,
  /// in about a microsecond.
  void RuleOut(const Chunk& chunk, Selection selection) const;
  void Narrow(const Chunk& chunk, Selection selection, FilterScratch& scratch) const;
  /// Which part of the chunk's rows statistics lead to expect, [0, 1].
  double EstimateKept(const Chunk& chunk) const;
  /// Entries of the scratch's profile; 0 without a predicate.
  size_t num_conditions() const { return root_ == nullptr ? 0 : root_->num_conditions(); }

 private:
  explicit Filter(std::unique_ptr<const PredicateStep> root) : root_(std::move(root)) {}

  std::unique_ptr<const PredicateStep> root_;  // null: every row stays
};

}  // namespace sextant
