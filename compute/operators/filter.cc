#include "compute/operators/filter.h"

#include <utility>

#include "compute/memory/status_macros.h"

namespace sextant {

absl::StatusOr<Filter> Filter::Create(const std::optional<BoundPredicate>& predicate,
                                      const Table& table, MemoryBudget& budget) {
  if (!predicate) return Filter(nullptr);
  SEXTANT_ASSIGN_OR_RETURN(std::unique_ptr<PredicateStep> root,
                           CompilePredicate(*predicate, table, budget));
  return Filter(std::move(root));
}

absl::StatusOr<FilterScratch> Filter::MakeScratch(MemoryBudget& budget) const {
  FilterScratch scratch;
  if (root_ == nullptr) return scratch;
  if (const uint32_t num_levels = root_->num_or_levels(); num_levels > 0) {
    const size_t bitmap_bytes = BitmapWords(kMaxChunkRows) * sizeof(uint64_t);
    SEXTANT_ASSIGN_OR_RETURN(scratch.bitmaps,
                             Buffer::Allocate(budget, num_levels * 2 * bitmap_bytes));
  }
  if (const uint32_t num_stamps = root_->num_stamps(); num_stamps > 0) {
    SEXTANT_ASSIGN_OR_RETURN(scratch.stamps,
                             Buffer::Allocate(budget, num_stamps * sizeof(uint32_t)));
  }
  return scratch;
}

bool Filter::Skips(const Chunk& chunk) const {
  return root_ != nullptr && root_->Judge(chunk) == ZoneVerdict::kNone;
}

void Filter::RuleOut(const Chunk& chunk, Selection selection) const {
  if (root_ != nullptr) root_->RuleOut(chunk, selection);
}

void Filter::Narrow(const Chunk& chunk, Selection selection, FilterScratch& scratch) const {
  if (root_ == nullptr) return;
  // An AND asks the zone maps for each of its conditions.
  if (root_->num_conditions() > 1) return root_->Narrow(chunk, selection, scratch);
  const bool keeps_all = root_->Judge(chunk) == ZoneVerdict::kAll;
  FilterProfile* const profile = std::exchange(scratch.profile, nullptr);
  {
    const double estimated =
        profile == nullptr ? 0 : CountSelected(selection) * EstimateKept(chunk);
    scratch.by_index = keeps_all;
    const ProfiledCondition profiled(profile, 0, selection, estimated, scratch.by_index);
    if (!keeps_all) root_->Narrow(chunk, selection, scratch);
  }
  scratch.profile = profile;
}

double Filter::EstimateKept(const Chunk& chunk) const {
  if (root_ == nullptr) return 1;
  const ZoneVerdict verdict = root_->Judge(chunk);
  if (verdict != ZoneVerdict::kSome) return verdict == ZoneVerdict::kAll ? 1 : 0;
  return root_->Estimate(chunk).kept;
}

}  // namespace sextant
