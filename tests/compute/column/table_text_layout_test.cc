// Which layout the texts of a table get when their repeats show late.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/column/table_builder.h"
#include "compute/exec/expression_column_deriver.h"
#include "compute/memory/status_macros.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

constexpr DataType kText = DataType::Of(TypeKind::kText);
constexpr uint32_t kRows = 7 * kMaxChunkRows / 2;
/// So many that the first chunk repeats none.
constexpr uint32_t kUsers = 100'000;
constexpr uint32_t kBatch = 1'024;

/// nullopt: NULL.
using TextOf = std::function<std::optional<std::string>(uint32_t row)>;

std::optional<std::string> User(uint32_t row) {
  if (row % 1'000 == 7) return std::nullopt;
  return absl::StrCat("user", row % kUsers);
}

absl::Status AppendTexts(uint32_t begin, uint32_t count, const TextOf& text_of,
                         ColumnBuilder& builder) {
  std::vector<std::string> texts(count);
  std::vector<uint64_t> valid(kBatch / 64, ~uint64_t{0});
  for (uint32_t i = 0; i < count; ++i) {
    const std::optional<std::string> text = text_of(begin + i);
    if (text) texts[i] = *text;
    if (!text) valid[i / 64] &= ~(uint64_t{1} << (i % 64));
  }
  const std::vector<std::string_view> values(texts.begin(), texts.end());
  return dynamic_cast<StringColumnBuilder&>(builder).Append(values, valid);
}

/// A table of one text column after another, named "0", "1", ...
absl::StatusOr<std::shared_ptr<const Table>> TextTable(const std::vector<TextOf>& columns,
                                                       uint32_t num_rows, MemoryBudget& budget,
                                                       TableBuilderOptions options = {}) {
  std::vector<Field> fields;
  for (size_t i = 0; i < columns.size(); ++i) {
    fields.push_back({.name = absl::StrCat("c", i), .type = kText});
  }
  SEXTANT_ASSIGN_OR_RETURN(const std::unique_ptr<TableBuilder> builder,
                           TableBuilder::Create(Schema(fields), budget, std::move(options)));
  for (uint32_t row = 0; row < num_rows;) {
    const uint32_t count = std::min({kBatch, num_rows - row, builder->remaining_rows()});
    for (ColumnIndex i = 0; i < columns.size(); ++i) {
      SEXTANT_RETURN_IF_ERROR(AppendTexts(row, count, columns[i], builder->column(i)));
    }
    SEXTANT_RETURN_IF_ERROR(builder->FinishRows(count));
    row += count;
  }
  return builder->Finish({});
}

void ExpectTexts(const Table& table, ColumnIndex column, const TextOf& text_of) {
  for (uint32_t index = 0; index < table.num_chunks(); ++index) {
    const Chunk& chunk = table.chunk(index);
    ASSERT_EQ(chunk.column(column).layout(), table.facts(column).layout) << index;
    for (uint32_t row = 0; row < chunk.num_rows(); ++row) {
      const auto at = static_cast<uint32_t>(table.first_row(index) + row);
      ASSERT_EQ(CellText(chunk.column(column), table.facts(column).dictionary.get(), row),
                text_of(at).value_or("NULL"))
          << at;
    }
  }
}

TEST(TableTextLayoutTest, NamesWhoseRepeatsShowLateAreCodesInEveryChunk) {
  const auto table = TextTable({User}, kRows, TestBudget());
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ((*table)->num_chunks(), 4u);
  EXPECT_EQ((*table)->facts(0).layout, Layout::kCode);
  EXPECT_EQ((*table)->facts(0).dictionary_size, kUsers - kUsers / 1'000);
  ExpectTexts(**table, 0, User);
}

TEST(TableTextLayoutTest, FactsAreThoseOfTheCodes) {
  const auto table = TextTable({User}, kRows, TestBudget());
  ASSERT_TRUE(table.ok()) << table.status();
  const ColumnFacts& facts = (*table)->facts(0);
  EXPECT_EQ(facts.null_count, kRows / 1'000 + 1);
  EXPECT_TRUE(facts.has_bounds);
  EXPECT_EQ(facts.min_integer, 0);
  EXPECT_EQ(facts.max_integer, facts.dictionary_size - 1);
}

TEST(TableTextLayoutTest, DistinctTextsStayBytes) {
  const TextOf title = [](uint32_t row) { return absl::StrCat("title ", row); };
  const auto table = TextTable({title, User}, kRows, TestBudget());
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ((*table)->facts(0).layout, Layout::kBytes);
  EXPECT_EQ((*table)->facts(0).dictionary, nullptr);
  EXPECT_EQ((*table)->facts(1).layout, Layout::kCode);
  ExpectTexts(**table, 0, title);
}

TEST(TableTextLayoutTest, DerivedColumnsFollow) {
  const Schema schema({{.name = "c0", .type = kText}});
  std::vector<BoundDerivedColumn> derived = {*BindDerived("same", "c0", schema),
                                             *BindDerived("upper", "upper(c0)", schema)};
  TableBuilderOptions options;
  options.deriver = std::make_shared<const ExpressionColumnDeriver>(std::move(derived));
  const auto table = TextTable({User}, kRows, TestBudget(), options);
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ((*table)->facts(1).layout, Layout::kCode);
  EXPECT_EQ((*table)->facts(2).layout, Layout::kCode);
  EXPECT_NE((*table)->facts(2).dictionary, (*table)->facts(0).dictionary);
  EXPECT_EQ(&(*table)->chunk(0).column(0), &(*table)->chunk(0).column(1));
  ExpectTexts(**table, 1, User);
  ExpectTexts(**table, 2, [](uint32_t row) {
    std::optional<std::string> text = User(row);
    if (text) text->replace(0, 4, "USER");
    return text;
  });
}

// Old and new are reserved together, and only the new stays.
TEST(TableTextLayoutTest, AnyRefusalOfTheBudgetIsAnErrorAndGivesEverythingBack) {
  size_t num_refused = 0;
  for (size_t limit_bytes = size_t{1} << 20;; limit_bytes += size_t{5} << 19) {
    MemoryBudget budget("cache", limit_bytes);
    const auto table = TextTable({User}, kRows, budget);
    if (table.ok()) {
      EXPECT_EQ((*table)->facts(0).layout, Layout::kCode);
      EXPECT_LE(budget.reserved_bytes(), (*table)->reserved_bytes());
      break;
    }
    ++num_refused;
    EXPECT_EQ(table.status().code(), absl::StatusCode::kResourceExhausted);
    EXPECT_EQ(budget.reserved_bytes(), 0u);
  }
  EXPECT_GT(num_refused, 2u);
}

}  // namespace
}  // namespace sextant
