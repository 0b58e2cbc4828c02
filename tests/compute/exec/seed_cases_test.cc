// The cases that tripped the analytics API this product generalises, each under its name.
#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/testing/run_query.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kHourUs = int64_t{3'600} * 1'000'000;
constexpr int64_t kDayUs = 24 * kHourUs;
const DataType kTime = DataType::Of(TypeKind::kTimestamp);
const DataType kNumber = DataType::Of(TypeKind::kInt64);
const DataType kText = DataType::Of(TypeKind::kText);

Metric Of(std::string name, std::string expression, TimePin pin = {}) {
  return {.name = std::move(name),
          .dataset = "dataset",
          .expression = std::move(expression),
          .pin = std::move(pin)};
}

Query QueryOf(std::vector<Metric> metrics) {
  Query query;
  query.metrics = std::move(metrics);
  return query;
}

GroupAxis SetsOf(std::vector<SetMember> members) {
  GroupAxis sets;
  sets.kind = GroupAxis::Kind::kSets;
  sets.name = "set";
  sets.members = std::move(members);
  return sets;
}

Metric RatioOf(std::string numerator, std::string denominator, double offset) {
  Metric ratio;
  ratio.name = "ratio";
  ratio.ratio = Metric::Ratio{"a", "b", offset};
  ratio.components = {Of("a", std::move(numerator)), Of("b", std::move(denominator))};
  return ratio;
}

ResultText Answered(const Query& query, const std::shared_ptr<const Table>& table) {
  absl::StatusOr<ResultText> result = RunQuery(query, table);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? *std::move(result) : ResultText();
}

std::vector<std::string> RowsOf(const Query& query, const std::shared_ptr<const Table>& table) {
  return Answered(query, table).rows;
}

TEST(SeedCasesTest, EmptyFactsHaveNoCells) {
  const auto table = TableOf({{"at", kTime, {}}, {"n", kNumber, {}}});
  Query query =
      QueryOf({Of("n", "count(*)", TimePin::At("at")), Of("mean", "avg(n)", TimePin::At("at"))});
  query.series = {{CalendarUnit::kDay}};
  query.from = "1970-01-01";
  query.to = "1970-01-03";
  EXPECT_THAT(RowsOf(query, table), IsEmpty());
  query.fill = FillMode::kDense;
  EXPECT_THAT(RowsOf(query, table), IsEmpty());
}

TEST(SeedCasesTest, GroupsThatAreAllEmptyHaveNoCells) {
  const auto table = TableOf({{"team", kText, {Text("a"), Text("b")}}});
  Query query = QueryOf({Of("n", "count(*)")});
  query.group_by = {SetsOf({{"none", "team = 'x'"}, {"neither", "team = 'y'"}})};
  EXPECT_THAT(RowsOf(query, table), IsEmpty());
}

TEST(SeedCasesTest, OneSampleIsItsOwnMeanAndHasNoDeviation) {
  const auto table = TableOf({{"n", kNumber, {Int(7)}}});
  EXPECT_THAT(
      RowsOf(QueryOf({Of("mean", "avg(n)"), Of("median", "median(n)"), Of("sd", "stddev(n)")}),
             table),
      ElementsAre("7|7|-"));
}

TEST(SeedCasesTest, ZeroByZeroHasNoValueUnlessThereIsAnOffset) {
  const auto table = TableOf({{"n", kNumber, {Int(1)}}});
  const std::string none = "count(*) FILTER (WHERE n > 1)";
  Query query = QueryOf({Of("n", "count(*)"), RatioOf(none, none, 0)});
  EXPECT_THAT(RowsOf(query, table), ElementsAre("1|-"));
  EXPECT_EQ(Answered(query, table).summary.excluded, 1u);
  query.metrics[1] = RatioOf(none, none, 1);
  EXPECT_THAT(RowsOf(query, table), ElementsAre("1|1"));
}

TEST(SeedCasesTest, ARowInTwoGroupsCountsInEachAndOnceInTheTotal) {
  const auto table = TableOf({{"n", kNumber, {Int(1), Int(5), Int(9)}}});
  Query query = QueryOf({Of("n", "sum(n)")});
  query.group_by = {SetsOf({{"small", "n < 6"}, {"large", "n > 2"}})};
  query.totals = Totals::kGrand;
  EXPECT_THAT(RowsOf(query, table), ElementsAre("small|0|6", "large|0|14", "-|1|15"));
}

TEST(SeedCasesTest, ANegativeDurationIsCountedByADomainAndElseIsItself) {
  const auto table = TableOf({{"a", kTime, {Int(0), Int(5 * kHourUs)}},
                              {"b", kTime, {Int(2 * kHourUs), Int(4 * kHourUs)}}});
  Query query = QueryOf({Of("mean", "avg(b - a)")});
  EXPECT_THAT(RowsOf(query, table), ElementsAre("1800"));
  query.metrics[0].domain = ">= 0";
  EXPECT_THAT(RowsOf(query, table), ElementsAre("7200"));
  EXPECT_EQ(Answered(query, table).summary.excluded, 1u);
}

TEST(SeedCasesTest, AChainOfMissingTimesTakesTheFirstThatIsThereAndNoSampleOfNone) {
  const auto table = TableOf({{"start", kTime, {Int(0), Int(0), Int(0)}},
                              {"approved", kTime, {Null(), Int(kHourUs), Null()}},
                              {"reviewed", kTime, {Int(3 * kHourUs), Int(9 * kHourUs), Null()}}});
  const TimePin pin = TimePin::At("coalesce(approved, reviewed)");
  EXPECT_THAT(RowsOf(QueryOf({Of("mean", "avg(coalesce(approved, reviewed) - start)", pin),
                              Of("n", "count(*)", pin)}),
                     table),
              ElementsAre("7200|2"));
}

TEST(SeedCasesTest, TheEndOfAnIntervalIsNotInIt) {
  const auto table =
      TableOf({{"at", kTime, {Int(0), Int(kDayUs - 1), Int(kDayUs), Int(2 * kDayUs)}}});
  Query query = QueryOf({Of("n", "count(*)", TimePin::At("at"))});
  query.series = {{CalendarUnit::kDay}};
  query.from = "1970-01-01";
  query.to = "1970-01-03";
  EXPECT_THAT(RowsOf(query, table), ElementsAre("0|2", absl::StrCat(kDayUs, "|1")));
}

TEST(SeedCasesTest, TheLastIntervalMayBeShortAndSaysSo) {
  const auto table = TableOf({{"at", kTime, {Int(0), Int(7 * kDayUs), Int(9 * kDayUs)}}});
  Query query = QueryOf({Of("n", "count(*)", TimePin::At("at"))});
  query.series = {{.unit = CalendarUnit::kDay, .count = 7, .is_rolling = true}};
  query.from = "1970-01-01";
  query.to = "1970-01-10";
  const ResultText result = Answered(query, table);
  EXPECT_THAT(result.rows, ElementsAre("0|1", absl::StrCat(7 * kDayUs, "|1")));
  EXPECT_TRUE(result.header.series[0].intervals[1].is_partial);
  EXPECT_FALSE(result.header.series[0].intervals[0].is_partial);
}

TEST(SeedCasesTest, ClippingWithTiesKeepsAllThatEqualTheCut) {
  const auto table = TableOf({{"at", kTime, {Int(0), Int(1), Int(2), Int(3), Int(4)}},
                              {"n", kNumber, {Int(1), Int(2), Int(2), Int(2), Int(9)}}});
  Query query = QueryOf({Of("mean", "avg(n)", TimePin::At("at"))});
  // The nearest rank of 0.6 among 5 is 2.4, so the third value, 2, and both others like it stay.
  query.clip = Clip{.low = 0, .high = 0.6};
  EXPECT_THAT(RowsOf(query, table), ElementsAre("1.75"));
}

TEST(SeedCasesTest, ACellWithoutSamplesBetweenOthersIsNotItsNeighbour) {
  const auto table =
      TableOf({{"at", kTime, {Int(0), Int(2 * kDayUs)}}, {"n", kNumber, {Int(5), Int(8)}}});
  Query query =
      QueryOf({Of("sum", "sum(n)", TimePin::At("at")), Of("max", "max(n)", TimePin::At("at"))});
  query.series = {{CalendarUnit::kDay}};
  query.from = "1970-01-01";
  query.to = "1970-01-05";
  query.fill = FillMode::kDense;
  EXPECT_THAT(RowsOf(query, table),
              ElementsAre("0|5|5", absl::StrCat(kDayUs, "|-|-"), absl::StrCat(2 * kDayUs, "|8|8"),
                          absl::StrCat(3 * kDayUs, "|-|-")));
}

TEST(SeedCasesTest, ARaggedLastRowWithoutElementsIsInNoGroup) {
  const auto table = TableOf({{"labels",
                               DataType::ListOf(TypeKind::kText),
                               {List({Text("a"), Text("b")}), List({Text("b")}), List({})}}});
  Query query = QueryOf({Of("n", "count(*)")});
  query.group_by = {GroupAxis::Of("labels")};
  EXPECT_THAT(RowsOf(query, table), ElementsAre("a|1", "b|2"));
  query.group_by.clear();
  query.where = "labels @> ARRAY['b']";
  EXPECT_THAT(RowsOf(query, table), ElementsAre("2"));
}

TEST(SeedCasesTest, NullAndZeroAreTwoThings) {
  const auto table = TableOf({{"n", kNumber, {Int(0), Null(), Int(0), Int(3)}}});
  EXPECT_THAT(
      RowsOf(QueryOf({Of("mean", "avg(n)"), Of("n", "count(n)"), Of("rows", "count(*)")}), table),
      ElementsAre("1|3|4"));
  Query query = QueryOf({Of("rows", "count(*)")});
  query.group_by = {GroupAxis::Of("n")};
  EXPECT_THAT(RowsOf(query, table), ElementsAre("0|2", "3|1", "-|1"));
  query.group_by.clear();
  query.where = "n = 0";
  EXPECT_THAT(RowsOf(query, table), ElementsAre("2"));
}

// PostgreSQL has no texts with NUL bytes; other padding is as easily lost.
TEST(SeedCasesTest, TextsThatDifferInTheirLastBlankOrByteAreTwo) {
  const auto table =
      TableOf({{"name", kText, {Text("a"), Text("a "), Text("a\x01"), Text(""), Text("a")}}});
  Query query = QueryOf({Of("n", "count(*)")});
  query.group_by = {GroupAxis::Of("name")};
  EXPECT_THAT(RowsOf(query, table), ElementsAre("|1", "a|2", "a\x01|1", "a |1"));
}

TEST(SeedCasesTest, LabelsNeedNotBeAscii) {
  const auto table =
      TableOf({{"label", kText, {Text("größe"), Text("バグ"), Text("größe"), Text("GRÖSSE")}}});
  Query query = QueryOf({Of("n", "count(*)")});
  query.group_by = {GroupAxis::Of("label")};
  EXPECT_THAT(RowsOf(query, table), ElementsAre("GRÖSSE|1", "größe|2", "バグ|1"));
  query.group_by.clear();
  query.where = "label LIKE 'gr____' OR label = 'バグ'";
  EXPECT_THAT(RowsOf(query, table), ElementsAre("1"));
}

TEST(SeedCasesTest, MoreThanTwoToThe32PlacesOfGroupIntervalAndRowAreFewCells) {
  // 2,000 groups of one axis and of the other, by 3,000 hours: 12 billion places, 2,000 cells.
  constexpr int64_t kRows = 2'000;
  std::vector<Cell> at;
  std::vector<Cell> a;
  std::vector<Cell> b;
  for (int64_t i = 0; i < kRows; ++i) {
    at.push_back(Int(i % 3'000 * kHourUs));
    a.push_back(Int(i * 1'000'003));
    b.push_back(Int(-i));
  }
  const auto table = TableOf({{"at", kTime, at}, {"a", kNumber, a}, {"b", kNumber, b}});
  Query query = QueryOf({Of("n", "sum(b)", TimePin::At("at"))});
  query.group_by = {GroupAxis::Of("a"), GroupAxis::Of("b")};
  query.series = {{CalendarUnit::kHour}};
  query.from = "1970-01-01";
  query.to = "1970-05-06";
  const std::vector<std::string> rows = RowsOf(query, table);
  ASSERT_EQ(rows.size(), static_cast<size_t>(kRows));
  EXPECT_EQ(rows.back(), absl::StrCat((kRows - 1) * 1'000'003, "|", -(kRows - 1), "|",
                                      (kRows - 1) * kHourUs, "|", -(kRows - 1)));
}

TEST(SeedCasesTest, APullRequestOfTwoLogicalRepositoriesIsOneInTheirUnion) {
  const auto table = TableOf({{"files",
                               DataType::ListOf(TypeKind::kText),
                               {List({Text("web/a"), Text("api/b")}), List({Text("web/c")})}}});
  Query query = QueryOf({Of("n", "count(*)")});
  query.group_by = {SetsOf({{"web", "'web/a' = ANY (files) OR 'web/c' = ANY (files)"},
                            {"api", "'api/b' = ANY (files)"}})};
  query.totals = Totals::kGrand;
  EXPECT_THAT(RowsOf(query, table), ElementsAre("web|0|2", "api|0|1", "-|1|2"));
}

}  // namespace
}  // namespace sextant
