#include "compute/plan/binder/sorted_texts.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Sorted(std::vector<std::string> texts) {
  SortDistinctTexts(texts);
  return texts;
}

TEST(SortedTextsTest, SortsByBytesAndKeepsEachOnce) {
  EXPECT_THAT(Sorted({}), IsEmpty());
  EXPECT_THAT(Sorted({"b", "a", "b", ""}), ElementsAre("", "a", "b"));
  EXPECT_THAT(Sorted({"\xC3\xA4", "z"}), ElementsAre("z", "\xC3\xA4"));
  EXPECT_THAT(Sorted({"author-00012", "author-0001", "author-00010", "author-00"}),
              ElementsAre("author-00", "author-0001", "author-00010", "author-00012"));
}

TEST(SortedTextsTest, AZeroByteIsMoreThanTheEnd) {
  const std::string zero("a\0", 2);
  EXPECT_THAT(Sorted({zero, "a", zero}), ElementsAre("a", zero));
}

TEST(SortedTextsTest, AgreesWithStringsOnRandomTexts) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> texts(random() % 50);
    for (std::string& text : texts) {
      text.resize(random() % 12);
      for (char& byte : text) byte = static_cast<char>("ab\0\xFF"[random() % 4]);
    }
    std::vector<std::string> expected = texts;
    std::sort(expected.begin(), expected.end());
    expected.erase(std::unique(expected.begin(), expected.end()), expected.end());
    EXPECT_EQ(Sorted(texts), expected);
  }
}

}  // namespace
}  // namespace sextant
