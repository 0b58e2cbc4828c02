#pragma once

#include <string>

#include "compute/plan/bound_query.h"

namespace sextant {

/// Whether a histogram of this value has SQL: its edges are given, or so many on a linear scale.
/// What fits the samples takes moments that PostgreSQL adds in another order, and its logarithms
/// may differ in the last bit, which decides where a sample at an edge is.
bool HistogramHasSql(const BoundAggregate& aggregate);

/// The counts or the edges, NULL without samples; NULL of the type where it has no SQL. `samples`
/// is an aggregate: the array of the samples of a cell, in double precision, NULL without any.
std::string HistogramSql(const BoundAggregate& aggregate, const std::string& samples);

}  // namespace sextant
