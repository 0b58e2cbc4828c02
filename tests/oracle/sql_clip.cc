#include "absl/strings/str_cat.h"
#include "tests/oracle/sql_oracle.h"
#include "tests/oracle/sql_text.h"

namespace sextant::oracle {
namespace {

std::string CutSql(double quantile) {
  return absl::StrCat("(array_agg(v ORDER BY v))[1 + round(", quantile,
                      "::float8 * (count(*) - 1))::int]");
}

}  // namespace

std::string OutlierTables(const TableCase& table, const RequestCase& request, const Lane& lane,
                          const Clipping& clipping) {
  const ExpressionWriter writer(ExpressionWriter::Reader::kSql, table);
  const std::string value = writer.Write(lane.clip_value[0]);
  const std::string pin = PinSql(table, lane.start, request.zone);
  const bool is_list = table.columns[static_cast<size_t>(lane.start)].type.kind == Kind::kList;
  std::string tile = "0";
  std::string condition = absl::StrCat(value, " IS NOT NULL");
  if (!lane.clip_filter.empty()) {
    absl::StrAppend(&condition, " AND ", writer.Write(lane.clip_filter[0]));
  }
  if (request.clip->stride_days == 0) {
    absl::StrAppend(&condition, " AND pin.at >= ", InstantSql(clipping.whole.start_us),
                    " AND pin.at < ", InstantSql(clipping.whole.end_us));
  } else {
    tile =
        absl::StrCat("floor(extract(epoch FROM pin.at - timestamptz '2000-01-03 00:00:00+00') / ",
                     int64_t{86'400} * request.clip->stride_days, ")");
    absl::StrAppend(&condition, " AND pin.at IS NOT NULL");
  }
  const std::string& name = clipping.name;
  return absl::StrCat(
      name, "_t AS MATERIALIZED (SELECT DISTINCT oracle_key AS k, oracle_g AS g, ",
      QuoteName(table.columns[0].name), " AS id, ", tile, " AS tile, ", value, " AS v FROM ",
      clipping.source, " CROSS JOIN LATERAL ",
      is_list ? absl::StrCat("unnest(", pin, ")") : absl::StrCat("(SELECT ", pin, " OFFSET 0)"),
      " AS pin(at) WHERE ", condition, "),\n", name, "_c AS (SELECT k, g, tile, ",
      CutSql(request.clip->low), " AS low, ", CutSql(request.clip->high), " AS high FROM ", name,
      "_t GROUP BY k, g, tile),\n", name, " AS MATERIALIZED (SELECT DISTINCT k, g, id FROM ", name,
      "_t JOIN ", name, "_c USING (k, g, tile) WHERE v < low OR v > high)");
}

std::string NoOutlier(const TableCase& table, const Clipping& clipping) {
  const std::string id = QuoteName(table.columns[0].name);
  return absl::StrCat(" AND NOT EXISTS (SELECT FROM ", clipping.name,
                      " AS o WHERE o.k = ", clipping.source,
                      ".oracle_key AND o.g = ", clipping.source,
                      ".oracle_g AND o.id = ", clipping.source, ".", id, ")");
}

}  // namespace sextant::oracle
