#include "compute/operators/aggregate_lanes.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <string>
#include <utility>

#include "compute/column/bitmap.h"
#include "compute/kernels/selected_rows.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/lane_finder.h"

namespace sextant {
namespace {

using ChosenRows = AggregateLanes::ChosenRows;

absl::StatusOr<Buffer> MakeBitmap(MemoryBudget& budget) {
  return Buffer::Allocate(budget, BitmapWords(kMaxChunkRows) * sizeof(uint64_t));
}

/// For the rows that pass `filter`, if there is one.
absl::Status MakeRoom(const std::optional<Filter>& filter, ChosenRows& chosen,
                      MemoryBudget& budget) {
  if (!filter) return absl::OkStatus();
  SEXTANT_ASSIGN_OR_RETURN(chosen.bitmap, MakeBitmap(budget));
  SEXTANT_ASSIGN_OR_RETURN(chosen.filter, filter->MakeScratch(budget));
  return absl::OkStatus();
}

/// `selection` copied into `bitmap`.
Selection CopyOf(Selection selection, Buffer& bitmap) {
  const Selection copy = {bitmap.As<uint64_t>().data(), selection.first, selection.last};
  std::memcpy(copy.words + copy.first, selection.words + selection.first,
              (selection.last - selection.first) * sizeof(uint64_t));
  return copy;
}

void Unite(Selection into, Selection from) {
  uint64_t* __restrict words = into.words;
  const uint64_t* __restrict added = from.words;
  for (uint32_t word = into.first; word < into.last; ++word) words[word] |= added[word];
}

/// Chooses those of `rows` that pass the filter.
void Choose(const std::optional<Filter>& filter, const Chunk& chunk, Selection rows,
            ChosenRows& chosen) {
  chosen.rows = rows;
  if (!filter) return;
  if (filter->Skips(chunk)) {
    chosen.rows = {chosen.bitmap.As<uint64_t>().data(), rows.first, rows.last};
    chosen.rows.Clear();
    return;
  }
  chosen.rows = CopyOf(rows, chosen.bitmap);
  filter->Narrow(chunk, chosen.rows, chosen.filter);
}

}  // namespace

bool PinnedLanes::takes_all() const {
  return std::any_of(lanes.begin(), lanes.end(), [](const auto& lane) { return lane.takes_all(); });
}

bool PinnedLanes::takes_all_values() const {
  return std::all_of(lanes.begin(), lanes.end(), [](const AggregateLane& lane) {
    return lane.excluding.empty() && !lane.clip;
  });
}

absl::StatusOr<AggregateLanes> AggregateLanes::Create(const Plan& plan, MemoryBudget& budget) {
  const BoundQuery& query = plan.query;
  const Table& table = plan.table;
  AggregateLanes lanes;
  lanes.memory_ = MemoryReservation(budget);
  const SamplePin::Context context = {table, plan.series, query.time_zone, lanes.memory_};
  LaneFinder finder;
  std::map<std::pair<size_t, std::string>, size_t> lane_of_filter;  // of a pin; where some clip
  // The lane of a filter among those of a pin.
  const auto lane_of = [&](size_t pin, const std::optional<BoundPredicate>& filter,
                           const BoundAggregate* clipped) -> absl::StatusOr<AggregateLane*> {
    const LaneFinder::Number number =
        finder.AddFilter(pin, filter, clipped != nullptr ? ToString(*clipped->clip) : "");
    std::vector<AggregateLane>& of_pin = lanes.pins_[pin].lanes;
    if (number.is_new) {
      AggregateLane& lane = of_pin.emplace_back();
      if (filter && plan.clips != nullptr) {
        const auto [first, is_first] =
            lane_of_filter.try_emplace({pin, ToString(*filter)}, number.number);
        if (!is_first) lane.same_rows_as = first->second;
      }
      if (filter && !lane.same_rows_as) {
        SEXTANT_ASSIGN_OR_RETURN(lane.filter, Filter::Create(filter, table, budget));
      }
      if (clipped != nullptr) {
        const size_t clip = plan.clips->plan.ClipOf(plan.dataset, *clipped);
        SEXTANT_ASSIGN_OR_RETURN(SampleClip made,
                                 SampleClip::Create(*plan.clips, clip, table, budget));
        lane.clip = std::make_unique<const SampleClip>(std::move(made));
        std::optional<SampleTiles>& tiles = lanes.pins_[pin].tiles;
        if (!tiles) {
          SEXTANT_ASSIGN_OR_RETURN(SampleTiles first,
                                   SampleTiles::Create(*plan.clips, clip, context));
          tiles.emplace(std::move(first));
        }
      }
    }
    return &of_pin[number.number];
  };
  const std::vector<uint32_t>& aggregates = query.datasets[plan.dataset].aggregates;
  for (uint32_t index = 0; index < aggregates.size(); ++index) {
    const BoundAggregate& aggregate = query.aggregates[aggregates[index]];
    const BoundAggregate* const clipped =
        aggregate.clip && plan.clips != nullptr ? &aggregate : nullptr;
    const LaneFinder::Number pin = finder.AddPin(aggregate.pin);
    if (pin.is_new) {
      PinnedLanes& pinned = lanes.pins_.emplace_back(aggregate.pin, query.time_zone);
      SEXTANT_RETURN_IF_ERROR(pinned.pin.Compile(aggregate.pin, context));
      if (pinned.pin.within()) {
        SEXTANT_ASSIGN_OR_RETURN(pinned.within, Filter::Create(pinned.pin.within(), table, budget));
      }
    }
    SEXTANT_ASSIGN_OR_RETURN(AggregateLane* const lane,
                             lane_of(pin.number, aggregate.filter, clipped));
    lane->aggregates.push_back(index);
    lane->num_uses += aggregate.num_uses;
    SEXTANT_ASSIGN_OR_RETURN(std::optional<ExcludedSamples> excluding,
                             ExcludedSamples::Create(aggregate, table, budget));
    if (excluding) lane->excluding.push_back(*std::move(excluding));
    if (!aggregate.outside || !plan.has_rows_outside) continue;
    SEXTANT_ASSIGN_OR_RETURN(AggregateLane* const outside,
                             lane_of(pin.number, *aggregate.outside, nullptr));
    SEXTANT_ASSIGN_OR_RETURN(ExcludedSamples values,
                             ExcludedSamples::CreateOutside(aggregate, table, budget));
    outside->excluding.push_back(std::move(values));
  }
  return lanes;
}

absl::StatusOr<AggregateLanes::State> AggregateLanes::MakeState(MemoryBudget& budget) const {
  State state(budget);
  SEXTANT_RETURN_IF_ERROR(BeginState(state, budget));
  return state;
}

absl::Status AggregateLanes::BeginState(State& state, MemoryBudget& budget) const {
  for (const PinnedLanes& pinned : pins_) {
    PinState& own = state.pins.emplace_back();
    SEXTANT_RETURN_IF_ERROR(MakeRoom(pinned.within, own.within, budget));
    for (const AggregateLane& lane : pinned.lanes) {
      SEXTANT_RETURN_IF_ERROR(MakeRoom(lane.filter, own.lanes.emplace_back(), budget));
    }
    if (pinned.lanes.size() == 1 || pinned.takes_all()) continue;
    SEXTANT_ASSIGN_OR_RETURN(own.united, MakeBitmap(budget));
  }
  if (pins_.size() > 1) {
    SEXTANT_ASSIGN_OR_RETURN(state.united, MakeBitmap(budget));
  }
  return absl::OkStatus();
}

Selection AggregateLanes::BeginChunk(State& state, const Chunk& chunk, Selection selection) const {
  for (size_t i = 0; i < pins_.size(); ++i) {
    const PinnedLanes& pinned = pins_[i];
    PinState& own = state.pins[i];
    Choose(pinned.within, chunk, selection, own.within);
    for (size_t lane = 0; lane < pinned.lanes.size(); ++lane) {
      if (const auto& same = pinned.lanes[lane].same_rows_as) {
        own.lanes[lane].rows = own.lanes[*same].rows;
        continue;
      }
      Choose(pinned.lanes[lane].filter, chunk, own.within.rows, own.lanes[lane]);
    }
    own.rows = pinned.takes_all() ? own.within.rows : own.lanes[0].rows;
    if (own.united.size_bytes() == 0) continue;
    own.rows = CopyOf(own.rows, own.united);
    for (size_t lane = 1; lane < own.lanes.size(); ++lane) Unite(own.rows, own.lanes[lane].rows);
  }
  if (pins_.empty()) return selection;
  if (pins_.size() == 1) return state.pins[0].rows;
  const Selection united = CopyOf(state.pins[0].rows, state.united);
  for (size_t i = 1; i < pins_.size(); ++i) Unite(united, state.pins[i].rows);
  return united;
}

bool AggregateLanes::Skips(const Chunk& chunk) const {
  return !pins_.empty() && std::all_of(pins_.begin(), pins_.end(), [&](const PinnedLanes& pinned) {
    return pinned.within && pinned.within->Skips(chunk);
  });
}

void AggregateLanes::RuleOut(const Chunk& chunk, Selection selection) const {
  if (pins_.size() == 1 && pins_[0].within) pins_[0].within->RuleOut(chunk, selection);
}

absl::StatusOr<uint64_t> AggregateLanes::CountExcluded(State& state, const Chunk& chunk,
                                                       std::span<const uint32_t> rows) const {
  uint64_t num_excluded = 0;
  KeptRows room;
  std::array<uint8_t, kBatchRows> sampled;
  for (size_t i = 0; i < pins_.size(); ++i) {
    const SamplePin& pin = pins_[i].pin;
    for (size_t j = 0; j < pins_[i].lanes.size(); ++j) {
      const AggregateLane& lane = pins_[i].lanes[j];
      if (lane.excluding.empty() && !pin.may_exclude()) continue;
      const std::span<const uint32_t> passing =
          KeepSelected(state.pins[i].lanes[j].rows, {rows, nullptr}, room).rows;
      SEXTANT_ASSIGN_OR_RETURN(const uint64_t without_time,
                               pin.FindSampled(chunk, passing, state.pin, sampled.data()));
      num_excluded += without_time * lane.num_uses;
      if (lane.excluding.empty()) continue;
      std::array<uint32_t, kBatchRows> pinned;
      size_t kept = 0;
      for (size_t k = 0; k < passing.size(); ++k) {
        pinned[kept] = passing[k];
        kept += sampled[k];
      }
      for (const ExcludedSamples& excluding : lane.excluding) {
        num_excluded += excluding.Count(chunk, {pinned.data(), kept});
      }
    }
  }
  return num_excluded;
}

RowsAndNumbers KeepSelected(Selection selection, const RowsAndNumbers& batch, KeptRows& room) {
  const size_t kept = KeepSelectedRows(selection.words, batch.rows, batch.numbers, room.rows.data(),
                                       room.numbers.data());
  return {{room.rows.data(), kept}, batch.numbers == nullptr ? nullptr : room.numbers.data()};
}

}  // namespace sextant
