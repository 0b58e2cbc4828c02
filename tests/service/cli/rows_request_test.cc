#include "service/cli/rows_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

RowsFlags FlagsOfDataset() {
  RowsFlags flags;
  flags.query.dataset = "pulls";
  return flags;
}

std::string Refusal(const RowsFlags& flags) {
  const auto request = MakeRowsRequest(flags);
  EXPECT_FALSE(request.ok());
  return std::string(request.status().message());
}

TEST(RowsRequestTest, ADatasetAloneIsCountedRowByRow) {
  RowsFlags flags = FlagsOfDataset();
  flags.query.at = "opened_at";
  flags.query.from = "2024-01-01";
  const auto request = MakeRowsRequest(flags);
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->query().dataset(), "pulls");
  EXPECT_EQ(request->query().metrics(0).definition().expression(), "count(*)");
  EXPECT_EQ(request->query().metrics(0).definition().at(), "opened_at");
  EXPECT_EQ(request->metric(), "");
}

TEST(RowsRequestTest, NeitherAMetricNorADatasetIsRefused) {
  EXPECT_THAT(Refusal({}), HasSubstr("--metric: found none, allowed: one, or --dataset"));
}

TEST(RowsRequestTest, TheMetricIsThatOfTheCell) {
  RowsFlags flags = FlagsOfDataset();
  flags.query.metrics = {"lead = avg(b - a)"};
  EXPECT_EQ(MakeRowsRequest(flags)->metric(), "lead");
  flags.query.metrics = {"pr-count"};
  EXPECT_EQ(MakeRowsRequest(flags)->metric(), "pr-count");
}

TEST(RowsRequestTest, ADerivedMetricStandsBesideThoseItNames) {
  RowsFlags flags = FlagsOfDataset();
  flags.query.metrics = {"a = count(*)", "b = count(x)"};
  flags.query.derived = {"share = a / b"};
  EXPECT_EQ(MakeRowsRequest(flags)->metric(), "share");
}

TEST(RowsRequestTest, AWindowOfAMetricIsAskedForAndNotTheMetric) {
  RowsFlags flags = FlagsOfDataset();
  flags.query.cumulative = {"w = pr-count over 60d"};
  EXPECT_EQ(MakeRowsRequest(flags)->metric(), "w");
  flags.query.metrics = {"pr-count"};
  EXPECT_EQ(MakeRowsRequest(flags)->metric(), "w");
}

TEST(RowsRequestTest, AMetricOfMetricsBesideAnotherIsRefused) {
  RowsFlags flags = FlagsOfDataset();
  flags.query.metrics = {"a = count(*)", "b = count(x)"};
  flags.query.derived = {"share = a / b"};
  flags.query.cumulative = {"w = a over 60d"};
  EXPECT_THAT(Refusal(flags), HasSubstr("found 2, allowed: the one whose cell it is"));
}

TEST(RowsRequestTest, AMetricHasTheNameThatItWasGiven) {
  RowsFlags flags = FlagsOfDataset();
  flags.query.metrics = {"pr-count AS opened"};
  EXPECT_EQ(MakeRowsRequest(flags)->metric(), "opened");
}

TEST(RowsRequestTest, AGroupOfSetsSideBySideIsOfTheFirst) {
  RowsFlags flags = FlagsOfDataset();
  flags.query.metrics = {"pr-count"};
  flags.query.groups = {"zip:repositories,people=payments"};
  const auto request = MakeRowsRequest(flags);
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->group(0).axis(), "repositories");
  EXPECT_EQ(request->group(0).value().string_value(), "payments");
}

TEST(RowsRequestTest, TheDatasetIsThatOfTheRowsToo) {
  RowsFlags flags = FlagsOfDataset();
  flags.query.metrics = {"pr-per-issue"};
  EXPECT_EQ(MakeRowsRequest(flags)->dataset(), "pulls");
  flags.query.dataset = "";
  EXPECT_EQ(MakeRowsRequest(flags)->dataset(), "");
}

TEST(RowsRequestTest, SeveralMetricsAreRefused) {
  RowsFlags flags = FlagsOfDataset();
  flags.query.metrics = {"a = count(*)", "b = count(x)"};
  EXPECT_THAT(Refusal(flags), HasSubstr("--metric: found 2, allowed: the one"));
  flags.query.derived = {"c = a / b", "d = b / a"};
  EXPECT_THAT(Refusal(flags),
              HasSubstr("--derived, --histogram and --cumulative: found 2, allowed: the one"));
}

TEST(RowsRequestTest, AGroupMaySayWhichOne) {
  RowsFlags flags = FlagsOfDataset();
  flags.query.groups = {"team=web=1", "author is null", "lines:bins(0,10)=0", "set:area=", "label"};
  const auto request = MakeRowsRequest(flags);
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->query().group_by_size(), 5);
  EXPECT_EQ(request->query().group_by(1).column(), "author");
  EXPECT_EQ(request->query().group_by(2).bins().edges(1), "10");
  ASSERT_EQ(request->group_size(), 4);
  EXPECT_EQ(request->group(0).axis(), "team");
  EXPECT_EQ(request->group(0).value().string_value(), "web=1");
  EXPECT_EQ(request->group(1).axis(), "author");
  EXPECT_TRUE(request->group(1).is_null());
  EXPECT_EQ(request->group(2).axis(), "lines");
  EXPECT_EQ(request->group(2).value().string_value(), "0");
  EXPECT_EQ(request->group(3).axis(), "area");
  EXPECT_EQ(request->group(3).value().string_value(), "");
}

TEST(RowsRequestTest, OrderAndLimitAreThoseOfTheRows) {
  RowsFlags flags = FlagsOfDataset();
  flags.query.order = {"-lines", "id"};
  flags.query.limit = 7;
  flags.columns = {"id, title", "lines"};
  const auto request = MakeRowsRequest(flags);
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->order_by_size(), 2);
  EXPECT_TRUE(request->order_by(0).descending());
  EXPECT_EQ(request->limit(), 7);
  EXPECT_EQ(request->query().order_by_size(), 0);
  EXPECT_EQ(request->query().limit(), 0);
  EXPECT_THAT(request->columns(), ElementsAre("id", "title", "lines"));
}

TEST(RowsRequestTest, TheStartAndTheIntervalPickTheInterval) {
  RowsFlags flags = FlagsOfDataset();
  flags.query.at = "opened_at";
  flags.query.intervals = {"week"};
  flags.start = "2024-01-01";
  const auto request = MakeRowsRequest(flags);
  EXPECT_EQ(request->query().series(0).interval(), "week");
  EXPECT_EQ(request->start(), "2024-01-01");
}

TEST(RowsRequestTest, ARangeWithoutATimeColumnIsRefused) {
  RowsFlags flags = FlagsOfDataset();
  flags.query.from = "2024-01-01";
  EXPECT_THAT(Refusal(flags), HasSubstr("--from and --to: found no --at"));
}

}  // namespace
}  // namespace sextant
