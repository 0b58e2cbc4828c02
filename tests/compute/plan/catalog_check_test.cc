#include "compute/plan/catalog_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::shared_ptr<const Schema> SchemaOf(const std::vector<std::string>& texts) {
  std::vector<Field> fields;
  for (const std::string& name : texts) {
    fields.push_back({.name = name, .type = DataType::Of(TypeKind::kText)});
  }
  return std::make_shared<const Schema>(std::move(fields));
}

const SchemasByDataset& Schemas() {
  static const auto* schemas = new SchemasByDataset{{"issues", SchemaOf({"state", "author"})},
                                                    {"pulls", SchemaOf({"status", "creator"})}};
  return *schemas;
}

CatalogMetric MetricOf(const std::string& name, const std::string& dataset,
                       const std::string& expression) {
  CatalogMetric metric;
  metric.metric = {.name = name, .dataset = dataset, .expression = expression};
  metric.metric.is_from_catalog = true;
  return metric;
}

CatalogMetric RatioOf(const std::string& name, const std::string& a, const std::string& b) {
  CatalogMetric metric = MetricOf(name, "", "");
  metric.metric.ratio = Metric::Ratio{a, b};
  return metric;
}

CatalogSet SetOf(std::vector<SetMember> members) {
  return {.name = "stages", .description = "", .members = std::move(members)};
}

std::vector<std::string> Check(const MetricCatalog& catalog,
                               const SchemasByDataset& schemas = Schemas()) {
  CatalogPlaces places = {{}, {{"stages", "s.yaml:2"}}, {{"who", "d.yaml:3"}}};
  for (const auto& [name, metric] : catalog.metrics()) places.metrics[name] = name + ".yaml:1";
  return CheckCatalog(catalog, places, {"issues", "pulls"}, schemas);
}

TEST(CatalogCheckTest, WhatFitsIsNoProblem) {
  const MetricCatalog catalog({MetricOf("a", "issues", "count(DISTINCT author)"),
                               MetricOf("b", "pulls", "count(status)"), RatioOf("c", "a", "b")},
                              {SetOf({{"open", "status = 'open'"}, {"mine", "creator = 'me'"}})},
                              {{.name = "who",
                                .description = "",
                                .columns = {{"issues", "author"}, {"pulls", "creator"}}}});
  EXPECT_THAT(Check(catalog), IsEmpty());
}

TEST(CatalogCheckTest, AMetricIsToldWithItsPlaceAndWhatIsAllowed) {
  const MetricCatalog catalog({MetricOf("a", "issues", "count(autor)")}, {}, {});
  EXPECT_THAT(Check(catalog), ElementsAre(StartsWith("a.yaml:1: metric 'a': expression: unknown "
                                                     "column 'autor'; did you mean 'author'?")));
}

TEST(CatalogCheckTest, AFaultOfAComponentIsToldOnceWhereItIs) {
  const MetricCatalog catalog(
      {MetricOf("z", "issues", "count(autor)"), MetricOf("b", "pulls", "count(*)"),
       RatioOf("c", "z", "b"), RatioOf("d", "b", "z")},
      {}, {});
  EXPECT_THAT(Check(catalog), ElementsAre(StartsWith("z.yaml:1: metric 'z': expression:")));
}

TEST(CatalogCheckTest, ASetMustFitOneDatasetAsAWhole) {
  const MetricCatalog catalog(
      {}, {SetOf({{"open", "state = 'open'"}, {"mine", "author = 'me'"}, {"c", "creator = 'x'"}})},
      {});
  EXPECT_THAT(Check(catalog), ElementsAre(testing::AllOf(
                                  StartsWith("s.yaml:2: set 'stages': member 'c': unknown column"),
                                  HasSubstr("it fits no dataset, and 'issues' best"))));
}

TEST(CatalogCheckTest, ASetOfADimensionFitsWhereItLeads) {
  const MetricCatalog catalog(
      {}, {SetOf({{"mine", "who = 'me'"}})},
      {{.name = "who", .description = "", .columns = {{"pulls", "creator"}}}});
  EXPECT_THAT(Check(catalog), IsEmpty());
}

TEST(CatalogCheckTest, AColumnOfADimensionThatIsNoneIsTold) {
  const MetricCatalog catalog(
      {}, {}, {{.name = "who", .description = "", .columns = {{"issues", "autor"}}}});
  EXPECT_THAT(
      Check(catalog),
      ElementsAre("d.yaml:3: dimension 'who': dataset 'issues': unknown column 'autor'; did "
                  "you mean 'author'?; allowed: state, author"));
}

TEST(CatalogCheckTest, WhatRestsOnADatasetThatIsNotKnownIsNotJudged) {
  const MetricCatalog catalog(
      {MetricOf("a", "pulls", "count(nothing)")}, {SetOf({{"open", "nothing = 'open'"}})},
      {{.name = "who", .description = "", .columns = {{"pulls", "nothing"}}}});
  EXPECT_THAT(Check(catalog, {{"issues", Schemas().at("issues")}}), IsEmpty());
}

TEST(CatalogCheckTest, ACalendarWhoseColumnsDoNotFitIsToldWithItsPlace) {
  const auto check = [](const std::string& start, const std::string& label) {
    const CatalogCalendar calendar = {.name = "fiscal",
                                      .description = "",
                                      .dataset = "periods",
                                      .start = start,
                                      .end = "",
                                      .last_day = "last",
                                      .label = label};
    const MetricCatalog catalog({}, {}, {}, {calendar});
    const auto schema = std::make_shared<const Schema>(
        std::vector<Field>{{.name = "first", .type = DataType::Of(TypeKind::kDate)},
                           {.name = "last", .type = DataType::Of(TypeKind::kDate)},
                           {.name = "name", .type = DataType::Of(TypeKind::kText)}});
    CatalogPlaces places;
    places.calendars["fiscal"] = "c.yaml:4";
    return CheckCatalog(catalog, places, {"periods"}, {{"periods", schema}});
  };
  EXPECT_THAT(check("first", "name"), IsEmpty());
  EXPECT_THAT(check("first", ""), IsEmpty());
  EXPECT_THAT(check("frist", ""),
              ElementsAre(StartsWith("c.yaml:4: calendar 'fiscal': dataset 'periods': unknown "
                                     "column 'frist'; did you mean 'first'?")));
  EXPECT_THAT(check("name", ""),
              ElementsAre(HasSubstr("the column 'name' is text; allowed: date and timestamptz")));
  EXPECT_THAT(check("first", "last"),
              ElementsAre(HasSubstr("the column 'last' is date; allowed: text")));
}

}  // namespace
}  // namespace sextant
