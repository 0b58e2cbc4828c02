#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/kernels/selection.h"
#include "compute/operators/aggregate.h"
#include "compute/operators/aggregate_lanes.h"
#include "compute/operators/axis_codes.h"
#include "compute/operators/cell_index.h"
#include "compute/operators/cell_partition.h"
#include "compute/operators/sample_log.h"
#include "compute/operators/shared_work.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// Puts the selected rows into cells (group, series, interval) and aggregates every metric in one
/// pass. Metrics that share their pin and their filter share the cells of a row.
///
/// Const after construction; safe for any number of threads, each with the State of its range.
/// States are merged in the order of their ranges. Must not outlive the table it was made for.
class GroupAggregate {
 public:
  /// What is known of the cells of one range (or of several, merged).
  struct State {
    /// Of no cells yet.
    State(const GroupAggregate& plan, MemoryBudget& budget);

    MemoryBudget& budget;
    CellIndex cells;  // codes of the axes that the grouping shows
    AxisCodes::State axes;
    std::vector<std::unique_ptr<AggregateState>> metrics;  // per aggregate of the dataset
    AggregateLanes::State lanes;
    uint64_t excluded = 0;
    uint32_t num_named = 0;               // of the cells, whose intervals the metrics know
    TrackedVector<uint32_t> clip_groups;  // of each cell met so far, where samples are clipped
    bool takes_selections = false;        // see TakesSelections
    bool takes_chunks = false;            // see TakesChunks
    /// Of MakeLog: of the range or, merged, of each range in their order. Then `cells` and
    /// `metrics` stay empty.
    std::vector<std::unique_ptr<SampleLog>> logs;
  };
  /// What of a query is computed: a grouping over the rows of one of its datasets. `num_rows`: rows
  /// in scope, a bound on the samples of a cell. `series` as resolved.
  struct Plan {
    const BoundQuery& query;
    size_t dataset;
    const Table& table;
    uint64_t num_rows;
    std::span<const ResolvedSeries> series;
    Grouping grouping = {};
    uint64_t least_binned_rows = kLeastBinnedRows;
    /// Per axis of the dataset, of its column or null; the same in every plan of a query. Or none.
    std::span<const TextRanks* const> ranks = {};
    const PassClips* clips = nullptr;  // of the grouping, where samples are clipped
  };

  /// Tables of intervals and sets are charged to `budget`. Errors: RESOURCE_EXHAUSTED, here and in
  /// all that follow.
  static absl::StatusOr<std::unique_ptr<const GroupAggregate>> Create(const Plan& plan,
                                                                      MemoryBudget& budget);

  absl::StatusOr<std::unique_ptr<State>> MakeState(MemoryBudget& budget) const;
  /// `first_ordinal` is of the chunk's row 0. `check` is asked now and then whether to go on.
  absl::Status Consume(State& state, const Chunk& chunk, uint64_t first_ordinal,
                       Selection selection, const std::function<absl::Status()>& check) const;
  /// No more rows come: does what can be done before the merge, on the thread of the range.
  absl::Status Seal(State& state, const std::function<absl::Status()>& check) const;
  /// Adds `next`, the state of a later range, to `state`; it is spent afterwards. `check` as in
  /// Consume.
  absl::Status Merge(State& state, State& next, const std::function<absl::Status()>& check) const;

  /// Whether AddReused must be called, once, after the last Merge.
  bool reuses_samples() const { return !lanes_.reused().empty(); }
  /// Adds what is made of the samples that the cuts were found of. `check` as in Consume.
  absl::Status AddReused(State& state, const KeptSamples& kept,
                         const std::function<absl::Status()>& check) const;

  /// Whether zone maps show that no row of the chunk gives a sample: all are outside of the range
  /// of time. Consume of them would do nothing.
  bool Skips(const Chunk& chunk) const { return lanes_.Skips(chunk); }
  /// Clears the bits of rows of which bounds of blocks show that.
  void RuleOut(const Chunk& chunk, Selection selection) const { lanes_.RuleOut(chunk, selection); }
  /// Whether one State may have the rows of several ranges, whatever their order: all sums are
  /// exact. REQUIRES of who does it: no Seal before the last of them.
  bool is_order_free() const;

  /// Of the plan's query and dataset.
  SharedWork shared_work(const BoundQuery& query, size_t dataset) const {
    return CountSharedWork(query, dataset, lanes_, leaders_);
  }

  const AxisCodes& axes() const { return axes_; }
  const CellShape& shape() const { return shape_; }

  /// Whether samples may be logged: a row has the same cells for all aggregates, and what the codes
  /// stand for is the same in every range and fits in the bits of a key.
  bool may_log() const;
  /// For SampleLogPlan; null where rows must be read again. Must not outlive this.
  std::unique_ptr<SampleCarrier> MakeCarrier() const;
  /// A state that only writes samples down. `plan` must outlive it. REQUIRES: may_log().
  absl::StatusOr<std::unique_ptr<State>> MakeLog(const SampleLogPlan& plan,
                                                 MemoryBudget& budget) const;
  /// The cells of a bin of merged logs. Thread-safe for different bins.
  absl::StatusOr<CellPartition> MakePartition(const State& logged, uint32_t bin,
                                              MemoryBudget& budget,
                                              const std::function<absl::Status()>& check) const;

 private:
  using Check = std::function<absl::Status()>;
  /// A chunk at hand, and whether to go on with it.
  struct ChunkRows {
    const Chunk& chunk;
    uint64_t first_ordinal;  // of the chunk's row 0
    const Check& check;
  };

  GroupAggregate(const Plan& plan, AxisCodes&& axes, AggregateLanes&& lanes);
  /// The aggregate that all others are finished from.
  std::optional<size_t> OnlyLeader() const;
  /// A state of `cells`.
  absl::StatusOr<std::unique_ptr<State>> MakeStateOf(const CellShape& cells,
                                                     MemoryBudget& budget) const;

  /// Makes room in the metrics for all cells.
  absl::Status ResizeMetrics(State& state) const;
  /// Tells the metrics that need it the intervals of the cells that have come since the last call.
  void NameIntervals(State& state) const;

  /// Writes the cell of `state` for each cell of `next`.
  absl::Status MapCells(State& state, const State& next, std::span<uint32_t> cell_map,
                        const std::function<absl::Status()>& check) const;
  /// The same for at most kBatchRows, from `first` on; `remaps` per shown axis.
  absl::Status MapBatch(State& state, const State& next, uint32_t first,
                        std::span<const TrackedVector<uint32_t>> remaps,
                        std::span<uint32_t> cells) const;
  /// Whether `state` has but one cell, in which every selected row is once, and all of its metrics
  /// take selections as they are.
  bool TakesSelections(const State& state) const;
  /// Whether codes are cells, in which every selected row is once, for one aggregate and its views.
  bool TakesChunks(const State& state) const;
  /// Adds all rows of a chunk at once, where its codes are bytes; else returns false.
  bool AddChunk(State& state, const Chunk& chunk, Selection selection) const;
  absl::Status ConsumeRows(State& state, const ChunkRows& at, std::span<const uint32_t> rows) const;
  absl::Status AggregateRows(State& state, const ChunkRows& at, std::span<const uint32_t> rows,
                             std::span<const uint32_t* const> codes) const;
  /// `batch` has the group of each row.
  absl::Status AggregatePinned(State& state, const ChunkRows& at, size_t pin,
                               const RowsAndNumbers& batch) const;
  /// Finds the cells of a pin's samples, and updates its aggregates; `intervals` has one per row.
  absl::Status Update(State& state, const ChunkRows& at, size_t pin, const RowsAndNumbers& samples,
                      const uint32_t* intervals) const;
  /// Updates the aggregates of a pin with samples and their cells.
  absl::Status UpdateCells(State& state, const ChunkRows& at, size_t pin,
                           const RowsAndNumbers& all) const;

  /// Cells of kept samples and, while one series is at hand, what they are added to.
  struct ReusedCells {
    std::vector<uint32_t> cells;    // that have samples, at most kBatchRows
    std::vector<uint32_t> atoms;    // of each
    std::vector<uint32_t> groups;   // of each, in the state
    std::vector<uint32_t> targets;  // of each, in the state, or kNoCell
  };
  /// Makes `batch` the next cells from `first` on, which is moved.
  absl::Status TakeReusedCells(State& state, const KeptSamples& kept, uint32_t& first,
                               ReusedCells& batch) const;
  /// Finds batch.targets in a series.
  absl::Status FindTargets(State& state, const KeptSamples& kept, size_t series,
                           ReusedCells& batch) const;
  absl::Status AddReusedLane(State& state, const KeptSamples& kept, const ReusedLane& lane,
                             const ReusedCells& batch) const;

  /// Finds the groups of the cells that have come since the last call.
  absl::Status FindClipGroups(State& state) const;

  CellShape shape_;
  AxisCodes axes_;
  std::vector<std::unique_ptr<Aggregate>> aggregates_;
  std::vector<uint32_t> leaders_;  // of each aggregate: whose state has its samples
  AggregateLanes lanes_;
  const ClipCuts* cuts_ = nullptr;  // where samples are clipped
  bool needs_intervals_ = false;    // one of the aggregates does
  uint32_t num_series_ = 0;
  size_t num_metrics_ = 0;
  uint64_t max_values_ = 0;
};

/// RESOURCE_EXHAUSTED with ErrorDetail TOO_MANY_CELLS when cells x metrics exceed the limit.
absl::Status CheckNumValues(uint64_t num_cells, size_t num_metrics, uint64_t max_values);

}  // namespace sextant
