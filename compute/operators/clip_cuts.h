#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/memory/keep_going.h"
#include "compute/operators/axis_coder.h"
#include "compute/operators/cell_index.h"
#include "compute/operators/interner.h"
#include "compute/operators/sample_keys.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/clip_atoms.h"

namespace sextant {

/// The distinct clips of the aggregates of a query, and the query that finds their cuts: it keeps
/// the samples of each in cells (group, atom).
struct ClipPlan {
  /// Samples that cuts are found of: those of `value`, of rows that pass `filter`.
  struct Samples {
    size_t dataset = 0;
    BoundPin pin;
    BoundValue value;
    std::optional<BoundPredicate> filter;
    uint32_t own = 0;  // their number among those of the dataset
  };
  std::vector<Samples> samples;
  /// A clip of them.
  struct Entry {
    size_t samples = 0;
    BoundClip clip;
  };
  std::vector<Entry> clips;
  /// Of the same datasets and axes; aggregate i keeps samples i.
  BoundQuery query;

  std::map<std::string, size_t> number_of_text;  // of dataset, pin and clip

  /// The number of the clip of `aggregate`, one of `dataset`. REQUIRES: it has one, of the query.
  size_t ClipOf(size_t dataset, const BoundAggregate& aggregate) const;
  const Samples& SamplesOf(const Entry& clip) const { return samples[clip.samples]; }
};

/// std::nullopt where no aggregate is clipped. Errors: those of AskToGoOn, which is asked in
/// between.
absl::StatusOr<std::optional<ClipPlan>> PlanClips(const BoundQuery& query);

/// The cuts of one dataset under one grouping: what a value of a group must lie within to be kept,
/// tile by tile. Values are keys as ValueReader::ReadKeys has them. Const after construction; safe
/// for any number of threads.
class ClipCuts {
 public:
  struct Cut {
    int64_t low = 1;
    int64_t high = 0;  // of a tile without samples: nothing is kept
  };
  /// The finished pass of a ClipPlan's query over one dataset.
  struct Pass {
    const CellIndex& cells;  // (group, atom)
    const ClipAtoms& atoms;
    size_t num_axes = 0;                                // that the grouping shows
    std::span<const std::unique_ptr<SampleKeys>> keys;  // of the samples of the dataset
    std::vector<AxisState>& axes;                       // of all axes; taken over
  };
  /// States that begin with the values of the axes of the pass (SeedState) have the same codes.
  /// Errors: RESOURCE_EXHAUSTED, those of `keep_going`.
  static absl::StatusOr<ClipCuts> Create(const ClipPlan& plan, size_t dataset, const Pass& pass,
                                         MemoryBudget& budget, KeepGoing keep_going);

  /// Gives the state of a range the values of axis number `axis`. REQUIRES: it has none.
  absl::Status SeedState(const AxisCoder& coder, size_t axis, AxisState& state,
                         MemoryBudget& budget) const;
  /// The group of a tuple of codes on the axes that the grouping shows: of one without samples
  /// another one, where nothing is kept.
  uint32_t FindGroup(std::span<const uint32_t> codes) const;
  /// A place, below 2^32, of a group and a tile; num_places() - 1 is that of all without samples,
  /// where nothing is kept.
  uint32_t num_places() const { return num_places_; }
  uint32_t PlaceOf(uint32_t group, uint32_t tile) const {
    const Slice& slice = slices_[group];
    const uint32_t in_slice = tile - slice.first_tile;
    return in_slice < slice.num_tiles ? static_cast<uint32_t>(slice.begin) + in_slice
                                      : num_places_ - 1;
  }
  /// The place of a cell of the pass; num_places() - 1 of one without samples.
  uint32_t PlaceOfCell(uint32_t cell) const { return place_of_cell_[cell]; }
  /// The cuts of a clip: that of place p is at stride() * p.
  const Cut* CutsOf(size_t clip) const { return cuts_.data() + own_[clip]; }
  size_t stride() const { return num_clips_; }

 private:
  static constexpr uint32_t kNoGroup = 0xFFFFFFFF;
  /// The tiles of a group, from its first to its last.
  struct Slice {
    uint64_t begin = 0;
    uint32_t first_tile = 0;
    uint32_t num_tiles = 0;
  };

  explicit ClipCuts(MemoryBudget& budget)
      : budget_(&budget), slices_(budget), cuts_(budget), place_of_cell_(budget) {}
  /// Where a cell of the pass is.
  struct Place {
    uint32_t group = kNoGroup;
    uint32_t tile = 0;
  };
  absl::Status FindPlaces(const Pass& pass, std::span<Place> places, KeepGoing keep_going);
  absl::Status MakeRoom(KeepGoing keep_going);
  /// Writes the cuts of all clips.
  absl::Status Fill(const ClipPlan& plan, size_t dataset, const Pass& pass, KeepGoing keep_going);
  /// Of the samples of `cells` together; leaves `cut` where there are none.
  static absl::Status FindCut(const BoundClip& clip, std::span<const uint32_t> cells,
                              SampleKeys& keys, Cut& cut, KeepGoing keep_going);
  /// The cells of each place: those of place p are cells[first_cells[p] .. first_cells[p + 1]).
  struct CellsOfPlaces {
    TrackedVector<uint32_t> first_cells;
    TrackedVector<uint32_t> cells;
  };
  absl::Status ListCells(CellsOfPlaces& list, KeepGoing keep_going) const;

  MemoryBudget* budget_;
  std::vector<AxisState> axes_;
  std::vector<Interner<uint64_t>> prefixes_;  // per shown axis: (prefix so far, code)
  TrackedVector<Slice> slices_;               // per group, and of the one without samples
  uint32_t num_places_ = 0;
  TrackedVector<Cut> cuts_;    // per place, per clip of the dataset
  std::vector<uint32_t> own_;  // per clip of the plan: its number here
  size_t num_clips_ = 0;       // of the dataset
  TrackedVector<uint32_t> place_of_cell_;
};

}  // namespace sextant
