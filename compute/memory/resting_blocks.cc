#include "compute/memory/resting_blocks.h"

#include <sys/mman.h>

#include <cstdint>
#include <iterator>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "compute/memory/large_blocks.h"

namespace sextant {
namespace {

/// Pages are resident once they are written to: of a part that nobody uses there are none.
constexpr size_t kUnitsAtOnce = 16;

constexpr uintptr_t RoundUp(uintptr_t address) {
  return (address + kLargeBlockUnitBytes - 1) / kLargeBlockUnitBytes * kLargeBlockUnitBytes;
}

/// Free pieces by their addresses, no two neighbours, and by their sizes.
class FreePieces {
 public:
  void* Take(size_t size_bytes) {
    const std::lock_guard lock(mutex_);
    auto best = by_size_.lower_bound({size_bytes, 0});
    if (best == by_size_.end()) {
      void* const block = TakeLargeBlock(kUnitsAtOnce * kLargeBlockUnitBytes);
      if (block == nullptr) return nullptr;
      madvise(block, kUnitsAtOnce * kLargeBlockUnitBytes, MADV_HUGEPAGE);
      Add({reinterpret_cast<uintptr_t>(block), kUnitsAtOnce * kLargeBlockUnitBytes});
      best = by_size_.lower_bound({size_bytes, 0});
    }
    const Piece piece = {best->second, best->first};
    Remove(piece);
    if (piece.size_bytes > size_bytes) {
      Add({piece.begin + size_bytes, piece.size_bytes - size_bytes});
    }
    return reinterpret_cast<void*>(piece.begin);
  }

  void Give(void* block, size_t size_bytes) {
    const std::lock_guard lock(mutex_);
    const Piece piece = Joined({reinterpret_cast<uintptr_t>(block), size_bytes});
    const uintptr_t first_unit = RoundUp(piece.begin);
    const uintptr_t end = piece.begin + piece.size_bytes;
    const uintptr_t last_unit = end / kLargeBlockUnitBytes * kLargeBlockUnitBytes;
    if (first_unit >= last_unit) return Add(piece);
    if (piece.begin < first_unit) Add({piece.begin, first_unit - piece.begin});
    if (last_unit < end) Add({last_unit, end - last_unit});
    GiveBackLargeBlock(reinterpret_cast<void*>(first_unit), last_unit - first_unit);
  }

  size_t bytes() {
    const std::lock_guard lock(mutex_);
    return bytes_;
  }

 private:
  struct Piece {
    uintptr_t begin;
    size_t size_bytes;
  };

  void Add(const Piece& piece) {
    by_address_.emplace(piece.begin, piece.size_bytes);
    by_size_.emplace(piece.size_bytes, piece.begin);
    bytes_ += piece.size_bytes;
  }
  void Remove(const Piece& piece) {
    by_address_.erase(piece.begin);
    by_size_.erase({piece.size_bytes, piece.begin});
    bytes_ -= piece.size_bytes;
  }

  /// `piece` with its neighbours, which are removed.
  Piece Joined(Piece piece) {
    const auto next = by_address_.find(piece.begin + piece.size_bytes);
    if (next != by_address_.end()) {
      const Piece behind = {next->first, next->second};
      Remove(behind);
      piece.size_bytes += behind.size_bytes;
    }
    auto before = by_address_.lower_bound(piece.begin);
    if (before == by_address_.begin()) return piece;
    --before;
    const Piece front = {before->first, before->second};
    if (front.begin + front.size_bytes != piece.begin) return piece;
    Remove(front);
    return {front.begin, front.size_bytes + piece.size_bytes};
  }

  std::mutex mutex_;
  std::map<uintptr_t, size_t> by_address_;          // guarded by mutex_
  std::set<std::pair<size_t, uintptr_t>> by_size_;  // guarded by mutex_: the same
  size_t bytes_ = 0;                                // guarded by mutex_: of all of them
};

/// Never destroyed: Buffers may outlive it.
FreePieces& Pieces() {
  static auto& pieces = *new FreePieces;
  return pieces;
}

}  // namespace

void* TakeRestingBlock(size_t size_bytes) { return Pieces().Take(size_bytes); }

void GiveBackRestingBlock(void* block, size_t size_bytes) { Pieces().Give(block, size_bytes); }

size_t FreeRestingBytes() { return Pieces().bytes(); }

}  // namespace sextant
