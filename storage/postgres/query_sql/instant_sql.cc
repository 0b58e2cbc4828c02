#include "storage/postgres/query_sql/instant_sql.h"

#include <cstdint>

#include "absl/strings/str_cat.h"

namespace sextant {
namespace {

std::string AddLocally(const std::string& instant, const std::string& added,
                       const std::string& zone) {
  return absl::StrCat("((", instant, " AT TIME ZONE ", zone, " + ", added, ") AT TIME ZONE ", zone,
                      ")");
}

}  // namespace

std::string DifferenceOfInstantsSql(const std::string& left, const std::string& right) {
  return absl::StrCat("(extract(epoch FROM ", left, " - ", right, ") * 1000000)::bigint");
}

std::string IntervalOfDurationSql(const std::string& duration) {
  // 2^30 microseconds, of which a bigint has at most 2^33.
  return absl::StrCat(
      "(SELECT n.v / 1073741824 * interval '1073741824 microseconds' + n.v % 1073741824 * interval "
      "'1 microsecond' FROM (VALUES (",
      duration, ")) AS n(v))");
}

std::string AddIntervalSql(const std::string& instant, const IntervalValue& interval,
                           const std::string& zone) {
  std::string sql = instant;
  const auto add_local = [&](int32_t count, const char* unit) {
    if (count == 0) return;
    sql = AddLocally(sql, absl::StrCat("interval '", count, " ", unit, "'"), zone);
  };
  add_local(interval.months, "months");
  add_local(interval.days, "days");
  if (interval.microseconds == 0) return sql;
  return absl::StrCat("(", sql, " + interval '", interval.microseconds, " microseconds')");
}

std::string AddIntervalSql(const std::string& instant, const std::string& interval,
                           const std::string& zone) {
  const auto moved = [&](const char* from, const char* by) {
    return absl::StrCat("(SELECT CASE WHEN ", by, " = interval '0' THEN ", from, " ELSE ",
                        AddLocally(from, by, zone), " END AS t) AS ");
  };
  return absl::StrCat(
      "(SELECT d.t + (n.v - p.months - p.days) FROM (VALUES (", instant, ", ", interval,
      ")) AS n(t, v), LATERAL (SELECT make_interval(months => (extract(year FROM n.v) * 12 + "
      "extract(month FROM n.v))::int) AS months, make_interval(days => extract(day FROM n.v)::int) "
      "AS days) AS p, LATERAL ",
      moved("n.t", "p.months"), "m, LATERAL ", moved("m.t", "p.days"), "d)");
}

}  // namespace sextant
