#include "compute/exec/query_run.h"

#include <algorithm>
#include <utility>

#include "compute/column/bitmap.h"
#include "compute/exec/result_builder.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder.h"

namespace sextant {
namespace {

bool HasAt(const BoundQuery& query) {
  return std::any_of(query.aggregates.begin(), query.aggregates.end(), [](const auto& aggregate) {
    return aggregate.pin.kind != TimePin::Kind::kNone;
  });
}

}  // namespace

QueryRun::QueryRun(QueryContext& context, const BoundQuery& query, TenantScope scope,
                   uint64_t range_rows)
    : context_(context), query_(query), scan_(std::move(scope), range_rows) {}

absl::Status QueryRun::Prepare() {
  start_us_ = context_.clock().MonotonicUs();
  SEXTANT_RETURN_IF_ERROR(context_.Check());
  SEXTANT_ASSIGN_OR_RETURN(
      filter_, Filter::Create(query_.datasets[0].filter, scan_.table(), context_.budget()));
  if ((query_.from_us && query_.to_us) || !HasAt(query_)) {
    const int64_t from_us = query_.from_us.value_or(query_.to_us.value_or(0));
    return BeginGroups(from_us, query_.to_us.value_or(from_us));
  }
  phase_ = Phase::kBounds;
  SEXTANT_ASSIGN_OR_RETURN(bounds_, TimeBounds::Create(query_, scan_.table(), context_.budget()));
  SEXTANT_ASSIGN_OR_RETURN(merged_bounds_, bounds_->MakeState(context_.budget()));
  return absl::OkStatus();
}

/// An empty range of time leaves calendar series without intervals, and `all` with an empty one.
absl::Status QueryRun::BeginGroups(int64_t from_us, int64_t to_us) {
  SEXTANT_ASSIGN_OR_RETURN(series_, ResolveSeries(query_, from_us, std::max(from_us, to_us)));
  phase_ = Phase::kGroups;
  SEXTANT_ASSIGN_OR_RETURN(GroupAggregate groups,
                           GroupAggregate::Create(query_, scan_.table(), scan_.scope().num_rows(),
                                                  series_, context_.budget()));
  groups_.emplace(std::move(groups));
  SEXTANT_ASSIGN_OR_RETURN(merged_, groups_->MakeState(context_.budget()));
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<QueryRun::Range>> QueryRun::StartRange(uint32_t index) const {
  auto range = std::make_unique<Range>();
  range->index = index;
  SEXTANT_ASSIGN_OR_RETURN(
      range->selection,
      Buffer::Allocate(context_.budget(), BitmapWords(kMaxChunkRows) * sizeof(uint64_t)));
  SEXTANT_ASSIGN_OR_RETURN(range->filter, filter_->MakeScratch(context_.budget()));
  if (phase_ == Phase::kBounds) {
    SEXTANT_ASSIGN_OR_RETURN(range->bounds, bounds_->MakeState(context_.budget()));
    return range;
  }
  SEXTANT_ASSIGN_OR_RETURN(range->groups, groups_->MakeState(context_.budget()));
  return range;
}

absl::StatusOr<bool> QueryRun::Step(Range& range) const {
  SEXTANT_RETURN_IF_ERROR(context_.Check());
  const std::span<const Morsel> morsels = scan_.MorselsOf(range.index);
  const Morsel& morsel = morsels[range.next_morsel++];
  const bool has_more = range.next_morsel < morsels.size();
  const Chunk& chunk = scan_.table().chunk(morsel.chunk);
  const Selection selection = scan_.Select(morsel, range.selection.As<uint64_t>());
  const std::span<const uint64_t> words(selection.words + selection.first,
                                        selection.last - selection.first);
  range.counts.rows_scanned += CountBits(words);
  if (filter_->Skips(chunk)) {
    ++range.counts.chunks_skipped;
    return has_more;
  }
  filter_->Narrow(chunk, selection, range.filter);
  range.counts.rows_selected += CountBits(words);
  if (phase_ == Phase::kBounds) {
    bounds_->Consume(*range.bounds, chunk, selection);
    return has_more;
  }
  SEXTANT_RETURN_IF_ERROR(groups_->Consume(*range.groups, chunk,
                                           scan_.table().first_row(morsel.chunk), selection,
                                           [this] { return context_.Check(); }));
  return has_more;
}

absl::Status QueryRun::FinishRange(std::unique_ptr<Range> range) {
  range->selection = Buffer();
  range->filter = FilterScratch();
  std::unique_lock lock(mutex_);
  const uint32_t index = range->index;
  waiting_.emplace(index, std::move(range));
  if (is_merging_) return absl::OkStatus();
  is_merging_ = true;
  absl::Status status;
  while (status.ok() && !waiting_.empty() && waiting_.begin()->first == next_to_merge_) {
    const std::unique_ptr<Range> next = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    ++next_to_merge_;
    lock.unlock();
    status = Merge(*next);
    lock.lock();
  }
  is_merging_ = false;
  return status;
}

absl::Status QueryRun::Merge(Range& next) {
  if (phase_ == Phase::kBounds) {
    bounds_->Merge(*merged_bounds_, *next.bounds);
    return absl::OkStatus();
  }
  counts_.rows_scanned += next.counts.rows_scanned;
  counts_.rows_selected += next.counts.rows_selected;
  counts_.chunks_skipped += next.counts.chunks_skipped;
  if (next.index == 0) {
    merged_ = std::move(next.groups);
    return absl::OkStatus();
  }
  return groups_->Merge(*merged_, *next.groups, [this] { return context_.Check(); });
}

absl::StatusOr<bool> QueryRun::FinishPhase() {
  if (phase_ == Phase::kGroups) return false;
  next_to_merge_ = 0;
  const std::optional<TimeBounds::Bounds> bounds = merged_bounds_->bounds;
  merged_bounds_.reset();
  bounds_.reset();
  const int64_t known_us = query_.from_us.value_or(query_.to_us.value_or(0));
  SEXTANT_RETURN_IF_ERROR(BeginGroups(query_.from_us.value_or(bounds ? bounds->min : known_us),
                                      query_.to_us.value_or(bounds ? bounds->max + 1 : known_us)));
  return true;
}

absl::StatusOr<std::unique_ptr<ResultCursor>> QueryRun::MakeResult(std::shared_ptr<void> keep_alive,
                                                                   int64_t queued_us) {
  const TableIdentity& identity = scan_.table().identity();
  ResultBuilder builder({context_, query_, identity, series_, *groups_, *merged_});
  counts_.excluded = merged_->excluded;
  counts_.queued_us = queued_us;
  SEXTANT_ASSIGN_OR_RETURN(std::unique_ptr<FinishedResult> result, builder.Build());
  counts_.run_us = context_.clock().MonotonicUs() - start_us_;
  counts_.cells = result->num_rows();
  result->SetSummary(counts_);
  result->KeepAlive(std::move(keep_alive));
  return result;
}

}  // namespace sextant
