#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/operators/excluded_samples.h"
#include "compute/operators/filter.h"
#include "compute/operators/morsel.h"
#include "compute/operators/sample_pin.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// Aggregates that share what makes rows samples: the pin and the metric's own filter.
struct AggregateLane {
  std::shared_ptr<const SamplePin> pin;    // lanes of one pin share its tables
  std::optional<Filter> filter;            // rows that fail it give no sample, and exclude none
  std::vector<uint32_t> aggregates;        // positions among those of the dataset
  std::vector<ExcludedSamples> excluding;  // of these, where values may not be computable
};

/// The lanes of one dataset of a query. Const after construction; safe for any number of threads,
/// each with its own State.
class AggregateLanes {
 public:
  /// Memory of one range.
  struct State {
    explicit State(MemoryBudget& budget) : pin(budget) {}

    PinScratch pin;
    std::vector<Buffer> passing;  // per lane with a filter: bitmap of the chunk at hand
    std::vector<FilterScratch> filters;
  };
  /// Rows of a batch that give samples to a lane.
  struct Rows {
    std::span<const uint32_t> rows;
    const uint32_t* groups;
  };
  /// Room for the rows of a batch that pass.
  struct PassingRows {
    std::array<uint32_t, kBatchRows> rows;
    std::array<uint32_t, kBatchRows> groups;
  };

  /// Errors: RESOURCE_EXHAUSTED from `budget`, which the tables of the pins are charged to.
  static absl::StatusOr<AggregateLanes> Create(const BoundQuery& query, size_t dataset,
                                               const Table& table,
                                               std::span<const ResolvedSeries> series,
                                               MemoryBudget& budget);

  size_t size() const { return lanes_.size(); }
  const AggregateLane& operator[](size_t lane) const { return lanes_[lane]; }

  absl::StatusOr<State> MakeState(MemoryBudget& budget) const;
  /// Runs the filters over the rows of a chunk that the query's own filter kept.
  void BeginChunk(State& state, const Chunk& chunk, Selection selection) const;
  /// The rows of `batch` that pass the filter of a lane, with their groups: `batch` itself, or in
  /// `room`. `batch.groups` may be null. REQUIRES: BeginChunk, with these rows selected.
  Rows KeepPassing(const State& state, size_t lane, const Rows& batch, PassingRows& room) const;
  /// How many samples of how many aggregates are left out because the value or the pin of a row
  /// cannot be computed (rules 5, 16): once per row and aggregate, whatever its groups and
  /// intervals. A value counts where the row gives a sample.
  absl::StatusOr<uint64_t> CountExcluded(State& state, const Chunk& chunk,
                                         std::span<const uint32_t> rows) const;

 private:
  AggregateLanes() = default;

  std::vector<AggregateLane> lanes_;
  MemoryReservation memory_;
};

}  // namespace sextant
