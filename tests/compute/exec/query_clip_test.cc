// Outliers that are left out (rule 20), against a slow and obvious reference.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/testing/run_query.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kDayUs = int64_t{86'400} * 1'000'000;
/// 2000-01-03, where tiles are counted from.
constexpr int64_t kAnchorUs = int64_t{946'857'600} * 1'000'000;
const DataType kTime = DataType::Of(TypeKind::kTimestamp);
const DataType kNumber = DataType::Of(TypeKind::kInt64);
const DataType kText = DataType::Of(TypeKind::kText);

Metric Of(std::string name, std::string expression) {
  return {.name = std::move(name),
          .dataset = "dataset",
          .expression = std::move(expression),
          .pin = TimePin::At("at")};
}

/// A metric that is clipped though it is no mean.
Metric Clipped(std::string name, std::string expression) {
  Metric metric = Of(std::move(name), std::move(expression));
  metric.clip = true;
  return metric;
}

Query QueryOf(std::vector<Metric> metrics, Clip clip) {
  Query query;
  query.metrics = std::move(metrics);
  query.clip = clip;
  return query;
}

ResultText RunOrDie(const Query& query, const std::shared_ptr<const Table>& table) {
  absl::StatusOr<ResultText> result = RunQuery(query, table);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? *std::move(result) : ResultText();
}

/// Values 1 to 10 within a tile, then 100 and 200 in the next.
std::shared_ptr<const Table> TwoTiles() {
  std::vector<Cell> at;
  std::vector<Cell> n;
  for (int64_t i = 1; i <= 10; ++i) {
    at.push_back(Int(kAnchorUs + i * kDayUs));
    n.push_back(Int(i));
  }
  for (const int64_t value : {100, 200}) {
    at.push_back(Int(kAnchorUs + 20 * kDayUs));
    n.push_back(Int(value));
  }
  return TableOf({{"at", kTime, at}, {"n", kNumber, n}});
}

TEST(QueryClipTest, Rule20SamplesOutsideOfTheQuantilesOfTheirTileAreLeftOut) {
  // Of ten values 0.9 is at 8.1, so 10 goes; of two it is at 0.9, so none does.
  const Query query = QueryOf({Of("mean", "avg(n)"), Of("n", "count(n)"),
                               Clipped("kept", "count(n)"), Clipped("most", "max(n)")},
                              {.high = 0.9});
  EXPECT_THAT(RunOrDie(query, TwoTiles()).rows, ElementsAre("31.363636363636363|12|11|200"));
}

TEST(QueryClipTest, Rule20PositionsOfCutsAreRoundedHalfToEven) {
  // Of four values 0.5 is at 1.5, which is 2; of six at 2.5, which is 2 too.
  for (const auto& [count, kept] : {std::pair(4, "3"), std::pair(6, "3")}) {
    std::vector<Cell> at(static_cast<size_t>(count), Int(kAnchorUs));
    std::vector<Cell> n;
    for (int64_t i = 0; i < count; ++i) n.push_back(Int(i));
    const auto table = TableOf({{"at", kTime, at}, {"n", kNumber, n}});
    EXPECT_THAT(RunOrDie(QueryOf({Clipped("kept", "count(n)")}, {.high = 0.5}), table).rows,
                ElementsAre(kept));
  }
}

TEST(QueryClipTest, Rule20ValuesEqualToACutStay) {
  const auto table = TableOf({{"at", kTime, std::vector<Cell>(5, Int(kAnchorUs))},
                              {"n", kNumber, {Int(1), Int(2), Int(2), Int(2), Int(9)}}});
  EXPECT_THAT(
      RunOrDie(QueryOf({Clipped("kept", "count(n)")}, {.low = 0.25, .high = 0.5}), table).rows,
      ElementsAre("3"));
}

TEST(QueryClipTest, Rule20AValueDoesNotChangeWithTheRange) {
  // Half of a tile is asked for: the cut is that of the whole.
  Query query = QueryOf({Of("mean", "avg(n)")}, {.high = 0.9});
  query.from = "2000-01-10";
  query.to = "2000-01-17";
  EXPECT_THAT(RunOrDie(query, TwoTiles()).rows, ElementsAre("8"));  // 7, 8, 9 of 7 to 10
}

TEST(QueryClipTest, Rule20TheWholeRangeMayBeTheOnlyTile) {
  Query query = QueryOf({Clipped("kept", "count(n)")}, {.high = 0.9, .stride_days = 0});
  EXPECT_THAT(RunOrDie(query, TwoTiles()).rows, ElementsAre("11"));  // 200 goes
  query.from = "2000-01-10";
  query.to = "2000-01-17";
  EXPECT_THAT(RunOrDie(query, TwoTiles()).rows, ElementsAre("4"));  // of 7 to 10 none does
}

TEST(QueryClipTest, Rule20ARowOfAListLeavesItsGroupWhereItIsOutsideInAnyTile) {
  const auto lists = DataType::ListOf(TypeKind::kTimestamp);
  const int64_t next_us = kAnchorUs + 14 * kDayUs;
  // In the first tile are 5, 6, 7, in the next 7 and 8: 7 is the greatest there, and goes.
  const auto table = TableOf({{"at",
                               lists,
                               {List({Int(kAnchorUs)}), List({Int(kAnchorUs)}),
                                List({Int(kAnchorUs), Int(next_us)}), List({Int(next_us)})}},
                              {"n", kNumber, {Int(5), Int(6), Int(7), Int(8)}}});
  Query query = QueryOf({Clipped("kept", "count(n)"), Clipped("sum", "sum(n)")}, {.high = 0.5});
  EXPECT_THAT(RunOrDie(query, table).rows, ElementsAre("2|11"));
  // Whether the first tile is asked for or not.
  query.from = "2000-01-17";
  query.to = "2000-01-31";
  query.clip->low = 0.5;
  query.clip->high = 1;
  EXPECT_THAT(RunOrDie(query, table).rows, ElementsAre("2|15"));
}

TEST(QueryClipTest, Rule20ARowOfAListIsOnceInATileThoughItIsInTwoOfItsIntervals) {
  const auto lists = DataType::ListOf(TypeKind::kTimestamp);
  const Cell both = List({Int(kAnchorUs), Int(kAnchorUs + kDayUs)});
  // Of 5 and 6 the first is the cut: of 5, 5, 6 and 6 it would be 6.
  const auto table = TableOf({{"at", lists, {both, both}}, {"n", kNumber, {Int(5), Int(6)}}});
  Query query = QueryOf({Clipped("sum", "sum(n)")}, {.low = 0.5, .high = 0.5});
  query.from = "2000-01-03";
  query.to = "2000-01-05";
  query.series = {{CalendarUnit::kDay}};
  EXPECT_THAT(RunOrDie(query, table).rows, ElementsAre("946857600000000|5", "946944000000000|5"));
}

TEST(QueryClipTest, ManyRowsOfListsAreInTheirIntervals) {
  // More samples than a batch takes, so that rows are clipped while the list of one is gone
  // through.
  const auto lists = DataType::ListOf(TypeKind::kTimestamp);
  std::vector<Cell> at;
  std::vector<Cell> n;
  for (int64_t row = 0; row < 1500; ++row) {
    at.push_back(List({Int(kAnchorUs), Int(kAnchorUs + kDayUs), Int(kAnchorUs + 40 * kDayUs)}));
    n.push_back(Int(row % 10));
  }
  const auto table = TableOf({{"at", lists, at}, {"n", kNumber, n}});
  Query query = QueryOf({Of("n", "count(n)"), Clipped("kept", "count(n)")}, {.high = 0.5});
  query.series = {{CalendarUnit::kDay}};
  const auto day = [](int64_t number) {
    return absl::StrCat(kAnchorUs + number * kDayUs, "|1500|900");  // 0.5 of 0 to 9 is 5: six
  };
  EXPECT_THAT(RunOrDie(query, table).rows, ElementsAre(day(0), day(1), day(40)));
}

TEST(QueryClipTest, ListsOutsideOfTheRangeAndTheFilterMakeNoTiles) {
  const auto lists = DataType::ListOf(TypeKind::kTimestamp);
  constexpr int64_t kYearUs = 366 * kDayUs;
  const auto table = TableOf({{"at",
                               lists,
                               {List({Int(kAnchorUs)}), List({Int(kAnchorUs - 1900 * kYearUs)}),
                                List({Int(kAnchorUs), Int(kAnchorUs + 7000 * kYearUs)})}},
                              {"n", kNumber, {Int(1), Int(2), Int(3)}}});
  Query query = QueryOf({Clipped("n", "sum(n)")}, {.high = 1, .stride_days = 1});
  query.from = "2000-01-01";
  query.to = "2000-02-01";
  query.where = "n < 3";
  EXPECT_THAT(RunOrDie(query, table).rows, ElementsAre("1"));
  query.where.clear();
  const auto result = RunQuery(query, table);
  EXPECT_THAT(std::string(result.status().message()), HasSubstr("more than 100000 tiles"));
}

TEST(QueryClipTest, ARangeThatBeginsLongBeforeItsSamplesHasOnlyTheTilesOfThese) {
  Query query = QueryOf({Of("mean", "avg(n)")}, {.high = 0.9, .stride_days = 1});
  query.from = "1500-01-01";
  query.to = "2000-02-01";
  EXPECT_THAT(RunOrDie(query, TwoTiles()).rows, ElementsAre("29.583333333333332"));
  query.to = "1900-01-01";
  EXPECT_THAT(RunOrDie(query, TwoTiles()).rows, ElementsAre());
}

TEST(QueryClipTest, TilesDoNotCountAgainstTheLimitOfCells) {
  Query query = QueryOf({Of("mean", "avg(n)")}, {.high = 0.9, .stride_days = 1});
  query.max_cells = 1;
  EXPECT_EQ(RunOrDie(query, TwoTiles()).rows.size(), 1u);
}

TEST(QueryClipTest, AnEmptyRangeHasNoTiles) {
  Query query = QueryOf({Of("mean", "avg(n)"), Of("n", "count(n)")}, {.high = 0.9});
  query.from = "2040-01-01";
  EXPECT_THAT(RunOrDie(query, TwoTiles()).rows, ElementsAre());
}

TEST(QueryClipTest, Rule18TotalsAndOthersClipByTheirOwnSamples) {
  const auto table =
      TableOf({{"at", kTime, std::vector<Cell>(6, Int(kAnchorUs))},
               {"team", kText, {Text("a"), Text("a"), Text("a"), Text("b"), Text("b"), Text("c")}},
               {"n", kNumber, {Int(1), Int(2), Int(30), Int(4), Int(5), Int(6)}}});
  Query query = QueryOf({Clipped("sum", "sum(n)")}, {.high = 0.5});
  query.group_by = {GroupAxis::Of("team")};
  query.totals = Totals::kGrand;
  // Of 1, 2, 30 the cut is 2; of two values 0.5 is the first; of all it is at 2.5: 4.
  EXPECT_THAT(RunOrDie(query, table).rows, ElementsAre("a|0|3", "b|0|4", "c|0|6", "-|1|7"));
  query.totals = Totals::kNone;
  query.top_n = TopN{.count = 1, .metric = "", .others = true};
  EXPECT_THAT(RunOrDie(query, table).rows, ElementsAre("c|0|6", "-|-1|7"));  // 1, 2, 4 of five
}

TEST(QueryClipTest, AThresholdMayBeOfTheSamplesThatAreKept) {
  Metric share;
  share.name = "share";
  share.threshold = {"n", "<=", "5"};
  share.components = {Of("n", "avg(n)")};
  EXPECT_THAT(RunOrDie(QueryOf({share}, {.high = 0.9}), TwoTiles()).rows,
              ElementsAre("0.4166666666666667"));
  share.clip = true;
  EXPECT_THAT(RunOrDie(QueryOf({share}, {.high = 0.9}), TwoTiles()).rows,
              ElementsAre("0.45454545454545453"));
}

std::string ErrorOf(Metric metric, Clip clip = {.high = 0.9}) {
  const auto result = RunQuery(QueryOf({std::move(metric)}, clip), TwoTiles());
  EXPECT_FALSE(result.ok());
  return std::string(result.status().message());
}

TEST(QueryClipTest, WhatCannotBeClippedIsRefused) {
  Metric timeless = Of("m", "avg(n)");
  timeless.pin = {};
  EXPECT_THAT(ErrorOf(timeless), HasSubstr("metrics[0].clip: metric 'm' is not pinned by `at`"));
  Metric during = Of("m", "avg(n)");
  during.pin = {TimePin::Kind::kDuring, "at", "at"};
  EXPECT_THAT(ErrorOf(during), HasSubstr("not pinned by `at`"));
  EXPECT_THAT(ErrorOf(Clipped("m", "count(*)")), HasSubstr("has no number per sample"));
  EXPECT_THAT(ErrorOf(Clipped("m", "max(at)")), HasSubstr("has no number per sample"));
  EXPECT_THAT(ErrorOf(Of("m", "avg(n::numeric(30,2))")), HasSubstr("at most 18 digits"));
  EXPECT_THAT(ErrorOf(Of("m", "avg(n)"), {.low = 0.5, .high = 0.4}), HasSubstr("low <= high"));
  EXPECT_THAT(ErrorOf(Of("m", "avg(n)"), {.high = 1.1}), HasSubstr("high <= 1"));
  EXPECT_THAT(ErrorOf(Of("m", "avg(n)"), {.stride_days = -1}), HasSubstr("clip.stride"));
}

TEST(QueryClipTest, AMetricMaySayThatItIsNotClipped) {
  Metric metric = Of("m", "avg(n)");
  metric.pin = {};
  metric.clip = false;
  EXPECT_THAT(RunOrDie(QueryOf({metric}, {.high = 0.5}), TwoTiles()).rows,
              ElementsAre("29.583333333333332"));
}

/// Rows with ties, NULLs and groups that overlap, in chunks of a few.
struct RandomRows {
  explicit RandomRows(uint64_t seed) {
    std::mt19937_64 random(seed);
    const auto count = static_cast<int64_t>(1 + random() % 200);
    for (int64_t row = 0; row < count; ++row) {
      times.push_back(kAnchorUs + static_cast<int64_t>(random() % (60 * kDayUs)) - 20 * kDayUs);
      values.push_back(random() % 8 == 0 ? std::nullopt
                                         : std::optional(static_cast<int64_t>(random() % 12)));
      teams.push_back(static_cast<int64_t>(random() % 8));
    }
  }

  std::shared_ptr<const Table> AsTable() const {
    std::vector<Cell> at;
    std::vector<Cell> n;
    std::vector<Cell> team;
    for (size_t row = 0; row < times.size(); ++row) {
      at.push_back(Int(times[row]));
      n.push_back(values[row] ? Int(*values[row]) : Null());
      team.push_back(Int(teams[row]));
    }
    return TableOf({{"at", kTime, at}, {"n", kNumber, n}, {"team", kNumber, team}},
                   {.chunk_rows = 16});
  }

  std::vector<int64_t> times;
  std::vector<std::optional<int64_t>> values;
  std::vector<int64_t> teams;  // bits: a row is in up to three groups
};

/// Counts and sums of what is kept, per group and day.
std::map<std::pair<int, int64_t>, std::pair<int64_t, int64_t>> SlowClip(const RandomRows& rows,
                                                                        const Clip& clip) {
  const auto floor = [](int64_t value, int64_t by) {
    return value / by - (value % by < 0 ? 1 : 0);
  };
  std::map<std::pair<int, int64_t>, std::vector<int64_t>> tiles;
  const auto visit = [&](const auto& body) {
    for (size_t row = 0; row < rows.times.size(); ++row) {
      for (int team = 0; team < 3; ++team) {
        if (!rows.values[row] || (rows.teams[row] >> team & 1) == 0) continue;
        const int64_t tile = floor(rows.times[row] - kAnchorUs, clip.stride_days * kDayUs);
        body(team, tile, rows.times[row], *rows.values[row]);
      }
    }
  };
  visit([&](int team, int64_t tile, int64_t, int64_t value) {
    tiles[{team, tile}].push_back(value);
  });
  for (auto& [key, values] : tiles) std::sort(values.begin(), values.end());
  std::map<std::pair<int, int64_t>, std::pair<int64_t, int64_t>> kept;
  visit([&](int team, int64_t tile, int64_t at, int64_t value) {
    const std::vector<int64_t>& sorted = tiles[{team, tile}];
    const auto cut = [&](double quantile) {
      return sorted[static_cast<size_t>(
          std::nearbyint(quantile * static_cast<double>(sorted.size() - 1)))];
    };
    if (value < cut(clip.low) || value > cut(clip.high)) return;
    auto& [count, sum] = kept[{team, floor(at, kDayUs)}];
    ++count;
    sum += value;
  });
  return kept;
}

TEST(QueryClipTest, Rule20RandomSamplesWithTiesAgreeWithASlowReference) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    const RandomRows rows(seed);
    const Clip clip = {.low = static_cast<double>(seed % 4) * 0.1,
                       .high = 1 - static_cast<double>(seed % 5) * 0.1,
                       .stride_days = static_cast<int>(1 + seed % 15)};
    Query query = QueryOf({Clipped("n", "count(n)"), Clipped("sum", "sum(n)")}, clip);
    GroupAxis teams;
    teams.kind = GroupAxis::Kind::kSets;
    teams.name = "team";
    teams.members = {{"0", "team % 2 = 1"}, {"1", "team / 2 % 2 = 1"}, {"2", "team / 4 = 1"}};
    query.group_by = {teams};
    query.series = {{CalendarUnit::kDay}};
    query.from = "1999-12-01";
    query.to = "2000-04-01";
    std::vector<std::string> expected;
    for (const auto& [key, kept] : SlowClip(rows, clip)) {
      expected.push_back(
          absl::StrCat(key.first, "|", key.second * kDayUs, "|", kept.first, "|", kept.second));
    }
    EXPECT_EQ(RunOrDie(query, rows.AsTable()).rows, expected) << "seed " << seed;
  }
}

}  // namespace
}  // namespace sextant
