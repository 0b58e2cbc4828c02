#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "compute/exec/query_executor.h"
#include "compute/exec/query_run.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

constexpr int kNumRows = 40'000;
constexpr uint64_t kRangeRows = 8192;
constexpr size_t kBatchBytes = 64 * 1024;

/// Counts how often it is asked for the time, and from the question `num_allowed` on the deadline
/// has passed.
class DeadlineClock final : public Clock {
 public:
  static constexpr int64_t kDeadlineUs = 1;

  explicit DeadlineClock(size_t num_allowed) : num_allowed_(num_allowed) {}

  int64_t MonotonicUs() const override { return num_asked_++ < num_allowed_ ? 0 : kDeadlineUs; }
  int64_t WallUs() const override { return 0; }
  void WaitUntil(std::condition_variable&, std::unique_lock<std::mutex>&, int64_t) const override {}

  size_t num_asked() const { return num_asked_; }
  bool has_passed() const { return num_asked_ > num_allowed_; }

 private:
  const size_t num_allowed_;
  mutable size_t num_asked_ = 0;
};

/// Keys that are all distinct, as numbers and as text, codes of few and of many texts, times.
std::shared_ptr<const Table> MakeTable() {
  std::vector<Cell> keys, names, few, many, amounts, times, labels;
  for (int64_t row = 0; row < kNumRows; ++row) {
    const int64_t key = row * 7919 % kNumRows;
    keys.push_back(Int(key * 1'000'003));
    names.push_back(Text("name " + std::to_string(key)));
    few.push_back(Text("few " + std::to_string(row % 30)));
    many.push_back(Text("many " + std::to_string(row * 31 % 1500)));
    amounts.push_back(Float(static_cast<double>(row % 977) / 7));
    times.push_back(Int((row * 613 % 400) * 86'400 * int64_t{1'000'000}));
    labels.push_back(List({few.back(), few[static_cast<size_t>(row / 2)]}));
  }
  return TableOf({{"key", DataType::Of(TypeKind::kInt64), keys},
                  {"name", DataType::Of(TypeKind::kText), names},
                  {"few", DataType::Of(TypeKind::kText), few},
                  {"many", DataType::Of(TypeKind::kText), many},
                  {"amount", DataType::Of(TypeKind::kFloat64), amounts},
                  {"at", DataType::Of(TypeKind::kTimestamp), times},
                  {"labels", DataType::ListOf(TypeKind::kText), labels}},
                 {.key = {"key"}});
}

const std::shared_ptr<const Table>& SharedTable() {
  static const auto& table = *new std::shared_ptr<const Table>(MakeTable());
  return table;
}

Query Asking(const std::vector<std::string>& axes, const std::string& expression) {
  Query query;
  for (const std::string& axis : axes) query.group_by.push_back(GroupAxis::Of(axis));
  query.metrics.push_back({.name = "m", .dataset = "dataset", .expression = expression});
  return query;
}

template <typename Change>
Query With(Query query, Change change) {
  change(query);
  return query;
}

struct NamedQuery {
  std::string name;
  Query query;
};

void PrintTo(const NamedQuery& named, std::ostream* out) { *out << named.name; }

std::vector<NamedQuery> Queries() {
  return {
      {"cells_of_numbers", Asking({"key"}, "sum(amount)")},
      {"cells_of_texts", Asking({"name"}, "count(*)")},
      {"cells_of_many_axes", Asking({"few", "many", "key", "name"}, "max(amount)")},
      {"list_elements", Asking({"labels", "many"}, "avg(amount)")},
      {"days", With(Asking({"few"}, "sum(amount)"),
                    [](Query& query) {
                      query.metrics[0].pin = TimePin::At("at");
                      query.series.push_back({.unit = CalendarUnit::kDay});
                      query.fill = FillMode::kDense;
                    })},
      {"totals", With(Asking({"few", "many"}, "count(DISTINCT key)"),
                      [](Query& query) { query.totals = Totals::kCube; })},
      {"top", With(Asking({"key"}, "sum(amount)"),
                   [](Query& query) {
                     query.top_n = TopN{.count = 20'000, .metric = "m", .others = true};
                   })},
      {"having", With(Asking({"key"}, "stddev(amount) + corr(amount, key)"),
                      [](Query& query) { query.having_text = "m IS NULL"; })},
      {"order_by_a_number", With(Asking({"key"}, "sum(amount)"),
                                 [](Query& query) { query.order_by = {{.column = "m"}}; })},
      {"order_by_a_text", With(Asking({"key"}, "min(name)"),
                               [](Query& query) { query.order_by = {{.column = "m"}}; })},
      {"distinct_texts", Asking({}, "count(DISTINCT name)")},
      {"quantile_of_numbers",
       Asking({"many"}, "percentile_cont(0.3) WITHIN GROUP (ORDER BY amount)")},
      {"quantile_of_texts", Asking({"few"}, "percentile_disc(0.3) WITHIN GROUP (ORDER BY name)")},
      {"mode_of_texts", Asking({}, "mode() WITHIN GROUP (ORDER BY name)")},
      {"top_values", Asking({"many"}, "(array_agg(name ORDER BY amount DESC))[1:10]")},
      {"having_of_numbers", With(Asking({"few"}, "max(key) - min(key)"),
                                 [](Query& query) { query.having_text = "m < 40000000000"; })},
      {"pattern", With(Asking({}, "bool_or(amount > 3)"),
                       [](Query& query) { query.where = "name ~ '1.*[3-9]$'"; })},
      {"what_is_not_true",
       With(Asking({}, "count(*)"),
            [](Query& query) { query.where = "(key > amount * 200000000) IS NOT TRUE"; })},
      {"pattern_of_a_value",
       Asking({"few"}, "sum(CASE WHEN many ~ '1.*[3-9]$' THEN amount ELSE 0 END)")},
      {"pattern_of_a_sample",
       Asking({"few"},
              "percentile_cont(0.3) WITHIN GROUP (ORDER BY CASE WHEN many ~ '1.*[3-9]$' "
              "THEN amount END)")},
  };
}

class QueryStopTest : public testing::TestWithParam<NamedQuery> {
 protected:
  /// Runs the query in ranges of a few thousand rows, and reads what comes of it.
  absl::Status Run(const DeadlineClock& clock, size_t memory_bytes) {
    SEXTANT_ASSIGN_OR_RETURN(const BoundQuery bound,
                             Bind(GetParam().query, SharedTable()->shared_schema(), 0));
    SEXTANT_ASSIGN_OR_RETURN(TenantScope scope,
                             TenantScope::Resolve(SharedTable(), TenantClaim::None()));
    QueryContext context(clock, DeadlineClock::kDeadlineUs, Priority::kInteractive, &budget_,
                         memory_bytes);
    const absl::Status status = Drain(context, bound, std::move(scope), clock);
    peak_bytes_ = context.budget().peak_bytes();
    return status;
  }

  MemoryBudget budget_{"test"};
  size_t peak_bytes_ = 0;

 private:
  static absl::Status Drain(QueryContext& context, const BoundQuery& bound, TenantScope scope,
                            const DeadlineClock& clock) {
    std::vector<TenantScope> scopes;
    scopes.push_back(std::move(scope));
    QueryRun run(context, bound, std::move(scopes), kRangeRows);
    SEXTANT_RETURN_IF_ERROR(run.Prepare());
    bool has_phase = true;
    while (has_phase) {
      for (uint32_t index = 0; index < run.num_ranges(); ++index) {
        SEXTANT_ASSIGN_OR_RETURN(auto range, run.StartRange(index));
        bool has_more = true;
        while (has_more) {
          SEXTANT_ASSIGN_OR_RETURN(has_more, run.Step(*range));
        }
        SEXTANT_RETURN_IF_ERROR(run.FinishRange(std::move(range)));
      }
      SEXTANT_ASSIGN_OR_RETURN(has_phase, run.FinishPhase());
    }
    SEXTANT_ASSIGN_OR_RETURN(const auto result, run.MakeResult(nullptr, 0));
    // It may be kept for others, who have no such deadline.
    EXPECT_FALSE(clock.has_passed()) << "a result of a query that was called off";
    while (true) {
      SEXTANT_ASSIGN_OR_RETURN(const std::optional<ResultBatch> batch, result->Next(kBatchBytes));
      if (!batch) return absl::OkStatus();
    }
  }
};

TEST_P(QueryStopTest, EndsAtWhicheverQuestionItsDeadlineHasPassed) {
  const DeadlineClock unlimited(~size_t{0});
  ASSERT_TRUE(Run(unlimited, MemoryBudget::kUnlimitedBytes).ok());
  const size_t num_questions = unlimited.num_asked();
  const size_t step = num_questions / 60 + 1;
  for (size_t num_allowed = 1; num_allowed < num_questions; num_allowed += step) {
    const DeadlineClock clock(num_allowed);
    const absl::Status status = Run(clock, MemoryBudget::kUnlimitedBytes);
    // What is asked last may be the time that the query took.
    if (num_allowed + 2 < num_questions) {
      EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << num_allowed << ": " << status;
    }
    // Each reader that is compiled of a value asks once more before its query ends.
    EXPECT_LE(clock.num_asked(), num_allowed + 8) << "worked on after it was told to end";
    EXPECT_EQ(budget_.reserved_bytes(), 0u);
  }
}

TEST_P(QueryStopTest, EndsWhereverItsMemoryEnds) {
  const DeadlineClock unlimited(~size_t{0});
  ASSERT_TRUE(Run(unlimited, MemoryBudget::kUnlimitedBytes).ok());
  const size_t needed_bytes = peak_bytes_;
  for (size_t part = 1; part < 40; ++part) {
    const DeadlineClock clock(~size_t{0});
    const absl::Status status = Run(clock, needed_bytes / 40 * part);
    EXPECT_TRUE(status.ok() || absl::IsResourceExhausted(status)) << status;
    EXPECT_EQ(budget_.reserved_bytes(), 0u);
  }
}

INSTANTIATE_TEST_SUITE_P(All, QueryStopTest, testing::ValuesIn(Queries()),
                         [](const auto& named) { return named.param.name; });

}  // namespace
}  // namespace sextant
