#include "storage/postgres/query_sql/concurrency_sql.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "storage/postgres/query_sql/interval_sql.h"
#include "storage/postgres/query_sql/predicate_sql.h"

namespace sextant {
namespace {

/// Exactly, as numeric.
std::string MicrosecondsSql(const std::string& to, const std::string& from) {
  return absl::StrCat("extract(epoch FROM ", to, " - ", from, ") * 1000000");
}

/// An aggregate of columns from outside of the subquery that it is written in is one of the query
/// that these are of: both arrays are of the rows of the cell.
std::string MostSql(const std::string& starts, const std::string& ends) {
  return absl::StrCat(
      "(SELECT coalesce(max(w.running), 0) FROM (SELECT ", starts, " AS starts, ", ends,
      " AS ends) AS q, LATERAL (SELECT sum(v.change) OVER (ORDER BY v.at, v.change) AS running "
      "FROM "
      "(SELECT s.at, 1 AS change FROM unnest(q.starts) AS s(at) UNION ALL SELECT e.at, -1 FROM "
      "unnest(q.ends) AS e(at)) AS v) AS w)");
}

}  // namespace

AggregateSql ConcurrencySqlOf(const SqlScope& scope, const BoundQuery& query,
                              const BoundAggregate& aggregate) {
  const SpanSql span = SpanSqlOf(scope, query, aggregate.pin);
  const std::string start = absl::StrCat("greatest(", span.start, ", i.start_at)");
  // An open end is NULL, which least leaves out.
  const std::string end = absl::StrCat("least(", span.end, ", i.end_at)");
  const std::string filter =
      aggregate.filter
          ? absl::StrCat(" FILTER (WHERE ", PredicateSql(scope, *aggregate.filter), ")")
          : "";
  AggregateSql sql = {.value = {}, .samples = absl::StrCat("count(*)", filter)};
  if (aggregate.kind == AggregateKind::kConcurrencyMax) {
    sql.value = MostSql(absl::StrCat("array_agg(", start, ")", filter),
                        absl::StrCat("array_agg(", end, ")", filter));
    return sql;
  }
  sql.value =
      absl::StrCat("(sum(", MicrosecondsSql(end, start), ")", filter, ")::double precision / (",
                   MicrosecondsSql("max(i.end_at)", "max(i.start_at)"), ")::double precision");
  return sql;
}

}  // namespace sextant
