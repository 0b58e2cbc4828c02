#include "compute/exec/query_run.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "compute/column/bitmap.h"
#include "compute/exec/profile_stopwatch.h"
#include "compute/exec/top_tuples.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder.h"
#include "compute/plan/time_frame.h"

namespace sextant {
namespace {

/// Of the rows of any chunk.
constexpr size_t kSelectionBytes = BitmapWords(kMaxChunkRows) * sizeof(uint64_t);

template <typename Holds>
bool AnyPin(const BoundQuery& query, Holds holds) {
  return std::any_of(query.aggregates.begin(), query.aggregates.end(),
                     [&](const auto& aggregate) { return holds(aggregate.pin.kind); });
}

uint32_t NumIntervals(std::span<const ResolvedSeries> series) {
  size_t num_intervals = 0;
  for (const ResolvedSeries& one : series) num_intervals += one.intervals.size();
  return static_cast<uint32_t>(num_intervals);
}

}  // namespace

QueryRun::QueryRun(QueryContext& context, const BoundQuery& query, std::vector<TenantScope> scopes,
                   uint64_t range_rows, Partitioning partitioning)
    : context_(context),
      query_(query),
      partitioning_(partitioning),
      range_rows_(range_rows),
      cut_rows_(range_rows) {
  SEXTANT_CHECK(scopes.size() == query_.datasets.size());
  sources_.reserve(scopes.size());
  for (TenantScope& scope : scopes) {
    Source& source = sources_.emplace_back(std::move(scope), range_rows);
    source.first_range = num_ranges_;
    num_ranges_ += source.scan.num_ranges();
  }
  kept_selections_.resize(num_ranges_);
}

absl::Status QueryRun::Prepare() {
  start_us_ = context_.clock().MonotonicUs();
  SEXTANT_RETURN_IF_ERROR(context_.Check());
  const QueryScope scope(context_);
  for (size_t dataset = 0; dataset < sources_.size(); ++dataset) {
    Source& source = sources_[dataset];
    SEXTANT_ASSIGN_OR_RETURN(source.filter, Filter::Create(query_.datasets[dataset].filter,
                                                           source.scan.table(), context_.budget()));
    source.ranks = ChooseTextRanks(query_, dataset, source.scan, *source.filter);
  }
  const bool has_pin = AnyPin(query_, [](auto kind) { return kind != TimePin::Kind::kNone; });
  if ((query_.from_us && query_.to_us) || !has_pin) {
    const int64_t from_us = query_.from_us.value_or(query_.to_us.value_or(0));
    return BeginPasses(from_us, query_.to_us.value_or(from_us));
  }
  phase_ = Phase::kBounds;
  for (size_t dataset = 0; dataset < sources_.size(); ++dataset) {
    Source& source = sources_[dataset];
    SEXTANT_ASSIGN_OR_RETURN(
        source.bounds, TimeBounds::Create(query_, dataset, source.scan.table(), context_.budget()));
    SEXTANT_ASSIGN_OR_RETURN(source.merged_bounds, source.bounds->MakeState(context_.budget()));
  }
  return absl::OkStatus();
}

/// An empty range of time leaves calendar series without intervals, and `all` with an empty one.
absl::Status QueryRun::BeginPasses(int64_t from_us, int64_t to_us) {
  to_us = std::max(from_us, to_us);
  range_ = {from_us, to_us};
  SEXTANT_ASSIGN_OR_RETURN(series_, ResolveSeries(query_, from_us, to_us));
  if (query_.compared_to != nullptr) {
    SEXTANT_ASSIGN_OR_RETURN(compared_series_, FrameSeries(*query_.compared_to, series_));
  }
  SEXTANT_RETURN_IF_ERROR(FindTiles(from_us, to_us));
  return query_.top_n ? BeginRank(from_us, to_us) : BeginGroups();
}

/// Groups are ranked over the whole range. A state at the end of an interval is in no other one,
/// and windows reach before that of the range, so that groups may be seen only in the intervals
/// asked for.
absl::Status QueryRun::BeginRank(int64_t from_us, int64_t to_us) {
  rank_series_.push_back({.series = {}, .name = "all", .intervals = {{from_us, to_us, false}}});
  const bool has_others = std::any_of(
      query_.aggregates.begin(), query_.aggregates.end(), [](const BoundAggregate& aggregate) {
        return aggregate.pin.kind == TimePin::Kind::kAsOfEnd || aggregate.pin.frame != nullptr;
      });
  if (has_others) {
    rank_series_.insert(rank_series_.end(), series_.begin(), series_.end());
  }
  return clips_ ? BeginCuts(Phase::kRank) : AddRankPass();
}

absl::Status QueryRun::AddRankPass() {
  phase_ = Phase::kRank;
  SEXTANT_RETURN_IF_ERROR(AddPass({}, rank_series_));
  ChooseReuse();
  return absl::OkStatus();
}

absl::Status QueryRun::FinishRank() {
  SEXTANT_ASSIGN_OR_RETURN(
      kept_, ChooseTopTuples(context_, query_, FinishedPasses()[0], NumIntervals(rank_series_)));
  DropPasses();
  return BeginGroups();
}

void QueryRun::DropPasses() {
  for (Source& source : sources_) {
    source.groups.clear();
    source.merged.clear();
    source.rows_expected = 0;
  }
  passes_.clear();
}

absl::Status QueryRun::BeginGroups() {
  return clips_ ? BeginCuts(Phase::kGroups) : AddGroupPasses();
}

absl::Status QueryRun::AddGroupPasses() {
  phase_ = Phase::kGroups;
  for (const PlannedPass& pass : PlanPasses(query_)) {
    SEXTANT_RETURN_IF_ERROR(AddPass(pass, series_));
  }
  ChooseReuse();
  return ChoosePartitions();
}

absl::Status QueryRun::ChoosePartitions() {
  if (partitioning_ == Partitioning::kNever || sources_.size() != 1 || passes_.size() != 1 ||
      passes_[0].rows != Grouping::Rows::kAll || query_.fill == FillMode::kDense ||
      num_ranges_ == 0) {
    return absl::OkStatus();
  }
  const GroupAggregate& groups = *sources_[0].groups[0];
  const uint64_t num_rows = sources_[0].scan.scope().num_rows();
  if (!groups.may_log()) return absl::OkStatus();
  if (partitioning_ == Partitioning::kByEstimate) {
    if (!MayBeWorthPartitions(groups, query_, num_rows)) return absl::OkStatus();
    SEXTANT_ASSIGN_OR_RETURN(const GroupedSample sample, GroupSample());
    if (!IsWorthPartitions(sample, num_rows)) return absl::OkStatus();
  }
  SEXTANT_ASSIGN_OR_RETURN(partitioned_,
                           PartitionedGroups::Create(context_, query_, groups, num_rows));
  sources_[0].reuses_states = false;
  Cut(range_rows_);
  return absl::OkStatus();
}

absl::StatusOr<GroupedSample> QueryRun::GroupSample() {
  const Source& source = sources_[0];
  SEXTANT_ASSIGN_OR_RETURN(const std::unique_ptr<Range> range, StartRange(num_ranges_ / 2));
  const Morsel& morsel = source.scan.MorselsOf(range->index_in_dataset)[0];
  const Chunk& chunk = source.scan.table().chunk(morsel.chunk);
  if (source.filter->Skips(chunk)) return GroupedSample();
  const Selection selection = source.scan.Select(morsel, range->selection.As<uint64_t>());
  const uint64_t num_scanned = CountSelected(selection);
  Narrow(*range, chunk, selection);
  SEXTANT_RETURN_IF_ERROR(source.groups[0]->Consume(
      *range->passes[0], chunk, source.scan.table().first_row(morsel.chunk), selection,
      [this] { return context_.Check(); }));
  return GroupedSample{num_scanned, CountSelected(selection), range->passes[0]->cells.num_cells()};
}

/// Samples that are kept by cell, for cuts, are in no bins.
uint64_t QueryRun::LeastBinnedRows() const {
  if (phase_ == Phase::kCuts) return std::numeric_limits<uint64_t>::max();
  return partitioning_ == Partitioning::kWherePossible ? 0 : kLeastBinnedRows;
}

absl::Status QueryRun::AddPass(const PlannedPass& pass, std::span<const ResolvedSeries> series) {
  // Each has its conditions compiled, of which there may be many.
  SEXTANT_RETURN_IF_ERROR(context_.Check());
  passes_.push_back(pass);
  for (size_t dataset = 0; dataset < sources_.size(); ++dataset) {
    Source& source = sources_[dataset];
    const bool needs_kept = pass.rows != Grouping::Rows::kAll;
    Grouping grouping = {
        .summed = pass.summed, .rows = pass.rows, .kept = needs_kept ? &kept_[dataset] : nullptr};
    std::optional<PassClips> clips;
    if (clips_ && phase_ != Phase::kCuts) {
      grouping.cuts = source.cuts[passes_.size() - 1].get();
      clips.emplace(PassClips{*clips_, *grouping.cuts, tiles_, atoms_.has_intervals()});
    }
    SEXTANT_ASSIGN_OR_RETURN(
        std::unique_ptr<const GroupAggregate> groups,
        GroupAggregate::Create(
            {phase_ == Phase::kCuts ? clips_->query : query_, dataset, source.scan.table(),
             source.scan.scope().num_rows(), series, grouping, LeastBinnedRows(), source.ranks,
             clips ? &*clips : nullptr},
            context_.budget()));
    source.groups.push_back(std::move(groups));
    NoteSharedWork(dataset);
  }
  return absl::OkStatus();
}

absl::Status QueryRun::MakeMissingStates() {
  for (Source& source : sources_) {
    for (size_t pass = source.merged.size(); pass < source.groups.size(); ++pass) {
      SEXTANT_ASSIGN_OR_RETURN(auto state, source.groups[pass]->MakeState(context_.budget()));
      source.merged.push_back(std::move(state));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<QueryRun::Range>> QueryRun::StartRange(uint32_t index) {
  const QueryScope scope(context_);
  auto range = std::make_unique<Range>();
  range->index = index;
  if (phase_ == Phase::kPartitions || phase_ == Phase::kParts) return range;
  while (range->dataset + 1 < sources_.size() &&
         sources_[range->dataset + 1].first_range <= index) {
    ++range->dataset;
  }
  Source& source = sources_[range->dataset];
  range->index_in_dataset = index - source.first_range;
  SEXTANT_ASSIGN_OR_RETURN(range->selection,
                           Buffer::AllocateUninitialized(context_.budget(), kSelectionBytes));
  SEXTANT_ASSIGN_OR_RETURN(range->filter, source.filter->MakeScratch(context_.budget()));
  PrepareToKeep(*range);
  if (context_.profile() != nullptr && !range->is_kept) {
    range->conditions.resize(source.filter->num_conditions());
    range->filter.profile = &range->conditions;
  }
  if (phase_ == Phase::kBounds) {
    SEXTANT_ASSIGN_OR_RETURN(range->bounds, source.bounds->MakeState(context_.budget()));
    return range;
  }
  SEXTANT_ASSIGN_OR_RETURN(range->passes, TakeStates(source));
  return range;
}

void QueryRun::PrepareToKeep(Range& range) const {
  const Source& source = sources_[range.dataset];
  if (source.filter->num_conditions() == 0) return;
  const Buffer& words = kept_selections_[range.index].words;
  if (words.size_bytes() > 0) {
    range.is_kept = true;
    return;
  }
  if (phase_ == Phase::kGroups || phase_ == Phase::kCuts) return;
  size_t num_words = 0;
  for (const Morsel& morsel : source.scan.MorselsOf(range.index_in_dataset)) {
    num_words += BitmapWords(morsel.end) - morsel.begin / 64;
  }
  // Where the budget refuses, the filter runs in each phase.
  absl::StatusOr<Buffer> room = Buffer::Allocate(context_.budget(), num_words * sizeof(uint64_t));
  if (room.ok()) range.kept.words = *std::move(room);
}

void QueryRun::Narrow(Range& range, const Chunk& chunk, Selection selection) const {
  const size_t num_words = selection.last - selection.first;
  if (range.is_kept) {
    const std::span<const uint64_t> kept = kept_selections_[range.index].words.As<uint64_t>();
    std::copy_n(kept.data() + TakeKeptWords(range, kept.size(), num_words), num_words,
                selection.words + selection.first);
    return;
  }
  sources_[range.dataset].filter->Narrow(chunk, selection, range.filter);
  if (range.kept.words.size_bytes() == 0) return;
  const std::span<uint64_t> kept = range.kept.words.As<uint64_t>();
  std::copy_n(selection.words + selection.first, num_words,
              kept.data() + TakeKeptWords(range, kept.size(), num_words));
}

/// Phases take morsels in different orders: those of the last one are at the end.
size_t QueryRun::TakeKeptWords(Range& range, size_t num_kept, size_t num_words) const {
  const Scan& scan = sources_[range.dataset].scan;
  if (range.morsel + 1 == scan.MorselsOf(range.index_in_dataset).size()) {
    return num_kept - num_words;
  }
  const size_t first = range.kept.num_used;
  range.kept.num_used += num_words;
  return first;
}

/// Rows mostly come in the order of time: once the last and the first morsel have been looked at,
/// those in between seldom have anything before or after.
size_t QueryRun::NextMorsel(Range& range, size_t num_morsels) const {
  const size_t next = range.num_morsels_begun++;
  if (phase_ != Phase::kBounds) return next;
  return next == 0 ? num_morsels - 1 : next - 1;
}

absl::StatusOr<bool> QueryRun::Step(Range& range) const {
  const QueryScope scope(context_);
  SEXTANT_RETURN_IF_ERROR(context_.Check());
  if (phase_ == Phase::kParts) {
    SEXTANT_RETURN_IF_ERROR(FinishPart(range.index));
    return false;
  }
  if (phase_ == Phase::kPartitions) {
    const ProfileStopwatch stopwatch(context_);
    SEXTANT_RETURN_IF_ERROR(partitioned_->MakePartition(*sources_[0].merged[0], range.index));
    Note(StepProfile::Kind::kMerge, 0, 0,
         {.rows_in = 0, .rows_out = 0, .time_ns = stopwatch.ElapsedNs()});
    return false;
  }
  const Source& source = sources_[range.dataset];
  const std::span<const Morsel> morsels = source.scan.MorselsOf(range.index_in_dataset);
  range.morsel = NextMorsel(range, morsels.size());
  const Morsel& morsel = morsels[range.morsel];
  const bool has_more = range.num_morsels_begun < morsels.size();
  const Chunk& chunk = source.scan.table().chunk(morsel.chunk);
  const ProfileStopwatch stopwatch(context_);
  const Selection selection = source.scan.Select(morsel, range.selection.As<uint64_t>());
  const uint64_t num_scanned = CountSelected(selection);
  range.counts.rows_scanned += num_scanned;
  const bool is_out_of_range = IsOutOfRange(range, chunk);
  const bool skips = is_out_of_range || source.filter->Skips(chunk);
  uint64_t num_left = skips ? 0 : num_scanned;
  if (!skips && RulesOut(range)) {
    source.groups[0]->RuleOut(chunk, selection);
    num_left = CountSelected(selection);
  }
  if (is_out_of_range || !skips) range.counts.rows_out_of_range += num_scanned - num_left;
  Note(StepProfile::Kind::kScan, range.dataset, 0,
       {.rows_in = num_scanned,
        .rows_out = num_left,
        .rows_estimated = static_cast<double>(num_left),
        .time_ns = stopwatch.ElapsedNs()});
  if (skips) {
    ++range.counts.chunks_skipped;
    return has_more;
  }
  if (context_.profile() != nullptr) {
    range.rows_expected += static_cast<double>(num_left) * source.filter->EstimateKept(chunk);
  }
  Narrow(range, chunk, selection);
  range.counts.rows_selected += CountSelected(selection);
  SEXTANT_RETURN_IF_ERROR(ConsumePasses(range, morsel, selection));
  return has_more;
}

/// The passes of a query share their pins. What an earlier phase kept goes by its own order, and
/// what is kept for a later one must not lack rows.
bool QueryRun::RulesOut(const Range& range) const {
  return (phase_ == Phase::kGroups || phase_ == Phase::kCuts) && !range.is_kept;
}

bool QueryRun::IsOutOfRange(const Range& range, const Chunk& chunk) const {
  return RulesOut(range) && sources_[range.dataset].groups[0]->Skips(chunk);
}

absl::Status QueryRun::ConsumePasses(Range& range, const Morsel& morsel,
                                     Selection selection) const {
  const Source& source = sources_[range.dataset];
  const Chunk& chunk = source.scan.table().chunk(morsel.chunk);
  const ProfileStopwatch stopwatch(context_);
  if (phase_ == Phase::kBounds) {
    source.bounds->Consume(*range.bounds, chunk, selection);
    Note(StepProfile::Kind::kAggregate, range.dataset, 0,
         {.rows_in = CountSelected(selection), .rows_out = 0, .time_ns = stopwatch.ElapsedNs()});
    return absl::OkStatus();
  }
  for (size_t pass = 0; pass < source.groups.size(); ++pass) {
    if (pass > 0) SEXTANT_RETURN_IF_ERROR(context_.Check());
    const ProfileStopwatch of_pass(context_);
    SEXTANT_RETURN_IF_ERROR(source.groups[pass]->Consume(
        *range.passes[pass], chunk, source.scan.table().first_row(morsel.chunk), selection,
        [this] { return context_.Check(); }));
    Note(StepProfile::Kind::kAggregate, range.dataset, pass,
         {.rows_in = CountSelected(selection), .rows_out = 0, .time_ns = of_pass.ElapsedNs()});
  }
  return absl::OkStatus();
}

absl::Status QueryRun::FinishRange(std::unique_ptr<Range> range) {
  if (phase_ == Phase::kPartitions || phase_ == Phase::kParts) return absl::OkStatus();
  const QueryScope scope(context_);
  range->selection = Buffer();
  range->filter = FilterScratch();
  Source& source = sources_[range->dataset];
  const bool keeps_states = phase_ != Phase::kBounds && source.reuses_states;
  if (!keeps_states) SEXTANT_RETURN_IF_ERROR(SealPasses(source, range->passes));
  const uint32_t index = range->index;
  if (phase_ == Phase::kGroups) {
    kept_selections_[index] = KeptSelections();
  } else if (!range->is_kept) {
    kept_selections_[index] = std::move(range->kept);
  }
  if (num_ranges_ == 1) return Merge(*range);  // no other thread is at work
  std::unique_lock lock(mutex_);
  if (keeps_states) {
    NoteConditions(*range);
    AddCounts(range->counts);
    source.idle.push_back(std::move(range->passes));
    return absl::OkStatus();
  }
  if (is_merging_ || index != next_to_merge_) {
    waiting_.emplace(index, std::move(range));
    return absl::OkStatus();
  }
  is_merging_ = true;
  absl::Status status;
  for (; status.ok() && range != nullptr; range = TakeNextToMerge()) {
    ++next_to_merge_;
    lock.unlock();
    status = Merge(*range);
    range.reset();
    lock.lock();
  }
  is_merging_ = false;
  return status;
}

absl::StatusOr<bool> QueryRun::FinishPhase() {
  next_to_merge_ = 0;
  const QueryScope scope(context_);
  switch (phase_) {
    case Phase::kBounds:
      return FinishBounds();
    case Phase::kCuts:
    case Phase::kRank:
      SEXTANT_RETURN_IF_ERROR(MergeIdle());
      SEXTANT_RETURN_IF_ERROR(MakeMissingStates());
      SEXTANT_RETURN_IF_ERROR(AddReused());
      SEXTANT_RETURN_IF_ERROR(phase_ == Phase::kCuts ? FinishCuts() : FinishRank());
      return true;
    case Phase::kGroups:
      break;
    case Phase::kPartitions:
      sources_[0].merged[0]->logs.clear();
      return false;
    case Phase::kParts:
      parted_.clear();
      return false;
  }
  SEXTANT_RETURN_IF_ERROR(MergeIdle());
  SEXTANT_RETURN_IF_ERROR(MakeMissingStates());
  SEXTANT_RETURN_IF_ERROR(AddReused());
  if (partitioned_ == nullptr) return BeginParts();
  SEXTANT_RETURN_IF_ERROR(partitioned_->BeginPartitions(*sources_[0].merged[0]));
  phase_ = Phase::kPartitions;
  return true;
}

absl::StatusOr<bool> QueryRun::FinishBounds() {
  std::optional<TimeBounds::Bounds> bounds;
  for (Source& source : sources_) {
    const std::optional<TimeBounds::Bounds> own = source.merged_bounds->bounds;
    source.merged_bounds.reset();
    source.bounds.reset();
    source.rows_expected = 0;
    if (!own) continue;
    if (!bounds) bounds = own;
    bounds->min = std::min(bounds->min, own->min);
    bounds->max = std::max(bounds->max, own->max);
  }
  const int64_t known_us = query_.from_us.value_or(query_.to_us.value_or(0));
  SEXTANT_RETURN_IF_ERROR(BeginPasses(query_.from_us.value_or(bounds ? bounds->min : known_us),
                                      query_.to_us.value_or(bounds ? bounds->max + 1 : known_us)));
  return true;
}

}  // namespace sextant
