#include "compute/memory/free_blocks.h"

#include <malloc.h>

#include <array>
#include <bit>
#include <cstdint>
#include <cstdlib>

#include "compute/memory/block_keeping.h"

namespace sextant {
namespace {

constexpr size_t kClassesPerDoubling = 4;
constexpr size_t kBlocksPerClass = 16;

/// Classes of 64 .. 79 bytes, 80 .. 95, .., doubling every four: blocks of a class differ by less
/// than a quarter.
constexpr size_t ClassOf(size_t size_bytes) {
  const auto doublings = static_cast<size_t>(std::bit_width(size_bytes / kBlockAlignmentBytes) - 1);
  const size_t quarter = (size_bytes >> (doublings + 4)) & (kClassesPerDoubling - 1);
  return doublings * kClassesPerDoubling + quarter;
}
constexpr size_t kNumClasses = ClassOf(kMaxFreeBlockBytes) + 1;

struct FreeBlock {
  void* memory;
  size_t size_bytes;  // all that may be used
};

/// What one thread keeps. Needs no construction, so that finding it costs no test.
struct FreeBlocks {
  std::array<std::array<FreeBlock, kBlocksPerClass>, kNumClasses> blocks;
  std::array<uint8_t, kNumClasses> num_blocks;
  size_t kept_bytes;
  bool has_ended;  // the thread: what comes now is freed at once
  bool is_watched;

  void* TakeAt(size_t block_class, size_t position) {
    std::array<FreeBlock, kBlocksPerClass>& of_class = blocks[block_class];
    const FreeBlock block = of_class[position];
    of_class[position] = of_class[--num_blocks[block_class]];
    kept_bytes -= block.size_bytes;
    return block.memory;
  }
  void FreeAll() {
    for (size_t block_class = 0; block_class < kNumClasses; ++block_class) {
      while (num_blocks[block_class] > 0) std::free(TakeAt(block_class, 0));
    }
  }
};

constinit thread_local FreeBlocks t_free = {};

/// Frees what the thread keeps when the thread ends.
struct EndOfThread {
  ~EndOfThread() {
    t_free.has_ended = true;
    t_free.FreeAll();
  }
};

void WatchEndOfThread() {
  static thread_local EndOfThread end;
  (void)end;
  t_free.is_watched = true;
}

}  // namespace

void* TakeBlock(size_t size_bytes) {
  if (kKeepsBlocks && size_bytes <= kMaxFreeBlockBytes) {
    FreeBlocks& free = t_free;
    const size_t own = ClassOf(size_bytes);
    for (size_t i = free.num_blocks[own]; i-- > 0;) {
      if (free.blocks[own][i].size_bytes >= size_bytes) return free.TakeAt(own, i);
    }
    const size_t larger = own + 1;
    if (larger < kNumClasses && free.num_blocks[larger] > 0) {
      return free.TakeAt(larger, free.num_blocks[larger] - size_t{1});
    }
  }
  return std::aligned_alloc(kBlockAlignmentBytes, size_bytes);
}

void GiveBackBlock(void* block) {
  if (block == nullptr) return;
  const size_t usable_bytes = malloc_usable_size(block);
  const size_t size_bytes = usable_bytes - usable_bytes % kBlockAlignmentBytes;
  FreeBlocks& free = t_free;
  if (!kKeepsBlocks || size_bytes > kMaxFreeBlockBytes || free.has_ended) return std::free(block);
  if (!free.is_watched) WatchEndOfThread();
  const size_t own = ClassOf(size_bytes);
  // What nobody asked for lately makes room.
  if (free.kept_bytes + size_bytes > kMaxFreeBytes) free.FreeAll();
  if (free.num_blocks[own] == kBlocksPerClass) std::free(free.TakeAt(own, 0));
  free.blocks[own][free.num_blocks[own]++] = {block, size_bytes};
  free.kept_bytes += size_bytes;
}

size_t FreeBlockBytesOfThisThread() { return t_free.kept_bytes; }

}  // namespace sextant
