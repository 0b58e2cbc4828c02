#include "compute/operators/narrow_interner.h"

#include <gmock/gmock.h>

#include <limits>
#include <random>
#include <unordered_map>
#include <vector>

#include "tests/testing/counted_questions.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;

constexpr uint32_t kSeed = 20261122;

class NarrowInternerTest : public testing::Test {
 protected:
  std::vector<uint32_t> Intern(const std::vector<uint32_t>& keys) {
    EXPECT_TRUE(interner_.Reserve(keys.size()).ok());
    std::vector<uint32_t> ids(keys.size());
    interner_.InternMany(keys, ids.data());
    return ids;
  }

  MemoryBudget budget_{"test"};
  NarrowInterner interner_{budget_};
};

TEST_F(NarrowInternerTest, KeysAreNumberedInOrderOfArrival) {
  constexpr uint32_t kGreatest = std::numeric_limits<uint32_t>::max();
  EXPECT_THAT(Intern({7, 0, 7, kGreatest, 0}), ElementsAre(0, 1, 0, 2, 1));
  EXPECT_THAT(Intern({kGreatest, 8}), ElementsAre(2, 3));
  EXPECT_THAT(interner_.keys(), ElementsAre(7, 0, kGreatest, 8));
  EXPECT_EQ(interner_.key(3), 8u);
}

TEST_F(NarrowInternerTest, NoKeysAreNumberedAsNone) {
  EXPECT_THAT(Intern({}), ElementsAre());
  EXPECT_EQ(interner_.size(), 0u);
}

TEST_F(NarrowInternerTest, ManyKeysAreNumberedAsAMapDoes) {
  // Few, many, neighbours, multiples of a power of two; beyond a table that is kept emptier.
  const std::vector<std::pair<uint32_t, uint32_t>> shapes = {
      {100, 1}, {200'000, 1}, {200'000, 4096}, {200'000, 2654435761u}};
  for (const auto& [num_keys, step] : shapes) {
    std::mt19937 random(kSeed);
    NarrowInterner interner(budget_);
    std::unordered_map<uint32_t, uint32_t> map;
    for (int batch = 0; batch < 300; ++batch) {
      std::vector<uint32_t> keys(999);
      for (uint32_t& key : keys) key = static_cast<uint32_t>(random() % num_keys) * step;
      std::vector<uint32_t> ids(keys.size());
      ASSERT_TRUE(interner.Reserve(keys.size()).ok());
      interner.InternMany(keys, ids.data());
      for (size_t k = 0; k < keys.size(); ++k) {
        const auto next = static_cast<uint32_t>(map.size());
        ASSERT_EQ(ids[k], map.try_emplace(keys[k], next).first->second) << "seed " << kSeed;
        ASSERT_EQ(interner.key(ids[k]), keys[k]) << "seed " << kSeed;
      }
    }
    EXPECT_EQ(interner.size(), map.size());
  }
}

TEST(NarrowInternerBudgetTest, RoomIsRefusedBeyondTheBudgetAndWhatIsKnownStays) {
  MemoryBudget budget("small", 10'000);
  NarrowInterner interner(budget);
  const std::vector<uint32_t> keys = {5, 6, 5};
  std::vector<uint32_t> ids(3);
  ASSERT_TRUE(interner.Reserve(keys.size()).ok());
  interner.InternMany(keys, ids.data());
  EXPECT_TRUE(absl::IsResourceExhausted(interner.Reserve(5'000)));
  ASSERT_TRUE(interner.Reserve(keys.size()).ok());
  interner.InternMany(keys, ids.data());
  EXPECT_THAT(ids, ElementsAre(0, 1, 0));
}

/// 300,000 keys of a table that grows: the new block, each 2 MiB of it that is cleared but the
/// first, and each 64 Ki keys.
TEST_F(NarrowInternerTest, ATableThatGrowsAsksInBetweenAndStaysWhereItMayNot) {
  std::vector<uint32_t> keys(300'000);
  for (uint32_t i = 0; i < keys.size(); ++i) keys[i] = i * 7;
  const std::vector<uint32_t> ids = Intern(keys);
  ASSERT_TRUE(interner_.Reserve(1000).ok());
  for (size_t num_allowed = 0;; ++num_allowed) {
    CountedQuestions questions{.num_allowed = num_allowed};
    const KeepGoingScope scope(questions);
    const absl::Status status = interner_.Reserve(800'000);
    if (status.ok()) {
      EXPECT_GE(num_allowed, 16u + 4);
      break;
    }
    ASSERT_TRUE(absl::IsCancelled(status));
    std::vector<uint32_t> found(1000);
    interner_.InternMany(std::span(keys).first(1000), found.data());
    ASSERT_EQ(found, std::vector<uint32_t>(ids.begin(), ids.begin() + 1000));
  }
  EXPECT_EQ(Intern(keys), ids);
}

}  // namespace
}  // namespace sextant
