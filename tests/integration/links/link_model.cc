#include "tests/integration/links/link_model.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace sextant {
namespace {

constexpr int kPulls = 170;
constexpr int kIssues = 60;
constexpr int kEpics = 9;
constexpr int kReviews = 230;
constexpr int kPairs = 150;

/// `text` with the alias in place of @.
std::string Of(const char* text, const std::string& alias) {
  return absl::StrReplaceAll(text, {{"@", alias}});
}

}  // namespace

std::string LinkModel::Key(int below) {
  return Draw(6) == 0 ? "NULL" : absl::StrCat(Draw(below + below / 5 + 1));
}

std::string LinkModel::Rows(const std::string& table) {
  std::string sql;
  const auto account = [&](int i) {
    return i % 17 == 0 ? std::string("NULL") : absl::StrCat(1 + i % 2);
  };
  const auto priority = [&] {
    return Draw(5) == 0 ? std::string("NULL") : absl::StrCat("'P", Draw(3), "'");
  };
  const auto when = [&] {
    return absl::StrCat("'2024-03-01T00:00:00Z'::timestamptz + interval '", Draw(100'000), " min'");
  };
  const auto add = [&](const std::string& values) {
    absl::StrAppend(&sql, "INSERT INTO ", table, " VALUES (", values, ");\n");
  };
  if (table == "pulls") {
    for (int i = 0; i < kPulls; ++i) {
      add(absl::StrCat(account(i), ", ", i / 2, ", ", Key(kIssues / 2), ", ", Draw(100), ", ",
                       Draw(7) == 0   ? "NULL"
                       : Draw(2) == 0 ? "'open'"
                                      : "'closed'"));
    }
  }
  if (!has_children_) return sql;
  if (table == "issues") {
    for (int i = 0; i < kIssues; ++i) {
      add(absl::StrCat(account(i), ", ", i / 2, ", ", Key(kEpics / 2), ", ", priority(), ", ",
                       Draw(6) == 0 ? "NULL" : absl::StrCat(Draw(20) - 5), ", ", when(), ", '",
                       Draw(2) == 0 ? "bug" : "task", "'"));
    }
  }
  if (table == "epics") {
    for (int i = 0; i < kEpics; ++i) add(absl::StrCat(account(i), ", ", i / 2, ", ", priority()));
  }
  if (table == "reviews") {
    for (int i = 0; i < kReviews; ++i) {
      add(absl::StrCat(account(i), ", ", i, ", ", Key(kPulls / 2), ", ",
                       Draw(3) == 0 ? "'APPROVED'" : "'COMMENTED'", ", ",
                       Draw(5) == 0 ? "NULL" : absl::StrCat(Draw(64), " / 8.0::float8"), ", ",
                       Draw(5) == 0 ? "NULL" : when()));
    }
  }
  if (table == "pull_issues") {
    for (int i = 0; i < kPairs; ++i) {
      const std::string pair =
          absl::StrCat(account(i), ", ", Key(kPulls / 2), ", ", Key(kIssues / 2));
      add(pair);
      if (Draw(4) == 0) add(pair);
    }
  }
  return sql;
}

std::string LinkModel::CreateSql() {
  std::string sql =
      "CREATE TYPE issue_kind AS ENUM ('task', 'bug');"
      "CREATE TABLE pulls (account int, id bigint, issue_id smallint, lines int, state text);"
      "CREATE TABLE issues (account bigint, id int, epic_id bigint, priority text, points int,"
      "  opened timestamptz, kind issue_kind);"
      "CREATE TABLE epics (account int, id int, priority text);"
      "CREATE TABLE reviews (account int, id bigint, pull_id bigint, state text, score float8,"
      "  submitted timestamptz);"
      "CREATE TABLE pull_issues (account int, pull_id bigint, issue_id bigint);\n";
  for (const char* table : {"pulls", "issues", "epics", "reviews", "pull_issues"}) {
    sql += Rows(table);
  }
  return sql;
}

std::string LinkModel::ChangeSql() {
  return "UPDATE pulls SET issue_id = issue_id + 1 WHERE id % 3 = 0;"
         "UPDATE issues SET priority = 'P9' WHERE id % 4 = 1;"
         "DELETE FROM issues WHERE id % 7 = 2;"
         "DELETE FROM reviews WHERE id % 5 = 0;"
         "UPDATE reviews SET pull_id = 3 WHERE id % 6 = 1;"
         "DELETE FROM pull_issues WHERE issue_id % 3 = 0;";
}

void LinkModel::Declare(StorageSpec& spec) {
  for (const char* name : {"pulls", "issues", "epics", "reviews", "pull_issues"}) {
    DatasetSpec& dataset = spec.datasets.emplace_back();
    dataset.name = name;
    dataset.source = "warehouse";
    dataset.table = name;
    dataset.group = "work";
    dataset.tenant = "account";
    if (dataset.name != "pull_issues") dataset.key = {"id"};
  }
  spec.datasets[0].links = {
      {.name = "issue",
       .dataset = "issues",
       .own = {"issue_id"},
       .other = {"id"},
       .attributes = {"priority", "points", "opened", "kind"}},
      {.name = "reviews", .dataset = "reviews", .own = {"id"}, .other = {"pull_id"}},
      {.name = "all_issues",
       .dataset = "issues",
       .via = "pull_issues",
       .own = {"id"},
       .bridge_own = {"pull_id"},
       .bridge_other = {"issue_id"},
       .other = {"id"}}};
  spec.datasets[0].children = {
      {"num_reviews", "count(reviews)"},
      {"num_scores", "count(reviews.score) FILTER (WHERE state <> 'APPROVED')"},
      {"first_review", "min(reviews.submitted)"},
      {"best", "max(reviews.score) FILTER (WHERE state = 'APPROVED')"},
      {"num_issues", "count(all_issues)"},
      {"least_points", "min(all_issues.points) FILTER (WHERE priority <> 'P0')"},
      {"last_kind", "max(all_issues.kind)"}};
  spec.datasets[1].links = {
      {.name = "pulls", .dataset = "pulls", .own = {"id"}, .other = {"issue_id"}},
      {.name = "epic",
       .dataset = "epics",
       .own = {"epic_id"},
       .other = {"id"},
       .attributes = {"priority"}}};
}

namespace {

constexpr const char* kOfIssue = "FROM issues i WHERE i.account = @.account AND i.id = @.issue_id";
constexpr const char* kOfReviews =
    "FROM reviews v WHERE v.account = @.account AND v.pull_id = @.id";
constexpr const char* kOfAllIssues =
    "FROM issues i WHERE i.account = @.account AND EXISTS (SELECT FROM pull_issues b WHERE "
    "b.account = @.account AND b.pull_id = @.id AND b.issue_id = i.id)";

struct Column {
  const char* product;
  std::string sql;  // @ is the alias
};

std::vector<Column> LinkedColumns() {
  return {{"issue.priority", absl::StrCat("(SELECT i.priority ", kOfIssue, ")")},
          {"issue.points", absl::StrCat("(SELECT i.points ", kOfIssue, ")")},
          {"issue.kind", absl::StrCat("(SELECT i.kind ", kOfIssue, ")")},
          {"num_reviews", absl::StrCat("(SELECT count(*) ", kOfReviews, ")")},
          {"num_scores",
           absl::StrCat("(SELECT count(v.score) ", kOfReviews, " AND v.state <> 'APPROVED')")},
          {"best", absl::StrCat("(SELECT max(v.score) ", kOfReviews, " AND v.state = 'APPROVED')")},
          {"num_issues", absl::StrCat("(SELECT count(*) ", kOfAllIssues, ")")},
          {"least_points",
           absl::StrCat("(SELECT min(i.points) ", kOfAllIssues, " AND i.priority <> 'P0')")},
          {"last_kind", absl::StrCat("(SELECT max(i.kind) ", kOfAllIssues, ")")}};
}

}  // namespace

TwinText LinkModel::Axis() {
  const std::vector<Column> columns = LinkedColumns();
  const Column& column = columns[static_cast<size_t>(Draw(static_cast<int>(columns.size())))];
  return {column.product, Of(column.sql.c_str(), "p")};
}

TwinText LinkModel::Leaf(const std::string& dataset, const std::string& alias) {
  const auto twin = [&](const std::string& text) {
    return TwinText{absl::StrReplaceAll(text, {{"@.", ""}}), Of(text.c_str(), alias)};
  };
  if (dataset == "reviews") {
    if (Draw(2) == 0) return twin(Draw(2) == 0 ? "@.state = 'APPROVED'" : "@.submitted IS NULL");
    return twin(absl::StrCat("@.score < ", Draw(8)));
  }
  if (dataset == "epics") return twin(absl::StrCat("@.priority = 'P", Draw(3), "'"));
  if (dataset == "issues") {
    if (Draw(5) == 0) {
      const std::string value = absl::StrCat(" <> 'P", Draw(3), "'");
      return {"epic.priority" + value,
              Of("(SELECT e.priority FROM epics e WHERE e.account = @.account AND e.id = "
                 "@.epic_id)",
                 alias) +
                  value};
    }
    if (Draw(2) == 0) return twin(absl::StrCat("@.points > ", Draw(12)));
    return twin(Draw(2) == 0 ? "@.kind = 'bug'" : "@.priority IN ('P1', 'P2')");
  }
  if (Draw(3) == 0) return twin(absl::StrCat("@.lines < ", Draw(100)));
  if (Draw(3) == 0) return twin("@.state = 'open'");
  const std::vector<Column> columns = LinkedColumns();
  const Column& column = columns[static_cast<size_t>(Draw(static_cast<int>(columns.size())))];
  const std::string name = column.product;
  std::string rest = absl::StrCat(" >= ", Draw(6));
  if (name.ends_with("kind")) rest = " > 'task'";
  if (name == "issue.priority") rest = absl::StrCat(" = 'P", Draw(3), "'");
  if (Draw(5) == 0) rest = " IS NULL";
  return {name + rest, Of(column.sql.c_str(), alias) + rest};
}

TwinText LinkModel::LinkCondition(const std::string& dataset, const std::string& alias, int depth) {
  const std::string row = absl::StrCat("x", ++num_aliases_);
  std::string link;
  std::string target;
  std::string from;
  if (dataset == "pulls") {
    const int which = Draw(3);
    link = which == 0 ? "issue" : which == 1 ? "reviews" : "all_issues";
    target = which == 1 ? "reviews" : "issues";
    from = which == 0   ? "FROM issues # WHERE #.account = @.account AND #.id = @.issue_id"
           : which == 1 ? "FROM reviews # WHERE #.account = @.account AND #.pull_id = @.id"
                        : "FROM issues #, pull_issues #b WHERE #.account = @.account AND "
                          "#b.account = @.account AND #b.pull_id = @.id AND #.id = #b.issue_id";
  } else {
    const bool is_epic = Draw(2) == 0;
    link = is_epic ? "epic" : "pulls";
    target = is_epic ? "epics" : "pulls";
    from = is_epic ? "FROM epics # WHERE #.account = @.account AND #.id = @.epic_id"
                   : "FROM pulls # WHERE #.account = @.account AND #.issue_id = @.id";
  }
  from = absl::StrReplaceAll(from, {{"@", alias}, {"#", row}});
  const bool is_none = Draw(3) == 0;
  const char* const name = is_none ? "none_in(" : Draw(2) == 0 ? "exists_in(" : "any_in(";
  const char* const exists = is_none ? "NOT EXISTS (SELECT " : "EXISTS (SELECT ";
  if (Draw(5) == 0) return {absl::StrCat(name, link, ")"), absl::StrCat(exists, from, ")")};
  const TwinText inner = Condition(target, row, depth - 1);
  return {absl::StrCat(name, link, ", ", inner.product, ")"),
          absl::StrCat(exists, from, " AND (", inner.sql, "))")};
}

TwinText LinkModel::Condition(const std::string& dataset, const std::string& alias, int depth) {
  const bool has_links = dataset == "pulls" || dataset == "issues";
  const int form = Draw(8);
  if (depth > 0 && form < 3) {
    const TwinText left = Condition(dataset, alias, depth - 1);
    if (form == 0) {
      return {absl::StrCat("NOT (", left.product, ")"), absl::StrCat("NOT (", left.sql, ")")};
    }
    const TwinText right = Condition(dataset, alias, depth - 1);
    const char* const op = form == 1 ? ") AND (" : ") OR (";
    return {absl::StrCat("(", left.product, op, right.product, ")"),
            absl::StrCat("(", left.sql, op, right.sql, ")")};
  }
  if (depth > 0 && has_links && form < 7) return LinkCondition(dataset, alias, depth);
  return Leaf(dataset, alias);
}

}  // namespace sextant
