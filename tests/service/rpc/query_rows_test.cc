#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/plan/error_detail.h"
#include "tests/service/rpc/test_service.h"
#include "tests/testing/arrow_cells.h"

namespace sextant {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

class QueryRowsTest : public ::testing::Test {
 protected:
  TestService service_;
};

v1::QueryRowsRequest RowsOf(const v1::QueryMetricsRequest& query) {
  v1::QueryRowsRequest request;
  *request.mutable_query() = query;
  return request;
}

v1::QueryRowsRequest RowsOfAuthors() {
  v1::QueryMetricsRequest query = RequestFor("commits", "count(*)");
  query.add_group_by()->set_column("author");
  return RowsOf(query);
}

v1::QueryRowsRequest RowsOfDays() {
  v1::QueryMetricsRequest query = RequestFor("commits", "count(*)");
  query.mutable_metrics(0)->mutable_definition()->set_at("committed_at");
  query.add_series()->set_interval("day");
  return RowsOf(query);
}

v1::QueryRowsRequest EveryNumber() {
  v1::QueryRowsRequest request;
  request.mutable_query()->set_dataset("numbers");
  return request;
}

void SetGroup(const std::string& axis, const std::string& value, v1::QueryRowsRequest& request) {
  v1::GroupValue& group = *request.add_group();
  group.set_axis(axis);
  group.mutable_value()->set_string_value(value);
}

std::vector<std::string> TextsOf(const StreamedAnswer& answer) {
  EXPECT_TRUE(answer.status.ok()) << answer.status;
  return RowTexts(answer.header, answer.batches);
}

TEST_F(QueryRowsTest, AStreamIsAHeaderThenBatchesThenOneSummary) {
  v1::QueryRowsRequest request = RowsOfAuthors();
  SetGroup("author", "ann", request);
  request.add_columns("lines");
  request.add_columns("author");
  const StreamedAnswer answer = QueryRows(service_, request);
  EXPECT_THAT(TextsOf(answer), ElementsAre("1|ann", "3|ann", "NULL|ann"));
  EXPECT_EQ(answer.num_headers, 1);
  EXPECT_EQ(answer.num_summaries, 1);
  EXPECT_EQ(answer.summary.cells(), 3);
  EXPECT_EQ(answer.summary.rows_scanned(), 5);
  EXPECT_FALSE(answer.summary.has_more_rows());
  EXPECT_THAT(answer.trailers, Contains(Pair("x-sextant-cells", "3")));
}

TEST_F(QueryRowsTest, TheHeaderSaysWhatTheColumnsAreAndWhichVersionAnswered) {
  const v1::Header header = QueryRows(service_, RowsOfAuthors()).header;
  ASSERT_EQ(header.columns_size(), 4);
  EXPECT_EQ(header.columns(0).name(), "author");
  EXPECT_EQ(header.columns(0).role(), v1::COLUMN_ROLE_COLUMN);
  EXPECT_EQ(header.columns(2).type(), v1::DATA_TYPE_TIMESTAMP);
  EXPECT_EQ(header.columns(3).type(), v1::DATA_TYPE_LIST);
  EXPECT_EQ(header.columns(3).element_type(), v1::DATA_TYPE_TEXT);
  EXPECT_EQ(header.datasets(0).dataset(), "commits");
  EXPECT_EQ(header.datasets(0).version(), 1);
}

TEST_F(QueryRowsTest, TheGroupOfNullIsAskedForByIsNull) {
  v1::QueryRowsRequest request = RowsOfAuthors();
  v1::GroupValue& group = *request.add_group();
  group.set_axis("author");
  group.set_is_null(true);
  request.add_columns("lines");
  EXPECT_THAT(TextsOf(QueryRows(service_, request)), ElementsAre("4"));
}

TEST_F(QueryRowsTest, AnIntervalIsAskedForByItsStart) {
  v1::QueryRowsRequest request = RowsOfDays();
  request.set_start("1970-01-02");
  request.add_columns("committed_at");
  const StreamedAnswer answer = QueryRows(service_, request);
  EXPECT_THAT(TextsOf(answer),
              ElementsAre("1970-01-02T00:00:00+00:00", "1970-01-02T00:00:00.000001+00:00"));
  EXPECT_THAT(answer.header.series(0).borders(),
              ElementsAre("1970-01-02T00:00:00+00:00", "1970-01-03T00:00:00+00:00"));
}

TEST_F(QueryRowsTest, AMetricOfTheCatalogueHasRowsToo) {
  v1::QueryRowsRequest request;
  request.mutable_query()->add_metrics()->set_name("lines");
  request.add_columns("lines");
  EXPECT_THAT(TextsOf(QueryRows(service_, request)), ElementsAre("1", "2", "3", "4"));
}

TEST_F(QueryRowsTest, ADatasetAloneGivesAllOfItsRows) {
  v1::QueryRowsRequest request;
  request.mutable_query()->set_dataset("commits");
  request.mutable_query()->set_where("lines > 1");
  request.add_columns("lines");
  EXPECT_THAT(TextsOf(QueryRows(service_, request)), ElementsAre("2", "3", "4"));
  v1::QueryRowsRequest named_outside;
  named_outside.set_dataset("commits");
  EXPECT_EQ(QueryRows(service_, named_outside).num_rows(), 5);
}

TEST_F(QueryRowsTest, WhatTheQueryAsksOfItsCellsIsNotRead) {
  v1::QueryRowsRequest request = RowsOfAuthors();
  request.mutable_query()->set_limit(1);
  request.mutable_query()->add_order_by()->set_name("m");
  request.mutable_query()->set_having_text("m > 100");
  request.mutable_query()->mutable_top_n()->set_count(1);
  request.mutable_query()->set_totals(v1::TOTALS_CUBE);
  request.mutable_query()->set_max_cells(1);
  EXPECT_EQ(QueryRows(service_, request).num_rows(), 5);
}

TEST_F(QueryRowsTest, AnOrderAndALimitTakeTheFirst) {
  v1::QueryRowsRequest request = EveryNumber();
  request.add_columns("id");
  v1::OrderBy& order = *request.add_order_by();
  order.set_name("name");
  order.set_descending(true);
  request.set_limit(2);
  const StreamedAnswer answer = QueryRows(service_, request);
  EXPECT_THAT(TextsOf(answer), ElementsAre("199999", "199998"));
  EXPECT_TRUE(answer.summary.has_more_rows());
}

TEST_F(QueryRowsTest, TheFirstThousandRowsAreToldUnlessMoreAreAskedFor) {
  EXPECT_EQ(QueryRows(service_, EveryNumber()).num_rows(), 1'000);
  EXPECT_TRUE(QueryRows(service_, EveryNumber()).summary.has_more_rows());
}

TEST_F(QueryRowsTest, AManyBatchAnswerIsWholeAndItsChecksumRight) {
  v1::QueryRowsRequest request = EveryNumber();
  request.set_limit(200'000);
  const StreamedAnswer answer = QueryRows(service_, request);
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_EQ(answer.num_rows(), 200'000);
  EXPECT_FALSE(answer.summary.has_more_rows());
  EXPECT_GT(answer.batches.size(), 50u);
  uint32_t checksum = 0;
  for (const v1::Batch& batch : answer.batches) {
    const std::string bytes = batch.SerializeAsString();
    EXPECT_LE(bytes.size(), size_t{1} << 20);
    checksum = static_cast<uint32_t>(crc32(checksum, reinterpret_cast<const Bytef*>(bytes.data()),
                                           static_cast<uInt>(bytes.size())));
  }
  EXPECT_EQ(answer.summary.batch_count(), answer.batches.size());
  EXPECT_EQ(answer.summary.batches_crc32(), checksum);
}

TEST_F(QueryRowsTest, ArrowHasTheSameRows) {
  v1::QueryRowsRequest request = RowsOfAuthors();
  request.add_columns("author");
  request.add_columns("lines");
  const StreamedAnswer columns = QueryRows(service_, request);
  request.mutable_query()->set_format(v1::RESULT_FORMAT_ARROW_IPC);
  const StreamedAnswer arrow = QueryRows(service_, request);
  ASSERT_TRUE(arrow.status.ok()) << arrow.status;
  EXPECT_THAT(arrow.batches, IsEmpty());
  EXPECT_FALSE(arrow.header.arrow_schema().empty());
  ArrowCells cells(arrow.header.arrow_schema());
  for (const v1::ArrowMessage& message : arrow.arrow) cells.Add(message);
  EXPECT_THAT(cells.rows(), ElementsAre("ann|1", "bob|2", "ann|3", "NULL|4", "ann|NULL"));
  EXPECT_EQ(TextsOf(columns), cells.rows());
  EXPECT_EQ(arrow.summary.cells(), 5);
  EXPECT_EQ(arrow.summary.batch_count(), arrow.arrow.size());
}

TEST_F(QueryRowsTest, ATenantSeesItsOwnRows) {
  v1::QueryRowsRequest request;
  request.mutable_query()->set_dataset("visits");
  request.add_columns("page");
  EXPECT_THAT(TextsOf(QueryRows(service_, request, {.tenant = "acme"})), ElementsAre("/", "/a"));
  EXPECT_THAT(TextsOf(QueryRows(service_, request, {.tenant = "nobody"})), IsEmpty());
}

TEST_F(QueryRowsTest, ADatasetWithTenantsRefusesACallWithoutOne) {
  v1::QueryRowsRequest request;
  request.mutable_query()->set_dataset("visits");
  EXPECT_EQ(QueryRows(service_, request).status.code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(QueryRowsTest, ADatasetThatIsNotLoadedIsUnavailable) {
  v1::QueryRowsRequest request;
  request.mutable_query()->set_dataset("unloaded");
  const StreamedAnswer answer = QueryRows(service_, request);
  EXPECT_EQ(answer.status.code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(DetailOf(answer.status)->retry_after_s.has_value());
}

TEST_F(QueryRowsTest, ADatasetThatDoesNotExistIsNotFound) {
  v1::QueryRowsRequest request;
  request.mutable_query()->set_dataset("comits");
  EXPECT_EQ(QueryRows(service_, request).status.code(), absl::StatusCode::kNotFound);
}

TEST_F(QueryRowsTest, AnUnknownColumnIsAFieldViolationBeforeTheFirstFrame) {
  v1::QueryRowsRequest request = RowsOfAuthors();
  request.add_columns("autor");
  const StreamedAnswer answer = QueryRows(service_, request);
  EXPECT_EQ(answer.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(DetailOf(answer.status)->field, "columns[0]");
  EXPECT_THAT(DetailOf(answer.status)->nearest, Contains("author"));
  EXPECT_EQ(answer.num_headers, 0);
}

TEST_F(QueryRowsTest, AnErrorOfTheQueryIsToldAsOfQueryMetrics) {
  v1::QueryRowsRequest request = RowsOfAuthors();
  request.mutable_query()->set_where("lnes > 1");
  EXPECT_EQ(DetailOf(QueryRows(service_, request).status)->field, "where");
}

TEST_F(QueryRowsTest, AStartThatNoIntervalHoldsIsRefused) {
  v1::QueryRowsRequest request = RowsOfDays();
  request.set_start("1970-01-05");
  const StreamedAnswer answer = QueryRows(service_, request);
  EXPECT_EQ(answer.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(DetailOf(answer.status)->field, "start");
}

TEST_F(QueryRowsTest, NeitherMetricsNorADatasetIsRefused) {
  EXPECT_EQ(DetailOf(QueryRows(service_, {}).status)->field, "query");
}

TEST_F(QueryRowsTest, TheLimitIsAllowedUpToItsEdge) {
  TestService service({.rows_limits = {.max_rows = 4, .default_rows = 2}});
  v1::QueryRowsRequest request = RowsOfAuthors();
  EXPECT_EQ(QueryRows(service, request).num_rows(), 2);
  request.set_limit(4);
  EXPECT_EQ(QueryRows(service, request).num_rows(), 4);
  request.set_limit(5);
  const absl::Status status = QueryRows(service, request).status;
  EXPECT_EQ(DetailOf(status)->field, "limit");
  EXPECT_THAT(std::string(status.message()), HasSubstr("allowed: 1 to 4"));
}

TEST_F(QueryRowsTest, MoreMemoryThanAQueryMayTakeIsRefused) {
  TestService service({.memory_per_query_bytes = size_t{1} << 20});
  v1::QueryRowsRequest request = EveryNumber();
  request.set_limit(200'000);
  const absl::Status status = QueryRows(service, request).status;
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(DetailOf(status)->reason, "MEMORY_LIMIT");
}

TEST_F(QueryRowsTest, ADeadlineThatPassesIsAnError) {
  const StreamedAnswer answer = QueryRows(service_, EveryNumber(), {.timeout_ms = 0});
  EXPECT_EQ(answer.status.code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(QueryRowsTest, AServerThatEndsRefusesIt) {
  service_.gate().Close();
  EXPECT_EQ(QueryRows(service_, RowsOfAuthors()).status.code(), absl::StatusCode::kUnavailable);
}

TEST_F(QueryRowsTest, AReaderThatGoesAwayEndsTheCall) {
  v1::QueryRowsRequest request = EveryNumber();
  request.set_limit(200'000);
  grpc::ClientContext context;
  const auto reader = service_.metric_stub().QueryRows(&context, request);
  v1::QueryRowsResponse frame;
  ASSERT_TRUE(reader->Read(&frame));
  context.TryCancel();
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(QueryRowsTest, ATextThatIsTooLongIsRefused) {
  v1::QueryRowsRequest request = RowsOfAuthors();
  request.mutable_query()->set_where(std::string(20'000, ' ') + "true");
  EXPECT_EQ(DetailOf(QueryRows(service_, request).status)->field, "where");
}

TEST_F(QueryRowsTest, TheCallIsCountedUnderItsName) {
  QueryRows(service_, RowsOfAuthors());
  EXPECT_THAT(
      service_.metrics().Text(),
      HasSubstr("grpc_server_started_total{grpc_method=\"QueryRows\",grpc_service=\"sextant."
                "v1.MetricService\",grpc_type=\"server_stream\"} 1"));
}

}  // namespace
}  // namespace sextant
