#include "compute/memory/free_blocks.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

namespace sextant {
namespace {

// Where a sanitizer wants every block back, none is kept.
bool KeepsBlocks() {
  GiveBackBlock(TakeBlock(64));
  return FreeBlockBytesOfThisThread() > 0;
}

TEST(FreeBlocksTest, ABlockIsAlignedAndMayBeWrittenToItsEnd) {
  for (size_t num_units = 1; num_units <= size_t{1} << 16; num_units += num_units / 3 + 1) {
    const size_t size_bytes = num_units * kBlockAlignmentBytes;
    for (int round = 0; round < 2; ++round) {
      void* const block = TakeBlock(size_bytes);
      ASSERT_NE(block, nullptr);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(block) % kBlockAlignmentBytes, 0u);
      std::memset(block, 7, size_bytes);
      GiveBackBlock(block);
    }
  }
}

TEST(FreeBlocksTest, TheNextBlockOfItsSizeIsTheOneThatWasGivenBack) {
  if (!KeepsBlocks()) return;
  for (const size_t size_bytes : {size_t{64}, size_t{1088}, size_t{8256}, size_t{262'208}}) {
    void* const block = TakeBlock(size_bytes);
    GiveBackBlock(block);
    void* const again = TakeBlock(size_bytes);
    EXPECT_EQ(again, block) << size_bytes;
    GiveBackBlock(again);
  }
}

TEST(FreeBlocksTest, BlocksInUseAreDistinct) {
  std::vector<void*> blocks;
  for (int i = 0; i < 100; ++i) {
    blocks.push_back(TakeBlock(256));
    std::memset(blocks.back(), i, 256);
  }
  for (int i = 0; i < 100; ++i) {
    for (int at = 0; at < 256; ++at) {
      ASSERT_EQ(static_cast<const uint8_t*>(blocks[static_cast<size_t>(i)])[at], i);
    }
  }
  for (void* const block : blocks) GiveBackBlock(block);
}

TEST(FreeBlocksTest, NoMoreIsKeptThanTheLimit) {
  std::vector<void*> blocks;
  for (size_t size_bytes = 64 * 64; size_bytes <= kMaxFreeBlockBytes; size_bytes += 64 * 64) {
    blocks.push_back(TakeBlock(size_bytes));
  }
  for (void* const block : blocks) {
    GiveBackBlock(block);
    EXPECT_LE(FreeBlockBytesOfThisThread(), kMaxFreeBytes);
  }
}

TEST(FreeBlocksTest, ALargeBlockIsNotKept) {
  const size_t kept_bytes = FreeBlockBytesOfThisThread();
  GiveBackBlock(TakeBlock(2 * kMaxFreeBlockBytes));
  EXPECT_EQ(FreeBlockBytesOfThisThread(), kept_bytes);
}

TEST(FreeBlocksTest, ABlockMayBeGivenBackOnAnotherThread) {
  void* const block = TakeBlock(4096);
  std::thread([block] {
    std::memset(block, 1, 4096);
    GiveBackBlock(block);
  }).join();
  GiveBackBlock(nullptr);
}

}  // namespace
}  // namespace sextant
