#include "compute/plan/clip_tiles.h"

#include <gmock/gmock.h>

#include <limits>
#include <utility>
#include <vector>

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr int64_t kDayUs = int64_t{86'400} * 1'000'000;
/// 2000-01-03T00:00Z.
constexpr int64_t kAnchorUs = int64_t{946'857'600} * 1'000'000;

/// The tiles, in days from the anchor.
std::vector<std::pair<int64_t, int64_t>> TilesOf(int64_t stride_days, int64_t from_us,
                                                 int64_t to_us) {
  const auto tiles = ClipTiles(stride_days * kDayUs, from_us, to_us, 100);
  EXPECT_TRUE(tiles.ok()) << tiles.status();
  std::vector<std::pair<int64_t, int64_t>> days;
  for (const ResolvedInterval& tile : tiles->intervals) {
    EXPECT_EQ((tile.start_us - kAnchorUs) % kDayUs, 0);
    days.emplace_back((tile.start_us - kAnchorUs) / kDayUs, (tile.end_us - kAnchorUs) / kDayUs);
  }
  return days;
}

TEST(ClipTilesTest, Rule20TilesAreCountedFromAMondayInJanuary2000) {
  EXPECT_THAT(TilesOf(14, kAnchorUs, kAnchorUs + 1), ElementsAre(Pair(0, 14)));
  EXPECT_THAT(TilesOf(14, kAnchorUs - 1, kAnchorUs + 1), ElementsAre(Pair(-14, 0), Pair(0, 14)));
}

TEST(ClipTilesTest, Rule20TilesOfAPartOfThemAreWhole) {
  EXPECT_THAT(TilesOf(7, kAnchorUs + 3 * kDayUs, kAnchorUs + 14 * kDayUs),
              ElementsAre(Pair(0, 7), Pair(7, 14)));
  EXPECT_THAT(TilesOf(7, kAnchorUs - 8 * kDayUs, kAnchorUs - 7 * kDayUs),
              ElementsAre(Pair(-14, -7)));
}

TEST(ClipTilesTest, WithoutAStrideTheRangeIsTheOnlyTile) {
  const auto tiles = ClipTiles(0, 5, 9, 1);
  ASSERT_TRUE(tiles.ok());
  ASSERT_EQ(tiles->intervals.size(), 1u);
  EXPECT_EQ(tiles->intervals[0].start_us, 5);
  EXPECT_EQ(tiles->intervals[0].end_us, 9);
}

TEST(ClipTilesTest, AnEmptyRangeHasNone) {
  EXPECT_THAT(TilesOf(14, kAnchorUs, kAnchorUs), IsEmpty());
  EXPECT_THAT(TilesOf(0, kAnchorUs, kAnchorUs), IsEmpty());
}

TEST(ClipTilesTest, AsManyTilesAreAllowedAsIntervalsAndNoneMore) {
  EXPECT_TRUE(ClipTiles(kDayUs, kAnchorUs, kAnchorUs + 3 * kDayUs, 3).ok());
  const auto more = ClipTiles(kDayUs, kAnchorUs, kAnchorUs + 3 * kDayUs + 1, 3);
  EXPECT_THAT(std::string(more.status().message()),
              HasSubstr("clip.stride: the range has more than 3 tiles"));
}

TEST(ClipTilesTest, TilesEndWhereInstantsDo) {
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  const auto first = ClipTiles(14 * kDayUs, kMin, kMin + 1, 1);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->intervals[0].start_us, kMin);
  const auto last = ClipTiles(14 * kDayUs, kMax - 1, kMax, 1);
  ASSERT_TRUE(last.ok());
  EXPECT_EQ(last->intervals[0].end_us, kMax);
}

}  // namespace
}  // namespace sextant
