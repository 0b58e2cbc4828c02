#include "compute/column/table_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
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

/// Columns of every layout with `num_rows` rows, NULLs in each, clustered by tenant.
std::vector<ColumnCells> MixedColumns(int num_rows) {
  std::vector<ColumnCells> columns = {
      {"tenant", kInt, {}},
      {"team", kText, {}},
      {"title", kText, {}},
      {"score", DataType::Of(TypeKind::kFloat32), {}},
      {"id", DataType::Of(TypeKind::kUuid), {}},
      {"state", DataType::Of(TypeKind::kEnum), {}, {"open", "closed"}},
      {"labels", DataType::ListOf(TypeKind::kText), {}},
      {"sizes", DataType::ListOf(TypeKind::kInt32), {}}};
  for (int i = 0; i < num_rows; ++i) {
    const bool is_null = i % 5 == 3;
    const auto or_null = [&](Cell cell) { return is_null ? Null() : cell; };
    columns[0].cells.push_back(Int(i / 10));
    columns[1].cells.push_back(or_null(Text(i % 3 == 0 ? "red" : "blue")));
    columns[2].cells.push_back(or_null(Text(absl::StrCat("a title of its own, number ", i))));
    columns[3].cells.push_back(or_null(Float(i * 0.5)));
    columns[4].cells.push_back(or_null(Uuid("00112233445566778899aabbccddeeff")));
    columns[5].cells.push_back(or_null(Text("closed")));
    columns[6].cells.push_back(or_null(List({Text("x"), Null(), Text("x"), Text("x")})));
    columns[7].cells.push_back(or_null(List({Int(i)})));
  }
  return columns;
}

TEST(TableBuilderTest, ChunkSizesDoNotChangeTheRows) {
  const auto columns = MixedColumns(100);
  const auto whole = TableOf(columns);
  for (const uint32_t chunk_rows : {1u, 7u, 64u, 99u, 100u, 101u}) {
    const auto table = TableOf(columns, {.chunk_rows = chunk_rows});
    for (const ColumnCells& column : columns) {
      EXPECT_EQ(ColumnTexts(*table, column.name), ColumnTexts(*whole, column.name));
    }
  }
}

TEST(TableBuilderTest, AnyRefusalOfTheBudgetIsAnErrorAndGivesEverythingBack) {
  const auto columns = MixedColumns(60);
  int num_refused = 0;
  for (size_t limit = 0;; limit += 100) {
    MemoryBudget budget("loads", limit);
    bool done = false;
    {
      const auto table =
          TryTableOf(columns, {.chunk_rows = 25, .tenant = "tenant", .budget = &budget});
      done = table.ok();
      if (!done) {
        ASSERT_EQ(table.status().code(), absl::StatusCode::kResourceExhausted) << limit;
        ++num_refused;
      }
    }
    ASSERT_EQ(budget.reserved_bytes(), 0u) << limit;
    if (done) break;
  }
  EXPECT_GT(num_refused, 100);
}

TEST(TableBuilderTest, TheRowsAroundAFullChunk) {
  for (const uint32_t num_rows : {1u, kMaxChunkRows - 1, kMaxChunkRows, kMaxChunkRows + 1}) {
    Field field;
    field.name = "n";
    field.type = kInt;
    const auto builder = *TableBuilder::Create(Schema({field}), TestBudget());
    const std::vector<int64_t> values(128, num_rows);
    for (uint32_t row = 0; row < num_rows;) {
      const uint32_t count = std::min({128u, num_rows - row, builder->remaining_rows()});
      auto& column = dynamic_cast<IntegerColumnBuilder&>(builder->column(0));
      ASSERT_TRUE(column.Append(std::span(values).first(count), {}).ok());
      ASSERT_TRUE(builder->FinishRows(count).ok());
      row += count;
    }
    const auto table = *builder->Finish({});
    EXPECT_EQ(table->num_rows(), num_rows);
    EXPECT_EQ(table->num_chunks(), (num_rows + kMaxChunkRows - 1) / kMaxChunkRows);
  }
}

TEST(TableBuilderTest, AFullChunkMakesRoomForTheNext) {
  Field field;
  field.name = "n";
  field.type = kInt;
  const auto builder = *TableBuilder::Create(Schema({field}), TestBudget(), {.chunk_rows = 2});
  EXPECT_EQ(builder->remaining_rows(), 2u);
  ASSERT_TRUE(AppendCell(kInt, Int(1), builder->column(0)).ok());
  ASSERT_TRUE(builder->FinishRows(1).ok());
  EXPECT_EQ(builder->remaining_rows(), 1u);
  ASSERT_TRUE(AppendCell(kInt, Int(2), builder->column(0)).ok());
  ASSERT_TRUE(builder->FinishRows(1).ok());
  EXPECT_EQ(builder->remaining_rows(), 2u);
}

TEST(TableBuilderTest, TheBuildersScratchIsGoneWhenTheTableIsThere) {
  MemoryBudget budget("cache");
  const auto table = TableOf(MixedColumns(500), {.budget = &budget});
  EXPECT_EQ(budget.reserved_bytes(), table->reserved_bytes());
}

/// Derives `twice` = 2 * column 0, NULL where that is NULL.
class DoublingDeriver final : public ColumnDeriver {
 public:
  explicit DoublingDeriver(std::string name) {
    fields_.emplace_back();
    fields_[0].name = std::move(name);
    fields_[0].type = kInt;
  }

  std::span<const Field> fields() const override { return fields_; }
  std::unique_ptr<DerivedColumns> StartLoad(MemoryBudget& budget) const override {
    return std::make_unique<Doubled>(fields_[0], budget);
  }

 private:
  class Doubled final : public DerivedColumns {
   public:
    Doubled(const Field& field, MemoryBudget& budget)
        : builder_(*MakeColumnBuilder(field, budget)) {}

    absl::StatusOr<std::vector<std::shared_ptr<const Column>>> Derive(
        const Sources& sources) override {
      const Column& source = *sources.columns[0];
      for (uint32_t row = 0; row < source.num_rows(); ++row) {
        const Cell cell = source.IsNull(row) ? Null() : Int(2 * source.IntegerAt(row));
        const absl::Status status = AppendCell(kInt, cell, *builder_);
        if (!status.ok()) return status;
      }
      auto parts = builder_->Seal();
      if (!parts.ok()) return parts.status();
      return std::vector<std::shared_ptr<const Column>>{
          std::make_shared<const Column>(std::move(**parts))};
    }
    absl::StatusOr<std::shared_ptr<const Column>> Recode(size_t, const Column&) override {
      return absl::InternalError("integers have no codes");
    }
    std::shared_ptr<const Dictionary> dictionary(size_t) const override { return nullptr; }

   private:
    const std::unique_ptr<ColumnBuilder> builder_;
  };

  std::vector<Field> fields_;
};

TEST(TableBuilderTest, DerivedColumnsStandBehindTheSources) {
  const auto table = TableOf(
      {{"n", kInt, {Int(4), Null(), Int(-3)}}, {"s", kText, {Text("a"), Text("b"), Text("c")}}},
      {.chunk_rows = 2, .deriver = std::make_shared<DoublingDeriver>("twice")});
  EXPECT_EQ(table->schema().Find("twice"), 2u);
  EXPECT_THAT(ColumnTexts(*table, "twice"), ElementsAre("8", "NULL", "-6"));
  EXPECT_EQ(table->facts(2).min_integer, -6);
  EXPECT_EQ(table->facts(2).max_integer, 8);
}

TEST(TableBuilderTest, RefusesADerivedColumnOfASourcesName) {
  const auto table =
      TryTableOf({{"n", kInt, {}}}, {.deriver = std::make_shared<DoublingDeriver>("n")});
  EXPECT_EQ(table.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(table.status().message()), HasSubstr("derived column 'n'"));
}

}  // namespace
}  // namespace sextant
