#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "compute/column/column.h"

namespace sextant {

/// How many distinct values something has, from the smallest hashes of them: exactly while there
/// are at most kMaxHashes, else about (standard error 6 %). Thread-safety: none.
class DistinctCounter {
 public:
  static constexpr uint32_t kMaxHashes = 256;

  DistinctCounter();

  /// Of one value, any number of times. REQUIRES: equal values have equal hashes, and the bits of
  /// a hash are as good as drawn. Cost: 1 ns.
  void Add(uint64_t hash) {
    uint64_t& recent = recent_[hash % recent_.size()];
    if (hash > limit_ || recent == hash) return;
    recent = hash;
    hashes_[size_++] = hash;
    if (size_ == hashes_.size()) Compact();
  }
  uint64_t count();
  /// Whether count() is the number itself.
  bool is_exact();

 private:
  /// Leaves the smallest, in order and without repeats.
  void Compact();

  uint32_t size_ = 0;
  bool is_cut_ = false;            // some hash was left out
  uint64_t limit_ = ~uint64_t{0};  // hashes above were or are left out
  std::array<uint64_t, size_t{4} * kMaxHashes> hashes_;
  std::array<uint64_t, size_t{4} * kMaxHashes> recent_;  // some that were added, or no hash of here
};

/// Whether AddValues counts a column: its values have an equality and no dictionary. So not json,
/// and of codes only enums.
bool HasCountedValues(const Column& column);

/// Counts the values of a column in one chunk; of a list column, of its elements. NULLs do not
/// count, deleted rows do. Cost: about 2 ns per value. REQUIRES: HasCountedValues(column).
void AddValues(const Column& column, DistinctCounter& counter);

/// Sets the bits of the codes that a column has in one chunk; of a list column, that its elements
/// have. A dictionary outlives the rows that brought its texts, so its size says too much. NULLs do
/// not count, deleted rows do. REQUIRES: codes; `seen` has a bit per entry of the dictionary.
void MarkCodes(const Column& column, std::span<uint64_t> seen);

}  // namespace sextant
