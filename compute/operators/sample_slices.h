#pragma once

#include <cstdint>
#include <span>
#include <utility>

#include "absl/status/status.h"
#include "compute/memory/buffer.h"
#include "compute/memory/status_macros.h"

namespace sextant {

/// Every sample of every cell, for what needs all of them: added in order of arrival, then put side
/// by side, cell after cell, by a counting scatter. Key is an integer. 4 bytes and a key a sample,
/// a second key while they are scattered, charged to the budget. Errors: RESOURCE_EXHAUSTED. Not
/// thread-safe.
template <typename Key>
class SampleSlices {
 public:
  explicit SampleSlices(MemoryBudget& budget)
      : cells_(budget), keys_(budget), counts_(budget), ends_(budget) {}

  absl::Status Resize(uint32_t num_cells) { return counts_.Resize(num_cells); }

  /// Room for `count` more samples.
  absl::Status Reserve(size_t count) {
    SEXTANT_RETURN_IF_ERROR(cells_.Reserve(cells_.size() + count));
    return keys_.Reserve(keys_.size() + count);
  }
  /// REQUIRES: Reserve has made room, and nothing was scattered.
  void Add(uint32_t cell, Key key) {
    cells_.AppendUnchecked(cell);
    keys_.AppendUnchecked(key);
    ++counts_[cell];
  }

  uint64_t count(uint32_t cell) const { return counts_[cell]; }
  size_t num_samples() const { return keys_.size(); }
  /// By order of arrival, until they are scattered.
  uint32_t cell_at(size_t sample) const { return cells_[sample]; }
  std::span<Key> keys() { return keys_.span(); }
  std::span<const Key> keys() const { return keys_.span(); }

  bool is_scattered() const { return ends_.size() != 0; }
  /// Puts the samples of each cell side by side; nothing is added afterwards.
  absl::Status Scatter(MemoryBudget& budget) {
    SEXTANT_RETURN_IF_ERROR(ends_.Resize(counts_.size()));
    uint64_t begin = 0;
    for (size_t cell = 0; cell < counts_.size(); ++cell) {
      ends_[cell] = begin;  // grows to the end below
      begin += counts_[cell];
    }
    TrackedVector<Key> scattered(budget);
    SEXTANT_RETURN_IF_ERROR(scattered.Resize(keys_.size()));
    for (size_t sample = 0; sample < keys_.size(); ++sample) {
      scattered[ends_[cells_[sample]]++] = keys_[sample];
    }
    keys_ = std::move(scattered);
    cells_ = TrackedVector<uint32_t>(budget);
    return absl::OkStatus();
  }
  /// The samples of a cell, in any order; the caller may sort them. REQUIRES: is_scattered().
  std::span<Key> Slice(uint32_t cell) {
    return keys_.span().subspan(ends_[cell] - counts_[cell], counts_[cell]);
  }

 private:
  TrackedVector<uint32_t> cells_;
  TrackedVector<Key> keys_;
  TrackedVector<uint64_t> counts_;  // per cell
  TrackedVector<uint64_t> ends_;    // per cell, once scattered
};

}  // namespace sextant
