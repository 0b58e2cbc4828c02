#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "compute/plan/error_detail.h"
#include "tests/testing/run_query.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Rows = std::vector<std::string>;

constexpr int64_t kDayUs = int64_t{86'400} * 1'000'000;

/// Row by row: team, labels, minutes, score, day.
std::shared_ptr<const Table> Pulls(uint32_t chunk_rows = kMaxChunkRows) {
  const auto day = [](int64_t number) { return Int(number * kDayUs); };
  return TableOf(
      {{"team",
        DataType::Of(TypeKind::kText),
        {Text("a"), Text("a"), Text("b"), Text("b"), Text("c"), Null()}},
       {"labels",
        DataType::ListOf(TypeKind::kText),
        {List({Text("x"), Text("y")}), List({Text("x")}), List({}), List({Text("y")}),
         List({Text("x"), Text("y"), Text("z")}), List({Text("z")})}},
       {"minutes",
        DataType::Of(TypeKind::kInt64),
        {Int(1), Int(5), Int(10), Null(), Int(19), Int(20)}},
       {"score",
        DataType::Of(TypeKind::kFloat64),
        {Float(0.5), Float(std::numeric_limits<double>::quiet_NaN()), Float(1), Float(-0.0),
         Float(2.5), Null()}},
       {"price",
        DataType::Decimal(6, 2),
        {Decimal(100), Decimal(149), Decimal(150), Decimal(-1), Decimal(299), Decimal(300)}},
       {"t", DataType::Of(TypeKind::kTimestamp), {day(0), day(1), day(1), day(3), day(3), day(0)}}},
      {.chunk_rows = chunk_rows});
}

Query QueryOf(const std::vector<std::string>& expressions, const std::vector<std::string>& axes) {
  Query query;
  for (const std::string& expression : expressions) {
    query.metrics.push_back({.name = expression, .dataset = "dataset", .expression = expression});
  }
  for (const std::string& axis : axes) query.group_by.push_back(GroupAxis::Of(axis));
  return query;
}

GroupAxis BinsOf(const std::string& column, const std::vector<std::string>& edges) {
  GroupAxis axis = GroupAxis::Of(column);
  axis.kind = GroupAxis::Kind::kBins;
  axis.edges = edges;
  return axis;
}

GroupAxis SetsOf(const std::string& name, const std::vector<SetMember>& members) {
  GroupAxis axis;
  axis.kind = GroupAxis::Kind::kSets;
  axis.name = name;
  axis.members = members;
  return axis;
}

/// Teams that overlap, out of alphabetical order; team c and nobody are in none.
GroupAxis Crews() {
  return SetsOf("crew",
                {{"west", "team = 'b'"}, {"all", "team IN ('a', 'b')"}, {"none", "team = 'z'"}});
}

Rows RowsOf(const Query& query, const std::shared_ptr<const Table>& table = Pulls()) {
  const absl::StatusOr<ResultText> result = RunQuery(query, table);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? result->rows : Rows{};
}

std::string ErrorOf(const Query& query) {
  const absl::StatusOr<ResultText> result = RunQuery(query, Pulls());
  EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument) << result.status();
  return std::string(result.status().message());
}

Query Daily(Query query) {
  for (Metric& metric : query.metrics) metric.pin = TimePin::At("t");
  query.series = {{CalendarUnit::kDay, 1}};
  query.from = "1970-01-01";
  query.to = "1970-01-05";
  return query;
}

std::string Day(int64_t number) { return std::to_string(number * kDayUs); }

TEST(QueryGroupsTest, BinsAreHalfOpenAndWhatIsOutsideHasNoCell) {  // (rule 9)
  Query query = QueryOf({"count(*)", "sum(minutes)"}, {});
  query.group_by = {BinsOf("minutes", {"1", "5", "20"})};
  EXPECT_THAT(RowsOf(query), ElementsAre("1|1|1", "5|3|34"));
}

TEST(QueryGroupsTest, BinsOfFloatsLeaveNaNOut) {  // (rule 8)
  Query query = QueryOf({"count(*)"}, {});
  query.group_by = {BinsOf("score", {"-Infinity", "0", "1e0", "Infinity"})};
  EXPECT_THAT(RowsOf(query), ElementsAre("0|2", "1|2"));
}

TEST(QueryGroupsTest, EdgesOfDecimalsAreExact) {
  Query query = QueryOf({"count(*)"}, {});
  query.group_by = {BinsOf("price", {"1", "1.50", "3.0"})};
  EXPECT_THAT(RowsOf(query), ElementsAre("100|2", "150|2"));
}

TEST(QueryGroupsTest, EdgesThatDoNotFitAreRefused) {
  Query query = QueryOf({"count(*)"}, {});
  query.group_by = {BinsOf("minutes", {"1", "1.5"})};
  EXPECT_THAT(ErrorOf(query), HasSubstr("group_by[0].bins.edges[1]: found the edge '1.5'"));
  query.group_by = {BinsOf("minutes", {"2", "2"})};
  EXPECT_THAT(ErrorOf(query), HasSubstr("allowed: ascending edges"));
  query.group_by = {BinsOf("minutes", {"2"})};
  EXPECT_THAT(ErrorOf(query), HasSubstr("found 1 edge; allowed: 2 to 10000"));
  query.group_by = {BinsOf("score", {"0", "NaN"})};
  EXPECT_THAT(ErrorOf(query), HasSubstr("found the edge 'NaN'"));
  query.group_by = {BinsOf("price", {"0", "1.001"})};
  EXPECT_THAT(ErrorOf(query), HasSubstr("numeric(6,2) holds exactly"));
  query.group_by = {BinsOf("minutes", {"0", "99999999999999999999"})};
  EXPECT_THAT(ErrorOf(query), HasSubstr("bigint holds exactly"));
  query.group_by = {BinsOf("team", {"1", "2"})};
  EXPECT_THAT(ErrorOf(query), HasSubstr("bins of 'team', which is text"));
  query.group_by = {BinsOf("missing", {"1", "2"})};
  EXPECT_THAT(ErrorOf(query), HasSubstr("group_by[0].bins.column: unknown column 'missing'"));
}

TEST(QueryGroupsTest, ARowIsInEverySetWhoseConditionIsTrue) {
  Query query = QueryOf({"count(*)", "sum(minutes)"}, {});
  query.group_by = {Crews()};
  EXPECT_THAT(RowsOf(query), ElementsAre("west|2|10", "all|4|16"));
}

TEST(QueryGroupsTest, SetsCombineWithOtherAxes) {
  Query query = QueryOf({"count(*)"}, {});
  query.group_by = {GroupAxis::Of("labels"), Crews(), BinsOf("minutes", {"0", "2", "100"})};
  EXPECT_THAT(RowsOf(query), ElementsAre("x|all|0|1", "x|all|2|1", "y|all|0|1"));
  EXPECT_EQ(RowsOf(query, Pulls(2)), RowsOf(query));
}

TEST(QueryGroupsTest, ConditionsOfSetsSeeOnlyFilteredRows) {
  Query query = QueryOf({"count(*)"}, {});
  query.group_by = {Crews()};
  query.where = "minutes < 10";
  EXPECT_THAT(RowsOf(query), ElementsAre("all|2"));
}

TEST(QueryGroupsTest, SetsThatCannotBeToldApartAreRefused) {
  Query query = QueryOf({"count(*)"}, {});
  query.group_by = {SetsOf("crew", {{"a", "minutes = 1"}, {"a", "minutes = 2"}})};
  EXPECT_THAT(ErrorOf(query),
              HasSubstr("group_by[0].sets.members[1].name: the member 'a' is given twice"));
  query.group_by = {SetsOf("crew", {{"a", "nope = 1"}})};
  EXPECT_THAT(ErrorOf(query), HasSubstr("group_by[0].sets.members[0].condition: unknown column"));
  query.group_by = {SetsOf("crew", {})};
  EXPECT_THAT(ErrorOf(query), HasSubstr("found 0 members; allowed: 1 to 1000"));
  query.group_by = {SetsOf("", {{"a", "minutes = 1"}})};
  EXPECT_THAT(ErrorOf(query), HasSubstr("group_by[0].sets.name"));
}

TEST(QueryGroupsTest, ATotalCountsARowOnceHoweverManyGroupsItIsIn) {  // (rule 18)
  Query query = QueryOf({"count(*)", "sum(minutes)"}, {"labels"});
  query.totals = Totals::kGrand;
  EXPECT_THAT(RowsOf(query), ElementsAre("x|0|3|25", "y|0|3|20", "z|0|2|39", "-|1|5|45"));
}

TEST(QueryGroupsTest, ATotalIsNoSumOfCells) {  // (rule 18)
  Query query = QueryOf({"avg(minutes)", "count(DISTINCT team)"}, {"labels"});
  query.totals = Totals::kGrand;
  const Rows rows = RowsOf(query);
  EXPECT_EQ(rows.back(), "-|1|11.25|3");
}

TEST(QueryGroupsTest, RollupSumsUpTheLastAxesFirst) {  // (rule 18)
  Query query = QueryOf({"count(*)"}, {"team", "labels"});
  query.where = "team IN ('a', 'b')";
  query.totals = Totals::kRollup;
  EXPECT_THAT(RowsOf(query),
              ElementsAre("a|x|0|2", "a|y|0|1", "b|y|0|1", "a|-|1|2", "b|-|1|1", "-|-|3|3"));
}

TEST(QueryGroupsTest, CubeSumsUpEverySetOfAxes) {  // (rule 18)
  Query query = QueryOf({"count(*)"}, {"team", "labels"});
  query.where = "team IN ('a', 'b')";
  query.totals = Totals::kCube;
  EXPECT_THAT(RowsOf(query), ElementsAre("a|x|0|2", "a|y|0|1", "b|y|0|1", "a|-|1|2", "b|-|1|1",
                                         "-|x|2|2", "-|y|2|2", "-|-|3|3"));
}

TEST(QueryGroupsTest, TotalsOverNullGroupsAreToldByTheirGrouping) {
  Query query = QueryOf({"count(*)"}, {"team"});
  query.totals = Totals::kGrand;
  EXPECT_THAT(RowsOf(query), ElementsAre("a|0|2", "b|0|2", "c|0|1", "-|0|1", "-|1|6"));
}

TEST(QueryGroupsTest, TotalsAreThereInEveryInterval) {
  Query query = Daily(QueryOf({"count(*)"}, {"team"}));
  query.totals = Totals::kGrand;
  query.where = "team IN ('a', 'b')";
  EXPECT_THAT(RowsOf(query),
              ElementsAre("a|" + Day(0) + "|0|1", "a|" + Day(1) + "|0|1", "b|" + Day(1) + "|0|1",
                          "b|" + Day(3) + "|0|1", "-|" + Day(0) + "|1|1", "-|" + Day(1) + "|1|2",
                          "-|" + Day(3) + "|1|1"));
}

TEST(QueryGroupsTest, TotalsNeedGroups) {
  Query query = QueryOf({"count(*)"}, {});
  query.totals = Totals::kGrand;
  EXPECT_THAT(ErrorOf(query), HasSubstr("totals: totals over 0 groupings; allowed: with 1 to 6"));
  query.group_by = std::vector<GroupAxis>(7, GroupAxis::Of("team"));
  EXPECT_THAT(ErrorOf(query), HasSubstr("totals over 7 groupings"));
}

TEST(QueryGroupsTest, TheTopGroupsAreThoseOfTheGreatestValue) {  // (rule 18)
  Query query = QueryOf({"count(*)", "sum(minutes)"}, {"team"});
  query.top_n = TopN{.count = 2, .metric = "sum(minutes)"};
  EXPECT_THAT(RowsOf(query), ElementsAre("c|1|19", "-|1|20"));
  query.top_n->smallest = true;
  EXPECT_THAT(RowsOf(query), ElementsAre("a|2|6", "b|2|10"));
}

TEST(QueryGroupsTest, TiesOfTheTopGoByGroup) {
  Query query = QueryOf({"count(*)"}, {"team"});
  query.top_n = TopN{.count = 3, .metric = ""};
  EXPECT_THAT(RowsOf(query), ElementsAre("a|2", "b|2", "c|1"));
}

TEST(QueryGroupsTest, GroupsWithoutAValueAreTheLastOfTheTop) {
  Query query = QueryOf({"max(minutes)", "count(*)"}, {"labels"});
  query.where = "team = 'b' OR labels && ARRAY['x']";
  query.top_n = TopN{.count = 3, .metric = "", .smallest = true};
  EXPECT_THAT(RowsOf(query), ElementsAre("x|19|3", "y|19|3", "z|19|1"));
  query.where = "team = 'b' OR minutes = 20";
  EXPECT_THAT(RowsOf(query), ElementsAre("y|-|1", "z|20|1"));
  query.top_n->count = 1;
  EXPECT_THAT(RowsOf(query), ElementsAre("z|20|1"));
}

TEST(QueryGroupsTest, OthersAreRowsInNoKeptGroup) {  // (rule 18)
  Query query = QueryOf({"count(*)", "sum(minutes)"}, {"labels"});
  query.top_n = TopN{.count = 1, .metric = "sum(minutes)", .others = true};
  // z has the rows of 19 and 20 minutes; the others are those without z, each once.
  EXPECT_THAT(RowsOf(query), ElementsAre("z|0|2|39", "-|-1|3|6"));
}

TEST(QueryGroupsTest, TheTopIsOfTheWholeRangeInEveryInterval) {
  Query query = Daily(QueryOf({"count(*)"}, {"labels"}));
  query.top_n = TopN{.count = 1, .metric = "", .others = true};
  EXPECT_THAT(RowsOf(query),
              ElementsAre("x|" + Day(0) + "|0|1", "x|" + Day(1) + "|0|1", "x|" + Day(3) + "|0|1",
                          "-|" + Day(0) + "|-1|1", "-|" + Day(3) + "|-1|1"));
}

TEST(QueryGroupsTest, TheTopOfTuplesAndInterned) {
  for (const uint32_t chunk_rows : {1u, 2u, kMaxChunkRows}) {
    Query query = QueryOf({"sum(minutes)"}, {"score", "labels"});
    query.top_n = TopN{.count = 2, .metric = "", .others = true};
    EXPECT_THAT(RowsOf(query, Pulls(chunk_rows)),
                ElementsAre("2.5|x|0|19", "-|z|0|20", "-|-|-1|6"));
  }
}

TEST(QueryGroupsTest, TotalsAreOverAllGroupsWhateverTheTop) {  // (rule 18)
  Query query = QueryOf({"count(*)"}, {"team"});
  query.top_n = TopN{.count = 1, .metric = "", .others = true};
  query.totals = Totals::kGrand;
  EXPECT_THAT(RowsOf(query), ElementsAre("a|0|2", "-|-1|4", "-|1|6"));
}

TEST(QueryGroupsTest, ATopThatCannotBeChosenIsRefused) {
  Query query = QueryOf({"count(*)"}, {"team"});
  query.top_n = TopN{.count = 0, .metric = ""};
  EXPECT_THAT(ErrorOf(query), HasSubstr("top_n.count: found 0"));
  query.top_n = TopN{.count = 1, .metric = "count"};
  EXPECT_THAT(ErrorOf(query), HasSubstr("top_n.metric: the request has no metric 'count'"));
  query.group_by.clear();
  EXPECT_THAT(ErrorOf(query), HasSubstr("top_n: there are no groups to choose from"));
}

TEST(QueryGroupsTest, HavingKeepsCellsByMetricsAndAxes) {
  Query query = QueryOf({"count(*)", "sum(minutes)"}, {"team"});
  query.metrics[0].name = "n";
  query.metrics[1].name = "total";
  query.having_text = "n > 1 AND total < 10 OR team IS NULL";
  EXPECT_THAT(RowsOf(query), ElementsAre("a|2|6", "-|1|20"));
}

TEST(QueryGroupsTest, HavingComparesNumbersBelowZero) {
  Query query = QueryOf({"sum(0 - minutes)"}, {"team"});
  query.metrics[0].name = "total";
  query.having_text = "total <= -10";
  EXPECT_THAT(RowsOf(query), ElementsAre("b|-10", "c|-19", "-|-20"));
  query.having_text = "total > -19 AND total < -6";
  EXPECT_THAT(RowsOf(query), ElementsAre("b|-10"));
}

TEST(QueryGroupsTest, HavingIsOfCellsAndLeavesTotals) {  // (rule 18)
  Query query = QueryOf({"count(*)"}, {"team"});
  query.metrics[0].name = "n";
  query.totals = Totals::kGrand;
  query.having_text = "n > 1";
  EXPECT_THAT(RowsOf(query), ElementsAre("a|0|2", "b|0|2", "-|1|6"));
  query.limit = 1;
  EXPECT_THAT(RowsOf(query), ElementsAre("a|0|2", "-|1|6"));
}

TEST(QueryGroupsTest, HavingSeesTheStart) {
  Query query = Daily(QueryOf({"count(*)"}, {}));
  query.metrics[0].name = "n";
  query.having_text = "start >= '1970-01-02' AND n = 2";
  EXPECT_THAT(RowsOf(query), ElementsAre(Day(1) + "|2", Day(3) + "|2"));
}

TEST(QueryGroupsTest, HavingOfAnUnknownColumnIsRefused) {
  Query query = QueryOf({"count(*)"}, {"team"});
  query.having_text = "minutes > 1";
  EXPECT_THAT(ErrorOf(query), HasSubstr("having_text: unknown column 'minutes'"));
}

TEST(QueryGroupsTest, AConditionOfAListIsRefused) {
  const auto table =
      TableOf({{"id", DataType::Of(TypeKind::kInt64), {Int(1), Int(2)}}}, {.key = {"id"}});
  Query query = QueryOf({"(array_agg(id ORDER BY id))[1:2]"}, {});
  query.metrics[0].name = "best";
  query.having_text = "1 = ANY (best)";
  const absl::Status status = RunQuery(query, table).status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("having_text: 'best' is a list"));
}

TEST(QueryGroupsTest, DenseCellsFillTheIntervalsOfGroupsThatAreThere) {  // (rule 17)
  Query query = Daily(QueryOf({"count(*)", "sum(minutes)"}, {"team"}));
  query.where = "team IN ('a', 'c')";
  query.fill = FillMode::kDense;
  EXPECT_THAT(RowsOf(query),
              ElementsAre("a|" + Day(0) + "|1|1", "a|" + Day(1) + "|1|5", "a|" + Day(2) + "|0|-",
                          "a|" + Day(3) + "|0|-", "c|" + Day(0) + "|0|-", "c|" + Day(1) + "|0|-",
                          "c|" + Day(2) + "|0|-", "c|" + Day(3) + "|1|19"));
}

/// Each row is a cell, and what orders one takes more bits, with its place, than a number has.
TEST(QueryGroupsTest, CellsOfManyValuesOnManyAxesAscend) {
  constexpr int64_t kNumRows = 16'411;  // a prime: each axis has every value once
  std::vector<ColumnCells> columns;
  for (const int64_t step : {1, 7'919, 5'741, 12'007}) {
    ColumnCells& column = columns.emplace_back();
    column.name = std::string("axis") + static_cast<char>('a' + columns.size() - 1);
    column.type = DataType::Of(TypeKind::kInt64);
    for (int64_t row = 0; row < kNumRows; ++row) {
      column.cells.push_back(Int(row * 3'571 % kNumRows * step % kNumRows));
    }
  }
  const auto result =
      RunQuery(QueryOf({"count(*)"}, {"axisa", "axisb", "axisc", "axisd"}), TableOf(columns));
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_EQ(result->rows.size(), size_t{kNumRows});
  for (int64_t k = 0; k < kNumRows; ++k) {
    ASSERT_EQ(result->rows[static_cast<size_t>(k)],
              absl::StrCat(k, "|", k * 7'919 % kNumRows, "|", k * 5'741 % kNumRows, "|",
                           k * 12'007 % kNumRows, "|1"));
  }
}

TEST(QueryGroupsTest, DenseCellsWithoutAnySampleAreNone) {
  Query query = Daily(QueryOf({"count(*)"}, {"team"}));
  query.where = "team = 'nobody'";
  query.fill = FillMode::kDense;
  EXPECT_THAT(RowsOf(query), IsEmpty());
}

TEST(QueryGroupsTest, DenseCellsCountAgainstTheLimitBeforeTheyAreMade) {
  Query query = Daily(QueryOf({"count(*)"}, {"team"}));
  query.fill = FillMode::kDense;
  query.max_cells = 15;
  const absl::Status status = RunQuery(query, Pulls()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  ASSERT_TRUE(DetailOf(status).has_value());
  EXPECT_EQ(DetailOf(status)->reason, "TOO_MANY_CELLS");
  query.max_cells = 16;
  EXPECT_EQ(RowsOf(query).size(), 16u);
}

TEST(QueryGroupsTest, TotalsCountAgainstTheLimit) {
  Query query = QueryOf({"count(*)"}, {"team"});
  query.totals = Totals::kGrand;
  query.max_cells = 4;
  EXPECT_EQ(RunQuery(query, Pulls()).status().code(), absl::StatusCode::kResourceExhausted);
  query.max_cells = 5;
  EXPECT_EQ(RowsOf(query).size(), 5u);
}

TEST(QueryGroupsTest, TheGroupingColumnIsDescribed) {
  Query query = QueryOf({"count(*)"}, {"team"});
  query.totals = Totals::kGrand;
  const absl::StatusOr<ResultText> result = RunQuery(query, Pulls());
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_EQ(result->header.columns.size(), 3u);
  EXPECT_EQ(result->header.columns[1].name, "grouping");
  EXPECT_EQ(result->header.columns[1].role, ResultRole::kGrouping);
  query.group_by[0].name = "grouping";
  EXPECT_THAT(ErrorOf(query), HasSubstr("two columns 'grouping'"));
}

}  // namespace
}  // namespace sextant
