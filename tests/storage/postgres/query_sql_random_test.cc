// Random requests of all that a request may ask, beside each other: the equivalent SQL and the
// engine must give one answer. SEXTANT_SQL_SEED=n repeats a run, SEXTANT_SQL_CASES=n asks so many.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/plan/query.h"
#include "tests/storage/postgres/sql_agreement.h"
#include "tests/storage/postgres/sql_releases.h"

namespace sextant {
namespace {

using Texts = std::vector<std::string>;

constexpr const char* kZones[] = {"UTC",
                                  "Europe/Berlin",
                                  "Australia/Lord_Howe",
                                  "Asia/Kathmandu",
                                  "Pacific/Chatham",
                                  "America/Havana",
                                  "Pacific/Apia",
                                  "Africa/Casablanca"};

/// What a dataset is asked.
struct Pool {
  std::string dataset;
  Texts values;
  Texts filters;
  Texts instants;
  std::vector<std::pair<std::string, std::string>> spans;
};

const Pool& OfItems() {
  static const Pool pool = {
      "d",
      {"count(*)",
       "sum(lines)",
       "avg(cost)",
       "max(author)",
       "min(span)",
       "count(DISTINCT ref)",
       "count(seen_at)",
       "mode() WITHIN GROUP (ORDER BY mood)",
       "stddev(lines)",
       "median(score)",
       "bool_or(is_bot)",
       "sum(closed_at - created_at)",
       "count(DISTINCT span)",
       "max(day)",
       "(array_agg(note ORDER BY lines DESC))[1:3]",
       "percentile_disc(0.4) WITHIN GROUP (ORDER BY "
       "closed_at)",
       "sum(lines) - 2 * count(small)",
       "min(logged_at)",
       "max(mood)",
       "sum(cardinality(labels))",
       "max(until - day)",
       "avg(extract(hour FROM created_at))",
       "max(created_at + span)",
       "min(closed_at - interval '1 month 1 day')",
       "max(lower(author))",
       "count(*) FILTER (WHERE author ~ '^[A-Z]')",
       "min(created_at::date)",
       "max(cost::text)",
       "sum(CASE WHEN mood = 'ok' THEN lines WHEN is_bot THEN small END)",
       "max(big * 1000)",
       "avg(nullif(lines, 0) / nullif(small % 3, 0))",
       "min(greatest(author, note, 'b'))",
       "max(date_trunc('week', created_at))",
       "sum(round(cost * 1.5, 1))",
       "max(array_length(weights, 1))",
       "count(*) FILTER (WHERE lines > small)",
       "sum(cost) FILTER (WHERE 'ui' = ANY (labels))"},
      {"lines > 0", "author <> 'bob'", "'ui' = ANY (labels)", "mood >= 'ok'", "span > '1 day'",
       "closed_at - created_at > interval '1 day'", "day + 3 > until", "ratio <= 2", "NOT is_bot",
       "seen_at IS NOT NULL", "5 <> ALL (points)", "score <> 'NaN'", "ref IS NULL OR cost > 10",
       "date_trunc('day', created_at) <> day::timestamptz", "code::text LIKE 'a%'"},
      {"created_at", "closed_at", "day", "until", "logged_at", "seen_at", "local_times",
       "created_at + interval '1 day 2 hours'"},
      {{"created_at", "closed_at"},
       {"day", "until"},
       {"day", "closed_at"},
       {"logged_at", "until"}}};
  return pool;
}

const Pool& OfReleases() {
  static const Pool pool = {"releases",
                            {"count(*)", "sum(lines)", "max(cost)", "count(DISTINCT writer)",
                             "min(mood)", "avg(retired_at - deployed_at)", "max(span)"},
                            {"lines > 0", "is_bot", "mood = 'ok'", "'ui' = ANY (labels)"},
                            {"created_at", "day", "deployed_at"},
                            {{"deployed_at", "retired_at"}, {"created_at", "retired_at"}}};
  return pool;
}

/// Names of both datasets.
const Texts& Columns() {
  static const Texts columns = {"person", "mood",   "is_bot", "lines", "score", "cost",
                                "ref",    "labels", "at",     "day",   "span"};
  return columns;
}
const Texts& ColumnsOfItems() {
  static const Texts columns = {"author",  "code",   "small", "ratio",       "until",
                                "seen_at", "points", "moods", "local_times", "weights"};
  return columns;
}
const Texts& SharedFilters() {
  static const Texts filters = {
      "person <> 'Ann'",   "cost > 2 OR is_bot",           "id % 3 <> 0",
      "at > '2024-03-27'", "labels && ARRAY['ui', 'bug']", "mood <> 'ok' AND lines < 20",
      "span <= '30 days'"};
  return filters;
}

class Generator {
 public:
  explicit Generator(uint64_t seed) : random_(seed) {}

  Query Draw() {
    Query query;
    has_releases_ = OneIn(3);
    DrawTime(query);
    for (size_t i = 1 + Below(3); i > 0; --i) {
      query.metrics.push_back(DrawMetric(absl::StrCat("m", query.metrics.size())));
    }
    if (OneIn(3)) query.metrics.push_back(DrawOfMetrics(absl::StrCat("m", query.metrics.size())));
    if (OneIn(2)) query.where = OneOf(SharedFilters());
    if (!has_releases_ && OneIn(2)) query.where = OneOf(OfItems().filters);
    DrawAxes(query);
    DrawCells(query);
    return query;
  }

 private:
  uint64_t Below(uint64_t bound) { return random_() % bound; }
  bool OneIn(uint64_t bound) { return Below(bound) == 0; }
  template <typename List>
  auto OneOf(const List& list) -> decltype(*std::begin(list)) {
    return *(std::begin(list) + static_cast<std::ptrdiff_t>(Below(std::size(list))));
  }

  Metric DrawMetric(std::string name) {
    const Pool& pool = has_releases_ && OneIn(2) ? OfReleases() : OfItems();
    Metric metric;
    metric.name = std::move(name);
    metric.dataset = pool.dataset;
    metric.expression = OneOf(pool.values);
    if (OneIn(3)) metric.filter = OneOf(pool.filters);
    if (OneIn(2)) {
      metric.pin = TimePin::At(OneOf(pool.instants));
    } else if (has_time_ || !OneIn(3)) {
      const auto& [start, end] = OneOf(pool.spans);
      metric.pin = {OneIn(2) ? TimePin::Kind::kDuring : TimePin::Kind::kAsOfEnd, start, end};
    }
    return metric;
  }

  Metric DrawOfMetrics(std::string name) {
    Metric metric;
    metric.name = std::move(name);
    metric.components = {DrawMetric("a"), DrawMetric("b")};
    metric.components[0].expression = "count(*)";
    metric.components[1].expression = OneIn(2) ? "sum(lines)" : "max(cost)";
    if (OneIn(2)) {
      metric.ratio = Metric::Ratio{"a", "b", OneIn(2) ? 0.5 : 0};
    } else {
      metric.derived = OneOf(Texts{"a / b", "a - b * 2", "1 - a / (b + 1)"});
    }
    return metric;
  }

  void DrawAxes(Query& query) {
    for (size_t i = Below(4); i > 0; --i) {
      GroupAxis axis;
      axis.name = absl::StrCat("g", query.group_by.size());
      if (OneIn(5)) {
        axis.kind = GroupAxis::Kind::kBins;
        axis.column = OneOf(Texts{"lines", "score", "cost"});
        axis.edges = {"-100", "-1", "0.25", "2", "40"};
        if (axis.column == "lines") axis.edges[2] = "0";
      } else if (OneIn(5)) {
        axis.kind = GroupAxis::Kind::kSets;
        axis.members = {
            {"web", OneOf(SharedFilters())}, {"app", OneOf(SharedFilters())}, {"none", "false"}};
      } else {
        axis.column = has_releases_ || OneIn(2) ? OneOf(Columns()) : OneOf(ColumnsOfItems());
        if (!has_releases_ && axis.column == "person") axis.column = "author";
        if (!has_releases_ && axis.column == "at") axis.column = "closed_at";
      }
      query.group_by.push_back(std::move(axis));
    }
  }

  void DrawTime(Query& query) {
    query.time_zone = OneOf(kZones);
    if (!OneIn(3)) {
      query.from = OneOf(Texts{"2024-03-26", "2024-03-27T05:30:00", "2024-03-30T22:59:00Z"});
    }
    if (!OneIn(3)) {
      query.to = OneOf(Texts{"2024-04-05", "2024-04-02T05:30:00", "2024-04-07T00:00:01Z"});
    }
    for (const CalendarUnit unit : {CalendarUnit::kHour, CalendarUnit::kDay, CalendarUnit::kWeek,
                                    CalendarUnit::kMonth, CalendarUnit::kQuarter}) {
      if (!OneIn(5)) continue;
      has_time_ = true;
      TimeSeries series = {.unit = unit, .count = static_cast<int>(1 + Below(3))};
      if (unit == CalendarUnit::kHour) series.count *= 4;
      series.is_rolling = !query.from.empty() && OneIn(4);
      query.series.push_back(series);
    }
    if (OneIn(3)) query.series.push_back({.unit = CalendarUnit::kAll});
    query.week_start = static_cast<int>(1 + Below(7));
    query.exclude_partial = OneIn(4);
  }

  void DrawCells(Query& query) {
    if (OneIn(3)) query.fill = FillMode::kDense;
    const bool has_groups = !query.group_by.empty();
    if (has_groups && OneIn(3))
      query.totals = OneOf(std::vector<Totals>{Totals::kGrand, Totals::kRollup, Totals::kCube});
    if (has_groups && OneIn(3)) {
      query.top_n = TopN{.count = 1 + Below(5),
                         .metric = OneOf(query.metrics).name,
                         .smallest = OneIn(3),
                         .others = OneIn(2)};
    }
    const std::string& metric = OneOf(query.metrics).name;
    if (OneIn(4)) query.having_text = metric + (OneIn(2) ? " IS NOT NULL" : " > 2");
    if (OneIn(2)) query.order_by.push_back({OneOf(query.metrics).name, OneIn(2)});
    if (has_groups && OneIn(3)) query.order_by.push_back({OneOf(query.group_by).name, OneIn(2)});
    if (has_time_ && OneIn(3)) query.order_by.push_back({"start", OneIn(2)});
    if (has_groups && OneIn(8)) query.having_text = OneOf(query.group_by).name + " IS NOT NULL";
    if (OneIn(5)) query.limit = 1 + Below(30);
  }

  std::mt19937_64 random_;
  bool has_releases_ = false;
  bool has_time_ = false;
};

std::string Describe(const Query& query) {
  std::string text = absl::StrCat(query.time_zone, " from ", query.from, " to ", query.to,
                                  " where ", query.where, " having ", query.having_text, "\n");
  const auto add = [&](const Metric& metric) {
    absl::StrAppend(&text, metric.name, " = ", metric.expression, metric.derived, " of ",
                    metric.dataset, " filter ", metric.filter, " pin ",
                    static_cast<int>(metric.pin.kind), " ", metric.pin.start, " ", metric.pin.end,
                    "\n");
  };
  for (const Metric& metric : query.metrics) {
    add(metric);
    for (const Metric& component : metric.components) add(component);
  }
  for (const GroupAxis& axis : query.group_by)
    absl::StrAppend(&text, axis.name, " ", axis.column, "\n");
  return text;
}

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(QuerySqlRandomTest, Rule25TheSqlGivesTheAnswer) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const uint64_t seed = FromEnvironment("SEXTANT_SQL_SEED", static_cast<uint64_t>(now.count()));
  const uint64_t num_cases = FromEnvironment("SEXTANT_SQL_CASES", 120);
  std::cout << "SEXTANT_SQL_SEED=" << seed << " SEXTANT_SQL_CASES=" << num_cases << std::endl;
  uint64_t num_compared = 0;
  for (uint64_t i = 0; i < num_cases; ++i) {
    const Query query = Generator(seed + i).Draw();
    if (!IsAnswered(query, {&SqlItems::Get(), &SqlReleases()}, DimensionsOfReleases())) continue;
    SCOPED_TRACE(
        absl::StrCat("SEXTANT_SQL_SEED=", seed + i, " SEXTANT_SQL_CASES=1\n", Describe(query)));
    ExpectSqlGivesTheAnswer(query, {&SqlItems::Get(), &SqlReleases()}, DimensionsOfReleases());
    ++num_compared;
    if (HasFailure()) break;
  }
  std::cout << num_compared << " of " << num_cases << " were answered" << std::endl;
  EXPECT_GT(num_compared * 2, num_cases);
}

}  // namespace
}  // namespace sextant
