// The states of QueryRun's ranges: where they come from, how they are merged, and finished in
// parts.

#include <algorithm>
#include <mutex>
#include <utility>

#include "compute/exec/profile_stopwatch.h"
#include "compute/exec/query_run.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

/// Of ranges where rows may be added in any order: so short that threads end a phase together, and
/// so long that the start of one is nothing.
constexpr uint64_t kFinerRangeRows = uint64_t{1} << 17;
/// Fewer rows in scope are one thread's.
constexpr uint64_t kLeastSharedRows = uint64_t{1} << 19;

}  // namespace

/// Of all datasets or of none: ranges that are merged wait for those before them.
void QueryRun::ChooseReuse() {
  const auto is_order_free = [](const Source& source) {
    return std::all_of(source.groups.begin(), source.groups.end(),
                       [](const auto& groups) { return groups->is_order_free(); });
  };
  const bool is_free = std::all_of(sources_.begin(), sources_.end(), is_order_free);
  Cut(is_free && MayCutFiner() ? std::min(range_rows_, kFinerRangeRows) : range_rows_);
  const bool reuses = is_free && num_ranges_ > 1;
  for (Source& source : sources_) source.reuses_states = reuses;
}

/// What a phase has kept for the next lies by its ranges, and spares more than finer ones do.
bool QueryRun::MayCutFiner() const {
  if (cut_rows_ == kFinerRangeRows) return true;
  uint64_t num_rows = 0;
  for (const Source& source : sources_) num_rows += source.scan.scope().num_rows();
  return num_rows >= kLeastSharedRows &&
         std::all_of(kept_selections_.begin(), kept_selections_.end(),
                     [](const KeptSelections& kept) { return kept.words.size_bytes() == 0; });
}

void QueryRun::Cut(uint64_t rows) {
  if (rows == cut_rows_) return;
  cut_rows_ = rows;
  num_ranges_ = 0;
  for (Source& source : sources_) {
    source.scan = Scan(source.scan.scope(), rows);
    source.first_range = num_ranges_;
    num_ranges_ += source.scan.num_ranges();
  }
  kept_selections_.clear();
  kept_selections_.resize(num_ranges_);
}

absl::StatusOr<QueryRun::PassStates> QueryRun::TakeStates(Source& source) {
  if (source.reuses_states) {
    const std::lock_guard lock(mutex_);
    if (!source.idle.empty()) {
      PassStates states = std::move(source.idle.back());
      source.idle.pop_back();
      return states;
    }
  }
  PassStates states;
  for (const auto& groups : source.groups) {
    SEXTANT_ASSIGN_OR_RETURN(auto state, partitioned_ != nullptr
                                             ? partitioned_->MakeLog()
                                             : groups->MakeState(context_.budget()));
    states.push_back(std::move(state));
  }
  return states;
}

absl::Status QueryRun::SealPasses(const Source& source, PassStates& passes) const {
  for (size_t pass = 0; pass < passes.size(); ++pass) {
    SEXTANT_RETURN_IF_ERROR(
        source.groups[pass]->Seal(*passes[pass], [this] { return context_.Check(); }));
  }
  return absl::OkStatus();
}

absl::Status QueryRun::MergeIdle() {
  for (size_t dataset = 0; dataset < sources_.size(); ++dataset) {
    Source& source = sources_[dataset];
    const ProfileStopwatch stopwatch(context_);
    for (PassStates& states : source.idle) {
      SEXTANT_RETURN_IF_ERROR(SealPasses(source, states));
      SEXTANT_RETURN_IF_ERROR(AddStates(source, states));
    }
    if (source.idle.empty()) continue;
    source.idle.clear();
    Note(StepProfile::Kind::kMerge, dataset, 0,
         {.rows_in = 0, .rows_out = 0, .time_ns = stopwatch.ElapsedNs()});
  }
  return absl::OkStatus();
}

std::unique_ptr<QueryRun::Range> QueryRun::TakeNextToMerge() {
  if (waiting_.empty() || waiting_.begin()->first != next_to_merge_) return nullptr;
  std::unique_ptr<Range> next = std::move(waiting_.begin()->second);
  waiting_.erase(waiting_.begin());
  return next;
}

absl::Status QueryRun::Merge(Range& next) {
  NoteConditions(next);
  const ProfileStopwatch stopwatch(context_);
  SEXTANT_RETURN_IF_ERROR(MergePasses(next));
  Note(StepProfile::Kind::kMerge, next.dataset, 0,
       {.rows_in = 0, .rows_out = 0, .time_ns = stopwatch.ElapsedNs()});
  return absl::OkStatus();
}

absl::Status QueryRun::MergePasses(Range& next) {
  Source& source = sources_[next.dataset];
  if (phase_ == Phase::kBounds) {
    source.bounds->Merge(*source.merged_bounds, *next.bounds);
    return absl::OkStatus();
  }
  AddCounts(next.counts);
  return AddStates(source, next.passes);
}

absl::Status QueryRun::AddStates(Source& source, PassStates& next) const {
  if (source.merged.empty()) {
    source.merged = std::move(next);
    return absl::OkStatus();
  }
  for (size_t pass = 0; pass < source.groups.size(); ++pass) {
    SEXTANT_RETURN_IF_ERROR(source.groups[pass]->Merge(*source.merged[pass], *next[pass],
                                                       [this] { return context_.Check(); }));
  }
  return absl::OkStatus();
}

void QueryRun::AddCounts(const ResultSummary& counts) {
  if (phase_ != Phase::kGroups) return;
  counts_.rows_scanned += counts.rows_scanned;
  counts_.rows_selected += counts.rows_selected;
  counts_.rows_out_of_range += counts.rows_out_of_range;
  counts_.chunks_skipped += counts.chunks_skipped;
}

void QueryRun::NoteConditions(const Range& range) {
  sources_[range.dataset].rows_expected += range.rows_expected;
  for (size_t i = 0; i < range.conditions.size(); ++i) {
    Note(StepProfile::Kind::kFilter, range.dataset, i, range.conditions[i]);
  }
}

absl::StatusOr<bool> QueryRun::BeginParts() {
  for (const Source& source : sources_) {
    for (const auto& pass : source.merged) {
      for (const auto& metric : pass->metrics) {
        SEXTANT_ASSIGN_OR_RETURN(const uint32_t num_parts, metric->BeginParts());
        if (num_parts == 0) continue;
        parted_.push_back({metric.get(), num_parts});
        num_parts_ = std::max(num_parts_, num_parts);
      }
    }
  }
  if (parted_.empty()) return false;
  phase_ = Phase::kParts;
  return true;
}

absl::Status QueryRun::FinishPart(uint32_t part) const {
  for (const PartedState& parted : parted_) {
    if (part >= parted.num_parts) continue;
    SEXTANT_RETURN_IF_ERROR(parted.state->FinishPart(part, [this] { return context_.Check(); }));
  }
  return absl::OkStatus();
}

std::vector<std::shared_ptr<const Table>> QueryRun::TakeTablesInDemand() const {
  std::vector<std::shared_ptr<const Table>> tables;
  for (const Source& source : sources_) {
    const std::shared_ptr<const Table>& table = source.scan.scope().shared_table();
    if (table->TakeNewsOfDemand()) tables.push_back(table);
  }
  return tables;
}

}  // namespace sextant
