// Instants plus intervals and date_trunc are PostgreSQL's to say: every zone, instant and interval
// here is asked of a real server.

#include "compute/plan/civil_arithmetic.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/plan/calendar.h"
#include "compute/plan/instant_text.h"
#include "compute/plan/time_zone.h"
#include "tests/testing/postgres_cluster.h"

namespace sextant {
namespace {

const std::vector<const char*> kZones = {"UTC",          "America/Havana",      "Europe/Berlin",
                                         "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia",
                                         "Asia/Amman"};
const std::vector<const char*> kInstants = {
    "2024-01-31 23:30:00.25Z",     "2024-02-29 12:00:00Z",   "2024-03-10 04:30:00Z",
    "2024-03-10 05:30:00Z",        "2024-03-31 00:59:59.9Z", "2024-10-27 00:30:00Z",
    "2024-10-27 01:30:00Z",        "2024-11-03 04:30:00Z",   "2024-11-03 05:30:00Z",
    "2011-12-29 22:00:00Z",        "2011-12-30 10:30:00Z",   "1900-01-01 00:00:00.000001Z",
    "0044-03-15 12:34:56.789Z BC", "0001-01-01 00:00:00Z",   "2000-12-31 23:59:59.999999Z"};

struct TestInterval {
  const char* text;
  IntervalValue value;
};
const std::vector<TestInterval> kIntervals = {{"1 month", {1, 0, 0}},
                                              {"-1 month", {-1, 0, 0}},
                                              {"13 months", {13, 0, 0}},
                                              {"1 day", {0, 1, 0}},
                                              {"-1 day", {0, -1, 0}},
                                              {"7 days", {0, 7, 0}},
                                              {"24:00:00", {0, 0, 86'400'000'000}},
                                              {"1 month -1 day 00:30:00.5", {1, -1, 1'800'500'000}},
                                              {"-00:00:00.000001", {0, 0, -1}},
                                              {"11 months 300 days", {11, 300, 0}}};

struct TestField {
  const char* text;
  DateField field;
};
const std::vector<TestField> kFields = {{"microseconds", DateField::kMicroseconds},
                                        {"milliseconds", DateField::kMilliseconds},
                                        {"second", DateField::kSecond},
                                        {"minute", DateField::kMinute},
                                        {"hour", DateField::kHour},
                                        {"day", DateField::kDay},
                                        {"week", DateField::kWeek},
                                        {"month", DateField::kMonth},
                                        {"quarter", DateField::kQuarter},
                                        {"year", DateField::kYear},
                                        {"decade", DateField::kDecade},
                                        {"century", DateField::kCentury},
                                        {"millennium", DateField::kMillennium}};

std::string Microseconds(const std::string& sql) {
  return absl::StrCat("(extract(epoch from ", sql, ") * 1000000)::bigint");
}

class CivilArithmeticTest : public testing::Test {
 protected:
  static std::vector<std::string> Ask(const std::string& zone,
                                      const std::vector<std::string>& values) {
    static const std::string conninfo = PostgresCluster::Shared().CreateDatabase();
    const auto rows = ExecuteSql(conninfo, absl::StrCat("SET timezone = '", zone, "'; SELECT ",
                                                        absl::StrJoin(values, ", ")));
    std::vector<std::string> answers;
    for (const auto& value : rows.at(0)) answers.push_back(value.value_or("null"));
    return answers;
  }
};

TEST_F(CivilArithmeticTest, Rule6IntervalsAreAddedInLocalTimeAsPostgresDoes) {
  for (const char* zone : kZones) {
    const absl::TimeZone time_zone = FindTimeZone(zone).value();
    std::vector<std::string> sql;
    std::vector<int64_t> ours;
    for (const char* instant : kInstants) {
      const int64_t instant_us = ParseTimestampTzUs(instant, time_zone).value();
      for (const TestInterval& interval : kIntervals) {
        sql.push_back(Microseconds(
            absl::StrCat("(timestamptz '", instant, "' + interval '", interval.text, "')")));
        ours.push_back(AddIntervalUs(instant_us, interval.value, time_zone).value());
      }
    }
    const std::vector<std::string> theirs = Ask(zone, sql);
    for (size_t i = 0; i < sql.size(); ++i) {
      EXPECT_EQ(absl::StrCat(ours[i]), theirs[i]) << zone << ": " << sql[i];
    }
  }
}

TEST_F(CivilArithmeticTest, Rule11DateTruncCutsWherePostgresDoes) {
  for (const char* zone : kZones) {
    const absl::TimeZone time_zone = FindTimeZone(zone).value();
    std::vector<std::string> sql;
    std::vector<int64_t> ours;
    for (const char* instant : kInstants) {
      const int64_t instant_us = ParseTimestampTzUs(instant, time_zone).value();
      for (const TestField& field : kFields) {
        sql.push_back(Microseconds(
            absl::StrCat("date_trunc('", field.text, "', timestamptz '", instant, "')")));
        ours.push_back(TruncateInstantUs(field.field, instant_us, time_zone).value());
      }
    }
    const std::vector<std::string> theirs = Ask(zone, sql);
    for (size_t i = 0; i < sql.size(); ++i) {
      EXPECT_EQ(absl::StrCat(ours[i]), theirs[i]) << zone << ": " << sql[i];
    }
  }
}

TEST(CivilArithmeticEdgeTest, Rule5BeyondTheNamedInstantsThereIsNoValue) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  EXPECT_EQ(AddIntervalUs(kMaxInstantUs, {0, 0, 1}, utc), std::nullopt);
  EXPECT_EQ(AddIntervalUs(kMaxInstantUs, {0, 1, 0}, utc), std::nullopt);
  EXPECT_EQ(AddIntervalUs(0, {2'147'483'647, 0, 0}, utc), std::nullopt);
  EXPECT_EQ(AddIntervalUs(0, {0, -2'147'483'647, 0}, utc), std::nullopt);
  EXPECT_EQ(TruncateInstantUs(DateField::kMillennium, kMinInstantUs, utc), std::nullopt);
}

}  // namespace
}  // namespace sextant
