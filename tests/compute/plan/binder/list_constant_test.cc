#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "compute/plan/binder.h"

namespace sextant {
namespace {

/// The bound filter `where` over a list of integers called `ints`.
std::string BoundText(const std::string& where) {
  const auto schema = std::make_shared<const Schema>(
      std::vector<Field>{{.name = "ints", .type = DataType::ListOf(TypeKind::kInt32)}});
  Query query;
  query.metrics.push_back({.name = "n", .dataset = "dataset", .expression = "count(*)"});
  query.where = where;
  const absl::StatusOr<BoundQuery> bound = Bind(query, schema, 0);
  return bound.ok() ? ToString(*bound->datasets[0].filter) : std::string(bound.status().message());
}

TEST(ListConstantTest, TheGreatestIntegerOfTheTypeIsOneThoughGreaterOnesWouldBeTheSameFloat) {
  EXPECT_EQ(BoundText("2147483647::float8 = ANY (ints)"),
            "(#0 integer[]) equals any {2147483647} {}");
}

}  // namespace
}  // namespace sextant
