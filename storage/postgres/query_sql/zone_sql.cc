#include "storage/postgres/query_sql/zone_sql.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "compute/memory/string_view_bridge.h"
#include "compute/plan/calendar.h"
#include "compute/plan/time_zone.h"
#include "storage/postgres/identifier.h"

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

}  // namespace sextant
