#include "compute/plan/binder/pin_binder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "compute/plan/binder.h"
#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

using testing::HasSubstr;

std::shared_ptr<const Schema> TestSchema() {
  const auto field = [](const char* name, DataType type) {
    return Field{name, type, true, {}, ""};
  };
  return std::make_shared<const Schema>(std::vector<Field>{
      field("id", DataType::Of(TypeKind::kInt64)),
      field("created_at", DataType::Of(TypeKind::kTimestamp)),
      field("closed_at", DataType::Of(TypeKind::kTimestamp)),
      field("due", DataType::Of(TypeKind::kDate)),
      field("commits_at", DataType::ListOf(TypeKind::kTimestamp)),
      field("labels", DataType::ListOf(TypeKind::kText)),
      field("odd name", DataType::Of(TypeKind::kTimestamp)),
      field("a-b", DataType::Of(TypeKind::kTimestamp)),
  });
}

absl::StatusOr<BoundQuery> BindIt(TimePin pin, const std::vector<TimeSeries>& series = {}) {
  Query query;
  query.metrics = {{.name = "n", .dataset = "d", .expression = "count(*)", .pin = std::move(pin)}};
  query.series = series;
  return Bind(query, TestSchema(), 0);
}

std::string PinOf(TimePin pin) {
  const auto bound = BindIt(std::move(pin), {{CalendarUnit::kDay}});
  EXPECT_TRUE(bound.ok()) << bound.status();
  return bound.ok() ? ToString(bound->aggregates[0].pin) : "";
}

std::string ErrorOf(TimePin pin, const std::string& field) {
  const auto bound = BindIt(std::move(pin));
  EXPECT_EQ(bound.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(DetailOf(bound.status()).value_or(ErrorDetail()).field, field);
  return std::string(bound.status().message());
}

TEST(PinBinderTest, ColumnsOfInstantsAndDatesPinASample) {
  EXPECT_THAT(PinOf(TimePin::At("created_at")), HasSubstr("#1 timestamp"));
  EXPECT_THAT(PinOf(TimePin::At("due")), HasSubstr("#3 date"));
  EXPECT_THAT(PinOf(TimePin::At("commits_at")), HasSubstr("#4 timestamp with time zone[]"));
}

TEST(PinBinderTest, ANameThatIsAColumnIsNoExpression) {
  EXPECT_THAT(PinOf(TimePin::At("odd name")), HasSubstr("#6"));
  EXPECT_THAT(PinOf(TimePin::At("a-b")), HasSubstr("#7"));
  EXPECT_THAT(PinOf(TimePin::At("\"odd name\"")), HasSubstr("#6"));
}

TEST(PinBinderTest, SpansHaveAStartAndAnEnd) {
  EXPECT_THAT(PinOf({TimePin::Kind::kDuring, "created_at", "closed_at"}), HasSubstr("during"));
  EXPECT_THAT(PinOf({TimePin::Kind::kAsOfEnd, "due", "closed_at"}), HasSubstr("as of end"));
  EXPECT_THAT(ErrorOf({TimePin::Kind::kDuring, "created_at", ""}, "metrics[0].during.end"),
              HasSubstr("no column is named"));
  EXPECT_THAT(ErrorOf({TimePin::Kind::kAsOfEnd, "", "due"}, "metrics[0].as_of_end.start"),
              HasSubstr("no column is named"));
}

TEST(PinBinderTest, WhatIsNoTimeIsRefusedWithTheColumnsThatAre) {
  EXPECT_THAT(ErrorOf(TimePin::At("id"), "metrics[0].at"),
              HasSubstr("the column 'id' is bigint; allowed: a timestamp or date column "
                        "(created_at, closed_at, due, commits_at, odd name, a-b), a list of "
                        "timestamps or an expression that is one"));
  ErrorOf(TimePin::At("labels"), "metrics[0].at");
  ErrorOf(TimePin::At("closed_at - created_at"), "metrics[0].at");
  ErrorOf({TimePin::Kind::kDuring, "id", "closed_at"}, "metrics[0].during.start");
  EXPECT_THAT(
      ErrorOf({TimePin::Kind::kDuring, "commits_at", "closed_at"}, "metrics[0].during.start"),
      testing::Not(HasSubstr("a list of timestamps")));
}

TEST(PinBinderTest, AnUnknownColumnOfASpanIsNamedWithTheNearest) {
  EXPECT_THAT(
      ErrorOf({TimePin::Kind::kAsOfEnd, "created_at", "closd_at"}, "metrics[0].as_of_end.end"),
      HasSubstr("did you mean 'closed_at'"));
}

TEST(PinBinderTest, ATextThatIsNoExpressionIsRefused) {
  for (const char* text : {"created_at,", "created_at; closed_at", "(", "SELECT 1"}) {
    ErrorOf(TimePin::At(text), "metrics[0].at");
  }
}

TEST(PinBinderTest, MetricsOfOnePinShareItAndOthersDoNot) {
  Query query;
  query.metrics = {{.name = "a",
                    .dataset = "d",
                    .expression = "count(*)",
                    .pin = {TimePin::Kind::kDuring, "created_at", "closed_at"}},
                   {.name = "b",
                    .dataset = "d",
                    .expression = "count(*)",
                    .pin = {TimePin::Kind::kAsOfEnd, "created_at", "closed_at"}},
                   {.name = "c",
                    .dataset = "d",
                    .expression = "count(*)",
                    .pin = {TimePin::Kind::kDuring, "created_at", "closed_at"}}};
  const auto bound = Bind(query, TestSchema(), 0);
  ASSERT_TRUE(bound.ok()) << bound.status();
  EXPECT_EQ(bound->aggregates.size(), 2u);
}

TEST(PinBinderTest, Rule14APinOfAnyKindMakesASeriesPossible) {
  const std::vector<TimeSeries> days = {{CalendarUnit::kDay}};
  EXPECT_TRUE(BindIt({TimePin::Kind::kDuring, "created_at", "closed_at"}, days).ok());
  const auto refused = BindIt({}, days);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(DetailOf(refused.status())->reason, "METRIC_WITHOUT_TIME_COLUMN");
}

}  // namespace
}  // namespace sextant
