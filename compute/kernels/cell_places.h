#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

namespace sextant {

/// The greatest kMost of the numbers offered to a cell, the greatest first; 0 where there are
/// fewer. A plain value of zeros at first, unsigned. A number is taken by one shuffle, one minimum
/// and one maximum of all places: plain numbers become a branch around the store, which every new
/// best mispredicts, and each thread has its own bests to find.
template <typename T, size_t kMost>
class CellPlaces {
 public:
  void Offer(T number) {
    Vector places;
    std::memcpy(&places, numbers_, sizeof(places));
    Vector before;
    ShiftBehindAll(places, before, std::make_index_sequence<kWidth - 1>());
    const Vector offered = number - Vector{};
    const Vector least = before < offered ? before : offered;
    const Vector raised = places > least ? places : least;
    std::memcpy(numbers_, &raised, sizeof(raised));
  }

  T operator[](size_t place) const { return numbers_[place]; }

 private:
  /// The last place of three has a number nobody asks for.
  static constexpr size_t kWidth = std::bit_ceil(kMost);
  typedef T Vector __attribute__((vector_size(kWidth * sizeof(T))));

  /// A number moves to a place where it is less than the one before; nothing is before the first.
  template <size_t... kPlace>
  static void ShiftBehindAll(const Vector& places, Vector& before, std::index_sequence<kPlace...>) {
    before = __builtin_shufflevector(~Vector{}, places, 0, (kWidth + kPlace)...);
  }

  T numbers_[kWidth] = {};
};

}  // namespace sextant
