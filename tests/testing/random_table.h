#pragma once

#include <cstdint>
#include <memory>
#include <random>

#include "compute/column/table.h"

namespace sextant {

/// Draws of a seeded generator: the same on every machine.
class RandomDraws {
 public:
  explicit RandomDraws(uint64_t seed) : generator_(seed) {}

  /// In [0, bound). REQUIRES: bound > 0.
  uint64_t Below(uint64_t bound) { return generator_() % bound; }
  int64_t Between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(Below(static_cast<uint64_t>(high - low) + 1));
  }
  bool OneIn(uint64_t n) { return Below(n) == 0; }
  template <typename T>
  const T& Pick(const std::vector<T>& from) {
    return from[Below(from.size())];
  }

 private:
  std::mt19937_64 generator_;
};

/// A table with columns of every type and layout, NULLs in most, values that repeat and values that
/// are extreme. Columns are named by what they hold; "tenant" is the tenant column when
/// `has_tenants` ("a", "b", "c" and NULL, clustered).
std::shared_ptr<const Table> RandomTable(RandomDraws& draws, uint32_t num_rows, uint32_t chunk_rows,
                                         bool has_tenants);

/// The table without some of its rows, under the next version.
std::shared_ptr<const Table> WithoutSomeRows(RandomDraws& draws,
                                             std::shared_ptr<const Table> table);

}  // namespace sextant
