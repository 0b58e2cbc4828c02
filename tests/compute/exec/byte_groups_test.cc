// Groups whose codes are bytes, of chunks that are added as a whole, against the same rows in
// chunks that are too small for it.

#include <gmock/gmock.h>

#include <random>
#include <string>
#include <vector>

#include "tests/testing/run_query.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

constexpr uint32_t kWhole = 9000;  // rows of a chunk that is added as a whole
constexpr uint32_t kSmall = 1000;
constexpr uint32_t kRows = 2 * kWhole + 8500;

Query QueryOf(const std::vector<std::string>& expressions, const std::string& axis,
              const std::string& where) {
  Query query;
  for (const std::string& expression : expressions) {
    query.metrics.push_back({.name = expression, .dataset = "dataset", .expression = expression});
  }
  query.group_by.push_back(GroupAxis::Of(axis));
  query.where = where;
  return query;
}

/// Keys of several kinds, and values of bytes, of two bytes, with NULL, and floats that are
/// decimals or not.
std::vector<ColumnCells> Columns() {
  std::mt19937_64 random(11);
  const DataType integer = DataType::Of(TypeKind::kInt64);
  const DataType real = DataType::Of(TypeKind::kFloat64);
  ColumnCells near = {"near", integer, {}};
  ColumnCells name = {"name", DataType::Of(TypeKind::kText), {}};
  ColumnCells late_null = {"late_null", integer, {}};
  ColumnCells tiny = {"tiny", integer, {}};
  ColumnCells zero = {"zero", integer, {}};
  ColumnCells wide = {"wide", integer, {}};
  ColumnCells sparse = {"sparse", integer, {}};
  ColumnCells x = {"x", real, {}};
  ColumnCells y = {"y", real, {}};
  for (uint32_t row = 0; row < kRows; ++row) {
    // Other bounds in every chunk, and more than 256 in all.
    near.cells.push_back(Int(static_cast<int64_t>(random() % 200 + row / kWhole * 120) - 50));
    name.cells.push_back(Text("n" + std::to_string(random() % 90)));
    late_null.cells.push_back(row > 2 * kWhole && row % 7 == 0 ? Null() : Int(row % 3));
    tiny.cells.push_back(Int(static_cast<int64_t>(random() % 5) + 1));
    zero.cells.push_back(Int(static_cast<int64_t>(random() % 256) - 128));
    wide.cells.push_back(Int(static_cast<int64_t>(random() % 1000)));
    sparse.cells.push_back(random() % 4 == 0 ? Null() : Int(static_cast<int64_t>(random() % 9)));
    x.cells.push_back(Float(static_cast<double>(random() % 1'000'003) / 7));
    y.cells.push_back(Float(static_cast<double>(random() % 1000) / 10));
  }
  return {near, name, late_null, tiny, zero, wide, sparse, x, y};
}

TEST(ByteGroupsTest, WholeChunksGiveTheBitsOfBatches_Rule4) {
  const auto whole = TableOf(Columns(), {.chunk_rows = kWhole});
  const auto small = TableOf(Columns(), {.chunk_rows = kSmall});
  for (const char* const axis : {"near", "name", "late_null", "tiny"}) {
    for (const char* const where : {"", "tiny < 9", "tiny < 5", "wide < 3"}) {
      for (const std::vector<std::string>& metrics :
           std::vector<std::vector<std::string>>{{"sum(tiny)"},
                                                 {"sum(zero)", "count(*)"},
                                                 {"avg(tiny)", "avg(zero)", "avg(x)"},
                                                 {"sum(tiny)", "sum(zero)", "sum(x)", "sum(y)"},
                                                 {"sum(late_null)", "sum(tiny)"},
                                                 {"sum(x)", "count(*)"},
                                                 {"sum(wide)", "sum(tiny)"},
                                                 {"sum(sparse)", "sum(tiny)"},
                                                 {"sum(tiny)", "max(wide)"}}) {
        const Query query = QueryOf(metrics, axis, where);
        const auto expected = RunQuery(query, small);
        const auto found = RunQuery(query, whole);
        ASSERT_TRUE(expected.ok()) << expected.status();
        ASSERT_TRUE(found.ok()) << found.status();
        EXPECT_EQ(found->rows, expected->rows) << metrics[0] << " by " << axis << " " << where;
      }
    }
  }
}

TEST(ByteGroupsTest, AMetricWithAFilterOfItsOwnSeesItsRowsOnly) {
  const auto whole = TableOf(Columns(), {.chunk_rows = kWhole});
  const auto small = TableOf(Columns(), {.chunk_rows = kSmall});
  Query query = QueryOf({"sum(tiny)"}, "name", "");
  query.metrics[0].filter = "zero > 0";
  const auto found = RunQuery(query, whole);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->rows, RunQuery(query, small)->rows);
}

}  // namespace
}  // namespace sextant
