#include "compute/plan/query_text.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace sextant {
namespace {

BoundQuery Asked() {
  BoundQuery query;
  BoundDataset& dataset = query.datasets.emplace_back();
  dataset.name = "orders";
  BoundAxis& axis = dataset.axes.emplace_back();
  axis.name = "country";
  axis.column = 2;
  axis.type = DataType::Of(TypeKind::kText);
  dataset.aggregates = {0};
  BoundAggregate& aggregate = query.aggregates.emplace_back();
  aggregate.kind = AggregateKind::kSum;
  aggregate.value.column = 1;
  BoundMetric& metric = query.metrics.emplace_back();
  metric.name = "revenue";
  metric.unit = "EUR";
  query.series = {{.unit = CalendarUnit::kDay}};
  query.time_zone_name = "Europe/Berlin";
  query.order_by.push_back({});
  return query;
}

BoundPredicate RangeOf(int64_t max) {
  return {.node = IntegerRangeLeaf{.value = {}, .min = 0, .max = max}};
}

/// A clip that `change` has changed.
template <typename Change>
std::shared_ptr<const BoundClip> ClipWith(Change change) {
  BoundClip clip;
  change(clip);
  return std::make_shared<const BoundClip>(std::move(clip));
}

/// A histogram that `change` has changed.
template <typename Change>
std::shared_ptr<const BoundHistogram> HistogramWith(Change change) {
  BoundHistogram histogram;
  change(histogram);
  return std::make_shared<const BoundHistogram>(std::move(histogram));
}

/// Rows derived of those asked, which `change` has changed.
std::shared_ptr<const BoundDerivedRows> DerivedWith(
    const std::function<void(BoundDerivedRows&)>& change) {
  BoundDerivedRows rows = {.query = Asked(), .num_keys = 1, .is_duration = {false}};
  if (change) change(rows);
  return std::make_shared<const BoundDerivedRows>(std::move(rows));
}

struct Change {
  const char* what;
  std::function<void(BoundQuery&)> make;
};

/// One per field that decides the answer: of what is read.
std::vector<Change> ChangesOfHistograms() {
  return {
      {"histogram",
       [](auto& query) { query.aggregates[0].histogram = std::make_shared<BoundHistogram>(); }},
      {"bins of a histogram",
       [](auto& query) {
         query.aggregates[0].histogram = HistogramWith([](auto& bins) { bins.num_bins = 3; });
       }},
      {"scale of a histogram",
       [](auto& query) {
         query.aggregates[0].histogram = HistogramWith([](auto& bins) { bins.is_log = true; });
       }},
      {"edges of a histogram",
       [](auto& query) {
         query.aggregates[0].histogram = HistogramWith([](auto& bins) { bins.edges = {1, 2}; });
       }},
  };
}

std::vector<Change> ChangesOfDatasets() {
  return {
      {"dataset", [](auto& query) { query.datasets[0].name = "returns"; }},
      {"another dataset", [](auto& query) { query.datasets.push_back(query.datasets[0]); }},
      {"filter", [](auto& query) { query.datasets[0].filter = RangeOf(5); }},
      {"filter's bound", [](auto& query) { query.datasets[0].filter = RangeOf(6); }},
      {"axis' name", [](auto& query) { query.datasets[0].axes[0].name = "c"; }},
      {"axis' kind", [](auto& query) { query.datasets[0].axes[0].kind = GroupAxis::Kind::kSets; }},
      {"axis' column", [](auto& query) { query.datasets[0].axes[0].column = 3; }},
      {"axis of a list", [](auto& query) { query.datasets[0].axes[0].is_list = true; }},
      {"axis' type",
       [](auto& query) { query.datasets[0].axes[0].type = DataType::Of(TypeKind::kEnum); }},
      {"edges",
       [](auto& query) {
         query.datasets[0].axes[0].edges = {1, 2};
       }},
      {"edges in one", [](auto& query) { query.datasets[0].axes[0].edges = {12}; }},
      {"float edges",
       [](auto& query) {
         query.datasets[0].axes[0].float_edges = {0.0, 2};
       }},
      {"edge of -0",
       [](auto& query) {
         query.datasets[0].axes[0].float_edges = {-0.0, 2};
       }},
      {"set",
       [](auto& query) {
         query.datasets[0].axes[0].members = {{"a", RangeOf(1)}};
       }},
      {"set's name",
       [](auto& query) {
         query.datasets[0].axes[0].members = {{"b", RangeOf(1)}};
       }},
      {"no axis", [](auto& query) { query.datasets[0].axes.clear(); }},
      {"aggregate", [](auto& query) { query.aggregates[0].kind = AggregateKind::kMin; }},
      {"aggregate's type",
       [](auto& query) { query.aggregates[0].result_type = DataType::Of(TypeKind::kFloat64); }},
      {"aggregate's filter", [](auto& query) { query.aggregates[0].filter = RangeOf(5); }},
      {"aggregate's domain",
       [](auto& query) {
         query.aggregates[0].outside = std::make_shared<const BoundPredicate>(RangeOf(5));
       }},
      {"aggregate's clip",
       [](auto& query) { query.aggregates[0].clip = std::make_shared<const BoundClip>(); }},
      {"quantile of a clip",
       [](auto& query) {
         query.aggregates[0].clip = ClipWith([](auto& clip) { clip.high = 0.9; });
       }},
      {"stride of a clip",
       [](auto& query) {
         query.aggregates[0].clip = ClipWith([](auto& clip) { clip.stride_us = 7; });
       }},
      {"filter of a clip",
       [](auto& query) {
         query.aggregates[0].clip = ClipWith([](auto& clip) { clip.filter = RangeOf(5); });
       }},
      {"whose aggregate", [](auto& query) { query.datasets[0].aggregates = {}; }},
  };
}

/// Of the bounds of values.
std::vector<Change> ChangesOfBounds() {
  return {
      {"level of a bound",
       [](auto& query) {
         query.aggregates[0].bound = std::make_shared<const ConfidenceBound>(
             ConfidenceBound{.level = 0.8, .seed = 0, .max_draws = 0});
       }},
      {"side of a bound",
       [](auto& query) {
         query.aggregates[0].bound = std::make_shared<const ConfidenceBound>(
             ConfidenceBound{.level = -0.8, .seed = 0, .max_draws = 0});
       }},
      {"draws of a bound",
       [](auto& query) {
         query.aggregates[0].bound = std::make_shared<const ConfidenceBound>(
             ConfidenceBound{.level = 0.8, .seed = 1, .max_draws = 0});
       }},
  };
}

/// Of rows that are made of it.
std::vector<Change> ChangesOfDerivedRows() {
  return {
      {"derived rows", [](auto& query) { query.datasets[0].derived = DerivedWith({}); }},
      {"derived rows of another query",
       [](auto& query) {
         query.datasets[0].derived =
             DerivedWith([](auto& rows) { rows.query.metrics[0].name = "m"; });
       }},
      {"keys of derived rows",
       [](auto& query) {
         query.datasets[0].derived = DerivedWith([](auto& rows) { rows.num_keys = 2; });
       }},
      {"durations of derived rows",
       [](auto& query) {
         query.datasets[0].derived = DerivedWith([](auto& rows) { rows.is_duration = {true}; });
       }},
  };
}

std::shared_ptr<const PeriodCalendar> CalendarWith(std::string name,
                                                   std::vector<int64_t> borders_us,
                                                   std::vector<std::string> labels) {
  return std::make_shared<const PeriodCalendar>(
      PeriodCalendar{std::move(name), std::move(borders_us), std::move(labels)});
}

/// Of what is shown of it.
std::vector<Change> ChangesOfResult() {
  return {
      {"metric's name", [](auto& query) { query.metrics[0].name = "sales"; }},
      {"metric's statistic",
       [](auto& query) { query.metrics[0].statistic = MetricStatistic::kSamples; }},
      {"level of an expression",
       [](auto& query) {
         query.metrics[0].expression.op = ExpressionOp::kMeanBound;
         query.metrics[0].expression.constant.value = 0.8;
       }},
      {"side of an expression",
       [](auto& query) {
         query.metrics[0].expression.op = ExpressionOp::kMeanBound;
         query.metrics[0].expression.constant.value = -0.8;
       }},
      {"metric's unit", [](auto& query) { query.metrics[0].unit = "USD"; }},
      {"metric's expression", [](auto& query) { query.metrics[0].expression.column = 1; }},
      {"metric's type",
       [](auto& query) { query.metrics[0].result_type = DataType::Of(TypeKind::kFloat64); }},
      {"ratio", [](auto& query) { query.metrics[0].is_ratio = true; }},
      {"unit", [](auto& query) { query.series[0].unit = CalendarUnit::kWeek; }},
      {"count of units", [](auto& query) { query.series[0].count = 2; }},
      {"rolling", [](auto& query) { query.series[0].is_rolling = true; }},
      {"calendar",
       [](auto& query) {
         query.series[0].calendar = CalendarWith("a", {1, 2}, {});
       }},
      {"calendar's name",
       [](auto& query) {
         query.series[0].calendar = CalendarWith("b", {1, 2}, {});
       }},
      {"calendar's periods",
       [](auto& query) {
         query.series[0].calendar = CalendarWith("a", {1, 3}, {});
       }},
      {"calendar's labels",
       [](auto& query) {
         query.series[0].calendar = CalendarWith("a", {1, 2}, {"c"});
       }},
      {"two series", [](auto& query) { query.series.push_back({}); }},
      {"exclude_partial", [](auto& query) { query.exclude_partial = true; }},
      {"week_start", [](auto& query) { query.week_start = 7; }},
      {"zone", [](auto& query) { query.time_zone_name = "UTC"; }},
      {"from", [](auto& query) { query.from_us = 0; }},
      {"to", [](auto& query) { query.to_us = 0; }},
      {"fill", [](auto& query) { query.fill = FillMode::kDense; }},
      {"top", [](auto& query) { query.top_n = BoundTopN{.count = 3}; }},
      {"top count", [](auto& query) { query.top_n = BoundTopN{.count = 4}; }},
      {"top metric", [](auto& query) { query.top_n = BoundTopN{.count = 3, .metric = 1}; }},
      {"smallest", [](auto& query) { query.top_n = BoundTopN{.count = 3, .smallest = true}; }},
      {"others", [](auto& query) { query.top_n = BoundTopN{.count = 3, .others = true}; }},
      {"totals", [](auto& query) { query.totals = Totals::kCube; }},
      {"having", [](auto& query) { query.having = RangeOf(5); }},
      {"order's target",
       [](auto& query) { query.order_by[0].target = BoundOrder::Target::kMetric; }},
      {"order's index", [](auto& query) { query.order_by[0].index = 1; }},
      {"descending", [](auto& query) { query.order_by[0].descending = true; }},
      {"no order", [](auto& query) { query.order_by.clear(); }},
      {"limit", [](auto& query) { query.limit = 0; }},
      {"limit of values", [](auto& query) { query.limits.max_values = 1; }},
      {"limit of intervals", [](auto& query) { query.limits.max_intervals = 1; }},
  };
}

TEST(QueryTextTest, EqualQueriesHaveEqualTexts) {
  EXPECT_EQ(CanonicalText(Asked()), CanonicalText(Asked()));
}

TEST(QueryTextTest, WhateverDecidesTheAnswerChangesTheText) {
  std::map<std::string, const char*> known = {{CanonicalText(Asked()), "as it is"}};
  std::vector<Change> changes = ChangesOfDatasets();
  for (const auto& more :
       {ChangesOfHistograms(), ChangesOfBounds(), ChangesOfDerivedRows(), ChangesOfResult()}) {
    changes.insert(changes.end(), more.begin(), more.end());
  }
  for (const Change& change : changes) {
    BoundQuery query = Asked();
    change.make(query);
    const auto [found, is_new] = known.emplace(CanonicalText(query), change.what);
    EXPECT_TRUE(is_new) << change.what << " has the text of " << found->second;
  }
}

TEST(QueryTextTest, NamesThatLookLikeFieldsDoNotMixUp) {
  BoundQuery one = Asked();
  BoundQuery other = Asked();
  one.metrics[0].name = "a3:EUR";
  one.metrics[0].unit = "";
  other.metrics[0].name = "a";
  other.metrics[0].unit = "3:EUR";
  EXPECT_NE(CanonicalText(one), CanonicalText(other));
}

// The name of the metric that an error would tell is not part of an aggregate, but of a metric.
TEST(QueryTextTest, TheNameThatAnAggregateHasForErrorsIsNoPartOfIt) {
  BoundQuery query = Asked();
  query.aggregates[0].metric = "another";
  EXPECT_EQ(CanonicalText(query), CanonicalText(Asked()));
}

}  // namespace
}  // namespace sextant
