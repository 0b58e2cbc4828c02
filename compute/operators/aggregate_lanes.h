#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/statusor.h"
#include "compute/operators/excluded_samples.h"
#include "compute/operators/filter.h"
#include "compute/operators/morsel.h"
#include "compute/operators/numbered_rows.h"
#include "compute/operators/reused_samples.h"
#include "compute/operators/sample_clip.h"
#include "compute/operators/sample_pin.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// Aggregates that share what makes rows samples: the pin and the metric's own filter. There may be
/// none, of rows that are only counted as left out.
struct AggregateLane {
  /// Of AggregateLanes::filters(): rows that fail it give no sample, and exclude none.
  std::optional<size_t> filter;
  /// An earlier lane of the pin that has the filter of this one.
  std::optional<size_t> same_rows_as;
  absl::InlinedVector<uint32_t, 4> aggregates;  // positions among those of the dataset
  uint64_t num_uses = 0;                        // of these, by metrics
  std::unique_ptr<const SampleClip> clip;       // leaves some of their samples out
  /// Of these, where values may not be computable; and of aggregates of other lanes, which leave
  /// these rows out because of their values.
  std::vector<ExcludedSamples> excluding;

  bool takes_all() const { return !filter; }
  /// Its rows give no sample.
  bool only_counts() const { return aggregates.empty(); }
};

/// Lanes that share a pin, so that a row has the same cells in each.
struct PinnedLanes {
  PinnedLanes(const BoundPin& bound, const absl::TimeZone& zone) : pin(bound, zone) {}

  SamplePin pin;
  std::optional<Filter> within;      // pin.within(), compiled
  std::optional<SampleTiles> tiles;  // of the samples of lanes that have a clip
  std::vector<AggregateLane> lanes;

  /// Rows of a lane give samples. Else what they would give was kept by those who found cuts.
  bool gives_samples() const;
  /// So do all rows that the pin takes, in one lane.
  bool takes_all() const;
  /// Rows of a lane give no sample.
  bool only_counts_some() const;
  /// No sample is left out because of its value.
  bool takes_all_values() const;
};

/// A filter of lanes, which is run once over the rows of all the pins that have it.
struct LaneFilter {
  Filter filter;
  std::vector<size_t> pins;  // ascending
};

/// The lanes of one dataset of a query. Const after construction; safe for any number of threads,
/// each with its own State.
class AggregateLanes {
 public:
  /// Rows of the chunk at hand, and what it takes to find them.
  struct ChosenRows {
    Selection rows;
    Buffer bitmap;
    FilterScratch filter;
  };
  /// Of one pin.
  struct PinState {
    ChosenRows within;  // rows that the pin takes
    /// Those of them that pass the filter of a lane.
    absl::InlinedVector<Selection, 1> lanes;
    absl::InlinedVector<Buffer, 1> room;   // for them
    Selection rows;                        // that give a sample to one of the lanes
    absl::InlinedVector<bool, 1> has_all;  // of each lane: whether its rows are these
    Buffer united;                         // `rows`, where every lane has a filter
  };
  /// Memory of one range.
  struct State {
    explicit State(MemoryBudget& budget) : pin(budget), clip_pin(budget) {}

    PinScratch pin;
    PinScratch clip_pin;  // within what is done with samples that came by `pin`
    absl::InlinedVector<PinState, 1> pins;
    absl::InlinedVector<ChosenRows, 1> filtered;  // rows of any pin of a filter that pass it
    Buffer united;                                // rows of all pins
  };
  /// What lanes are made of. `has_rows_outside`: rows outside of the domain of a metric have lanes
  /// too, so that they are counted.
  struct Plan {
    const BoundQuery& query;
    size_t dataset = 0;
    const Table& table;
    std::span<const ResolvedSeries> series = {};
    bool has_rows_outside = true;
    const PassClips* clips = nullptr;  // null: samples are not clipped, whatever the query says
  };
  /// Errors: RESOURCE_EXHAUSTED from `budget`, which the tables of the pins are charged to.
  static absl::StatusOr<AggregateLanes> Create(const Plan& plan, MemoryBudget& budget);

  std::span<const PinnedLanes> pins() const { return pins_; }
  std::span<const LaneFilter> filters() const { return filters_; }
  /// Aggregates that need no rows.
  std::span<const ReusedLane> reused() const { return reused_; }

  /// Whether all rows that BeginChunk returns are those of the only pin.
  bool takes_batches() const {
    return pins_.size() == 1 && pins_[0].gives_samples() && !pins_[0].only_counts_some();
  }

  absl::StatusOr<State> MakeState(MemoryBudget& budget) const;
  /// The same of `state`, a new one.
  absl::Status BeginState(State& state, MemoryBudget& budget) const;
  /// Finds the rows of a chunk, among those that the query's own filter kept, that each pin and
  /// lane takes. Returns those that any of them does; they live as long as `selection` and the
  /// state.
  Selection BeginChunk(State& state, const Chunk& chunk, Selection selection) const;
  /// Whether zone maps show that no pin takes a row of the chunk.
  bool Skips(const Chunk& chunk) const;
  /// Clears the bits of rows that bounds of blocks show that no pin takes, for next to nothing.
  void RuleOut(const Chunk& chunk, Selection selection) const;
  /// How many samples of how many aggregates are left out because the value or the pin of a row
  /// cannot be computed (rules 5, 16): once per row and use of an aggregate by a metric, whatever
  /// its groups and intervals, and whatever is found to equal another and computed once. So are
  /// those outside of a domain. A value counts where the row gives a sample. REQUIRES: BeginChunk
  /// returned the rows.
  absl::StatusOr<uint64_t> CountExcluded(State& state, const Chunk& chunk,
                                         std::span<const uint32_t> rows) const;

 private:
  AggregateLanes() = default;

  /// Of rows that the pins of a filter take, those that pass it.
  void ChooseFiltered(State& state, const Chunk& chunk, size_t filter) const;
  /// REQUIRES: those of its filter are chosen, and those of the lanes of the pin before it.
  Selection RowsOfLane(State& state, size_t pin, size_t lane) const;
  /// Finds the rows that give a sample to a lane. REQUIRES: there are such lanes.
  static void ChooseSampled(const PinnedLanes& pinned, PinState& state);
  /// The rows of all pins, and those that are only counted.
  Selection UniteAll(State& state, Selection all) const;
  /// REQUIRES: the rows of the pin and of its lanes are chosen.
  static void NoteLanesOfAll(const PinnedLanes& pinned, PinState& state);

  std::vector<PinnedLanes> pins_;
  std::vector<LaneFilter> filters_;
  std::vector<ReusedLane> reused_;
  MemoryReservation memory_;
};

/// The rows of `batch` that `selection` has, in `room`.
RowsAndNumbers KeepSelected(Selection selection, const RowsAndNumbers& batch, KeptRows& room);

}  // namespace sextant
