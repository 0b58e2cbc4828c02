#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/exec/query_context.h"
#include "compute/exec/slot_walk.h"
#include "compute/operators/group_aggregate.h"

namespace sextant {

/// The cells of one grouping in one dataset, all ranges merged, that have a sample: of some all
/// values were NULL. They are read in one of two ways. Where codes make a table that is well
/// filled, it is walked in the order of the ranks of its codes (SlotWalk). Else each cell is
/// decoded, and they are sorted (CellSort).
class CellSource {
 public:
  /// `may_be_walked`: no other dataset has cells of the same grouping. Errors: those of the
  /// context, RESOURCE_EXHAUSTED, here and in all that follow.
  static absl::StatusOr<CellSource> Create(QueryContext& context, const GroupAggregate& groups,
                                           const GroupAggregate::State& state, bool may_be_walked);

  size_t num_cells() const { return num_cells_; }
  bool is_walked() const { return is_walked_; }
  const GroupAggregate::State& state() const { return *state_; }
  std::span<const AxisCoder> coders() const { return groups_->axes().coders(); }
  /// The axes that cells have codes of.
  std::span<const uint32_t> shown() const { return groups_->axes().shown(); }

  /// Marks the codes that the cells have: used[i][code] of axis shown()[i].
  absl::Status MarkUsed(QueryContext& context, std::span<uint8_t* const> used) const;

  /// Where it is walked.
  CellSlots slots() const;
  // Unless it is, of cell number `at` of those with a sample.
  uint32_t Id(size_t at) const { return ids_.empty() ? static_cast<uint32_t>(at) : ids_[at]; }
  std::span<const uint32_t> codes(size_t shown_axis) const { return codes_[shown_axis].span(); }
  std::span<const uint32_t> intervals() const { return intervals_.span(); }

 private:
  CellSource(QueryContext& context, const GroupAggregate& groups,
             const GroupAggregate::State& state);

  absl::Status FindSamples(QueryContext& context);
  absl::Status PrepareWalk(QueryContext& context);
  absl::Status Decode(QueryContext& context);

  const GroupAggregate* groups_;
  const GroupAggregate::State* state_;
  size_t num_cells_ = 0;
  bool is_walked_ = false;
  TrackedVector<uint32_t> ids_;    // empty: all cells have a sample, or none
  TrackedVector<uint32_t> slots_;  // walked, where the state has no table of those with a sample
  std::vector<TrackedVector<uint32_t>> codes_;  // per shown axis
  TrackedVector<uint32_t> intervals_;
};

}  // namespace sextant
