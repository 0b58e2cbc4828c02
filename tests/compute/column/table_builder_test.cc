#include "compute/column/table_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr DataType kInt = DataType::Of(TypeKind::kInt64);
constexpr DataType kText = DataType::Of(TypeKind::kText);

TEST(TableBuilderTest, KeepsEveryTypeWithNullsOverSmallChunks) {
  const auto table = TableOf(
      {{"flag", DataType::Of(TypeKind::kBool), {Bool(true), Null(), Bool(false)}},
       {"small", DataType::Of(TypeKind::kInt16), {Int(-7), Null(), Int(7)}},
       {"real", DataType::Of(TypeKind::kFloat32), {Float(0.5), Null(), Float(-2)}},
       {"price", DataType::Decimal(12, 2), {Int(1999), Null(), Decimal(-5)}},
       {"huge", DataType::Decimal(38, 0), {Decimal(int128_t{1} << 100), Null(), Decimal(-1)}},
       {"name", kText, {Text("ann"), Null(), Text("")}},
       {"id",
        DataType::Of(TypeKind::kUuid),
        {Uuid("00112233-4455-6677-8899-aabbccddeeff"), Null(),
         Uuid("ffffffffffffffffffffffffffffffff")}},
       {"took", DataType::Of(TypeKind::kInterval), {Interval(1, -2, 3), Null(), Interval(0, 0, 0)}},
       {"state",
        DataType::Of(TypeKind::kEnum),
        {Text("open"), Null(), Text("closed")},
        {"open", "closed"}},
       {"tags", DataType::ListOf(TypeKind::kText), {List({Text("x"), Null()}), Null(), List({})}}},
      {.chunk_rows = 2});
  EXPECT_EQ(table->num_chunks(), 2u);
  EXPECT_THAT(ColumnTexts(*table, "flag"), ElementsAre("1", "NULL", "0"));
  EXPECT_THAT(ColumnTexts(*table, "small"), ElementsAre("-7", "NULL", "7"));
  EXPECT_THAT(ColumnTexts(*table, "real"), ElementsAre("0.5", "NULL", "-2"));
  EXPECT_THAT(ColumnTexts(*table, "price"), ElementsAre("1999", "NULL", "-5"));
  EXPECT_THAT(ColumnTexts(*table, "huge"),
              ElementsAre("1267650600228229401496703205376", "NULL", "-1"));
  EXPECT_THAT(ColumnTexts(*table, "name"), ElementsAre("ann", "NULL", ""));
  EXPECT_THAT(ColumnTexts(*table, "id"), ElementsAre("00112233-4455-6677-8899-aabbccddeeff", "NULL",
                                                     "ffffffff-ffff-ffff-ffff-ffffffffffff"));
  EXPECT_THAT(ColumnTexts(*table, "took"), ElementsAre("1/-2/3", "NULL", "0/0/0"));
  EXPECT_THAT(ColumnTexts(*table, "state"), ElementsAre("open", "NULL", "closed"));
  EXPECT_THAT(ColumnTexts(*table, "tags"), ElementsAre("{x,NULL}", "NULL", "{}"));
}

TEST(TableBuilderTest, NoRowsMakeNoChunks) {
  const auto table = TableOf({{"n", kInt, {}}, {"s", kText, {}}});
  EXPECT_EQ(table->num_chunks(), 0u);
  EXPECT_EQ(table->num_rows(), 0u);
  EXPECT_NE(table->facts(1).dictionary, nullptr);
}

TEST(TableBuilderTest, OrdinalsGoOnOverChunks) {
  std::vector<Cell> cells;
  for (int i = 0; i < 15; ++i) cells.push_back(Int(i));
  const auto table = TableOf({{"n", kInt, cells}}, {.chunk_rows = 7});
  ASSERT_EQ(table->num_chunks(), 3u);
  EXPECT_EQ(table->first_row(0), 0u);
  EXPECT_EQ(table->first_row(1), 7u);
  EXPECT_EQ(table->first_row(2), 14u);
  EXPECT_EQ(table->chunk(2).num_rows(), 1u);
}

TEST(TableBuilderTest, RefusesATenantColumnOfAnotherType) {
  const auto table =
      TryTableOf({{"tenant", DataType::Of(TypeKind::kBool), {}}}, {.tenant = "tenant"});
  EXPECT_EQ(table.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(table.status().message()),
              HasSubstr("tenant column 'tenant' is boolean; allowed: smallint"));
}

}  // namespace
}  // namespace sextant
