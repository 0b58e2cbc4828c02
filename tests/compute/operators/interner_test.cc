#include "compute/operators/interner.h"

#include <gmock/gmock.h>

#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "compute/memory/memory_budget.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;

TEST(BytesInternerTest, IdsAreGivenInOrderOfArrival) {
  MemoryBudget budget("test");
  BytesInterner interner(budget);
  const std::vector<std::string_view> keys = {"b", "", "abcdefghi", "b", "a", ""};
  std::vector<uint32_t> ids(keys.size());
  ASSERT_TRUE(interner.InternMany(keys, ids.data()).ok());
  EXPECT_THAT(ids, ElementsAre(0, 1, 2, 0, 3, 1));
  EXPECT_EQ(*interner.Intern("abcdefghi"), 2u);
  EXPECT_EQ(interner.size(), 4u);
  EXPECT_EQ(interner.key(2), "abcdefghi");
  EXPECT_EQ(interner.key(1), "");
}

TEST(BytesInternerTest, KeysOfAllSizesAreToldApartAndKept) {
  std::mt19937_64 random(3);
  MemoryBudget budget("test");
  BytesInterner interner(budget);
  std::map<std::string, uint32_t> expected;
  for (int batch = 0; batch < 50; ++batch) {
    std::vector<std::string> keys(200);
    for (std::string& key : keys) {
      key.resize(random() % 41);
      for (char& byte : key) byte = static_cast<char>('a' + random() % 2);
    }
    const std::vector<std::string_view> views(keys.begin(), keys.end());
    std::vector<uint32_t> ids(keys.size());
    ASSERT_TRUE(interner.InternMany(views, ids.data()).ok());
    for (size_t i = 0; i < keys.size(); ++i) {
      const auto fresh = static_cast<uint32_t>(expected.size());
      ASSERT_EQ(ids[i], expected.emplace(keys[i], fresh).first->second);
    }
  }
  for (const auto& [key, id] : expected) ASSERT_EQ(interner.key(id), key);
}

TEST(BytesInternerTest, ARefusalIsAnErrorAndAddsNothing) {
  MemoryBudget budget("test", 0);
  BytesInterner interner(budget);
  EXPECT_EQ(interner.Intern("a").status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(interner.size(), 0u);
}

}  // namespace
}  // namespace sextant
