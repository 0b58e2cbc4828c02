#include "service/translation/rows_from_proto.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <string>

#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;

/// What a person would type into grpcurl.
v1::QueryRowsRequest FromJson(const std::string& json) {
  v1::QueryRowsRequest request;
  const auto status = google::protobuf::util::JsonStringToMessage(json, &request);
  EXPECT_TRUE(status.ok()) << status.ToString();
  return request;
}

std::string RefusedField(const std::string& json) {
  const auto rows = RowsFromProto(FromJson(json));
  EXPECT_EQ(rows.status().code(), absl::StatusCode::kInvalidArgument) << rows.status();
  const auto detail = DetailOf(rows.status());
  return detail.has_value() ? detail->field : "";
}

TEST(RowsFromProtoTest, ARequestIsPleasantToType) {
  const auto rows = RowsFromProto(FromJson(R"json({
    "query": {"metrics": [{"name": "pr-count"}], "group_by": [{"column": "repository"}]},
    "metric": "pr-count", "dataset": "pull_requests",
    "group": [{"axis": "repository", "value": {"string_value": "web"}},
              {"axis": "team", "is_null": true}],
    "interval": "week", "start": "2024-01-01", "columns": ["id", "title"],
    "order_by": [{"name": "id", "descending": true}], "limit": 10
  })json"));
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(rows->metric, "pr-count");
  EXPECT_EQ(rows->dataset, "pull_requests");
  EXPECT_EQ(rows->group.at(0).axis, "repository");
  EXPECT_EQ(rows->group.at(0).value->text, "web");
  EXPECT_FALSE(rows->group.at(1).value.has_value());
  EXPECT_EQ(rows->series, "week");
  EXPECT_EQ(rows->start, "2024-01-01");
  EXPECT_THAT(rows->columns, ElementsAre("id", "title"));
  EXPECT_EQ(rows->order_by.at(0).column, "id");
  EXPECT_TRUE(rows->order_by.at(0).descending);
  EXPECT_EQ(rows->limit, 10u);
}

TEST(RowsFromProtoTest, WhatIsLeftOutIsNotGiven) {
  const auto rows = RowsFromProto({});
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_FALSE(rows->limit.has_value());
  EXPECT_TRUE(rows->columns.empty());
}

TEST(RowsFromProtoTest, AGroupWithoutAnAxisIsRefused) {
  EXPECT_EQ(RefusedField(R"json({"group": [{"value": {"int_value": 1}}]})json"), "group[0].axis");
}

TEST(RowsFromProtoTest, AGroupWithoutAValueIsNotTakenForNull) {
  EXPECT_EQ(RefusedField(R"json({"group": [{"axis": "team"}]})json"), "group[0]");
  EXPECT_EQ(RefusedField(R"json({"group": [{"axis": "team", "is_null": false}]})json"), "group[0]");
  EXPECT_EQ(RefusedField(R"json({"group": [{"axis": "team", "value": {}}]})json"),
            "group[0].value");
}

TEST(RowsFromProtoTest, AnOrderWithoutANameIsRefused) {
  EXPECT_EQ(RefusedField(R"json({"order_by": [{"descending": true}]})json"), "order_by[0].name");
}

TEST(RowsFromProtoTest, ANegativeLimitIsRefused) {
  EXPECT_EQ(RefusedField(R"json({"limit": -1})json"), "limit");
}

TEST(RowsFromProtoTest, WithoutMetricsTheRowsOfTheDatasetAreCounted) {
  v1::QueryRowsRequest request = FromJson(R"json({"query": {"dataset": "commits"}})json");
  const auto query = TakeQueryOfCell(request);
  ASSERT_TRUE(query.ok()) << query.status();
  EXPECT_EQ((*query)->metrics(0).definition().expression(), "count(*)");
}

TEST(RowsFromProtoTest, SamplesAndConfidenceOfTheCellAreNotAskedOfItsRows) {
  v1::QueryRowsRequest request;
  request.mutable_query()->set_samples(true);
  request.mutable_query()->mutable_confidence()->set_level(0.8);
  request.mutable_query()->add_metrics()->set_name("lead");
  const auto query = TakeQueryOfCell(request);
  ASSERT_TRUE(query.ok()) << query.status();
  EXPECT_FALSE((*query)->samples());
  EXPECT_FALSE((*query)->has_confidence());
}

TEST(RowsFromProtoTest, WithoutMetricsAndDatasetThereIsNoQuery) {
  v1::QueryRowsRequest request;
  EXPECT_EQ(DetailOf(TakeQueryOfCell(request).status())->field, "query");
}

}  // namespace
}  // namespace sextant
