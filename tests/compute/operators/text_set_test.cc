#include "compute/operators/text_set.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace sextant {
namespace {

std::string RandomText(std::mt19937& random) {
  std::string text(random() % 20, ' ');
  for (char& byte : text) byte = static_cast<char>(random() % 3 == 0 ? random() : 'a');
  return text;
}

TEST(TextSetTest, ContainsNothingWithoutTexts) {
  EXPECT_FALSE(TextSet().Contains(""));
  EXPECT_FALSE(TextSet().Contains("a"));
}

TEST(TextSetTest, ContainsTheListedTextsAndNoOthers) {
  std::mt19937 random(20261122);
  for (const size_t count : {1, 2, 3, 50, 3000}) {
    std::vector<std::string> texts = {"", std::string("\0", 1)};
    for (size_t i = 0; i < count; ++i) texts.push_back(RandomText(random));
    const TextSet set(texts);
    const std::set<std::string, std::less<>> expected(texts.begin(), texts.end());
    for (const std::string& text : texts) ASSERT_TRUE(set.Contains(text));
    for (int i = 0; i < 20'000; ++i) {
      const std::string text = RandomText(random);
      ASSERT_EQ(set.Contains(text), expected.contains(text)) << text;
    }
  }
}

TEST(TextSetTest, EqualTextsAreOne) {
  const TextSet set({"a", "a", "a"});
  EXPECT_TRUE(set.Contains("a"));
  EXPECT_FALSE(set.Contains("aa"));
}

}  // namespace
}  // namespace sextant
