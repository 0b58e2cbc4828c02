#pragma once

#include <bit>
#include <cstdint>
#include <span>

#include "absl/status/status.h"
#include "compute/memory/buffer.h"

namespace sextant {

/// Which keys of a small domain each cell has seen: a bit each, so that adding is one store and
/// counting distinct keys is counting bits. Charged to the budget. Not thread-safe.
class DistinctBits {
 public:
  /// Of all cells together: beyond, sorted samples are smaller or as fast.
  static constexpr uint64_t kMaxBytes = uint64_t{4} << 20;
  /// Beyond at the beginning, cells are many, and each would see few keys.
  static constexpr uint64_t kMaxFirstBytes = uint64_t{512} << 10;

  DistinctBits(uint64_t domain, MemoryBudget& budget)
      : words_per_cell_((domain + 63) / 64), words_(budget) {}

  bool Fits(uint64_t num_cells) const {
    return num_cells * words_per_cell_ <= kMaxBytes / sizeof(uint64_t);
  }
  /// The same for cells that came with a few thousand samples, to be followed by more.
  bool FitsAtFirst(uint64_t num_cells) const {
    return num_cells * words_per_cell_ <= kMaxFirstBytes / sizeof(uint64_t);
  }
  /// REQUIRES: Fits.
  absl::Status Resize(uint64_t num_cells) { return words_.Resize(num_cells * words_per_cell_); }

  /// Adds the keys of which valid[k] is 1; others may be anything. REQUIRES: those are below the
  /// domain.
  template <typename Key>
  void Add(const uint32_t* __restrict cells, const Key* __restrict keys,
           const uint8_t* __restrict valid, size_t count) {
    uint64_t* __restrict words = words_.data();
    for (size_t k = 0; k < count; ++k) {
      const uint64_t key = static_cast<uint64_t>(keys[k]) & (uint64_t{0} - valid[k]);
      words[cells[k] * words_per_cell_ + key / 64] |= uint64_t{valid[k]} << (key % 64);
    }
  }
  /// The same where every key is below the domain.
  template <typename Key>
  void AddAll(const uint32_t* __restrict cells, const Key* __restrict keys, size_t count) {
    uint64_t* __restrict words = words_.data();
    const auto words_per_cell = static_cast<uint32_t>(words_per_cell_);
    for (size_t k = 0; k < count; ++k) {
      const uint64_t key = static_cast<uint64_t>(keys[k]);
      words[uint64_t{cells[k]} * words_per_cell + key / 64] |= uint64_t{1} << (key % 64);
    }
  }
  /// Forgets a key in every cell.
  void Remove(uint64_t key) {
    for (uint64_t cell = 0; cell < num_cells(); ++cell) {
      words_[cell * words_per_cell_ + key / 64] &= ~(uint64_t{1} << (key % 64));
    }
  }
  void AddOne(uint32_t cell, uint64_t key) {
    words_[cell * words_per_cell_ + key / 64] |= uint64_t{1} << (key % 64);
  }
  /// Cell c of `from` is cell_map[c] here.
  void Merge(const DistinctBits& from, std::span<const uint32_t> cell_map) {
    for (uint32_t cell = 0; cell < from.num_cells(); ++cell) {
      uint64_t* const into = words_.data() + cell_map[cell] * words_per_cell_;
      const std::span<const uint64_t> own = from.WordsOf(cell);
      for (size_t word = 0; word < own.size(); ++word) into[word] |= own[word];
    }
  }

  uint32_t num_cells() const { return static_cast<uint32_t>(words_.size() / words_per_cell_); }
  std::span<const uint64_t> WordsOf(uint32_t cell) const {
    return words_.span().subspan(cell * words_per_cell_, words_per_cell_);
  }
  int64_t Count(uint32_t cell) const {
    int64_t count = 0;
    for (const uint64_t word : WordsOf(cell)) count += std::popcount(word);
    return count;
  }
  bool IsEmpty(uint32_t cell) const {
    for (const uint64_t word : WordsOf(cell)) {
      if (word != 0) return false;
    }
    return true;
  }

 private:
  uint64_t words_per_cell_;
  TrackedVector<uint64_t> words_;
};

}  // namespace sextant
