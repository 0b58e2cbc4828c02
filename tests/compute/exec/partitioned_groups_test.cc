#include "compute/exec/partitioned_groups.h"

#include <gmock/gmock.h>

#include <limits>

#include "absl/strings/str_cat.h"
#include "compute/exec/query_executor.h"
#include "compute/exec/query_run.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/error_detail.h"
#include "tests/testing/finished_queries.h"
#include "tests/testing/run_query.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Partitioning = QueryRun::Partitioning;

Query QueryOf(const std::vector<std::string>& expressions, const std::vector<std::string>& axes) {
  Query query;
  for (const std::string& expression : expressions) {
    query.metrics.push_back({.name = expression, .dataset = "dataset", .expression = expression});
  }
  for (const std::string& axis : axes) query.group_by.push_back(GroupAxis::Of(axis));
  return query;
}

struct Outcome {
  absl::StatusOr<ResultText> result = absl::UnknownError("not run");
  uint32_t num_phases = 0;
};

struct HowToRun {
  Partitioning partitioning = Partitioning::kWherePossible;
  uint64_t range_rows = kRangeRows;
  size_t memory_bytes = MemoryBudget::kUnlimitedBytes;
  uint32_t steps_until_cancelled = std::numeric_limits<uint32_t>::max();
  bool goes_backwards = false;  // through the ranges of each phase
};

/// Runs queries on this thread, and counts their phases.
class Runner {
 public:
  Runner(const BoundQuery& query, const std::shared_ptr<const Table>& table, const HowToRun& how)
      : context_(std::make_shared<QueryContext>(Clock::System(), QueryContext::kNoDeadline,
                                                Priority::kInteractive, &TestBudget(),
                                                how.memory_bytes)),
        run_(*context_, query, {*TenantScope::Resolve(table, TenantClaim::None())}, how.range_rows,
             how.partitioning),
        steps_left_(how.steps_until_cancelled),
        goes_backwards_(how.goes_backwards) {}

  Outcome Run() {
    Outcome outcome;
    outcome.result = RunPhases();
    outcome.num_phases = num_phases_;
    return outcome;
  }

 private:
  absl::StatusOr<ResultText> RunPhases() {
    SEXTANT_RETURN_IF_ERROR(run_.Prepare());
    for (bool has_phase = true; has_phase;) {
      ++num_phases_;
      const uint32_t num_ranges = run_.num_ranges();
      for (uint32_t index = 0; index < num_ranges; ++index) {
        const uint32_t next = goes_backwards_ ? num_ranges - 1 - index : index;
        SEXTANT_ASSIGN_OR_RETURN(auto range, run_.StartRange(next));
        for (bool has_more = true; has_more;) {
          if (steps_left_-- == 0) context_->Cancel();
          SEXTANT_ASSIGN_OR_RETURN(has_more, run_.Step(*range));
        }
        SEXTANT_RETURN_IF_ERROR(run_.FinishRange(std::move(range)));
      }
      SEXTANT_ASSIGN_OR_RETURN(has_phase, run_.FinishPhase());
    }
    SEXTANT_ASSIGN_OR_RETURN(std::unique_ptr<ResultCursor> cursor, run_.MakeResult(context_, 0));
    return ReadAll(*cursor);
  }

  const std::shared_ptr<QueryContext> context_;
  QueryRun run_;
  uint32_t steps_left_;
  const bool goes_backwards_;
  uint32_t num_phases_ = 0;
};

Outcome RunOf(const Query& query, const std::shared_ptr<const Table>& table,
              const HowToRun& how = {}) {
  const BoundQuery bound = BindOrDie(query, *table);
  return Runner(bound, table, how).Run();
}

/// Texts, integers and floats of `num_rows` rows, in `num_keys` pairs of the first two.
std::shared_ptr<const Table> ManyPairs(int64_t num_rows, int64_t num_keys) {
  std::vector<Cell> names;
  std::vector<Cell> numbers;
  std::vector<Cell> values;
  for (int64_t row = 0; row < num_rows; ++row) {
    const int64_t key = row * 7919 % num_keys;
    names.push_back(key % 50 == 7 ? Null() : Text(absl::StrCat("name", 97 * key % 1009)));
    numbers.push_back(key % 41 == 3 ? Null() : Int(key / 1009 * 37));
    values.push_back(row % 11 == 0 ? Null() : Float(static_cast<double>(row % 977) / 7));
  }
  return TableOf({{"name", DataType::Of(TypeKind::kText), names},
                  {"number", DataType::Of(TypeKind::kInt64), numbers},
                  {"value", DataType::Of(TypeKind::kFloat64), values}});
}

std::shared_ptr<const Table> FewRows() {
  return TableOf({{"name",
                   DataType::Of(TypeKind::kEnum),
                   {Text("z"), Text("a"), Null(), Text("z"), Text("m"), Text("a")},
                   {"a", "m", "unused", "z"}},
                  {"number",
                   DataType::Of(TypeKind::kInt64),
                   {Int(5), Null(), Int(-3), Int(-3), Int(5), Null()}},
                  {"value",
                   DataType::Of(TypeKind::kFloat64),
                   {Float(1), Float(2), Float(4), Float(8), Null(), Float(16)}}});
}

TEST(PartitionedGroupsTest, RowsAscendByTheValuesOfTheirAxesNullsLast) {
  const Outcome run = RunOf(QueryOf({"sum(value)", "count(*)"}, {"name", "number"}), FewRows());
  ASSERT_TRUE(run.result.ok()) << run.result.status();
  EXPECT_EQ(run.num_phases, 2u);
  EXPECT_THAT(run.result->rows,
              ElementsAre("a|-|18|2", "m|5|-|1", "z|-3|8|1", "z|5|1|1", "-|-3|4|1"));
}

// Samples of a bin come batch by batch, series by series; here the last rows have none in the
// second, so that the last sample is not that of the last row.
TEST(PartitionedGroupsTest, ConditionsOfValuesHoldForTheSamplesOfSeveralSeries) {
  constexpr int64_t kNumRows = 3000;
  constexpr int64_t kHourUs = int64_t{3'600} * 1'000'000;
  std::vector<Cell> times;
  std::vector<Cell> numbers;
  for (int64_t row = 0; row < kNumRows; ++row) {
    times.push_back(Int(row * kHourUs));
    numbers.push_back(row % 7 == 2 ? Null() : Int(row * 31 % 1009));
  }
  const auto table = TableOf({{"at", DataType::Of(TypeKind::kTimestamp), times},
                              {"number", DataType::Of(TypeKind::kInt64), numbers}});
  Query query = QueryOf(
      {"regr_slope(number, number)", "sum(CASE WHEN number % 3 = 1 THEN 1000 ELSE number END)"},
      {});
  for (Metric& metric : query.metrics) metric.pin = TimePin::At("at");
  query.series = {{CalendarUnit::kHour}, {CalendarUnit::kMonth}};
  query.exclude_partial = true;
  query.from = "1970-01-01";
  query.to = "1970-04-20";
  const Outcome row_by_row = RunOf(query, table, {.partitioning = Partitioning::kNever});
  const Outcome by_partitions = RunOf(query, table, {.range_rows = 500});
  ASSERT_TRUE(row_by_row.result.ok()) << row_by_row.result.status();
  ASSERT_TRUE(by_partitions.result.ok()) << by_partitions.result.status();
  EXPECT_EQ(by_partitions.num_phases, 2u);
  EXPECT_EQ(by_partitions.result->rows, row_by_row.result->rows);
}

// (rule 17)
TEST(PartitionedGroupsTest, CellsWithoutASampleAreNone) {
  const Outcome run = RunOf(QueryOf({"sum(value)"}, {"name"}), FewRows());
  ASSERT_TRUE(run.result.ok()) << run.result.status();
  EXPECT_THAT(run.result->rows, ElementsAre("a|18", "z|9", "-|4"));
}

TEST(PartitionedGroupsTest, NoRowsMakeNoCells) {
  Query query = QueryOf({"count(*)"}, {"name"});
  query.where = "number > 100";
  const Outcome run = RunOf(query, FewRows());
  ASSERT_TRUE(run.result.ok()) << run.result.status();
  EXPECT_THAT(run.result->rows, IsEmpty());
}

TEST(PartitionedGroupsTest, ConditionsOrderAndLimitActOnItsCells) {
  Query query = QueryOf({"sum(value)"}, {"name", "number"});
  query.having_text = "\"sum(value)\" < 18";
  query.order_by = {{.column = "sum(value)", .descending = true}};
  query.limit = 2;
  const Outcome run = RunOf(query, FewRows());
  ASSERT_TRUE(run.result.ok()) << run.result.status();
  EXPECT_THAT(run.result->rows, ElementsAre("z|-3|8", "-|-3|4"));
}

TEST(PartitionedGroupsTest, MetricsWithFiltersOfTheirOwnAreFoundRowByRow) {
  Query query = QueryOf({"count(*)", "sum(value)"}, {"name"});
  query.metrics[1].filter = "number = 5";
  EXPECT_EQ(RunOf(query, FewRows()).num_phases, 1u);
}

TEST(PartitionedGroupsTest, ManyCellsInManyRangesAreThoseFoundRowByRow) {
  const auto table = ManyPairs(40'000, 30'000);
  for (const std::vector<std::string>& metrics : std::vector<std::vector<std::string>>{
           {"sum(value)", "count(*)", "stddev(value)"},
           {"max(value) - min(number)"},
           {"percentile_cont(0.5) WITHIN GROUP (ORDER BY value)", "count(DISTINCT number)"}}) {
    const Query query = QueryOf(metrics, {"name", "number"});
    const Outcome found =
        RunOf(query, table, {.partitioning = Partitioning::kNever, .range_rows = 1000});
    const Outcome partitioned = RunOf(query, table, {.range_rows = 1000});
    ASSERT_TRUE(found.result.ok()) << found.result.status();
    ASSERT_TRUE(partitioned.result.ok()) << partitioned.result.status();
    EXPECT_EQ(partitioned.num_phases, 2u);
    EXPECT_GT(found.result->rows.size(), 20'000u);
    EXPECT_EQ(partitioned.result->rows, found.result->rows);
  }
}

/// More of them than may wait for those before: they go where there is room for sure.
TEST(PartitionedGroupsTest, PartitionsThatAreMadeBeforeThoseBeforeThemGiveTheSameRows) {
  const auto table = ManyPairs(1'000'000, 700'001);
  const Query query = QueryOf({"sum(value)", "min(number)"}, {"name", "number"});
  const Outcome forwards = RunOf(query, table);
  const Outcome backwards = RunOf(query, table, {.goes_backwards = true});
  ASSERT_TRUE(forwards.result.ok()) << forwards.result.status();
  ASSERT_TRUE(backwards.result.ok()) << backwards.result.status();
  EXPECT_GT(forwards.result->rows.size(), 600'000u);
  EXPECT_TRUE(backwards.result->rows == forwards.result->rows);
}

/// Numbers of few bits, some of them NULL, and floats that are decimals: what a row adds fits 32
/// bits, or does not.
TEST(PartitionedGroupsTest, SumsOfSamplesThatAreCarriedAreThoseOfTheirRows_Rule17) {
  constexpr int64_t kRows = 20'000;
  std::vector<Cell> keys;
  std::vector<Cell> small;
  std::vector<Cell> sparse;
  std::vector<Cell> large;
  std::vector<Cell> price;
  for (int64_t row = 0; row < kRows; ++row) {
    keys.push_back(row % 17 == 0 ? Null() : Int(row * 7919 % 15'000));
    small.push_back(Int(row % 5 - 2));
    sparse.push_back(row % 3 == 0 ? Null() : Int(100 + row % 9));
    large.push_back(Int((row % 1000) << 31));
    price.push_back(Float(static_cast<double>(row * 31 % 2001 - 1000) / 4));
  }
  const DataType type = DataType::Of(TypeKind::kInt64);
  const auto table = TableOf({{"key", type, keys},
                              {"small", type, small},
                              {"sparse", type, sparse},
                              {"large", type, large},
                              {"price", DataType::Of(TypeKind::kFloat64), price}});
  for (const std::vector<std::string>& metrics :
       std::vector<std::vector<std::string>>{{"sum(small)"},
                                             {"sum(small)", "avg(price)", "count(*)"},
                                             {"sum(sparse)"},
                                             {"avg(sparse)", "count(sparse)", "sum(small)"},
                                             {"sum(small * 3)", "count(*)"},
                                             {"sum(large)", "sum(small)"},
                                             {"sum(price)", "max(small)"}}) {
    Query query = QueryOf(metrics, {"key"});
    for (const char* const where : {"", "small < 2"}) {
      query.where = where;
      const Outcome found =
          RunOf(query, table, {.partitioning = Partitioning::kNever, .range_rows = 3000});
      const Outcome partitioned = RunOf(query, table, {.range_rows = 3000});
      ASSERT_TRUE(found.result.ok()) << found.result.status();
      ASSERT_TRUE(partitioned.result.ok()) << partitioned.result.status();
      EXPECT_EQ(partitioned.num_phases, 2u) << metrics[0];
      EXPECT_GT(found.result->rows.size(), 5'000u);
      EXPECT_EQ(partitioned.result->rows, found.result->rows) << metrics[0] << " " << where;
    }
  }
}

TEST(PartitionedGroupsTest, ManyRowsWithACellEachAreWorthPartitions) {
  const Query query = QueryOf({"sum(value)"}, {"name", "number"});
  const HowToRun how = {.partitioning = Partitioning::kByEstimate};
  EXPECT_EQ(RunOf(query, ManyPairs(270'000, 269'987), how).num_phases, 2u);
  EXPECT_EQ(RunOf(query, ManyPairs(270'000, 1'000), how).num_phases, 1u);
}

/// Keys of 62 bits, most of which differ only in their last bits: more than fit in a number beside
/// a position.
TEST(PartitionedGroupsTest, KeysThatTakeMoreBitsThanAreSortedAtOnceAscend) {
  constexpr int64_t kSpan = (int64_t{1} << 20) - 2;
  std::vector<Cell> high;
  std::vector<Cell> middle;
  std::vector<Cell> low;
  for (int64_t row = 0; row < 6000; ++row) {
    high.push_back(Int(row == 0 ? kSpan : row == 1 ? 0 : 77));
    middle.push_back(Int(row < 2 ? row * kSpan : row % 3));
    low.push_back(Int(row < 2 ? row * kSpan : row * 31 % 200));
  }
  const DataType type = DataType::Of(TypeKind::kInt64);
  const auto table = TableOf({{"high", type, high}, {"middle", type, middle}, {"low", type, low}});
  const Query query = QueryOf({"count(*)", "sum(low)"}, {"high", "middle", "low"});
  const Outcome found =
      RunOf(query, table, {.partitioning = Partitioning::kNever, .range_rows = 500});
  const Outcome partitioned = RunOf(query, table, {.range_rows = 500});
  ASSERT_TRUE(found.result.ok()) << found.result.status();
  ASSERT_TRUE(partitioned.result.ok()) << partitioned.result.status();
  EXPECT_EQ(partitioned.num_phases, 2u);
  EXPECT_GT(found.result->rows.size(), 500u);
  EXPECT_EQ(partitioned.result->rows, found.result->rows);
}

TEST(PartitionedGroupsTest, ThreadsThatShareThePartitionsGiveTheSameAnswer) {
  const auto table = ManyPairs(1'100'000, 1'099'997);  // two ranges
  const BoundQuery query =
      BindOrDie(QueryOf({"sum(value)", "count(*)"}, {"name", "number"}), *table);
  const Outcome alone = Runner(query, table, {.partitioning = Partitioning::kNever}).Run();
  ASSERT_TRUE(alone.result.ok()) << alone.result.status();
  FinishedQueries finished;
  WorkerPool pool(3);
  QueryExecutor executor(pool);
  const auto context = std::make_shared<QueryContext>(Clock::System(), QueryContext::kNoDeadline,
                                                      Priority::kInteractive, &TestBudget(),
                                                      MemoryBudget::kUnlimitedBytes);
  executor.Submit(context, query, *TenantScope::Resolve(table, TenantClaim::None()),
                  finished.Next());
  ASSERT_TRUE(finished.At(0).ok()) << finished.At(0).status();
  const auto together = ReadAll(**finished.At(0));
  ASSERT_TRUE(together.ok()) << together.status();
  EXPECT_TRUE(together->rows == alone.result->rows);
  EXPECT_GT(together->rows.size(), 1'000'000u);
}

TEST(PartitionedGroupsTest, FewRepeatsInASampleTellThatCellsAreMany) {
  const auto is_worth = [](uint64_t num_cells, uint64_t num_rows) {
    return IsWorthPartitions({65'536, 65'536, num_cells}, num_rows);
  };
  EXPECT_TRUE(is_worth(65'536, 100'000'000));
  EXPECT_FALSE(is_worth(63'400, 100'000'000)) << "about a million cells";
  EXPECT_TRUE(is_worth(63'400, 1'000'000));
  EXPECT_FALSE(is_worth(20'000, 1'000'000));
  EXPECT_FALSE(IsWorthPartitions({65'536, 100, 100}, 1'000'000)) << "too few to tell";
}

TEST(PartitionedGroupsTest, MoreCellsThanTheLimitAreRefused) {
  Query query = QueryOf({"count(*)"}, {"name", "number"});
  query.max_cells = 4;
  const Outcome run = RunOf(query, FewRows());
  ASSERT_EQ(run.result.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(DetailOf(run.result.status())->reason, "TOO_MANY_CELLS");
  query.max_cells = 5;
  EXPECT_TRUE(RunOf(query, FewRows()).result.ok());
}

TEST(PartitionedGroupsTest, MemoryThatIsRefusedEndsTheQuery) {
  const auto table = ManyPairs(40'000, 30'000);
  const Query query = QueryOf({"sum(value)"}, {"name", "number"});
  absl::Status status;
  uint32_t num_refused_late = 0;
  for (size_t limit = size_t{1} << 18; limit <= size_t{1} << 23; limit += size_t{1} << 18) {
    const Outcome run = RunOf(query, table, {.memory_bytes = limit});
    status = run.result.status();
    if (status.ok()) break;
    ASSERT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << limit << ": " << status;
    num_refused_late += run.num_phases > 1 ? 1 : 0;
  }
  EXPECT_EQ(status, absl::OkStatus()) << "with enough memory";
  EXPECT_GT(num_refused_late, 0u);
}

TEST(PartitionedGroupsTest, CancelledBetweenPartitionsItStops) {
  const Outcome run = RunOf(QueryOf({"count(*)"}, {"name", "number"}), ManyPairs(40'000, 30'000),
                            {.steps_until_cancelled = 1});
  EXPECT_EQ(run.result.status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(run.num_phases, 2u);
}

}  // namespace
}  // namespace sextant
