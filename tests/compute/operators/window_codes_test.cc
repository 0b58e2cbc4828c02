#include "compute/operators/window_codes.h"

#include <gtest/gtest.h>

#include <vector>

namespace sextant {
namespace {

using Windows = std::vector<ResolvedInterval>;

WindowCodes Of(Windows windows, uint32_t first_code = 0) {
  return {{.series = {}, .name = "", .intervals = std::move(windows)},
          false,
          absl::UTCTimeZone(),
          first_code};
}

std::vector<uint32_t> Holding(const WindowCodes& windows, int64_t first, int64_t last) {
  std::vector<uint32_t> held;
  const WindowCodes::Codes codes = windows.Find(first, last);
  for (uint32_t code = codes.first; code < codes.last; ++code) {
    if (windows.Begins(code, last)) held.push_back(code);
  }
  return held;
}

TEST(WindowCodesTest, AnInstantIsInEveryWindowThatHoldsIt) {
  const WindowCodes windows = Of({{0, 10, false}, {5, 20, false}, {15, 30, false}});
  EXPECT_EQ(Holding(windows, -1, -1), std::vector<uint32_t>({}));
  EXPECT_EQ(Holding(windows, 0, 0), std::vector<uint32_t>({0}));
  EXPECT_EQ(Holding(windows, 5, 5), std::vector<uint32_t>({0, 1}));
  EXPECT_EQ(Holding(windows, 10, 10), std::vector<uint32_t>({1}));
  EXPECT_EQ(Holding(windows, 29, 29), std::vector<uint32_t>({2}));
  EXPECT_EQ(Holding(windows, 30, 30), std::vector<uint32_t>({}));
}

TEST(WindowCodesTest, ASpanIsInEveryWindowThatItTouches) {
  const WindowCodes windows = Of({{0, 10, false}, {5, 20, false}, {15, 30, false}}, 7);
  EXPECT_EQ(Holding(windows, 9, 14), std::vector<uint32_t>({7, 8}));
  EXPECT_EQ(Holding(windows, 12, 15), std::vector<uint32_t>({8, 9}));
}

TEST(WindowCodesTest, StartsNeedNotAscend) {
  // As those of half hours do where a clock is set back.
  const WindowCodes windows = Of({{0, 10, false}, {4, 20, false}, {2, 30, false}});
  EXPECT_EQ(Holding(windows, 3, 3), std::vector<uint32_t>({0, 2}));
  EXPECT_EQ(Holding(windows, 4, 4), std::vector<uint32_t>({0, 1, 2}));
}

TEST(WindowCodesTest, NoSpanIsInAnEmptyWindow) {
  const WindowCodes windows = Of({{0, 10, false}, {20, 20, false}, {15, 30, false}});
  EXPECT_EQ(Holding(windows, 5, 40), std::vector<uint32_t>({0, 2}));
}

TEST(WindowCodesTest, TheSpanIsThatOfAllWindows) {
  const WindowCodes windows = Of({{4, 10, false}, {2, 20, false}});
  ASSERT_TRUE(windows.span());
  EXPECT_EQ(windows.span()->first, 2);
  EXPECT_EQ(windows.span()->last, 19);
  EXPECT_FALSE(Of({}).span());
}

}  // namespace
}  // namespace sextant
