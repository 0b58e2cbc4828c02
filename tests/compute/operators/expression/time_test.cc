#include <gmock/gmock.h>

#include <random>

#include "compute/operators/expression/local_clock.h"
#include "compute/plan/civil_arithmetic.h"
#include "compute/plan/instant_text.h"
#include "tests/compute/operators/expression/expression_of.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using Op = ExpressionOp;

int64_t At(std::string_view text) { return ParseTimestampTzUs(text, absl::UTCTimeZone()).value(); }

std::shared_ptr<const Table> Instants(const std::vector<int64_t>& instants) {
  std::vector<Cell> cells;
  for (const int64_t instant : instants) cells.push_back(Int(instant));
  cells.push_back(Null());
  return TableOf({{"s", kTimestampType, cells}});
}

std::vector<std::string> Extracts(DateField field, const DataType& type, const Table& table,
                                  std::string_view zone) {
  return TextsOf(table, FieldOf(Op::kExtract, field, type, ZoneOf(zone), {ColumnOf(table, "s")}));
}

TEST(TimeTest, FieldsAreThoseOfTheLocalTime) {
  const auto table = Instants({At("2024-03-31T00:59:59.5Z"), At("2024-03-31T01:00:00Z")});
  const DataType whole = DataType::Decimal(18, 0);
  EXPECT_THAT(Extracts(DateField::kHour, whole, *table, "Europe/Berlin"),
              ElementsAre("1", "3", "NULL"));
  EXPECT_THAT(Extracts(DateField::kSecond, DataType::Decimal(18, 6), *table, "Europe/Berlin"),
              ElementsAre("59500000", "0", "NULL"));
  EXPECT_THAT(Extracts(DateField::kMilliseconds, DataType::Decimal(18, 3), *table, "UTC"),
              ElementsAre("59500000", "0", "NULL"));
}

TEST(TimeTest, AnEpochBeyondTheDigitsOfItsTypeIsExcluded) {  // (rule 5)
  const auto table = Instants({999'999'999'999'999'999, 1'000'000'000'000'000'000});
  EXPECT_THAT(Extracts(DateField::kEpoch, DataType::Decimal(18, 6), *table, "UTC"),
              ElementsAre("999999999999999999", "FAILED", "NULL"));
}

TEST(TimeTest, YearsHaveNoZero) {
  const auto table = Instants({At("0001-06-01T00:00:00Z BC"), At("0001-06-01T00:00:00Z")});
  const DataType whole = DataType::Decimal(18, 0);
  EXPECT_THAT(Extracts(DateField::kYear, whole, *table, "UTC"), ElementsAre("-1", "1", "NULL"));
  EXPECT_THAT(Extracts(DateField::kCentury, whole, *table, "UTC"), ElementsAre("-1", "1", "NULL"));
}

TEST(TimeTest, ARepeatedHourIsTwo) {
  const int64_t first = At("2024-10-27T00:30:00Z");
  const int64_t second = At("2024-10-27T01:30:00Z");
  const auto table = Instants({first, second});
  EXPECT_THAT(TextsOf(*table, FieldOf(Op::kDateTrunc, DateField::kHour, kTimestampType,
                                      ZoneOf("Europe/Berlin"), {ColumnOf(*table, "s")})),
              ElementsAre(std::to_string(first - 1'800'000'000),
                          std::to_string(second - 1'800'000'000), "NULL"));
}

TEST(TimeTest, DurationsHaveDaysOf24Hours) {
  const auto table = TableOf({{"s", kDurationType, {Int(-90'061'500'000), Int(0)}}});
  const DataType whole = DataType::Decimal(18, 0);
  EXPECT_THAT(Extracts(DateField::kDay, whole, *table, "UTC"), ElementsAre("-1", "0"));
  EXPECT_THAT(Extracts(DateField::kHour, whole, *table, "UTC"), ElementsAre("-1", "0"));
  EXPECT_THAT(Extracts(DateField::kEpoch, DataType::Decimal(18, 6), *table, "UTC"),
              ElementsAre("-90061500000", "0"));
}

TEST(TimeTest, TheClockAgreesWithTheArithmeticOfConstants) {
  constexpr uint64_t kSeed = 20240331;
  std::mt19937_64 random(kSeed);
  const std::vector<DateField> units = {DateField::kMinute, DateField::kHour,  DateField::kDay,
                                        DateField::kWeek,   DateField::kMonth, DateField::kYear};
  for (const char* name : {"Europe/Berlin", "America/Havana", "Australia/Lord_Howe", "Asia/Tehran",
                           "Africa/Casablanca", "Pacific/Apia", "America/St_Johns", "UTC"}) {
    SCOPED_TRACE(name);
    const absl::TimeZone zone = ZoneOf(name);
    std::vector<int64_t> instants;
    for (int i = 0; i < 300; ++i) {  // the years 1830 to 2300: beyond the table of the clock too
      instants.push_back(static_cast<int64_t>(random() % 14'800'000'000'000'000) -
                         4'400'000'000'000'000);
    }
    const auto table = Instants(instants);
    const DateField unit = units[random() % units.size()];
    const IntervalValue interval = {static_cast<int32_t>(random() % 5) - 2,
                                    static_cast<int32_t>(random() % 9) - 4,
                                    static_cast<int64_t>(random() % 7'200'000'000)};
    const std::vector<std::string> cut = TextsOf(
        *table, FieldOf(Op::kDateTrunc, unit, kTimestampType, zone, {ColumnOf(*table, "s")}));
    const std::vector<std::string> shifted = TextsOf(
        *table,
        FieldOf(Op::kAddInterval, unit, kTimestampType, zone,
                {ColumnOf(*table, "s"), ConstantOf(kIntervalType, WideOfInterval(interval))}));
    for (size_t i = 0; i < instants.size(); ++i) {
      EXPECT_EQ(cut[i], std::to_string(*TruncateInstantUs(unit, instants[i], zone)));
      EXPECT_EQ(shifted[i], std::to_string(*AddIntervalUs(instants[i], interval, zone)));
    }
  }
}

TEST(TimeTest, InstantsBeyondThoseThatCanBeNamedAreExcluded) {  // (rule 5)
  const auto table = Instants({At("294246-12-31T00:00:00Z"), At("4714-11-24T00:00:00Z BC")});
  const auto shift = [&](int32_t days) {
    return TextsOf(*table, FieldOf(Op::kAddInterval, DateField::kDay, kTimestampType, ZoneOf("UTC"),
                                   {ColumnOf(*table, "s"),
                                    ConstantOf(kIntervalType, WideOfInterval({0, days, 0}))}));
  };
  EXPECT_EQ(shift(2)[0], "FAILED");
  EXPECT_EQ(shift(-1)[1], "FAILED");
}

TEST(TimeTest, DaysOfTheCalendarComeBack) {
  for (int64_t day = -800'000; day < 800'000; day += 13) {
    ASSERT_EQ(DayOfCivil(CivilOfDay(day)), day);
  }
}

}  // namespace
}  // namespace sextant
