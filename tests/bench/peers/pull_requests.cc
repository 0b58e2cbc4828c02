#include <array>
#include <cstdio>
#include <optional>
#include <string>

#include "tests/bench/peers/datasets.h"
#include "tests/bench/peers/random_numbers.h"

namespace sextant::peers {
namespace {

constexpr int64_t kDay = 86'400;           // seconds
constexpr int64_t kStart = 1'672'531'200;  // 2023-01-01T00:00Z
constexpr int64_t kSpan = 3 * 365 * kDay;  // of creation
constexpr int64_t kEnd = kStart + kSpan;
constexpr std::array kEnvironments = {"production", "staging", "qa", "dev", "canary", "dr"};
constexpr std::array kLanguages = {"C++",        "Python", "Go",     "Rust",
                                   "TypeScript", "Java",   "Kotlin", "SQL"};
constexpr std::array kPriorities = {"Blocker", "High", "Medium", "Low", "Trivial"};
constexpr std::array kTypes = {"bug", "story", "task", "epic", "subtask"};

using Instant = std::optional<int64_t>;  // seconds since 1970-01-01T00:00Z

/// `prefix` and `number` with zeros in front.
std::string Numbered(const char* prefix, int64_t number, int num_digits) {
  char text[48];
  const int size = std::snprintf(text, sizeof text, "%s%0*lld", prefix, num_digits,
                                 static_cast<long long>(number));
  return {text, static_cast<size_t>(size)};
}

std::string User(int64_t number) { return Numbered("user-", number, 4); }

template <size_t kSize>
const char* Pick(const std::array<const char*, kSize>& names, int64_t index) {
  return names[static_cast<size_t>(index)];
}

void WriteInstant(const Instant& instant, RowSink& sink) {
  instant ? sink.Timestamp(*instant) : sink.Null();
}

/// What happened when, and how large it was. Drawn before the texts.
struct Facts {
  int64_t repository, author, created, first_commit, last_commit;
  Instant first_review, approved, closed, merged, released, deployed;
  int64_t added, removed, num_reviews, num_labels, num_deployments;
  bool has_issue;
};

Instant After(const Instant& instant, int64_t seconds, int64_t skewed_below,
              RandomNumbers& random) {
  return *instant + seconds + random.Skewed(skewed_below);
}

/// The order of the draws is what makes the rows: members are drawn in it.
Facts DrawFacts(const RowNumber& number, RandomNumbers& random) {
  Facts facts{};
  facts.repository = random.Skewed(500);
  facts.author = random.Skewed(2000);
  facts.created = kStart +
                  static_cast<int64_t>(number.row) * kSpan / static_cast<int64_t>(number.num_rows) +
                  random.Between(0, 6 * 3600);
  facts.first_commit = facts.created - random.Between(60, 5 * kDay);
  facts.last_commit = facts.created + random.Between(0, 3 * kDay);
  if (random.Percent(80)) facts.first_review = After(facts.created, 60, 6 * kDay, random);
  if (facts.first_review && random.Percent(80)) {
    facts.approved = After(facts.first_review, 30, 3 * kDay, random);
  }
  if (random.Percent(95)) {
    facts.closed = After(facts.approved.value_or(facts.created), 120, 15 * kDay, random);
    if (*facts.closed >= kEnd) facts.closed.reset();
  }
  if (facts.closed && random.Percent(88)) facts.merged = facts.closed;
  if (facts.merged && random.Percent(75)) {
    facts.released = After(facts.merged, 600, 20 * kDay, random);
  }
  if (facts.released && random.Percent(80)) {
    facts.deployed = After(facts.released, 60, 5 * kDay, random);
  }
  facts.added = random.Skewed(2000);
  facts.removed = random.Skewed(800);
  facts.num_reviews = facts.first_review ? random.Between(1, 4) : 0;
  facts.num_labels = random.Between(0, 4);
  facts.num_deployments = facts.deployed ? random.Between(1, 5) : 0;
  facts.has_issue = random.Percent(60);
  return facts;
}

void WritePeople(const Facts& facts, RandomNumbers& random, RowSink& sink) {
  sink.Text(Numbered("org/repo-", facts.repository, 3));
  sink.Text(User(facts.author));
  facts.merged ? sink.Text(User(random.Skewed(2000))) : sink.Null();
  facts.released ? sink.Text(User(random.Skewed(300))) : sink.Null();
  std::vector<std::string> elements;
  for (int64_t k = 0; k < facts.num_reviews; ++k) {
    elements.push_back(User(random.Skewed(500) * 4 + k));
  }
  sink.List(elements);
  elements.clear();
  for (int64_t k = 0; k < facts.num_labels; ++k) {
    elements.push_back(Numbered("label-", random.Skewed(20) * 4 + k, 2));
  }
  sink.List(elements);
  const int64_t branch = random.Skewed(20);
  sink.Text(branch < 4 ? "main" : Numbered("branch-", branch, 2));
  facts.deployed ? sink.Text(Pick(kEnvironments, random.Skewed(6))) : sink.Null();
  sink.Text(Pick(kLanguages, facts.repository % 8));
}

void WriteInstants(const Facts& facts, RowSink& sink) {
  sink.Timestamp(facts.created);
  sink.Timestamp(facts.first_commit);
  sink.Timestamp(facts.last_commit);
  WriteInstant(facts.first_review, sink);
  WriteInstant(facts.approved, sink);
  WriteInstant(facts.merged, sink);
  WriteInstant(facts.closed, sink);
  WriteInstant(facts.released, sink);
  WriteInstant(facts.deployed, sink);
  sink.Timestamp(facts.deployed ? *facts.deployed : facts.closed.value_or(facts.created));
}

void WriteNumbers(const Facts& facts, RandomNumbers& random, RowSink& sink) {
  sink.Integer(facts.added);
  sink.Integer(facts.removed);
  sink.Integer(facts.added + facts.removed);
  sink.Integer(1 + random.Skewed(60));
  sink.Integer(1 + random.Skewed(30));
  sink.Integer(random.Skewed(40));
  sink.Integer(facts.first_review ? random.Skewed(30) : 0);
  sink.Integer(facts.num_reviews);
  sink.Integer(1 + facts.num_reviews + random.Below(3));
  sink.Integer(facts.num_deployments);
  sink.Integer(facts.num_deployments > 0 ? random.Skewed(facts.num_deployments + 1) : 0);
}

void WriteIssue(const Facts& facts, RandomNumbers& random, RowSink& sink) {
  if (!facts.has_issue) {
    for (int i = 0; i < 5; ++i) sink.Null();
    return;
  }
  const std::string project = Numbered("PROJ", random.Skewed(40), 2);
  sink.Text(project + "-" + std::to_string(1 + random.Below(5000)));
  sink.Text(project);
  sink.Text(Pick(kPriorities, random.Below(5)));
  sink.Text(Pick(kTypes, random.Below(5)));
  if (!random.Percent(70)) return sink.Null();
  const auto points = static_cast<double>(1 + random.Below(13));
  sink.Float(random.Percent(50) ? points + 0.5 : points);
}

void WriteFlags(const Facts& facts, RandomNumbers& random, RowSink& sink) {
  sink.Bool(facts.merged.has_value());
  sink.Bool(facts.closed.has_value());
  sink.Bool(random.Percent(8));
  sink.Bool(facts.author % 50 == 0);
  sink.Bool(random.Percent(2));
  facts.released ? sink.Integer(*facts.released - facts.first_commit) : sink.Null();
  facts.first_review ? sink.Integer(*facts.first_review - facts.created) : sink.Null();
}

void WriteRow(const RowNumber& number, RandomNumbers& random, RowSink& sink) {
  const Facts facts = DrawFacts(number, random);
  sink.Integer(static_cast<int64_t>(number.row) + 1);
  WritePeople(facts, random, sink);
  WriteInstants(facts, sink);
  WriteNumbers(facts, random, sink);
  WriteIssue(facts, random, sink);
  WriteFlags(facts, random, sink);
}

std::vector<Field> MakeFields() {
  const DataType text = DataType::Of(TypeKind::kText);
  return FieldsOf(
      {{DataType::Of(TypeKind::kInt64), {"id"}},
       {text, {"repository", "author", "merger", "releaser"}},
       {DataType::ListOf(TypeKind::kText), {"reviewers", "labels"}},
       {text, {"base_branch", "environment", "language"}},
       {DataType::Of(TypeKind::kTimestamp),
        {"created", "first_commit", "last_commit", "first_review", "approved", "merged", "closed",
         "released", "first_deployed", "updated"}},
       {DataType::Of(TypeKind::kInt32),
        {"size_added", "size_removed", "size", "files_changed", "commits", "comments",
         "review_comments", "reviews", "participants", "deployments", "failed_deployments"}},
       {text, {"jira_id", "jira_project", "jira_priority", "jira_type"}},
       {DataType::Of(TypeKind::kFloat64), {"story_points"}},
       {DataType::Of(TypeKind::kBool),
        {"is_merged", "is_closed", "draft", "bot", "force_push_dropped"}},
       {DataType::Of(TypeKind::kInt64), {"lead_time", "review_time"}}});
}

}  // namespace

Dataset MakePullRequests() {
  return {.name = "pr",
          .fields = MakeFields(),
          .key_columns = {0},
          .default_rows = 300'000,
          .seed = 2024,
          .write_row = WriteRow};
}

}  // namespace sextant::peers
