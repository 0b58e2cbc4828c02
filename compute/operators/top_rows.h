#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "absl/status/status.h"
#include "compute/memory/buffer.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/row_key_order.h"

namespace sextant {

/// The best rows of every cell, at most `limit` of each: the worst one is on top of a heap. What
/// it outgrew is not reused: up to three entries are charged for each one kept. Entry is trivially
/// copyable. Errors: RESOURCE_EXHAUSTED. Not thread-safe.
template <typename Entry>
class TopRows {
 public:
  TopRows(uint32_t limit, MemoryBudget& budget) : limit_(limit), cells_(budget), entries_(budget) {}

  absl::Status Resize(uint32_t num_cells) { return cells_.Resize(num_cells); }

  /// Keeps `entry` if it is one of the best. `is_better(a, b)` is a strict total order.
  template <typename IsBetter>
  absl::Status Offer(uint32_t cell, const Entry& entry, const IsBetter& is_better) {
    Slots& slots = cells_[cell];
    if (slots.count < limit_) {
      if (slots.count == slots.capacity) SEXTANT_RETURN_IF_ERROR(Grow(slots));
      Entry* const begin = entries_.data() + slots.begin;
      begin[slots.count++] = entry;
      std::push_heap(begin, begin + slots.count, is_better);
      return absl::OkStatus();
    }
    Entry* const begin = entries_.data() + slots.begin;
    if (!is_better(entry, *begin)) return absl::OkStatus();
    std::pop_heap(begin, begin + slots.count, is_better);
    begin[slots.count - 1] = entry;
    std::push_heap(begin, begin + slots.count, is_better);
    return absl::OkStatus();
  }

  size_t num_cells() const { return cells_.size(); }
  /// In no particular order.
  std::span<const Entry> entries(size_t cell) const {
    return entries_.span().subspan(cells_[cell].begin, cells_[cell].count);
  }

 private:
  struct Slots {
    uint64_t begin;
    uint32_t count;
    uint32_t capacity;
  };

  /// Moves the cell's entries to the end of the pool, with twice the room.
  absl::Status Grow(Slots& slots) {
    constexpr uint32_t kLeast = 4;
    const uint64_t doubled = std::max<uint64_t>(uint64_t{slots.capacity} * 2, kLeast);
    const auto capacity = static_cast<uint32_t>(std::min<uint64_t>(doubled, limit_));
    const uint64_t begin = entries_.size();
    SEXTANT_RETURN_IF_ERROR(entries_.Resize(begin + capacity));
    std::copy_n(entries_.data() + slots.begin, slots.count, entries_.data() + begin);
    slots = {begin, slots.count, capacity};
    return absl::OkStatus();
  }

  const uint32_t limit_;
  TrackedVector<Slots> cells_;
  TrackedVector<Entry> entries_;
};

/// The same for a limit of at most kMost: a cell's entries lie in one place, best first, so that a
/// row that is not kept costs one look. `limit` entries a cell are charged. Entry has `row.chunk`,
/// which is null in places that are free.
template <typename Entry>
class FewTopRows {
 public:
  static constexpr uint32_t kMost = 4;

  FewTopRows(uint32_t limit, MemoryBudget& budget) : limit_(limit), entries_(budget) {}

  absl::Status Resize(uint32_t num_cells) { return entries_.Resize(size_t{num_cells} * limit_); }

  template <typename IsBetter>
  absl::Status Offer(uint32_t cell, const Entry& entry, const IsBetter& is_better) {
    Entry* const first = entries_.data() + size_t{cell} * limit_;
    Entry* place = first + limit_ - 1;
    if (place->row.chunk != nullptr && !is_better(entry, *place)) return absl::OkStatus();
    for (; place != first; --place) {
      const Entry& before = place[-1];
      if (before.row.chunk != nullptr && !is_better(entry, before)) break;
      *place = before;
    }
    *place = entry;
    return absl::OkStatus();
  }

  size_t num_cells() const { return entries_.size() / limit_; }
  /// Best first.
  std::span<const Entry> entries(size_t cell) const {
    const std::span<const Entry> places = entries_.span().subspan(cell * limit_, limit_);
    size_t count = 0;
    while (count < places.size() && places[count].row.chunk != nullptr) ++count;
    return places.first(count);
  }

 private:
  const uint32_t limit_;
  TrackedVector<Entry> entries_;
};

}  // namespace sextant
