#include "compute/memory/memory_budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "compute/memory/memory_refusal.h"

namespace sextant {
namespace {

using ::testing::HasSubstr;

TEST(MemoryBudgetTest, ReservesUpToTheLimitAndNoFurther) {
  MemoryBudget budget("loads", 100);
  EXPECT_TRUE(budget.Reserve(100).ok());
  EXPECT_EQ(budget.Reserve(1).code(), absl::StatusCode::kResourceExhausted);
  budget.Release(100);
  EXPECT_EQ(budget.reserved_bytes(), 0u);
}

TEST(MemoryBudgetTest, ARefusalNamesBudgetLimitUseAndWish) {
  MemoryBudget budget("loads", 100);
  ASSERT_TRUE(budget.Reserve(60).ok());
  EXPECT_THAT(std::string(budget.Reserve(50).message()),
              HasSubstr("'loads': asked 50 bytes, in use 60, limit 100"));
  budget.Release(60);
}

TEST(MemoryBudgetTest, AProgramCanReadWhatWasRefused) {
  MemoryBudget budget("all loads", 100);
  const std::optional<MemoryRefusal> refusal = RefusalOf(budget.Reserve(150));
  ASSERT_TRUE(refusal.has_value());
  EXPECT_EQ(refusal->budget, "all loads");
  EXPECT_EQ(refusal->asked_bytes, 150u);
  EXPECT_EQ(refusal->limit_bytes, 100u);
}

TEST(MemoryBudgetTest, AnotherErrorIsNoRefusal) {
  EXPECT_FALSE(RefusalOf(absl::ResourceExhaustedError("too many cells")).has_value());
  EXPECT_FALSE(RefusalOf(absl::OkStatus()).has_value());
}

TEST(MemoryBudgetTest, AHugeWishDoesNotWrapAround) {
  MemoryBudget budget("loads", 100);
  ASSERT_TRUE(budget.Reserve(60).ok());
  EXPECT_FALSE(budget.Reserve(~size_t{0} - 10).ok());
  EXPECT_EQ(budget.reserved_bytes(), 60u);
  budget.Release(60);
}

TEST(MemoryBudgetTest, ARefusalOfTheParentLeavesNothingReservedInTheChild) {
  MemoryBudget parent("process", 100);
  MemoryBudget child("loads", 1000, &parent);
  EXPECT_THAT(std::string(child.Reserve(101).message()), HasSubstr("'process'"));
  EXPECT_EQ(child.reserved_bytes(), 0u);
  EXPECT_EQ(parent.reserved_bytes(), 0u);
}

TEST(MemoryBudgetTest, ChildrenShareTheirParentsLimit) {
  MemoryBudget parent("process", 100);
  MemoryBudget loads("loads", 80, &parent);
  MemoryBudget queries("queries", 80, &parent);
  ASSERT_TRUE(loads.Reserve(80).ok());
  EXPECT_FALSE(queries.Reserve(21).ok());
  EXPECT_TRUE(queries.Reserve(20).ok());
  loads.Release(80);
  queries.Release(20);
  EXPECT_EQ(parent.reserved_bytes(), 0u);
}

TEST(MemoryBudgetTest, RemembersItsPeak) {
  MemoryBudget budget("loads");
  ASSERT_TRUE(budget.Reserve(70).ok());
  budget.Release(50);
  ASSERT_TRUE(budget.Reserve(10).ok());
  EXPECT_EQ(budget.peak_bytes(), 70u);
  budget.Release(30);
}

TEST(MemoryBudgetTest, ThreadsNeverReserveMoreThanTheLimitTogether) {
  MemoryBudget budget("loads", 1000);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&budget] {
      for (int round = 0; round < 5000; ++round) {
        if (budget.Reserve(300).ok()) budget.Release(300);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(budget.reserved_bytes(), 0u);
  EXPECT_LE(budget.peak_bytes(), 1000u);
}

TEST(MemoryBudgetStepTest, AsksTheParentInStepsAndGivesAllBackAtTheEnd) {
  MemoryBudget parent("process", 10'000);
  {
    MemoryBudget query("query", 5000, &parent, 1000);
    ASSERT_TRUE(query.Reserve(1).ok());
    EXPECT_EQ(parent.reserved_bytes(), 1000u);
    ASSERT_TRUE(query.Reserve(999).ok());
    EXPECT_EQ(parent.reserved_bytes(), 1000u);
    ASSERT_TRUE(query.Reserve(1).ok());
    EXPECT_EQ(parent.reserved_bytes(), 2000u);
    EXPECT_EQ(query.reserved_bytes(), 1001u);
    query.Release(1001);
  }
  EXPECT_EQ(parent.reserved_bytes(), 0u);
}

TEST(MemoryBudgetStepTest, NearTheLimitOfTheParentItAsksForWhatIsMissing) {
  MemoryBudget parent("process", 1500);
  MemoryBudget query("query", 5000, &parent, 1000);
  ASSERT_TRUE(query.Reserve(1000).ok());
  ASSERT_TRUE(query.Reserve(500).ok());
  EXPECT_EQ(parent.reserved_bytes(), 1500u);
  const absl::Status refused = query.Reserve(1);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("'process'"));
  EXPECT_EQ(query.reserved_bytes(), 1500u);
  query.Release(1500);
}

TEST(MemoryBudgetStepTest, ItsOwnLimitIsThatOfTheBytesReserved) {
  MemoryBudget parent("process");
  MemoryBudget query("query", 100, &parent, 1000);
  ASSERT_TRUE(query.Reserve(100).ok());
  EXPECT_THAT(std::string(query.Reserve(1).message()),
              HasSubstr("'query': asked 1 bytes, in use 100, limit 100"));
  query.Release(100);
}

TEST(MemoryBudgetStepTest, WhatIsLongNotNeededGoesBackToTheParent) {
  MemoryBudget parent("process");
  MemoryBudget query("query", MemoryBudget::kUnlimitedBytes, &parent, 1000);
  ASSERT_TRUE(query.Reserve(100'000).ok());
  query.Release(99'500);
  EXPECT_LE(parent.reserved_bytes(), 2000u);
  EXPECT_GE(parent.reserved_bytes(), 500u);
  query.Release(500);
}

TEST(MemoryBudgetStepTest, ThreadsNeverHoldLessOfTheParentThanTheyReserved) {
  MemoryBudget parent("process", 20'000);
  {
    MemoryBudget query("query", MemoryBudget::kUnlimitedBytes, &parent, 64);
    std::vector<std::thread> threads;
    for (size_t i = 0; i < 4; ++i) {
      threads.emplace_back([&query, &parent, i] {
        for (size_t round = 0; round < 5000; ++round) {
          const size_t bytes = (round * 37 + i * 101) % 5000 + 1;
          if (!query.Reserve(bytes).ok()) continue;
          EXPECT_GE(parent.reserved_bytes(), bytes);
          query.Release(bytes);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(query.reserved_bytes(), 0u);
    EXPECT_LE(parent.peak_bytes(), 20'000u);
    ASSERT_TRUE(query.Reserve(20'000).ok());
    query.Release(20'000);
  }
  EXPECT_EQ(parent.reserved_bytes(), 0u);
}

TEST(MemoryBudgetDeathTest, ABudgetMustNotDieBeforeItsReservations) {
  EXPECT_DEATH(
      {
        MemoryBudget budget("loads");
        budget.Reserve(1).IgnoreError();
      },
      "reserved_bytes");
}

TEST(MemoryReservationTest, GivesItsBytesBackAtTheEnd) {
  MemoryBudget budget("queries");
  {
    MemoryReservation reservation(budget);
    ASSERT_TRUE(reservation.Resize(50).ok());
    ASSERT_TRUE(reservation.Resize(20).ok());
    EXPECT_EQ(budget.reserved_bytes(), 20u);
  }
  EXPECT_EQ(budget.reserved_bytes(), 0u);
}

TEST(MemoryReservationTest, MovingMovesTheBytes) {
  MemoryBudget budget("queries");
  MemoryReservation a(budget);
  ASSERT_TRUE(a.Resize(50).ok());
  MemoryReservation b(budget);
  ASSERT_TRUE(b.Resize(7).ok());
  b = std::move(a);
  EXPECT_EQ(b.bytes(), 50u);
  EXPECT_EQ(budget.reserved_bytes(), 50u);
}

TEST(MemoryReservationTest, ARefusedResizeKeepsWhatItHad) {
  MemoryBudget budget("queries", 60);
  MemoryReservation reservation(budget);
  ASSERT_TRUE(reservation.Resize(50).ok());
  EXPECT_FALSE(reservation.Resize(61).ok());
  EXPECT_EQ(reservation.bytes(), 50u);
}

TEST(MemoryReservationTest, MoveToChargesAnotherBudget) {
  MemoryBudget from("queries");
  MemoryBudget to("results");
  MemoryReservation reservation(from);
  ASSERT_TRUE(reservation.Resize(50).ok());
  ASSERT_TRUE(reservation.MoveTo(to).ok());
  ASSERT_TRUE(reservation.MoveTo(to).ok());
  EXPECT_EQ(from.reserved_bytes(), 0u);
  EXPECT_EQ(to.reserved_bytes(), 50u);
}

TEST(MemoryReservationTest, ARefusedMoveToChangesNothing) {
  MemoryBudget from("queries");
  MemoryBudget to("results", 49);
  MemoryReservation reservation(from);
  ASSERT_TRUE(reservation.Resize(50).ok());
  EXPECT_EQ(reservation.MoveTo(to).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(from.reserved_bytes(), 50u);
  EXPECT_EQ(to.reserved_bytes(), 0u);
}

}  // namespace
}  // namespace sextant
