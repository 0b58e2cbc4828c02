#include "tests/testing/random_query.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/exec/query_executor.h"
#include "compute/exec/query_run.h"
#include "compute/memory/status_macros.h"
#include "tests/testing/random_table.h"
#include "tests/testing/reference_engine.h"
#include "tests/testing/run_query.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

constexpr uint64_t kNumSeeds = 400;

std::shared_ptr<QueryContext> MakeContext() {
  return std::make_shared<QueryContext>(Clock::System(), QueryContext::kNoDeadline,
                                        Priority::kInteractive, &TestBudget(),
                                        MemoryBudget::kUnlimitedBytes);
}

using Partitioning = QueryRun::Partitioning;

/// In ranges of few rows, finished in any order: what many threads would do to a large table.
absl::StatusOr<ResultText> RunInRanges(const BoundQuery& query, const TenantScope& scope,
                                       uint64_t range_rows, RandomDraws& draws,
                                       Partitioning partitioning = Partitioning::kByEstimate) {
  const auto context = MakeContext();
  QueryRun run(*context, query, {scope}, range_rows, partitioning);
  SEXTANT_RETURN_IF_ERROR(run.Prepare());
  bool has_phase = true;
  while (has_phase) {
    std::vector<uint32_t> order(run.num_ranges());
    for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[draws.Below(i)]);
    for (const uint32_t index : order) {
      SEXTANT_ASSIGN_OR_RETURN(auto range, run.StartRange(index));
      bool has_more = true;
      while (has_more) {
        SEXTANT_ASSIGN_OR_RETURN(has_more, run.Step(*range));
      }
      SEXTANT_RETURN_IF_ERROR(run.FinishRange(std::move(range)));
    }
    SEXTANT_ASSIGN_OR_RETURN(has_phase, run.FinishPhase());
  }
  SEXTANT_ASSIGN_OR_RETURN(std::unique_ptr<ResultCursor> cursor, run.MakeResult(context, 0));
  return ReadAll(*cursor);
}

absl::StatusOr<ResultText> RunOnPool(QueryExecutor& executor, const BoundQuery& query,
                                     const TenantScope& scope) {
  std::mutex mutex;
  std::condition_variable is_done;
  std::optional<absl::StatusOr<std::unique_ptr<ResultCursor>>> result;
  executor.Submit(MakeContext(), query, scope, [&](auto finished) {
    const std::lock_guard lock(mutex);
    result = std::move(finished);
    is_done.notify_one();
  });
  std::unique_lock lock(mutex);
  is_done.wait(lock, [&] { return result.has_value(); });
  if (!result->ok()) return result->status();
  return ReadAll(***result);
}

/// Empty when the rows agree.
std::string Difference(const ResultText& actual, const ReferenceResult& expected) {
  if (actual.rows.size() != expected.rows.size()) {
    return absl::StrCat(actual.rows.size(), " rows, expected ", expected.rows.size());
  }
  for (size_t row = 0; row < expected.rows.size(); ++row) {
    const ReferenceRow& reference = expected.rows[row];
    std::string rest = actual.rows[row];
    const std::string key = reference.key.empty() ? "" : reference.key + "|";
    if (rest.substr(0, key.size()) != key) {
      return absl::StrCat("row ", row, ": ", rest, ", expected ", key);
    }
    rest = rest.substr(key.size());
    for (const ReferenceValue& value : reference.values) {
      const std::string text = rest.substr(0, rest.find('|'));
      rest = rest.size() == text.size() ? "" : rest.substr(text.size() + 1);
      if (text == value.text) continue;
      double number = 0;
      const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
      const bool is_near = value.is_float && parsed.ptr == text.data() + text.size() &&
                           std::abs(number - value.value) <= value.tolerance;
      if (!is_near) {
        return absl::StrCat("row ", row, " ", key, ": ", text, ", expected ", value.text);
      }
    }
  }
  if (actual.summary.excluded != expected.excluded) {
    return absl::StrCat("excluded ", actual.summary.excluded, ", expected ", expected.excluded);
  }
  const ResultSummary& summary = actual.summary;
  if (summary.rows_selected > expected.rows_selected ||
      summary.rows_selected + summary.rows_out_of_range < expected.rows_selected) {
    return absl::StrCat("selected ", actual.summary.rows_selected, ", expected ",
                        expected.rows_selected);
  }
  return "";
}

struct Case {
  BoundQuery query;
  std::shared_ptr<const Table> table;
  TenantScope scope;
};

Case MakeCase(uint64_t seed) {
  RandomDraws draws(seed);
  const uint32_t chunk_rows = draws.Pick<uint32_t>({7, 64, kMaxChunkRows});
  const bool has_tenants = draws.OneIn(3);
  const auto num_rows = static_cast<uint32_t>(1 + draws.Below(300));
  std::shared_ptr<const Table> table = RandomTable(draws, num_rows, chunk_rows, has_tenants);
  if (draws.OneIn(2)) table = WithoutSomeRows(draws, table);
  auto scope = TenantScope::Resolve(table, TenantClaim::Of(draws.Pick<std::string>({"a", "b"})));
  return {RandomQuery(draws, *table), table, *std::move(scope)};
}

class RandomQueryTest : public testing::Test {
 protected:
  /// Calls `run` on every case and compares with the reference engine.
  template <typename Run>
  void ForEachSeed(Run run) {
    uint64_t num_answered = 0;
    for (uint64_t seed = 1; seed <= kNumSeeds; ++seed) {
      const Case one = MakeCase(seed);
      const absl::StatusOr<ResultText> actual = run(one, seed);
      const ReferenceResult expected = RunReference(one.query, one.scope);
      if (expected.sum_overflows) {
        ASSERT_EQ(actual.status().code(), absl::StatusCode::kOutOfRange) << "seed " << seed;
        continue;
      }
      ASSERT_TRUE(actual.ok()) << "seed " << seed << ": " << actual.status();
      ASSERT_EQ(Difference(*actual, expected), "") << "seed " << seed;
      num_answered += actual->rows.empty() ? 0 : 1;
    }
    EXPECT_GT(num_answered, kNumSeeds / 2) << "most results are empty: the cases test little";
  }
};

TEST_F(RandomQueryTest, AgreesWithTheReferenceEngine) {
  ForEachSeed([](const Case& one, uint64_t) -> absl::StatusOr<ResultText> {
    const auto context = MakeContext();
    SEXTANT_ASSIGN_OR_RETURN(auto cursor, QueryExecutor::Run(*context, one.query, one.scope));
    return ReadAll(*cursor);
  });
}

TEST_F(RandomQueryTest, AgreesInSmallRangesFinishedInAnyOrder) {
  ForEachSeed([](const Case& one, uint64_t seed) {
    RandomDraws draws(seed);
    return RunInRanges(one.query, one.scope, draws.Pick<uint64_t>({1, 10, 64}), draws);
  });
}

TEST_F(RandomQueryTest, AgreesWithCellsByPartitions) {
  ForEachSeed([](const Case& one, uint64_t seed) {
    RandomDraws draws(seed);
    return RunInRanges(one.query, one.scope, draws.Pick<uint64_t>({10, 64, 1000}), draws,
                       Partitioning::kWherePossible);
  });
}

// (rule 4)
TEST_F(RandomQueryTest, CellsByPartitionsHaveTheSameBits) {
  for (uint64_t seed = 1; seed <= kNumSeeds; ++seed) {
    const Case one = MakeCase(seed);
    RandomDraws draws(seed);
    const auto range_rows = draws.Pick<uint64_t>({10, 64, 1000});
    const auto found = RunInRanges(one.query, one.scope, range_rows, draws, Partitioning::kNever);
    const auto partitioned =
        RunInRanges(one.query, one.scope, range_rows, draws, Partitioning::kWherePossible);
    ASSERT_EQ(found.status(), partitioned.status()) << "seed " << seed;
    if (!found.ok()) continue;
    ASSERT_EQ(found->rows, partitioned->rows) << "seed " << seed;
    ASSERT_EQ(found->summary.excluded, partitioned->summary.excluded) << "seed " << seed;
  }
}

TEST_F(RandomQueryTest, AgreesWithIndexesBeingBuiltMeanwhile) {
  WorkerPool pool(2);
  QueryExecutor executor(pool);
  ForEachSeed([&](const Case& one, uint64_t) {
    executor.BuildIndexes(one.table, TestBudget());
    return RunOnPool(executor, one.query, one.scope);
  });
}

TEST_F(RandomQueryTest, AnswersAreTheSameBitsOnAnyNumberOfThreads) {
  WorkerPool one_worker(1);
  WorkerPool three_workers(3);
  QueryExecutor alone(one_worker);
  QueryExecutor together(three_workers);
  for (uint64_t seed = 1; seed <= kNumSeeds; ++seed) {
    const Case one = MakeCase(seed);
    const auto first = RunOnPool(alone, one.query, one.scope);
    const auto second = RunOnPool(together, one.query, one.scope);
    ASSERT_EQ(first.status(), second.status()) << "seed " << seed;
    if (!first.ok()) continue;
    ASSERT_EQ(first->rows, second->rows) << "seed " << seed;
  }
}

}  // namespace
}  // namespace sextant
