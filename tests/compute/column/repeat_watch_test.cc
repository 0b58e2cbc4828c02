#include "compute/column/repeat_watch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace sextant {
namespace {

constexpr uint32_t kSeed = 20261121;

MemoryBudget& TestBudget() {
  static MemoryBudget budget("test");
  return budget;
}

RepeatWatch MakeWatch() { return *RepeatWatch::Create(TestBudget()); }

/// Adds values in batches of 1,000 until nothing more is learnt, or `count` of them.
template <typename TextOf>
size_t AddUntilOver(RepeatWatch& watch, size_t count, TextOf text_of) {
  size_t row = 0;
  while (row < count && !watch.is_over()) {
    std::vector<std::string> texts;
    for (size_t i = 0; i < 1'000 && row < count; ++i) texts.push_back(text_of(row++));
    const std::vector<std::string_view> values(texts.begin(), texts.end());
    watch.Add(values, {});
  }
  return row;
}

TEST(RepeatWatchTest, ManyNamesInAnyOrderPayOnceTheyRepeat) {
  std::mt19937 random(kSeed);
  RepeatWatch watch = MakeWatch();
  const size_t num_rows =
      AddUntilOver(watch, 200'000, [&](size_t) { return absl::StrCat("id", random() % 100'000); });
  EXPECT_TRUE(watch.pays());
  EXPECT_LT(num_rows, 140'000u);
}

TEST(RepeatWatchTest, NamesThatComeRoundAgainPay) {
  RepeatWatch watch = MakeWatch();
  AddUntilOver(watch, 1'000'000, [](size_t row) { return absl::StrCat("user", row % 300'000); });
  EXPECT_TRUE(watch.pays());
}

TEST(RepeatWatchTest, DistinctValuesNeverPay) {
  RepeatWatch watch = MakeWatch();
  const size_t num_rows = AddUntilOver(watch, 2 * RepeatWatch::kMaxValues,
                                       [](size_t row) { return absl::StrCat("title ", row); });
  EXPECT_FALSE(watch.pays());
  EXPECT_TRUE(watch.is_over());
  EXPECT_LT(num_rows, RepeatWatch::kMaxValues + 1'000);
}

TEST(RepeatWatchTest, ManyMillionNamesDoNotPay) {
  std::mt19937 random(kSeed);
  RepeatWatch watch = MakeWatch();
  AddUntilOver(watch, 2 * RepeatWatch::kMaxValues,
               [&](size_t) { return absl::StrCat(random() % 4'000'000); });
  EXPECT_FALSE(watch.pays());
}

TEST(RepeatWatchTest, AnEmptyStretchAmongDistinctValuesDoesNotPay) {
  RepeatWatch watch = MakeWatch();
  AddUntilOver(watch, 2 * RepeatWatch::kMaxValues, [](size_t row) {
    const bool is_empty = row >= 400'000 && row < 500'000;
    return is_empty ? std::string() : absl::StrCat(row);
  });
  EXPECT_FALSE(watch.pays());
}

TEST(RepeatWatchTest, LongValuesEndItEarlier) {
  RepeatWatch watch = MakeWatch();
  const size_t num_rows = AddUntilOver(
      watch, 200'000, [](size_t row) { return absl::StrCat(std::string(4'000, 'x'), row); });
  EXPECT_TRUE(watch.is_over());
  EXPECT_LT(num_rows, 20'000u);
}

TEST(RepeatWatchTest, NullsAreNotCounted) {
  RepeatWatch watch = MakeWatch();
  const std::vector<std::string_view> values(64, "same");
  const uint64_t none = 0;
  for (int i = 0; i < 20'000; ++i) watch.Add(values, {&none, 1});
  EXPECT_FALSE(watch.is_over());
}

}  // namespace
}  // namespace sextant
