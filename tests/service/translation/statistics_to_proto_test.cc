#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "service/translation/dataset_to_proto.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

v1::DatasetStatistics StatisticsOf(const DataType& type, std::vector<Cell> cells,
                                   std::vector<std::string> labels = {}) {
  const auto table = TableOf({{"x", type, std::move(cells), std::move(labels)}}, {.chunk_rows = 3});
  v1::Dataset wire;
  AddStatistics(*table, {}, wire);
  EXPECT_EQ(wire.statistics_size(), 1);
  return wire.statistics(0);
}

/// "least .. greatest", "-" for what is absent.
std::string BoundsText(const v1::DatasetStatistics& wire) {
  return (wire.has_min_value() ? wire.min_value() : "-") + " .. " +
         (wire.has_max_value() ? wire.max_value() : "-");
}

std::string BoundsOf(const DataType& type, std::vector<Cell> cells,
                     std::vector<std::string> labels = {}) {
  return BoundsText(StatisticsOf(type, std::move(cells), std::move(labels)));
}

DataType Of(TypeKind kind) { return DataType::Of(kind); }

/// Of a column of texts of which these were counted as the first and the last.
std::string BoundsOfTexts(const std::string& least, const std::string& greatest) {
  const auto table = TableOf({{"x", Of(TypeKind::kText), {Text("a")}}});
  v1::Dataset wire;
  AddStatistics(*table, {DistinctCount{.texts = TextBounds{least, greatest}}}, wire);
  return BoundsText(wire.statistics(0));
}

TEST(StatisticsToProtoTest, AColumnTellsItsNullsPartsAndOrder) {
  const auto wire = StatisticsOf(Of(TypeKind::kInt64), {Int(1), Int(2), Int(3), Null(), Int(4)});
  EXPECT_EQ(wire.column(), "x");
  EXPECT_EQ(wire.null_count(), 1);
  EXPECT_EQ(wire.parts(), 2);
  EXPECT_EQ(wire.parts_sorted(), 1);
  EXPECT_FALSE(wire.is_sorted());
  EXPECT_GT(wire.memory_bytes(), 0);
}

TEST(StatisticsToProtoTest, WhatIsNotCountedIsAbsent) {
  const auto wire = StatisticsOf(Of(TypeKind::kInt64), {Int(1)});
  EXPECT_FALSE(wire.has_distinct_count());
  EXPECT_EQ(wire.build_us(), 0);
}

TEST(StatisticsToProtoTest, WhatIsCountedSaysWhetherItIsExactAndWhatItTook) {
  const auto table = TableOf({{"x", Of(TypeKind::kInt64), {Int(1)}},
                              {"y", Of(TypeKind::kInt64), {Int(1)}},
                              {"z", Of(TypeKind::kJson), {Text("1")}}});
  const DistinctCounts counts = {DistinctCount{.count = 2},
                                 DistinctCount{.count = 700, .is_exact = false, .build_ns = 9500},
                                 std::nullopt};
  v1::Dataset wire;
  AddStatistics(*table, counts, wire);
  ASSERT_EQ(wire.statistics_size(), 3);
  EXPECT_EQ(wire.statistics(0).distinct_count(), 2);
  EXPECT_TRUE(wire.statistics(0).distinct_count_is_exact());
  EXPECT_EQ(wire.statistics(1).distinct_count(), 700);
  EXPECT_FALSE(wire.statistics(1).distinct_count_is_exact());
  EXPECT_EQ(wire.statistics(1).build_us(), 9);
  EXPECT_FALSE(wire.statistics(2).has_distinct_count());
}

TEST(StatisticsToProtoTest, BoundsAreWrittenAsTheirType) {
  EXPECT_EQ(BoundsOf(Of(TypeKind::kInt16), {Int(-3), Null(), Int(12)}), "-3 .. 12");
  EXPECT_EQ(BoundsOf(Of(TypeKind::kBool), {Bool(true), Bool(false)}), "f .. t");
  EXPECT_EQ(BoundsOf(DataType::Decimal(6, 2), {Int(-5), Int(1234)}), "-0.05 .. 12.34");
  EXPECT_EQ(BoundsOf(Of(TypeKind::kDate), {Int(0), Int(31)}), "1970-01-01 .. 1970-02-01");
  EXPECT_EQ(BoundsOf(Of(TypeKind::kTimestamp), {Int(0), Int(1'500'000)}),
            "1970-01-01T00:00:00+00:00 .. 1970-01-01T00:00:01.5+00:00");
  EXPECT_EQ(BoundsOf(Of(TypeKind::kDuration), {Int(-250'000), Int(3'000'000)}), "-0.25 .. 3");
}

TEST(StatisticsToProtoTest, NanIsTheGreatestFloat) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(BoundsOf(Of(TypeKind::kFloat64), {Float(-0.5), Float(2)}), "-0.5 .. 2");
  EXPECT_EQ(BoundsOf(Of(TypeKind::kFloat64), {Float(1), Float(nan)}), "1 .. NaN");
  EXPECT_EQ(BoundsOf(Of(TypeKind::kFloat64), {Float(nan), Null()}), "NaN .. NaN");
}

TEST(StatisticsToProtoTest, EnumsAreBoundByTheirOrderAndTextsByTheirBytes) {
  EXPECT_EQ(BoundsOf(Of(TypeKind::kEnum), {Text("low"), Text("high")}, {"low", "mid", "high"}),
            "low .. high");
  EXPECT_EQ(BoundsOfTexts("a", "b"), "a .. b");
}

TEST(StatisticsToProtoTest, TextsThatWereNotCountedAreNotBound) {
  EXPECT_EQ(BoundsOf(Of(TypeKind::kText), {Text("b"), Text("b"), Text("b"), Text("a")}), "- .. -");
}

TEST(StatisticsToProtoTest, OfAListTheElementsAreBound) {
  EXPECT_EQ(BoundsOf(DataType::ListOf(TypeKind::kInt64), {List({Int(4), Int(2)}), Null()}),
            "2 .. 4");
}

TEST(StatisticsToProtoTest, WhereAllIsNullThereAreNoBounds) {
  for (const TypeKind kind : {TypeKind::kInt64, TypeKind::kFloat64, TypeKind::kText}) {
    EXPECT_EQ(BoundsOf(Of(kind), {Null(), Null()}), "- .. -");
  }
}

TEST(StatisticsToProtoTest, ALongValueIsLeftOutAndNotCut) {
  EXPECT_EQ(BoundsOfTexts("a", std::string(257, 'x')), "a .. -");
}

TEST(StatisticsToProtoTest, TypesWithoutBoundsHaveTheRest) {
  const auto wire = StatisticsOf(Of(TypeKind::kUuid), {Null()});
  EXPECT_FALSE(wire.has_min_value());
  EXPECT_EQ(wire.null_count(), 1);
}

}  // namespace
}  // namespace sextant
