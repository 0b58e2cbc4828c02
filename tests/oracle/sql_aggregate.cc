#include "tests/oracle/sql_aggregate.h"

#include "absl/strings/str_cat.h"
#include "tests/oracle/histograms.h"
#include "tests/oracle/statistics.h"

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

/// Of exact numbers by definition, with 40 digits more than PostgreSQL's own have.
std::string SpreadSql(const AggregateExpr& aggregate, const std::string& value) {
  const bool is_sample =
      aggregate.kind == Aggregate::kStddevSamp || aggregate.kind == Aggregate::kVarSamp;
  const bool is_root =
      aggregate.kind == Aggregate::kStddevSamp || aggregate.kind == Aggregate::kStddevPop;
  if (IsFloat(aggregate.args[0].type.kind)) {
    return absl::StrCat(is_root ? "stddev_" : "var_", is_sample ? "samp" : "pop", "((", value,
                        ")::float8)::text");
  }
  const std::string x = absl::StrCat("(", value, ")::numeric");
  const std::string divisor = is_sample ? "nullif(count(*) - 1, 0)" : "count(*)";
  const std::string variance =
      absl::StrCat("(count(*) * sum(", x, " * ", x, ") - sum(", x, ") * sum(", x, ")) * 1.",
                   std::string(40, '0'), " / (count(*) * ", divisor, ")");
  return absl::StrCat(is_root ? "sqrt(" : "(", variance, ")::float8::text");
}

/// In float8, of durations seconds, 0 for -0.
std::string NumberSql(const Type& type, const std::string& value) {
  const bool is_duration = type.kind == Kind::kDuration;
  return absl::StrCat("(", is_duration ? "extract(epoch FROM " : "(", value, ")::float8 + 0)");
}

/// Statistics are of float8, of exact numbers as far as PostgreSQL has them.
std::string StatisticSql(const AggregateExpr& aggregate, const std::string& value) {
  const Type& type = aggregate.args[0].type;
  switch (aggregate.kind) {
    case Aggregate::kStddevSamp:
    case Aggregate::kStddevPop:
    case Aggregate::kVarSamp:
    case Aggregate::kVarPop:
      return SpreadSql(aggregate, value);
    case Aggregate::kPercentileCont:
    case Aggregate::kMedian:
      return absl::StrCat("percentile_cont(", aggregate.fraction_text, ") WITHIN GROUP (ORDER BY ",
                          NumberSql(type, value), ")::text");
    case Aggregate::kPercentileDisc:
      return CanonicalSql(type, absl::StrCat("percentile_disc(", aggregate.fraction_text,
                                             ") WITHIN GROUP (ORDER BY ", value, ")"));
    case Aggregate::kMode:
      return CanonicalSql(type, absl::StrCat("mode() WITHIN GROUP (ORDER BY ", value, ")"));
    case Aggregate::kBoolOr:
      return absl::StrCat("bool_or(", value, ")::text");
    case Aggregate::kBoolAnd:
      return absl::StrCat("bool_and(", value, ")::text");
    default:
      return "count(*)::text";
  }
}

/// Of float8, as text.
std::string FloatOf(const std::string& text) { return absl::StrCat("(", text, ")::float8"); }

/// A bound of a mean, with its figures.
void WriteMeanBound(const AggregateExpr& aggregate, const std::string& value, AggregateSql& sql) {
  const Type& type = aggregate.args[0].type;
  AggregateExpr spread = aggregate;
  spread.kind = Aggregate::kStddevSamp;
  const std::string mean = FloatOf(AverageSql(type, value));
  const bool is_duration = type.kind == Kind::kDuration;
  const std::string number =
      is_duration ? absl::StrCat("extract(epoch FROM ", value, ")") : absl::StrCat("(", value, ")");
  if (is_duration) spread.args[0].type = {.kind = Kind::kNumeric};
  const std::string deviation = FloatOf(SpreadSql(spread, number));
  sql.value = absl::StrCat(MeanBoundSql(mean, deviation, aggregate.level), "::text");
  const std::string factor = MeanFactorSql(aggregate.level);
  sql.sum_of_magnitudes = absl::StrCat("(abs(", mean, ") + ", factor, " * ", deviation, ")");
  if (!IsFloat(type.kind)) return;
  const std::string x = FloatOf(value);
  const std::string variance_error =
      absl::StrCat("(count(*) * 1e-15 * sum(", x, " * ", x, ") / greatest(count(*) - 1, 1))");
  sql.sum_of_squares =
      absl::StrCat("(1e-15 * sum(abs(", x, ")) + ", factor, " * least(", variance_error,
                   " / nullif(", deviation, ", 0), sqrt(", variance_error, ")))");
}

std::string RankBoundSql(const AggregateExpr& aggregate, const std::string& value) {
  const Type& type = aggregate.args[0].type;
  const std::string rank = absl::StrCat("oracle_bound_rank(count(*), ", aggregate.fraction_text,
                                        ", ", FloatText(aggregate.level), ")");
  const std::string sorted =
      absl::StrCat("(array_agg(", value, " ORDER BY ", value, "))[", rank, "]");
  if (aggregate.is_discrete) return CanonicalSql(type, sorted);
  if (type.kind == Kind::kDuration) {
    return absl::StrCat("extract(epoch FROM ", sorted, ")::float8::text");
  }
  return absl::StrCat("(", sorted, ")::float8::text");
}

std::string TopValuesSql(const ExpressionWriter& writer, const AggregateExpr& aggregate,
                         const std::string& value) {
  const Type& type = aggregate.args[0].type;
  const std::string array =
      absl::StrCat("(array_agg(", value, " ORDER BY ", writer.Write(aggregate.order_by[0]),
                   aggregate.descending ? " DESC" : "", ", id))");
  if (!aggregate.is_list) {
    return CanonicalSql(type, absl::StrCat(array, "[", aggregate.first, "]"));
  }
  return CanonicalSql({.kind = Kind::kList, .element = type.kind},
                      absl::StrCat(array, "[", aggregate.first, ":", aggregate.last, "]"));
}

/// Of the pins of rows in the interval `iv`. How many run changes by what starts less what ends at
/// an instant; an empty range is no time, and has no ends.
std::string ConcurrencySql(Aggregate kind) {
  const std::string running = "(tstzrange(pin_start, pin_end) * tstzrange(iv.s, iv.e))";
  if (kind == Aggregate::kConcurrencyMax) {
    return absl::StrCat(
        "(SELECT coalesce(max(n), 0)::text FROM (SELECT array_agg(lower(", running,
        ")) AS starts, array_agg(upper(", running,
        ")) AS ends) AS a, LATERAL (SELECT sum(sum(by)) OVER (ORDER BY at) AS n FROM (SELECT "
        "unnest(a.starts) AS at, 1 AS by UNION ALL SELECT unnest(a.ends), -1) AS b WHERE at IS NOT "
        "NULL GROUP BY at) AS c)");
  }
  return absl::StrCat("coalesce(sum(extract(epoch FROM upper(", running, ") - lower(", running,
                      ")))::float8 / extract(epoch FROM max(iv.e) - max(iv.s))::float8, "
                      "0)::text");
}

/// The second value of pairs is there too, the key of what is ordered is.
std::string IsSampleSql(const ExpressionWriter& writer, const AggregateExpr& aggregate) {
  if (aggregate.kind == Aggregate::kTopValues) {
    return absl::StrCat(" AND (", writer.Write(aggregate.order_by[0]), ") IS NOT NULL");
  }
  std::string sql;
  for (const Expr& arg : aggregate.args) {
    absl::StrAppend(&sql, " AND (", writer.Write(arg), ") IS NOT NULL");
  }
  return sql;
}

}  // namespace

AggregateSql WriteAggregate(const ExpressionWriter& writer, const AggregateExpr& aggregate) {
  AggregateSql sql = {.value = "count(*)::text",
                      .condition = "true",
                      .count = "count(*)::float8",
                      .sum_of_magnitudes = "0::float8",
                      .sum_of_squares = "0::float8"};
  if (!aggregate.filter.empty()) sql.condition = writer.Write(aggregate.filter[0]);
  if (IsConcurrency(aggregate.kind)) sql.value = ConcurrencySql(aggregate.kind);
  if (aggregate.args.empty()) return sql;
  const Type& type = aggregate.args[0].type;
  const std::string value = writer.Write(aggregate.args[0]);
  absl::StrAppend(&sql.condition, IsSampleSql(writer, aggregate));
  if (aggregate.kind == Aggregate::kTopValues) {
    sql.value = TopValuesSql(writer, aggregate, value);
    return sql;
  }
  if (HasTwoArgs(aggregate.kind)) {
    static constexpr const char* kNames[] = {"corr", "regr_slope", "regr_r2"};
    const size_t index =
        static_cast<size_t>(aggregate.kind) - static_cast<size_t>(Aggregate::kCorr);
    const std::string pair =
        absl::StrCat("((", value, ")::float8, (", writer.Write(aggregate.args[1]), ")::float8)");
    sql.value = absl::StrCat(kNames[index], pair, "::text");
    sql.sum_of_magnitudes =
        absl::StrCat("sqrt(regr_syy", pair, " / nullif(regr_sxx", pair, ", 0))");
    return sql;
  }
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
    case Aggregate::kCount:
      break;
    case Aggregate::kMeanBound:
      WriteMeanBound(aggregate, value, sql);
      return sql;
    case Aggregate::kHistogramCounts:
    case Aggregate::kHistogramEdges:
      sql.value = HistogramOracleSql(aggregate, NumberSql(type, value));
      return sql;
    case Aggregate::kRankBound:
      sql.value = RankBoundSql(aggregate, value);
      break;
    case Aggregate::kResampledMean:
      sql.value = absl::StrCat("CASE WHEN count(*) > 1 THEN ", AverageSql(type, value), " END");
      break;
    default:
      sql.value = StatisticSql(aggregate, value);
      break;
  }
  if (IsNumber(type.kind)) {
    const std::string number =
        absl::StrCat("(", value, ")", IsFloat(type.kind) ? "::float8" : "::numeric");
    sql.sum_of_magnitudes = absl::StrCat("sum(abs(", number, "))::float8");
    const bool is_spread =
        aggregate.kind >= Aggregate::kStddevSamp && aggregate.kind <= Aggregate::kVarPop;
    if (is_spread) sql.sum_of_squares = absl::StrCat("sum(", number, " * ", number, ")::float8");
  }
  return sql;
}

}  // namespace sextant::oracle
