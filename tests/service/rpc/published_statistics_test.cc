#include "service/rpc/published_statistics.h"

#include <gtest/gtest.h>

namespace sextant {
namespace {

TEST(PublishedStatisticsTest, OnlyTheNewestVersionIsWanted) {
  PublishedStatistics statistics;
  EXPECT_FALSE(statistics.IsWanted({"commits", 1, 0}));
  statistics.Expect({"commits", 1, 0});
  statistics.Expect({"reviews", 1, 0});
  EXPECT_TRUE(statistics.IsWanted({"commits", 1, 0}));
  statistics.Expect({"commits", 2, 0});
  EXPECT_FALSE(statistics.IsWanted({"commits", 1, 0}));
  EXPECT_TRUE(statistics.IsWanted({"commits", 2, 0}));
  EXPECT_TRUE(statistics.IsWanted({"reviews", 1, 0}));
}

TEST(PublishedStatisticsTest, NothingIsWantedOnceItIsStopped) {
  PublishedStatistics statistics;
  statistics.Expect({"commits", 1, 0});
  statistics.Stop();
  EXPECT_FALSE(statistics.IsWanted({"commits", 1, 0}));
}

TEST(PublishedStatisticsTest, CountsOfAnEarlierVersionDoNotReplaceThoseOfALaterOne) {
  PublishedStatistics statistics;
  statistics.Keep({"commits", 2, 0}, {DistinctCount{.count = 5}});
  statistics.Keep({"commits", 1, 0}, {DistinctCount{.count = 4}});
  EXPECT_EQ(statistics.Of({"commits", 2, 0})[0]->count, 5u);
  EXPECT_TRUE(statistics.Of({"commits", 1, 0}).empty());
}

}  // namespace
}  // namespace sextant
