#include <gmock/gmock.h>

#include "tests/testing/run_aggregate.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;

/// All TRUE, all FALSE, both, all NULL.
std::vector<std::string> ValuesOf(AggregateKind kind, uint32_t num_ranges) {
  const auto table = TableOf({{"x",
                               DataType::Of(TypeKind::kBool),
                               {Bool(true), Bool(false), Bool(true), Null(), Bool(true),
                                Bool(false), Bool(false), Null()}}});
  return RunAggregate(
      AggregateOf(*table, kind, "x"), *table,
      {.cells = {0, 1, 2, 3, 0, 1, 2, 0}, .num_cells = 4, .num_ranges = num_ranges});
}

TEST(BoolAggregateTest, OrIsTrueWhereOneIs) {
  EXPECT_THAT(ValuesOf(AggregateKind::kBoolOr, 1), ElementsAre("1", "0", "1", "-"));
  EXPECT_THAT(ValuesOf(AggregateKind::kBoolOr, 3), ElementsAre("1", "0", "1", "-"));
}

TEST(BoolAggregateTest, AndIsFalseWhereOneIs) {
  EXPECT_THAT(ValuesOf(AggregateKind::kBoolAnd, 1), ElementsAre("1", "0", "0", "-"));
  EXPECT_THAT(ValuesOf(AggregateKind::kBoolAnd, 3), ElementsAre("1", "0", "0", "-"));
}

}  // namespace
}  // namespace sextant
