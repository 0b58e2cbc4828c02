#include "compute/plan/nearest_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compute/plan/name_quotes.h"

namespace sextant {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(NearestNamesTest, EditDistanceCountsInsertionsDeletionsAndReplacements) {
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3u);
  EXPECT_EQ(EditDistance("", "abc"), 3u);
  EXPECT_EQ(EditDistance("same", "SAME"), 0u);
}

TEST(NearestNamesTest, NearestComesFirst) {
  const std::vector<std::string> names = {"closed_at", "created_at", "create_at", "author"};
  EXPECT_THAT(NearestNames("creatd_at", names), ElementsAre("create_at", "created_at"));
}

TEST(NearestNamesTest, TheLastPartOfANameIsEnough) {
  const std::vector<std::string> names = {"Europe/Berlin", "Europe/London"};
  EXPECT_THAT(NearestNames("berlin", names), ElementsAre("Europe/Berlin"));
}

TEST(NearestNamesTest, TheBeginningOfANameOrOfAWordOfItIsEnough) {
  const std::vector<std::string> names = {"ordered_at", "ship_address", "author"};
  EXPECT_THAT(NearestNames("ordered", names), ElementsAre("ordered_at"));
  EXPECT_THAT(NearestNames("Address", names), ElementsAre("ship_address"));
  EXPECT_THAT(NearestNames("ress", names), IsEmpty());
  EXPECT_THAT(NearestNames("add", names), IsEmpty());
}

TEST(NearestNamesTest, ANameIsNotNearToItself) {
  const std::vector<std::string> names = {"author", "Author"};
  EXPECT_THAT(NearestNames("author", names), ElementsAre("Author"));
}

TEST(NearestNamesTest, NothingNearGivesNothing) {
  const std::vector<std::string> names = {"author", "id"};
  EXPECT_THAT(NearestNames("repository", names), IsEmpty());
  EXPECT_THAT(NearestNames("", names), IsEmpty());
  EXPECT_THAT(NearestNames("x", names), IsEmpty());
}

TEST(NearestNamesTest, AnotherShortWordIsNotNear) {
  const std::vector<std::string> names = {"now", "lower", "mode", "sum"};
  EXPECT_THAT(NearestNames("pow", names), IsEmpty());
  EXPECT_THAT(NearestNames("power", names), IsEmpty());
  EXPECT_THAT(NearestNames("mod", std::vector<std::string>{"now"}), IsEmpty());
  EXPECT_THAT(NearestNames("sim", names), ElementsAre("sum"));
  EXPECT_THAT(NearestNames("SUM", names), ElementsAre("sum"));
}

TEST(NearestNamesTest, InAnExpressionANameWithCapitalsIsToldWithItsQuotes) {
  const std::vector<std::string> names = {"createdAt", "closedAt"};
  EXPECT_EQ(DidYouMeanInText("createdat", names),
            "; did you mean \"createdAt\"? A name with capitals needs the double quotes");
  EXPECT_EQ(DidYouMeanInText("createdt", names), DidYouMean("createdt", names));
}

TEST(NearestNamesTest, AVeryLongNameIsCutBeforeItIsCompared) {
  const std::vector<std::string> names = {"author"};
  EXPECT_THAT(NearestNames(std::string(1'000'000, 'a'), names), IsEmpty());
}

TEST(NearestNamesTest, TheMessageQuotesTheNames) {
  const std::vector<std::string> names = {"author"};
  EXPECT_EQ(DidYouMean("autor", names), "; did you mean 'author'?");
  EXPECT_EQ(DidYouMean("zzzzzz", names), "");
}

}  // namespace
}  // namespace sextant
