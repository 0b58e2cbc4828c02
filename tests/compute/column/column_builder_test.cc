#include "compute/column/column_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

Field FieldOf(DataType type, std::vector<std::string> enum_labels = {}) {
  Field field;
  field.name = "x";
  field.type = type;
  field.enum_labels = std::move(enum_labels);
  return field;
}

Column Sealed(ColumnBuilder& builder) { return Column(std::move(**builder.Seal())); }

/// The column of `cells`, each appended on its own.
Column ColumnOf(DataType type, const std::vector<Cell>& cells) {
  const auto builder = *MakeColumnBuilder(FieldOf(type), TestBudget());
  for (const Cell& cell : cells) EXPECT_TRUE(AppendCell(type, cell, *builder).ok());
  return Sealed(*builder);
}

Column IntColumn(const std::vector<Cell>& cells) {
  return ColumnOf(DataType::Of(TypeKind::kInt64), cells);
}

TEST(IntegerColumnBuilderTest, PacksToTheNarrowestWidth) {
  EXPECT_EQ(IntColumn({Int(1000), Int(1255)}).width_bytes(), 1);
  EXPECT_EQ(IntColumn({Int(1000), Int(1256)}).width_bytes(), 2);
  EXPECT_EQ(IntColumn({Int(-1), Int(65'535)}).width_bytes(), 4);
  EXPECT_EQ(IntColumn({Int(0), Int(0xFFFFFFFF)}).width_bytes(), 4);
  EXPECT_EQ(IntColumn({Int(0), Int(0x100000000)}).width_bytes(), 8);
}

/// About 10 times the number of the row, every seventh NULL, and all of the second block.
std::vector<Cell> CellsNearToEachOther(int64_t num_rows) {
  std::vector<Cell> cells;
  for (int64_t row = 0; row < num_rows; ++row) {
    const bool is_null = row % 7 == 3 || row / BlockBounds::kBlockRows == 1;
    cells.push_back(is_null ? Null() : Int(10 * row + row * 7919 % 100));
  }
  return cells;
}

TEST(IntegerColumnBuilderTest, BoundsBlocksOfValuesThatKeepNearToEachOther) {
  const Column column = IntColumn(CellsNearToEachOther(5000));
  ASSERT_EQ(column.block_bounds().size(), 5u);
  for (uint32_t block = 0; block < 5; ++block) {
    BlockBounds expected;
    for (uint32_t row = block * 1024; row < std::min(5000u, (block + 1) * 1024); ++row) {
      if (column.IsNull(row)) continue;
      expected.min = std::min(expected.min, column.IntegerAt(row));
      expected.max = std::max(expected.max, column.IntegerAt(row));
    }
    EXPECT_EQ(column.block_bounds()[block].min, expected.min) << block;
    EXPECT_EQ(column.block_bounds()[block].max, expected.max) << block;
  }
}

TEST(IntegerColumnBuilderTest, BoundsNoBlocksThatWouldTellLittle) {
  std::vector<Cell> scattered;
  std::vector<Cell> sorted;
  for (int64_t row = 0; row < 5000; ++row) {
    scattered.push_back(Int(row * 7919 % 5000));
    sorted.push_back(Int(row));
  }
  EXPECT_TRUE(IntColumn(scattered).block_bounds().empty());
  EXPECT_TRUE(IntColumn(sorted).block_bounds().empty());
  EXPECT_TRUE(IntColumn(CellsNearToEachOther(3000)).block_bounds().empty()) << "three blocks";
  EXPECT_TRUE(IntColumn(std::vector<Cell>(5000, Null())).block_bounds().empty());
}

TEST(IntegerColumnBuilderTest, BoundsBlocksOfTheExtremes) {
  std::vector<Cell> cells(5000, Int(0));
  for (size_t row = 0; row < 1024; ++row) cells[row] = Int(kMin);
  for (size_t row = 4096; row < 5000; ++row) cells[row] = Int(row % 2 == 0 ? kMax : kMax - 1);
  const Column column = IntColumn(cells);
  ASSERT_EQ(column.block_bounds().size(), 5u);
  EXPECT_EQ(column.block_bounds()[0].max, kMin);
  EXPECT_EQ(column.block_bounds()[4].min, kMax - 1);
}

TEST(IntegerColumnBuilderTest, HoldsTheExtremesTogether) {
  const Column column = IntColumn({Int(kMax), Int(kMin), Int(0), Int(-1), Null()});
  EXPECT_EQ(column.width_bytes(), 8);
  EXPECT_EQ(column.IntegerAt(0), kMax);
  EXPECT_EQ(column.IntegerAt(1), kMin);
  EXPECT_EQ(column.IntegerAt(2), 0);
  EXPECT_EQ(column.IntegerAt(3), -1);
  EXPECT_TRUE(column.IsNull(4));
  EXPECT_EQ(column.zone_map().min_integer, kMin);
  EXPECT_EQ(column.zone_map().max_integer, kMax);
}

TEST(IntegerColumnBuilderTest, OneExtremeAloneTakesOneByte) {
  for (const int64_t value : {kMin, kMax}) {
    const Column column = IntColumn({Int(value)});
    EXPECT_EQ(column.width_bytes(), 1);
    EXPECT_EQ(column.IntegerAt(0), value);
  }
}

TEST(IntegerColumnBuilderTest, NullSlotsHaveOffsetZeroWhateverTheBatchHeld) {
  const auto builder = *MakeColumnBuilder(FieldOf(DataType::Of(TypeKind::kInt64)), TestBudget());
  const int64_t values[] = {500, kMin, 510, kMax};
  const uint64_t valid = 0b0101;
  ASSERT_TRUE(dynamic_cast<IntegerColumnBuilder&>(*builder).Append(values, {&valid, 1}).ok());
  const Column column = Sealed(*builder);
  ASSERT_EQ(column.width_bytes(), 1);
  EXPECT_EQ(column.base(), 500);
  EXPECT_THAT(column.values<uint8_t>(), ElementsAre(0, 0, 10, 0));
  EXPECT_THAT(column.validity(), ElementsAre(0b0101));
  EXPECT_EQ(column.zone_map().null_count, 2u);
}

constexpr int64_t kSecondUs = 1'000'000;
constexpr int64_t kHourUs = 3'600 * kSecondUs;
const DataType kTime = DataType::Of(TypeKind::kTimestamp);

TEST(IntegerColumnBuilderTest, TimesAreKeptBySteps) {
  struct Example {
    std::vector<int64_t> times_us;
    uint32_t step;
    uint8_t width_bytes;
  };
  for (const Example& example : std::vector<Example>{
           {{7 * kSecondUs, 0, 70'000 * kSecondUs}, 7'000'000, 2},
           {{5, 70'000 * kSecondUs + 5, kSecondUs + 5}, 1'000'000, 4},
           {{-kSecondUs, -400 * kSecondUs, 0}, 1'000'000, 2},
           {{0, 1000, 80'000'000 * int64_t{1000}}, 1000, 4},
           {{0, 24 * kHourUs, -24'000 * kHourUs}, 3'600'000'000, 2},  // hours: days are no 32 bits
           {{0, 200 * kHourUs, 24 * kHourUs}, 3'600'000'000, 1},
           {{0, 1'024, 4'096 * 15}, 1'024, 1},
           {{0, 300, 299}, 1, 2},
           {{0, 70'000 * kSecondUs, kSecondUs + 1}, 1, 8},
           {{0, 2, int64_t{1} << 33}, 2, 8},  // wider by steps, too
           {{kMin, kMax, 0}, 1, 8},
           {{3 * kSecondUs, 3 * kSecondUs}, 1, 1}}) {
    std::vector<Cell> cells = {Null()};
    for (const int64_t time_us : example.times_us) cells.push_back(Int(time_us));
    const Column column = ColumnOf(kTime, cells);
    const bool is_narrower = example.width_bytes < 8 && example.step > 1;
    EXPECT_EQ(column.step(), is_narrower ? example.step : 1u) << example.times_us[1];
    EXPECT_EQ(column.width_bytes(), example.width_bytes) << example.times_us[1];
    for (uint32_t row = 0; row < example.times_us.size(); ++row) {
      EXPECT_EQ(column.IntegerAt(row + 1), example.times_us[row]);
    }
    EXPECT_TRUE(column.IsNull(0));
    EXPECT_EQ(column.zone_map().min_integer, std::ranges::min(example.times_us));
    EXPECT_EQ(column.zone_map().max_integer, std::ranges::max(example.times_us));
  }
}

TEST(IntegerColumnBuilderTest, NumbersHaveNoSteps) {
  const Column column = IntColumn({Int(0), Int(70'000 * kSecondUs)});
  EXPECT_EQ(column.step(), 1u);
  EXPECT_EQ(column.width_bytes(), 8);
}

TEST(ListColumnBuilderTest, ElementsAreKeptBySteps) {
  const Column column =
      ColumnOf(DataType::ListOf(TypeKind::kTimestamp),
               {List({Int(0), Null()}), Null(), List({Int(70'000 * kSecondUs), Int(kHourUs)})});
  EXPECT_EQ(column.elements().step(), 400 * kSecondUs);
  EXPECT_EQ(column.elements().width_bytes(), 1);
  EXPECT_EQ(column.elements().IntegerAt(2), 70'000 * kSecondUs);
  EXPECT_EQ(column.elements().IntegerAt(3), kHourUs);
}

TEST(IntegerColumnBuilderTest, AllNullsHaveNoBounds) {
  const Column column = IntColumn({Null(), Null()});
  EXPECT_FALSE(column.zone_map().has_bounds);
  EXPECT_EQ(column.zone_map().null_count, 2u);
  EXPECT_EQ(column.width_bytes(), 1);
}

TEST(IntegerColumnBuilderTest, NoRowsSealToAnEmptyColumn) {
  const Column column = IntColumn({});
  EXPECT_EQ(column.num_rows(), 0u);
  EXPECT_FALSE(column.has_nulls());
}

TEST(IntegerColumnBuilderTest, TheNextChunkStartsAnew) {
  const auto builder = *MakeColumnBuilder(FieldOf(DataType::Of(TypeKind::kInt32)), TestBudget());
  const DataType type = DataType::Of(TypeKind::kInt32);
  ASSERT_TRUE(AppendCell(type, Null(), *builder).ok());
  ASSERT_TRUE(AppendCell(type, Int(1'000'000), *builder).ok());
  EXPECT_TRUE(builder->Seal().ok());
  ASSERT_TRUE(AppendCell(type, Int(3), *builder).ok());
  const Column column = Sealed(*builder);
  EXPECT_EQ(column.num_rows(), 1u);
  EXPECT_FALSE(column.has_nulls());
  EXPECT_EQ(column.zone_map().max_integer, 3);
}

TEST(IntegerColumnBuilderTest, BatchesOfAnySizeGiveTheSameColumn) {
  for (const uint32_t seed : {1u, 2u, 3u, 4u}) {
    SCOPED_TRACE(testing::Message() << "seed=" << seed);
    std::mt19937 random(seed);
    const auto builder = *MakeColumnBuilder(FieldOf(DataType::Of(TypeKind::kInt64)), TestBudget());
    std::vector<Cell> cells;
    while (cells.size() < 3000) {
      const size_t count = random() % 200;
      std::vector<int64_t> values(count);
      std::vector<uint64_t> valid(BitmapWords(count), ~uint64_t{0});
      const bool with_nulls = random() % 3 == 0;
      for (size_t i = 0; i < count; ++i) {
        values[i] = static_cast<int64_t>(random()) - 5;
        if (with_nulls && random() % 4 == 0) ClearBit(valid, i);
        cells.push_back(TestBit(valid, i) ? Int(values[i]) : Null());
      }
      const std::span<const uint64_t> bitmap = with_nulls || random() % 2 == 0
                                                   ? std::span<const uint64_t>(valid)
                                                   : std::span<const uint64_t>();
      ASSERT_TRUE(dynamic_cast<IntegerColumnBuilder&>(*builder).Append(values, bitmap).ok());
    }
    const Column batched = Sealed(*builder);
    const Column single = IntColumn(cells);
    ASSERT_EQ(batched.num_rows(), single.num_rows());
    EXPECT_EQ(batched.zone_map().null_count, single.zone_map().null_count);
    EXPECT_EQ(CountBits(batched.validity()), CountBits(single.validity()));
    for (uint32_t row = 0; row < single.num_rows(); ++row) {
      ASSERT_EQ(CellText(batched, nullptr, row), CellText(single, nullptr, row)) << row;
    }
  }
}

TEST(FloatColumnBuilderTest, BoundsLeaveNanOutAndSayThatItIsThere) {
  const Column column =
      ColumnOf(DataType::Of(TypeKind::kFloat64), {Float(2), Float(kNan), Float(-kInfinity)});
  EXPECT_TRUE(column.zone_map().has_nan);
  EXPECT_EQ(column.zone_map().min_float, -kInfinity);
  EXPECT_EQ(column.zone_map().max_float, 2);
}

TEST(FloatColumnBuilderTest, OnlyNanHasNoBounds) {
  const Column column = ColumnOf(DataType::Of(TypeKind::kFloat64), {Float(kNan), Null()});
  EXPECT_FALSE(column.zone_map().has_bounds);
  EXPECT_TRUE(column.zone_map().has_nan);
}

TEST(FloatColumnBuilderTest, ANullNanIsNoNan) {
  const auto builder = *MakeColumnBuilder(FieldOf(DataType::Of(TypeKind::kFloat32)), TestBudget());
  const double values[] = {kNan, 1.5};
  const uint64_t valid = 0b10;
  ASSERT_TRUE(dynamic_cast<FloatColumnBuilder&>(*builder).Append(values, {&valid, 1}).ok());
  const Column column = Sealed(*builder);
  EXPECT_FALSE(column.zone_map().has_nan);
  EXPECT_THAT(column.values<float>(), ElementsAre(0, 1.5));
}

TEST(FloatColumnBuilderTest, DoublesThatAreAllFloatsTakeTheRoomOfFloats) {
  const Column column = ColumnOf(DataType::Of(TypeKind::kFloat64),
                                 {Float(0.5), Null(), Float(-0.0), Float(kInfinity), Float(kNan),
                                  Float(std::numeric_limits<float>::max())});
  EXPECT_EQ(column.width_bytes(), 4);
  EXPECT_EQ(column.FloatAt(0), 0.5);
  EXPECT_TRUE(std::signbit(column.FloatAt(2)));
  EXPECT_EQ(column.FloatAt(3), kInfinity);
  EXPECT_TRUE(std::isnan(column.FloatAt(4)));
  EXPECT_EQ(column.FloatAt(5), std::numeric_limits<float>::max());
}

TEST(FloatColumnBuilderTest, OneDoubleThatIsNoFloatKeepsAllWide) {
  for (const double value : {0.1, 1e300, -1e-300, 16'777'217.0}) {
    const Column column = ColumnOf(DataType::Of(TypeKind::kFloat64), {Float(0.5), Float(value)});
    EXPECT_EQ(column.width_bytes(), 8);
    EXPECT_EQ(column.FloatAt(1), value);
  }
}

TEST(FloatColumnBuilderTest, KeepsInfinitiesAsBounds) {
  const Column column = ColumnOf(DataType::Of(TypeKind::kFloat32), {Float(kInfinity)});
  EXPECT_TRUE(column.zone_map().has_bounds);
  EXPECT_EQ(column.zone_map().min_float, kInfinity);
  EXPECT_EQ(column.zone_map().max_float, kInfinity);
}

TEST(WideColumnBuilderTest, NullSlotsAreZero) {
  const auto builder = *MakeColumnBuilder(FieldOf(DataType::Of(TypeKind::kUuid)), TestBudget());
  const Wide values[] = {{7, 8}, {9, 10}};
  const uint64_t valid = 0b01;
  ASSERT_TRUE(dynamic_cast<WideColumnBuilder&>(*builder).Append(values, {&valid, 1}).ok());
  const Column column = Sealed(*builder);
  EXPECT_EQ(column.WideAt(0), (Wide{7, 8}));
  EXPECT_EQ(column.WideAt(1), Wide());
}

TEST(BytesColumnBuilderTest, KeepsAnyBytesAndEmptyNulls) {
  const std::string zeros("\0\xFF\0", 3);
  const Column column =
      ColumnOf(DataType::Of(TypeKind::kBytes), {Text(zeros), Null(), Text(""), Text("abc")});
  EXPECT_EQ(column.layout(), Layout::kBytes);
  EXPECT_THAT(column.offsets(), ElementsAre(0, 3, 3, 3, 6));
  EXPECT_EQ(column.BytesAt(0), zeros);
  EXPECT_TRUE(column.IsNull(1));
  EXPECT_FALSE(column.IsNull(2));
  EXPECT_EQ(column.BytesAt(3), "abc");
}

TEST(BytesColumnBuilderTest, CopiesStringsOfEveryLength) {
  std::vector<Cell> cells;
  for (size_t length = 0; length < 100; ++length) {
    cells.push_back(Text(std::string(length, static_cast<char>('A' + length % 26))));
  }
  const Column column = ColumnOf(DataType::Of(TypeKind::kJson), cells);
  for (uint32_t row = 0; row < cells.size(); ++row) {
    EXPECT_EQ(column.BytesAt(row), std::get<std::string>(cells[row].value));
  }
}

TEST(BytesColumnBuilderTest, GivesLargeStringsAwayWithoutACopy) {
  MemoryBudget budget("cache");
  const std::string megabyte(1 << 20, 'm');
  {
    const auto builder = *MakeColumnBuilder(FieldOf(DataType::Of(TypeKind::kJson)), budget);
    for (int i = 0; i < 32; ++i) {
      ASSERT_TRUE(AppendCell(DataType::Of(TypeKind::kJson), Text(megabyte), *builder).ok());
    }
    EXPECT_EQ(builder->variable_bytes(), size_t{32} << 20);
    const Column column = Sealed(*builder);
    EXPECT_EQ(column.BytesAt(31), megabyte);
    EXPECT_EQ(builder->variable_bytes(), 0u);
  }
  EXPECT_LT(budget.peak_bytes(), size_t{64} << 20);
}

TEST(EnumColumnBuilderTest, CodesFollowTheDeclaredOrder) {
  const DataType type = DataType::Of(TypeKind::kEnum);
  const auto builder = *MakeColumnBuilder(FieldOf(type, {"low", "mid", "high"}), TestBudget());
  EXPECT_EQ(builder->dictionary()->size(), 3u);
  for (const Cell& cell : {Text("high"), Null(), Text("low")}) {
    ASSERT_TRUE(AppendCell(type, cell, *builder).ok());
  }
  EXPECT_THAT(Sealed(*builder).values<uint8_t>(), ElementsAre(2, 0, 0));
  EXPECT_EQ(builder->dictionary()->Entry(1), "mid");
}

TEST(EnumColumnBuilderTest, ALabelThatIsNotDeclaredMeansThatTheTypeChanged) {
  const DataType type = DataType::Of(TypeKind::kEnum);
  const auto builder = *MakeColumnBuilder(FieldOf(type, {"low", "high"}), TestBudget());
  const absl::Status status = AppendCell(type, Text("new"), *builder);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("column 'x': found 'new', which is not among the labels"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("low, high"));
}

TEST(MakeColumnBuilderTest, RefusesRepeatedLabels) {
  EXPECT_EQ(MakeColumnBuilder(FieldOf(DataType::Of(TypeKind::kEnum), {"a", "a"}), TestBudget())
                .status()
                .code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(MakeColumnBuilderTest, RefusesNumericsWithoutAPrecisionOfOneTo38) {
  for (const int precision : {0, 39}) {
    EXPECT_EQ(
        MakeColumnBuilder(FieldOf(DataType::Decimal(precision, 0)), TestBudget()).status().code(),
        absl::StatusCode::kInvalidArgument);
  }
}

TEST(MakeColumnBuilderTest, RefusesListsOfOtherTypes) {
  const absl::Status status =
      MakeColumnBuilder(FieldOf(DataType::ListOf(TypeKind::kUuid)), TestBudget()).status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("lists of uuid are not supported"));
}

TEST(ListColumnBuilderTest, TellsNullListsEmptyListsAndNullElementsApart) {
  const Column column = ColumnOf(DataType::ListOf(TypeKind::kInt64),
                                 {List({Int(5), Null()}), Null(), List({}), List({Null()})});
  EXPECT_EQ(CellText(column, nullptr, 0), "{5,NULL}");
  EXPECT_EQ(CellText(column, nullptr, 1), "NULL");
  EXPECT_EQ(CellText(column, nullptr, 2), "{}");
  EXPECT_EQ(CellText(column, nullptr, 3), "{NULL}");
  EXPECT_THAT(column.offsets(), ElementsAre(0, 2, 2, 2, 3));
  EXPECT_EQ(column.elements().zone_map().null_count, 2u);
}

TEST(ListColumnBuilderTest, ElementsOfTimestampsAndFloatsKeepTheirValues) {
  EXPECT_EQ(
      CellText(ColumnOf(DataType::ListOf(TypeKind::kTimestamp), {List({Int(kMin)})}), nullptr, 0),
      absl::StrCat("{", kMin, "}"));
  EXPECT_EQ(
      CellText(ColumnOf(DataType::ListOf(TypeKind::kFloat32), {List({Float(0.5)})}), nullptr, 0),
      "{0.5}");
}

TEST(ListColumnBuilderTest, OnlyNullListsHaveNoElements) {
  const Column column = ColumnOf(DataType::ListOf(TypeKind::kText), {Null(), Null()});
  EXPECT_EQ(column.elements().num_rows(), 0u);
}

TEST(ListColumnBuilderDeathTest, LengthsMustAddUpToTheElements) {
  const auto builder =
      *MakeColumnBuilder(FieldOf(DataType::ListOf(TypeKind::kInt64)), TestBudget());
  const uint32_t length = 2;
  ASSERT_TRUE(dynamic_cast<ListColumnBuilder&>(*builder).Append({&length, 1}, {}).ok());
  EXPECT_DEATH(builder->Seal().status().IgnoreError(), "lengths add up to 2, elements are 0");
}

}  // namespace
}  // namespace sextant
