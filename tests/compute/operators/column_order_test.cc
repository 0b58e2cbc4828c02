#include "compute/operators/column_order.h"

#include <gtest/gtest.h>

#include "tests/testing/random_table.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

TEST(ColumnOrderTest, LeadingKeysNeverContradictTheOrder) {
  RandomDraws draws(7);
  const auto table = RandomTable(draws, 300, 64, /*has_tenants=*/false);
  for (ColumnIndex index = 0; index < table->schema().num_fields(); ++index) {
    if (table->schema().field(index).type.kind == TypeKind::kList) continue;
    const ColumnFacts& facts = table->facts(index);
    for (int pair = 0; pair < 3'000; ++pair) {
      const Column& a = table->chunk(static_cast<uint32_t>(draws.Below(4))).column(index);
      const Column& b = table->chunk(static_cast<uint32_t>(draws.Below(4))).column(index);
      const auto a_row = static_cast<uint32_t>(draws.Below(a.num_rows()));
      const auto b_row = static_cast<uint32_t>(draws.Below(b.num_rows()));
      if (a.IsNull(a_row) || b.IsNull(b_row)) continue;
      const auto compared = CompareInColumn(facts, a, a_row, b, b_row);
      const auto by_key = LeadingKey(facts, a, a_row) <=> LeadingKey(facts, b, b_row);
      EXPECT_TRUE(by_key == 0 || by_key == compared) << table->schema().field(index).name;
    }
  }
}

TEST(ColumnOrderTest, EnumsAreInDeclaredOrder) {
  const auto table = TableOf(
      {{"state", DataType::Of(TypeKind::kEnum), {Text("open"), Text("done")}, {"open", "done"}}});
  const Column& column = table->chunk(0).column(0);
  EXPECT_TRUE(CompareInColumn(table->facts(0), column, 0, column, 1) < 0);
}

TEST(ColumnOrderTest, TextsAreByBytes) {
  const auto table =
      TableOf({{"name", DataType::Of(TypeKind::kText), {Text("\xc3\xa4"), Text("z"), Text("")}}});
  const Column& column = table->chunk(0).column(0);
  EXPECT_TRUE(CompareInColumn(table->facts(0), column, 0, column, 1) > 0);
  EXPECT_GT(LeadingKey(table->facts(0), column, 0), LeadingKey(table->facts(0), column, 1));
  EXPECT_LT(LeadingKey(table->facts(0), column, 2), LeadingKey(table->facts(0), column, 1));
}

}  // namespace
}  // namespace sextant
