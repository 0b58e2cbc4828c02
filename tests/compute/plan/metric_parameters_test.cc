#include "compute/plan/metric_parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "compute/plan/expression_parser.h"

namespace sextant {
namespace {

using ::testing::HasSubstr;
using Type = MetricParameter::Type;
using Given = std::map<std::string, std::string>;

const std::vector<MetricParameter>& Parameters() {
  static const auto& parameters = *new std::vector<MetricParameter>{
      {.name = "limit", .type = Type::kInterval, .default_value = "2d"},
      {.name = "team", .type = Type::kText, .default_value = {}},
      {.name = "n", .type = Type::kNumber, .default_value = "1"}};
  return parameters;
}

std::string TextOf(const std::string& text, const Given& values) {
  Given all = SampleValues(Parameters());
  for (const auto& [name, value] : values) all[name] = value;
  const auto with = WithConstants(text, Parameters(), all);
  return with.ok() ? *with : std::string(with.status().message());
}

Metric ThresholdOf(const std::string& value) {
  Metric metric = {.name = "m"};
  metric.threshold = Metric::Threshold{"a", "<=", value};
  return metric;
}

std::string ErrorOf(const Metric& metric, const Given& given) {
  return std::string(WithParameters(metric, Parameters(), given).status().message());
}

TEST(MetricParametersTest, AConstantIsALiteralInBrackets) {
  EXPECT_EQ(TextOf("a > $limit", {}), "a > (interval '2d')");
  EXPECT_EQ(TextOf("t = $team AND x*$n>1", {{"team", "web"}, {"n", "-2.5e3"}}),
            "t = ('web') AND x*(-2.5e3)>1");
}

TEST(MetricParametersTest, ATextIsNoExpressionWhateverItHolds) {
  const std::string value = "x') OR true OR ('' = '$n -- ";
  EXPECT_EQ(TextOf("t = $team", {{"team", value}}), "t = ('x'') OR true OR ('''' = ''$n -- ')");
  const auto condition = ParseFilter(TextOf("t = $team", {{"team", value}}), "filter");
  ASSERT_TRUE(condition.ok()) << condition.status();
  EXPECT_EQ(condition->kind, Predicate::Kind::kCompare);
}

TEST(MetricParametersTest, LiteralsNamesAndCommentsHaveNone) {
  for (const char* text : {"a = '$team'", "a = 'it''s $team'", "\"$team\" = 1", "a -- $team",
                           "a /* $team /* $n */ $n */", "a = E'\\'$team'", "a$team", "a = $1"}) {
    EXPECT_EQ(TextOf(text, {{"team", "\n OR true"}}), text);
  }
}

TEST(MetricParametersTest, ALiteralAfterAWordThatEndsInEHasNoEscapes) {
  EXPECT_EQ(TextOf("a LIKE'\\' AND b = $n", {}), "a LIKE'\\' AND b = (1)");
}

TEST(MetricParametersTest, WhatFollowsACommentIsReadAgain) {
  EXPECT_EQ(TextOf("a -- x\n = $n /* y */ + $n", {}), "a -- x\n = (1) /* y */ + (1)");
}

TEST(MetricParametersTest, AnUnknownNameInATextIsToldWithThoseThatThereAre) {
  EXPECT_THAT(TextOf("a > $limt", {}),
              HasSubstr("there is no parameter 'limt'; did you mean 'limit'?; allowed: limit "
                        "(interval, default 2d), team (text), n (number, default 1)"));
}

TEST(MetricParametersTest, AThresholdHasTheConstantItself) {
  const auto metric = WithParameters(ThresholdOf("$limit"), Parameters(), {{"team", "a"}});
  EXPECT_EQ(metric->threshold->value, "2d");
  EXPECT_EQ(WithParameters(ThresholdOf("$limit"), Parameters(), {{"team", "a"}, {"limit", "36h"}})
                ->threshold->value,
            "36h");
  EXPECT_THAT(ErrorOf(ThresholdOf("$limits"), {{"team", "a"}}),
              HasSubstr("there is no parameter 'limits'"));
}

TEST(MetricParametersTest, EveryTextOfAMetricHasThem) {
  Metric metric = {.name = "m", .expression = "sum(a * $n)"};
  metric.filter = "t = $team";
  metric.domain = "> $n";
  auto per = std::make_shared<PerKey>();
  per->select = {{"x", "count(*) FILTER (WHERE a > $n)"}};
  metric.per = per;
  const Metric with = *WithParameters(metric, Parameters(), {{"team", "b"}, {"n", "3"}});
  EXPECT_EQ(with.expression, "sum(a * (3))");
  EXPECT_EQ(with.filter, "t = ('b')");
  EXPECT_EQ(with.domain, "> (3)");
  EXPECT_EQ(with.per->select[0].expression, "count(*) FILTER (WHERE a > (3))");
  EXPECT_EQ(metric.per->select[0].expression, "count(*) FILTER (WHERE a > $n)");
}

TEST(MetricParametersTest, WhatIsGivenMustFit) {
  EXPECT_THAT(ErrorOf(ThresholdOf("$limit"), {}), HasSubstr("no value is given for the parameter "
                                                            "'team'; allowed: limit (interval"));
  EXPECT_THAT(ErrorOf(ThresholdOf("$limit"), {{"team", "a"}, {"limits", "1d"}}),
              HasSubstr("there is no parameter 'limits'; did you mean 'limit'"));
  EXPECT_THAT(ErrorOf(ThresholdOf("$limit"), {{"team", "a"}, {"limit", "soon"}}),
              HasSubstr("parameter 'limit': found 'soon'; allowed: an interval"));
}

TEST(MetricParametersTest, AMetricWithoutParametersTakesNone) {
  const absl::Status status = WithParameters({.name = "m"}, {}, {{"a", "1"}}).status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("there is no parameter 'a'; allowed: none"));
}

TEST(MetricParametersTest, ValuesAreOfTheirType) {
  const auto fits = [](Type type, const std::string& value) {
    return CheckParameterValue(type, value).ok();
  };
  EXPECT_TRUE(fits(Type::kInterval, "1 day 02:00"));
  EXPECT_FALSE(fits(Type::kInterval, ""));
  EXPECT_FALSE(fits(Type::kInterval, "1d' OR true"));
  for (const char* number : {"0", "-1", "2.50", "1e9", "1.5E-3"}) {
    EXPECT_TRUE(fits(Type::kNumber, number)) << number;
  }
  for (const char* number : {"", "-", "1.", ".5", "1e", "0x1", "NaN", "1 OR true", "1)", "--1"}) {
    EXPECT_FALSE(fits(Type::kNumber, number)) << number;
  }
  EXPECT_TRUE(fits(Type::kBool, "true"));
  EXPECT_FALSE(fits(Type::kBool, "yes"));
  EXPECT_TRUE(fits(Type::kDate, "2026-02-28"));
  EXPECT_FALSE(fits(Type::kDate, "2026-02-30"));
  EXPECT_FALSE(fits(Type::kDate, "2026-02-28 10:00"));
  EXPECT_TRUE(fits(Type::kTimestamp, "2026-02-28T10:00:00Z"));
  EXPECT_FALSE(fits(Type::kTimestamp, "now"));
  EXPECT_TRUE(fits(Type::kText, ""));
  EXPECT_FALSE(fits(Type::kText, std::string("a\0b", 3)));
  EXPECT_FALSE(fits(Type::kText, std::string(1025, 'a')));
}

}  // namespace
}  // namespace sextant
