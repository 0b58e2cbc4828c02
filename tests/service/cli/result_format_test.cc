#include "service/cli/result_format.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <sstream>

#include "service/cli/text_format.h"

namespace sextant {
namespace {

using ::testing::HasSubstr;

template <typename Message>
Message FromText(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message));
  return message;
}

/// Two groups (one NULL) by week, a duration and a count.
v1::Header WeeklyHeader() {
  return FromText<v1::Header>(R"(
    columns { name: "repository" role: COLUMN_ROLE_AXIS type: DATA_TYPE_TEXT }
    columns { name: "start" role: COLUMN_ROLE_START type: DATA_TYPE_TIMESTAMP }
    columns { name: "lead" role: COLUMN_ROLE_METRIC type: DATA_TYPE_FLOAT64 unit: "seconds" }
    columns { name: "n" role: COLUMN_ROLE_METRIC type: DATA_TYPE_INT64 }
    series { interval: "week" borders: "2024-01-01T00:00:00+01:00" borders: "2024-01-08T00:00:00+01:00"
             borders: "2024-01-15T00:00:00+01:00" }
    time_zone: "Europe/Berlin"
    datasets { dataset: "pulls" version: 3 as_of: "2024-02-01T00:00:00Z" })");
}

v1::Batch WeeklyBatch() {
  return FromText<v1::Batch>(R"(
    row_count: 3
    columns { texts { values: "web" values: "" codes: 0 codes: 0 codes: 1 } validity: "\003" }
    columns { ints { values: 0 values: 1 values: 1 } }
    columns { floats { values: 183600 values: 0.5 values: 0 } validity: "\003" }
    columns { ints { values: 1200 values: 7 values: 0 } })");
}

std::string Format(OutputFormat format, const v1::Header& header,
                   const std::vector<v1::Batch>& batches) {
  const CellReader reader(header);
  const std::unique_ptr<ResultFormat> writer = MakeResultFormat(format, reader);
  std::ostringstream out;
  writer->Begin(out);
  for (const v1::Batch& batch : batches) {
    EXPECT_TRUE(reader.Fits(batch));
    writer->Add(batch, out);
  }
  writer->End(FromText<v1::Summary>("cells: 3 rows_scanned: 5000 run_us: 1500"), out);
  return out.str();
}

TEST(ResultFormatTest, CsvHasAHeaderAndOneLinePerCell) {
  EXPECT_EQ(Format(OutputFormat::kCsv, WeeklyHeader(), {WeeklyBatch()}),
            "repository,start,lead,n\n"
            "web,2024-01-01T00:00:00+01:00,183600,1200\n"
            "web,2024-01-08T00:00:00+01:00,0.5,7\n"
            ",2024-01-08T00:00:00+01:00,,0\n");
}

TEST(ResultFormatTest, CsvTellsAnEmptyTextFromANullGroup) {
  v1::Batch batch = WeeklyBatch();
  batch.mutable_columns(0)->clear_validity();
  EXPECT_THAT(Format(OutputFormat::kCsv, WeeklyHeader(), {batch}), HasSubstr("\n\"\",2024-01-08"));
}

TEST(ResultFormatTest, JsonIsOneObjectPerLine) {
  EXPECT_THAT(
      Format(OutputFormat::kJson, WeeklyHeader(), {WeeklyBatch()}),
      HasSubstr(R"({"repository":null,"start":"2024-01-08T00:00:00+01:00","lead":null,"n":0})"
                "\n"));
}

/// A calendar whose first period has no label, beside weeks.
v1::Header LabelledHeader() {
  return FromText<v1::Header>(R"(
    columns { name: "interval" role: COLUMN_ROLE_SERIES type: DATA_TYPE_INT64 }
    columns { name: "start" role: COLUMN_ROLE_START type: DATA_TYPE_TIMESTAMP }
    columns { name: "n" role: COLUMN_ROLE_METRIC type: DATA_TYPE_INT64 }
    series { interval: "fiscal" borders: "2024-01-01" borders: "2024-01-29" borders: "2024-02-26"
             labels: "" labels: "P2, short" }
    series { interval: "week" borders: "2024-01-01" borders: "2024-01-08" })");
}

v1::Batch LabelledBatch() {
  return FromText<v1::Batch>(R"(
    row_count: 3
    columns { ints { values: 0 values: 0 values: 1 } }
    columns { ints { values: 0 values: 1 values: 0 } }
    columns { ints { values: 7 values: 8 values: 9 } })");
}

TEST(ResultFormatTest, CsvHasLabelsBehindTheStart) {
  EXPECT_EQ(Format(OutputFormat::kCsv, LabelledHeader(), {LabelledBatch()}),
            "interval,start,start.label,n\n"
            "fiscal,2024-01-01,,7\n"
            "fiscal,2024-01-29,\"P2, short\",8\n"
            "week,2024-01-01,,9\n");
}

TEST(ResultFormatTest, JsonHasLabelsBehindTheStart) {
  EXPECT_EQ(Format(OutputFormat::kJson, LabelledHeader(), {LabelledBatch()}),
            R"({"interval":"fiscal","start":"2024-01-01","start.label":null,"n":7})"
            "\n"
            R"({"interval":"fiscal","start":"2024-01-29","start.label":"P2, short","n":8})"
            "\n"
            R"({"interval":"week","start":"2024-01-01","start.label":null,"n":9})"
            "\n");
}

/// Two lists: {a b, NULL, "null", a\"c, ""} and {}.
v1::Header ListHeader(const std::string& element_type = "DATA_TYPE_TEXT") {
  return FromText<v1::Header>(R"(
    columns { name: "top" role: COLUMN_ROLE_METRIC type: DATA_TYPE_LIST element_type: )" +
                              element_type + "}");
}

v1::Batch ListBatch() {
  return FromText<v1::Batch>(R"(
    row_count: 2
    columns { lists {
      offsets: 0 offsets: 5 offsets: 5
      elements { texts { values: "a b" values: "null" values: "a\\\"c" values: ""
                         codes: 0 codes: 0 codes: 1 codes: 2 codes: 3 } validity: "\035" } } })");
}

TEST(ResultFormatTest, CsvWritesAListAsPostgresWritesAnArray) {
  EXPECT_EQ(Format(OutputFormat::kCsv, ListHeader(), {ListBatch()}),
            "top\n" + CsvField(R"({"a b",NULL,"null","a\\\"c",""})") + "\n{}\n");
}

TEST(ResultFormatTest, JsonWritesAListAsAnArray) {
  EXPECT_EQ(Format(OutputFormat::kJson, ListHeader(), {ListBatch()}),
            R"({"top":["a b",null,"null","a\\\"c",""]})"
            "\n{\"top\":[]}\n");
}

TEST(ResultFormatTest, JsonWritesAListOfNumbersAsNumbers) {
  const auto batch = FromText<v1::Batch>(
      "row_count: 1 columns { lists { offsets: 0 offsets: 2 elements { floats { values: 1.5 "
      "values: nan } } } }");
  EXPECT_EQ(Format(OutputFormat::kJson, ListHeader("DATA_TYPE_FLOAT64"), {batch}),
            "{\"top\":[1.5,\"NaN\"]}\n");
}

TEST(ResultFormatTest, AListThatPointsOutsideItsElementsDoesNotFit) {
  v1::Batch batch = ListBatch();
  batch.mutable_columns(0)->mutable_lists()->set_offsets(2, 6);
  EXPECT_FALSE(CellReader(ListHeader()).Fits(batch));
}

TEST(ResultFormatTest, ListsWhoseOffsetsGoBackDoNotFit) {
  v1::Batch batch = ListBatch();
  batch.mutable_columns(0)->mutable_lists()->set_offsets(1, 6);
  EXPECT_FALSE(CellReader(ListHeader()).Fits(batch));
}

TEST(ResultFormatTest, JsonWritesNanAsAText) {
  v1::Batch batch = WeeklyBatch();
  batch.mutable_columns(2)->mutable_floats()->set_values(0, NAN);
  EXPECT_THAT(Format(OutputFormat::kJson, WeeklyHeader(), {batch}), HasSubstr(R"("lead":"NaN")"));
}

TEST(ResultFormatTest, TheTableIsAlignedHasUnitsAndATrend) {
  EXPECT_EQ(Format(OutputFormat::kTable, WeeklyHeader(), {WeeklyBatch()}),
            "pulls version 3 as of 2024-02-01T00:00:00Z, zone Europe/Berlin\n\n"
            "repository  start                       lead      n\n"
            "----------  -------------------------  -----  -----\n"
            "web         2024-01-01T00:00:00+01:00  2d 3h  1,200\n"
            "web         2024-01-08T00:00:00+01:00  500ms      7\n"
            "(null)      2024-01-08T00:00:00+01:00      -      0\n\n"
            "group   metric  trend\n"
            "------  ------  -----\n"
            "web     lead    █▁\n"
            "web     n       █▁\n"
            "(null)  lead\n"
            "(null)  n        ▅\n\n"
            "3 cells from 5,000 rows; queued 0s, run 1.5ms\n");
}

TEST(ResultFormatTest, AnEmptyResultSaysSo) {
  EXPECT_THAT(Format(OutputFormat::kTable, WeeklyHeader(), {}), HasSubstr("no cells"));
  EXPECT_EQ(Format(OutputFormat::kCsv, WeeklyHeader(), {}), "repository,start,lead,n\n");
}

TEST(ResultFormatTest, SeveralSeriesAreToldApartByTheirInterval) {
  const v1::Header header = FromText<v1::Header>(R"(
    columns { name: "interval" role: COLUMN_ROLE_SERIES type: DATA_TYPE_INT64 }
    columns { name: "start" role: COLUMN_ROLE_START type: DATA_TYPE_TIMESTAMP }
    columns { name: "n" role: COLUMN_ROLE_METRIC type: DATA_TYPE_INT64 }
    series { interval: "all" borders: "a" borders: "z" } series { interval: "day" borders: "d0" borders: "d1" })");
  const v1::Batch batch = FromText<v1::Batch>(R"(
    row_count: 2 columns { ints { values: 0 values: 1 } } columns { ints { values: 0 values: 0 } }
    columns { ints { values: 5 values: 6 } })");
  EXPECT_EQ(Format(OutputFormat::kCsv, header, {batch}), "interval,start,n\nall,a,5\nday,d0,6\n");
}

TEST(ResultFormatTest, ABatchThatDoesNotFitItsHeaderIsFound) {
  const CellReader reader(WeeklyHeader());
  v1::Batch short_column = WeeklyBatch();
  short_column.mutable_columns(3)->mutable_ints()->mutable_values()->RemoveLast();
  v1::Batch bad_code = WeeklyBatch();
  bad_code.mutable_columns(0)->mutable_texts()->set_codes(0, 9);
  v1::Batch missing_column = WeeklyBatch();
  missing_column.mutable_columns()->RemoveLast();
  v1::Batch short_validity = WeeklyBatch();
  short_validity.set_row_count(9);
  EXPECT_FALSE(reader.Fits(short_column));
  EXPECT_FALSE(reader.Fits(bad_code));
  EXPECT_FALSE(reader.Fits(missing_column));
  EXPECT_FALSE(reader.Fits(short_validity));
}

}  // namespace
}  // namespace sextant
