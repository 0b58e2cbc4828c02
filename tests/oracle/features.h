#pragma once

namespace sextant::oracle {

/// The parts of the language that cases are made of: what the product has.
inline constexpr bool kHasScalars = true;  // arithmetic, CASE, functions, casts, LIKE, ~, DISTINCT
inline constexpr bool kHasAggregates = true;  // FILTER, statistics, arithmetic over aggregates
inline constexpr bool kHasCalendar = false;   // minute, hour, quarter, year, rolling
inline constexpr bool kHasPins = false;       // during, as_of_end, lists of instants
inline constexpr bool kHasCells = true;       // bins, sets, having, top-N, totals, dense

}  // namespace sextant::oracle
