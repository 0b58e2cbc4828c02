#pragma once

#include <cstdint>
#include <span>

#include "compute/column/table.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// The aggregates of a lane, of which some may share the cells of one state.
struct FusedLane {
  const BoundQuery& query;
  size_t dataset;
  const Table& table;
  uint64_t num_rows;                     // bounds the samples of a cell
  bool is_ungrouped;                     // float sums go by lanes, and stay by themselves
  bool has_few_cells;                    // or rows: states cost nothing to merge
  uint64_t least_binned_rows;            // as in AggregateSpec
  std::span<const uint32_t> aggregates;  // positions among those of the dataset

  const BoundAggregate& At(uint32_t i) const {
    return query.aggregates[query.datasets[dataset].aggregates[i]];
  }
};

}  // namespace sextant
