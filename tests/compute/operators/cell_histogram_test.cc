#include "compute/operators/cell_histogram.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <vector>

#include "compute/memory/memory_budget.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

CellHistogram Found(const BoundHistogram& bins, const std::vector<double>& sorted) {
  CellHistogram histogram;
  EXPECT_TRUE(histogram.Find(bins, sorted, [] { return absl::OkStatus(); }).ok());
  return histogram;
}

BoundHistogram Bins(uint32_t num_bins, bool is_log = false) {
  BoundHistogram bins;
  bins.num_bins = num_bins;
  bins.is_log = is_log;
  return bins;
}

std::vector<double> Numbers(int count) {
  std::vector<double> numbers;
  for (int i = 1; i <= count; ++i) numbers.push_back(i);
  return numbers;
}

TEST(CellHistogramTest, Rule9BinsAreHalfOpenAndTheLastIsClosed) {
  const CellHistogram found = Found({.edges = {0, 1, 2}}, {-1, 0, 0.5, 1, 1, 2, 2, 3});
  EXPECT_THAT(found.counts(), ElementsAre(2, 4));
  EXPECT_THAT(found.edges(), ElementsAre(0, 1, 2));
}

TEST(CellHistogramTest, EdgesThatNoSampleIsWithinHaveNone) {
  EXPECT_THAT(Found({.edges = {10, 20}}, {1, 2}).counts(), ElementsAre(0));
}

TEST(CellHistogramTest, SoManyBinsGoFromTheLeastToTheGreatest) {
  const CellHistogram found = Found(Bins(4), {0, 1, 2, 3, 4, 8});
  EXPECT_THAT(found.edges(), ElementsAre(0, 2, 4, 6, 8));
  EXPECT_THAT(found.counts(), ElementsAre(2, 2, 1, 1));
}

TEST(CellHistogramTest, EqualSamplesAreInTheMiddleOfTheirBins) {
  const CellHistogram found = Found(Bins(2), {3, 3, 3});
  EXPECT_THAT(found.edges(), ElementsAre(2.5, 3, 3.5));
  EXPECT_THAT(found.counts(), ElementsAre(0, 3));
  EXPECT_THAT(Found({}, {3, 3, 3}).counts(), ElementsAre(3));
}

TEST(CellHistogramTest, BinsOfALogarithmicScaleAreOfEqualRatios) {
  const CellHistogram found = Found(Bins(2, true), {1, 2, 9, 10, 100});
  EXPECT_EQ(found.edges()[0], 1);
  EXPECT_DOUBLE_EQ(found.edges()[1], 10);
  EXPECT_EQ(found.edges()[2], 100);
  EXPECT_EQ(found.counts()[0] + found.counts()[1], 5);
}

TEST(CellHistogramTest, EqualSamplesOfALogarithmicScaleAreInTheirBin) {
  const CellHistogram found = Found(Bins(1, true), {5, 5});
  EXPECT_DOUBLE_EQ(found.edges()[0], 5 * std::exp(-0.5));
  EXPECT_THAT(found.counts(), ElementsAre(2));
}

// numpy.histogram_bin_edges(range(1, 1001), 'fd') has 11 edges, (.., 'doane') 12.
TEST(CellHistogramTest, TheFinerOfTwoRulesIsTaken) {
  EXPECT_THAT(Found({}, Numbers(1000)).counts(), SizeIs(11));
}

// 4999 / (2 * 500 * 1001^(-1/3)) is 50.007, and Doane's number 16.1.
TEST(CellHistogramTest, FreedmanAndDiaconisTakeTheSpreadOfTheMiddle) {
  std::vector<double> numbers = Numbers(1000);
  numbers.push_back(5000);
  EXPECT_THAT(Found({}, numbers).counts(), SizeIs(51));
}

// 1 + log2(100) + log2(1 + |g1| / s) is 9.5; without the skewness it were 7.6, by quartiles 4.6.
TEST(CellHistogramTest, DoaneTakesTheSkewness) {
  std::vector<double> squares;
  for (const double number : Numbers(100)) squares.push_back(number * number);
  EXPECT_THAT(Found({}, squares).counts(), SizeIs(10));
}

TEST(CellHistogramTest, TheLeastFloatsHaveAsManyBinsAsOthers) {
  const double least = std::numeric_limits<double>::denorm_min();
  EXPECT_EQ(Found({}, {0, 1}).counts().size(), 2u);
  EXPECT_EQ(Found({}, {0, least}).counts().size(), 2u);
  EXPECT_EQ(Found({}, {-least, least}).counts().size(), 2u);
}

// Of many samples near one another and one far away Freedman and Diaconis want narrow bins.
TEST(CellHistogramTest, AutomaticBinsAreBounded) {
  std::vector<double> numbers = Numbers(100);
  numbers.push_back(1e9);
  EXPECT_THAT(Found({}, numbers).counts(), SizeIs(kMaxAutomaticBins));
}

TEST(CellHistogramTest, ASampleAloneHasOneBin) {
  const CellHistogram found = Found({}, {7});
  EXPECT_THAT(found.edges(), ElementsAre(6.5, 7.5));
  EXPECT_THAT(found.counts(), ElementsAre(1));
}

TEST(CellHistogramTest, TheGreatestSamplesThatAreAllowedHaveFiniteEdges) {
  const double most = std::ldexp(1.0, 1022);
  const CellHistogram found = Found(Bins(3), {-most, most});
  for (const double edge : found.edges()) EXPECT_TRUE(std::isfinite(edge));
  EXPECT_THAT(found.counts(), ElementsAre(1, 0, 1));
  EXPECT_EQ(Found({}, {-most, most}).edges().back(), most);
}

TEST(CellHistogramTest, EdgesThatRoundingMakesEqualLoseNoSample) {
  const double denorm = 5e-324;
  const CellHistogram found = Found(Bins(5), {0, denorm, 3 * denorm});
  int64_t sum = 0;
  for (const int64_t count : found.counts()) sum += count;
  EXPECT_EQ(sum, 3);
  EXPECT_EQ(found.edges().back(), 3 * denorm);
}

TEST(CellHistogramTest, AStoreKeepsHistogramsOfUnlikeSizes) {
  MemoryBudget budget("test", MemoryBudget::kUnlimitedBytes);
  HistogramStore store(budget);
  ASSERT_TRUE(store.Add(Found({.edges = {0, 1, 2}}, {0})).ok());
  const auto second = store.Add(Found({.edges = {5, 6}}, {6}));
  ASSERT_TRUE(second.ok());
  EXPECT_THAT(store.EdgesOf(0), ElementsAre(0, 1, 2));
  EXPECT_THAT(store.CountsOf(0), ElementsAre(1, 0));
  EXPECT_THAT(store.EdgesOf(*second), ElementsAre(5, 6));
  EXPECT_THAT(store.CountsOf(*second), ElementsAre(1));
}

TEST(CellHistogramTest, AStopEndsIt) {
  CellHistogram histogram;
  const auto stop = [] { return absl::CancelledError("stop"); };
  EXPECT_TRUE(absl::IsCancelled(histogram.Find({}, Numbers(10), stop)));
}

}  // namespace
}  // namespace sextant
