#include "compute/operators/clip_cuts.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/asked_keys.h"
#include "compute/plan/clip_tiles.h"

namespace sextant {
namespace {

constexpr size_t kCellsPerQuestion = size_t{1} << 12;

std::string TextOf(size_t dataset, const BoundAggregate& aggregate) {
  return absl::StrCat(dataset, " ", ClipText(aggregate));
}

/// Of the samples of a clip, whatever its quantiles and tiles.
std::string TextOfSamples(size_t dataset, const BoundAggregate& aggregate) {
  BoundClip samples = *aggregate.clip;
  samples.low = 0;
  samples.high = 1;
  samples.stride_us = 0;
  return absl::StrCat(dataset, " ", ToString(TilePinOf(aggregate)), " ", ToString(samples));
}

/// What keeps samples: integers and durations as they are, floats as float8.
BoundAggregate KeeperOf(const ClipPlan::Samples& samples) {
  BoundAggregate keeper;
  keeper.kind = AggregateKind::kNearestRank;
  keeper.value = samples.value;
  keeper.pin = samples.pin;
  keeper.filter = samples.filter;
  keeper.result_type =
      DataType::Of(IsFloat(samples.value.type.kind) ? TypeKind::kFloat64 : TypeKind::kInt64);
  return keeper;
}

/// Adds the clip of an aggregate, and its samples where they are new.
void AddClip(size_t dataset, const BoundAggregate& aggregate,
             std::map<std::string, size_t>& number_of_samples, ClipPlan& plan) {
  const size_t next = plan.clips.size();
  if (!plan.number_of_text.try_emplace(TextOf(dataset, aggregate), next).second) return;
  const auto [samples, is_new] =
      number_of_samples.try_emplace(TextOfSamples(dataset, aggregate), plan.samples.size());
  plan.clips.push_back({samples->second, *aggregate.clip});
  if (!is_new) return;
  std::vector<uint32_t>& of_dataset = plan.query.datasets[dataset].aggregates;
  plan.samples.push_back({dataset, TilePinOf(aggregate), aggregate.clip->value,
                          aggregate.clip->filter, static_cast<uint32_t>(of_dataset.size())});
  of_dataset.push_back(static_cast<uint32_t>(plan.query.aggregates.size()));
  plan.query.aggregates.push_back(KeeperOf(plan.samples.back()));
}

/// The rank, from 0, of a quantile of `count` samples (rule 20).
uint64_t RankOf(double quantile, uint64_t count) {
  return RanksOf({.kind = AggregateKind::kNearestRank, .fraction = quantile}, count)[0];
}

}  // namespace

size_t ClipPlan::ClipOf(size_t dataset, const BoundAggregate& aggregate) const {
  const auto found = number_of_text.find(TextOf(dataset, aggregate));
  SEXTANT_CHECK(found != number_of_text.end()) << "a clip that is not of the query";
  return found->second;
}

absl::StatusOr<std::optional<ClipPlan>> PlanClips(const BoundQuery& query) {
  const auto is_clipped = [](const BoundAggregate& aggregate) { return aggregate.clip != nullptr; };
  if (std::none_of(query.aggregates.begin(), query.aggregates.end(), is_clipped)) {
    return std::nullopt;
  }
  ClipPlan plan;
  plan.query.datasets = query.datasets;
  plan.query.time_zone = query.time_zone;
  plan.query.limits = query.limits;
  // Cells of atoms are not shown: memory bounds them, and the 32 bits of their numbers.
  plan.query.limits.max_values = std::numeric_limits<uint32_t>::max() - 1;
  for (BoundDataset& dataset : plan.query.datasets) dataset.aggregates.clear();
  std::map<std::string, size_t> number_of_samples;
  for (size_t dataset = 0; dataset < query.datasets.size(); ++dataset) {
    for (const uint32_t index : query.datasets[dataset].aggregates) {
      if (!query.aggregates[index].clip) continue;
      SEXTANT_RETURN_IF_ERROR(AskToGoOn());
      AddClip(dataset, query.aggregates[index], number_of_samples, plan);
    }
  }
  return plan;
}

absl::StatusOr<ClipCuts> ClipCuts::Create(const ClipPlan& plan, size_t dataset, const Pass& pass,
                                          MemoryBudget& budget, KeepGoing keep_going) {
  ClipCuts cuts(budget);
  for (const ClipPlan::Entry& clip : plan.clips) {
    cuts.own_.push_back(static_cast<uint32_t>(cuts.num_clips_));
    cuts.num_clips_ += plan.SamplesOf(clip).dataset == dataset ? 1 : 0;
  }
  for (size_t axis = 0; axis < pass.num_axes; ++axis) cuts.prefixes_.emplace_back(budget);
  TrackedVector<Place> places(budget);
  SEXTANT_RETURN_IF_ERROR(places.ResizeUninitialized(pass.cells.num_cells()));
  SEXTANT_RETURN_IF_ERROR(cuts.FindPlaces(pass, places.span(), keep_going));
  SEXTANT_RETURN_IF_ERROR(cuts.MakeRoom(keep_going));
  SEXTANT_RETURN_IF_ERROR(cuts.place_of_cell_.ResizeUninitialized(places.size()));
  SEXTANT_RETURN_IF_ERROR(ForBlocks(places.size(), keep_going, [&](size_t begin, size_t end) {
    for (size_t cell = begin; cell < end; ++cell) {
      const auto [group, tile] = places[cell];
      cuts.place_of_cell_[cell] =
          group == kNoGroup ? cuts.num_places_ - 1 : cuts.PlaceOf(group, tile);
    }
  }));
  SEXTANT_RETURN_IF_ERROR(cuts.Fill(plan, dataset, pass, keep_going));
  cuts.axes_ = std::move(pass.axes);
  return cuts;
}

absl::Status ClipCuts::FindPlaces(const Pass& pass, std::span<Place> places, KeepGoing keep_going) {
  const auto has_sample = [&](uint32_t cell) {
    return std::any_of(pass.keys.begin(), pass.keys.end(),
                       [cell](const auto& keys) { return keys->CountOf(cell) != 0; });
  };
  std::vector<uint32_t> codes(pass.num_axes);
  Pace pace(keep_going, kCellsPerQuestion);
  for (uint32_t cell = 0; cell < places.size(); ++cell) {
    SEXTANT_RETURN_IF_ERROR(pace.Spend(1));
    places[cell] = Place();
    if (!has_sample(cell)) continue;
    const uint32_t tile = pass.atoms.tile_of_atom[pass.cells.Decode(cell, codes.data())];
    uint64_t group = 0;
    for (size_t axis = 0; axis < codes.size(); ++axis) {
      SEXTANT_RETURN_IF_ERROR(prefixes_[axis].Reserve(1));
      group = prefixes_[axis].Intern(group << 32 | codes[axis]);
    }
    if (group == slices_.size()) SEXTANT_RETURN_IF_ERROR(slices_.Append({0, tile, 1}));
    Slice& slice = slices_[group];
    const uint32_t end = std::max(slice.first_tile + slice.num_tiles, tile + 1);
    slice.first_tile = std::min(slice.first_tile, tile);
    slice.num_tiles = end - slice.first_tile;
    places[cell] = {static_cast<uint32_t>(group), tile};
  }
  return absl::OkStatus();
}

absl::Status ClipCuts::MakeRoom(KeepGoing keep_going) {
  uint64_t num_tiles = 0;
  for (Slice& slice : slices_.span()) {
    slice.begin = num_tiles;
    num_tiles += slice.num_tiles;
  }
  SEXTANT_RETURN_IF_ERROR(slices_.Append({num_tiles, 0, 0}));
  if (num_tiles >= std::numeric_limits<uint32_t>::max()) {
    return absl::ResourceExhaustedError(
        absl::StrCat("clip: the groups have ", num_tiles, " tiles together; allowed: 2^32 - 2"));
  }
  num_places_ = static_cast<uint32_t>(num_tiles) + 1;
  SEXTANT_RETURN_IF_ERROR(cuts_.ResizeUninitialized(num_places_ * num_clips_));
  return ForBlocks(cuts_.size(), keep_going, [&](size_t begin, size_t end) {
    std::fill(cuts_.data() + begin, cuts_.data() + end, Cut());
  });
}

absl::Status ClipCuts::ListCells(CellsOfPlaces& list, KeepGoing keep_going) const {
  SEXTANT_RETURN_IF_ERROR(list.first_cells.Resize(size_t{num_places_} + 1));
  SEXTANT_RETURN_IF_ERROR(list.cells.ResizeUninitialized(place_of_cell_.size()));
  uint32_t* const ends = list.first_cells.data();
  SEXTANT_RETURN_IF_ERROR(
      ForBlocks(place_of_cell_.size(), keep_going, [&](size_t begin, size_t end) {
        for (size_t cell = begin; cell < end; ++cell) ++ends[place_of_cell_[cell]];
      }));
  uint32_t first = 0;
  for (uint32_t& next : list.first_cells.span()) first += std::exchange(next, first);
  SEXTANT_RETURN_IF_ERROR(
      ForBlocks(place_of_cell_.size(), keep_going, [&](size_t begin, size_t end) {
        for (size_t cell = begin; cell < end; ++cell) {
          list.cells[ends[place_of_cell_[cell]]++] = static_cast<uint32_t>(cell);
        }
      }));
  for (size_t place = num_places_; place > 0; --place) ends[place] = ends[place - 1];
  ends[0] = 0;
  return absl::OkStatus();
}

absl::Status ClipCuts::Fill(const ClipPlan& plan, size_t dataset, const Pass& pass,
                            KeepGoing keep_going) {
  CellsOfPlaces list{TrackedVector<uint32_t>(*budget_), TrackedVector<uint32_t>(*budget_)};
  SEXTANT_RETURN_IF_ERROR(ListCells(list, keep_going));
  for (size_t clip = 0; clip < plan.clips.size(); ++clip) {
    const ClipPlan::Samples& samples = plan.SamplesOf(plan.clips[clip]);
    if (samples.dataset != dataset) continue;
    SampleKeys& keys = *pass.keys[samples.own];
    for (uint32_t place = 0; place + 1 < num_places_; ++place) {
      const uint32_t first = list.first_cells[place];
      const std::span<const uint32_t> cells =
          list.cells.span().subspan(first, list.first_cells[place + 1] - first);
      SEXTANT_RETURN_IF_ERROR(FindCut(plan.clips[clip].clip, cells, keys,
                                      cuts_[size_t{place} * num_clips_ + own_[clip]], keep_going));
    }
  }
  return absl::OkStatus();
}

absl::Status ClipCuts::FindCut(const BoundClip& clip, std::span<const uint32_t> cells,
                               SampleKeys& keys, Cut& cut, KeepGoing keep_going) {
  SEXTANT_RETURN_IF_ERROR(keep_going());
  uint64_t count = 0;
  for (const uint32_t cell : cells) count += keys.CountOf(cell);
  if (count == 0) return absl::OkStatus();
  std::array<int64_t, 2> found = {std::numeric_limits<int64_t>::min(), 0};
  const std::array<uint64_t, 2> ranks = {RankOf(clip.low, count), RankOf(clip.high, count)};
  const size_t first = clip.low > 0 ? 0 : 1;  // nothing is below the least
  SEXTANT_RETURN_IF_ERROR(
      keys.Select(cells, std::span(ranks).subspan(first), found.data() + first, keep_going));
  cut = {.low = found[0], .high = found[1]};
  return absl::OkStatus();
}

absl::Status ClipCuts::SeedState(const AxisCoder& coder, size_t axis, AxisState& state,
                                 MemoryBudget& budget) const {
  TrackedVector<uint32_t> remap(budget);
  return coder.Absorb(axes_[axis], state, remap);
}

uint32_t ClipCuts::FindGroup(std::span<const uint32_t> codes) const {
  const auto none = static_cast<uint32_t>(slices_.size() - 1);
  uint64_t group = 0;
  for (size_t axis = 0; axis < codes.size(); ++axis) {
    const uint32_t id = prefixes_[axis].Find(group << 32 | codes[axis]);
    if (id == HashSlots::kAbsent) return none;
    group = id;
  }
  return static_cast<uint32_t>(group);
}

}  // namespace sextant
