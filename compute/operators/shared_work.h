#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "compute/operators/aggregate_lanes.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// How much of what the metrics ask of a pass over the rows is asked for, and how much is done:
/// equal parts are done once.
struct SharedWork {
  struct Count {
    uint64_t asked = 0;
    uint64_t done = 0;
  };
  /// As often as metrics name one; those whose states are computed.
  Count aggregates;
  /// Of metrics, not of the query, and those that find the rows outside of a domain: as often as
  /// aggregates have one; those that are run.
  Count filters;
  /// Pins: as often as aggregates have one; those whose samples are put into intervals.
  Count times;
  /// What keeps samples, or sums of them: one per aggregate asked; those that samples are put into,
  /// from which the others are finished.
  Count states;
};

/// `leaders`: as FindLeaders has them, of all aggregates of the dataset.
SharedWork CountSharedWork(const BoundQuery& query, size_t dataset, const AggregateLanes& lanes,
                           std::span<const uint32_t> leaders);

}  // namespace sextant
