// Groups by texts that an index has ranked.
#include "compute/exec/rank_choice.h"

#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/testing/run_query.h"
#include "tests/testing/table_of.h"
#include "tests/testing/text_ranks_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;

void Rank(const Table& table, ColumnIndex column) {
  table.SetTextRanks(column, TextRanksOf(table, column, TestBudget()));
}

/// Names in two chunks of three, some of them twice; sizes 1, 2, 4, .. and floats that add up
/// otherwise in another order.
std::shared_ptr<const Table> Rows() {
  return TableOf(
      {{"name",
        DataType::Of(TypeKind::kText),
        {Text("d"), Text("b"), Null(), Text("c"), Text("b"), Text("a")}},
       {"size", DataType::Of(TypeKind::kInt64), {Int(1), Int(2), Int(4), Int(8), Int(16), Int(32)}},
       {"x",
        DataType::Of(TypeKind::kFloat64),
        {Float(0.1), Float(1e17), Float(3), Float(1.0 / 3), Float(-1e17), Float(7)}}},
      {.chunk_rows = 3});
}

Query SizesByName() {
  Query query;
  query.metrics = {{.name = "n", .dataset = "dataset", .expression = "count(*)"},
                   {.name = "total", .dataset = "dataset", .expression = "sum(size)"},
                   {.name = "x", .dataset = "dataset", .expression = "sum(x)"}};
  query.group_by = {GroupAxis::Of("name")};
  return query;
}

/// Without ranks, then with them.
void ExpectSame(const Query& query) {
  const auto table = Rows();
  const auto before = RunQuery(query, table);
  ASSERT_TRUE(before.ok()) << before.status();
  Rank(*table, 0);
  const auto after = RunQuery(query, table);
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(before->rows, after->rows);
}

AxisTextRanks ChosenFor(const Query& query, const std::shared_ptr<const Table>& table) {
  const BoundQuery bound = BindOrDie(query, *table);
  const Filter filter = *Filter::Create(bound.datasets[0].filter, *table, TestBudget());
  const Scan scan(*TenantScope::Resolve(table, TenantClaim::None()));
  return ChooseTextRanks(bound, 0, scan, filter);
}

TEST(RankChoiceTest, GroupsAreTheSameWithRanksAndWithout) { ExpectSame(SizesByName()); }

// Tenths add up to 0.6 as decimals, and to 0.6000000000000001 one after another.
TEST(RankChoiceTest, Rule4FloatsThatAreDecimalsAreAddedAsWithoutRanks) {
  const auto table =
      TableOf({{"name",
                DataType::Of(TypeKind::kText),
                {Text("d"), Text("b"), Text("e"), Text("c"), Text("b"), Text("a"), Text("b")}},
               {"x",
                DataType::Of(TypeKind::kFloat64),
                {Float(1), Float(0.1), Float(2), Float(3), Float(0.2), Float(4), Float(0.3)}}});
  Query query;
  query.metrics = {{.name = "sum", .dataset = "dataset", .expression = "sum(x)"}};
  query.group_by = {GroupAxis::Of("name")};
  const auto expected = ElementsAre("a|4", "b|0.6", "c|3", "d|1", "e|2");
  EXPECT_THAT(RunQuery(query, table)->rows, expected);
  Rank(*table, 0);
  EXPECT_THAT(RunQuery(query, table)->rows, expected);
}

TEST(RankChoiceTest, TextsThatNoRowHasAreLeftOut) {
  const auto table = Rows();
  Rank(*table, 0);
  Query query = SizesByName();
  query.metrics.resize(2);
  query.where = "size BETWEEN 2 AND 16";
  EXPECT_THAT(RunQuery(query, table)->rows, ElementsAre("b|2|18", "c|1|8", "-|1|4"));
}

TEST(RankChoiceTest, TotalsAndSubtotalsAreTheSame) {
  Query query = SizesByName();
  query.totals = Totals::kCube;
  ExpectSame(query);
}

TEST(RankChoiceTest, TheTopNamesAndTheOthersAreTheSame) {
  Query query = SizesByName();
  query.top_n = TopN{.count = 2, .metric = "total", .others = true};
  ExpectSame(query);
}

TEST(RankChoiceTest, RanksAreTakenWhereManyRowsAreExpected) {
  const auto table = Rows();
  EXPECT_THAT(ChosenFor(SizesByName(), table), ElementsAre(nullptr));
  Rank(*table, 0);
  EXPECT_THAT(ChosenFor(SizesByName(), table), ElementsAre(table->text_ranks(0)));
}

TEST(RankChoiceTest, RanksAreLeftWhereAFilterLeavesNextToNothing) {
  const auto table = Rows();
  Rank(*table, 0);
  Query query = SizesByName();
  query.where = "size > 1000";
  EXPECT_THAT(ChosenFor(query, table), ElementsAre(nullptr));
}

/// 64 names, each once; numbers and days 0 .. 63.
std::shared_ptr<const Table> NamesByNumber() {
  std::vector<Cell> names;
  std::vector<Cell> numbers;
  std::vector<Cell> days;
  for (int i = 0; i < 64; ++i) {
    names.push_back(Text("name " + std::to_string(i)));
    numbers.push_back(Int(i));
    days.push_back(Int(i));
  }
  return TableOf({{"name", DataType::Of(TypeKind::kText), names},
                  {"n", DataType::Of(TypeKind::kInt64), numbers},
                  {"day", DataType::Of(TypeKind::kDate), days}});
}
Query CountByName() {
  Query query;
  query.metrics = {{.name = "count", .dataset = "dataset", .expression = "count(*)"}};
  query.group_by = {GroupAxis::Of("name")};
  return query;
}

TEST(RankChoiceTest, RanksAreLeftWhereTheRangeOfTimeHasNextToNoRows) {
  const auto table = NamesByNumber();
  Rank(*table, 0);
  Query query = CountByName();
  query.metrics[0].pin = TimePin::At("day");
  query.from = "1970-01-01";
  query.to = "1970-03-05";
  EXPECT_THAT(ChosenFor(query, table), ElementsAre(table->text_ranks(0)));
  query.to = "1970-01-03";
  EXPECT_THAT(ChosenFor(query, table), ElementsAre(nullptr));
  query.from = "1970-04-01";
  query.to = "1970-05-01";
  EXPECT_THAT(ChosenFor(query, table), ElementsAre(nullptr));
}

TEST(RankChoiceTest, QueriesThatWouldNotTakeRanksDoNotAskForThem) {
  const auto table = NamesByNumber();
  Query few = CountByName();
  few.where = "n < 2";
  for (int i = 0; i < 1000; ++i) ChosenFor(few, table);
  EXPECT_FALSE(table->rank_demand().IsWanted(0));
  Query many = CountByName();
  many.where = "n < 32";
  for (int i = 0; i < 4; ++i) ChosenFor(many, table);
  EXPECT_TRUE(table->rank_demand().IsWanted(0));
}

TEST(RankChoiceTest, OtherAxesHaveNone) {
  const auto table = Rows();
  Rank(*table, 0);
  Query query = SizesByName();
  query.group_by = {GroupAxis::Of("size"), GroupAxis::Of("name")};
  EXPECT_THAT(ChosenFor(query, table), ElementsAre(nullptr, table->text_ranks(0)));
}

}  // namespace
}  // namespace sextant
