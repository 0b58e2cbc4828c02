#include <gmock/gmock.h>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/testing/run_query.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

constexpr uint32_t kSeed = 4;

/// Rows of some columns that are grouped by, each a number, and how many there are of each tuple.
struct GroupedRows {
  std::vector<std::vector<int64_t>> columns;

  std::map<std::vector<int64_t>, int64_t> Counts() const {
    std::map<std::vector<int64_t>, int64_t> counts;
    for (size_t row = 0; row < columns[0].size(); ++row) {
      std::vector<int64_t> tuple;
      for (const auto& column : columns) tuple.push_back(column[row]);
      ++counts[tuple];
    }
    return counts;
  }
};

/// `num_rows` rows of columns that have `domains` values each.
GroupedRows RandomRows(size_t num_rows, const std::vector<int64_t>& domains) {
  std::mt19937_64 random(kSeed);
  GroupedRows rows;
  for (const int64_t domain : domains) {
    std::vector<int64_t>& column = rows.columns.emplace_back();
    for (size_t row = 0; row < num_rows; ++row) {
      column.push_back(static_cast<int64_t>(random() % static_cast<uint64_t>(domain)));
    }
  }
  return rows;
}

Query CountBy(size_t num_axes) {
  Query query;
  query.metrics = {{.name = "n", .dataset = "dataset", .expression = "count(*)"}};
  for (size_t axis = 0; axis < num_axes; ++axis) {
    query.group_by.push_back(GroupAxis::Of(absl::StrCat("c", axis)));
  }
  return query;
}

/// The counts of integer columns, of which the values are `factor` apart, in the order of the
/// product and in that of a map.
void ExpectInOrder(const GroupedRows& rows, int64_t factor) {
  std::vector<ColumnCells> columns;
  for (size_t axis = 0; axis < rows.columns.size(); ++axis) {
    ColumnCells& column =
        columns.emplace_back(absl::StrCat("c", axis), DataType::Of(TypeKind::kInt64));
    for (const int64_t value : rows.columns[axis]) column.cells.push_back(Int(value * factor));
  }
  std::vector<std::string> expected;
  for (const auto& [tuple, count] : rows.Counts()) {
    std::vector<int64_t> shown;
    for (const int64_t value : tuple) shown.push_back(value * factor);
    expected.push_back(absl::StrCat(absl::StrJoin(shown, "|"), "|", count));
  }
  const auto result = RunQuery(CountBy(columns.size()), TableOf(columns, {.chunk_rows = 1000}));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->rows, ElementsAreArray(expected)) << "seed " << kSeed;
}

TEST(ResultOrderTest, CellsThatFillTheirTableAreInTheOrderOfTheirAxes) {
  ExpectInOrder(RandomRows(3000, {20, 30}), 1);
  ExpectInOrder(RandomRows(3000, {1000}), 1);
  ExpectInOrder(RandomRows(3000, {7, 11, 13}), 1);
}

TEST(ResultOrderTest, CellsFarApartAreInTheOrderOfTheirAxes) {
  ExpectInOrder(RandomRows(300, {700, 900}), 1);
  ExpectInOrder(RandomRows(3000, {700, 900}), int64_t{1} << 40);
}

TEST(ResultOrderTest, CellsWhoseRanksDoNotFitInOneNumberAreInTheOrderOfTheirAxes) {
  ExpectInOrder(RandomRows(3000, {4000, 4000, 4000, 4000, 4000, 4000}), int64_t{1} << 40);
  // Only the last ones differ.
  ExpectInOrder(RandomRows(6000, {1, 2, 3, 5000, 5000, 5000, 5000, 5000, 5000}), int64_t{1} << 40);
}

TEST(ResultOrderTest, IntervalsOfAGroupAreInOrderWhereMostHaveNoCell) {
  constexpr int64_t kDayUs = int64_t{86'400} * 1'000'000;
  const GroupedRows rows = RandomRows(600, {5, 40});
  ColumnCells group = {"c0", DataType::Of(TypeKind::kInt64), {}};
  ColumnCells time = {"t", DataType::Of(TypeKind::kTimestamp), {}};
  for (size_t row = 0; row < 600; ++row) {
    group.cells.push_back(Int(rows.columns[0][row]));
    time.cells.push_back(Int(rows.columns[1][row] * rows.columns[1][row] * kDayUs));
  }
  std::vector<std::string> expected;
  for (const auto& [tuple, count] : rows.Counts()) {
    expected.push_back(absl::StrCat(tuple[0], "|", tuple[1] * tuple[1] * kDayUs, "|", count));
  }
  Query query = CountBy(1);
  query.metrics[0].pin = TimePin::At("t");
  query.series = {{CalendarUnit::kDay, 1}};
  query.from = "1970-01-01";
  query.to = "1975-01-01";
  const auto result = RunQuery(query, TableOf({group, time}));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->rows, ElementsAreArray(expected)) << "seed " << kSeed;
}

/// The texts as the result of a grouping by them has them.
std::vector<std::string> Ordered(const std::vector<Cell>& texts) {
  const auto table = TableOf({{"c0", DataType::Of(TypeKind::kText), texts}});
  const auto result = RunQuery(CountBy(1), table);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? result->rows : std::vector<std::string>{};
}

TEST(ResultOrderTest, TextsAreOrderedByAllOfTheirBytes_Rule7) {
  const std::string zero("a\0", 2);
  const std::string zeros("a\0\0\0\0\0\0\0\0\0", 10);
  EXPECT_THAT(
      Ordered({Text("ab"), Text(zeros), Text("\xFF"), Text(""), Text(zero), Text("a"), Null(),
               Text("a\x80")}),
      ElementsAre("|1", "a|1", zero + "|1", zeros + "|1", "ab|1", "a\x80|1", "\xFF|1", "-|1"));
}

TEST(ResultOrderTest, TextsThatDifferFarBehindAreInOrder_Rule7) {
  std::vector<std::string> expected;
  std::vector<Cell> texts;
  std::mt19937_64 random(kSeed);
  std::map<std::string, int> counts;
  for (int i = 0; i < 500; ++i) {
    ++counts[absl::StrCat("https://host/", random() % 3, "/and-then/", random() % 200)];
  }
  for (const auto& [text, count] : counts) {
    for (int i = 0; i < count; ++i) texts.push_back(Text(text));
    expected.push_back(absl::StrCat(text, "|", count));
  }
  std::shuffle(texts.begin(), texts.end(), random);
  EXPECT_THAT(Ordered(texts), ElementsAreArray(expected)) << "seed " << kSeed;
}

/// A row of the table of OrderedTable: a group, a number and a float of it, which may be missing.
struct Measured {
  int64_t group;
  std::optional<int64_t> number;
  std::optional<double> real;
};

std::vector<Measured> RandomMeasured() {
  std::mt19937_64 random(kSeed);
  std::vector<Measured> rows(2000);
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i].group = static_cast<int64_t>(i);
    if (random() % 5 != 0) rows[i].number = static_cast<int64_t>(random() % 9) - 4;
    const double special[] = {-0.0,
                              0.0,
                              std::numeric_limits<double>::infinity(),
                              -std::numeric_limits<double>::infinity(),
                              1.5,
                              -2.5};
    if (random() % 5 != 0) rows[i].real = special[random() % 6];
  }
  return rows;
}

/// Less, greater or neither, where what is missing is last in both directions.
template <typename T>
int CompareOptional(const std::optional<T>& a, const std::optional<T>& b, bool descending) {
  if (!a || !b) return (a ? 0 : 1) - (b ? 0 : 1);
  const int compared = *a < *b ? -1 : (*b < *a ? 1 : 0);
  return descending ? -compared : compared;
}

TEST(ResultOrderTest, RowsAreOrderedByNumbersThenByWhatFollows) {
  std::vector<Measured> rows = RandomMeasured();
  ColumnCells groups = {"c0", DataType::Of(TypeKind::kInt64), {}};
  ColumnCells numbers = {"number", DataType::Of(TypeKind::kInt64), {}};
  ColumnCells reals = {"real", DataType::Of(TypeKind::kFloat64), {}};
  for (const Measured& row : rows) {
    groups.cells.push_back(Int(row.group));
    numbers.cells.push_back(row.number ? Int(*row.number) : Null());
    reals.cells.push_back(row.real ? Float(*row.real) : Null());
  }
  const auto table = TableOf({groups, numbers, reals});
  for (int directions = 0; directions < 16; ++directions) {
    const bool number_first = (directions & 1) != 0;
    const bool number_down = (directions & 2) != 0;
    const bool real_down = (directions & 4) != 0;
    const bool is_alone = (directions & 8) != 0;
    Query query = CountBy(1);
    query.metrics.push_back({.name = "max", .dataset = "dataset", .expression = "max(number)"});
    query.metrics.push_back({.name = "min", .dataset = "dataset", .expression = "min(real)"});
    query.order_by = {{.column = "max", .descending = number_down},
                      {.column = "min", .descending = real_down}};
    if (!number_first) std::swap(query.order_by[0], query.order_by[1]);
    if (is_alone) query.order_by.resize(1);
    std::stable_sort(rows.begin(), rows.end(), [&](const Measured& a, const Measured& b) {
      const int by_number = CompareOptional(a.number, b.number, number_down);
      const int by_real = CompareOptional(a.real, b.real, real_down);
      const int first = number_first ? by_number : by_real;
      const int second = is_alone ? 0 : (number_first ? by_real : by_number);
      if (first != 0) return first < 0;
      return second != 0 ? second < 0 : a.group < b.group;
    });
    std::vector<std::string> expected;
    for (const Measured& row : rows) expected.push_back(absl::StrCat(row.group));
    const auto result = RunQuery(query, table);
    ASSERT_TRUE(result.ok()) << result.status();
    std::vector<std::string> found;
    for (const std::string& row : result->rows) found.push_back(row.substr(0, row.find('|')));
    EXPECT_EQ(found, expected) << "seed " << kSeed << ", directions " << directions;
  }
}

/// Beginnings that all have, and up to 9 bytes behind them: 8 are a key.
TEST(ResultOrderTest, TextsOfOneLengthAscendByTheirBytes_Rule7) {
  for (const size_t prefix : {0, 1, 20}) {
    for (const size_t own : {0, 1, 7, 8, 9}) {
      std::vector<std::string> texts;
      for (const char last : {'z', 'a', '\x01', '\x7F', 'b'}) {
        std::string text = std::string(prefix, 'p') + std::string(own, 'k');
        if (own > 0) text.back() = last;
        if (own > 2) text[prefix] = static_cast<char>(last ^ 0x21);
        texts.push_back(text);
      }
      std::vector<Cell> cells;
      for (const std::string& text : texts) cells.push_back(Text(text));
      cells.push_back(Null());
      const auto table = TableOf({{"c0", DataType::Of(TypeKind::kText), cells}});
      std::sort(texts.begin(), texts.end(), [](const std::string& a, const std::string& b) {
        return std::string_view(a) < std::string_view(b);
      });
      texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
      std::vector<std::string> expected;
      for (const std::string& text : texts) {
        expected.push_back(absl::StrCat(text, "|", own == 0 ? 5 : 1));
      }
      expected.emplace_back("-|1");
      const auto result = RunQuery(CountBy(1), table);
      ASSERT_TRUE(result.ok()) << result.status();
      EXPECT_THAT(result->rows, ElementsAreArray(expected)) << prefix << " and " << own;
    }
  }
}

}  // namespace
}  // namespace sextant
