// How QueryRun finds the cuts that clip its samples (rule 20), before the phases that use them.

#include <algorithm>
#include <array>
#include <utility>

#include "compute/exec/query_run.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/row_batches.h"
#include "compute/operators/sample_pin.h"
#include "compute/plan/clip_tiles.h"
#include "compute/plan/time_frame.h"

namespace sextant {
namespace {

constexpr size_t kSelectionBytes = BitmapWords(kMaxChunkRows) * sizeof(uint64_t);

/// Clears the bits of rows that the pin gives no sample.
absl::Status KeepSampled(const SamplePin& pin, const Chunk& chunk, Selection rows,
                         MemoryBudget& budget) {
  PinScratch scratch(budget);
  std::array<uint32_t, kBatchRows> room;
  std::array<uint8_t, kBatchRows> sampled;
  for (uint32_t word = rows.first; word < rows.last;) {
    const std::span<const uint32_t> batch = TakeBatch(rows, word, room);
    SEXTANT_RETURN_IF_ERROR(pin.FindSampled(chunk, batch, scratch, sampled.data()).status());
    for (size_t k = 0; k < batch.size(); ++k) {
      rows.words[batch[k] / 64] &= ~(uint64_t{1 - uint32_t{sampled[k]}} << (batch[k] % 64));
    }
  }
  return absl::OkStatus();
}

bool IsList(const BoundValue& value) { return value.type.kind == TypeKind::kList; }

}  // namespace

absl::Status QueryRun::FindTiles(int64_t from_us, int64_t to_us) {
  SEXTANT_ASSIGN_OR_RETURN(clips_, PlanClips(query_));
  if (!clips_) return absl::OkStatus();
  const int64_t stride_us = clips_->clips[0].clip.stride_us;  // of the query
  const auto max_tiles = static_cast<size_t>(query_.limits.max_intervals);
  SEXTANT_RETURN_IF_ERROR(WidenToFrames(from_us, to_us));
  if (stride_us != 0) {
    if (!ClipTiles(stride_us, from_us, to_us, max_tiles).ok()) {
      SEXTANT_RETURN_IF_ERROR(NarrowToSamples(from_us, to_us));
    }
    SEXTANT_RETURN_IF_ERROR(WidenToLists(from_us, to_us));
  }
  SEXTANT_ASSIGN_OR_RETURN(tiles_, ClipTiles(stride_us, from_us, to_us, max_tiles));
  return absl::OkStatus();
}

/// Windows begin before the range, and it may be compared with an earlier one.
absl::Status QueryRun::WidenToFrames(int64_t& from_us, int64_t& to_us) const {
  std::vector<ResolvedSeries> all = series_;
  all.push_back({.series = {}, .name = "all", .intervals = {{from_us, to_us, false}}});
  const TimeFrame* last = nullptr;
  for (const BoundAggregate& aggregate : query_.aggregates) {
    const TimeFrame* const frame = aggregate.clip ? aggregate.pin.frame.get() : nullptr;
    if (frame == nullptr || frame == last) continue;
    last = frame;
    SEXTANT_ASSIGN_OR_RETURN(const std::vector<ResolvedSeries> framed, FrameSeries(*frame, all));
    const InstantRange extent = ExtentOf(framed);
    if (extent.from_us >= extent.to_us) continue;
    from_us = std::min(from_us, extent.from_us);
    to_us = std::max(to_us, extent.to_us);
  }
  return absl::OkStatus();
}

/// A range may begin with the calendar, or an earlier one be centuries before it.
absl::Status QueryRun::NarrowToSamples(int64_t& from_us, int64_t& to_us) const {
  std::optional<SamplePin::Bounds> bounds;
  for (const ClipPlan::Entry& entry : clips_->clips) {
    SEXTANT_RETURN_IF_ERROR(BoundSamples(entry, {from_us, to_us}, bounds));
  }
  if (!bounds) {
    to_us = from_us;
    return absl::OkStatus();
  }
  from_us = std::max(from_us, bounds->min);
  to_us = std::min(to_us, bounds->max + 1);
  return absl::OkStatus();
}

/// A row is left out of its group where it is outside in any tile, of the range or not: whether it
/// is must not depend on the range.
absl::Status QueryRun::WidenToLists(int64_t& from_us, int64_t& to_us) const {
  if (from_us >= to_us) return absl::OkStatus();
  std::optional<SamplePin::Bounds> bounds;
  for (const ClipPlan::Entry& entry : clips_->clips) {
    if (IsList(entry.pin.start)) {
      SEXTANT_RETURN_IF_ERROR(BoundSamples(entry, {from_us, to_us}, bounds));
    }
  }
  if (!bounds) return absl::OkStatus();
  from_us = std::min(from_us, bounds->min);
  to_us = std::max(to_us, bounds->max + 1);
  return absl::OkStatus();
}

absl::Status QueryRun::BoundSamples(const ClipPlan::Entry& entry, ResolvedInterval range,
                                    std::optional<SamplePin::Bounds>& bounds) const {
  const Source& source = sources_[entry.dataset];
  const Table& table = source.scan.table();
  MemoryBudget& budget = context_.budget();
  const ResolvedSeries whole = {.series = {}, .name = "all", .intervals = {range}};
  MemoryReservation memory(budget);
  SEXTANT_ASSIGN_OR_RETURN(
      const SamplePin pin,
      SamplePin::Create(entry.pin, {table, {&whole, 1}, query_.time_zone, memory}));
  SEXTANT_ASSIGN_OR_RETURN(const Filter filter, Filter::Create(entry.clip.filter, table, budget));
  SEXTANT_ASSIGN_OR_RETURN(FilterScratch scratch, filter.MakeScratch(budget));
  SEXTANT_ASSIGN_OR_RETURN(FilterScratch of_query, source.filter->MakeScratch(budget));
  SEXTANT_ASSIGN_OR_RETURN(Buffer words, Buffer::AllocateUninitialized(budget, kSelectionBytes));
  for (uint32_t index = 0; index < source.scan.num_ranges(); ++index) {
    for (const Morsel& morsel : source.scan.MorselsOf(index)) {
      SEXTANT_RETURN_IF_ERROR(context_.Check());
      const Chunk& chunk = table.chunk(morsel.chunk);
      if (source.filter->Skips(chunk) || filter.Skips(chunk)) continue;
      const Selection rows = source.scan.Select(morsel, words.As<uint64_t>());
      source.filter->Narrow(chunk, rows, of_query);
      filter.Narrow(chunk, rows, scratch);
      SEXTANT_RETURN_IF_ERROR(KeepSampled(pin, chunk, rows, budget));
      pin.WidenBounds(chunk, rows, 0, bounds);
    }
  }
  return absl::OkStatus();
}

absl::Status QueryRun::BeginCuts(Phase next) {
  phase_ = Phase::kCuts;
  after_cuts_ = next;
  for (Source& source : sources_) source.cuts.clear();
  if (next == Phase::kRank) {
    SEXTANT_RETURN_IF_ERROR(AddPass({}, {&tiles_, 1}));
  } else {
    for (const PlannedPass& pass : PlanPasses(query_)) {
      SEXTANT_RETURN_IF_ERROR(AddPass(pass, {&tiles_, 1}));
    }
  }
  ChooseReuse();
  return absl::OkStatus();
}

absl::Status QueryRun::FinishCuts() {
  for (size_t dataset = 0; dataset < sources_.size(); ++dataset) {
    Source& source = sources_[dataset];
    for (size_t pass = 0; pass < source.groups.size(); ++pass) {
      GroupAggregate::State& state = *source.merged[pass];
      const ClipCuts::Pass found = {.cells = state.cells,
                                    .num_axes = source.groups[pass]->axes().shown().size(),
                                    .metrics = state.metrics,
                                    .axes = state.axes.axes};
      SEXTANT_ASSIGN_OR_RETURN(ClipCuts cuts,
                               ClipCuts::Create(*clips_, dataset, found, context_.budget(),
                                                [this] { return context_.Check(); }));
      source.cuts.push_back(std::make_unique<const ClipCuts>(std::move(cuts)));
    }
  }
  DropPasses();
  return after_cuts_ == Phase::kRank ? AddRankPass() : AddGroupPasses();
}

}  // namespace sextant
