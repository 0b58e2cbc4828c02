// How QueryRun finds the cuts that clip its samples (rule 20), before the phases that use them.

#include <algorithm>
#include <array>
#include <utility>

#include "compute/exec/query_run.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/ordered_state.h"
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
    if (IsList(clips_->SamplesOf(entry).pin.start)) {
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
  const ClipPlan::Samples& samples = clips_->SamplesOf(entry);
  const Source& source = sources_[samples.dataset];
  const Table& table = source.scan.table();
  MemoryBudget& budget = context_.budget();
  const ResolvedSeries whole = {.series = {}, .name = "all", .intervals = {range}};
  MemoryReservation memory(budget);
  SEXTANT_ASSIGN_OR_RETURN(
      const SamplePin pin,
      SamplePin::Create(samples.pin, {table, {&whole, 1}, query_.time_zone, memory}));
  SEXTANT_ASSIGN_OR_RETURN(const Filter filter, Filter::Create(samples.filter, table, budget));
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

/// A row of a list of times is once in a tile, but may be in several of its atoms. Of very many,
/// which are shorter than samples are apart, each would be looked at for a sample or none.
size_t QueryRun::MaxAtoms() const {
  constexpr size_t kMaxAtoms = size_t{1} << 14;
  const bool has_lists =
      std::any_of(clips_->samples.begin(), clips_->samples.end(),
                  [](const ClipPlan::Samples& samples) { return IsList(samples.pin.start); });
  return has_lists ? 0 : kMaxAtoms;
}

absl::Status QueryRun::BeginCuts(Phase next) {
  phase_ = Phase::kCuts;
  after_cuts_ = next;
  for (Source& source : sources_) source.cuts.clear();
  atoms_ = CutTiles(tiles_, next == Phase::kRank ? rank_series_ : series_, MaxAtoms());
  if (next == Phase::kRank) {
    SEXTANT_RETURN_IF_ERROR(AddPass({}, {&atoms_.atoms, 1}));
  } else {
    for (const PlannedPass& pass : PlanPasses(query_)) {
      SEXTANT_RETURN_IF_ERROR(AddPass(pass, {&atoms_.atoms, 1}));
    }
  }
  ChooseReuse();
  return absl::OkStatus();
}

absl::Status QueryRun::FinishCuts() {
  for (size_t dataset = 0; dataset < sources_.size(); ++dataset) {
    for (size_t pass = 0; pass < sources_[dataset].groups.size(); ++pass) {
      SEXTANT_RETURN_IF_ERROR(KeepPass(dataset, pass));
    }
  }
  DropPasses();
  SEXTANT_RETURN_IF_ERROR(after_cuts_ == Phase::kRank ? AddRankPass() : AddGroupPasses());
  for (Source& source : sources_) {
    for (size_t pass = 0; pass < source.groups.size(); ++pass) {
      if (!source.groups[pass]->reuses_samples()) source.kept[pass].Clear();
    }
  }
  return absl::OkStatus();
}

absl::Status QueryRun::KeepPass(size_t dataset, size_t pass) {
  Source& source = sources_[dataset];
  const auto keep_going = [this] { return context_.Check(); };
  KeptPass kept = {std::move(source.groups[pass]), std::move(source.merged[pass]), {}};
  GroupAggregate::State& state = *kept.state;
  for (const auto& samples : state.metrics) {
    SEXTANT_ASSIGN_OR_RETURN(kept.keys.emplace_back(),
                             static_cast<OrderedSamples&>(*samples).IndexKeys(keep_going));
    SEXTANT_CHECK(kept.keys.back() != nullptr) << "a clip of samples that are no numbers";
  }
  const ClipCuts::Pass found = {.cells = state.cells,
                                .atoms = atoms_,
                                .num_axes = kept.groups->axes().shown().size(),
                                .keys = kept.keys,
                                .axes = state.axes.axes};
  SEXTANT_ASSIGN_OR_RETURN(
      ClipCuts cuts, ClipCuts::Create(*clips_, dataset, found, context_.budget(), keep_going));
  source.cuts.push_back(std::make_unique<const ClipCuts>(std::move(cuts)));
  source.kept.push_back(std::move(kept));
  return absl::OkStatus();
}

absl::Status QueryRun::AddReused() {
  if (phase_ == Phase::kCuts) return absl::OkStatus();
  for (Source& source : sources_) {
    for (size_t pass = 0; pass < source.kept.size(); ++pass) {
      const KeptPass& kept = source.kept[pass];
      if (kept.state == nullptr) continue;
      SEXTANT_RETURN_IF_ERROR(source.groups[pass]->AddReused(*source.merged[pass],
                                                             {kept.state->cells, atoms_, kept.keys},
                                                             [this] { return context_.Check(); }));
    }
    source.kept.clear();
  }
  return absl::OkStatus();
}

}  // namespace sextant
