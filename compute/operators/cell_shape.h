#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace sextant {

/// How codes of axes and intervals make a cell. Axis a has codes below domains[a], or any when
/// that is 0 (its values are interned: codes are about as many as values). Intervals count over all
/// series, one series after another.
struct CellShape {
  std::vector<uint64_t> domains;
  uint32_t num_intervals = 1;
  /// With at most so many slots, each is a cell from the start, whether a sample falls in it or
  /// not.
  uint64_t max_direct_slots = 0;

  /// Most slots of the table of dense cells (decisions.md).
  static constexpr uint64_t kMaxSlots = uint64_t{1} << 20;
  /// Of this shape: a table of many more slots than there are rows takes longer to clear than it
  /// saves.
  uint64_t max_slots = kMaxSlots;
  /// The product of all domains and intervals, or nullopt beyond max_slots.
  std::optional<uint32_t> NumSlots() const;
};

}  // namespace sextant
