#include "compute/exec/period_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "compute/plan/time_zone.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;

const CatalogCalendar kDays = {.name = "days",
                               .description = "",
                               .dataset = "periods",
                               .start = "first",
                               .end = "",
                               .last_day = "last",
                               .label = ""};

class PeriodCacheTest : public testing::Test {
 protected:
  /// One period that begins with a day counted from 1970-01-01.
  static TenantScope ScopeFrom(int64_t first) {
    const DataType day = DataType::Of(TypeKind::kDate);
    const auto table = TableOf({{"first", day, {Int(first)}}, {"last", day, {Int(first)}}},
                               {.dataset = "periods"});
    return TenantScope::Resolve(table, TenantClaim::None()).value();
  }

  std::shared_ptr<const PeriodCalendar> Find(PeriodCache& cache, const TenantScope& scope,
                                             const std::string& zone = "UTC") {
    QueryContext query(Clock::System(), QueryContext::kNoDeadline, Priority::kInteractive, &budget_,
                       MemoryBudget::kUnlimitedBytes);
    const auto found = cache.Find(kDays, scope, FindTimeZone(zone).value(), query);
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? *found : nullptr;
  }

  MemoryBudget budget_{"queries"};
};

TEST_F(PeriodCacheTest, TheSameRowsInTheSameZoneAreReadOnce) {
  PeriodCache cache(size_t{1} << 20, budget_);
  const TenantScope scope = ScopeFrom(0);
  EXPECT_EQ(Find(cache, scope), Find(cache, scope));
  EXPECT_NE(Find(cache, scope), Find(cache, scope, "Europe/Berlin"));
  EXPECT_NE(Find(cache, scope), Find(cache, ScopeFrom(0)));
  EXPECT_EQ(cache.stats().misses, 3u);
}

TEST_F(PeriodCacheTest, TheLeastRecentlyUsedGoFirst) {
  const TenantScope first = ScopeFrom(1);
  const TenantScope second = ScopeFrom(2);
  const TenantScope third = ScopeFrom(3);
  PeriodCache cache(/*keep_bytes=*/300, budget_);
  Find(cache, first);
  ASSERT_EQ(cache.stats().entries, 1u);
  Find(cache, second);
  ASSERT_EQ(cache.stats().entries, 2u);
  Find(cache, first);
  Find(cache, third);
  EXPECT_EQ(cache.stats().entries, 2u);
  const uint64_t misses = cache.stats().misses;
  Find(cache, first);
  EXPECT_EQ(cache.stats().misses, misses);
  Find(cache, second);
  EXPECT_EQ(cache.stats().misses, misses + 1);
}

TEST_F(PeriodCacheTest, WhatIsHandedOutIsChargedWhileItLives) {
  std::shared_ptr<const PeriodCalendar> found;
  {
    PeriodCache cache(/*keep_bytes=*/0, budget_);
    found = Find(cache, ScopeFrom(0));
    EXPECT_EQ(cache.stats().entries, 0u);
  }
  ASSERT_NE(found, nullptr);
  EXPECT_THAT(found->borders_us, ElementsAre(0, int64_t{86'400} * 1'000'000));
  EXPECT_GT(budget_.reserved_bytes(), 0u);
  found = nullptr;
  EXPECT_EQ(budget_.reserved_bytes(), 0u);
}

TEST_F(PeriodCacheTest, ACancelledQueryReadsNothing) {
  PeriodCache cache(size_t{1} << 20, budget_);
  QueryContext query(Clock::System(), QueryContext::kNoDeadline, Priority::kInteractive, &budget_,
                     MemoryBudget::kUnlimitedBytes);
  query.Cancel();
  const auto found = cache.Find(kDays, ScopeFrom(0), absl::UTCTimeZone(), query);
  EXPECT_EQ(found.status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(cache.stats().misses, 0u);
}

}  // namespace
}  // namespace sextant
