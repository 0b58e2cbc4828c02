#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/statusor.h"
#include "compute/exec/finished_result.h"
#include "compute/exec/partitioned_groups.h"
#include "compute/exec/pass_plan.h"
#include "compute/exec/query_context.h"
#include "compute/exec/rank_choice.h"
#include "compute/exec/result.h"
#include "compute/exec/result_builder.h"
#include "compute/exec/result_rows.h"
#include "compute/operators/clip_cuts.h"
#include "compute/operators/filter.h"
#include "compute/operators/group_aggregate.h"
#include "compute/operators/scan.h"
#include "compute/operators/time_bounds.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/clip_atoms.h"

namespace sextant {

/// One query from bound to finished, cut into work that threads can share: phases, a phase in
/// ranges of 2^20 rows of one dataset after another, a range in morsels. When the query names no
/// range of time, a phase finds it; when it asks for the top groups, the next one ranks them; the
/// last one computes the cells, others and totals. Where there are likely to be about as many cells
/// as rows, it only writes samples down, and one more phase, whose ranges are of keys of cells,
/// makes the rows of the result (PartitionedGroups).
///
///   Prepare();
///   do { for each range, in any order and on any thread: StartRange, Step.., FinishRange }
///   while (FinishPhase());
///   MakeResult();
///
/// Ranges are merged in their order whatever the order they finish in (rule 4), but where no
/// aggregate depends on it: then ranges are of 2^17 rows, and one goes on with the state of one
/// that is finished.
/// Thread-safety: StartRange, Step and FinishRange may run on several threads at once, on different
/// ranges; the others on one, while none of those runs. The context must outlive it and its result.
class QueryRun {
 public:
  /// Answers are the same. Others than kByEstimate are for tests; kWherePossible deals samples into
  /// bins, too.
  enum class Partitioning { kByEstimate, kWherePossible, kNever };

  /// `query` must outlive it. `scopes` has one per dataset of the query. `range_rows` as in Scan.
  QueryRun(QueryContext& context, const BoundQuery& query, std::vector<TenantScope> scopes,
           uint64_t range_rows = kRangeRows, Partitioning partitioning = Partitioning::kByEstimate);

  using PassStates = absl::InlinedVector<std::unique_ptr<GroupAggregate::State>, 1>;

  /// What the filter left of the morsels of a range, one after another, for the phases after the
  /// first. Empty: the filter runs again.
  struct KeptSelections {
    Buffer words;
    size_t num_used = 0;  // words written or read so far
  };

  /// The state of one range.
  struct Range {
    uint32_t index = 0;
    size_t dataset = 0;
    uint32_t index_in_dataset = 0;
    size_t num_morsels_begun = 0;
    size_t morsel = 0;  // at hand
    Buffer selection;
    FilterScratch filter;
    KeptSelections kept;
    bool is_kept = false;                     // `kept` is of an earlier phase
    std::optional<TimeBounds::State> bounds;  // of the first phase
    PassStates passes;
    ResultSummary counts;
    FilterProfile conditions;  // when the query is explained
    double rows_expected = 0;  // likewise: of the filter
  };

  /// What was done before: values that could not be computed, and the time it took.
  void AddBefore(uint64_t excluded, int64_t run_us) {
    counts_.excluded += excluded;
    before_us_ += run_us;
  }

  absl::Status Prepare();
  /// Of the phase.
  uint32_t num_ranges() const {
    if (phase_ == Phase::kParts) return num_parts_;
    return phase_ == Phase::kPartitions ? partitioned_->num_partitions() : num_ranges_;
  }
  absl::StatusOr<std::unique_ptr<Range>> StartRange(uint32_t index);
  /// Runs one morsel; returns whether there are more.
  absl::StatusOr<bool> Step(Range& range) const;
  absl::Status FinishRange(std::unique_ptr<Range> range);
  /// Whether another phase follows.
  absl::StatusOr<bool> FinishPhase();
  /// `keep_alive` lives as long as the result.
  absl::StatusOr<std::unique_ptr<FinishedResult>> MakeResult(std::shared_ptr<void> keep_alive,
                                                             int64_t queued_us);

  /// Those for which indexes have come to be wanted (OrderDemand::TakeNews).
  std::vector<std::shared_ptr<const Table>> TakeTablesInDemand() const;

 private:
  enum class Phase { kBounds, kCuts, kRank, kGroups, kPartitions, kParts };
  /// Of the merged states, those that are finished in parts.
  struct PartedState {
    AggregateState* state = nullptr;
    uint32_t num_parts = 0;
  };

  /// A pass of the phase that finds cuts, while what it keeps is used.
  struct KeptPass {
    std::unique_ptr<const GroupAggregate> groups;
    std::unique_ptr<GroupAggregate::State> state;
    std::vector<std::unique_ptr<SampleKeys>> keys;

    void Clear() {
      keys.clear();
      state.reset();
      groups.reset();
    }
  };

  /// What is read of one dataset.
  struct Source {
    Source(TenantScope scope, uint64_t range_rows) : scan(std::move(scope), range_rows) {}

    Scan scan;
    uint32_t first_range = 0;
    std::optional<Filter> filter;
    AxisTextRanks ranks;
    std::optional<TimeBounds> bounds;                // of the first phase
    std::optional<TimeBounds::State> merged_bounds;  // likewise, of the thread that merges
    // Of the phase, per pass.
    absl::InlinedVector<std::unique_ptr<const GroupAggregate>, 1> groups;
    // Of the thread that merges: the states of the first range, to which later ones are added.
    PassStates merged;
    // Of the phase: whether a range goes on with the states of another one that is finished, so
    // that there are no more of them than threads.
    bool reuses_states = false;
    std::vector<PassStates> idle;  // then: of no range at hand; guarded by mutex_
    double rows_expected = 0;      // of the phase, of the filter, when the query is explained
    // Per pass of the phase at hand, or of the one that follows kCuts.
    std::vector<std::unique_ptr<const ClipCuts>> cuts;
    std::vector<KeptPass> kept;  // likewise: what `cuts` were found of
  };

  /// Takes over what an earlier phase kept, or makes room to keep it for the next.
  void PrepareToKeep(Range& range) const;
  /// Leaves of `selection` what passes the filter.
  void Narrow(Range& range, const Chunk& chunk, Selection selection) const;
  /// Where, among all words that are kept of the range, those of the morsel at hand are.
  size_t TakeKeptWords(Range& range, size_t num_kept, size_t num_words) const;
  /// Which of the range's morsels is next.
  size_t NextMorsel(Range& range, size_t num_morsels) const;
  absl::StatusOr<bool> FinishBounds();
  /// Resolves the series; then the phase that ranks or that groups.
  absl::Status BeginPasses(int64_t from_us, int64_t to_us);
  absl::Status BeginRank(int64_t from_us, int64_t to_us);
  absl::Status FinishRank();
  absl::Status BeginGroups();
  /// The tiles of the samples of [from_us, to_us), where samples are clipped.
  absl::Status FindTiles(int64_t from_us, int64_t to_us);
  /// Widens [from_us, to_us) to what stands for intervals.
  absl::Status WidenToFrames(int64_t& from_us, int64_t& to_us) const;
  /// Widens [from_us, to_us) to the times of lists, each of which has a tile.
  absl::Status WidenToLists(int64_t& from_us, int64_t& to_us) const;
  /// Narrows it to the times of the rows that have a sample in it, whose tiles alone have cuts.
  absl::Status NarrowToSamples(int64_t& from_us, int64_t& to_us) const;
  /// Widens `bounds` to all times of the rows that have a sample of a clip in `range`.
  absl::Status BoundSamples(const ClipPlan::Entry& entry, ResolvedInterval range,
                            std::optional<SamplePin::Bounds>& bounds) const;
  /// The phase that finds the cuts of the passes of `next`, which follows it.
  absl::Status BeginCuts(Phase next);
  /// More of them are not made of tiles: these stay whole.
  size_t MaxAtoms() const;
  absl::Status FinishCuts();
  /// Finds the cuts of one pass.
  absl::Status KeepPass(size_t dataset, size_t pass);
  /// Adds to the merged states what is made of the samples that cuts were found of; these are gone
  /// afterwards.
  absl::Status AddReused();
  absl::Status AddRankPass();
  absl::Status AddGroupPasses();
  /// Forgets the passes of the phase.
  void DropPasses();
  /// Decides how cells are found, where there is more than one way.
  absl::Status ChoosePartitions();
  /// What the first rows in the middle of the scope have.
  absl::StatusOr<GroupedSample> GroupSample();
  uint64_t LeastBinnedRows() const;
  absl::Status AddPass(const PlannedPass& pass, std::span<const ResolvedSeries> series);
  /// Decides where states are reused, and cuts ranges accordingly.
  void ChooseReuse();
  /// Whether ranges may be shorter than those of rule 4.
  bool MayCutFiner() const;
  /// Cuts the scopes into ranges of so many rows. What an earlier phase kept by range is lost where
  /// they were others.
  void Cut(uint64_t rows);
  /// The states of a range of the dataset, maybe with samples of others.
  absl::StatusOr<PassStates> TakeStates(Source& source);
  /// Merges the states that were reused.
  absl::Status MergeIdle();
  absl::Status SealPasses(const Source& source, PassStates& passes) const;
  /// Adds those of the next range, or takes them over.
  absl::Status AddStates(Source& source, PassStates& next) const;
  void NoteConditions(const Range& range);
  void AddCounts(const ResultSummary& counts);
  /// Finds the states that are finished in parts; returns whether there are any.
  absl::StatusOr<bool> BeginParts();
  absl::Status FinishPart(uint32_t part) const;
  /// The states of datasets of which no row is in scope.
  absl::Status MakeMissingStates();
  absl::Status Merge(Range& next);
  /// The range that is merged next, where it is finished.
  std::unique_ptr<Range> TakeNextToMerge();
  absl::Status MergePasses(Range& next);
  /// Whether rows outside of the range of time are left out before the filter runs.
  bool RulesOut(const Range& range) const;
  /// Whether no row of the chunk can give a sample, whatever the filter says.
  bool IsOutOfRange(const Range& range, const Chunk& chunk) const;
  absl::Status ConsumePasses(Range& range, const Morsel& morsel, Selection selection) const;
  StepProfile::Phase ProfiledPhase() const;
  /// Of the pass that was added last.
  void NoteSharedWork(size_t dataset) const;
  /// Adds a step of this phase to the profile, when the query is explained.
  void Note(StepProfile::Kind kind, size_t dataset, size_t index,
            const ConditionProfile& what) const;
  /// How many cells passes have, and were expected to have, and what became of them.
  void NoteCells(const ResultBuilder& builder, uint64_t num_rows, int64_t time_ns) const;
  double ExpectedCells(const Source& source, size_t pass) const;
  absl::InlinedVector<FinishedPass, 1> FinishedPasses() const;

  QueryContext& context_;
  const BoundQuery& query_;
  const Partitioning partitioning_;
  const uint64_t range_rows_;    // of rule 4
  uint64_t cut_rows_;            // of the ranges at hand
  std::vector<Source> sources_;  // per dataset
  uint32_t num_ranges_ = 0;
  std::vector<PartedState> parted_;  // of the last phase
  uint32_t num_parts_ = 0;
  int64_t before_us_ = 0;
  int64_t start_us_ = 0;  // of Prepare: what came before is the queue's
  Phase phase_ = Phase::kGroups;
  absl::InlinedVector<PlannedPass, 1> passes_;  // of the phase
  std::vector<ResolvedSeries> series_;
  std::vector<ResolvedSeries> compared_series_;  // where the query compares
  InstantRange range_;
  std::vector<ResolvedSeries> rank_series_;
  std::vector<KeptTuples> kept_;                    // per dataset, with top-N
  std::optional<ClipPlan> clips_;                   // where samples are clipped
  ResolvedSeries tiles_;                            // then
  ClipAtoms atoms_;                                 // then: of the passes at hand
  Phase after_cuts_ = Phase::kGroups;               // then
  std::unique_ptr<PartitionedGroups> partitioned_;  // null: cells are found row by row

  std::mutex mutex_;
  std::map<uint32_t, std::unique_ptr<Range>> waiting_;  // guarded by mutex_: finished, not merged
  uint32_t next_to_merge_ = 0;                          // guarded by mutex_
  bool is_merging_ = false;                             // guarded by mutex_
  /// By range; written where a range is finished, read where the next phase starts it.
  absl::InlinedVector<KeptSelections, 1> kept_selections_;
  ResultSummary counts_;  // of the thread that merges
};

}  // namespace sextant
