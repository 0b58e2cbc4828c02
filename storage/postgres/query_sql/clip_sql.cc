#include "storage/postgres/query_sql/clip_sql.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/plan/clip_tiles.h"
#include "storage/postgres/query_sql/constant_sql.h"
#include "storage/postgres/query_sql/expression_sql.h"
#include "storage/postgres/query_sql/predicate_sql.h"
#include "storage/postgres/query_sql/zone_sql.h"

namespace sextant {
namespace {

constexpr int64_t kSecondUs = 1'000'000;

/// The value at the rank that is nearest to the quantile: half a rank goes to the even one, as
/// round() of double precision does.
std::string CutSql(double quantile) {
  return absl::StrCat("(array_agg(v.value ORDER BY v.value))[1 + round(", FloatSql(quantile),
                      " * (count(*) - 1))::int]");
}

}  // namespace

ClipSql::ClipSql(const SqlScope& scope, const BoundQuery& query, const BoundAggregate& aggregate,
                 Range range)
    : scope_(scope),
      query_(query),
      aggregate_(aggregate),
      range_(std::move(range)),
      value_(ValueSql(scope, aggregate.clip->value)) {}

std::string ClipSql::TileOf(const std::string& instant) const {
  const int64_t stride_us = aggregate_.clip->stride_us;
  if (stride_us == 0) {
    return absl::StrCat("CASE WHEN ", instant, " >= ", range_.from, " AND ", instant, " < ",
                        range_.to, " THEN 0 END");
  }
  return absl::StrCat("floor(extract(epoch FROM ", instant, " - ", InstantSql(kTileAnchorUs),
                      ") / ", stride_us / kSecondUs, ")");
}

std::string ClipSql::Tiles() const {
  const std::string at = ValueSql(scope_, aggregate_.pin.start);
  if (is_list()) {
    return absl::StrCat("(SELECT DISTINCT ", TileOf("u.e"), " AS tile FROM unnest(", at,
                        ") AS u(e))");
  }
  const bool is_date = aggregate_.pin.start.type.kind == TypeKind::kDate;
  return absl::StrCat("(SELECT ", TileOf(is_date ? MidnightSql(scope_, query_.time_zone, at) : at),
                      " AS tile)");
}

std::string ClipSql::SameGroup(const Group& group, const std::string& alias) {
  return absl::StrCat(alias, ".grouping_id = ", group.grouping_id, " AND ", alias,
                      ".axis_key = ", group.axis_key);
}

std::string ClipSql::Cuts(const Group& group, const std::string& from,
                          const std::string& condition) const {
  std::string conditions = absl::StrCat(value_, " IS NOT NULL AND t.tile IS NOT NULL");
  if (!condition.empty()) absl::StrAppend(&conditions, " AND ", condition);
  if (aggregate_.clip->filter) {
    absl::StrAppend(&conditions, " AND (", PredicateSql(scope_, *aggregate_.clip->filter), ")");
  }
  return absl::StrCat("  SELECT v.grouping_id, v.axis_key, v.tile, ", CutSql(aggregate_.clip->low),
                      " AS low, ", CutSql(aggregate_.clip->high), " AS high\n  FROM (SELECT ",
                      group.grouping_id, " AS grouping_id, ", group.axis_key,
                      " AS axis_key, t.tile, ", value_, " AS value\n    FROM ", from,
                      "\n    CROSS JOIN LATERAL ", Tiles(), " AS t\n    WHERE ", conditions,
                      ") AS v\n  GROUP BY v.grouping_id, v.axis_key, v.tile");
}

std::string ClipSql::Join(const Group& group, const std::string& cuts,
                          const std::string& alias) const {
  if (is_list()) return "";
  return absl::StrCat("\n  LEFT JOIN ", cuts, " AS ", alias, " ON ", SameGroup(group, alias),
                      " AND ", alias, ".tile = ", Tiles());
}

std::string ClipSql::Condition(const Group& group, const std::string& cuts,
                               const std::string& alias) const {
  if (!is_list()) return absl::StrCat(value_, " BETWEEN ", alias, ".low AND ", alias, ".high");
  return absl::StrCat(value_, " IS NOT NULL AND NOT EXISTS (SELECT FROM ", cuts, " AS ", alias,
                      " JOIN ", Tiles(), " AS t ON t.tile = ", alias, ".tile WHERE ",
                      SameGroup(group, alias), " AND (", value_, " < ", alias, ".low OR ", value_,
                      " > ", alias, ".high))");
}

}  // namespace sextant
