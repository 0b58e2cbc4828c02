// Series of the periods of a calendar, as callers see them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/service/rpc/test_service.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class CalendarQueryTest : public testing::Test {
 protected:
  static v1::QueryMetricsRequest Commits(const std::string& from, const std::string& to) {
    v1::QueryMetricsRequest request = RequestFor("commits", "count(*)");
    request.mutable_metrics(0)->mutable_definition()->set_at("committed_at");
    request.add_series()->set_interval("half");
    request.mutable_time_range()->set_from(from);
    request.mutable_time_range()->set_to(to);
    return request;
  }

  TestService service_;
};

TEST_F(CalendarQueryTest, ASeriesMayBeThePeriodsOfACalendar) {
  const StreamedAnswer answer = QueryAll(service_, Commits("1970-01-01", "1970-01-04"));
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_EQ(answer.header.series(0).interval(), "half");
  EXPECT_THAT(answer.header.series(0).borders(),
              ElementsAre("1970-01-01T00:00:00+00:00", "1970-01-02T00:00:00+00:00",
                          "1970-01-04T00:00:00+00:00"));
  EXPECT_THAT(answer.header.series(0).labels(), ElementsAre("short", "long"));
  EXPECT_THAT(RowTexts(answer.header, answer.batches), ElementsAre("0|2", "1|3"));
}

TEST_F(CalendarQueryTest, ADayOfItBeginsInTheZoneOfTheRequest) {
  v1::QueryMetricsRequest request = Commits("1970-01-01", "1970-01-04");
  request.set_time_zone("Asia/Kathmandu");
  const StreamedAnswer answer = QueryAll(service_, request);
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_EQ(answer.header.series(0).borders(1), "1970-01-02T00:00:00+05:30");
}

TEST_F(CalendarQueryTest, ItsPeriodsMayBeComparedWithThoseBefore) {
  v1::QueryMetricsRequest request = Commits("1970-01-02", "1970-01-04");
  request.mutable_compare_to()->set_offset("previous");
  const StreamedAnswer answer = QueryAll(service_, request);
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_THAT(answer.header.compared_series(0).labels(), ElementsAre("short"));
  EXPECT_THAT(RowTexts(answer.header, answer.batches), ElementsAre("0|3|2"));
}

TEST_F(CalendarQueryTest, MorePeriodsThanAreBeforeThemAreNotCompared) {
  v1::QueryMetricsRequest request = Commits("1970-01-01", "1970-01-04");
  request.mutable_compare_to()->set_offset("previous");
  const StreamedAnswer answer = QueryAll(service_, request);
  EXPECT_EQ(answer.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(answer.status.message()),
              HasSubstr("compare_to.offset: found 'previous' of 2 periods of calendar 'half'"));
}

TEST_F(CalendarQueryTest, ARangeLongAgoThatCutsItsPeriodsIsRefused) {
  v1::QueryMetricsRequest request = Commits("1970-01-03", "1970-01-04");
  request.mutable_compare_to()->set_offset("1d");
  const StreamedAnswer cut = QueryAll(service_, request);
  EXPECT_EQ(cut.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(cut.status.message()),
              HasSubstr("is not of whole periods of calendar 'half'; allowed: previous"));
  // The day before is whole, the range itself is not.
  request = Commits("1970-01-02", "1970-01-03");
  request.mutable_compare_to()->set_offset("1d");
  EXPECT_THAT(
      std::string(QueryAll(service_, request).status.message()),
      HasSubstr("the range 1970-01-02T00:00:00+00:00 to 1970-01-03T00:00:00+00:00 is not of "
                "whole periods of calendar 'half'"));
}

TEST_F(CalendarQueryTest, ARangeBeyondItIsRefused) {
  const StreamedAnswer answer = QueryAll(service_, Commits("1970-01-01", "1970-01-05"));
  EXPECT_EQ(answer.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(answer.status.message()), HasSubstr("is not within calendar 'half'"));
}

TEST_F(CalendarQueryTest, RowsBehindAPeriodAreFound) {
  v1::QueryRowsRequest request;
  *request.mutable_query() = Commits("1970-01-01", "1970-01-04");
  request.set_interval("half");
  request.set_start("1970-01-02");
  request.add_columns("author");
  const StreamedAnswer answer = QueryRows(service_, request);
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_EQ(answer.num_rows(), 3);
}

TEST_F(CalendarQueryTest, ANameThatIsNoneIsToldWithTheNearest) {
  v1::QueryMetricsRequest request = Commits("1970-01-01", "1970-01-04");
  request.mutable_series(0)->set_interval("hafl");
  const StreamedAnswer answer = QueryAll(service_, request);
  EXPECT_EQ(answer.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(answer.status.message()), HasSubstr("did you mean 'half'"));
}

TEST_F(CalendarQueryTest, TheSameCalendarAgainAndAgainIsRefused) {
  v1::QueryMetricsRequest request = Commits("1970-01-01", "1970-01-04");
  for (int i = 0; i < 1000; ++i) request.add_series()->set_interval("half");
  const StreamedAnswer answer = QueryAll(service_, request);
  EXPECT_EQ(answer.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(answer.status.message()), HasSubstr("'half' is given twice"));
}

TEST_F(CalendarQueryTest, SeveralOfACalendarAreRefused) {
  v1::QueryMetricsRequest request = Commits("1970-01-01", "1970-01-04");
  request.mutable_series(0)->set_interval("2 half");
  const StreamedAnswer answer = QueryAll(service_, request);
  EXPECT_EQ(answer.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(answer.status.message()), HasSubstr("takes no number"));
}

}  // namespace
}  // namespace sextant
