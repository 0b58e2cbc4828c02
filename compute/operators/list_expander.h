#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "compute/operators/value_coder.h"

namespace sextant {

/// A group axis over the elements of a list column.
struct ListAxis {
  uint32_t axis = 0;  // among all axes of the query
  ColumnIndex column = 0;
  const ValueCoder* coder = nullptr;
};

/// Memory of one expansion at a time. Grows to the longest list met.
struct ListScratch {
  explicit ListScratch(MemoryBudget& budget)
      : positions(budget), rows(budget), codes(budget), distinct(budget) {}

  TrackedVector<uint32_t> positions;
  TrackedVector<uint32_t> rows;      // of the batch handed on
  TrackedVector<uint32_t> codes;     // of the batch handed on: kBatchRows per list axis
  TrackedVector<uint32_t> distinct;  // the row's distinct codes, one list axis after another
  struct Reel {                      // of one list axis, within `distinct`
    size_t begin = 0;
    size_t end = 0;
    size_t at = 0;
  };
  std::vector<Reel> reels;
};

/// Puts a row in every combination of the distinct elements of its lists: each element once,
/// however often a list repeats it; a NULL or empty list gives nothing, a NULL element is a value.
/// Const after construction; each thread has its own scratch.
class ListExpander {
 public:
  /// Gets rows, at most kBatchRows, some repeated, and for list axis i the codes[i] of each.
  using Sink = absl::FunctionRef<absl::Status(std::span<const uint32_t> rows,
                                              std::span<const uint32_t* const> codes)>;

  explicit ListExpander(std::vector<ListAxis> axes) : axes_(std::move(axes)) {}

  bool is_needed() const { return !axes_.empty(); }
  const std::vector<ListAxis>& axes() const { return axes_; }

  /// Errors: RESOURCE_EXHAUSTED, or what `sink` returns.
  absl::Status Expand(const Chunk& chunk, std::span<const uint32_t> rows,
                      std::span<CodedValues> values, ListScratch& scratch, Sink sink) const;

 private:
  /// Fills the reels with the distinct codes of `row`; one is empty when the row has no
  /// combination.
  absl::Status LoadReels(const Chunk& chunk, uint32_t row, std::span<CodedValues> values,
                         ListScratch& scratch) const;

  const std::vector<ListAxis> axes_;
};

}  // namespace sextant
