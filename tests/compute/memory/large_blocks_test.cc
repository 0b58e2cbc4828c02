#include "compute/memory/large_blocks.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

#include "compute/memory/block_keeping.h"

namespace sextant {
namespace {

constexpr size_t kUnit = kLargeBlockUnitBytes;

TEST(LargeBlocksTest, ABlockIsAlignedAndMayBeWrittenToItsEnd) {
  for (size_t num_units = 1; num_units <= 4; ++num_units) {
    for (int round = 0; round < 2; ++round) {
      void* const block = TakeLargeBlock(num_units * kUnit);
      ASSERT_NE(block, nullptr);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(block) % kUnit, 0u);
      std::memset(block, 7, num_units * kUnit);
      GiveBackLargeBlock(block, num_units * kUnit);
    }
  }
}

TEST(LargeBlocksTest, TheNextBlockOfItsSizeIsTheOneThatWasGivenBack) {
  if (!kKeepsBlocks) return;
  void* const block = TakeLargeBlock(64 * kUnit);
  const size_t kept_before = FreeLargeBytes();
  GiveBackLargeBlock(block, 64 * kUnit);
  EXPECT_EQ(FreeLargeBytes(), kept_before + 64 * kUnit);
  void* const again = TakeLargeBlock(64 * kUnit);
  EXPECT_EQ(again, block);
  EXPECT_EQ(FreeLargeBytes(), kept_before);
  GiveBackLargeBlock(again, 64 * kUnit);
}

TEST(LargeBlocksTest, BlocksAreCutAndNeighboursJoined) {
  if (!kKeepsBlocks) return;
  auto* const whole = static_cast<std::byte*>(TakeLargeBlock(100 * kUnit));
  // In parts, the middle one last.
  GiveBackLargeBlock(whole, 30 * kUnit);
  GiveBackLargeBlock(whole + 60 * kUnit, 40 * kUnit);
  GiveBackLargeBlock(whole + 30 * kUnit, 30 * kUnit);
  void* const again = TakeLargeBlock(100 * kUnit);
  EXPECT_EQ(again, whole);
  GiveBackLargeBlock(again, 100 * kUnit);
}

TEST(LargeBlocksTest, NoMoreIsKeptThanTheLimit) {
  std::vector<void*> blocks;  // nobody writes to them
  constexpr size_t kBlockBytes = kMaxFreeLargeBytes / 4;
  for (int i = 0; i < 6; ++i) blocks.push_back(TakeLargeBlock(kBlockBytes));
  for (void* const block : blocks) GiveBackLargeBlock(block, kBlockBytes);
  EXPECT_LE(FreeLargeBytes(), kMaxFreeLargeBytes);
}

TEST(LargeBlocksTest, ThreadsNeverHaveTheSameBlock) {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([thread] {
      for (int round = 0; round < 50; ++round) {
        const size_t size_bytes = static_cast<size_t>(1 + (round + thread) % 3) * kUnit;
        auto* const block = static_cast<uint8_t*>(TakeLargeBlock(size_bytes));
        for (size_t at = 0; at < size_bytes; at += 4096) {
          block[at] = static_cast<uint8_t>(thread + 1);
        }
        std::this_thread::yield();
        for (size_t at = 0; at < size_bytes; at += 4096) ASSERT_EQ(block[at], thread + 1);
        GiveBackLargeBlock(block, size_bytes);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace sextant
