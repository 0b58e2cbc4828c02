#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/column/column_builder.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

constexpr DataType kText = DataType::Of(TypeKind::kText);
constexpr size_t kDecisionValues = 8192;

std::unique_ptr<ColumnBuilder> MakeTextBuilder(MemoryBudget& budget = TestBudget()) {
  Field field;
  field.name = "x";
  field.type = kText;
  return *MakeColumnBuilder(field, budget);
}

void AppendTexts(ColumnBuilder& builder, const std::vector<std::string>& texts) {
  const std::vector<std::string_view> values(texts.begin(), texts.end());
  ASSERT_TRUE(dynamic_cast<StringColumnBuilder&>(builder).Append(values, {}).ok());
}

/// `count` values of which `distinct` differ.
std::vector<std::string> Texts(size_t count, size_t distinct) {
  std::vector<std::string> texts;
  for (size_t i = 0; i < count; ++i) texts.push_back(absl::StrCat("t", i % distinct));
  return texts;
}

void ExpectTexts(ColumnBuilder& builder, const std::vector<std::string>& texts) {
  const Column column(std::move(**builder.Seal()));
  ASSERT_EQ(column.num_rows(), texts.size());
  for (uint32_t row = 0; row < texts.size(); ++row) {
    ASSERT_EQ(CellText(column, builder.dictionary().get(), row), texts[row]) << row;
  }
}

TEST(TextColumnBuilderTest, ADictionaryPaysBelowHalfOfTheFirst8192) {
  const auto builder = MakeTextBuilder();
  const auto texts = Texts(kDecisionValues, kDecisionValues / 2 - 1);
  AppendTexts(*builder, texts);
  EXPECT_EQ(builder->layout(), Layout::kCode);
  EXPECT_NE(builder->dictionary(), nullptr);
  ExpectTexts(*builder, texts);
}

TEST(TextColumnBuilderTest, FromHalfOnItIsBytes) {
  const auto builder = MakeTextBuilder();
  const auto texts = Texts(kDecisionValues, kDecisionValues / 2);
  AppendTexts(*builder, texts);
  EXPECT_EQ(builder->layout(), Layout::kBytes);
  EXPECT_EQ(builder->dictionary(), nullptr);
  ExpectTexts(*builder, texts);
}

TEST(TextColumnBuilderTest, FewerValuesAreJudgedByAllOfThem) {
  const auto repeated = MakeTextBuilder();
  AppendTexts(*repeated, {"a", "b", "a", "b", "a"});
  ExpectTexts(*repeated, {"a", "b", "a", "b", "a"});
  EXPECT_EQ(repeated->layout(), Layout::kCode);
  const auto distinct = MakeTextBuilder();
  AppendTexts(*distinct, {"a", "b", "a", "b"});
  ExpectTexts(*distinct, {"a", "b", "a", "b"});
  EXPECT_EQ(distinct->layout(), Layout::kBytes);
}

// They may still become bytes of this chunk, of which there is a limit.
TEST(TextColumnBuilderTest, UndecidedValuesCountAsBytesOfTheChunk) {
  const auto builder = MakeTextBuilder();
  AppendTexts(*builder, {"abc", "abc", "de"});
  EXPECT_EQ(builder->variable_bytes(), 8u);
  ASSERT_TRUE(builder->Seal().ok());
  ASSERT_EQ(builder->layout(), Layout::kBytes);
  EXPECT_EQ(builder->variable_bytes(), 0u);
}

TEST(TextColumnBuilderTest, NullsDoNotCountTowardsTheDecision) {
  const auto builder = MakeTextBuilder();
  for (int i = 0; i < 10'000; ++i) ASSERT_TRUE(AppendCell(kText, Null(), *builder).ok());
  AppendTexts(*builder, {"a", "b"});
  ASSERT_TRUE(builder->Seal().ok());
  EXPECT_EQ(builder->layout(), Layout::kBytes);
}

TEST(TextColumnBuilderTest, OnlyNullsKeepTheDictionary) {
  const auto builder = MakeTextBuilder();
  ASSERT_TRUE(AppendCell(kText, Null(), *builder).ok());
  const Column column(std::move(**builder->Seal()));
  EXPECT_EQ(column.layout(), Layout::kCode);
  EXPECT_FALSE(column.zone_map().has_bounds);
  EXPECT_EQ(builder->dictionary()->size(), 0u);
}

TEST(TextColumnBuilderTest, TheDecisionOutlivesTheChunk) {
  const auto builder = MakeTextBuilder();
  AppendTexts(*builder, {"a", "a", "a"});
  ASSERT_TRUE(builder->Seal().ok());
  const auto texts = Texts(20'000, 20'000);
  AppendTexts(*builder, texts);
  ExpectTexts(*builder, texts);
  EXPECT_EQ(builder->layout(), Layout::kCode);
}

TEST(TextColumnBuilderTest, CodesKeepTheirMeaningOverChunks) {
  const auto builder = MakeTextBuilder();
  AppendTexts(*builder, {"a", "b", "a", "a", "b"});
  ExpectTexts(*builder, {"a", "b", "a", "a", "b"});
  AppendTexts(*builder, {"c", "b"});
  const Column second(std::move(**builder->Seal()));
  EXPECT_EQ(second.CodeAt(0), 2u);
  EXPECT_EQ(second.CodeAt(1), 1u);
  EXPECT_EQ(second.zone_map().min_integer, 1);
  EXPECT_EQ(second.zone_map().max_integer, 2);
}

TEST(TextColumnBuilderTest, GoingOverToBytesRewritesNullsAndEmptyStrings) {
  const auto builder = MakeTextBuilder();
  std::vector<Cell> cells = {Null(), Text(""), Text("x"), Null(), Text("yz")};
  for (const Cell& cell : cells) ASSERT_TRUE(AppendCell(kText, cell, *builder).ok());
  const Column column(std::move(**builder->Seal()));
  ASSERT_EQ(column.layout(), Layout::kBytes);
  EXPECT_TRUE(column.IsNull(0));
  EXPECT_EQ(CellText(column, nullptr, 1), "");
  EXPECT_EQ(CellText(column, nullptr, 2), "x");
  EXPECT_TRUE(column.IsNull(3));
  EXPECT_EQ(CellText(column, nullptr, 4), "yz");
}

TEST(TextColumnBuilderTest, CodesWidenWithTheDictionary) {
  for (const auto& [distinct, width_bytes] : {std::pair{256, 1}, {257, 2}}) {
    const auto builder = MakeTextBuilder();
    AppendTexts(*builder, Texts(2'000, distinct));
    EXPECT_EQ((*builder->Seal())->width_bytes, width_bytes);
  }
}

TEST(TextColumnBuilderTest, CodesAbove65535TakeFourBytes) {
  const auto builder = MakeTextBuilder();
  AppendTexts(*builder, Texts(kDecisionValues, 1));
  const auto texts = Texts(66'000, 66'000);
  AppendTexts(*builder, texts);
  const Column column(std::move(**builder->Seal()));
  EXPECT_EQ(column.width_bytes(), 4);
  EXPECT_EQ(CellText(column, builder->dictionary().get(), 66'000 + kDecisionValues - 1), "t65999");
}

TEST(TextColumnBuilderTest, AListDecidesByItsElements) {
  const DataType type = DataType::ListOf(TypeKind::kText);
  Field field;
  field.name = "x";
  field.type = type;
  const auto builder = *MakeColumnBuilder(field, TestBudget());
  const Cell cell = List({Text("a"), Text("b"), Null(), Text("a"), Text("a"), Text("b")});
  ASSERT_TRUE(AppendCell(type, cell, *builder).ok());
  const Column column(std::move(**builder->Seal()));
  EXPECT_EQ(column.elements().layout(), Layout::kCode);
  EXPECT_EQ(CellText(column, builder->dictionary().get(), 0), "{a,b,NULL,a,a,b}");
}

}  // namespace
}  // namespace sextant
