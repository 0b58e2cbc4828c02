#pragma once

#include <cstdint>

#include "compute/column/column.h"

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

/// The same for a float column: float or double.
template <typename Body>
decltype(auto) WithFloatSlots(const Column& column, Body&& body) {
  if (column.width_bytes() == 4) return body(column.values<float>());
  return body(column.values<double>());
}

}  // namespace sextant
