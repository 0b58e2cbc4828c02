#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "compute/operators/aggregate.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// Aggregates of one lane, so of the same samples, that keep them once: quantiles, mode, min and
/// max of one value share one sort; sum, avg and count of one value share one table.

/// Writes to leaders[i], for each i of `lane` (positions among the aggregates of the dataset), the
/// position of the aggregate whose state i is finished from: its own where it shares with none.
void FindLeaders(const BoundQuery& query, size_t dataset, std::span<const uint32_t> lane,
                 std::span<uint32_t> leaders);

/// States of aggregates: those that another leads are views of the leader's.
std::vector<std::unique_ptr<AggregateState>> MakeSharedStates(
    std::span<const std::unique_ptr<Aggregate>> aggregates, std::span<const uint32_t> leaders,
    MemoryBudget& budget);

/// Whether min and max of this type can be read off its sorted samples: those whose equal values
/// look alike, and whose keys are not codes.
bool ExtremesAreOrdered(const DataType& type);

}  // namespace sextant
