#include "compute/memory/buffer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

namespace sextant {
namespace {

using ::testing::ElementsAre;

// Of an advised region the kernel makes a whole huge page resident at the first touch.
TEST(BufferTest, NoMoreIsResidentThanIsCharged) {
  constexpr size_t kHugePageBytes = size_t{2} << 20;
  for (const size_t size_bytes : {kHugePageBytes - 64, kHugePageBytes, 5 * kHugePageBytes / 2}) {
    MemoryBudget budget("test");
    const Buffer buffer = *Buffer::Allocate(budget, size_bytes);
    // The block that lies under it.
    const size_t block_bytes =
        (size_bytes + 64 + kHugePageBytes - 1) / kHugePageBytes * kHugePageBytes;
    const auto page_bytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    std::vector<unsigned char> pages(block_bytes / page_bytes);
    void* const block = const_cast<std::byte*>(buffer.data());
    ASSERT_EQ(mincore(block, block_bytes, pages.data()), 0);
    const auto resident = std::count_if(pages.begin(), pages.end(),
                                        [](unsigned char page) { return (page & 1) != 0; });
    EXPECT_LE(static_cast<size_t>(resident) * page_bytes, buffer.reserved_bytes() + page_bytes)
        << size_bytes;
  }
}

TEST(BufferTest, IsZeroAndAlignedAndCharged) {
  for (const size_t size_bytes : {size_t{1}, size_t{63}, size_t{4096}, (size_t{2} << 20) + 5}) {
    MemoryBudget budget("cache");
    {
      const absl::StatusOr<Buffer> buffer = Buffer::Allocate(budget, size_bytes);
      ASSERT_TRUE(buffer.ok());
      EXPECT_EQ(buffer->size_bytes(), size_bytes);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer->data()) % 64, 0u);
      const auto bytes = buffer->As<uint8_t>();
      EXPECT_TRUE(std::all_of(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte == 0; }));
      EXPECT_GE(buffer->reserved_bytes(), size_bytes);
      EXPECT_EQ(budget.reserved_bytes(), buffer->reserved_bytes());
    }
    EXPECT_EQ(budget.reserved_bytes(), 0u);
  }
}

TEST(BufferTest, OneThatSettlesHasItsBytesAndItsCharge) {
  MemoryBudget budget("cache");
  {
    Buffer buffer = *Buffer::Allocate(budget, 1000);
    buffer.As<uint8_t>()[0] = 7;
    buffer.As<uint8_t>()[999] = 9;
    const size_t reserved_bytes = buffer.reserved_bytes();
    buffer.Settle();
    buffer.Settle();
    const Buffer moved = std::move(buffer);
    EXPECT_EQ(moved.size_bytes(), 1000u);
    EXPECT_EQ(moved.reserved_bytes(), reserved_bytes);
    EXPECT_EQ(budget.reserved_bytes(), reserved_bytes);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(moved.data()) % 64, 0u);
    EXPECT_EQ(moved.As<uint8_t>()[0], 7);
    EXPECT_EQ(moved.As<uint8_t>()[500], 0);
    EXPECT_EQ(moved.As<uint8_t>()[999], 9);
  }
  EXPECT_EQ(budget.reserved_bytes(), 0u);
}

TEST(BufferTest, OneThatIsEmptyOrLargeSettlesWhereItIs) {
  MemoryBudget budget("cache");
  Buffer empty;
  empty.Settle();
  EXPECT_EQ(empty.data(), nullptr);
  Buffer large = *Buffer::Allocate(budget, size_t{3} << 20);
  const std::byte* const bytes = large.data();
  large.Settle();
  EXPECT_EQ(large.data(), bytes);
}

TEST(BufferTest, ASettledOneMayBeReplacedByOneThatIsNot) {
  MemoryBudget budget("cache");
  Buffer buffer = *Buffer::Allocate(budget, 5000);
  buffer.Settle();
  buffer = *Buffer::Allocate(budget, 100);
  Buffer settled = *Buffer::Allocate(budget, 300);
  settled.Settle();
  buffer = std::move(settled);
  EXPECT_EQ(buffer.size_bytes(), 300u);
  EXPECT_EQ(budget.reserved_bytes(), buffer.reserved_bytes());
}

TEST(BufferTest, AnUninitializedOneIsAlignedAndCharged) {
  MemoryBudget budget("queries");
  {
    const absl::StatusOr<Buffer> buffer = Buffer::AllocateUninitialized(budget, 1000);
    ASSERT_TRUE(buffer.ok());
    EXPECT_EQ(buffer->size_bytes(), 1000u);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer->data()) % 64, 0u);
    EXPECT_EQ(budget.reserved_bytes(), buffer->reserved_bytes());
  }
  EXPECT_EQ(budget.reserved_bytes(), 0u);
}

TEST(BufferTest, IsZeroInMemoryThatAnotherHasWritten) {
  MemoryBudget budget("queries");
  for (const size_t size_bytes : {size_t{100}, size_t{5000}, size_t{70'000}}) {
    {
      Buffer dirty = *Buffer::AllocateUninitialized(budget, size_bytes);
      std::memset(dirty.data(), 0xFF, size_bytes);
    }
    const Buffer buffer = *Buffer::Allocate(budget, size_bytes);
    const auto bytes = buffer.As<uint8_t>();
    EXPECT_TRUE(std::all_of(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte == 0; }));
  }
}

TEST(BufferTest, AnUninitializedOneIsRefusedAsAnother) {
  MemoryBudget budget("queries", 100);
  EXPECT_EQ(Buffer::AllocateUninitialized(budget, 100).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(budget.reserved_bytes(), 0u);
}

TEST(BufferTest, SixtyFourBytesPastTheEndMayBeRead) {
  MemoryBudget budget("cache");
  const absl::StatusOr<Buffer> buffer = Buffer::Allocate(budget, 64);
  ASSERT_TRUE(buffer.ok());
  uint8_t tail[64];
  std::memcpy(tail, buffer->data() + 64, 64);
  EXPECT_EQ(tail[63], 0);
}

TEST(BufferTest, NothingCostsNothing) {
  MemoryBudget budget("cache", 0);
  EXPECT_TRUE(Buffer::Allocate(budget, 0).ok());
}

TEST(BufferTest, ARefusalAllocatesNothing) {
  MemoryBudget budget("cache", 100);
  EXPECT_EQ(Buffer::Allocate(budget, 100).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(budget.reserved_bytes(), 0u);
}

TEST(BufferTest, MovingOverABufferFreesIt) {
  MemoryBudget budget("cache");
  Buffer kept = *Buffer::Allocate(budget, 10);
  Buffer lost = *Buffer::Allocate(budget, 1000);
  lost = std::move(kept);
  EXPECT_EQ(lost.size_bytes(), 10u);
  EXPECT_EQ(budget.reserved_bytes(), lost.reserved_bytes());
}

TEST(TrackedVectorTest, GrowsAndKeepsItsValues) {
  MemoryBudget budget("cache");
  TrackedVector<uint32_t> values(budget);
  for (uint32_t i = 0; i < 1000; ++i) ASSERT_TRUE(values.Append(i).ok());
  ASSERT_EQ(values.size(), 1000u);
  for (uint32_t i = 0; i < 1000; ++i) ASSERT_EQ(values[i], i);
}

TEST(TrackedVectorTest, GrowthReservesOldAndNewTogether) {
  MemoryBudget budget("cache");
  TrackedVector<uint64_t> values(budget);
  ASSERT_TRUE(values.Resize(1000).ok());
  ASSERT_TRUE(values.Reserve(2000).ok());
  EXPECT_GE(budget.peak_bytes(), (1000 + 2000) * sizeof(uint64_t));
}

TEST(TrackedVectorTest, ARefusedGrowthKeepsTheValues) {
  MemoryBudget budget("cache", 1000);
  TrackedVector<uint64_t> values(budget);
  ASSERT_TRUE(values.Append(7).ok());
  EXPECT_EQ(values.Resize(1000).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(values.span(), ElementsAre(7));
}

TEST(TrackedVectorTest, ValuesAfterAClearAreZeroAgain) {
  MemoryBudget budget("cache");
  TrackedVector<uint32_t> values(budget);
  ASSERT_TRUE(values.Append(9).ok());
  values.Clear();
  ASSERT_TRUE(values.Resize(2).ok());
  EXPECT_THAT(values.span(), ElementsAre(0, 0));
}

TEST(TrackedVectorTest, AnUninitializedResizeKeepsTheValues) {
  MemoryBudget budget("cache");
  TrackedVector<uint32_t> values(budget);
  ASSERT_TRUE(values.Append(9).ok());
  ASSERT_TRUE(values.ResizeUninitialized(1000).ok());
  EXPECT_EQ(values.size(), 1000u);
  EXPECT_EQ(values[0], 9u);
}

TEST(TrackedVectorTest, ReleaseShrinksToTheSize) {
  MemoryBudget budget("cache");
  TrackedVector<uint64_t> values(budget);
  ASSERT_TRUE(values.Reserve(10'000).ok());
  ASSERT_TRUE(values.Append(5).ok());
  const absl::StatusOr<Buffer> buffer = values.Release();
  ASSERT_TRUE(buffer.ok());
  EXPECT_EQ(buffer->As<uint64_t>()[0], 5u);
  EXPECT_EQ(buffer->size_bytes(), sizeof(uint64_t));
  EXPECT_EQ(budget.reserved_bytes(), buffer->reserved_bytes());
  EXPECT_TRUE(values.empty());
}

TEST(TrackedVectorTest, AppendsSpansOfAnyLength) {
  MemoryBudget budget("cache");
  TrackedVector<uint32_t> values(budget);
  const uint32_t three[] = {1, 2, 3};
  ASSERT_TRUE(values.AppendSpan({}).ok());
  ASSERT_TRUE(values.AppendSpan(three).ok());
  ASSERT_TRUE(values.AppendSpan(three).ok());
  EXPECT_THAT(values.span(), ElementsAre(1, 2, 3, 1, 2, 3));
}

TEST(TrackedVectorTest, ChargeToChargesWhatIsThereAndWhatIsAdded) {
  MemoryBudget from("queries");
  MemoryBudget to("results");
  TrackedVector<uint32_t> values(from);
  ASSERT_TRUE(values.Append(7).ok());
  ASSERT_TRUE(values.ChargeTo(to).ok());
  EXPECT_EQ(from.reserved_bytes(), 0u);
  ASSERT_TRUE(values.Resize(1000).ok());
  EXPECT_EQ(from.reserved_bytes(), 0u);
  EXPECT_EQ(to.reserved_bytes(), values.reserved_bytes());
  EXPECT_EQ(values[0], 7u);
}

}  // namespace
}  // namespace sextant
