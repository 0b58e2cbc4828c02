#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

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

/// A range of what the slots of a column hold, which may begin high and end low, modulo 2^64.
struct SlotRange {
  uint64_t low = 0;
  uint64_t high = 0;
};

/// The slots of values that are `low` to `high`, of a column of integers or codes; nullopt where
/// these lie between two of its steps. REQUIRES: low <= high, both within the bounds of the
/// column's zone map.
inline std::optional<SlotRange> SlotsWithin(const Column& column, int64_t low, int64_t high) {
  const uint64_t base =
      column.layout() == Layout::kInteger ? static_cast<uint64_t>(column.base()) : 0;
  const uint64_t first = static_cast<uint64_t>(low) - base;
  const uint64_t last = static_cast<uint64_t>(high) - base;
  const uint64_t step = column.step();
  if (step == 1) return SlotRange{first, last};
  const SlotRange range = {first / step + (first % step != 0 ? 1 : 0), last / step};
  return range.low <= range.high ? std::optional(range) : std::nullopt;
}

/// low <= value <= high of a sorted integer column. REQUIRES: low <= high, both within the bounds
/// of its zone map.
inline RowInterval RowsWithin(const Column& column, int64_t low, int64_t high) {
  const std::optional<SlotRange> range = SlotsWithin(column, low, high);
  if (!range) return {};
  return WithUnsignedSlots(column, [&](auto slots) {
    using T = std::remove_cvref_t<decltype(slots[0])>;
    const auto first = static_cast<T>(range->low);
    const auto last = static_cast<T>(range->high);
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
