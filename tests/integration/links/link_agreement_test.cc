// Random conditions on linked rows, attributes and columns of children, against SQL of the test's
// own and against the SQL that the product prints.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/exec/links/group_linker.h"
#include "compute/plan/binder.h"
#include "storage/postgres/query_sql.h"
#include "tests/integration/links/link_model.h"
#include "tests/integration/load/load_fixture.h"
#include "tests/testing/run_query.h"

namespace sextant {
namespace {

using ::testing::HasSubstr;

class LinkAgreementTest : public LoadFixture {
 protected:
  LinkAgreementTest() { options_.chunk_rows = 37; }

  void LoadModel(LinkModel& model) {
    Execute(model.CreateSql());
    LinkModel::Declare(spec_);
    Prepare();
    std::map<std::string, LinkSection> sections;
    for (const DatasetSpec& dataset : spec_.datasets) {
      sections[dataset.name] = {dataset.links, dataset.children};
    }
    refresher_->LinkWith(std::make_shared<const GroupLinker>(std::move(sections)));
    const absl::Status loaded = Load("pulls");
    ASSERT_TRUE(loaded.ok()) << loaded;
  }

  /// The lines of a table of texts, in their own order; as psql would show them.
  std::string AnswerOf(const std::string& sql, size_t num_axes) {
    std::string values = num_axes == 0 ? "" : "coalesce(axis::text, '-'), ";
    return Scalar(absl::StrCat(
        "SELECT coalesce(string_agg(line, E'\\n' ORDER BY line COLLATE \"C\"), '') FROM (SELECT "
        "concat_ws('|', ",
        values,
        "n, coalesce(s::text, '-'), coalesce(p::text, '-'), coalesce((extract(epoch FROM f) * "
        "1000000)::bigint::text, '-')) AS line FROM (",
        sql, ") AS answer) AS lines"));
  }

  static Query QueryOf(const TwinText& condition, const std::optional<TwinText>& axis) {
    Query query;
    query.metrics = {{.name = "n", .dataset = "pulls", .expression = "count(*)"},
                     {.name = "s", .dataset = "pulls", .expression = "sum(lines)"},
                     {.name = "p", .dataset = "pulls", .expression = "max(issue.points)"},
                     {.name = "f", .dataset = "pulls", .expression = "min(first_review)"}};
    query.where = condition.product;
    if (axis) {
      query.group_by = {GroupAxis::Of(axis->product)};
      query.group_by[0].name = "axis";
    }
    return query;
  }

  static std::string SqlOf(const TwinText& condition, const std::optional<TwinText>& axis,
                           int tenant) {
    return absl::StrCat(
        "SELECT ", axis ? axis->sql + " AS axis, " : "",
        "count(*) AS n, sum(p.lines) AS s, max((SELECT i.points FROM issues i WHERE i.account = "
        "p.account AND i.id = p.issue_id)) AS p, min((SELECT min(v.submitted) FROM reviews v WHERE "
        "v.account = p.account AND v.pull_id = p.id)) AS f FROM pulls p WHERE p.account = ",
        tenant, " AND (", condition.sql, ")", axis ? " GROUP BY 1" : " HAVING count(*) > 0");
  }

  std::string Printed(const Query& query, const std::shared_ptr<const Table>& table,
                      const std::string& tenant) {
    const BoundQuery bound = BindOrDie(query, *table);
    std::vector<const DatasetSpec*> specs;
    for (const DatasetSpec& spec : spec_.datasets) specs.push_back(&spec);
    const std::vector<ResolvedSeries> series = ResolveSeries(bound, 0, 0).value();
    const auto sql = PrintQuerySql(bound, specs, series, TenantClaim::Of(tenant));
    EXPECT_TRUE(sql.ok() && sql->unsupported.empty()) << sql.status();
    return sql.ok() ? sql->text : "";
  }

  void ExpectAgreement(LinkModel& model, int num_queries) {
    const std::shared_ptr<const Table> table = Pinned("pulls");
    for (int i = 0; i < num_queries; ++i) {
      const TwinText condition = model.Condition("pulls", "p", 3);
      const std::optional<TwinText> axis =
          i % 3 == 0 ? std::nullopt : std::optional<TwinText>(model.Axis());
      const Query query = QueryOf(condition, axis);
      for (int tenant = 1; tenant <= (i % 8 == 0 ? 3 : 2); ++tenant) {
        const auto result = RunQuery(query, table, TenantClaim::Of(absl::StrCat(tenant)));
        ASSERT_TRUE(result.ok()) << result.status() << "\n" << condition.product;
        std::vector<std::string> rows = result->rows;
        std::sort(rows.begin(), rows.end());
        const std::string ours = absl::StrJoin(rows, "\n");
        ASSERT_EQ(ours, AnswerOf(SqlOf(condition, axis, tenant), axis ? 1 : 0))
            << condition.product << "\n"
            << condition.sql;
        const std::string printed = Printed(query, table, absl::StrCat(tenant));
        ASSERT_EQ(ours, AnswerOf(printed, axis ? 1 : 0)) << condition.product << "\n" << printed;
      }
    }
  }
};

TEST_F(LinkAgreementTest, RandomConditionsGiveWhatSqlGives) {
  LinkModel model(1, /*has_children=*/true);
  LoadModel(model);
  ExpectAgreement(model, 120);
}

TEST_F(LinkAgreementTest, EmptyLinkedTablesGiveWhatSqlGives) {
  LinkModel model(2, /*has_children=*/false);
  LoadModel(model);
  ExpectAgreement(model, 40);
}

TEST_F(LinkAgreementTest, LinksFollowTheSourceAfterARefresh) {
  LinkModel model(3, /*has_children=*/true);
  LoadModel(model);
  const std::shared_ptr<const Table> before = Pinned("pulls");
  ExpectAgreement(model, 10);
  Execute(model.ChangeSql());
  const absl::Status loaded = Load("issues");
  ASSERT_TRUE(loaded.ok()) << loaded;
  EXPECT_NE(Pinned("pulls"), before);
  ExpectAgreement(model, 60);
}

TEST_F(LinkAgreementTest, AKeyThatStopsBeingUniqueLeavesThePublishedVersion) {
  LinkModel model(4, /*has_children=*/true);
  LoadModel(model);
  const std::shared_ptr<const Table> before = Pinned("pulls");
  Execute("INSERT INTO issues SELECT * FROM issues WHERE id = 3");
  const absl::Status loaded = Load("pulls");
  EXPECT_THAT(std::string(loaded.message()), HasSubstr("two rows with the same key"));
  EXPECT_EQ(Pinned("pulls"), before);
}

TEST_F(LinkAgreementTest, AnInspectionHasTheLinkedRowsOfItsSnapshot) {
  LinkModel model(5, /*has_children=*/true);
  LoadModel(model);
  std::promise<absl::Status> done;
  std::string answer;
  const absl::Status accepted = refresher_->Inspect(
      {"issues"},
      {.inspect =
           [&](const QuerySnapshot&, const std::vector<std::shared_ptr<const Table>>& tables,
               std::stop_token) {
             EXPECT_EQ(tables.size(), 1u);
             Query query;
             query.metrics = {{.name = "n", .dataset = "issues", .expression = "count(*)"}};
             query.where = "exists_in(pulls, exists_in(reviews))";
             answer = RunQuery(query, tables[0], TenantClaim::Of("1")).value().rows[0];
             return absl::OkStatus();
           },
       .done = [&](const absl::Status& status) { done.set_value(status); }});
  ASSERT_TRUE(accepted.ok());
  EXPECT_TRUE(done.get_future().get().ok());
  EXPECT_EQ(
      answer,
      Scalar("SELECT count(*) FROM issues i WHERE i.account = 1 AND EXISTS (SELECT FROM pulls "
             "p, reviews v WHERE p.account = 1 AND v.account = 1 AND p.issue_id = i.id AND "
             "v.pull_id = p.id)"));
}

}  // namespace
}  // namespace sextant
