#include "compute/operators/sampled_rows.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

#include "compute/column/bitmap.h"
#include "compute/memory/keep_going.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/morsel.h"
#include "compute/operators/row_batches.h"

namespace sextant {
namespace {

absl::StatusOr<Buffer> MakeBitmap(MemoryBudget& budget) {
  return Buffer::Allocate(budget, BitmapWords(kMaxChunkRows) * sizeof(uint64_t));
}

/// The value without which a row is no sample: of the best ones that which puts them in order (rule
/// 9), of two variables also `aggregate.second`.
const BoundValue& SampledValue(const BoundAggregate& aggregate) {
  return aggregate.kind == AggregateKind::kTopValues ? aggregate.second : aggregate.value;
}

bool IsOfTwoVariables(AggregateKind kind) {
  return kind == AggregateKind::kCorr || kind == AggregateKind::kRegrSlope ||
         kind == AggregateKind::kRegrR2;
}

}  // namespace

absl::StatusOr<SampledRows> SampledRows::Create(const BoundQuery& query, size_t dataset,
                                                const Table& table,
                                                std::span<const ResolvedSeries> series,
                                                MemoryBudget& budget) {
  // Rows outside of a domain give no samples.
  const AggregateLanes::Plan plan = {query, dataset, table, series, /*has_rows_outside=*/false};
  SEXTANT_ASSIGN_OR_RETURN(AggregateLanes lanes, AggregateLanes::Create(plan, budget));
  SampledRows rows(std::move(lanes));
  for (const PinnedLanes& pinned : rows.lanes_.pins()) {
    std::vector<LaneValues>& of_pin = rows.values_.emplace_back();
    for (const AggregateLane& lane : pinned.lanes) {
      LaneValues& values = of_pin.emplace_back();
      for (const uint32_t index : lane.aggregates) {
        const BoundAggregate& aggregate =
            query.aggregates[query.datasets[dataset].aggregates[index]];
        if (!HasValue(aggregate.kind)) {
          values.takes_all = true;
          continue;
        }
        SEXTANT_ASSIGN_OR_RETURN(ValueReader reader,
                                 ValueReader::Create(SampledValue(aggregate), table, budget));
        LaneValue value = {std::move(reader), std::nullopt};
        if (IsOfTwoVariables(aggregate.kind)) {
          SEXTANT_ASSIGN_OR_RETURN(ValueReader second,
                                   ValueReader::Create(aggregate.second, table, budget));
          value.second.emplace(std::move(second));
        }
        values.any_of.push_back(std::move(value));
      }
    }
  }
  SEXTANT_RETURN_IF_ERROR(AskToGoOn());  // or a reader may be without values
  return rows;
}

absl::StatusOr<SampledRows::State> SampledRows::MakeState(MemoryBudget& budget) const {
  SEXTANT_ASSIGN_OR_RETURN(AggregateLanes::State lanes, lanes_.MakeState(budget));
  State state{std::move(lanes), Buffer(), Buffer()};
  SEXTANT_ASSIGN_OR_RETURN(state.found, MakeBitmap(budget));
  SEXTANT_ASSIGN_OR_RETURN(state.own, MakeBitmap(budget));
  return state;
}

absl::StatusOr<Selection> SampledRows::Find(State& state, const Chunk& chunk,
                                            Selection selection) const {
  const Selection found = {state.found.As<uint64_t>().data(), selection.first, selection.last};
  found.Clear();
  lanes_.BeginChunk(state.lanes, chunk, selection);
  for (size_t i = 0; i < values_.size(); ++i) {
    for (size_t j = 0; j < values_[i].size(); ++j) {
      const Selection passing = state.lanes.pins[i].lanes[j];
      const Selection own = {state.own.As<uint64_t>().data(), selection.first, selection.last};
      std::copy(passing.words + own.first, passing.words + own.last, own.words + own.first);
      SEXTANT_RETURN_IF_ERROR(Narrow(state, chunk, lanes_.pins()[i].pin, values_[i][j], own));
      for (uint32_t word = own.first; word < own.last; ++word) found.words[word] |= own.words[word];
    }
  }
  SEXTANT_RETURN_IF_ERROR(AskToGoOn());  // or rows may be left untested
  return found;
}

absl::Status SampledRows::Narrow(State& state, const Chunk& chunk, const SamplePin& pin,
                                 const LaneValues& values, Selection selection) const {
  if (!values.takes_all && values.any_of.empty()) {
    selection.Clear();
    return absl::OkStatus();
  }
  if (pin.takes_rows_once() && values.takes_all) return absl::OkStatus();
  absl::Status status;
  NarrowByBatch(selection, [&](std::span<const uint32_t> rows, uint8_t* keeps) {
    const absl::StatusOr<uint64_t> excluded = pin.FindSampled(chunk, rows, state.lanes.pin, keeps);
    if (!excluded.ok()) {
      status.Update(excluded.status());
    } else if (!values.takes_all) {
      KeepValued(chunk, rows, values, keeps);
    }
  });
  return status;
}

void SampledRows::KeepValued(const Chunk& chunk, std::span<const uint32_t> rows,
                             const LaneValues& values, uint8_t* keeps) {
  std::array<uint8_t, kBatchRows> has_one{};
  for (const LaneValue& value : values.any_of) {
    std::array<uint8_t, kBatchRows> valid;
    value.first.ReadValidity(chunk, rows, valid.data());
    if (value.second) {
      std::array<uint8_t, kBatchRows> second;
      value.second->ReadValidity(chunk, rows, second.data());
      for (size_t k = 0; k < rows.size(); ++k) valid[k] &= second[k];
    }
    for (size_t k = 0; k < rows.size(); ++k) has_one[k] |= valid[k];
  }
  for (size_t k = 0; k < rows.size(); ++k) keeps[k] &= has_one[k];
}

}  // namespace sextant
