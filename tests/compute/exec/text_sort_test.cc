#include "compute/exec/text_sort.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "compute/memory/memory_budget.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;

/// The numbers of `texts` as a TextSorter leaves them; checks what it says of them.
std::vector<uint64_t> Sorted(const std::vector<std::string>& texts) {
  MemoryBudget budget("test");
  std::vector<KeyedItem> items;
  for (uint64_t i = 0; i < texts.size(); ++i) items.push_back({.item = i, .key = 0});
  const auto text_of = [&](uint64_t item) { return std::string_view(texts[item]); };
  TextSorter sorter(budget, AlwaysGoOn, text_of);
  EXPECT_TRUE(sorter.Sort(items).ok());
  size_t num_bytes = 0;
  std::vector<uint64_t> order;
  for (size_t i = 0; i < items.size(); ++i) {
    const std::string& text = texts[items[i].item];
    order.push_back(items[i].item);
    num_bytes += text.size();
    if (i > 0 && items[i].key != items[i - 1].key) {
      EXPECT_NE(text, texts[items[i - 1].item]);
    }
    if (!sorter.keys().are_whole()) continue;
    std::string rebuilt(TextKeys::kWindow, 'x');
    rebuilt.resize(sorter.keys().Write(items[i].key, rebuilt.data()));
    EXPECT_EQ(text.substr(0, sorter.keys().prefix_size()) + rebuilt, text);
  }
  EXPECT_EQ(sorter.num_bytes(), num_bytes);
  return order;
}

std::vector<uint64_t> SortedByComparison(const std::vector<std::string>& texts) {
  std::vector<uint64_t> order(texts.size());
  for (uint64_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](uint64_t a, uint64_t b) { return texts[a] < texts[b]; });
  return order;
}

TEST(TextSortTest, NoTextIsSorted) { EXPECT_THAT(Sorted({}), ElementsAre()); }

TEST(TextSortTest, Rule7OrdersByUnsignedBytes) {
  EXPECT_THAT(
      Sorted({"b", "\xC3\xA9", "", "a", "abcdefgh2", "abcdefgh10", std::string("a\0", 2), "Z"}),
      ElementsAre(2, 7, 3, 6, 5, 4, 0, 1));
}

TEST(TextSortTest, EqualTextsAreInTheOrderOfTheirItems) {
  EXPECT_THAT(Sorted({"P-1", "P-2", "P-1", "", "P-2", ""}), ElementsAre(3, 5, 0, 2, 1, 4));
}

TEST(TextSortTest, ManyTextsThatDifferInZerosBehindTheirEndAreInOrder) {
  std::vector<std::string> texts;
  for (size_t i = 0; i < 100; ++i) texts.push_back("x" + std::string(99 - i, '\0'));
  EXPECT_EQ(Sorted(texts), SortedByComparison(texts));
}

TEST(TextSortTest, NamesOfLettersAndDigitsAreToldByTheirKeys) {
  std::mt19937_64 random(5);
  std::vector<std::string> texts;
  for (size_t i = 0; i < 5000; ++i) {
    texts.push_back("TEAM" + std::to_string(random() % 40) + "-" +
                    std::to_string(random() % 100000));
  }
  TextKeys keys(4);
  for (const std::string& text : texts) keys.Add(text);
  keys.Finish();
  EXPECT_TRUE(keys.are_whole());
  EXPECT_EQ(Sorted(texts), SortedByComparison(texts));
}

TEST(TextSortTest, ManyTextsWithLongBeginningsInCommonAreInOrder) {
  std::mt19937_64 random(7);
  std::vector<std::string> texts;
  for (size_t i = 0; i < 5000; ++i) {
    texts.push_back("https://host/" + std::string(random() % 3 * 9, 'd') + "/item-" +
                    std::to_string(random() % 3000));
  }
  EXPECT_EQ(Sorted(texts), SortedByComparison(texts));
}

TEST(TextSortTest, RandomBytesOfAllSizesAreInOrder) {
  std::mt19937_64 random(11);
  for (const size_t most : {1, 4, 7, 8, 9, 16, 40}) {
    std::vector<std::string> texts(3000);
    for (std::string& text : texts) {
      text.resize(random() % (most + 1));
      for (char& byte : text) byte = static_cast<char>(random() % 3 == 0 ? random() : random() % 2);
    }
    EXPECT_EQ(Sorted(texts), SortedByComparison(texts)) << most;
  }
}

TEST(TextSortTest, TextsEachOfWhichBeginsWithTheOneBeforeAreInOrder) {
  std::mt19937_64 random(13);
  std::vector<std::string> texts;
  for (size_t i = 0; i < 2000; ++i) texts.emplace_back(random() % 600, 'a');
  EXPECT_EQ(Sorted(texts), SortedByComparison(texts));
}

}  // namespace
}  // namespace sextant
