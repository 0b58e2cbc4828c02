#include "service/wire/frame.h"

#include <gtest/gtest.h>

#include "sextant/v1/metric_service.pb.h"

namespace sextant {
namespace {

v1::Summary SummaryOf(int64_t cells) {
  v1::Summary summary;
  summary.set_cells(cells);
  return summary;
}

v1::Batch BatchOf(uint32_t rows, size_t text_bytes = 0) {
  v1::Batch batch;
  batch.set_row_count(rows);
  batch.add_columns()->mutable_texts()->add_values(std::string(text_bytes, 'x'));
  return batch;
}

TEST(FrameTest, AFrameIsAResponseThatHoldsTheMessage) {
  v1::QueryMetricsResponse response;
  ASSERT_TRUE(response.ParseFromString(FrameOf(FrameField::kBatch, BatchOf(7))));
  EXPECT_EQ(response.frame_case(), v1::QueryMetricsResponse::kBatch);
  EXPECT_EQ(response.batch().row_count(), 7u);
}

TEST(FrameTest, LengthsOfSeveralBytesAreRead) {
  for (const size_t text_bytes : {100u, 127u, 128u, 20'000u, 3'000'000u}) {
    const v1::Batch batch = BatchOf(1, text_bytes);
    v1::QueryMetricsResponse response;
    *response.mutable_batch() = batch;
    EXPECT_EQ(FrameOf(FrameField::kBatch, batch), response.SerializeAsString());
  }
}

TEST(FrameTest, AMessageWithoutFieldsIsAFrameToo) {
  v1::QueryMetricsResponse response;
  ASSERT_TRUE(response.ParseFromString(FrameOf(FrameField::kSummary, v1::Summary())));
  EXPECT_TRUE(response.has_summary());
}

TEST(FrameTest, FramesOneAfterAnotherAreTheUnaryResponse) {
  v1::Header header;
  header.set_time_zone("UTC");
  const std::string bytes =
      FrameOf(FrameField::kHeader, header) + FrameOf(FrameField::kBatch, BatchOf(1)) +
      FrameOf(FrameField::kBatch, BatchOf(2)) + FrameOf(FrameField::kArrow, v1::ArrowMessage()) +
      FrameOf(FrameField::kSummary, SummaryOf(9));
  v1::ComputeMetricsResponse response;
  ASSERT_TRUE(response.ParseFromString(bytes));
  EXPECT_EQ(response.header().time_zone(), "UTC");
  ASSERT_EQ(response.batches_size(), 2);
  EXPECT_EQ(response.batches(1).row_count(), 2u);
  EXPECT_EQ(response.arrow_size(), 1);
  EXPECT_EQ(response.summary().cells(), 9);
}

}  // namespace
}  // namespace sextant
