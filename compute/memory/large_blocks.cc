#include "compute/memory/large_blocks.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <map>
#include <mutex>

#include "compute/memory/block_keeping.h"

namespace sextant {
namespace {

/// A block of the system's: more is asked for than is needed, and what lies before and behind the
/// aligned part is given back.
void* MapBlock(size_t size_bytes) {
  const size_t mapped_bytes = size_bytes + kLargeBlockUnitBytes;
  void* const mapped =
      mmap(nullptr, mapped_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  const auto begin = reinterpret_cast<uintptr_t>(mapped);
  const uintptr_t aligned =
      (begin + kLargeBlockUnitBytes - 1) / kLargeBlockUnitBytes * kLargeBlockUnitBytes;
  const size_t before = aligned - begin;
  const size_t behind = kLargeBlockUnitBytes - before;
  if (before > 0) munmap(mapped, before);
  if (behind > 0) munmap(reinterpret_cast<void*>(aligned + size_bytes), behind);
  return reinterpret_cast<void*>(aligned);
}

/// Blocks by their addresses; no two are neighbours.
class FreeLargeBlocks {
 public:
  /// The smallest that is large enough, cut to size; null when there is none.
  void* Take(size_t size_bytes) {
    const std::lock_guard lock(mutex_);
    auto best = blocks_.end();
    for (auto block = blocks_.begin(); block != blocks_.end(); ++block) {
      if (block->second < size_bytes) continue;
      if (best == blocks_.end() || block->second < best->second) best = block;
    }
    if (best == blocks_.end()) return nullptr;
    const auto [begin, block_bytes] = *best;
    blocks_.erase(best);
    if (block_bytes > size_bytes) blocks_.emplace(begin + size_bytes, block_bytes - size_bytes);
    bytes_ -= size_bytes;
    return reinterpret_cast<void*>(begin);
  }

  /// Whether there is room for it.
  bool Give(void* block, size_t size_bytes) {
    const std::lock_guard lock(mutex_);
    if (bytes_ + size_bytes > kMaxFreeLargeBytes) return false;
    bytes_ += size_bytes;
    auto own = blocks_.emplace(reinterpret_cast<uintptr_t>(block), size_bytes).first;
    JoinNext(own);
    if (own != blocks_.begin()) JoinNext(std::prev(own));
    return true;
  }

  size_t bytes() {
    const std::lock_guard lock(mutex_);
    return bytes_;
  }

 private:
  using Blocks = std::map<uintptr_t, size_t>;

  void JoinNext(Blocks::iterator block) {
    const auto next = std::next(block);
    if (next == blocks_.end() || block->first + block->second != next->first) return;
    block->second += next->second;
    blocks_.erase(next);
  }

  std::mutex mutex_;
  Blocks blocks_;     // guarded by mutex_: sizes by addresses
  size_t bytes_ = 0;  // guarded by mutex_: of all of them
};

/// Never destroyed: Buffers may outlive it.
FreeLargeBlocks& Kept() {
  static auto& kept = *new FreeLargeBlocks;
  return kept;
}

}  // namespace

void* TakeLargeBlock(size_t size_bytes) {
  if constexpr (!kKeepsBlocks) return std::aligned_alloc(kLargeBlockUnitBytes, size_bytes);
  void* const kept = Kept().Take(size_bytes);
  return kept != nullptr ? kept : MapBlock(size_bytes);
}

void GiveBackLargeBlock(void* block, size_t size_bytes) {
  if constexpr (!kKeepsBlocks) return std::free(block);
  madvise(block, size_bytes, MADV_FREE);
  if (!Kept().Give(block, size_bytes)) munmap(block, size_bytes);
}

size_t FreeLargeBytes() { return Kept().bytes(); }

}  // namespace sextant
