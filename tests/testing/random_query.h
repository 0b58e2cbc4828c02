#pragma once

#include "compute/plan/bound_query.h"
#include "tests/testing/random_table.h"

namespace sextant {

/// A query over a RandomTable: metrics of every kind, axes, a filter of every leaf, several series,
/// ranges of time given or not, orders by what is exact, limits.
BoundQuery RandomQuery(RandomDraws& draws, const Table& table);

/// A filter on its own.
BoundPredicate RandomPredicate(RandomDraws& draws, const Table& table, int depth);

}  // namespace sextant
