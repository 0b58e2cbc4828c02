#include "compute/memory/heap_bounds.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <thread>

namespace sextant {
namespace {

constexpr size_t kPageBytes = 4096;
constexpr size_t kBlockBytes = size_t{1} << 20;
constexpr size_t kNumBlocks = 7;  // less than kHeapBoundBytes in all

// A sanitizer has an allocator of its own, which gives nothing back.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kIsSystemHeap = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kIsSystemHeap = false;
#else
constexpr bool kIsSystemHeap = true;
#endif
#else
constexpr bool kIsSystemHeap = true;
#endif

void UseAndFree() {
  std::array<void*, kNumBlocks> blocks;
  for (void*& block : blocks) {
    block = std::malloc(kBlockBytes);
    std::memset(block, 7, kBlockBytes);
    // So that the compiler does not leave out what nobody reads.
    asm volatile("" : : "r"(block) : "memory");
  }
  for (void* const block : blocks) std::free(block);
}

int64_t FaultsOfThisThread() {
  rusage usage = {};
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_minflt;
}

TEST(HeapBoundsTest, FreedMemoryOfAnyThreadIsUsedAgainWithoutNewPages) {
  if (!kIsSystemHeap) return;
  ASSERT_TRUE(BoundHeaps());
  std::thread([] {
    for (int round = 0; round < 3; ++round) UseAndFree();
    const int64_t before = FaultsOfThisThread();
    for (int round = 0; round < 10; ++round) UseAndFree();
    EXPECT_LT(FaultsOfThisThread() - before, int64_t{kBlockBytes / kPageBytes});
  }).join();
}

}  // namespace
}  // namespace sextant
