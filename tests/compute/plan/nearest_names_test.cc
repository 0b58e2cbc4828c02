#include "compute/plan/nearest_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

TEST(NearestNamesTest, NothingNearGivesNothing) {
  const std::vector<std::string> names = {"author", "id"};
  EXPECT_THAT(NearestNames("repository", names), IsEmpty());
  EXPECT_THAT(NearestNames("", names), IsEmpty());
  EXPECT_THAT(NearestNames("x", names), IsEmpty());
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
