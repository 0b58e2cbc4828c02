#include "compute/operators/scan.h"

#include <gmock/gmock.h>

#include "compute/column/bitmap.h"
#include "compute/column/table.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;

std::shared_ptr<const Table> TenantTable() {
  return TableOf({{"tenant",
                   DataType::Of(TypeKind::kText),
                   {Text("a"), Text("a"), Text("b"), Text("b"), Text("b"), Null()}}},
                 {.chunk_rows = 4, .tenant = "tenant"});
}

TenantScope ScopeOf(const std::shared_ptr<const Table>& table, const std::string& tenant) {
  return *TenantScope::Resolve(table, TenantClaim::Of(tenant));
}

TEST(ScanTest, YieldsTheRowsOfTheTenantOnly) {
  const Scan scan(ScopeOf(TenantTable(), "b"));
  ASSERT_EQ(scan.num_ranges(), 1u);
  EXPECT_THAT(scan.MorselsOf(0), ElementsAre(Morsel{0, 2, 4}, Morsel{1, 0, 1}));
}

TEST(ScanTest, AnUnknownTenantHasNoRanges) {
  EXPECT_EQ(Scan(ScopeOf(TenantTable(), "z")).num_ranges(), 0u);
}

TEST(ScanTest, CutsWhereARangeOfOrdinalsEnds) {
  const Scan scan(ScopeOf(TenantTable(), "b"), 3);
  ASSERT_EQ(scan.num_ranges(), 2u);
  EXPECT_THAT(scan.MorselsOf(0), ElementsAre(Morsel{0, 2, 3}));
  EXPECT_THAT(scan.MorselsOf(1), ElementsAre(Morsel{0, 3, 4}, Morsel{1, 0, 1}));
}

TEST(ScanTest, SelectsLiveRowsOfTheMorsel) {
  const auto table = TenantTable();
  const auto chunk = table->chunk(0).WithoutRows(std::vector<uint32_t>{2}, TestBudget());
  ASSERT_TRUE(chunk.ok());
  const Scan scan(ScopeOf(table->WithChunk({"dataset", 2, 0}, 0, *chunk), "b"));
  std::vector<uint64_t> words(1, ~uint64_t{0});
  const Selection selection = scan.Select(scan.MorselsOf(0)[0], words);
  EXPECT_EQ(selection.first, 0u);
  EXPECT_EQ(selection.last, 1u);
  EXPECT_EQ(words[0], 0b1000u);
}

}  // namespace
}  // namespace sextant
