#include "compute/column/tenant_scope.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::shared_ptr<const Table> TenantTable(DataType type, const std::vector<Cell>& tenants,
                                         std::vector<std::string> enum_labels = {},
                                         uint32_t chunk_rows = 7) {
  return TableOf({{"tenant", type, tenants, std::move(enum_labels)}},
                 {.chunk_rows = chunk_rows, .tenant = "tenant", .dataset = "pulls"});
}

std::vector<RowRange> RangesOf(const std::shared_ptr<const Table>& table, std::string tenant) {
  const TenantScope scope = *TenantScope::Resolve(table, TenantClaim::Of(std::move(tenant)));
  return {scope.ranges().begin(), scope.ranges().end()};
}

TEST(TenantScopeTest, ADatasetWithoutTenantsIsReachedWhole) {
  const std::vector<Cell> cells(16, Int(1));
  const auto table = TableOf({{"n", DataType::Of(TypeKind::kInt64), cells}}, {.chunk_rows = 7});
  for (const TenantClaim& claim : {TenantClaim::None(), TenantClaim::Of("acme")}) {
    const TenantScope scope = *TenantScope::Resolve(table, claim);
    EXPECT_THAT(scope.ranges(),
                ElementsAre(RowRange{0, 0, 7}, RowRange{1, 0, 7}, RowRange{2, 0, 2}));
    EXPECT_EQ(scope.num_rows(), 16u);
  }
}

TEST(TenantScopeTest, ATenantReachesItsOwnRowsOnly) {
  const auto table =
      TenantTable(DataType::Of(TypeKind::kInt64), {Int(1), Int(1), Int(2), Int(2), Int(2), Int(3)});
  EXPECT_THAT(RangesOf(table, "1"), ElementsAre(RowRange{0, 0, 2}));
  EXPECT_THAT(RangesOf(table, "2"), ElementsAre(RowRange{0, 2, 5}));
  EXPECT_THAT(RangesOf(table, "3"), ElementsAre(RowRange{0, 5, 6}));
}

TEST(TenantScopeTest, ATenantOverSeveralChunksHasARangeInEach) {
  std::vector<Cell> cells(3, Int(1));
  cells.resize(18, Int(2));
  const auto table = TenantTable(DataType::Of(TypeKind::kInt64), cells);
  EXPECT_THAT(RangesOf(table, "2"),
              ElementsAre(RowRange{0, 3, 7}, RowRange{1, 0, 7}, RowRange{2, 0, 4}));
  EXPECT_EQ(TenantScope::Resolve(table, TenantClaim::Of("2"))->num_rows(), 15u);
}

TEST(TenantScopeTest, RowsThatAreNotClusteredGiveMoreRanges) {
  const auto table =
      TenantTable(DataType::Of(TypeKind::kInt16), {Int(1), Int(2), Int(1), Int(1), Int(2)});
  EXPECT_THAT(RangesOf(table, "1"), ElementsAre(RowRange{0, 0, 1}, RowRange{0, 2, 4}));
}

TEST(TenantScopeTest, RowsOfNoTenantAreNobodys) {
  const auto table =
      TenantTable(DataType::Of(TypeKind::kInt64), {Null(), Int(0), Null(), Null(), Int(0)});
  EXPECT_THAT(RangesOf(table, "0"), ElementsAre(RowRange{0, 1, 2}, RowRange{0, 4, 5}));
  EXPECT_THAT(RangesOf(table, ""), IsEmpty());
  EXPECT_EQ(table->tenants().num_tenants(), 1u);
}

TEST(TenantScopeTest, AnUnknownTenantIsNotToldFromOneWithoutRows) {
  const auto table = TenantTable(DataType::Of(TypeKind::kInt64), {Int(1)});
  const absl::StatusOr<TenantScope> scope = TenantScope::Resolve(table, TenantClaim::Of("2"));
  ASSERT_TRUE(scope.ok());
  EXPECT_THAT(scope->ranges(), IsEmpty());
  EXPECT_EQ(scope->num_rows(), 0u);
}

TEST(TenantScopeTest, AClaimWithoutATenantIsUnauthenticated) {
  const auto table = TenantTable(DataType::Of(TypeKind::kInt64), {Int(1)});
  const absl::Status status = TenantScope::Resolve(table, TenantClaim::None()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(std::string(status.message()), HasSubstr("dataset 'pulls'"));
}

TEST(TenantScopeTest, ATenantIsKnownByTheTextThatPostgresPrints) {
  EXPECT_THAT(RangesOf(TenantTable(DataType::Of(TypeKind::kInt64), {Int(-42)}), "-42"),
              ElementsAre(RowRange{0, 0, 1}));
  EXPECT_THAT(
      RangesOf(TenantTable(DataType::Of(TypeKind::kText), {Text("Acme, Inc")}), "Acme, Inc"),
      ElementsAre(RowRange{0, 0, 1}));
  EXPECT_THAT(RangesOf(TenantTable(DataType::Of(TypeKind::kEnum), {Text("b")}, {"a", "b"}), "b"),
              ElementsAre(RowRange{0, 0, 1}));
  EXPECT_THAT(RangesOf(TenantTable(DataType::Of(TypeKind::kUuid),
                                   {Uuid("0a0b0c0d000000000000000000000001")}),
                       "0a0b0c0d-0000-0000-0000-000000000001"),
              ElementsAre(RowRange{0, 0, 1}));
}

TEST(TenantScopeTest, TextTenantsWithADictionaryAndWithout) {
  const std::vector<Cell> repeated = {Text("a"), Text("a"), Text("a"), Text("b"), Text("b")};
  const auto coded = TenantTable(DataType::Of(TypeKind::kText), repeated);
  EXPECT_EQ(coded->facts(0).layout, Layout::kCode);
  EXPECT_THAT(RangesOf(coded, "b"), ElementsAre(RowRange{0, 3, 5}));
  const auto plain = TenantTable(DataType::Of(TypeKind::kText), {Text("a"), Text("b")});
  EXPECT_EQ(plain->facts(0).layout, Layout::kBytes);
  EXPECT_THAT(RangesOf(plain, "b"), ElementsAre(RowRange{0, 1, 2}));
}

TEST(TenantScopeTest, KeepsTheVersionPinned) {
  std::shared_ptr<const Table> table = TenantTable(DataType::Of(TypeKind::kInt64), {Int(1)});
  const TenantScope scope = *TenantScope::Resolve(table, TenantClaim::Of("1"));
  const std::weak_ptr<const Table> version = table;
  table.reset();
  EXPECT_FALSE(version.expired());
}

TEST(TenantIndexTest, ManySmallTenantsStayCheap) {
  MemoryBudget budget("cache");
  TenantIndex tenants(budget);
  for (uint32_t tenant = 0; tenant < 100'000; ++tenant) {
    const uint32_t row = tenant % 2000 * 30;
    ASSERT_TRUE(tenants.Add(absl::StrCat(tenant), {tenant / 2000, row, row + 30}).ok());
  }
  EXPECT_EQ(tenants.num_tenants(), 100'000u);
  EXPECT_LT(budget.reserved_bytes(), size_t{20} << 20);
}

TEST(TenantIndexTest, ManyRangesAreRefusedByTheBudget) {
  MemoryBudget budget("cache", 10'000);
  TenantIndex tenants(budget);
  absl::Status status;
  for (uint32_t row = 0; status.ok() && row < 100'000; row += 2) {
    status = tenants.Add("a", {0, row, row + 1});
  }
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace sextant
