#include "storage/postgres/query_sql/zone_sql.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/memory/string_view_bridge.h"
#include "compute/plan/calendar.h"
#include "compute/plan/time_zone.h"
#include "storage/postgres/identifier.h"
#include "storage/postgres/query_sql/constant_sql.h"

namespace sextant {
namespace {

/// Zones of whose names PostgreSQL has abbreviations, and what they are links to in some releases
/// of the IANA database. In others they have rules of their own.
struct Alias {
  std::string_view name;
  std::array<std::string_view, 2> others;
};
constexpr Alias kAliases[] = {
    {"CET", {"Europe/Brussels", ""}},         {"EET", {"Europe/Athens", ""}},
    {"EST", {"Etc/GMT+5", "America/Panama"}}, {"HST", {"Etc/GMT+10", "Pacific/Honolulu"}},
    {"MET", {"Europe/Brussels", ""}},         {"MST", {"Etc/GMT+7", "America/Phoenix"}},
    {"WET", {"Europe/Lisbon", ""}},
};

/// Whether the offsets of all changes of `one` are also those of `other`. The rules of a zone
/// repeat every 400 years.
bool Follows(const absl::TimeZone& one, const absl::TimeZone& other) {
  const absl::Time last = absl::FromCivil(absl::CivilYear(2500), absl::UTCTimeZone());
  absl::Time time = absl::FromUnixMicros(kMinInstantUs);
  absl::TimeZone::CivilTransition change;
  if (one.At(time).offset != other.At(time).offset) return false;
  while (time < last && one.NextTransition(time, &change)) {
    const absl::Time next = one.At(change.to).trans;
    if (one.At(next).offset != other.At(next).offset) return false;
    time = next;
  }
  return true;
}

bool HaveSameRules(const absl::TimeZone& one, const absl::TimeZone& other) {
  return Follows(one, other) && Follows(other, one);
}

struct Midnights {           // not row-proportional: rules of a zone
  bool is_repeated = false;  // on some day
  /// Days whose midnight the clock jumps over, from before it to after it; rare.
  std::vector<std::pair<absl::CivilDay, absl::Time>> jumped;
  bool is_day_skipped = false;
};

/// What is odd about the midnights of a zone, until its rules repeat.
Midnights OddMidnights(const absl::TimeZone& zone) {
  Midnights odd;
  absl::Time time = absl::FromUnixMicros(kMinInstantUs);
  const absl::Time last = absl::FromCivil(absl::CivilYear(2500), absl::UTCTimeZone());
  absl::TimeZone::CivilTransition change;
  while (time < last && zone.NextTransition(time, &change)) {
    time = zone.At(change.to).trans;
    const bool is_gap = change.from < change.to;
    const absl::CivilSecond first = is_gap ? change.from : change.to;
    const absl::CivilSecond after = is_gap ? change.to : change.from;
    absl::CivilDay day(first);
    if (absl::CivilSecond(day) < first) ++day;
    if (absl::CivilSecond(day) >= after) continue;
    if (!is_gap) odd.is_repeated = true;
    if (is_gap && absl::CivilSecond(day) > first) odd.jumped.emplace_back(day, time);
    if (is_gap && absl::CivilSecond(day + 1) <= after) odd.is_day_skipped = true;
  }
  return odd;
}

}  // namespace

std::string ZoneSql(const SqlScope& scope, const absl::TimeZone& zone) {
  const std::string name = zone.name();
  const auto* const alias = std::find_if(std::begin(kAliases), std::end(kAliases),
                                         [&](const Alias& one) { return one.name == name; });
  if (alias == std::end(kAliases)) return QuoteLiteral(name);
  for (const std::string_view other : alias->others) {
    if (other.empty()) continue;
    const absl::StatusOr<absl::TimeZone> found = FindTimeZone(other);
    if (found.ok() && HaveSameRules(zone, *found)) return QuoteLiteral(other);
  }
  scope.Unsupported(absl::StrCat("a local time of the zone ", name,
                                 ", whose name PostgreSQL takes for an abbreviation; name a place, "
                                 "such as ",
                                 ToAbsl(alias->others[0])));
  return QuoteLiteral(name);
}

std::string ZoneSql(const SqlScope& scope, const std::string& name) {
  const absl::StatusOr<absl::TimeZone> zone = FindTimeZone(name);
  return zone.ok() ? ZoneSql(scope, *zone) : QuoteLiteral(name);
}

std::string MidnightSql(const SqlScope& scope, const absl::TimeZone& zone, const std::string& day) {
  const std::string name = ZoneSql(scope, zone);
  const Midnights odd = OddMidnights(zone);
  std::string sql = absl::StrCat("(", day, "::timestamp AT TIME ZONE ", name, ")");
  if (odd.is_repeated) {
    // PostgreSQL takes the second one: the first is earlier by what the clock was put back since
    // the day before.
    sql = absl::StrCat(
        "(SELECT CASE WHEN (n.t - n.back) AT TIME ZONE ", name,
        " = n.l THEN n.t - n.back ELSE n.t END FROM (SELECT l, t, CASE WHEN isfinite(l) THEN (t - "
        "interval '24 hours') AT TIME ZONE ",
        name,
        " - (l - interval '24 hours') ELSE interval '0' END AS back FROM (SELECT l, l AT TIME "
        "ZONE ",
        name, " AS t FROM (VALUES (", day, "::timestamp)) AS d(l)) AS at) AS n)");
  }
  if (odd.jumped.empty()) return sql;
  std::string jumped;
  for (const auto& [civil, time] : odd.jumped) {
    absl::StrAppend(&jumped, " WHEN ", DaySql(civil - absl::CivilDay(1970, 1, 1)), " THEN ",
                    InstantSql(absl::ToUnixMicros(time)));
  }
  return absl::StrCat("(CASE ", day, jumped, " ELSE ", sql, " END)");
}

bool SkipsADay(const absl::TimeZone& zone) { return OddMidnights(zone).is_day_skipped; }

}  // namespace sextant
