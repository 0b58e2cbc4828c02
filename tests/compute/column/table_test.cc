#include "compute/column/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;

constexpr DataType kInt = DataType::Of(TypeKind::kInt64);
constexpr DataType kFloat = DataType::Of(TypeKind::kFloat64);
constexpr DataType kText = DataType::Of(TypeKind::kText);

TEST(TableTest, WithChunkSharesTheRestAndKeepsTheOrdinals) {
  const auto table =
      TableOf({{"n", kInt, {Int(1), Int(2), Int(3), Int(4), Int(5)}}}, {.chunk_rows = 2});
  const uint32_t deleted[] = {0};
  const auto next =
      table->WithChunk({"dataset", 2, 0}, 1, *table->chunk(1).WithoutRows(deleted, TestBudget()));
  EXPECT_THAT(ColumnTexts(*next, "n"), ElementsAre("1", "2", "4", "5"));
  EXPECT_THAT(ColumnTexts(*table, "n"), ElementsAre("1", "2", "3", "4", "5"));
  EXPECT_EQ(next->shared_chunk(0), table->shared_chunk(0));
  EXPECT_EQ(next->num_rows(), 5u);
  EXPECT_EQ(next->num_live_rows(), 4u);
  EXPECT_EQ(next->first_row(2), table->first_row(2));
  EXPECT_EQ(next->identity().version, 2u);
}

TEST(TableTest, DeletedRowsStayInTheirTenantsScope) {
  const auto table = TableOf({{"tenant", kInt, {Int(1), Int(2), Int(2)}}}, {.tenant = "tenant"});
  const uint32_t deleted[] = {1};
  const auto next =
      table->WithChunk({"dataset", 2, 0}, 0, *table->chunk(0).WithoutRows(deleted, TestBudget()));
  EXPECT_THAT(TenantScope::Resolve(next, TenantClaim::Of("2"))->ranges(),
              ElementsAre(RowRange{0, 1, 3}));
}

TEST(TableTest, AVersionOutlivesTheOneItCameFrom) {
  MemoryBudget budget("cache");
  {
    auto table = TableOf({{"s", kText, {Text("a"), Text("a"), Text("a")}}}, {.budget = &budget});
    const uint32_t deleted[] = {2};
    const auto next =
        table->WithChunk({"dataset", 2, 0}, 0, *table->chunk(0).WithoutRows(deleted, budget));
    table.reset();
    EXPECT_THAT(ColumnTexts(*next, "s"), ElementsAre("a", "a"));
  }
  EXPECT_EQ(budget.reserved_bytes(), 0u);
}

TEST(TableDeathTest, AChunkOfOtherDataIsNoVersionOfTheChunk) {
  const auto table = TableOf({{"n", kInt, {Int(1)}}});
  const auto other = TableOf({{"n", kInt, {Int(1)}}});
  EXPECT_DEATH(table->WithChunk({"dataset", 2, 0}, 0, other->shared_chunk(0)), "data");
}

TEST(TableTest, FactsUniteTheBoundsOfAllChunks) {
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  const auto table =
      TableOf({{"n", kInt, {Int(3), Int(9), Null(), Null(), Int(kMin), Int(0)}},
               {"f",
                kFloat,
                {Null(), Null(), Float(-1.5), Float(std::numeric_limits<double>::quiet_NaN()),
                 Float(8), Float(2)}}},
              {.chunk_rows = 2});
  EXPECT_EQ(table->facts(0).min_integer, kMin);
  EXPECT_EQ(table->facts(0).max_integer, 9);
  EXPECT_EQ(table->facts(0).null_count, 2u);
  EXPECT_EQ(table->facts(1).min_float, -1.5);
  EXPECT_EQ(table->facts(1).max_float, 8);
  EXPECT_TRUE(table->facts(1).has_nan);
}

TEST(TableTest, FactsHaveTheDigitsOfTheChunkWithTheMost) {
  constexpr double kThird = 1.0 / 3;
  const auto table =
      TableOf({{"f", kFloat, {Float(0.25), Null(), Null(), Null(), Float(3), Float(1.5)}},
               {"g", kFloat, {Float(0.25), Float(kThird), Float(1), Float(1), Float(1), Float(1)}}},
              {.chunk_rows = 2});
  EXPECT_EQ(table->facts(0).digits, 2);
  EXPECT_EQ(table->facts(1).digits, kNoDigits);
}

TEST(TableTest, FactsOfBoundsAboveZeroDoNotReachDownToZero) {
  const auto table = TableOf({{"n", kInt, {Int(5), Int(6)}}, {"f", kFloat, {Float(5), Float(6)}}},
                             {.chunk_rows = 1});
  EXPECT_EQ(table->facts(0).min_integer, 5);
  EXPECT_EQ(table->facts(1).min_float, 5);
}

TEST(TableTest, FactsOfOnlyNullsHaveNoBounds) {
  const auto table = TableOf({{"n", kInt, {Null(), Null()}}}, {.chunk_rows = 1});
  EXPECT_FALSE(table->facts(0).has_bounds);
  EXPECT_EQ(table->facts(0).null_count, 2u);
}

TEST(TableTest, FactsOfAListAreThoseOfItsElements) {
  const auto table = TableOf({{"l",
                               DataType::ListOf(TypeKind::kInt64),
                               {List({Int(4), Null()}), Null(), List({Int(-2)})}}},
                             {.chunk_rows = 1});
  EXPECT_EQ(table->facts(0).layout, Layout::kList);
  EXPECT_EQ(table->facts(0).min_integer, -2);
  EXPECT_EQ(table->facts(0).max_integer, 4);
  EXPECT_EQ(table->facts(0).null_count, 1u);
}

TEST(TableTest, FactsHoldTheDictionaryOfTextAndOfListsOfText) {
  const auto table =
      TableOf({{"s", kText, {Text("a"), Text("b"), Text("a"), Text("a"), Text("b")}},
               {"l",
                DataType::ListOf(TypeKind::kText),
                {List({Text("x"), Text("x"), Text("x")}), Null(), Null(), Null(), Null()}},
               {"n", kInt, {Int(1), Int(1), Int(1), Int(1), Int(1)}}});
  EXPECT_EQ(table->facts(0).dictionary_size, 2u);
  EXPECT_EQ(table->facts(0).dictionary->Entry(1), "b");
  EXPECT_EQ(table->facts(1).dictionary->Entry(0), "x");
  EXPECT_EQ(table->facts(2).dictionary, nullptr);
}

TEST(TableTest, ReservedBytesAreWhatTheBudgetWasCharged) {
  MemoryBudget budget("cache");
  {
    const auto table = TableOf({{"t", kText, {Text("a"), Text("a"), Text("a"), Null()}},
                                {"n", kInt, {Int(1), Null(), Int(3), Int(1000)}},
                                {"l",
                                 DataType::ListOf(TypeKind::kText),
                                 {List({Text("q")}), Null(), List({}), List({Text("r")})}}},
                               {.tenant = "t", .budget = &budget});
    EXPECT_EQ(table->reserved_bytes(), budget.reserved_bytes());
  }
  EXPECT_EQ(budget.reserved_bytes(), 0u);
}

TEST(SchemaTest, FindsColumnsByName) {
  const auto table = TableOf({{"a", kInt, {}}, {"b", kText, {}}});
  EXPECT_EQ(table->schema().Find("b"), 1u);
  EXPECT_EQ(table->schema().Find("c"), std::nullopt);
}

TEST(SchemaTest, EqualsOnlyWithTheSameFieldsAndTenant) {
  Field field;
  field.name = "a";
  Field other = field;
  other.nullable = false;
  EXPECT_TRUE(Schema({field}) == Schema({field}));
  EXPECT_FALSE(Schema({field}) == Schema({other}));
  EXPECT_FALSE(Schema({field}) == Schema({field}, 0));
}

TEST(SchemaDeathTest, NamesMustBeUnique) {
  Field field;
  field.name = "a";
  EXPECT_DEATH(Schema({field, field}), "two columns 'a'");
}

}  // namespace
}  // namespace sextant
