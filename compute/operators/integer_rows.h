#pragma once

#include <algorithm>
#include <cstdint>

#include "compute/column/column.h"
#include "compute/kernels/selection.h"
#include "compute/kernels/width_dispatch.h"

namespace sextant {

/// Clears the NULL rows of `column`.
inline void NarrowByValidity(const Column& column, Selection selection) {
  if (column.has_nulls()) NarrowByBitmap(column.validity().data(), selection);
}

/// Rows [begin, end) of a chunk.
struct RowInterval {
  uint32_t begin = 0;
  uint32_t end = 0;
};

/// low <= value <= high of a sorted integer column. REQUIRES: low <= high, both within the bounds
/// of its zone map.
inline RowInterval RowsWithin(const Column& column, int64_t low, int64_t high) {
  const auto base = static_cast<uint64_t>(column.base());
  return WithUnsignedSlots(column, [&](auto slots) {
    using T = std::remove_cvref_t<decltype(slots[0])>;
    const auto first = static_cast<T>(static_cast<uint64_t>(low) - base);
    const auto last = static_cast<T>(static_cast<uint64_t>(high) - base);
    const auto begin = std::lower_bound(slots.begin(), slots.end(), first);
    const auto end = std::upper_bound(begin, slots.end(), last);
    return RowInterval{static_cast<uint32_t>(begin - slots.begin()),
                       static_cast<uint32_t>(end - slots.begin())};
  });
}

/// max - min. REQUIRES: has_bounds.
inline uint64_t SpanOf(const ZoneMap& zone) {
  return static_cast<uint64_t>(zone.max_integer) - static_cast<uint64_t>(zone.min_integer);
}

}  // namespace sextant
