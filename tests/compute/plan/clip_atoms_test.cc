#include "compute/plan/clip_atoms.h"

#include <gmock/gmock.h>

#include <utility>
#include <vector>

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr uint32_t kNone = ClipAtoms::kNone;

/// Intervals side by side between these borders.
ResolvedSeries Between(const std::vector<int64_t>& borders) {
  ResolvedSeries series;
  for (size_t i = 0; i + 1 < borders.size(); ++i) {
    series.intervals.push_back(
        {.start_us = borders[i], .end_us = borders[i + 1], .is_partial = false});
  }
  return series;
}

std::vector<std::pair<int64_t, int64_t>> SpansOf(const ClipAtoms& cut) {
  std::vector<std::pair<int64_t, int64_t>> spans;
  for (const ResolvedInterval& atom : cut.atoms.intervals) {
    spans.emplace_back(atom.start_us, atom.end_us);
  }
  return spans;
}

TEST(ClipAtomsTest, AnAtomLiesInOneTileAndInOneIntervalOfEachSeries) {
  const std::vector<ResolvedSeries> series = {Between({10, 25, 40}), Between({10, 40})};
  const ClipAtoms cut = CutTiles(Between({0, 20, 40}), series, 100);
  EXPECT_THAT(SpansOf(cut), ElementsAre(std::pair(0, 10), std::pair(10, 20), std::pair(20, 25),
                                        std::pair(25, 40)));
  EXPECT_THAT(cut.tile_of_atom, ElementsAre(0, 0, 1, 1));
  EXPECT_THAT(cut.IntervalsOf(0), ElementsAre(kNone, kNone));
  EXPECT_THAT(cut.IntervalsOf(2), ElementsAre(0, 2));
  EXPECT_THAT(cut.IntervalsOf(3), ElementsAre(1, 2));
}

TEST(ClipAtomsTest, IntervalsReachBeyondTheTilesOfTheSamples) {
  const ResolvedSeries days = Between({0, 10, 20, 30});
  const ClipAtoms cut = CutTiles(Between({12, 18}), {&days, 1}, 100);
  EXPECT_THAT(SpansOf(cut), ElementsAre(std::pair(12, 18)));
  EXPECT_THAT(cut.IntervalsOf(0), ElementsAre(1));
}

TEST(ClipAtomsTest, AnEmptyIntervalHasNoAtom) {
  const std::vector<ResolvedSeries> series = {Between({5, 5}), Between({0, 10})};
  const ClipAtoms cut = CutTiles(Between({0, 10}), series, 100);
  EXPECT_THAT(SpansOf(cut), ElementsAre(std::pair(0, 5), std::pair(5, 10)));
  EXPECT_THAT(cut.IntervalsOf(1), ElementsAre(kNone, 1));
}

TEST(ClipAtomsTest, WithoutTilesThereAreNone) {
  const ResolvedSeries day = Between({0, 10});
  const ClipAtoms cut = CutTiles(ResolvedSeries(), {&day, 1}, 100);
  EXPECT_THAT(SpansOf(cut), IsEmpty());
  EXPECT_FALSE(cut.has_intervals());
}

TEST(ClipAtomsTest, TilesStayWholeWhereThereWouldBeTooManyAtoms) {
  const ResolvedSeries days = Between({0, 10, 20, 30});
  EXPECT_TRUE(CutTiles(Between({0, 30}), {&days, 1}, 3).has_intervals());
  const ClipAtoms whole = CutTiles(Between({0, 30}), {&days, 1}, 2);
  EXPECT_FALSE(whole.has_intervals());
  EXPECT_THAT(SpansOf(whole), ElementsAre(std::pair(0, 30)));
  EXPECT_THAT(whole.tile_of_atom, ElementsAre(0));
}

}  // namespace
}  // namespace sextant
