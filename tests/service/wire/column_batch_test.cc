#include "service/wire/column_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "compute/plan/calendar.h"
#include "service/wire/frame.h"
#include "sextant/v1/metric_service.pb.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

constexpr int64_t kHourUs = int64_t{3600} * 1000000;
// 2024-03-30T23:00Z, 2024-03-31T22:00Z, 2024-04-01T22:00Z: days of Berlin, the first of 23 hours.
constexpr int64_t kBorders[] = {1711839600000000, 1711839600000000 + 23 * kHourUs,
                                1711839600000000 + 47 * kHourUs};

template <typename T>
ResultValues Values(DataType type, std::vector<T> values, std::vector<uint8_t> valid = {}) {
  if (valid.empty()) valid.assign(values.size(), 1);
  return {type, std::move(valid), std::move(values)};
}

ResultHeader HeaderOf(std::vector<ResultColumn> columns) {
  ResultHeader header;
  header.columns = std::move(columns);
  header.time_zone = "Europe/Berlin";
  return header;
}

v1::Batch Decode(const std::string& frame) {
  v1::QueryMetricsResponse response;
  EXPECT_TRUE(response.ParseFromString(frame));
  return response.batch();
}

v1::Header WireHeader(const ResultHeader& header) {
  v1::QueryMetricsResponse response;
  EXPECT_TRUE(response.ParseFromString(ColumnBatchEncoder(header).EncodeHeader()));
  return response.header();
}

v1::Batch BatchOf(const ResultHeader& header, const ResultBatch& batch) {
  return Decode(ColumnBatchEncoder(header).EncodeBatch(batch));
}

/// The one column of a batch with one column.
v1::ColumnData Encode(ResultValues values) {
  const ResultHeader header = HeaderOf({{"x", values.type, "", ResultRole::kMetric}});
  ResultBatch batch;
  batch.num_rows = static_cast<uint32_t>(values.valid.size());
  batch.columns.push_back(std::move(values));
  return BatchOf(header, batch).columns(0);
}

TEST(ColumnBatchTest, TextsAreWrittenOncePerDistinctValue) {
  const auto column = Encode(Values<std::string>(DataType::Of(TypeKind::kText), {"a", "b", "a"}));
  EXPECT_THAT(column.texts().values(), ElementsAre("a", "b"));
  EXPECT_THAT(column.texts().codes(), ElementsAre(0, 1, 0));
}

TEST(ColumnBatchTest, ABatchWithoutNullsHasNoValidity) {
  EXPECT_THAT(Encode(Values<int64_t>(DataType::Of(TypeKind::kInt64), {1, 2})).validity(),
              IsEmpty());
}

TEST(ColumnBatchTest, ValidityHasTheFirstRowInTheLowestBit) {
  const auto column = Encode(Values<int64_t>(
      DataType::Of(TypeKind::kInt64), {7, 0, 8, 9, 1, 1, 1, 1, 0}, {1, 0, 1, 1, 1, 1, 1, 1, 0}));
  EXPECT_THAT(column.ints().values(), ElementsAre(7, 0, 8, 9, 1, 1, 1, 1, 0));
  EXPECT_EQ(column.validity(), std::string("\xFD\x00", 2));
}

TEST(ColumnBatchTest, ANullTextTakesNoPlaceAmongTheValues) {
  const auto column = Encode(Values<std::string>(DataType::Of(TypeKind::kText), {"", "a"}, {0, 1}));
  EXPECT_THAT(column.texts().values(), ElementsAre("a"));
  EXPECT_THAT(column.texts().codes(), ElementsAre(0, 0));
}

TEST(ColumnBatchTest, BoolsAreBools) {
  EXPECT_THAT(Encode(Values<int64_t>(DataType::Of(TypeKind::kBool), {1, 0})).bools().values(),
              ElementsAre(true, false));
}

TEST(ColumnBatchTest, DecimalsAreExactTexts) {
  EXPECT_THAT(Encode(Values<int64_t>(DataType::Decimal(9, 2), {-5, 1200})).texts().values(),
              ElementsAre("-0.05", "12.00"));
  EXPECT_THAT(Encode(Values<Wide>(DataType::Decimal(38, 1), {WideOfInt128(-11)})).texts().values(),
              ElementsAre("-1.1"));
}

/// {"b", NULL, "b"}, no list, {}.
ResultValues ListsOfTexts() {
  auto elements = std::make_shared<const ResultValues>(
      Values<std::string>(DataType::Of(TypeKind::kText), {"b", "", "b"}, {1, 0, 1}));
  return {
      DataType::ListOf(TypeKind::kText), {1, 0, 1}, ResultLists{{0, 3, 3, 3}, std::move(elements)}};
}

TEST(ColumnBatchTest, ListsAreOffsetsIntoTheirElements) {
  const auto column = Encode(ListsOfTexts());
  EXPECT_THAT(column.lists().offsets(), ElementsAre(0, 3, 3, 3));
  EXPECT_THAT(column.lists().elements().texts().values(), ElementsAre("b"));
  EXPECT_THAT(column.lists().elements().texts().codes(), ElementsAre(0, 0, 0));
  EXPECT_EQ(column.lists().elements().validity(), "\x05");
  EXPECT_EQ(column.validity(), "\x05");
}

TEST(ColumnBatchTest, TheHeaderNamesTheTypeOfTheElements) {
  const v1::Header header = WireHeader(
      HeaderOf({{"x", DataType::ListOf(DataType::Decimal(12, 2)), "", ResultRole::kMetric}}));
  EXPECT_EQ(header.columns(0).type(), v1::DATA_TYPE_LIST);
  EXPECT_EQ(header.columns(0).element_type(), v1::DATA_TYPE_DECIMAL);
}

TEST(ColumnBatchTest, InstantsHaveTheOffsetOfTheZone) {
  EXPECT_THAT(
      Encode(Values<int64_t>(DataType::Of(TypeKind::kTimestamp), {kBorders[0], kBorders[1]}))
          .texts()
          .values(),
      ElementsAre("2024-03-31T00:00:00+01:00", "2024-04-01T00:00:00+02:00"));
}

ResultHeader DayHeader() {
  ResultHeader header =
      HeaderOf({{"start", DataType::Of(TypeKind::kTimestamp), "", ResultRole::kStart}});
  header.series = {{{CalendarUnit::kDay, 1},
                    "day",
                    {{kBorders[0], kBorders[1], true}, {kBorders[1], kBorders[2], false}}}};
  return header;
}

TEST(ColumnBatchTest, TheHeaderListsBordersAndWhatIsPartial) {
  const ResultHeader header = DayHeader();
  const v1::Header wire = WireHeader(header);
  ASSERT_EQ(wire.series_size(), 1);
  EXPECT_EQ(wire.series(0).interval(), "day");
  EXPECT_THAT(wire.series(0).borders(),
              ElementsAre("2024-03-31T00:00:00+01:00", "2024-04-01T00:00:00+02:00",
                          "2024-04-02T00:00:00+02:00"));
  EXPECT_TRUE(wire.series(0).first_partial());
  EXPECT_FALSE(wire.series(0).last_partial());
  EXPECT_EQ(wire.columns(0).type(), v1::DATA_TYPE_INT64);
}

TEST(ColumnBatchTest, AStartIsTheIndexOfItsBorder) {
  const ResultHeader header = DayHeader();
  ResultBatch batch;
  batch.num_rows = 2;
  batch.columns = {Values<int64_t>(header.columns[0].type, {kBorders[1], kBorders[0]})};
  EXPECT_THAT(BatchOf(header, batch).columns(0).ints().values(), ElementsAre(1, 0));
}

TEST(ColumnBatchTest, StartsAreFoundInAnyOrder) {
  const ResultHeader header = DayHeader();
  ResultBatch batch;
  batch.num_rows = 5;
  batch.columns = {Values<int64_t>(
      header.columns[0].type, {kBorders[0], kBorders[1], kBorders[1], kBorders[0], kBorders[1]})};
  EXPECT_THAT(BatchOf(header, batch).columns(0).ints().values(), ElementsAre(0, 1, 1, 0, 1));
}

TEST(ColumnBatchTest, EveryStartIsFoundAfterEveryOther) {
  constexpr int kNumDays = 100;
  ResultHeader header = DayHeader();
  header.series[0].intervals.clear();
  for (int64_t day = 0; day < kNumDays; ++day) {
    header.series[0].intervals.push_back({day * 24 * kHourUs, (day + 1) * 24 * kHourUs, false});
  }
  std::vector<int64_t> indices;
  std::vector<int64_t> starts;
  for (int64_t before = 0; before < kNumDays; ++before) {
    for (int64_t after = 0; after < kNumDays; ++after) {
      for (const int64_t day : {before, after}) {
        indices.push_back(day);
        starts.push_back(day * 24 * kHourUs);
      }
    }
  }
  ResultBatch batch;
  batch.num_rows = static_cast<uint32_t>(starts.size());
  batch.columns = {Values<int64_t>(header.columns[0].type, std::move(starts))};
  EXPECT_THAT(BatchOf(header, batch).columns(0).ints().values(), ElementsAreArray(indices));
}

TEST(ColumnBatchTest, AStartBelongsToTheSeriesOfItsRow) {
  ResultHeader header = DayHeader();
  header.columns.insert(header.columns.begin(),
                        {"interval", DataType::Of(TypeKind::kInt64), "", ResultRole::kSeries});
  header.series.insert(header.series.begin(),
                       {{CalendarUnit::kAll, 1}, "all", {{kBorders[0], kBorders[2], false}}});
  ResultBatch batch;
  batch.num_rows = 3;
  batch.columns = {
      Values<int64_t>(header.columns[0].type, {0, 1, 1}),
      Values<int64_t>(header.columns[1].type, {kBorders[0], kBorders[0], kBorders[1]})};
  EXPECT_THAT(BatchOf(header, batch).columns(1).ints().values(), ElementsAre(0, 0, 1));
}

TEST(ColumnBatchTest, AllOfTimeHasNoBorders) {
  ResultHeader header = HeaderOf({});
  header.series = {{{CalendarUnit::kAll, 1}, "all", {{kMinInstantUs, kMaxInstantUs, false}}}};
  EXPECT_EQ(WireHeader(header).series(0).borders_size(), 0);
}

TEST(ColumnBatchTest, TheBytesOfTheHeaderAreThoseOfTheMessage) {
  for (const size_t num_days : {0u, 1u, 3u, 4u, 5u, 600u}) {
    ResultHeader header = DayHeader();
    header.columns.push_back({std::string(num_days, 'x'), DataType::ListOf(DataType::Decimal(9, 2)),
                              "seconds", ResultRole::kMetric});
    header.columns.push_back({"x.max", DataType::Of(TypeKind::kFloat64), "", ResultRole::kMetric,
                              static_cast<MetricStatistic>(num_days % 5)});
    header.series[0].intervals.clear();
    for (int64_t day = 0; day < static_cast<int64_t>(num_days); ++day) {
      header.series[0].intervals.push_back(
          {day * 24 * kHourUs, (day + 1) * 24 * kHourUs, day % 2 == 0});
    }
    header.tz_database_version = "2024a";
    header.datasets = {{.dataset = "pr", .version = num_days, .as_of_us = kBorders[0]}, {}};
    const std::string schema(num_days, 's');
    const std::string frame = ColumnBatchEncoder(header).EncodeHeader(schema);
    v1::QueryMetricsResponse response;
    ASSERT_TRUE(response.ParseFromString(frame));
    EXPECT_EQ(FrameOf(FrameField::kHeader, response.header()), frame) << num_days;
    EXPECT_EQ(response.header().arrow_schema(), schema);
  }
}

TEST(ColumnBatchTest, EveryRowHasItsBitOfValidity) {
  for (size_t num_rows = 1; num_rows < 40; ++num_rows) {
    for (size_t null = 0; null < num_rows; ++null) {
      std::vector<uint8_t> valid(num_rows, static_cast<uint8_t>(1 + null % 255));
      valid[null] = 0;
      const std::string validity = Encode(Values<int64_t>(DataType::Of(TypeKind::kInt64),
                                                          std::vector<int64_t>(num_rows, 7), valid))
                                       .validity();
      ASSERT_EQ(validity.size(), (num_rows + 7) / 8);
      for (size_t bit = 0; bit < validity.size() * 8; ++bit) {
        const bool is_set = (validity[bit / 8] >> bit % 8 & 1) != 0;
        EXPECT_EQ(is_set, bit < num_rows && bit != null) << num_rows << ' ' << null << ' ' << bit;
      }
    }
  }
}

TEST(ColumnBatchTest, TheBytesAreThoseOfTheMessage) {
  const ResultHeader header =
      HeaderOf({{"text", DataType::Of(TypeKind::kText), "", ResultRole::kAxis},
                {"n", DataType::Of(TypeKind::kInt64), "", ResultRole::kMetric},
                {"x", DataType::Of(TypeKind::kFloat64), "", ResultRole::kMetric},
                {"b", DataType::Of(TypeKind::kBool), "", ResultRole::kMetric},
                {"day", DataType::Of(TypeKind::kDate), "", ResultRole::kMetric},
                {"list", DataType::ListOf(TypeKind::kText), "", ResultRole::kMetric}});
  for (const uint32_t num_rows : {1u, 30u, 127u, 128u, 3'000u, 20'000u}) {
    ResultBatch batch;
    batch.num_rows = num_rows;
    std::vector<std::string> texts(num_rows, "a text");
    texts.back() = std::string(num_rows, 'x');
    std::vector<uint8_t> valid(num_rows, 1);
    valid[num_rows - 1] = 0;
    std::vector<uint32_t> offsets(num_rows + 1, 0);
    offsets.back() = 1;
    const auto elements = std::make_shared<const ResultValues>(
        Values<std::string>(DataType::Of(TypeKind::kText), {std::string(num_rows, 'y')}));
    batch.columns = {
        Values<std::string>(header.columns[0].type, std::move(texts)),
        Values<int64_t>(header.columns[1].type, std::vector<int64_t>(num_rows, num_rows), valid),
        Values<double>(header.columns[2].type, std::vector<double>(num_rows, 0.5)),
        Values<int64_t>(header.columns[3].type, std::vector<int64_t>(num_rows, 1)),
        Values<int64_t>(header.columns[4].type, std::vector<int64_t>(num_rows, 19'000)),
        {header.columns[5].type, valid, ResultLists{std::move(offsets), elements}}};
    const std::string frame = ColumnBatchEncoder(header).EncodeBatch(batch);
    EXPECT_EQ(FrameOf(FrameField::kBatch, Decode(frame)), frame) << num_rows;
  }
}

TEST(ColumnBatchTest, TheSummaryHasTheChecksumOfTheBatchesInTheirOrder) {
  const ResultHeader header =
      HeaderOf({{"n", DataType::Of(TypeKind::kInt64), "", ResultRole::kMetric}});
  ColumnBatchEncoder encoder(header);
  std::string bytes;
  for (const int64_t value : {1, 2}) {
    ResultBatch batch;
    batch.num_rows = 1;
    batch.columns = {Values<int64_t>(header.columns[0].type, {value})};
    bytes += Decode(encoder.EncodeBatch(batch)).SerializeAsString();
  }
  const v1::Summary summary = encoder.EncodeSummary({}, 5);
  EXPECT_EQ(summary.batch_count(), 2u);
  EXPECT_EQ(summary.streamed_us(), 5);
  EXPECT_EQ(summary.batches_crc32(), crc32(0, reinterpret_cast<const Bytef*>(bytes.data()),
                                           static_cast<uInt>(bytes.size())));
}

}  // namespace
}  // namespace sextant
