#pragma once

#include <cstdint>
#include <initializer_list>
#include <random>
#include <vector>

namespace sextant::oracle {

/// Draws of a seeded generator: the same on every machine.
class Draws {
 public:
  explicit Draws(uint64_t seed) : generator_(seed * 0x9E3779B97F4A7C15u + 1) {}

  /// In [0, bound). REQUIRES: bound > 0.
  uint64_t Below(uint64_t bound) { return generator_() % bound; }
  size_t Index(size_t size) { return static_cast<size_t>(Below(size)); }
  int64_t Between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(Below(static_cast<uint64_t>(high - low) + 1));
  }
  bool OneIn(uint64_t n) { return Below(n) == 0; }
  bool Percent(uint64_t percent) { return Below(100) < percent; }
  uint64_t Bits() { return generator_(); }

  template <typename T>
  T Of(std::initializer_list<T> from) {
    return from.begin()[Below(from.size())];
  }
  template <typename T>
  const T& Pick(const std::vector<T>& from) {
    return from[Below(from.size())];
  }

 private:
  std::mt19937_64 generator_;
};

}  // namespace sextant::oracle
