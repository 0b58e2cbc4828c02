#include "compute/exec/links/group_linker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "compute/column/table_links.h"
#include "compute/exec/result_cache.h"
#include "tests/testing/linked_tables.h"
#include "tests/testing/run_query.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const DataType kInt = DataType::Of(TypeKind::kInt64);
const DataType kText = DataType::Of(TypeKind::kText);

/// Two tenants whose issues have the same numbers; the last pull request of a is without an issue,
/// that of b names one that is not there.
std::shared_ptr<const Table> Pulls(uint32_t chunk_rows = 2) {
  return TableOf(
      {{"tenant", kText, {Text("a"), Text("a"), Text("a"), Text("b"), Text("b"), Null()}},
       {"id", kInt, {Int(1), Int(2), Int(3), Int(1), Int(2), Int(9)}},
       {"issue_id",
        DataType::Of(TypeKind::kInt32),
        {Int(10), Int(11), Null(), Int(10), Int(12), Int(10)}},
       {"lines", kInt, {Int(1), Int(20), Int(300), Int(4000), Int(50000), Int(600000)}}},
      {.chunk_rows = chunk_rows, .tenant = "tenant", .key = {"tenant", "id"}, .dataset = "pulls"});
}

std::shared_ptr<const Table> Issues() {
  return TableOf({{"tenant", kText, {Text("a"), Text("a"), Text("b"), Text("b")}},
                  {"id", kInt, {Int(11), Int(10), Int(10), Int(11)}},
                  {"priority", kText, {Text("Low"), Text("High"), Text("Low"), Null()}},
                  {"points", kInt, {Int(5), Int(-3), Int(8), Int(13)}}},
                 {.chunk_rows = 3, .tenant = "tenant", .key = {"id"}, .dataset = "issues"});
}

LinkDeclaration ToIssue() {
  return {.name = "issue",
          .dataset = "issues",
          .own = {"issue_id"},
          .other = {"id"},
          .attributes = {"priority", "points"}};
}
LinkDeclaration ToPulls() {
  return {.name = "pulls", .dataset = "pulls", .own = {"id"}, .other = {"issue_id"}};
}

std::vector<std::shared_ptr<const Table>> Both() {
  return LinkedTablesOf({Pulls(), Issues()}, {{"pulls", ToIssue()}, {"issues", ToPulls()}});
}

Query Sum(const std::string& where, const std::string& dataset = "pulls",
          const std::string& expression = "sum(lines)") {
  Query query;
  query.metrics = {{.name = "m", .dataset = dataset, .expression = expression}};
  query.where = where;
  return query;
}

/// The answer of tenant a, and of b.
std::vector<std::string> Answers(const Query& query, const std::shared_ptr<const Table>& table) {
  std::vector<std::string> answers;
  for (const char* tenant : {"a", "b"}) {
    const auto result = RunQuery(query, table, TenantClaim::Of(tenant));
    answers.push_back(result.ok() ? testing::PrintToString(result->rows)
                                  : std::string(result.status().message()));
  }
  return answers;
}

std::string MessageOf(const absl::StatusOr<std::vector<std::shared_ptr<const Table>>>& linked) {
  return linked.ok() ? "no error" : std::string(linked.status().message());
}

std::string LinkMessage(const LinkDeclaration& link,
                        std::vector<std::shared_ptr<const Table>> tables) {
  std::map<std::string, LinkSection> sections;
  sections["pulls"].links = {link};
  return MessageOf(GroupLinker(sections).Link(std::move(tables), TestBudget()));
}

TEST(GroupLinkerTest, AttributesAreColumnsWithTheDictionaryOfTheParent) {
  const auto tables = Both();
  EXPECT_THAT(ColumnTexts(*tables[0], "issue.priority"),
              ElementsAre("High", "Low", "NULL", "Low", "NULL", "NULL"));
  EXPECT_THAT(ColumnTexts(*tables[0], "issue.points"),
              ElementsAre("-3", "5", "NULL", "8", "NULL", "NULL"));
  const ColumnIndex own = *tables[0]->schema().Find("issue.priority");
  EXPECT_EQ(tables[0]->facts(own).dictionary, tables[1]->facts(2).dictionary);
  EXPECT_EQ(tables[0]->facts(own).null_count, 3u);
  EXPECT_EQ(tables[0]->schema().field(own).link, "issue");
}

TEST(GroupLinkerTest, OwnColumnsAreShared) {
  const auto pulls = Pulls();
  const auto linked = LinkedTablesOf({pulls, Issues()}, {{"pulls", ToIssue()}});
  EXPECT_EQ(&linked[0]->chunk(1).column(3), &pulls->chunk(1).column(3));
}

TEST(GroupLinkerTest, TablesWithoutLinksStayAsTheyAre) {
  const auto pulls = Pulls();
  EXPECT_EQ(GroupLinker({}).Link({pulls}, TestBudget()).value()[0], pulls);
}

TEST(GroupLinkerTest, EachTableKeepsAllOfItsGroup) {
  std::shared_ptr<const Table> pulls = Both()[0];
  EXPECT_THAT(Answers(Sum("exists_in(issue, priority = 'High')"), pulls)[0], HasSubstr("1"));
}

TEST(GroupLinkerTest, AFilterOfTheParentStaysWithinTheTenant) {
  const auto tables = Both();
  EXPECT_THAT(Answers(Sum("exists_in(issue, priority = 'Low')"), tables[0]),
              ElementsAre(R"({ "20" })", R"({ "4000" })"));
  EXPECT_THAT(Answers(Sum("none_in(issue, priority = 'Low')"), tables[0]),
              ElementsAre(R"({ "301" })", R"({ "50000" })"));
  EXPECT_THAT(Answers(Sum("any_in(issue)"), tables[0]),
              ElementsAre(R"({ "21" })", R"({ "4000" })"));
  EXPECT_THAT(Answers(Sum("none_in(issue)"), tables[0]),
              ElementsAre(R"({ "300" })", R"({ "50000" })"));
}

TEST(GroupLinkerTest, AnAttributeIsNullWithoutAParent) {
  const auto tables = Both();
  EXPECT_THAT(Answers(Sum("issue.priority = 'Low'"), tables[0]),
              ElementsAre(R"({ "20" })", R"({ "4000" })"));
  EXPECT_THAT(Answers(Sum("NOT issue.priority = 'Low'"), tables[0]),
              ElementsAre(R"({ "1" })", "{}"));
  EXPECT_THAT(Answers(Sum("issue.points + 1 > 0 OR issue.points IS NULL"), tables[0]),
              ElementsAre(R"({ "320" })", R"({ "54000" })"));
}

TEST(GroupLinkerTest, AnAttributeIsAnAxisAndAValue) {
  const auto tables = Both();
  Query query = Sum("", "pulls", "max(issue.points)");
  query.group_by = {GroupAxis::Of("issue.priority")};
  EXPECT_THAT(Answers(query, tables[0])[0], R"({ "High|-3", "Low|5" })");
}

TEST(GroupLinkerTest, ManyLinkedRowsAreLookedAt) {
  const auto tables = Both();
  EXPECT_THAT(Answers(Sum("exists_in(pulls, lines < 10)", "issues", "sum(points)"), tables[1]),
              ElementsAre(R"({ "-3" })", "{}"));
  EXPECT_THAT(Answers(Sum("none_in(pulls)", "issues", "sum(points)"), tables[1]),
              ElementsAre("{}", R"({ "13" })"));
}

TEST(GroupLinkerTest, ConditionsOnLinksNest) {
  const auto tables = Both();
  EXPECT_THAT(
      Answers(Sum("exists_in(issue, exists_in(pulls, lines > 10) OR points < 0)"), tables[0]),
      ElementsAre(R"({ "21" })", R"({ "4000" })"));
}

TEST(GroupLinkerTest, AConditionThatIsNullFindsNothing) {
  const auto tables = Both();
  EXPECT_THAT(Answers(Sum("exists_in(issue, priority = NULL)"), tables[0])[0], "{}");
  EXPECT_THAT(Answers(Sum("none_in(issue, priority = NULL)"), tables[0])[0], HasSubstr("321"));
}

TEST(GroupLinkerTest, ABridgeLeadsToEachRowOnce) {
  const auto bridge =
      TableOf({{"tenant", kText, {Text("a"), Text("a"), Text("a"), Text("b"), Text("b")}},
               {"pull", kInt, {Int(1), Int(1), Int(2), Int(2), Null()}},
               {"issue", kInt, {Int(11), Int(11), Int(10), Int(11), Int(10)}}},
              {.chunk_rows = 2, .tenant = "tenant", .dataset = "bridge"});
  const LinkDeclaration link = {.name = "all_issues",
                                .dataset = "issues",
                                .via = "bridge",
                                .own = {"id"},
                                .bridge_own = {"pull"},
                                .bridge_other = {"issue"},
                                .other = {"id"}};
  const auto tables = LinkedTablesOf({Pulls(), Issues(), bridge}, {{"pulls", link}});
  EXPECT_THAT(Answers(Sum("exists_in(all_issues, priority = 'Low')"), tables[0]),
              ElementsAre(R"({ "1" })", "{}"));
  EXPECT_THAT(Answers(Sum("exists_in(all_issues)"), tables[0]),
              ElementsAre(R"({ "21" })", R"({ "50000" })"));
  EXPECT_EQ(tables[0]->links()->links[0].rows->RowsOf(0).size(), 1u);
}

TEST(GroupLinkerTest, EmptyTablesLinkToNothing) {
  const auto none = TableOf(
      {{"tenant", kText, {}}, {"id", kInt, {}}, {"priority", kText, {}}, {"points", kInt, {}}},
      {.tenant = "tenant", .key = {"id"}, .dataset = "issues"});
  const auto tables =
      LinkedTablesOf({Pulls(), none}, {{"pulls", ToIssue()}, {"issues", ToPulls()}});
  EXPECT_THAT(Answers(Sum("exists_in(issue)"), tables[0]), ElementsAre("{}", "{}"));
  EXPECT_THAT(Answers(Sum("issue.points IS NULL"), tables[0])[0], HasSubstr("321"));
}

TEST(GroupLinkerTest, KeysOfSeveralColumnsAndTextsCompare) {
  const auto left = TableOf({{"id", kInt, {Int(1), Int(2), Int(3)}},
                             {"x", kText, {Text("u"), Text("v"), Text("u")}},
                             {"y", kInt, {Int(1), Int(1), Int(1'000'000'000'000)}}},
                            {.key = {"id"}, .dataset = "pulls"});
  const auto right = TableOf({{"x", kText, {Text("v"), Text("u"), Text("u")}},
                              {"y", kInt, {Int(1), Int(1'000'000'000'000), Int(7)}},
                              {"n", kInt, {Int(100), Int(200), Int(300)}}},
                             {.key = {"x", "y"}, .dataset = "issues"});
  const auto tables = LinkedTablesOf({left, right}, {{"pulls",
                                                      {.name = "l",
                                                       .dataset = "issues",
                                                       .own = {"x", "y"},
                                                       .other = {"x", "y"},
                                                       .attributes = {"n"}}}});
  EXPECT_THAT(ColumnTexts(*tables[0], "l.n"), ElementsAre("NULL", "100", "200"));
}

TEST(GroupLinkerTest, AKeyThatIsNotUniqueIsRefused) {
  const auto twice = TableOf({{"tenant", kText, {Text("a"), Text("a")}},
                              {"id", kInt, {Int(10), Int(10)}},
                              {"priority", kText, {Text("x"), Text("y")}},
                              {"points", kInt, {Int(1), Int(2)}}},
                             {.tenant = "tenant", .key = {"id"}, .dataset = "issues"});
  EXPECT_THAT(LinkMessage(ToIssue(), {Pulls(), twice}),
              HasSubstr("dataset 'pulls': link 'issue' to 'issues': two rows with the same key"));
}

TEST(GroupLinkerTest, ColumnsThatAreNoKeyAreRefused) {
  LinkDeclaration link = ToIssue();
  link.other = {"points"};
  EXPECT_THAT(LinkMessage(link, {Pulls(), Issues()}),
              HasSubstr("found columns that are the key of neither dataset: issue_id = points"));
}

TEST(GroupLinkerTest, NamesThatAreNotThereAreRefused) {
  LinkDeclaration link = ToIssue();
  link.attributes = {"prioriti"};
  EXPECT_THAT(LinkMessage(link, {Pulls(), Issues()}), HasSubstr("did you mean 'priority'?"));
  link = ToIssue();
  link.own = {"isue_id"};
  EXPECT_THAT(LinkMessage(link, {Pulls(), Issues()}), HasSubstr("columns of 'pulls'"));
}

TEST(GroupLinkerTest, AnAttributeIsNamedOnce) {
  LinkDeclaration link = ToIssue();
  link.attributes = {"points", "points"};
  EXPECT_THAT(LinkMessage(link, {Pulls(), Issues()}), HasSubstr("the attribute 'points' twice"));
}

/// Of pulls, with the columns `children`.
std::shared_ptr<const Table> WithChildren(std::vector<ChildDeclaration> children) {
  std::map<std::string, LinkSection> sections;
  sections["issues"] = {{ToPulls()}, std::move(children)};
  const auto linked = GroupLinker(sections).Link({Pulls(), Issues()}, TestBudget());
  EXPECT_TRUE(linked.ok()) << linked.status();
  return linked.ok() ? (*linked)[1] : Issues();
}

TEST(GroupLinkerTest, ColumnsOfChildrenAreOfTheTenant) {
  const auto issues = WithChildren({{"n", "count(pulls)"},
                                    {"large", "count(pulls) FILTER (WHERE lines > 10)"},
                                    {"most", "max(pulls.lines)"},
                                    {"known", "count(pulls.issue_id)"}});
  EXPECT_THAT(ColumnTexts(*issues, "n"), ElementsAre("1", "1", "1", "0"));
  EXPECT_THAT(ColumnTexts(*issues, "large"), ElementsAre("1", "0", "1", "0"));
  EXPECT_THAT(ColumnTexts(*issues, "most"), ElementsAre("20", "1", "4000", "NULL"));
  EXPECT_THAT(ColumnTexts(*issues, "known"), ElementsAre("1", "1", "1", "0"));
}

TEST(GroupLinkerTest, ColumnsOfChildrenThatAreNoneAreRefused) {
  const auto message = [](const char* expression, const char* name = "x") {
    std::map<std::string, LinkSection> sections;
    sections["issues"] = {{ToPulls()}, {{name, expression}}};
    return MessageOf(GroupLinker(sections).Link({Pulls(), Issues()}, TestBudget()));
  };
  EXPECT_THAT(message("count(pull)"), HasSubstr("'pull' is no link; did you mean 'pulls'?"));
  EXPECT_THAT(message("max(pulls)"), HasSubstr("max(link.column)"));
  EXPECT_THAT(message("sum(pulls.lines)"), HasSubstr("another aggregate of linked rows"));
  EXPECT_THAT(message("max(pulls.tenant)"), HasSubstr("of type text; allowed: integers"));
  EXPECT_THAT(message("max(pulls.line)"), HasSubstr("did you mean 'lines'?"));
  EXPECT_THAT(message("count(pulls) FILTER (WHERE points > 1)"),
              HasSubstr("unknown column 'points'"));
  EXPECT_THAT(message("count(pulls) + 1"), HasSubstr("what is no aggregate alone"));
  EXPECT_THAT(message("count(pulls)", "points"), HasSubstr("has a column of that name"));
}

TEST(GroupLinkerTest, TypesThatDoNotCompareAreRefused) {
  LinkDeclaration link = ToIssue();
  link.own = {"tenant"};
  EXPECT_THAT(LinkMessage(link, {Pulls(), Issues()}),
              HasSubstr("found 'pulls.tenant' of type text = 'issues.id' of type bigint"));
}

TEST(GroupLinkerTest, RowsOfTenantsAreNotReachedFromADatasetWithout) {
  const auto open = TableOf({{"id", kInt, {Int(1)}}, {"issue_id", kInt, {Int(10)}}},
                            {.key = {"id"}, .dataset = "pulls"});
  EXPECT_THAT(LinkMessage(ToIssue(), {open, Issues()}),
              HasSubstr("the linked dataset 'issues' with a tenant column"));
}

TEST(GroupLinkerTest, AnotherGroupGivesAnotherResultKey) {
  const auto keys = [](const std::shared_ptr<const Table>& table) {
    const BoundQuery bound = BindOrDie(Sum("exists_in(issue)"), *table);
    const std::vector<TenantScope> scopes = {*TenantScope::Resolve(table, TenantClaim::Of("a"))};
    return ResultKey(bound, scopes);
  };
  // Without attributes the chunks are those that were loaded: the rows of the issues differ.
  LinkDeclaration link = ToIssue();
  link.attributes = {};
  const auto pulls = Pulls();
  const auto one = LinkedTablesOf({pulls, Issues()}, {{"pulls", link}});
  const auto other = LinkedTablesOf({pulls, Issues()}, {{"pulls", link}});
  EXPECT_EQ(&one[0]->chunk(0), &other[0]->chunk(0));
  EXPECT_EQ(keys(one[0]), keys(one[0]));
  EXPECT_NE(keys(one[0]), keys(other[0]));
}

TEST(GroupLinkerTest, AnUnknownLinkIsToldWithThoseThatAre) {
  EXPECT_THAT(Answers(Sum("exists_in(isue, points > 1)"), Both()[0])[0],
              HasSubstr("'isue' is no link; did you mean 'issue'?"));
}

TEST(GroupLinkerTest, AnAttributeThatIsNotDeclaredIsTold) {
  EXPECT_THAT(Answers(Sum("issue.id = 10"), Both()[0])[0],
              HasSubstr("`attributes` of the link 'issue'"));
}

TEST(GroupLinkerTest, AColumnOfManyLinkedRowsIsToldHowToAskOfThem) {
  EXPECT_THAT(Answers(Sum("pulls.lines > 1", "issues", "count(*)"), Both()[1])[0],
              HasSubstr("the link 'pulls' leads to many rows, which exists_in(pulls, ..) tests"));
}

TEST(GroupLinkerTest, AColumnThatLinkedRowsDoNotHaveIsTold) {
  EXPECT_THAT(Answers(Sum("issue.point = 10"), Both()[0])[0],
              HasSubstr("the rows of the link 'issue' have no 'point'; did you mean 'points'?"));
}

}  // namespace
}  // namespace sextant
