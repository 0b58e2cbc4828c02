#include "compute/operators/clip_cuts.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/metric_values.h"
#include "compute/operators/morsel.h"
#include "compute/plan/clip_tiles.h"

namespace sextant {
namespace {

constexpr size_t kCellsPerQuestion = size_t{1} << 12;

std::string TextOf(size_t dataset, const BoundAggregate& aggregate) {
  return absl::StrCat(dataset, " ", ClipText(aggregate));
}

/// What finds a cut: integers and durations as they are, floats as float8.
BoundAggregate CutOf(const ClipPlan::Entry& entry, double quantile) {
  BoundAggregate cut;
  cut.kind = AggregateKind::kNearestRank;
  cut.value = entry.clip.value;
  cut.fraction = quantile;
  cut.pin = entry.pin;
  cut.filter = entry.clip.filter;
  cut.result_type =
      DataType::Of(IsFloat(cut.value.type.kind) ? TypeKind::kFloat64 : TypeKind::kInt64);
  return cut;
}

/// The keys of finished cuts; std::nullopt of one that is not there.
std::optional<int64_t> KeyAt(const MetricValues& cuts, size_t position) {
  if (cuts.valid[position] == 0) return std::nullopt;
  return cuts.form == MetricValues::Form::kFloat ? FloatKey(cuts.floats[position])
                                                 : cuts.integers[position];
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
  for (size_t dataset = 0; dataset < query.datasets.size(); ++dataset) {
    for (const uint32_t index : query.datasets[dataset].aggregates) {
      const BoundAggregate& aggregate = query.aggregates[index];
      if (!aggregate.clip) continue;
      SEXTANT_RETURN_IF_ERROR(AskToGoOn());
      const size_t next = plan.clips.size();
      if (!plan.number_of_text.try_emplace(TextOf(dataset, aggregate), next).second) continue;
      plan.clips.push_back({dataset, TilePinOf(aggregate), *aggregate.clip, 0});
    }
  }
  plan.query.datasets = query.datasets;
  plan.query.time_zone = query.time_zone;
  plan.query.limits = query.limits;
  // Cells of tiles are not shown: memory bounds them, and the 32 bits of their numbers.
  plan.query.limits.max_values = std::numeric_limits<uint32_t>::max() - 1;
  for (BoundDataset& dataset : plan.query.datasets) dataset.aggregates.clear();
  for (ClipPlan::Entry& entry : plan.clips) {
    std::vector<uint32_t>& of_dataset = plan.query.datasets[entry.dataset].aggregates;
    entry.first_cut = static_cast<uint32_t>(of_dataset.size());
    const auto add = [&](double quantile) {
      of_dataset.push_back(static_cast<uint32_t>(plan.query.aggregates.size()));
      plan.query.aggregates.push_back(CutOf(entry, quantile));
    };
    if (entry.has_low_cut()) add(entry.clip.low);
    add(entry.clip.high);
  }
  return plan;
}

absl::StatusOr<ClipCuts> ClipCuts::Create(const ClipPlan& plan, size_t dataset, const Pass& pass,
                                          MemoryBudget& budget, KeepGoing keep_going) {
  ClipCuts cuts(budget);
  for (size_t clip = 0; clip < plan.clips.size(); ++clip) {
    cuts.own_.push_back(static_cast<uint32_t>(cuts.types_.size()));
    if (plan.clips[clip].dataset != dataset) continue;
    const std::vector<uint32_t>& of_dataset = plan.query.datasets[dataset].aggregates;
    cuts.types_.push_back(
        plan.query.aggregates[of_dataset[plan.clips[clip].first_cut]].result_type);
  }
  for (size_t axis = 0; axis < pass.num_axes; ++axis) cuts.prefixes_.emplace_back(budget);
  TrackedVector<Place> places(budget);
  SEXTANT_RETURN_IF_ERROR(places.ResizeUninitialized(pass.cells.num_cells()));
  SEXTANT_RETURN_IF_ERROR(cuts.FindPlaces(pass, places.span(), keep_going));
  SEXTANT_RETURN_IF_ERROR(cuts.MakeRoom(keep_going));
  for (size_t clip = 0; clip < plan.clips.size(); ++clip) {
    if (plan.clips[clip].dataset != dataset) continue;
    SEXTANT_RETURN_IF_ERROR(
        cuts.Fill(pass, plan.clips[clip], cuts.own_[clip], places.span(), keep_going));
  }
  cuts.axes_ = std::move(pass.axes);
  return cuts;
}

absl::Status ClipCuts::FindPlaces(const Pass& pass, std::span<Place> places, KeepGoing keep_going) {
  TrackedVector<uint8_t> has_sample(*budget_);
  SEXTANT_RETURN_IF_ERROR(has_sample.Resize(places.size()));
  for (const auto& metric : pass.metrics) metric->MarkSamples(has_sample.span());
  std::vector<uint32_t> codes(pass.num_axes);
  Pace pace(keep_going, kCellsPerQuestion);
  for (uint32_t cell = 0; cell < places.size(); ++cell) {
    SEXTANT_RETURN_IF_ERROR(pace.Spend(1));
    places[cell] = Place();
    if (has_sample[cell] == 0) continue;
    const uint32_t tile = pass.cells.Decode(cell, codes.data());
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
  SEXTANT_RETURN_IF_ERROR(cuts_.ResizeUninitialized(num_places_ * types_.size()));
  return ForBlocks(cuts_.size(), keep_going, [&](size_t begin, size_t end) {
    std::fill(cuts_.data() + begin, cuts_.data() + end, Cut());
  });
}

absl::Status ClipCuts::Fill(const Pass& pass, const ClipPlan::Entry& entry, size_t own,
                            std::span<const Place> places, KeepGoing keep_going) {
  std::array<uint32_t, kBatchRows> cells;
  for (uint32_t cell = 0; cell < places.size();) {
    size_t count = 0;
    for (; cell < places.size() && count < kBatchRows; ++cell) {
      cells[count] = cell;
      count += places[cell].group != kNoGroup ? 1 : 0;
    }
    if (count == 0) continue;
    SEXTANT_RETURN_IF_ERROR(keep_going());
    for (uint32_t number = 0; number < entry.num_cuts(); ++number) {
      const bool is_high = number + 1 == entry.num_cuts();
      MetricValues found(types_[own], *budget_);
      SEXTANT_RETURN_IF_ERROR(
          pass.metrics[entry.first_cut + number]->Finish({cells.data(), count}, found, keep_going));
      for (size_t k = 0; k < count; ++k) {
        const std::optional<int64_t> key = KeyAt(found, k);
        if (!key) continue;
        Cut& cut = CutAt(places[cells[k]], own);
        (is_high ? cut.high : cut.low) = *key;
        if (!entry.has_low_cut()) cut.low = std::numeric_limits<int64_t>::min();
      }
    }
  }
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
