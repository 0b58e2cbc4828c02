#include "compute/operators/aggregate_lanes.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/column/bitmap.h"
#include "compute/memory/status_macros.h"

namespace sextant {

absl::StatusOr<AggregateLanes> AggregateLanes::Create(const BoundQuery& query, size_t dataset,
                                                      const Table& table,
                                                      std::span<const ResolvedSeries> series,
                                                      MemoryBudget& budget) {
  AggregateLanes lanes;
  lanes.memory_ = MemoryReservation(budget);
  const SamplePin::Context context = {table, series, query.time_zone, lanes.memory_};
  std::map<std::string, std::shared_ptr<const SamplePin>> pins;
  std::map<std::string, size_t> lane_of_key;
  const std::vector<uint32_t>& aggregates = query.datasets[dataset].aggregates;
  for (uint32_t index = 0; index < aggregates.size(); ++index) {
    const BoundAggregate& aggregate = query.aggregates[aggregates[index]];
    const std::string pin_key = ToString(aggregate.pin);
    const std::string key =
        absl::StrCat(pin_key, "\n", aggregate.filter ? ToString(*aggregate.filter) : "");
    const auto [known, is_new] = lane_of_key.try_emplace(key, lanes.lanes_.size());
    if (is_new) {
      std::shared_ptr<const SamplePin>& pin = pins[pin_key];
      if (pin == nullptr) {
        SEXTANT_ASSIGN_OR_RETURN(SamplePin made, SamplePin::Create(aggregate.pin, context));
        pin = std::make_shared<const SamplePin>(std::move(made));
      }
      AggregateLane& lane = lanes.lanes_.emplace_back();
      lane.pin = pin;
      if (aggregate.filter) {
        SEXTANT_ASSIGN_OR_RETURN(lane.filter, Filter::Create(aggregate.filter, table, budget));
      }
    }
    AggregateLane& lane = lanes.lanes_[known->second];
    lane.aggregates.push_back(index);
    SEXTANT_ASSIGN_OR_RETURN(std::optional<ExcludedSamples> excluding,
                             ExcludedSamples::Create(aggregate, table, budget));
    if (excluding) lane.excluding.push_back(*std::move(excluding));
  }
  return lanes;
}

absl::StatusOr<AggregateLanes::State> AggregateLanes::MakeState(MemoryBudget& budget) const {
  State state(budget);
  for (const AggregateLane& lane : lanes_) {
    Buffer& passing = state.passing.emplace_back();
    FilterScratch& filter = state.filters.emplace_back();
    if (!lane.filter) continue;
    SEXTANT_ASSIGN_OR_RETURN(
        passing, Buffer::Allocate(budget, BitmapWords(kMaxChunkRows) * sizeof(uint64_t)));
    SEXTANT_ASSIGN_OR_RETURN(filter, lane.filter->MakeScratch(budget));
  }
  return state;
}

void AggregateLanes::BeginChunk(State& state, const Chunk& chunk, Selection selection) const {
  for (size_t i = 0; i < lanes_.size(); ++i) {
    if (!lanes_[i].filter) continue;
    const Selection passing = {state.passing[i].As<uint64_t>().data(), selection.first,
                               selection.last};
    if (lanes_[i].filter->Skips(chunk)) {
      passing.Clear();
      continue;
    }
    std::memcpy(passing.words + passing.first, selection.words + selection.first,
                (selection.last - selection.first) * sizeof(uint64_t));
    lanes_[i].filter->Narrow(chunk, passing, state.filters[i]);
  }
}

AggregateLanes::Rows AggregateLanes::KeepPassing(const State& state, size_t lane, const Rows& batch,
                                                 PassingRows& room) const {
  if (!lanes_[lane].filter) return batch;
  const std::span<const uint64_t> passing = state.passing[lane].As<uint64_t>();
  size_t kept = 0;
  for (size_t k = 0; k < batch.rows.size(); ++k) {
    room.rows[kept] = batch.rows[k];
    if (batch.groups != nullptr) room.groups[kept] = batch.groups[k];
    kept += TestBit(passing, batch.rows[k]) ? 1 : 0;
  }
  return {{room.rows.data(), kept}, batch.groups == nullptr ? nullptr : room.groups.data()};
}

absl::StatusOr<uint64_t> AggregateLanes::CountExcluded(State& state, const Chunk& chunk,
                                                       std::span<const uint32_t> rows) const {
  uint64_t num_excluded = 0;
  PassingRows room;
  std::array<uint8_t, kBatchRows> sampled;
  for (size_t i = 0; i < lanes_.size(); ++i) {
    const AggregateLane& lane = lanes_[i];
    if (lane.excluding.empty() && !lane.pin->may_exclude()) continue;
    const std::span<const uint32_t> passing = KeepPassing(state, i, {rows, nullptr}, room).rows;
    SEXTANT_ASSIGN_OR_RETURN(const uint64_t without_time,
                             lane.pin->FindSampled(chunk, passing, state.pin, sampled.data()));
    num_excluded += without_time * lane.aggregates.size();
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
  return num_excluded;
}

}  // namespace sextant
