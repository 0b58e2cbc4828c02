#include "compute/exec/derived_rows_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "compute/exec/query_run.h"
#include "compute/memory/check.h"
#include "compute/plan/binder.h"
#include "tests/testing/run_query.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

/// Rows per key of a table of `num_keys`, and the cells that they are made of.
struct Derivation {
  explicit Derivation(int num_keys, uint64_t version = 1) {
    std::vector<Cell> keys;
    for (int i = 0; i < num_keys; ++i) keys.push_back(Int(i));
    table = TableOf({{"k", DataType::Of(TypeKind::kInt64), keys}},
                    {.dataset = "d", .version = version});
    auto per = std::make_shared<PerKey>();
    per->keys = {"k"};
    Metric metric = {.name = "n", .dataset = "d", .expression = "count(*)"};
    metric.per = per;
    Query query;
    query.metrics = {metric};
    rows = Bind(query, table->shared_schema(), 0)->datasets[0].derived;
    QueryRun run(context, rows->query, {*TenantScope::Resolve(table, TenantClaim::None())});
    SEXTANT_CHECK(run.Prepare().ok());
    bool has_phase = true;
    while (has_phase) {
      for (uint32_t i = 0; i < run.num_ranges(); ++i) {
        auto range = run.StartRange(i);
        while (*run.Step(**range)) {
        }
        SEXTANT_CHECK(run.FinishRange(*std::move(range)).ok());
      }
      has_phase = *run.FinishPhase();
    }
    result = *run.MakeResult(nullptr, 0);
  }

  const FinishedRows& cells() const { return *result->own_rows(); }
  const TableIdentity& identity() const { return table->identity(); }

  QueryContext context{Clock::System(), QueryContext::kNoDeadline, Priority::kInteractive,
                       &TestBudget(), MemoryBudget::kUnlimitedBytes};
  std::shared_ptr<const Table> table;
  std::shared_ptr<const BoundDerivedRows> rows;
  std::unique_ptr<FinishedResult> result;
};

std::shared_ptr<QueryContext> Asker(Priority priority = Priority::kInteractive) {
  return std::make_shared<QueryContext>(Clock::System(), QueryContext::kNoDeadline, priority,
                                        &TestBudget(), MemoryBudget::kUnlimitedBytes);
}

/// What a waiter was told.
struct Told {
  int calls = 0;
  absl::Status status;
  std::optional<DerivedRows> rows;

  DerivedRowsCache::Ready Ready() {
    return [this](absl::StatusOr<std::optional<DerivedRows>> made) {
      ++calls;
      status = made.status();
      if (made.ok()) rows = *made;
    };
  }
};

class DerivedRowsCacheTest : public testing::Test {
 protected:
  std::shared_ptr<DerivedRowsCache::Flight> Begin(const std::string& key) {
    return cache_.Take(key, Asker(), first_.Ready()).flight;
  }

  MemoryBudget parent_{"test"};
  DerivedRowsCache cache_{size_t{1} << 20, &parent_};
  Told first_;
  Told second_;
};

TEST_F(DerivedRowsCacheTest, OneMakesThemForAllThatWait) {
  const Derivation derivation(3);
  const auto flight = Begin("key");
  ASSERT_NE(flight, nullptr);
  const auto turn = cache_.Take("key", Asker(), second_.Ready());
  EXPECT_EQ(turn.flight, nullptr);
  EXPECT_FALSE(turn.rows.has_value());
  ASSERT_TRUE(
      cache_.Land(*flight, *derivation.rows, derivation.cells(), derivation.identity()).ok());
  EXPECT_EQ(first_.calls, 0);
  EXPECT_EQ(second_.calls, 1);
  EXPECT_EQ(second_.rows->table->num_rows(), 3);
  EXPECT_EQ(cache_.Take("key", Asker(), second_.Ready()).rows->table, second_.rows->table);
}

TEST_F(DerivedRowsCacheTest, AfterAnErrorOfTheOneThatMakesThemAnotherDoes) {
  const auto flight = Begin("key");
  cache_.Take("key", Asker(), second_.Ready());
  cache_.Fail(*flight, absl::CancelledError("gone"));
  EXPECT_TRUE(second_.status.ok());
  EXPECT_FALSE(second_.rows.has_value());
  const auto again = Begin("key");
  ASSERT_NE(again, nullptr);
  cache_.Fail(*again, absl::CancelledError("gone"));
}

TEST_F(DerivedRowsCacheTest, WhatIsWrongWithTheRowsIsToldToAll) {
  const auto flight = Begin("key");
  cache_.Take("key", Asker(), second_.Ready());
  cache_.Fail(*flight, absl::FailedPreconditionError("two values"));
  EXPECT_EQ(second_.status.code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(DerivedRowsCacheTest, AMoreUrgentQueryDoesNotWait) {
  const auto slow = cache_.Take("key", Asker(Priority::kBatch), first_.Ready()).flight;
  const auto urgent = cache_.Take("key", Asker(Priority::kCritical), second_.Ready()).flight;
  ASSERT_NE(urgent, nullptr);
  cache_.Fail(*slow, absl::CancelledError("gone"));
  cache_.Fail(*urgent, absl::CancelledError("gone"));
}

TEST_F(DerivedRowsCacheTest, WhoseTimeIsOverIsTold) {
  const auto flight = Begin("key");
  const auto waiter = Asker();
  cache_.Take("key", waiter, second_.Ready());
  cache_.DismissExpired(*flight);
  EXPECT_EQ(second_.calls, 0);
  waiter->Cancel();
  cache_.DismissExpired(*flight);
  EXPECT_EQ(second_.status.code(), absl::StatusCode::kCancelled);
  cache_.Fail(*flight, absl::CancelledError("gone"));
  EXPECT_EQ(second_.calls, 1);
}

TEST_F(DerivedRowsCacheTest, RowsOutliveTheCacheThatMadeThem) {
  DerivedRows rows;
  {
    DerivedRowsCache cache(size_t{1} << 20, &parent_);
    const Derivation derivation(3);
    const auto flight = cache.Take("key", Asker(), first_.Ready()).flight;
    rows = *cache.Land(*flight, *derivation.rows, derivation.cells(), derivation.identity());
  }
  EXPECT_EQ(rows.table->num_rows(), 3);
  EXPECT_GT(parent_.reserved_bytes(), 0);
  rows.table.reset();
  EXPECT_EQ(parent_.reserved_bytes(), 0);
}

TEST_F(DerivedRowsCacheTest, OlderOnesMakeRoom) {
  DerivedRowsCache cache(size_t{800} << 10, &parent_);
  for (const char* key : {"a", "b", "c", "d"}) {
    const Derivation derivation(40'000);
    const auto flight = cache.Take(key, Asker(), first_.Ready()).flight;
    ASSERT_NE(flight, nullptr);
    const auto made =
        cache.Land(*flight, *derivation.rows, derivation.cells(), derivation.identity());
    ASSERT_TRUE(made.ok()) << made.status();
  }
  EXPECT_LT(cache.stats().entries, 4);
  EXPECT_TRUE(cache.Take("d", Asker(), first_.Ready()).rows.has_value());
}

TEST_F(DerivedRowsCacheTest, RowsBeyondTheLimitAreAnError) {
  DerivedRowsCache cache(size_t{1} << 10, &parent_);
  const Derivation derivation(40'000);
  const auto flight = cache.Take("key", Asker(), first_.Ready()).flight;
  EXPECT_EQ(cache.Land(*flight, *derivation.rows, derivation.cells(), derivation.identity())
                .status()
                .code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(cache.stats().entries, 0);
}

}  // namespace
}  // namespace sextant
