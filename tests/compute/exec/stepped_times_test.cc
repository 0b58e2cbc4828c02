// Times that columns keep as multiples of a step: every reader of them gives what it gives of the
// same times with one among them that is no multiple, which the query leaves out.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/plan/instant_text.h"
#include "tests/testing/run_query.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

constexpr int64_t kSecondUs = 1'000'000;
constexpr int64_t kHourUs = 3'600 * kSecondUs;
constexpr uint32_t kNumRows = 700;

/// How times are spread: steps, and how many of them.
struct Spread {
  int64_t step_us;
  uint64_t num_steps;
  bool is_sorted;
};

class SteppedTimesTest : public ::testing::TestWithParam<Spread> {
 protected:
  SteppedTimesTest() {
    std::mt19937_64 draws(GetParam().step_us + GetParam().num_steps);
    const auto time = [&] {
      const auto steps = static_cast<int64_t>(draws() % GetParam().num_steps);
      return (steps - static_cast<int64_t>(GetParam().num_steps / 3)) * GetParam().step_us;
    };
    for (uint32_t row = 0; row < kNumRows; ++row) {
      times_.push_back(time());
      const bool has_end = draws() % 5 != 0;
      ends_.push_back(has_end ? Int(time() + 7) : Null());
      std::vector<Cell> seen;
      for (uint64_t i = draws() % 4; i > 0; --i) {
        seen.push_back(draws() % 6 == 0 ? Null() : Int(time()));
      }
      seen_.push_back(draws() % 9 == 0 ? Null() : List(seen));
      teams_.push_back(Text(std::string(1, static_cast<char>('a' + draws() % 3))));
    }
    if (GetParam().is_sorted) std::sort(times_.begin(), times_.end());
  }

  /// With a last row, of the team x, whose times are no multiples where `breaks`.
  std::shared_ptr<const Table> TableWith(bool breaks) const {
    const DataType time = DataType::Of(TypeKind::kTimestamp);
    std::vector<Cell> times;
    std::vector<Cell> ids;
    for (const int64_t time_us : times_) times.push_back(Int(time_us));
    for (uint32_t row = 0; row <= kNumRows; ++row) ids.push_back(Int(row));
    std::vector<Cell> ends = ends_;
    std::vector<Cell> seen = seen_;
    std::vector<Cell> teams = teams_;
    const int64_t last_us = times_.back() + (breaks ? 1 : 0);
    times.push_back(Int(last_us));
    ends.push_back(Int(last_us + 7));
    seen.push_back(List({Int(last_us)}));
    teams.push_back(Text("x"));
    return TableOf({{"at", time, times},
                    {"ends", time, ends},
                    {"seen", DataType::ListOf(TypeKind::kTimestamp), seen},
                    {"team", DataType::Of(TypeKind::kText), teams},
                    {"id", DataType::Of(TypeKind::kInt64), ids}},
                   {.key = {"id"}});
  }

  /// Conditions whose constants are times, next to times and between two of them.
  std::vector<std::string> Conditions() const {
    std::vector<std::string> conditions = {"true", "extract(hour FROM at) < 12", "at < ends"};
    for (const size_t row : {size_t{3}, size_t{350}, size_t{600}}) {
      for (const int64_t apart_us : {int64_t{0}, int64_t{1}, int64_t{-1}, GetParam().step_us / 2}) {
        const auto text = [&](int64_t more_us) {
          return absl::StrCat(
              "'", FormatInstant(times_[row] + apart_us + more_us, absl::UTCTimeZone()), "'");
        };
        conditions.push_back("at >= " + text(0));
        conditions.push_back("at < " + text(0));
        conditions.push_back("NOT at <= " + text(0));
        conditions.push_back("at = " + text(0));
        conditions.push_back("at <> " + text(0));
        conditions.push_back(absl::StrCat("at IN (", text(0), ", ", text(5 * kHourUs), ")"));
        conditions.push_back(absl::StrCat("at BETWEEN ", text(0), " AND ", text(0)));
        conditions.push_back(absl::StrCat("at BETWEEN ", text(0), " AND ", text(1)));
        conditions.push_back(absl::StrCat("NOT ends BETWEEN ", text(-kHourUs), " AND ", text(1)));
        conditions.push_back(absl::StrCat(text(0), " = ANY(seen)"));
      }
    }
    return conditions;
  }

  std::vector<int64_t> times_;
  std::vector<Cell> ends_;
  std::vector<Cell> seen_;
  std::vector<Cell> teams_;
};

Query QueryOf(const std::vector<std::string>& expressions, const TimePin& pin) {
  Query query;
  for (const std::string& expression : expressions) {
    query.metrics.push_back({.name = absl::StrCat("m", query.metrics.size()),
                             .dataset = "dataset",
                             .expression = expression,
                             .pin = pin});
  }
  query.series = {{CalendarUnit::kAll}};
  return query;
}

const std::vector<std::string>& Expressions() {
  static const auto& expressions =
      *new std::vector<std::string>{"count(*)",
                                    "min(at)",
                                    "max(ends)",
                                    "count(DISTINCT at)",
                                    "count(ends)",
                                    "percentile_disc(0.3) WITHIN GROUP (ORDER BY at)",
                                    "percentile_disc(0.7) WITHIN GROUP (ORDER BY ends)",
                                    "mode() WITHIN GROUP (ORDER BY at)",
                                    "sum(ends - at)",
                                    "avg(at - ends)",
                                    "max(extract(epoch FROM at))",
                                    "(array_agg(at ORDER BY ends))[1:2]"};
  return expressions;
}

TEST_P(SteppedTimesTest, ColumnsHaveSteps) {
  const auto stepped = TableWith(false);
  EXPECT_GT(stepped->chunk(0).column(0).step(), 1u);
  EXPECT_GT(stepped->chunk(0).column(1).step(), 1u);
  EXPECT_GT(stepped->chunk(0).column(2).elements().step(), 1u);
  EXPECT_EQ(TableWith(true)->chunk(0).column(0).step(), 1u);
}

TEST_P(SteppedTimesTest, ConditionsHoldOfTheSameRows) {
  const auto stepped = TableWith(false);
  const auto plain = TableWith(true);
  for (const std::string& condition : Conditions()) {
    Query query = QueryOf({"count(*)", "min(at)", "max(at)"}, TimePin());
    query.where = absl::StrCat("team <> 'x' AND (", condition, ")");
    const auto expected = RunQuery(query, plain);
    ASSERT_TRUE(expected.ok()) << condition << ": " << expected.status();
    const auto found = RunQuery(query, stepped);
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_EQ(found->rows, expected->rows) << condition;
  }
}

TEST_P(SteppedTimesTest, PinsGroupsAndAggregatesGiveTheSame) {
  const auto stepped = TableWith(false);
  const auto plain = TableWith(true);
  for (const TimePin& pin : {TimePin(), TimePin::At("at"), TimePin::At("ends"), TimePin::At("seen"),
                             TimePin{TimePin::Kind::kDuring, "at", "ends"},
                             TimePin{TimePin::Kind::kAsOfEnd, "at", "ends"}}) {
    for (const char* const group : {"", "team", "at", "seen"}) {
      Query query = QueryOf(Expressions(), pin);
      if (pin.kind == TimePin::Kind::kAt) query.series = {{CalendarUnit::kDay}};
      query.where = "team <> 'x'";
      if (*group != '\0') query.group_by = {GroupAxis::Of(group)};
      const auto expected = RunQuery(query, plain);
      ASSERT_TRUE(expected.ok()) << group << ": " << expected.status();
      const auto found = RunQuery(query, stepped);
      ASSERT_TRUE(found.ok()) << found.status();
      EXPECT_EQ(found->rows, expected->rows) << group;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Spreads, SteppedTimesTest,
                         ::testing::Values(Spread{kSecondUs, 90'000'000, false},
                                           Spread{kSecondUs, 50'000, true},
                                           Spread{1'000, 9'000'000, false},
                                           Spread{kHourUs, 200, false}, Spread{kHourUs, 40, true},
                                           Spread{900 * kSecondUs, 3'000, true}));

}  // namespace
}  // namespace sextant
