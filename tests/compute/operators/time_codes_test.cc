#include "compute/operators/time_codes.h"

#include <gmock/gmock.h>

#include <array>
#include <utility>
#include <vector>

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

/// Intervals side by side between these borders, the first of which has code 7.
TimeCodes CodesBetween(const std::vector<int64_t>& borders) {
  ResolvedSeries series;
  for (size_t i = 1; i < borders.size(); ++i) {
    series.intervals.push_back({borders[i - 1], borders[i], false});
  }
  return TimeCodes(series, /*is_date=*/false, absl::UTCTimeZone(), 7);
}

using Found = std::vector<std::pair<uint32_t, uint32_t>>;

/// The codes that `find` gives the spans.
template <typename Find>
Found CodesOf(const std::vector<std::pair<int64_t, int64_t>>& spans_us, Find find) {
  std::vector<int64_t> starts;
  std::vector<int64_t> ends;
  for (const auto& [start, end] : spans_us) {
    starts.push_back(start);
    ends.push_back(end);
  }
  std::vector<uint32_t> firsts(starts.size());
  std::vector<uint32_t> lasts(starts.size());
  find(TimeCodes::Spans{starts, ends.data(), firsts.data(), lasts.data()});
  Found found;
  for (size_t k = 0; k < starts.size(); ++k) found.emplace_back(firsts[k], lasts[k]);
  return found;
}

TEST(TimeCodesTest, AnInstantKeepsTheNumberOfItsIntervalBehindAnEmptyOne) {
  const std::array<int64_t, 3> instants = {5, 10, 20};
  std::array<uint32_t, 3> codes;
  CodesBetween({0, 0, 10, 20}).Find(instants, codes.data());
  EXPECT_THAT(codes, ElementsAre(8, 9, kNoInterval));
}

TEST(TimeCodesTest, ASpanKeepsTheNumbersOfItsIntervalsBetweenEmptyOnes) {
  const TimeCodes codes = CodesBetween({0, 0, 10, 20, 20});
  const auto overlapped = [&](const TimeCodes::Spans& spans) { codes.FindOverlapped(spans); };
  EXPECT_THAT(CodesOf({{5, 20}, {10, 10}, {5, kOpenEndUs}}, overlapped),
              ElementsAre(Pair(8, 10), Pair(9, 10), Pair(8, 10)));
}

TEST(TimeCodesTest, EndsKeepTheNumbersOfTheirIntervalsBetweenEmptyOnes) {
  const TimeCodes codes = CodesBetween({0, 0, 10, 20, 20});
  const auto ended = [&](const TimeCodes::Spans& spans) { codes.FindEndsWithin(spans); };
  EXPECT_THAT(CodesOf({{5, 20}, {5, 10}}, ended), ElementsAre(Pair(8, 10), Pair(8, 9)));
}

TEST(TimeCodesTest, AnEmptyRangeHasAStateAtItsEndAndAnIntervalThatIsLeftOutHasNone) {
  for (const bool is_left_out : {false, true}) {
    ResolvedSeries series;
    series.intervals = {{10, 10, is_left_out}};
    const TimeCodes codes(series, /*is_date=*/false, absl::UTCTimeZone(), 0);
    const auto ended = [&](const TimeCodes::Spans& spans) { codes.FindEndsWithin(spans); };
    EXPECT_THAT(CodesOf({{5, 20}}, ended), ElementsAre(Pair(0, is_left_out ? 0 : 1)));
  }
}

}  // namespace
}  // namespace sextant
