#pragma once

#include <cstddef>
#include <span>

#include "absl/status/statusor.h"
#include "compute/operators/clip_cuts.h"
#include "compute/operators/numbered_rows.h"
#include "compute/operators/sample_pin.h"
#include "compute/operators/value_reader.h"

namespace sextant {

/// What clips the samples of a pass: the plan of its query, the cuts that were found for it, and
/// the these are of. Only the cuts
/// must outlive what is made from them.
struct PassClips {
  const ClipPlan& plan;
  const ClipCuts& cuts;
  const ResolvedSeries& tiles;
};

/// Leaves out the samples of a lane that are outside of the cuts of their group and tile; of a list
/// of times, in any of their tiles (rule 20). Const after construction; safe for any number of
/// threads, each with its own scratch.
class SampleClip {
 public:
  /// `number`: of the plan's. Errors: those of SamplePin::Create and ValueReader::Create.
  static absl::StatusOr<SampleClip> Create(const PassClips& clips, size_t number,
                                           const SamplePin::Context& context, MemoryBudget& budget);

  /// Those of `samples` that are kept, in `room`: rows and their cells, whose groups among the cuts
  /// are group_of_cell. Errors: those of SamplePin::Expand.
  absl::StatusOr<RowsAndNumbers> Keep(const Chunk& chunk, const RowsAndNumbers& samples,
                                      std::span<const uint32_t> group_of_cell, PinScratch& scratch,
                                      KeptRows& room) const;

 private:
  SampleClip(const ClipCuts& cuts, size_t number, ValueReader value, SamplePin tiles)
      : cuts_(&cuts), number_(number), value_(std::move(value)), tiles_(std::move(tiles)) {}

  const ClipCuts* cuts_;
  size_t number_;
  ValueReader value_;
  SamplePin tiles_;
};

}  // namespace sextant
