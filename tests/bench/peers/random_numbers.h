#pragma once

#include <cstdint>

namespace sextant::peers {

/// splitmix64: the same numbers on every machine, from integer arithmetic alone. Not thread-safe.
class RandomNumbers {
 public:
  explicit RandomNumbers(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t mixed = (state_ += 0x9e3779b97f4a7c15);
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
  }

  /// Of [0, bound), all equally likely.
  int64_t Below(int64_t bound) {
    return static_cast<int64_t>(Product(Next(), static_cast<uint64_t>(bound)) >> 64);
  }

  /// Of [low, high], all equally likely.
  int64_t Between(int64_t low, int64_t high) { return low + Below(high - low + 1); }

  bool Percent(int64_t percent) { return Below(100) < percent; }

  /// Of [0, bound), small values likelier.
  int64_t Skewed(int64_t bound) {
    const int64_t first = Below(bound);
    const int64_t second = Below(bound);
    return first * second / bound;
  }

 private:
  __extension__ typedef unsigned __int128 Wide;
  static Wide Product(uint64_t left, uint64_t right) { return static_cast<Wide>(left) * right; }

  uint64_t state_;
};

}  // namespace sextant::peers
