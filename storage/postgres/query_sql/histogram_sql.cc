#include "storage/postgres/query_sql/histogram_sql.h"

#include <cstddef>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/plan/aggregate_uses.h"
#include "storage/postgres/query_sql/constant_sql.h"

namespace sextant {
namespace {

/// Of s.x, the samples.
std::string EdgesSql(const BoundHistogram& histogram) {
  if (!histogram.edges.empty()) {
    std::vector<std::string> edges;
    for (const double edge : histogram.edges) edges.push_back(FloatSql(edge));
    return absl::StrCat("ARRAY[", absl::StrJoin(edges, ", "), "]");
  }
  const uint32_t n = histogram.num_bins;
  return absl::StrCat(
      "ARRAY(SELECT CASE i WHEN 0 THEN b.low WHEN ", n,
      " THEN b.high ELSE least(b.low + i::double precision * ((b.high - b.low) / ", n,
      "::double precision), b.high) END FROM (SELECT min(u.v) - m.more AS low, max(u.v) + m.more "
      "AS "
      "high FROM unnest(s.x) AS u(v), (SELECT CASE WHEN min(w.v) = max(w.v) THEN ",
      FloatSql(0.5), " ELSE ", FloatSql(0),
      " END AS more FROM unnest(s.x) AS w(v)) AS m GROUP BY m.more) AS b, generate_series(0, ", n,
      ") AS i ORDER BY i)");
}

}  // namespace

bool HistogramHasSql(const BoundAggregate& aggregate) {
  const BoundHistogram& histogram = *aggregate.histogram;
  const bool has_bins = !histogram.edges.empty() || (histogram.num_bins > 0 && !histogram.is_log);
  // An aggregate of no column would be one of the subquery that it is in.
  return has_bins && !ColumnsOf(aggregate.value).empty();
}

std::string HistogramSql(const BoundAggregate& aggregate, const std::string& samples) {
  const bool is_counts = aggregate.kind == AggregateKind::kHistogramCounts;
  if (!HistogramHasSql(aggregate)) {
    return is_counts ? "NULL::bigint[]" : "NULL::double precision[]";
  }
  const BoundHistogram& histogram = *aggregate.histogram;
  const size_t num_bins = histogram.edges.empty() ? histogram.num_bins : histogram.edges.size() - 1;
  const std::string counts = absl::StrCat(
      "ARRAY(SELECT (SELECT count(*) FROM unnest(h.x) AS u(v) WHERE u.v >= h.e[i] AND (u.v < h.e[i "
      "+ "
      "1] OR i = ",
      num_bins, " AND u.v = h.e[i + 1])) FROM generate_series(1, ", num_bins, ") AS i ORDER BY i)");
  return absl::StrCat("(SELECT CASE WHEN h.x IS NOT NULL THEN ", is_counts ? counts : "h.e",
                      " END FROM (SELECT s.x, ", EdgesSql(histogram), " AS e FROM (SELECT ",
                      samples, " AS x) AS s) AS h)");
}

}  // namespace sextant
