#include "compute/kernels/hash_slots.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sextant {
namespace {

TEST(HashSlotsTest, FindsWhatWasAddedAfterGrowth) {
  MemoryBudget budget("test");
  HashSlots slots(budget);
  std::vector<uint64_t> keys;
  const auto add = [&](uint64_t key) {
    return slots.FindOrAdd(HashOf(key), static_cast<uint32_t>(keys.size()),
                           [&](uint32_t id) { return keys[id] == key; });
  };
  for (uint64_t key = 0; key < 10'000; ++key) {
    ASSERT_TRUE(slots.Reserve(keys.size() + 1).ok());
    ASSERT_EQ(add(key * 977), key);
    keys.push_back(key * 977);
  }
  for (uint64_t key = 0; key < 10'000; ++key) ASSERT_EQ(add(key * 977), key);
}

TEST(HashSlotsTest, EqualHashesOfUnequalKeysAreToldApart) {
  MemoryBudget budget("test");
  HashSlots slots(budget);
  ASSERT_TRUE(slots.Reserve(2).ok());
  EXPECT_EQ(slots.FindOrAdd(5, 0, [](uint32_t) { return false; }), 0u);
  EXPECT_EQ(slots.FindOrAdd(5, 1, [](uint32_t) { return false; }), 1u);
  EXPECT_EQ(slots.FindOrAdd(5, 2, [](uint32_t id) { return id == 1; }), 1u);
}

TEST(HashSlotsTest, MemoryBeyondTheBudgetIsRefused) {
  MemoryBudget budget("test", 1024);
  HashSlots slots(budget);
  EXPECT_TRUE(slots.Reserve(10).ok());
  EXPECT_EQ(slots.Reserve(1000).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(slots.Reserve(10).ok());
}

TEST(HashSlotsTest, StringsOfEveryLengthHashByTheirBytes) {
  const std::string text = "0123456789abcdefghij";
  for (size_t length = 0; length < text.size(); ++length) {
    EXPECT_NE(HashOf(std::string_view(text).substr(0, length)),
              HashOf(std::string_view(text).substr(0, length + 1)));
  }
  EXPECT_EQ(HashOf(std::string_view("abc")), HashOf(std::string_view(std::string("abc"))));
}

}  // namespace
}  // namespace sextant
