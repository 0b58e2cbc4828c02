// Rule 11 against PostgreSQL: date_trunc(unit, t, zone) and the calendar put the same instants
// together and begin at the same instant, but for exceptions that all have one of few reasons. The
// zones of kExceptions and some others, which a seed picks, are compared around every change of
// their clocks and at every month from 1900 to 2036.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/memory/string_view_bridge.h"
#include "compute/plan/calendar.h"
#include "compute/plan/instant_text.h"
#include "compute/plan/time_zone.h"
#include "compute/plan/zone_clock.h"
#include "tests/testing/postgres_cluster.h"

namespace sextant {
namespace {

constexpr int64_t kHourUs = int64_t{3600} * 1'000'000;
constexpr int64_t kDayUs = 24 * kHourUs;
constexpr CalendarUnit kUnits[] = {
    CalendarUnit::kMinute, CalendarUnit::kHour,    CalendarUnit::kDay, CalendarUnit::kWeek,
    CalendarUnit::kMonth,  CalendarUnit::kQuarter, CalendarUnit::kYear};

/// Why date_trunc may say otherwise.
enum class Reason {
  // Minutes and hours, of which date_trunc keeps the offset of the instant:
  kSetWithin,    // the clock was set into the middle of an interval, which goes on; date_trunc
                 // measures the rest of it with another offset and opens a new one
  kSkippedPart,  // the clock jumped over a border by a whole interval; date_trunc puts what was
                 // before the border together with what comes after it
  // Days and longer, whose beginning date_trunc takes as local time back to an instant:
  kRepeatedMidnight,  // midnight came twice; the interval begins at the first, date_trunc says the
                      // second, or reopens the day before in between
  kSkippedMidnight,   // midnight never came, and the gap began before it (Toronto, 1919); the
                      // interval begins where the gap ends, date_trunc says a later instant
};

struct Exception {
  const char* zone;
  CalendarUnit unit;
  Reason reason;
  size_t count;  // instants from 1970 to 2019
  const char* what;
};

// The zones that rule 11 names, and others in which much happened. What is not here does not exist.
const Exception kExceptions[] = {
    {"America/Havana", CalendarUnit::kDay, Reason::kRepeatedMidnight, 27, "01:00 back to 00:00"},
    {"America/Havana", CalendarUnit::kMonth, Reason::kRepeatedMidnight, 1, "on 2015-11-01"},
    {"Asia/Amman", CalendarUnit::kDay, Reason::kRepeatedMidnight, 23, "01:00 back to 00:00"},
    {"Atlantic/Azores", CalendarUnit::kDay, Reason::kRepeatedMidnight, 38, "01:00 back to 00:00"},
    {"Asia/Gaza", CalendarUnit::kDay, Reason::kRepeatedMidnight, 12, "01:00 back to 00:00"},
    {"Asia/Gaza", CalendarUnit::kMonth, Reason::kRepeatedMidnight, 1, "on 2004-10-01"},
    {"Asia/Gaza", CalendarUnit::kQuarter, Reason::kRepeatedMidnight, 1, "on 2004-10-01"},
    {"Asia/Gaza", CalendarUnit::kHour, Reason::kSkippedPart, 2, "00:01 on to 01:01"},
    {"Australia/Lord_Howe", CalendarUnit::kHour, Reason::kSetWithin, 70, "half an hour, each way"},
    {"America/St_Johns", CalendarUnit::kDay, Reason::kRepeatedMidnight, 72, "00:01 back to 23:01"},
    {"America/St_Johns", CalendarUnit::kMonth, Reason::kRepeatedMidnight, 3, "on 2009-11-01"},
    {"America/St_Johns", CalendarUnit::kHour, Reason::kSkippedPart, 25, "00:01 on to 01:01"},
    {"America/Moncton", CalendarUnit::kDay, Reason::kRepeatedMidnight, 42, "00:01 back to 23:01"},
    {"America/Moncton", CalendarUnit::kHour, Reason::kSkippedPart, 14, "00:01 on to 01:01"},
    {"Asia/Kathmandu", CalendarUnit::kHour, Reason::kSetWithin, 1, "00:00 on to 00:15, 1986"},
    {"Africa/Monrovia", CalendarUnit::kMinute, Reason::kSetWithin, 1, "to UTC, 44:30 on, 1972"},
    {"Africa/Monrovia", CalendarUnit::kHour, Reason::kSetWithin, 1, "to UTC, 44:30 on, 1972"},
};
// Compared every time, and without an exception in those years.
constexpr const char* kOrdinaryZones[] = {"UTC", "Europe/Berlin", "America/New_York",
                                          "Pacific/Apia", "Asia/Kolkata"};
constexpr size_t kNumSampledZones = 8;

int64_t Us(std::string_view text) { return ParseTimestampTzUs(text, absl::UTCTimeZone()).value(); }

bool IsClock(CalendarUnit unit) {
  return unit == CalendarUnit::kMinute || unit == CalendarUnit::kHour;
}

class ZoneComparison {
 public:
  ZoneComparison(std::string name, std::string conninfo)
      : name_(std::move(name)), zone_(FindTimeZone(name_).value()), conninfo_(std::move(conninfo)) {
    SamplePoints();
  }

  using Found = std::map<std::pair<CalendarUnit, Reason>, std::set<int64_t>>;

  /// The exceptions of one unit; what has no reason is a failure.
  void Compare(CalendarUnit unit, Found& found) const {
    const std::vector<int64_t> points(IsClock(unit) ? clock_points_.begin() : day_points_.begin(),
                                      IsClock(unit) ? clock_points_.end() : day_points_.end());
    const std::vector<int64_t> labels = LabelsOf(unit, points);
    std::set<int64_t> seen;
    for (size_t k = 0; k < points.size(); ++k) {
      const bool is_border = k > 0 && HasBorder(unit, points[k - 1], points[k]);
      const bool is_new = k > 0 && labels[k] != labels[k - 1];
      const bool is_reopened = is_new && seen.contains(labels[k]);
      const bool is_start = is_border && points[k] == points[k - 1] + 1;
      const bool has_label = !is_start || labels[k] == points[k];
      seen.insert(labels[k]);
      if (is_border == is_new && !is_reopened && has_label) continue;
      const std::optional<Reason> reason = ReasonFor(unit, points[k]);
      EXPECT_TRUE(reason) << name_ << " " << UnitName(unit) << " "
                          << FormatInstant(points[k], zone_) << ": border " << is_border
                          << ", date_trunc " << FormatInstant(labels[k], zone_)
                          << (is_reopened ? " reopened" : "");
      if (reason) found[{unit, *reason}].insert(points[k]);
    }
  }

 private:
  std::vector<ResolvedInterval> Resolve(CalendarUnit unit, InstantRange range) const {
    return ResolveIntervals({{unit}, 1, zone_, 100'000}, range).value();
  }

  /// Whether an interval begins in (after_us, until_us]. Clock units have one every day.
  bool HasBorder(CalendarUnit unit, int64_t after_us, int64_t until_us) const {
    if (IsClock(unit) && until_us - after_us > 3 * kDayUs) return true;
    return Resolve(unit, {after_us, until_us + 1}).size() > 1;
  }

  static void AddAround(std::set<int64_t>& points, int64_t instant_us) {
    points.insert({instant_us - 1, instant_us});
  }

  void SamplePoints() {
    const InstantRange years = {Us("1900-01-01"), Us("2037-01-01")};
    for (const ResolvedInterval& month : Resolve(CalendarUnit::kMonth, years)) {
      AddAround(day_points_, month.start_us);
      AddAround(clock_points_, month.start_us);
    }
    ZoneClock clock(zone_, years.from_us);
    while (clock.end_us() < years.to_us) {
      const int64_t change_us = clock.end_us();
      clock.Advance();
      changes_[change_us] = {clock.previous_offset_us(), clock.offset_us()};
      AddAround(day_points_, change_us);
      AddAround(clock_points_, change_us);
      for (const ResolvedInterval& hour :
           Resolve(CalendarUnit::kHour, {change_us - 3 * kHourUs, change_us + 3 * kHourUs})) {
        AddAround(clock_points_, hour.start_us);
        clock_points_.insert(hour.start_us + 7 * kHourUs / 60);
      }
      AddMidnights(change_us);
    }
  }

  /// Those of the days around a change of the clock, which may have several or none.
  void AddMidnights(int64_t change_us) {
    const absl::CivilDay day(zone_.At(absl::FromUnixMicros(change_us)).cs);
    for (int days = -2; days <= 2; ++days) {
      const absl::TimeZone::TimeInfo midnight = zone_.At(absl::CivilSecond(day + days));
      for (const absl::Time instant : {midnight.pre, midnight.trans, midnight.post}) {
        const int64_t instant_us = absl::ToUnixMicros(instant);
        AddAround(day_points_, instant_us);
        if (midnight.kind != absl::TimeZone::TimeInfo::UNIQUE) {
          odd_midnights_[instant_us] = midnight.kind;
        }
      }
    }
  }

  std::optional<Reason> ReasonFor(CalendarUnit unit, int64_t instant_us) const {
    if (!IsClock(unit)) {
      const auto midnight = odd_midnights_.find(instant_us);
      if (midnight == odd_midnights_.end()) return std::nullopt;
      return midnight->second == absl::TimeZone::TimeInfo::REPEATED ? Reason::kRepeatedMidnight
                                                                    : Reason::kSkippedMidnight;
    }
    const auto change = changes_.find(instant_us);
    if (change == changes_.end()) return std::nullopt;
    const int64_t step_us = unit == CalendarUnit::kHour ? kHourUs : kHourUs / 60;
    const auto [before_us, after_us] = change->second;
    if ((instant_us + after_us) % step_us == 0) return std::nullopt;
    return (after_us - before_us) % step_us == 0 ? Reason::kSkippedPart : Reason::kSetWithin;
  }

  std::vector<int64_t> LabelsOf(CalendarUnit unit, const std::vector<int64_t>& points) const {
    const auto rows = ExecuteSql(
        conninfo_, absl::StrCat("SELECT (extract(epoch FROM date_trunc('", ToAbsl(UnitName(unit)),
                                "', 'epoch'::timestamptz + x * interval '1 microsecond', '", name_,
                                "')) * 1000000)::bigint FROM unnest('{", absl::StrJoin(points, ","),
                                "}'::bigint[]) WITH ORDINALITY AS point (x, n) ORDER BY n"));
    std::vector<int64_t> labels;
    for (const auto& row : rows) {
      int64_t label = 0;
      EXPECT_TRUE(absl::SimpleAtoi(row[0].value(), &label));
      labels.push_back(label);
    }
    return labels;
  }

  const std::string name_;
  const absl::TimeZone zone_;
  const std::string conninfo_;
  std::set<int64_t> day_points_;
  std::set<int64_t> clock_points_;
  std::map<int64_t, std::pair<int64_t, int64_t>> changes_;  // offsets before and after
  /// Instants of midnights that came twice or never, and the changes of the clock that did it.
  std::map<int64_t, absl::TimeZone::TimeInfo::CivilKind> odd_midnights_;
};

std::string LineOf(CalendarUnit unit, Reason reason, size_t count) {
  constexpr const char* kReasons[] = {"set within", "skipped in part", "midnight comes twice",
                                      "midnight is skipped"};
  return absl::StrCat(ToAbsl(UnitName(unit)), ": ", kReasons[static_cast<size_t>(reason)], " ",
                      count);
}

class CalendarAgreementTest : public testing::Test {
 protected:
  static const std::string& Conninfo() {
    static const auto& conninfo = *new std::string(PostgresCluster::Shared().CreateDatabase());
    return conninfo;
  }
  static ZoneComparison::Found ExceptionsOf(const std::string& zone) {
    SCOPED_TRACE(zone);
    const ZoneComparison comparison(zone, Conninfo());
    ZoneComparison::Found found;
    for (const CalendarUnit unit : kUnits) comparison.Compare(unit, found);
    return found;
  }
};

/// The exceptions of `zone` in the years of the table, as lines of text.
std::vector<std::string> InTheYearsOfTheTable(const ZoneComparison::Found& found) {
  std::vector<std::string> lines;
  for (const auto& [key, instants] : found) {
    const auto count = static_cast<size_t>(
        std::distance(instants.lower_bound(0), instants.lower_bound(Us("2020-01-01"))));
    if (count > 0) lines.push_back(LineOf(key.first, key.second, count));
  }
  return lines;
}

TEST_F(CalendarAgreementTest, Rule11TheExceptionsOfDateTruncAreThoseOfTheTable) {
  std::map<std::string, std::vector<std::string>> expected;
  for (const char* zone : kOrdinaryZones) expected[zone] = {};
  for (const Exception& exception : kExceptions) {
    expected[exception.zone].push_back(LineOf(exception.unit, exception.reason, exception.count));
  }
  for (const auto& [zone, lines] : expected) {
    EXPECT_THAT(InTheYearsOfTheTable(ExceptionsOf(zone)), testing::UnorderedElementsAreArray(lines))
        << zone;
  }
}

TEST_F(CalendarAgreementTest, Rule11InAnyZoneAnExceptionHasOneOfTheReasons) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::vector<std::string> zones;
  // "CET" and its like are no zones in PostgreSQL's functions but offsets.
  for (const auto& row : ExecuteSql(Conninfo(),
                                    "SELECT name FROM pg_timezone_names WHERE name NOT IN "
                                    "(SELECT abbrev FROM pg_timezone_abbrevs) ORDER BY 1")) {
    if (FindTimeZone(*row[0]).ok()) zones.push_back(*row[0]);
  }
  std::mt19937_64 random(seed);
  std::shuffle(zones.begin(), zones.end(), random);
  ASSERT_GT(zones.size(), kNumSampledZones);
  for (size_t i = 0; i < kNumSampledZones; ++i) ExceptionsOf(zones[i]);
}

}  // namespace
}  // namespace sextant
