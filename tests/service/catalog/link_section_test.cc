#include "service/catalog/link_section.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "service/catalog/catalog.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A catalogue whose dataset `pulls` has `entries` beside its key.
absl::StatusOr<Catalog> Load(const std::string& entries, const std::string& group = "work") {
  return ParseCatalog({{"catalog.yaml", absl::StrCat(R"(
sources:
  - name: warehouse
groups:
  - name: work
  - name: other
datasets:
  - name: issues
    source: warehouse
    table: issues
    key: [account, id]
    tenant: account
    group: )",
                                                     group, R"(
  - {name: reviews, source: warehouse, table: reviews, key: [id], group: work}
  - {name: pairs, source: warehouse, table: pairs, group: work}
  - name: pulls
    source: warehouse
    table: pulls
    key: [id]
    tenant: account
    group: work
)",
                                                     entries)}},
                      {});
}

std::string ErrorOf(const std::string& entries, const std::string& group = "work") {
  const absl::StatusOr<Catalog> catalog = Load(entries, group);
  return catalog.ok() ? "no error" : std::string(catalog.status().message());
}

std::string ErrorOfLink(const std::string& link) {
  return ErrorOf(absl::StrCat("    links:\n      - ", link, "\n"));
}

LinkDeclaration LinkOf(const std::string& link) {
  const auto catalog = Load(absl::StrCat("    links:\n      - ", link, "\n"));
  EXPECT_TRUE(catalog.ok()) << catalog.status();
  return catalog.ok() ? catalog->storage.datasets.back().links[0] : LinkDeclaration();
}

TEST(LinkSectionTest, TheOwnColumnStandsFirst) {
  const LinkDeclaration link = LinkOf(
      "{name: issue, dataset: issues, on: issue_id = id, "
      "attributes: [priority]}");
  EXPECT_EQ(link.name, "issue");
  EXPECT_EQ(link.dataset, "issues");
  EXPECT_THAT(link.own, ElementsAre("issue_id"));
  EXPECT_THAT(link.other, ElementsAre("id"));
  EXPECT_THAT(link.attributes, ElementsAre("priority"));
  EXPECT_THAT(link.via, IsEmpty());
}

TEST(LinkSectionTest, AColumnWithItsDatasetMayStandOnEitherSide) {
  const LinkDeclaration link =
      LinkOf("{name: reviews, dataset: reviews, on: reviews.pull_id = pulls.id}");
  EXPECT_THAT(link.own, ElementsAre("id"));
  EXPECT_THAT(link.other, ElementsAre("pull_id"));
}

TEST(LinkSectionTest, SeveralPairsAreJoinedByAnd) {
  const LinkDeclaration link =
      LinkOf("{name: issue, dataset: issues, on: a = account and \"issue id\" = issue.id}");
  EXPECT_THAT(link.own, ElementsAre("a", "issue id"));
  EXPECT_THAT(link.other, ElementsAre("account", "id"));
}

TEST(LinkSectionTest, ColumnsOfTheBridgeStandFirst) {
  const LinkDeclaration link = LinkOf(
      "{name: issues, dataset: issues, via: pairs, on: pull_id = id, to: issues.id = "
      "pairs.issue_id}");
  EXPECT_THAT(link.bridge_own, ElementsAre("pull_id"));
  EXPECT_THAT(link.own, ElementsAre("id"));
  EXPECT_THAT(link.bridge_other, ElementsAre("issue_id"));
  EXPECT_THAT(link.other, ElementsAre("id"));
}

TEST(LinkSectionTest, AggregatesOfLinksAreColumnsOfChildren) {
  const auto catalog = Load(
      "    links: [{name: reviews, dataset: reviews, on: id = pull_id}]\n"
      "    derived:\n"
      "      lead: b - a\n"
      "      num_reviews: count(reviews)\n"
      "      first: \"min(reviews.at) FILTER (WHERE state = 'x')\"\n");
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  const DatasetSpec& pulls = catalog->storage.datasets.back();
  ASSERT_EQ(pulls.derived.size(), 1u);
  ASSERT_EQ(pulls.children.size(), 2u);
  EXPECT_EQ(pulls.children[1].name, "first");
  EXPECT_EQ(pulls.children[1].expression, "min(reviews.at) FILTER (WHERE state = 'x')");
}

TEST(LinkSectionTest, AggregatesOfNoLinkAreRefused) {
  EXPECT_THAT(ErrorOf("    derived: {n: count(reviews)}\n"), HasSubstr("the aggregate count()"));
}

TEST(LinkSectionTest, UnknownDatasetsAreToldWithTheirPlace) {
  EXPECT_THAT(
      ErrorOfLink("{name: issue, dataset: isues, on: issue_id = id}"),
      HasSubstr("catalog.yaml:23: datasets[3].links[0].dataset: found 'isues'; did you mean "
                "'issues'?"));
  EXPECT_THAT(ErrorOfLink("{name: i, dataset: issues, via: pears, on: a = id, to: b = id}"),
              HasSubstr("links[0].via: found 'pears'; did you mean 'pairs'?"));
}

TEST(LinkSectionTest, AnotherGroupIsRefused) {
  EXPECT_THAT(ErrorOf("    links: [{name: issue, dataset: issues, on: issue_id = id}]\n", "other"),
              HasSubstr("found 'issues' of group 'other', linked from group 'work', allowed: "
                        "datasets of one `group`"));
}

TEST(LinkSectionTest, ColumnsThatAreNoKeyAreRefused) {
  EXPECT_THAT(
      ErrorOfLink("{name: issue, dataset: issues, on: issue_id = number}"),
      HasSubstr("links[0].on: found columns that are the key of neither dataset: issue_id = "
                "number"));
}

TEST(LinkSectionTest, AttributesOfManyRowsAreRefused) {
  EXPECT_THAT(
      ErrorOfLink("{name: reviews, dataset: reviews, on: id = pull_id, attributes: [state]}"),
      HasSubstr("links[0].attributes: found it on a link to many rows"));
  EXPECT_THAT(ErrorOfLink("{name: issues, dataset: issues, via: pairs, on: pull_id = id, to: "
                          "issue_id = id, attributes: [priority]}"),
              HasSubstr("links[0].attributes: found it with 'via'"));
}

TEST(LinkSectionTest, ConditionsThatAreNoEqualityAreRefused) {
  for (const char* on : {"issue_id", "a = b = c", "a < b", "' = id'", "a = b and"}) {
    EXPECT_THAT(ErrorOfLink(absl::StrCat("{name: issue, dataset: issues, on: ", on, "}")),
                HasSubstr("links[0].on: found '"))
        << on;
  }
}

TEST(LinkSectionTest, ColumnsOfOtherDatasetsAreRefused) {
  EXPECT_THAT(ErrorOfLink("{name: issue, dataset: issues, on: reviews.x = issues.id}"),
              HasSubstr("found a column of 'reviews', allowed: columns of pulls, issues, issue"));
}

TEST(LinkSectionTest, WhatIsMissingOrTooMuchIsTold) {
  EXPECT_THAT(ErrorOfLink("{name: issue, dataset: issues}"),
              HasSubstr("links[0].on: found nothing"));
  EXPECT_THAT(ErrorOfLink("{dataset: issues, on: a = id}"),
              HasSubstr("links[0].name: found nothing"));
  EXPECT_THAT(ErrorOfLink("{name: i, dataset: issues, on: a = id, to: b = id}"),
              HasSubstr("links[0].to: found it without 'via'"));
  EXPECT_THAT(ErrorOfLink("{name: i, dataset: issues, on: a = id, as: b}"),
              HasSubstr("links[0].as"));
}

TEST(LinkSectionTest, ANameIsUsedOnce) {
  EXPECT_THAT(ErrorOf("    links:\n      - {name: i, dataset: issues, on: a = id}\n"
                      "      - {name: i, dataset: reviews, on: b = id}\n"),
              HasSubstr("links[1].name: found 'i' twice"));
}

}  // namespace
}  // namespace sextant
