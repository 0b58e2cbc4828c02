#include "service/wire/arrow_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <limits>
#include <memory>

#include "compute/plan/calendar.h"
#include "service/wire/arrow_metadata_reader.h"
#include "tests/testing/arrow_cells.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

// 2024-03-30T23:00Z: a day of Berlin begins; its next one, after 23 hours.
constexpr int64_t kFirstUs = 1711839600000000;
constexpr int64_t kSecondUs = kFirstUs + int64_t{23} * 3600 * 1000000;

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

ResultBatch BatchOf(std::vector<ResultValues> columns) {
  ResultBatch batch;
  batch.num_rows = static_cast<uint32_t>(columns[0].valid.size());
  batch.columns = std::move(columns);
  return batch;
}

/// What a reader makes of batches.
ArrowCells CellsOf(const ResultHeader& header, const std::vector<ResultBatch>& batches) {
  ArrowBatchEncoder encoder(header);
  ArrowCells cells(encoder.SchemaMessage());
  for (const ResultBatch& batch : batches) {
    for (const v1::ArrowMessage& message : encoder.EncodeBatch(batch)) cells.Add(message);
  }
  return cells;
}

/// What a reader makes of one column.
std::vector<std::string> RowsOf(ResultValues values) {
  const ResultHeader header = HeaderOf({{"x", values.type, "", ResultRole::kMetric}});
  return CellsOf(header, {BatchOf({std::move(values)})}).rows();
}

TEST(ArrowBatchTest, BoolsAreBits) {
  EXPECT_THAT(RowsOf(Values<int64_t>(DataType::Of(TypeKind::kBool), {1, 0, 0, 1}, {1, 1, 0, 1})),
              ElementsAre("true", "false", "NULL", "true"));
}

TEST(ArrowBatchTest, IntegersOfEveryWidthAreInt64) {
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  for (const TypeKind kind : {TypeKind::kInt16, TypeKind::kInt32, TypeKind::kInt64}) {
    EXPECT_THAT(RowsOf(Values<int64_t>(DataType::Of(kind), {7, -1, 0}, {1, 1, 0})),
                ElementsAre("7", "-1", "NULL"));
  }
  EXPECT_THAT(RowsOf(Values<int64_t>(DataType::Of(TypeKind::kInt64), {kMin})),
              ElementsAre("-9223372036854775808"));
}

TEST(ArrowBatchTest, FloatsAndDurationsKeepTheirBits) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const TypeKind kind : {TypeKind::kFloat32, TypeKind::kFloat64, TypeKind::kDuration}) {
    EXPECT_THAT(RowsOf(Values<double>(DataType::Of(kind), {-0.0, nan, 0.1, 0}, {1, 1, 1, 0})),
                ElementsAre(FloatBits(-0.0), FloatBits(nan), FloatBits(0.1), "NULL"));
  }
}

TEST(ArrowBatchTest, ADecimalIsExactInBothOfItsForms) {
  EXPECT_THAT(RowsOf(Values<int64_t>(DataType::Decimal(9, 2), {-5, 1200, 0}, {1, 1, 0})),
              ElementsAre("-0.05", "12.00", "NULL"));
  const int128_t large = (static_cast<int128_t>(1) << 126) + 1;
  EXPECT_THAT(RowsOf(Values<Wide>(DataType::Decimal(38, 0),
                                  {WideOfInt128(large), WideOfInt128(-large), {}}, {1, 1, 0})),
              ElementsAre("85070591730234615865843651857942052865",
                          "-85070591730234615865843651857942052865", "NULL"));
}

TEST(ArrowBatchTest, DatesAndInstantsAreNumbersWithTheirUnit) {
  EXPECT_THAT(
      RowsOf(Values<int64_t>(DataType::Of(TypeKind::kDate), {19782, -719163, 0}, {1, 1, 0})),
      ElementsAre("2024-02-29", "0001-12-31 BC", "NULL"));
  EXPECT_THAT(
      RowsOf(Values<int64_t>(DataType::Of(TypeKind::kTimestamp), {kFirstUs, kSecondUs + 1})),
      ElementsAre("2024-03-31T00:00:00+01:00", "2024-04-01T00:00:00.000001+02:00"));
}

TEST(ArrowBatchTest, UuidsIntervalsBytesAndJsonAreTheTextsOfTheProtobufColumns) {
  EXPECT_THAT(RowsOf(Values<Wide>(DataType::Of(TypeKind::kUuid), {{1, 2}, {}}, {1, 0})),
              ElementsAre("00000000-0000-0002-0000-000000000001", "NULL"));
  EXPECT_THAT(RowsOf(Values<Wide>(DataType::Of(TypeKind::kInterval), {WideOfInterval({14, 3, 0})})),
              ElementsAre("1 year 2 mons 3 days"));
  EXPECT_THAT(
      RowsOf(Values<std::string>(DataType::Of(TypeKind::kBytes), {"\xFF", "", "n"}, {1, 1, 0})),
      ElementsAre("\\xff", "\\x", "NULL"));
  EXPECT_THAT(
      RowsOf(Values<std::string>(DataType::Of(TypeKind::kJson), {"{\"a\": 1}", ""}, {1, 0})),
      ElementsAre("{\"a\": 1}", "NULL"));
}

TEST(ArrowBatchTest, TextAndEnumsHaveADictionary) {
  for (const TypeKind kind : {TypeKind::kText, TypeKind::kEnum}) {
    const ResultHeader header = HeaderOf({{"x", DataType::Of(kind), "", ResultRole::kAxis}});
    const ArrowCells cells = CellsOf(
        header,
        {BatchOf({Values<std::string>(DataType::Of(kind), {"b", "", "b", ""}, {1, 1, 1, 0})})});
    EXPECT_EQ(cells.fields()[0].dictionary_id, 0);
    EXPECT_THAT(cells.rows(), ElementsAre("b", "", "b", "NULL"));
  }
}

ResultHeader TextHeader() {
  return HeaderOf({{"x", DataType::Of(TypeKind::kText), "", ResultRole::kAxis}});
}

ResultBatch TextBatch(std::vector<std::string> texts) {
  return BatchOf({Values<std::string>(DataType::Of(TypeKind::kText), std::move(texts))});
}

TEST(ArrowBatchTest, ADictionaryIsSentAgainOnlyForATextThatItLacks) {
  const ResultHeader header = TextHeader();
  const ArrowCells cells = CellsOf(header, {TextBatch({"a", "b"}), TextBatch({"b"}),
                                            TextBatch({"b", "c"}), TextBatch({"c", "b"})});
  EXPECT_EQ(cells.num_dictionaries(), 2u);
  EXPECT_THAT(cells.rows(), ElementsAre("a", "b", "b", "b", "c", "c", "b"));
}

TEST(ArrowBatchTest, AColumnOfNothingButNullsHasAnEmptyDictionary) {
  const ResultHeader header = TextHeader();
  const ArrowCells cells = CellsOf(
      header, {BatchOf({Values<std::string>(DataType::Of(TypeKind::kText), {"", ""}, {0, 0})})});
  EXPECT_EQ(cells.num_dictionaries(), 1u);
  EXPECT_THAT(cells.rows(), ElementsAre("NULL", "NULL"));
}

TEST(ArrowBatchTest, AColumnWithoutNullsHasNoValidity) {
  const ResultHeader header =
      HeaderOf({{"n", DataType::Of(TypeKind::kInt64), "", ResultRole::kMetric}});
  ArrowBatchEncoder encoder(header);
  const auto messages =
      encoder.EncodeBatch(BatchOf({Values<int64_t>(DataType::Of(TypeKind::kInt64), {1, 2})}));
  ASSERT_EQ(messages.size(), 1u);
  const auto message = ReadArrowMessage(messages[0].metadata());
  ASSERT_TRUE(message.ok());
  EXPECT_THAT(message->layout.nodes, ElementsAre(2, 0));
  EXPECT_THAT(message->layout.buffers, ElementsAre(0, 0, 0, 16));
  EXPECT_EQ(messages[0].body(), std::string("\1\0\0\0\0\0\0\0\2", 9) + std::string(55, '\0'));
}

TEST(ArrowBatchTest, TheFirstRowIsTheLowestBit) {
  const ResultHeader header =
      HeaderOf({{"n", DataType::Of(TypeKind::kInt64), "", ResultRole::kMetric}});
  ArrowBatchEncoder encoder(header);
  const auto messages = encoder.EncodeBatch(BatchOf({Values<int64_t>(
      DataType::Of(TypeKind::kInt64), std::vector<int64_t>(9), {1, 0, 1, 1, 1, 1, 1, 1, 0})}));
  EXPECT_EQ(messages[0].body().substr(0, 2), std::string("\xFD\x00", 2));
}

TEST(ArrowBatchTest, TheSchemaSaysWhatColumnsAreAndOfWhichVersion) {
  ResultHeader header =
      HeaderOf({{"lead", DataType::Of(TypeKind::kFloat64), "seconds", ResultRole::kMetric}});
  header.datasets = {{"pulls", 12, kFirstUs}};
  header.tz_database_version = "2024a";
  const auto schema = ReadArrowSchema(ArrowBatchEncoder(header).SchemaMessage());
  ASSERT_TRUE(schema.ok());
  EXPECT_THAT(schema->fields[0].metadata, ElementsAre(Pair("sextant.role", "COLUMN_ROLE_METRIC"),
                                                      Pair("sextant.type", "double precision"),
                                                      Pair("sextant.unit", "seconds")));
  EXPECT_THAT(schema->metadata,
              ElementsAre(Pair("sextant.time_zone", "Europe/Berlin"),
                          Pair("sextant.tz_version", "2024a"), Pair("sextant.version.pulls", "12"),
                          Pair("sextant.as_of.pulls", "2024-03-30T23:00:00+00:00")));
}

TEST(ArrowBatchTest, TheSchemaSaysWhichStatisticOfItsMetricAColumnIs) {
  ResultHeader header =
      HeaderOf({{"lead.min", DataType::Of(TypeKind::kFloat64), "", ResultRole::kMetric}});
  header.columns[0].statistic = MetricStatistic::kMin;
  const auto schema = ReadArrowSchema(ArrowBatchEncoder(header).SchemaMessage());
  ASSERT_TRUE(schema.ok());
  EXPECT_THAT(schema->fields[0].metadata,
              ElementsAre(Pair("sextant.role", "COLUMN_ROLE_METRIC"),
                          Pair("sextant.type", "double precision"),
                          Pair("sextant.statistic", "METRIC_STATISTIC_MIN")));
}

TEST(ArrowBatchTest, AnInstantHasTheZoneOfTheRequest) {
  const ResultHeader header =
      HeaderOf({{"t", DataType::Of(TypeKind::kTimestamp), "", ResultRole::kMetric}});
  const ArrowCells cells(ArrowBatchEncoder(header).SchemaMessage());
  EXPECT_EQ(cells.fields()[0].time_zone, "Europe/Berlin");
}

TEST(ArrowBatchTest, ADecimalWithMoreDigitsAfterThePointThanDigitsGetsThatManyDigits) {
  const ResultHeader header = HeaderOf({{"d", DataType::Decimal(2, 5), "", ResultRole::kMetric}});
  const ArrowCells cells(ArrowBatchEncoder(header).SchemaMessage());
  EXPECT_EQ(cells.fields()[0].precision, 5);
  EXPECT_EQ(cells.fields()[0].scale, 5);
}

ResultHeader SeriesHeader(ResolvedInterval all) {
  ResultHeader header =
      HeaderOf({{"interval", DataType::Of(TypeKind::kInt64), "", ResultRole::kSeries},
                {"start", DataType::Of(TypeKind::kTimestamp), "", ResultRole::kStart}});
  header.series = {{{CalendarUnit::kAll, 1}, "all", {all}},
                   {{CalendarUnit::kDay, 1},
                    "day",
                    {{kFirstUs, kSecondUs, false}, {kSecondUs, kSecondUs + 1, true}}}};
  return header;
}

ResultBatch SeriesBatch(const ResultHeader& header) {
  return BatchOf({Values<int64_t>(header.columns[0].type, {1, 0, 1}),
                  Values<int64_t>(header.columns[1].type,
                                  {kFirstUs, header.series[0].intervals[0].start_us, kSecondUs})});
}

TEST(ArrowBatchTest, ASeriesIsItsNameAndAStartAnInstant) {
  const ResultHeader header = SeriesHeader({kFirstUs, kSecondUs, false});
  const ArrowCells cells = CellsOf(header, {SeriesBatch(header), SeriesBatch(header)});
  EXPECT_EQ(cells.num_dictionaries(), 1u);
  EXPECT_THAT(std::vector<std::string>(cells.rows().begin(), cells.rows().begin() + 3),
              ElementsAre("day|2024-03-31T00:00:00+01:00", "all|2024-03-31T00:00:00+01:00",
                          "day|2024-04-01T00:00:00+02:00"));
}

TEST(ArrowBatchTest, AllOfTimeHasNoStart) {
  const ResultHeader header = SeriesHeader({kMinInstantUs, kMaxInstantUs, false});
  EXPECT_THAT(
      CellsOf(header, {SeriesBatch(header)}).rows(),
      ElementsAre("day|2024-03-31T00:00:00+01:00", "all|NULL", "day|2024-04-01T00:00:00+02:00"));
}

TEST(ArrowBatchTest, AnAnswerWithoutRowsIsItsSchema) {
  const ResultHeader header = TextHeader();
  const ArrowCells cells = CellsOf(header, {});
  EXPECT_EQ(cells.fields().size(), 1u);
  EXPECT_THAT(cells.rows(), IsEmpty());
}

TEST(ArrowBatchTest, TheChecksumIsThatOfMetadataAndBodyOfEveryMessage) {
  const ResultHeader header = TextHeader();
  ArrowBatchEncoder encoder(header);
  std::string bytes;
  for (const char* text : {"a", "b"}) {
    for (const v1::ArrowMessage& message : encoder.EncodeBatch(TextBatch({text}))) {
      bytes += message.metadata() + message.body();
    }
  }
  EXPECT_EQ(encoder.num_messages(), 4u);
  EXPECT_EQ(encoder.messages_crc32(), crc32(0, reinterpret_cast<const Bytef*>(bytes.data()),
                                            static_cast<uInt>(bytes.size())));
}

/// A list column of three rows: two elements, none, NULL.
std::vector<std::string> ListRows(DataType type, ResultValues elements) {
  ResultValues lists{type, {1, 1, 0}, {}};
  lists.values = ResultLists{{0, 2, 2, 2}, std::make_shared<ResultValues>(std::move(elements))};
  return RowsOf(std::move(lists));
}

TEST(ArrowBatchTest, AListHasItsElements) {
  EXPECT_THAT(ListRows(DataType::ListOf(DataType::Of(TypeKind::kInt32)),
                       Values<int64_t>(DataType::Of(TypeKind::kInt32), {4, 0}, {1, 0})),
              ElementsAre("[4,NULL]", "[]", "NULL"));
  EXPECT_THAT(ListRows(DataType::ListOf(DataType::Of(TypeKind::kFloat64)),
                       Values<double>(DataType::Of(TypeKind::kFloat64), {1, -0.0})),
              ElementsAre("[" + FloatBits(1) + "," + FloatBits(-0.0) + "]", "[]", "NULL"));
}

TEST(ArrowBatchTest, TheTextsOfAListHaveNoDictionary) {
  EXPECT_THAT(ListRows(DataType::ListOf(DataType::Of(TypeKind::kText)),
                       Values<std::string>(DataType::Of(TypeKind::kText), {"a", "bc"})),
              ElementsAre("[a,bc]", "[]", "NULL"));
}

TEST(ArrowBatchTest, AListOfInstantsHasTheirZone) {
  EXPECT_THAT(ListRows(DataType::ListOf(DataType::Of(TypeKind::kTimestamp)),
                       Values<int64_t>(DataType::Of(TypeKind::kTimestamp), {kFirstUs, 0}, {1, 0})),
              ElementsAre("[2024-03-31T00:00:00+01:00,NULL]", "[]", "NULL"));
}

TEST(ArrowBatchTest, AListOfDecimalsHasTheirScale) {
  EXPECT_THAT(ListRows(DataType::ListOf(DataType::Decimal(9, 2)),
                       Values<int64_t>(DataType::Decimal(9, 2), {-5, 7})),
              ElementsAre("[-0.05,0.07]", "[]", "NULL"));
}

TEST(ArrowBatchTest, TheSchemaOfAListNamesItsElements) {
  const ResultHeader header = HeaderOf(
      {{"l", DataType::ListOf(DataType::Of(TypeKind::kTimestamp)), "", ResultRole::kMetric}});
  const ArrowCells cells(ArrowBatchEncoder(header).SchemaMessage());
  ASSERT_EQ(cells.fields()[0].children.size(), 1u);
  EXPECT_EQ(cells.fields()[0].children[0].name, "item");
  EXPECT_EQ(cells.fields()[0].children[0].kind, ArrowKind::kTimestampUs);
  EXPECT_EQ(cells.fields()[0].children[0].time_zone, "Europe/Berlin");
}

}  // namespace
}  // namespace sextant
