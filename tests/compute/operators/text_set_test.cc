#include "compute/operators/text_set.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "compute/kernels/hash_slots.h"
#include "tests/testing/counted_questions.h"

namespace sextant {
namespace {

class TextSetTest : public testing::Test {
 protected:
  TextSet SetOf(std::vector<std::string> texts) {
    absl::StatusOr<TextSet> set = TextSet::Create(std::move(texts), budget_);
    EXPECT_TRUE(set.ok()) << set.status();
    return *std::move(set);
  }

  MemoryBudget budget_{"query"};
};

std::string RandomText(std::mt19937& random) {
  std::string text(random() % 20, ' ');
  for (char& byte : text) byte = static_cast<char>(random() % 3 == 0 ? random() : 'a');
  return text;
}

uint64_t InverseOf(uint64_t odd) {
  uint64_t inverse = odd;
  for (int i = 0; i < 6; ++i) inverse *= 2 - odd * inverse;
  return inverse;
}

/// The key that MixBits makes `mixed` of.
uint64_t Unmix(uint64_t mixed) {
  mixed ^= mixed >> 31 ^ mixed >> 62;
  mixed *= InverseOf(0x94d049bb133111ebu);
  mixed ^= mixed >> 27 ^ mixed >> 54;
  mixed *= InverseOf(0xbf58476d1ce4e5b9u);
  return mixed ^ mixed >> 30 ^ mixed >> 60;
}

TEST_F(TextSetTest, ContainsNothingWithoutTexts) {
  EXPECT_FALSE(SetOf({}).Contains(""));
  EXPECT_FALSE(SetOf({}).Contains("a"));
}

TEST_F(TextSetTest, ContainsTheListedTextsAndNoOthers) {
  std::mt19937 random(20261122);
  for (const size_t count : {1, 2, 3, 50, 3000}) {
    std::vector<std::string> texts = {"", std::string("\0", 1)};
    for (size_t i = 0; i < count; ++i) texts.push_back(RandomText(random));
    const TextSet set = SetOf(texts);
    const std::set<std::string, std::less<>> expected(texts.begin(), texts.end());
    for (const std::string& text : texts) ASSERT_TRUE(set.Contains(text));
    for (int i = 0; i < 20'000; ++i) {
      const std::string text = RandomText(random);
      ASSERT_EQ(set.Contains(text), expected.contains(text)) << text;
    }
  }
}

TEST_F(TextSetTest, EqualTextsAreOne) {
  const TextSet set = SetOf(std::vector<std::string>(10'000, "a"));
  EXPECT_TRUE(set.Contains("a"));
  EXPECT_FALSE(set.Contains("aa"));
  EXPECT_EQ(set.max_probes(), 1u);
}

/// A request may have any texts: these have one hash of a function that everybody knows.
TEST_F(TextSetTest, NobodyCanListTextsThatCollide) {
  constexpr uint32_t kHash = 0x12345678;
  std::vector<std::string> texts;
  for (uint64_t high = 0; texts.size() < 20'000; ++high) {
    const uint64_t word = Unmix(high << 32 | kHash) ^ 8;
    texts.emplace_back(reinterpret_cast<const char*>(&word), sizeof(word));
    ASSERT_EQ(HashOf(std::string_view(texts.back())), kHash);
  }
  EXPECT_LT(SetOf(texts).max_probes(), 100u);
}

TEST_F(TextSetTest, ItsTextsAreChargedWhileItLives) {
  {
    const TextSet set = SetOf({std::string(100'000, 'a'), "b"});
    EXPECT_GT(budget_.reserved_bytes(), 100'000u);
  }
  EXPECT_EQ(budget_.reserved_bytes(), 0u);
}

TEST_F(TextSetTest, TextsThatDoNotFitAreRefused) {
  MemoryBudget small("small", 1000);
  EXPECT_EQ(TextSet::Create({std::string(2000, 'a')}, small).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(small.reserved_bytes(), 0u);
}

TEST_F(TextSetTest, ManyTextsAreGivenUpWhenTheQueryIsCalledOff) {
  CountedQuestions questions{.num_allowed = 2};
  const KeepGoingScope scope(questions);
  EXPECT_EQ(TextSet::Create(std::vector<std::string>(200'000), budget_).status().code(),
            absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace sextant
