#include "tests/bench/peers/row_variant.h"

#include <gmock/gmock.h>

#include <set>
#include <sstream>

#include "absl/strings/str_split.h"
#include "tests/bench/peers/csv_sink.h"
#include "tests/bench/peers/datasets.h"

namespace sextant::peers {
namespace {

using ::testing::Each;
using ::testing::Gt;
using ::testing::Lt;
using ::testing::Ne;

constexpr uint64_t kNumRows = 2000;

/// Pull requests without their lists, which have commas inside.
std::vector<std::vector<std::string>> RowsOf(RowVariant variant) {
  Dataset dataset = *FindDataset("pr");
  dataset.variant = variant;
  std::ostringstream output;
  CsvSink sink(dataset.fields, output);
  EXPECT_TRUE(dataset.Generate(kNumRows, sink).ok());
  std::vector<std::vector<std::string>> rows;
  for (const std::string& line :
       std::vector<std::string>(absl::StrSplit(output.str(), '\n', absl::SkipEmpty()))) {
    const std::vector<std::string> parts = absl::StrSplit(line, '"');
    std::vector<std::string> row;
    for (size_t i = 0; i < parts.size(); i += 2) {
      for (const auto field : absl::StrSplit(parts[i], ',')) row.emplace_back(field);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<std::string> ColumnOf(RowVariant variant, const std::string& name) {
  const std::vector<Field> fields = FindDataset("pr")->fields;
  const std::vector<std::vector<std::string>> rows = RowsOf(variant);
  // From the end: lists are before all of these.
  size_t from_end = 0;
  while (fields[fields.size() - 1 - from_end].name != name) ++from_end;
  std::vector<std::string> values;
  for (size_t i = 1; i < rows.size(); ++i) values.push_back(rows[i][rows[i].size() - 1 - from_end]);
  return values;
}

TEST(RowVariantTest, EachHasANameThatIsRead) {
  for (const std::string& name : RowVariantNames()) {
    EXPECT_TRUE(RowVariantOf(name).has_value()) << name;
  }
  EXPECT_FALSE(RowVariantOf("sorted").has_value());
}

TEST(RowVariantTest, AShuffleHasEachRowOnce) {
  for (const uint64_t num_rows : {1u, 2u, 10u, 1000u, 65'536u, 300'000u}) {
    std::set<uint64_t> rows;
    for (uint64_t row = 0; row < num_rows; ++row) rows.insert(ShuffledRow(row, num_rows));
    EXPECT_EQ(rows.size(), num_rows);
    EXPECT_LT(*rows.rbegin(), num_rows);
  }
}

TEST(RowVariantTest, ShuffledRowsAreNotInOrderOfTime) {
  const std::vector<std::string> created = ColumnOf(RowVariant::kShuffled, "created");
  EXPECT_FALSE(std::is_sorted(created.begin(), created.end()));
  size_t num_steps_back = 0;
  for (size_t i = 1; i < created.size(); ++i) num_steps_back += created[i] < created[i - 1] ? 1 : 0;
  EXPECT_GT(num_steps_back, kNumRows / 10);
}

TEST(RowVariantTest, NineOfTenValuesThatARowMayLackAreNull) {
  for (const char* name : {"closed", "released", "jira_id", "story_points", "lead_time"}) {
    const std::vector<std::string> values = ColumnOf(RowVariant::kNullHeavy, name);
    const auto num_nulls = std::count(values.begin(), values.end(), "");
    EXPECT_THAT(num_nulls, Gt(kNumRows * 88 / 100)) << name;
    EXPECT_THAT(num_nulls, Lt(kNumRows)) << name;
  }
}

TEST(RowVariantTest, WhatIsNeverNullStaysSo) {
  EXPECT_THAT(ColumnOf(RowVariant::kNullHeavy, "created"), Each(Ne("")));
}

TEST(RowVariantTest, AllValuesOfADistinctColumnDiffer) {
  for (const char* name : {"created", "jira_id", "lead_time", "comments", "story_points"}) {
    const std::vector<std::string> values = ColumnOf(RowVariant::kAllDistinct, name);
    EXPECT_EQ(std::set<std::string>(values.begin(), values.end()).size(), kNumRows) << name;
  }
}

}  // namespace
}  // namespace sextant::peers
