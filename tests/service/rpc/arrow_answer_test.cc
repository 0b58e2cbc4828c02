// Answers as Arrow messages: the frames of a stream, and that they say what the columns say.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "tests/service/rpc/test_service.h"
#include "tests/testing/arrow_cells.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ArrowAnswerTest : public ::testing::Test {
 protected:
  StreamedAnswer Ask(v1::QueryMetricsRequest request) {
    request.set_format(v1::RESULT_FORMAT_ARROW_IPC);
    StreamedAnswer answer = QueryAll(service_, request);
    EXPECT_TRUE(answer.status.ok()) << answer.status;
    return answer;
  }

  TestService service_;
};

ArrowCells CellsOf(const StreamedAnswer& answer) {
  ArrowCells cells(answer.header.arrow_schema());
  for (const v1::ArrowMessage& message : answer.arrow) cells.Add(message);
  return cells;
}

v1::QueryMetricsRequest CountBy(const std::string& dataset, const std::string& column) {
  v1::QueryMetricsRequest request = RequestFor(dataset, "count(*)");
  request.add_group_by()->set_column(column);
  return request;
}

TEST_F(ArrowAnswerTest, AStreamIsAHeaderWithASchemaThenMessagesThenOneSummary) {
  const StreamedAnswer answer = Ask(CountBy("commits", "author"));
  EXPECT_EQ(answer.num_headers, 1);
  EXPECT_EQ(answer.num_summaries, 1);
  EXPECT_THAT(answer.batches, IsEmpty());
  EXPECT_EQ(answer.arrow.size(), 2u);  // a dictionary and a record batch
  EXPECT_THAT(CellsOf(answer).rows(), ElementsAre("ann|3", "bob|1", "NULL|1"));
  EXPECT_EQ(answer.summary.cells(), 3);
}

TEST_F(ArrowAnswerTest, ColumnsHaveNoSchema) {
  const StreamedAnswer answer = QueryAll(service_, CountBy("commits", "author"));
  EXPECT_THAT(answer.header.arrow_schema(), IsEmpty());
  EXPECT_THAT(answer.arrow, IsEmpty());
}

TEST_F(ArrowAnswerTest, AStartIsTheInstantThatItsIntervalBeginsAt) {
  v1::QueryMetricsRequest request = RequestFor("commits", "count(*)");
  request.mutable_metrics(0)->mutable_definition()->set_at("committed_at");
  request.add_series()->set_interval("day");
  request.add_series()->set_interval("all");
  request.mutable_time_range()->set_from("1970-01-01");
  request.mutable_time_range()->set_to("1970-01-03");
  request.set_time_zone("UTC");
  EXPECT_THAT(CellsOf(Ask(request)).rows(),
              ElementsAre("day|1970-01-01T00:00:00+00:00|2", "day|1970-01-02T00:00:00+00:00|2",
                          "all|1970-01-01T00:00:00+00:00|4"));
}

TEST_F(ArrowAnswerTest, ALargeAnswerHasTheRowsOfTheColumnsAndItsChecksumIsRight) {
  const v1::QueryMetricsRequest request = CountBy("numbers", "name");
  const StreamedAnswer columns = QueryAll(service_, request);
  const StreamedAnswer arrow = Ask(request);
  const ArrowCells cells = CellsOf(arrow);
  EXPECT_EQ(cells.rows().size(), 200'000u);
  EXPECT_EQ(cells.rows(), RowTexts(columns.header, columns.batches));
  EXPECT_EQ(cells.num_dictionaries(), cells.rows_per_batch().size());  // no name comes twice
  uint32_t checksum = 0;
  for (const v1::ArrowMessage& message : arrow.arrow) {
    EXPECT_LE(message.ByteSizeLong(), size_t{1} << 20);
    const std::string bytes = message.metadata() + message.body();
    checksum = static_cast<uint32_t>(crc32(checksum, reinterpret_cast<const Bytef*>(bytes.data()),
                                           static_cast<uInt>(bytes.size())));
  }
  EXPECT_EQ(arrow.summary.batch_count(), arrow.arrow.size());
  EXPECT_EQ(arrow.summary.batches_crc32(), checksum);
}

TEST_F(ArrowAnswerTest, AnAnswerWithoutCellsIsASchemaAndASummary) {
  v1::QueryMetricsRequest request = CountBy("commits", "author");
  request.set_where("lines < 0");
  const StreamedAnswer answer = Ask(request);
  EXPECT_THAT(answer.arrow, IsEmpty());
  EXPECT_THAT(CellsOf(answer).rows(), IsEmpty());
  EXPECT_EQ(answer.num_summaries, 1);
}

TEST_F(ArrowAnswerTest, ComputeMetricsGivesTheSameMessages) {
  v1::QueryMetricsRequest request = CountBy("commits", "author");
  request.set_format(v1::RESULT_FORMAT_ARROW_IPC);
  v1::ComputeMetricsResponse response;
  const absl::Status status = Compute(service_, request, response);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_THAT(response.batches(), IsEmpty());
  ArrowCells cells(response.header().arrow_schema());
  for (const v1::ArrowMessage& message : response.arrow()) cells.Add(message);
  EXPECT_THAT(cells.rows(), ElementsAre("ann|3", "bob|1", "NULL|1"));
  EXPECT_EQ(response.summary().batch_count(), 2u);
}

TEST_F(ArrowAnswerTest, ComputeMetricsRefusesMoreThanFourMebibytesOfArrow) {
  v1::QueryMetricsRequest request = CountBy("numbers", "name");
  request.set_format(v1::RESULT_FORMAT_ARROW_IPC);
  v1::ComputeMetricsResponse response;
  EXPECT_EQ(Compute(service_, request, response).code(), absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace sextant
