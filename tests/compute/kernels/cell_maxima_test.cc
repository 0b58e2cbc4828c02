#include "compute/kernels/cell_maxima.h"

#include <gmock/gmock.h>

#include <array>
#include <vector>

namespace sextant {
namespace {

using ::testing::ElementsAre;

constexpr uint64_t Pair(uint32_t low, uint32_t high) { return uint64_t{high} << 32 | low; }

TEST(CellMaximaTest, RaisesBothNumbersOfAPairByThemselves) {
  const std::vector<uint64_t> words = {Pair(3, 9), Pair(5, 1), Pair(0xFFFFFFFF, 0)};
  const std::array<const uint64_t*, 1> columns = {words.data()};
  std::vector<uint64_t> table = {Pair(4, 4), Pair(0, 7)};
  RaiseCellPairs(columns, std::vector<uint32_t>{0, 0, 1}, table.data());
  EXPECT_THAT(table, ElementsAre(Pair(5, 9), Pair(0xFFFFFFFF, 7)));
}

TEST(CellMaximaTest, WordsOfACellAreSideBySide) {
  const std::vector<uint64_t> first = {Pair(1, 2), Pair(5, 6)};
  const std::vector<uint64_t> second = {Pair(3, 4), Pair(0, 8)};
  const std::array<const uint64_t*, 2> columns = {first.data(), second.data()};
  std::vector<uint64_t> table(4);
  RaiseCellPairs(columns, std::vector<uint32_t>{1, 1}, table.data());
  EXPECT_THAT(table, ElementsAre(0, 0, Pair(5, 6), Pair(3, 8)));
}

TEST(CellMaximaTest, MergesIntoTheCellsOfTheMap) {
  const std::vector<uint64_t> from = {Pair(1, 2), Pair(3, 4), Pair(5, 6), Pair(7, 8)};
  std::vector<uint64_t> into(6, Pair(4, 4));
  MergeCellPairs(2, from.data(), std::vector<uint32_t>{2, 0}, into.data());
  EXPECT_THAT(into,
              ElementsAre(Pair(5, 6), Pair(7, 8), Pair(4, 4), Pair(4, 4), Pair(4, 4), Pair(4, 4)));
}

}  // namespace
}  // namespace sextant
