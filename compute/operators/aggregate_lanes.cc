#include "compute/operators/aggregate_lanes.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <string>
#include <utility>

#include "compute/column/bitmap.h"
#include "compute/kernels/selected_rows.h"
#include "compute/kernels/vector_selection.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/lane_finder.h"

namespace sextant {
namespace {

using ChosenRows = AggregateLanes::ChosenRows;

absl::StatusOr<Buffer> MakeBitmap(MemoryBudget& budget) {
  return Buffer::Allocate(budget, BitmapWords(kMaxChunkRows) * sizeof(uint64_t));
}

/// For the rows that pass `filter`.
absl::Status MakeRoom(const Filter& filter, ChosenRows& chosen, MemoryBudget& budget) {
  SEXTANT_ASSIGN_OR_RETURN(chosen.bitmap, MakeBitmap(budget));
  SEXTANT_ASSIGN_OR_RETURN(chosen.filter, filter.MakeScratch(budget));
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

void Intersect(Selection into, Selection from) {
  uint64_t* __restrict words = into.words;
  const uint64_t* __restrict kept = from.words;
  for (uint32_t word = into.first; word < into.last; ++word) words[word] &= kept[word];
}

/// Leaves those of chosen.rows, which are in its bitmap, that pass the filter.
void Narrow(const Filter& filter, const Chunk& chunk, ChosenRows& chosen) {
  if (filter.Skips(chunk)) {
    chosen.rows.Clear();
    return;
  }
  filter.Narrow(chunk, chosen.rows, chosen.filter);
}

/// Whether one of the aggregates needs the borders of intervals.
bool CutsSpans(const AggregateLanes::Plan& plan) {
  const std::vector<uint32_t>& aggregates = plan.query.datasets[plan.dataset].aggregates;
  return std::any_of(aggregates.begin(), aggregates.end(), [&](uint32_t aggregate) {
    return IsConcurrency(plan.query.aggregates[aggregate].kind);
  });
}

/// Puts the aggregates of a plan into lanes, one after another.
class LaneMaker {
 public:
  LaneMaker(const AggregateLanes::Plan& plan, MemoryReservation& memory,
            std::vector<PinnedLanes>& pins, std::vector<LaneFilter>& filters,
            std::vector<ReusedLane>& reused)
      : plan_(plan),
        memory_(memory),
        pins_(pins),
        filters_(filters),
        reused_(reused),
        keeps_borders_(CutsSpans(plan)) {
    if (plan.clips != nullptr && plan.clips->reuses_samples) {
      reuse_.emplace(plan.clips->plan, plan.dataset);
    }
  }

  /// `index`: among the aggregates of the dataset.
  absl::Status Add(uint32_t index, const BoundAggregate& aggregate) {
    const bool is_clipped = aggregate.clip && plan_.clips != nullptr;
    SEXTANT_ASSIGN_OR_RETURN(const size_t pin, AddPin(aggregate.pin));
    SEXTANT_ASSIGN_OR_RETURN(std::optional<ExcludedSamples> excluding,
                             ExcludedSamples::Create(aggregate, plan_.table, budget()));
    const bool is_reused = reuse_ && AddReused(index, aggregate);
    if (!is_reused || excluding) {
      SEXTANT_ASSIGN_OR_RETURN(
          AggregateLane* const lane,
          AddLane(pin, aggregate.filter, is_clipped && !is_reused ? &aggregate : nullptr));
      if (!is_reused) lane->aggregates.push_back(index);
      lane->num_uses += aggregate.num_uses;
      if (excluding) lane->excluding.push_back(*std::move(excluding));
    }
    if (!aggregate.outside || !plan_.has_rows_outside) return absl::OkStatus();
    SEXTANT_ASSIGN_OR_RETURN(AggregateLane* const outside,
                             AddLane(pin, *aggregate.outside, nullptr));
    SEXTANT_ASSIGN_OR_RETURN(ExcludedSamples values,
                             ExcludedSamples::CreateOutside(aggregate, plan_.table, budget()));
    outside->excluding.push_back(std::move(values));
    return absl::OkStatus();
  }

 private:
  MemoryBudget& budget() const { return *memory_.budget(); }
  SamplePin::Context context() const {
    return {plan_.table, plan_.series, plan_.query.time_zone, memory_, keeps_borders_};
  }

  absl::StatusOr<size_t> AddPin(const BoundPin& pin) {
    const LaneFinder::Number number = finder_.AddPin(pin);
    if (!number.is_new) return number.number;
    PinnedLanes& pinned = pins_.emplace_back(pin, plan_.query.time_zone);
    SEXTANT_RETURN_IF_ERROR(pinned.pin.Compile(pin, context()));
    if (pinned.pin.within()) {
      SEXTANT_ASSIGN_OR_RETURN(pinned.within,
                               Filter::Create(pinned.pin.within(), plan_.table, budget()));
    }
    return number.number;
  }

  /// The lane of a filter among those of a pin, and of the clip of an aggregate if there is one.
  absl::StatusOr<AggregateLane*> AddLane(size_t pin, const std::optional<BoundPredicate>& filter,
                                         const BoundAggregate* clipped) {
    const LaneFinder::Number number =
        finder_.AddFilter(pin, filter, clipped != nullptr ? ToString(*clipped->clip) : "");
    if (!number.is_new) return &pins_[pin].lanes[number.number];
    AggregateLane& lane = pins_[pin].lanes.emplace_back();
    if (filter) {
      lane.filter = number.filter;
      SEXTANT_RETURN_IF_ERROR(UseFilter(*filter, *number.filter, pin));
      const auto [first, is_first] =
          lane_of_filter_.try_emplace({pin, *number.filter}, number.number);
      if (!is_first) lane.same_rows_as = first->second;
    }
    if (clipped != nullptr) SEXTANT_RETURN_IF_ERROR(AddClip(pin, *clipped, lane));
    return &lane;
  }

  /// Whether it is made of samples that were kept; then it is in a lane of these.
  bool AddReused(uint32_t index, const BoundAggregate& aggregate) {
    const std::optional<KeyRangeOfSamples> range = reuse_->Find(aggregate);
    if (!range) return false;
    std::optional<size_t> clip;
    if (aggregate.clip) clip = plan_.clips->plan.ClipOf(plan_.dataset, aggregate);
    const auto [known, is_new] = reused_of_range_.try_emplace({*range, clip}, reused_.size());
    if (is_new) reused_.push_back({.range = *range, .clip = clip, .aggregates = {}});
    ReusedLane& lane = reused_[known->second];
    lane.aggregates.push_back(index);
    lane.only_counts &= aggregate.kind <= AggregateKind::kCount;
    return true;
  }

  absl::Status UseFilter(const BoundPredicate& filter, size_t number, size_t pin) {
    if (number == filters_.size()) {
      SEXTANT_ASSIGN_OR_RETURN(Filter made, Filter::Create(filter, plan_.table, budget()));
      filters_.push_back({std::move(made), {}});
    }
    std::vector<size_t>& pins = filters_[number].pins;
    const auto place = std::lower_bound(pins.begin(), pins.end(), pin);
    if (place == pins.end() || *place != pin) pins.insert(place, pin);
    return absl::OkStatus();
  }

  absl::Status AddClip(size_t pin, const BoundAggregate& clipped, AggregateLane& lane) {
    const size_t clip = plan_.clips->plan.ClipOf(plan_.dataset, clipped);
    SEXTANT_ASSIGN_OR_RETURN(SampleClip made,
                             SampleClip::Create(*plan_.clips, clip, plan_.table, budget()));
    lane.clip = std::make_unique<const SampleClip>(std::move(made));
    std::optional<SampleTiles>& tiles = pins_[pin].tiles;
    if (tiles) return absl::OkStatus();
    SEXTANT_ASSIGN_OR_RETURN(SampleTiles first, SampleTiles::Create(*plan_.clips, clip, context()));
    tiles.emplace(std::move(first));
    return absl::OkStatus();
  }

  const AggregateLanes::Plan& plan_;
  MemoryReservation& memory_;
  std::vector<PinnedLanes>& pins_;
  std::vector<LaneFilter>& filters_;
  std::vector<ReusedLane>& reused_;
  const bool keeps_borders_;
  std::optional<SampleReuse> reuse_;  // where samples were kept
  std::map<std::pair<KeyRangeOfSamples, std::optional<size_t>>, size_t> reused_of_range_;
  LaneFinder finder_;
  std::map<std::pair<size_t, size_t>, size_t> lane_of_filter_;  // of a pin and a filter: the first
};

}  // namespace

bool PinnedLanes::gives_samples() const {
  return std::any_of(lanes.begin(), lanes.end(),
                     [](const AggregateLane& lane) { return !lane.only_counts(); });
}

bool PinnedLanes::takes_all() const {
  return std::any_of(lanes.begin(), lanes.end(), [](const AggregateLane& lane) {
    return lane.takes_all() && !lane.only_counts();
  });
}

bool PinnedLanes::only_counts_some() const {
  return std::any_of(lanes.begin(), lanes.end(),
                     [](const AggregateLane& lane) { return lane.only_counts(); });
}

bool PinnedLanes::takes_all_values() const {
  return std::all_of(lanes.begin(), lanes.end(), [](const AggregateLane& lane) {
    return lane.excluding.empty() && !lane.clip;
  });
}

absl::StatusOr<AggregateLanes> AggregateLanes::Create(const Plan& plan, MemoryBudget& budget) {
  AggregateLanes lanes;
  lanes.memory_ = MemoryReservation(budget);
  LaneMaker maker(plan, lanes.memory_, lanes.pins_, lanes.filters_, lanes.reused_);
  const std::vector<uint32_t>& aggregates = plan.query.datasets[plan.dataset].aggregates;
  for (uint32_t index = 0; index < aggregates.size(); ++index) {
    SEXTANT_RETURN_IF_ERROR(maker.Add(index, plan.query.aggregates[aggregates[index]]));
  }
  return lanes;
}

absl::StatusOr<AggregateLanes::State> AggregateLanes::MakeState(MemoryBudget& budget) const {
  State state(budget);
  SEXTANT_RETURN_IF_ERROR(BeginState(state, budget));
  return state;
}

absl::Status AggregateLanes::BeginState(State& state, MemoryBudget& budget) const {
  for (const LaneFilter& filter : filters_) {
    SEXTANT_RETURN_IF_ERROR(MakeRoom(filter.filter, state.filtered.emplace_back(), budget));
  }
  for (const PinnedLanes& pinned : pins_) {
    PinState& own = state.pins.emplace_back();
    if (pinned.within) SEXTANT_RETURN_IF_ERROR(MakeRoom(*pinned.within, own.within, budget));
    own.lanes.resize(pinned.lanes.size());
    own.has_all.resize(pinned.lanes.size());
    for (const AggregateLane& lane : pinned.lanes) {
      Buffer& room = own.room.emplace_back();
      const bool is_shared = lane.filter && filters_[*lane.filter].pins.size() > 1;
      if (!is_shared || lane.same_rows_as || !pinned.within) continue;
      SEXTANT_ASSIGN_OR_RETURN(room, MakeBitmap(budget));
    }
    if (pinned.lanes.size() <= 1 || !pinned.gives_samples() || pinned.takes_all()) continue;
    SEXTANT_ASSIGN_OR_RETURN(own.united, MakeBitmap(budget));
  }
  if (!pins_.empty() && !takes_batches()) {
    SEXTANT_ASSIGN_OR_RETURN(state.united, MakeBitmap(budget));
  }
  return absl::OkStatus();
}

void AggregateLanes::ChooseFiltered(State& state, const Chunk& chunk, size_t filter) const {
  const std::vector<size_t>& pins = filters_[filter].pins;
  ChosenRows& chosen = state.filtered[filter];
  chosen.rows = CopyOf(state.pins[pins[0]].within.rows, chosen.bitmap);
  for (size_t i = 1; i < pins.size(); ++i) {
    Unite(chosen.rows, state.pins[pins[i]].within.rows);
  }
  Narrow(filters_[filter].filter, chunk, chosen);
}

Selection AggregateLanes::RowsOfLane(State& state, size_t pin, size_t lane) const {
  const AggregateLane& own = pins_[pin].lanes[lane];
  PinState& of_pin = state.pins[pin];
  if (own.same_rows_as) return of_pin.lanes[*own.same_rows_as];
  if (!own.filter) return of_pin.within.rows;
  const Selection filtered = state.filtered[*own.filter].rows;
  Buffer& room = of_pin.room[lane];
  if (room.size_bytes() == 0) return filtered;
  const Selection rows = CopyOf(of_pin.within.rows, room);
  Intersect(rows, filtered);
  return rows;
}

/// Lanes of samples have no other rows, so that as many are the same.
void AggregateLanes::NoteLanesOfAll(const PinnedLanes& pinned, PinState& state) {
  if (pinned.lanes.size() == 1) {
    state.has_all[0] = true;
    return;
  }
  const size_t num_rows = CountSelected(state.rows);
  for (size_t lane = 0; lane < pinned.lanes.size(); ++lane) {
    const AggregateLane& own = pinned.lanes[lane];
    state.has_all[lane] = own.takes_all()    ? true
                          : own.same_rows_as ? state.has_all[*own.same_rows_as]
                                             : CountSelected(state.lanes[lane]) == num_rows;
  }
}

Selection AggregateLanes::BeginChunk(State& state, const Chunk& chunk, Selection selection) const {
  for (size_t i = 0; i < pins_.size(); ++i) {
    ChosenRows& within = state.pins[i].within;
    within.rows = selection;
    if (!pins_[i].within) continue;
    within.rows = CopyOf(selection, within.bitmap);
    Narrow(*pins_[i].within, chunk, within);
  }
  for (size_t i = 0; i < filters_.size(); ++i) ChooseFiltered(state, chunk, i);
  for (size_t i = 0; i < pins_.size(); ++i) {
    PinState& own = state.pins[i];
    for (size_t lane = 0; lane < own.lanes.size(); ++lane) {
      own.lanes[lane] = RowsOfLane(state, i, lane);
    }
    if (pins_[i].gives_samples()) ChooseSampled(pins_[i], own);
  }
  if (pins_.empty()) return selection;
  return takes_batches() ? state.pins[0].rows : UniteAll(state, selection);
}

void AggregateLanes::ChooseSampled(const PinnedLanes& pinned, PinState& state) {
  const auto gives_samples = [](const AggregateLane& lane) { return !lane.only_counts(); };
  const size_t first =
      std::find_if(pinned.lanes.begin(), pinned.lanes.end(), gives_samples) - pinned.lanes.begin();
  state.rows = pinned.takes_all() ? state.within.rows : state.lanes[first];
  if (state.united.size_bytes() != 0) {
    state.rows = CopyOf(state.rows, state.united);
    for (size_t lane = first + 1; lane < state.lanes.size(); ++lane) {
      if (gives_samples(pinned.lanes[lane])) Unite(state.rows, state.lanes[lane]);
    }
  }
  NoteLanesOfAll(pinned, state);
}

Selection AggregateLanes::UniteAll(State& state, Selection all) const {
  const Selection united = {state.united.As<uint64_t>().data(), all.first, all.last};
  united.Clear();
  for (size_t i = 0; i < pins_.size(); ++i) {
    if (pins_[i].gives_samples()) Unite(united, state.pins[i].rows);
    for (size_t lane = 0; lane < pins_[i].lanes.size(); ++lane) {
      if (pins_[i].lanes[lane].only_counts()) Unite(united, state.pins[i].lanes[lane]);
    }
  }
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
          KeepSelected(state.pins[i].lanes[j], {rows, nullptr}, room).rows;
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
