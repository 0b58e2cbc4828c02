#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/table.h"
#include "compute/kernels/selection.h"
#include "compute/memory/buffer.h"
#include "compute/operators/aggregate_lanes.h"
#include "compute/operators/value_reader.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// Finds the rows that give a sample to an aggregate in any of some intervals: those that its own
/// filter leaves, whose pin finds an interval, and whose value is not NULL, unless the aggregate
/// counts rows. A row is found once, however many samples it gives to however many aggregates.
/// Const after construction; safe for any number of threads, each with its own State. Must not
/// outlive the table it was made for.
class SampledRows {
 public:
  /// Memory of one thread.
  struct State {
    AggregateLanes::State lanes;
    Buffer found;  // bitmaps of a chunk
    Buffer own;
  };

  /// Of the aggregates of one dataset. `series` as in SamplePin. Errors: RESOURCE_EXHAUSTED from
  /// `budget`, here and in MakeState.
  static absl::StatusOr<SampledRows> Create(const BoundQuery& query, size_t dataset,
                                            const Table& table,
                                            std::span<const ResolvedSeries> series,
                                            MemoryBudget& budget);

  absl::StatusOr<State> MakeState(MemoryBudget& budget) const;
  /// Whether zone maps show that no row of the chunk gives a sample.
  bool Skips(const Chunk& chunk) const { return lanes_.Skips(chunk); }
  /// Clears the bits of rows that bounds of blocks show to give none, for next to nothing.
  void RuleOut(const Chunk& chunk, Selection selection) const { lanes_.RuleOut(chunk, selection); }
  /// Of the selected rows, those that give one; they live as long as the state, until the next
  /// call. Errors: RESOURCE_EXHAUSTED, those of AskToGoOn.
  absl::StatusOr<Selection> Find(State& state, const Chunk& chunk, Selection selection) const;

 private:
  /// What is not NULL in a sample of an aggregate.
  struct LaneValue {
    ValueReader first;
    std::optional<ValueReader> second;  // of two variables
  };
  /// What tells the samples of a lane, beside its filter and its pin.
  struct LaneValues {
    bool takes_all = false;
    std::vector<LaneValue> any_of;  // else
  };

  explicit SampledRows(AggregateLanes lanes) : lanes_(std::move(lanes)) {}

  /// Leaves of `selection`, rows of the lane, those that give it a sample.
  absl::Status Narrow(State& state, const Chunk& chunk, const SamplePin& pin,
                      const LaneValues& values, Selection selection) const;
  static void KeepValued(const Chunk& chunk, std::span<const uint32_t> rows,
                         const LaneValues& values, uint8_t* keeps);

  AggregateLanes lanes_;
  std::vector<std::vector<LaneValues>> values_;  // per pin and lane
};

}  // namespace sextant
