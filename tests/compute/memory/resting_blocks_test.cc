#include "compute/memory/resting_blocks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include "compute/memory/block_keeping.h"
#include "compute/memory/large_blocks.h"

namespace sextant {
namespace {

struct Block {
  uint8_t* bytes;
  size_t size_bytes;
  uint8_t mark;
};

bool HoldsItsMark(const Block& block) {
  return std::all_of(block.bytes, block.bytes + block.size_bytes,
                     [&](uint8_t byte) { return byte == block.mark; });
}

TEST(RestingBlocksTest, BlocksAreAlignedAndNeverOverlap) {
  std::mt19937_64 random(5);
  std::vector<Block> blocks;
  for (int round = 0; round < 400; ++round) {
    if (blocks.size() < 40 || random() % 2 == 0) {
      const size_t size_bytes = 64 * (1 + random() % (size_t{1} << random() % 14));
      auto* const bytes = static_cast<uint8_t*>(TakeRestingBlock(size_bytes));
      ASSERT_NE(bytes, nullptr);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(bytes) % 64, 0u);
      blocks.push_back({bytes, size_bytes, static_cast<uint8_t>(round)});
      std::memset(bytes, blocks.back().mark, size_bytes);
      continue;
    }
    std::swap(blocks[random() % blocks.size()], blocks.back());
    EXPECT_TRUE(HoldsItsMark(blocks.back()));
    GiveBackRestingBlock(blocks.back().bytes, blocks.back().size_bytes);
    blocks.pop_back();
  }
  for (const Block& block : blocks) {
    EXPECT_TRUE(HoldsItsMark(block));
    GiveBackRestingBlock(block.bytes, block.size_bytes);
  }
}

TEST(RestingBlocksTest, APieceThatFitsIsTakenAgain) {
  constexpr size_t kBytes = size_t{400} << 10;
  void* const before = TakeRestingBlock(kBytes);
  void* const block = TakeRestingBlock(kBytes);
  void* const behind = TakeRestingBlock(kBytes);
  const size_t free_before = FreeRestingBytes();
  GiveBackRestingBlock(block, kBytes);
  EXPECT_EQ(FreeRestingBytes(), free_before + kBytes);
  EXPECT_EQ(TakeRestingBlock(kBytes), block);
  EXPECT_EQ(FreeRestingBytes(), free_before);
  for (void* const taken : {before, block, behind}) GiveBackRestingBlock(taken, kBytes);
}

TEST(RestingBlocksTest, WholeUnitsGoBackWhateverTheOrder) {
  if (!kKeepsBlocks) return;
  constexpr size_t kBytes = size_t{512} << 10;
  std::vector<void*> blocks;
  for (int i = 0; i < 256; ++i) blocks.push_back(TakeRestingBlock(kBytes));
  const size_t large_before = FreeLargeBytes();
  std::shuffle(blocks.begin(), blocks.end(), std::mt19937_64(3));
  for (void* const block : blocks) GiveBackRestingBlock(block, kBytes);
  // But for what lies at the ends.
  EXPECT_GE(FreeLargeBytes() - large_before, 256 * kBytes - 32 * kLargeBlockUnitBytes);
  EXPECT_LE(FreeRestingBytes(), 32 * kLargeBlockUnitBytes);
}

TEST(RestingBlocksTest, ThreadsNeverHaveTheSameBlock) {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([thread] {
      for (int round = 0; round < 200; ++round) {
        const size_t size_bytes = static_cast<size_t>(1 + (round + thread) % 7) * 64;
        const Block block = {static_cast<uint8_t*>(TakeRestingBlock(size_bytes)), size_bytes,
                             static_cast<uint8_t>(thread + 1)};
        std::memset(block.bytes, block.mark, size_bytes);
        std::this_thread::yield();
        ASSERT_TRUE(HoldsItsMark(block));
        GiveBackRestingBlock(block.bytes, size_bytes);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace sextant
