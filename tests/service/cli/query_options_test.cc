#include "service/cli/query_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <limits>

namespace sextant {
namespace {

using ::testing::HasSubstr;

/// Parses as `sextant query` does; throws what it throws.
QueryFlags Parse(std::vector<std::string> arguments) {
  CLI::App query;
  QueryFlags flags;
  AddQueryOptions(query, flags);
  std::reverse(arguments.begin(), arguments.end());  // what CLI11 wants
  query.parse(arguments);
  return flags;
}

std::string Refused(std::vector<std::string> arguments) {
  try {
    Parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    return error.what();
  }
  ADD_FAILURE() << "was accepted";
  return "";
}

TEST(QueryOptionsTest, CountsGoUpToTheLargestInteger) {
  EXPECT_EQ(Parse({"--limit", "1"}).limit, 1);
  EXPECT_EQ(Parse({"--limit", "9223372036854775807"}).limit, std::numeric_limits<int64_t>::max());
  EXPECT_EQ(Parse({"--top", "9223372036854775807"}).top, std::numeric_limits<int64_t>::max());
}

TEST(QueryOptionsTest, ACountThatIsNoneIsRefusedWithWhatIsAllowed) {
  for (const char* flag : {"--limit", "--top"}) {
    for (const char* count :
         {"0", "-1", "1.5", "ten", "1e3", "0x10", "9223372036854775808", "99999999999999999999"}) {
      EXPECT_THAT(Refused({std::string(flag) + "=" + count}),
                  HasSubstr(std::string(flag) + ": found '" + count +
                            "', allowed: 1 to 9223372036854775807"));
    }
    EXPECT_THAT(Refused({flag, ""}), HasSubstr("found '', allowed: 1 to"));
  }
}

TEST(QueryOptionsTest, AnEmptyZoneIsRefusedWithWhatIsAllowed) {
  EXPECT_THAT(Refused({"--zone", ""}), HasSubstr("--zone: found '', allowed: an IANA time zone"));
}

TEST(QueryOptionsTest, AnEmptyEndOfTheRangeIsRefused) {
  EXPECT_THAT(Refused({"--from", ""}), HasSubstr("--from: found '', allowed: an instant"));
  EXPECT_THAT(Refused({"--to="}), HasSubstr("--to"));
  EXPECT_THAT(Refused({"--week-start", ""}), HasSubstr("--week-start: found ''"));
}

TEST(QueryOptionsTest, WhatIsNotGivenHasItsDefault) {
  const QueryFlags flags = Parse({});
  EXPECT_EQ(flags.zone, "UTC");
  EXPECT_EQ(flags.from, "");
  EXPECT_EQ(flags.limit, 0);
}

/// Parses as `sextant rows` does.
RowsFlags ParseRows(std::vector<std::string> arguments) {
  CLI::App rows;
  RowsFlags flags;
  AddRowsOptions(rows, flags);
  std::reverse(arguments.begin(), arguments.end());
  rows.parse(arguments);
  return flags;
}

TEST(RowsOptionsTest, TheCellAndWhatOfItsRowsAreFlags) {
  const RowsFlags flags = ParseRows({"-m", "pr-count", "-g", "team=web", "-g", "author is null",
                                     "-i", "week", "--start", "2024-01-01", "--columns", "id,title",
                                     "--order", "-id", "--limit", "5"});
  EXPECT_THAT(flags.query.groups, ::testing::ElementsAre("team=web", "author is null"));
  EXPECT_THAT(flags.query.intervals, ::testing::ElementsAre("week"));
  EXPECT_EQ(flags.start, "2024-01-01");
  EXPECT_THAT(flags.columns, ::testing::ElementsAre("id,title"));
  EXPECT_THAT(flags.query.order, ::testing::ElementsAre("-id"));
  EXPECT_EQ(flags.query.limit, 5);
}

TEST(RowsOptionsTest, ALimitOrAStartThatIsNoneIsRefused) {
  EXPECT_THROW(ParseRows({"--limit", "0"}), CLI::ParseError);
  EXPECT_THROW(ParseRows({"--start", ""}), CLI::ParseError);
}

TEST(RowsOptionsTest, WhatOnlyCellsHaveIsNoFlag) {
  for (const char* flag : {"--having=n > 1", "--top=3", "--totals=grand", "--dense"}) {
    EXPECT_THROW(ParseRows({flag}), CLI::ParseError) << flag;
  }
}

}  // namespace
}  // namespace sextant
