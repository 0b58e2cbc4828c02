#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <vector>

namespace sextant {

/// How a cell becomes one number, its key, so that keys ascend as the rows of a result do: the rank
/// of its code on each axis, the first axis highest, then its interval, in bit fields side by side.
/// What the ranks lie in must outlive it.
struct KeyDigits {
  static constexpr unsigned kMaxBits = 64;

  struct Axis {
    unsigned bits = 0;
    std::span<const uint32_t> rank_of_code;
  };

  std::vector<Axis> axes;
  unsigned interval_bits = 0;

  /// Of numbers below `end`.
  static unsigned BitsBelow(uint64_t end) {
    return end <= 1 ? 0 : static_cast<unsigned>(std::bit_width(end - 1));
  }

  unsigned num_bits() const {
    unsigned bits = interval_bits;
    for (const Axis& axis : axes) bits += axis.bits;
    return bits;
  }
};

}  // namespace sextant
