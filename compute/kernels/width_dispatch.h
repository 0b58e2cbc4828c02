#pragma once

#include <cstdint>
#include <span>

#include "compute/column/column.h"
#include "compute/kernels/gather.h"

namespace sextant {

/// Calls `body(values)` with the slots of an integer or code column as std::span<const T> of their
/// unsigned type: the one place where the width of a chunk becomes a type.
template <typename Body>
decltype(auto) WithUnsignedSlots(const Column& column, Body&& body) {
  switch (column.width_bytes()) {
    case 1:
      return body(column.values<uint8_t>());
    case 2:
      return body(column.values<uint16_t>());
    case 4:
      return body(column.values<uint32_t>());
    default:
      return body(column.values<uint64_t>());
  }
}

/// Writes the values of `rows` of a column of integers.
inline void GatherValues(const Column& column, std::span<const uint32_t> rows, int64_t* values) {
  WithUnsignedSlots(column, [&](auto slots) {
    if constexpr (sizeof(slots[0]) <= sizeof(uint32_t)) {
      if (column.step() != 1) {
        return GatherSteps(slots.data(), column.base(), column.step(), rows, values);
      }
    }
    GatherIntegers(slots.data(), column.base(), rows, values);
  });
}

/// Writes how far the values of `rows` of a column of integers are above `least`, modulo 2^32.
inline void GatherOffsetsFrom(int64_t least, const Column& column, std::span<const uint32_t> rows,
                              uint32_t* offsets) {
  const auto shift =
      static_cast<uint32_t>(static_cast<uint64_t>(column.base()) - static_cast<uint64_t>(least));
  WithUnsignedSlots(column, [&](auto slots) {
    if (column.step() != 1) {
      return GatherStepCodes(slots.data(), column.step(), shift, rows, offsets);
    }
    GatherCodes(slots.data(), shift, rows, offsets);
  });
}

/// The same for a float column: float or double.
template <typename Body>
decltype(auto) WithFloatSlots(const Column& column, Body&& body) {
  if (column.width_bytes() == 4) return body(column.values<float>());
  return body(column.values<double>());
}

/// The doubles of a float column's `rows`: where they are if they lie there side by side, else in
/// `room`.
inline std::span<const double> SlotsOfFloats(const Column& column, std::span<const uint32_t> rows,
                                             double* room) {
  if (column.width_bytes() == sizeof(double) && IsContiguous(rows)) {
    return column.values<double>().subspan(rows.front(), rows.size());
  }
  WithFloatSlots(column, [&](auto slots) { GatherFloats(slots.data(), rows, room); });
  return {room, rows.size()};
}

}  // namespace sextant
