#include "compute/column/dictionary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/testing/dictionary_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;

/// Strings of every length from 0, then numbered ones.
std::string NthValue(uint32_t n) {
  return n < 100 ? std::string(n, static_cast<char>('a' + n % 26)) : absl::StrCat("value ", n);
}

TEST(DictionaryTest, CodesAreGivenInOrderOfAppearance) {
  MemoryBudget budget("cache");
  const auto dictionary = *Dictionary::Create(budget);
  EXPECT_EQ(*dictionary->FindOrAppend("b"), 0u);
  EXPECT_EQ(*dictionary->FindOrAppend("a"), 1u);
  EXPECT_EQ(*dictionary->FindOrAppend("b"), 0u);
  EXPECT_EQ(dictionary->size(), 2u);
  EXPECT_EQ(dictionary->Entry(1), "a");
}

TEST(DictionaryTest, WhatIsNotThereHasNoCode) {
  MemoryBudget budget("cache");
  const auto dictionary = DictionaryOf(budget, {"abcd"});
  EXPECT_EQ(dictionary->Find("abc"), Dictionary::kNoCode);
  EXPECT_EQ(dictionary->Find(""), Dictionary::kNoCode);
}

TEST(DictionaryTest, TheEmptyStringAndZeroBytesAreValues) {
  MemoryBudget budget("cache");
  const auto dictionary = *Dictionary::Create(budget);
  const std::string zeros(3, '\0');
  EXPECT_EQ(*dictionary->FindOrAppend(""), 0u);
  EXPECT_EQ(*dictionary->FindOrAppend(zeros), 1u);
  EXPECT_EQ(*dictionary->FindOrAppend(std::string(2, '\0')), 2u);
  EXPECT_EQ(dictionary->Entry(0), "");
  EXPECT_EQ(dictionary->Entry(1), zeros);
}

TEST(DictionaryTest, KeepsCodesAndBytesThroughGrowth) {
  MemoryBudget budget("cache");
  const auto dictionary = *Dictionary::Create(budget);
  constexpr uint32_t kCount = 50'000;
  for (uint32_t n = 0; n < kCount; ++n) ASSERT_EQ(*dictionary->FindOrAppend(NthValue(n)), n);
  for (uint32_t n = 0; n < kCount; ++n) {
    ASSERT_EQ(dictionary->Find(NthValue(n)), n);
    ASSERT_EQ(dictionary->Entry(n), NthValue(n));
  }
}

TEST(DictionaryTest, ViewsOfEntriesOutliveGrowth) {
  MemoryBudget budget("cache");
  const auto dictionary = DictionaryOf(budget, {"first"});
  const std::string_view first = dictionary->Entry(0);
  for (uint32_t n = 0; n < 10'000; ++n) ASSERT_TRUE(dictionary->FindOrAppend(NthValue(n)).ok());
  EXPECT_EQ(first.data(), dictionary->Entry(0).data());
  EXPECT_EQ(first, "first");
}

TEST(DictionaryTest, WithoutItsReplacedTablesItFindsAndGrowsAsBefore) {
  MemoryBudget budget("test");
  const std::shared_ptr<Dictionary> dictionary = *Dictionary::Create(budget);
  const auto add = [&](int begin, int end) {
    for (int i = begin; i < end; ++i) {
      EXPECT_EQ(*dictionary->FindOrAppend(absl::StrCat("value ", i)), static_cast<uint32_t>(i));
    }
  };
  add(0, 5'000);
  const size_t before_bytes = dictionary->reserved_bytes();
  dictionary->DropReplacedTables();
  EXPECT_LT(dictionary->reserved_bytes(), before_bytes);
  EXPECT_EQ(dictionary->reserved_bytes(), budget.reserved_bytes());
  add(0, 20'000);
  EXPECT_EQ(dictionary->Find("value 4999"), 4999u);
  EXPECT_EQ(dictionary->Find("value 20000"), Dictionary::kNoCode);
}

TEST(DictionaryTest, TellsValuesApartThatDifferInOneByte) {
  MemoryBudget budget("cache");
  for (size_t length = 1; length < 70; ++length) {
    const auto dictionary = *Dictionary::Create(budget);
    for (size_t at = 0; at < length; ++at) {
      std::string value(length, 'x');
      value[at] = 'y';
      ASSERT_EQ(*dictionary->FindOrAppend(value), at) << length;
    }
  }
}

TEST(DictionaryTest, HoldsAValueLargerThanABlock) {
  MemoryBudget budget("cache");
  const std::string large(5 << 20, 'L');
  const auto dictionary = DictionaryOf(budget, {"a", large, "b"});
  EXPECT_EQ(dictionary->Find(large), 1u);
  EXPECT_EQ(dictionary->Find("b"), 2u);
}

TEST(DictionaryTest, ABatchIsFindOrAppendOfEach) {
  MemoryBudget budget("cache");
  const auto dictionary = DictionaryOf(budget, {"seen"});
  std::vector<std::string> texts;
  for (uint32_t n = 0; n < 300; ++n) texts.push_back(n % 3 == 0 ? "seen" : NthValue(n));
  const std::vector<std::string_view> values(texts.begin(), texts.end());
  std::vector<uint32_t> codes(values.size());
  ASSERT_TRUE(dictionary->FindOrAppendBatch(values, {}, codes).ok());
  for (size_t i = 0; i < values.size(); ++i) ASSERT_EQ(dictionary->Entry(codes[i]), values[i]);
  EXPECT_EQ(dictionary->size(), 201u);
}

TEST(DictionaryTest, NullsOfABatchAreIgnored) {
  MemoryBudget budget("cache");
  const auto dictionary = DictionaryOf(budget, {"a", "b"});
  const std::string_view values[] = {"b", "never", "c"};
  const uint64_t valid = 0b101;
  std::vector<uint32_t> codes(3, 77);
  ASSERT_TRUE(dictionary->FindOrAppendBatch(values, {&valid, 1}, codes).ok());
  EXPECT_THAT(codes, ElementsAre(1, 0, 2));
  EXPECT_EQ(dictionary->Find("never"), Dictionary::kNoCode);
}

TEST(DictionaryTest, ABatchIsFoundAsEachValueIs) {
  MemoryBudget budget("cache");
  const auto dictionary = *Dictionary::Create(budget);
  std::vector<std::string> values;
  for (uint32_t n = 0; n < 700; ++n) values.push_back(NthValue(n));
  for (uint32_t n = 0; n < 700; n += 2) ASSERT_TRUE(dictionary->FindOrAppend(values[n]).ok());
  std::vector<uint32_t> codes(values.size());
  dictionary->FindBatch(values, codes);
  for (size_t n = 0; n < values.size(); ++n) EXPECT_EQ(codes[n], dictionary->Find(values[n])) << n;
}

TEST(DictionaryTest, NothingIsFoundInAnEmptyOne) {
  MemoryBudget budget("cache");
  const auto dictionary = *Dictionary::Create(budget);
  const std::vector<std::string> values = {"", "a"};
  std::vector<uint32_t> codes(2);
  dictionary->FindBatch(values, codes);
  EXPECT_THAT(codes, ElementsAre(Dictionary::kNoCode, Dictionary::kNoCode));
  dictionary->FindBatch({}, {});
}

TEST(DictionaryTest, ARefusalLeavesTheEntriesAsTheyWere) {
  for (size_t limit = 1'000; limit < 40'000; limit += 500) {
    MemoryBudget budget("cache", limit);
    const auto created = Dictionary::Create(budget);
    if (!created.ok()) continue;
    uint32_t n = 0;
    while ((*created)->FindOrAppend(NthValue(n)).ok()) ++n;
    ASSERT_EQ((*created)->size(), n);
    for (uint32_t code = 0; code < n; ++code) ASSERT_EQ((*created)->Find(NthValue(code)), code);
    ASSERT_EQ((*created)->Find(NthValue(n)), Dictionary::kNoCode);
  }
}

TEST(DictionaryTest, ChargesItsBytesAndGivesThemBack) {
  MemoryBudget budget("cache");
  {
    const auto dictionary = *Dictionary::Create(budget);
    for (uint32_t n = 0; n < 5'000; ++n) ASSERT_TRUE(dictionary->FindOrAppend(NthValue(n)).ok());
    EXPECT_EQ(dictionary->reserved_bytes(), budget.reserved_bytes());
  }
  EXPECT_EQ(budget.reserved_bytes(), 0u);
}

TEST(DictionaryTest, ReadersSeeCompleteEntriesWhileTheWriterAppends) {
  MemoryBudget budget("cache");
  const auto dictionary = *Dictionary::Create(budget);
  constexpr uint32_t kCount = 30'000;
  std::atomic<uint32_t> num_wrong{0};
  std::vector<std::thread> readers;
  for (uint32_t reader = 0; reader < 3; ++reader) {
    readers.emplace_back([&, reader] {
      uint32_t seen = 0;
      for (uint32_t round = reader; seen < kCount; ++round) {
        seen = dictionary->size();
        if (seen < 2) continue;
        // The last entry may have no slot yet: its size is visible first.
        const uint32_t code = (round * 7919u) % (seen - 1);
        const uint32_t ahead = (round * 104'729u) % kCount;
        if (dictionary->Entry(code) != NthValue(code)) ++num_wrong;
        if (dictionary->Find(NthValue(code)) != code) ++num_wrong;
        if (dictionary->Entry(seen - 1) != NthValue(seen - 1)) ++num_wrong;
        // A value of the future: not there yet, or there with its code and its bytes.
        const uint32_t found = dictionary->Find(NthValue(ahead));
        if (found == Dictionary::kNoCode) continue;
        if (found != ahead || dictionary->Entry(found) != NthValue(ahead)) ++num_wrong;
      }
    });
  }
  for (uint32_t n = 0; n < kCount; ++n) ASSERT_EQ(*dictionary->FindOrAppend(NthValue(n)), n);
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(num_wrong, 0u);
}

}  // namespace
}  // namespace sextant
