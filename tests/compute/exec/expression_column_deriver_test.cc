#include "compute/exec/expression_column_deriver.h"

#include <gmock/gmock.h>

#include <limits>

#include "tests/compute/operators/expression/expression_of.h"
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
  return std::make_shared<const ExpressionColumnDeriver>(std::move(bound));
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

/// A deriver of one column, of an expression written out.
std::shared_ptr<const ColumnDeriver> DeriverOf(BoundExpression expression,
                                               std::vector<std::string> enum_labels = {}) {
  BoundDerivedColumn column;
  column.field = {.name = "d", .type = expression.type, .enum_labels = std::move(enum_labels)};
  column.value = ValueOf(std::move(expression));
  return std::make_shared<const ExpressionColumnDeriver>(
      std::vector<BoundDerivedColumn>{std::move(column)});
}

TEST(ExpressionColumnDeriverTest, AnotherNameOfATextSharesColumnAndDictionary) {
  const auto deriver = Deriver({{"c", "team"}});
  ASSERT_TRUE(deriver.ok()) << deriver.status();
  const auto table = TableOf(Source(), {.chunk_rows = 2, .deriver = *deriver});
  EXPECT_THAT(ColumnTexts(*table, "c"), ElementsAre("x", "x", "x"));
  EXPECT_EQ(table->facts(4).dictionary, table->facts(3).dictionary);
}

TEST(ExpressionColumnDeriverTest, ComputedTextsShareADictionaryOverChunks) {
  std::vector<Cell> cells;
  for (int i = 0; i < 30; ++i)
    cells.push_back(i % 5 == 4 ? Null() : Text(i % 2 == 0 ? "Ab" : "cD"));
  const std::vector<ColumnCells> source = {{"t", kTextType, cells}};
  const auto deriver =
      DeriverOf(ApplyOf(ExpressionOp::kUpper, kTextType, {ColumnOf(*TableOf(source), "t")}));
  const auto table = TableOf(source, {.chunk_rows = 7, .deriver = deriver});
  const std::vector<std::string> texts = ColumnTexts(*table, "d");
  ASSERT_EQ(texts.size(), 30u);
  EXPECT_EQ(texts[0], "AB");
  EXPECT_EQ(texts[1], "CD");
  EXPECT_EQ(texts[4], "NULL");
  EXPECT_EQ(texts[29], "NULL");
  EXPECT_EQ(table->facts(1).layout, Layout::kCode);
  EXPECT_EQ(table->facts(1).dictionary_size, 2u);
}

TEST(ExpressionColumnDeriverTest, DistinctComputedTextsLieInPlain) {
  std::vector<Cell> cells;
  for (int i = 0; i < 20; ++i) cells.push_back(Int(i));
  const std::vector<ColumnCells> source = {{"n", kIntType, cells}};
  const auto deriver = DeriverOf(CastOf(kTextType, ColumnOf(*TableOf(source), "n")));
  const auto table = TableOf(source, {.chunk_rows = 7, .deriver = deriver});
  EXPECT_EQ(table->facts(1).layout, Layout::kBytes);
  EXPECT_EQ(ColumnTexts(*table, "d")[19], "19");
}

TEST(ExpressionColumnDeriverTest, AComputedEnumKeepsTheDeclaredOrder) {
  const DataType type = DataType::Of(TypeKind::kEnum);
  const std::vector<std::string> labels = {"sad", "ok", "happy"};
  const std::vector<ColumnCells> source = {{"e", type, {Text("happy"), Null()}, labels},
                                           {"f", type, {Text("ok"), Text("ok")}, labels}};
  const auto plain = TableOf(source);
  const auto deriver = DeriverOf(
      ApplyOf(ExpressionOp::kCoalesce, type, {ColumnOf(*plain, "e"), ColumnOf(*plain, "f")}),
      labels);
  const auto table = TableOf(source, {.deriver = deriver});
  EXPECT_THAT(ColumnTexts(*table, "d"), ElementsAre("happy", "ok"));
  EXPECT_EQ(table->facts(2).max_integer, 2);
}

TEST(ExpressionColumnDeriverTest, WhatCannotBeComputedIsNull) {  // (rule 5)
  const BoundExpression quotient =
      ApplyOf(ExpressionOp::kDivide, kIntType,
              {ConstantOf(kIntType, int64_t{6}),
               ApplyOf(ExpressionOp::kSubtract, kIntType,
                       {ColumnOf(*TableOf(Source()), "b"), ConstantOf(kIntType, int64_t{7})})});
  const auto table = TableOf(Source(), {.chunk_rows = 2, .deriver = DeriverOf(quotient)});
  EXPECT_THAT(ColumnTexts(*table, "d"), ElementsAre("NULL", "-1", "0"));
}

TEST(ExpressionColumnDeriverTest, ATableWithoutRowsHasTheColumn) {
  const std::vector<ColumnCells> source = {{"t", kTextType, {}}};
  const auto table =
      TableOf(source, {.deriver = DeriverOf(ApplyOf(ExpressionOp::kLower, kTextType,
                                                    {ColumnOf(*TableOf(source), "t")}))});
  EXPECT_EQ(table->schema().Find("d"), 1u);
  EXPECT_EQ(table->facts(1).layout, Layout::kCode);
}

TEST(ExpressionColumnDeriverTest, MemoryBeyondTheBudgetIsRefused) {
  const auto deriver = Deriver({{"d", "a - b"}});
  ASSERT_TRUE(deriver.ok()) << deriver.status();
  const auto table = TableOf(Source());
  std::vector<std::shared_ptr<const Column>> sources;
  for (uint32_t i = 0; i < table->chunk(0).data().num_columns(); ++i) {
    sources.emplace_back(table, &table->chunk(0).column(i));
  }
  const std::vector<std::shared_ptr<const Dictionary>> dictionaries(sources.size());
  MemoryBudget budget("tiny", 16);
  EXPECT_EQ((*deriver)->StartLoad(budget)->Derive({sources, dictionaries}).status().code(),
            absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace sextant
