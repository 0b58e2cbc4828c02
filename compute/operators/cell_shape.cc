#include "compute/operators/cell_shape.h"

namespace sextant {

std::optional<uint32_t> CellShape::NumSlots() const {
  uint64_t slots = num_intervals;
  for (const uint64_t domain : domains) {
    if (domain == 0 || domain > max_slots) return std::nullopt;
    slots *= domain;
    if (slots > max_slots) return std::nullopt;
  }
  if (slots > max_slots) return std::nullopt;
  return static_cast<uint32_t>(slots);
}

}  // namespace sextant
