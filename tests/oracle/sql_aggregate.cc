#include "tests/oracle/sql_aggregate.h"

#include "absl/strings/str_cat.h"

namespace sextant::oracle {
namespace {

/// Exact numbers whose mean is rounded once: 40 digits more than PostgreSQL keeps by itself.
std::string MeanSql(const std::string& exact) {
  return absl::StrCat("((sum(", exact, ")::numeric * 1.", std::string(40, '0'), ") / count(", exact,
                      "))::float8::text");
}

std::string SumSql(const Type& type, const std::string& value) {
  if (IsFloat(type.kind)) return absl::StrCat("sum((", value, ")::float8)::text");
  if (type.kind == Kind::kDuration) {
    return absl::StrCat("sum(extract(epoch FROM ", value, "))::float8::text");
  }
  return absl::StrCat("round(sum((", value, ")::numeric), ", type.scale, ")::text");
}

std::string AverageSql(const Type& type, const std::string& value) {
  if (IsFloat(type.kind)) return absl::StrCat("avg((", value, ")::float8)::text");
  if (type.kind == Kind::kDuration) return MeanSql(absl::StrCat("extract(epoch FROM ", value, ")"));
  return MeanSql(absl::StrCat("(", value, ")::numeric"));
}

/// min and max of what PostgreSQL has none for in this order.
std::string ExtremeSql(Aggregate kind, const Type& type, const std::string& value) {
  const std::string name = kind == Aggregate::kMin ? "min" : "max";
  // PostgreSQL takes bpchar as text here unless it is cast, and with it the blanks.
  return CanonicalSql(type, absl::StrCat(name, "(", value, ")"));
}

}  // namespace

AggregateSql WriteAggregate(const ExpressionWriter& writer, const AggregateExpr& aggregate) {
  AggregateSql sql = {.value = "count(*)::text",
                      .condition = "true",
                      .count = "count(*)::float8",
                      .sum_of_magnitudes = "0::float8",
                      .sum_of_squares = "0::float8"};
  if (!aggregate.filter.empty()) sql.condition = writer.Write(aggregate.filter[0]);
  if (aggregate.args.empty()) return sql;
  const Type& type = aggregate.args[0].type;
  const std::string value = writer.Write(aggregate.args[0]);
  absl::StrAppend(&sql.condition, " AND (", value, ") IS NOT NULL");
  switch (aggregate.kind) {
    case Aggregate::kCountDistinct:
      sql.value = absl::StrCat("count(DISTINCT ", value, ")::text");
      break;
    case Aggregate::kSum:
      sql.value = SumSql(type, value);
      break;
    case Aggregate::kAvg:
      sql.value = AverageSql(type, value);
      break;
    case Aggregate::kMin:
    case Aggregate::kMax:
      sql.value = ExtremeSql(aggregate.kind, type, value);
      break;
    default:
      break;
  }
  if (IsNumber(type.kind)) {
    const std::string number =
        absl::StrCat("(", value, ")", IsFloat(type.kind) ? "::float8" : "::numeric");
    sql.sum_of_magnitudes = absl::StrCat("sum(abs(", number, "))::float8");
  }
  return sql;
}

}  // namespace sextant::oracle
