#include "compute/exec/expression_column_deriver.h"

#include <gmock/gmock.h>

#include <limits>

#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;

const std::vector<ColumnCells>& Source() {
  static const std::vector<ColumnCells> source = {
      {"a",
       DataType::Of(TypeKind::kInt64),
       {Int(5), Null(), Int(std::numeric_limits<int64_t>::max())}},
      {"b", DataType::Of(TypeKind::kInt64), {Int(7), Int(1), Int(-1)}},
      {"f", DataType::Of(TypeKind::kFloat64), {Float(0.5), Float(1), Float(2)}},
      {"team", DataType::Of(TypeKind::kText), {Text("x"), Text("x"), Text("x")}}};
  return source;
}

absl::StatusOr<std::shared_ptr<const ColumnDeriver>> Deriver(
    const std::vector<std::pair<std::string, std::string>>& columns) {
  std::vector<Field> fields;
  for (const ColumnCells& column : Source()) fields.push_back({column.name, column.type});
  const Schema schema(fields);
  std::vector<BoundDerivedColumn> bound;
  for (const auto& [name, text] : columns) {
    absl::StatusOr<BoundDerivedColumn> one = BindDerived(name, text, schema);
    if (!one.ok()) return one.status();
    bound.push_back(*std::move(one));
  }
  return ExpressionColumnDeriver::Create(std::move(bound));
}

TEST(ExpressionColumnDeriverTest, ADifferenceIsNullWhereAnOperandIsOrItOverflows) {
  const auto deriver = Deriver({{"d", "a - b"}});
  ASSERT_TRUE(deriver.ok()) << deriver.status();
  const auto table = TableOf(Source(), {.chunk_rows = 2, .deriver = *deriver});
  EXPECT_THAT(ColumnTexts(*table, "d"), ElementsAre("-2", "NULL", "NULL"));
}

TEST(ExpressionColumnDeriverTest, FloatsAndIntegersSubtractInFloat64) {
  const auto deriver = Deriver({{"d", "b - f"}});
  ASSERT_TRUE(deriver.ok()) << deriver.status();
  EXPECT_THAT(ColumnTexts(*TableOf(Source(), {.deriver = *deriver}), "d"),
              ElementsAre("6.5", "0", "-3"));
}

TEST(ExpressionColumnDeriverTest, AnotherNameSharesTheColumn) {
  const auto deriver = Deriver({{"c", "b"}});
  ASSERT_TRUE(deriver.ok()) << deriver.status();
  const auto table = TableOf(Source(), {.deriver = *deriver});
  EXPECT_EQ(&table->chunk(0).column(1), &table->chunk(0).column(4));
}

TEST(ExpressionColumnDeriverTest, AnotherNameOfATextIsRefused) {
  const auto deriver = Deriver({{"c", "team"}});
  EXPECT_EQ(deriver.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(deriver.status().message()), testing::HasSubstr("'c'"));
}

TEST(ExpressionColumnDeriverTest, MemoryBeyondTheBudgetIsRefused) {
  const auto deriver = Deriver({{"d", "a - b"}});
  ASSERT_TRUE(deriver.ok()) << deriver.status();
  const auto table = TableOf(Source());
  std::vector<std::shared_ptr<const Column>> sources;
  for (uint32_t i = 0; i < table->chunk(0).data().num_columns(); ++i) {
    sources.emplace_back(table, &table->chunk(0).column(i));
  }
  MemoryBudget budget("tiny", 16);
  EXPECT_EQ((*deriver)->Derive(sources, budget).status().code(),
            absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace sextant
