#include "storage/postgres/query_sql/aggregate_sql.h"

#include "absl/strings/str_cat.h"
#include "storage/postgres/identifier.h"
#include "storage/postgres/query_sql/constant_sql.h"
#include "storage/postgres/query_sql/expression_sql.h"
#include "storage/postgres/query_sql/histogram_sql.h"
#include "storage/postgres/query_sql/predicate_sql.h"

namespace sextant {
namespace {

constexpr char kFloat[] = "::double precision";

class AggregatePrinter {
 public:
  AggregatePrinter(const SqlScope& scope, const BoundAggregate& aggregate,
                   const std::string& is_kept)
      : scope_(scope), aggregate_(aggregate), condition_(is_kept) {
    if (aggregate.filter) {
      condition_ = PredicateSql(scope, *aggregate.filter);
      if (!is_kept.empty()) condition_ = absl::StrCat("(", condition_, ") AND ", is_kept);
    }
    if (aggregate.kind == AggregateKind::kCountRows) return;
    type_ = aggregate.value.type;
    value_ = Number(aggregate.value);
  }

  AggregateSql Print() const {
    switch (aggregate_.kind) {
      case AggregateKind::kCountRows:
        return {Call("count(*)"), Call("count(*)")};
      case AggregateKind::kCorr:
        return OfPairs("corr");
      case AggregateKind::kRegrSlope:
        return OfPairs("regr_slope");
      case AggregateKind::kRegrR2:
        return OfPairs("regr_r2");
      case AggregateKind::kTopValues:
        return TopValues();
      default:
        return {Value(), Call(absl::StrCat("count(", value_, ")"))};
    }
  }

 private:
  bool IsDuration() const { return type_.kind == TypeKind::kDuration; }

  /// An interval counts as its seconds where it is added up (rule 6).
  std::string Number(const BoundValue& value) const {
    const std::string sql = ValueSql(scope_, value);
    const bool adds = aggregate_.kind == AggregateKind::kSum ||
                      aggregate_.kind == AggregateKind::kAvg ||
                      (aggregate_.kind >= AggregateKind::kStddevSamp &&
                       aggregate_.kind <= AggregateKind::kPercentileCont);
    if (value.type.kind == TypeKind::kInterval && adds) {
      return absl::StrCat("extract(epoch FROM ", sql, ")", kFloat);
    }
    // -0 and 0 are one value (rule 8).
    const bool compares =
        aggregate_.kind == AggregateKind::kCountDistinct || aggregate_.kind == AggregateKind::kMode;
    return IsFloat(value.type.kind) && compares ? absl::StrCat("(", sql, " + 0)") : sql;
  }

  std::string Call(const std::string& call) const { return Call(call, condition_); }

  static std::string Call(const std::string& call, const std::string& condition) {
    return condition.empty() ? call : absl::StrCat(call, " FILTER (WHERE ", condition, ")");
  }

  std::string Of(const char* function) const {
    return Call(absl::StrCat(function, "(", value_, ")"));
  }
  std::string WithinGroup(const std::string& function, const std::string& value) const {
    return Call(absl::StrCat(function, " WITHIN GROUP (ORDER BY ", value, ")"));
  }
  std::string Fraction() const { return FloatSql(aggregate_.fraction); }

  /// A value of the type of the samples: of durations, their seconds.
  std::string Seconds(const std::string& sql) const {
    return IsDuration() ? absl::StrCat("(", sql, "::numeric / 1000000)", kFloat) : sql;
  }

  std::string Float(const std::string& sql, const char* divisor) const {
    return IsDuration() ? absl::StrCat("(", sql, " / ", divisor, ")", kFloat)
                        : absl::StrCat("(", sql, ")", kFloat);
  }

  /// PostgreSQL's deviation of exact numbers has no more digits after the point than the variance
  /// needs for 16 in all: none of great numbers.
  std::string Deviation(const char* of_floats, const char* variance) const {
    if (IsFloat(type_.kind)) return Float(Of(of_floats), "1");
    return absl::StrCat("sqrt(", Float(Of(variance), "1000000000000"), ")");
  }

  /// PostgreSQL has no min and max of some types.
  std::string Extreme(bool is_min) const {
    if (type_.kind == TypeKind::kBool) return Of(is_min ? "bool_and" : "bool_or");
    if (type_.kind == TypeKind::kUuid || type_.kind == TypeKind::kBytes) {
      const std::string call =
          absl::StrCat("array_agg(", value_, " ORDER BY ", value_, is_min ? "" : " DESC", ")");
      const std::string present = absl::StrCat(value_, " IS NOT NULL");
      return absl::StrCat(
          "(", Call(call, condition_.empty() ? present : condition_ + " AND " + present), ")[1]");
    }
    return Seconds(Of(is_min ? "min" : "max"));
  }

  std::string Value() const {
    switch (aggregate_.kind) {
      case AggregateKind::kCount:
        return Of("count");
      case AggregateKind::kCountDistinct:
        return Call(absl::StrCat("count(DISTINCT ", value_, ")"));
      case AggregateKind::kSum:
        if (IsInteger(type_.kind)) return absl::StrCat("(", Of("sum"), ")::bigint");
        return Seconds(Of("sum"));
      case AggregateKind::kAvg:
        return Float(Of("avg"), "1000000");
      case AggregateKind::kMin:
      case AggregateKind::kMax:
        return Extreme(aggregate_.kind == AggregateKind::kMin);
      case AggregateKind::kStddevSamp:
        return Deviation("stddev_samp", "var_samp");
      case AggregateKind::kStddevPop:
        return Deviation("stddev_pop", "var_pop");
      case AggregateKind::kVarSamp:
        return Float(Of("var_samp"), "1000000000000");
      case AggregateKind::kVarPop:
        return Float(Of("var_pop"), "1000000000000");
      case AggregateKind::kPercentileCont:
        // Between seconds, as between other numbers (rule 9).
        return WithinGroup(absl::StrCat("percentile_cont(", Fraction(), ")"),
                           IsDuration() ? Seconds(value_) : absl::StrCat(value_, kFloat));
      case AggregateKind::kPercentileDisc:
        return Seconds(WithinGroup(absl::StrCat("percentile_disc(", Fraction(), ")"), value_));
      case AggregateKind::kRankBound:
      case AggregateKind::kResampledMean:
        // A column without SQL, NULL of its type.
        if (IsFloat(aggregate_.result_type.kind)) return "NULL::double precision";
        return absl::StrCat("CASE WHEN false THEN ",
                            WithinGroup(absl::StrCat("percentile_disc(", Fraction(), ")"), value_),
                            " END");
      case AggregateKind::kHistogramCounts:
      case AggregateKind::kHistogramEdges:
        return HistogramSql(aggregate_, SampleArray());
      case AggregateKind::kMode:
        return Seconds(WithinGroup("mode()", value_));
      case AggregateKind::kBoolOr:
        return Of("bool_or");
      case AggregateKind::kBoolAnd:
        return Of("bool_and");
      default:
        return scope_.Unsupported("an aggregate of a newer version");
    }
  }

  /// Numbers, of durations seconds, 0 for -0.
  std::string SampleArray() const {
    const std::string number =
        IsDuration() ? Seconds(value_) : absl::StrCat("(", value_, kFloat, " + 0)");
    const std::string present = absl::StrCat("(", value_, ") IS NOT NULL");
    return Call(absl::StrCat("array_agg(", number, ")"),
                condition_.empty() ? present : absl::StrCat("(", condition_, ") AND ", present));
  }

  AggregateSql OfPairs(const char* function) const {
    const auto number = [&](const BoundValue& value) {
      const std::string sql = ValueSql(scope_, value);
      const bool is_duration = value.type.kind == TypeKind::kDuration;
      return absl::StrCat(sql, kFloat, is_duration ? " / 1000000" : "");
    };
    const std::string y = number(aggregate_.value);
    const std::string x = number(aggregate_.second);
    const std::string pair = absl::StrCat("(", y, ", ", x, ")");
    std::string flat = absl::StrCat("WHEN ", AreEqual(x, y), " THEN NULL");
    if (aggregate_.kind == AggregateKind::kCorr) {
      absl::StrAppend(&flat, " WHEN ", AreEqual(y, x), " THEN NULL");
    } else if (aggregate_.kind == AggregateKind::kRegrR2) {
      absl::StrAppend(&flat, " WHEN ", AreEqual(y, x), " THEN 1");
    }
    return {absl::StrCat("CASE ", flat, " ELSE ", Call(function + pair), " END"),
            Call("regr_count" + pair)};
  }

  /// Whether a number is finite and the same in every pair: PostgreSQL's rounding may take equal
  /// numbers for a spread.
  std::string AreEqual(const std::string& number, const std::string& other) const {
    const std::string pairs = absl::StrCat(condition_.empty() ? "" : "(" + condition_ + ") AND ",
                                           "(", other, ") IS NOT NULL");
    const std::string least = Call(absl::StrCat("min(", number, ")"), pairs);
    const std::string greatest = Call(absl::StrCat("max(", number, ")"), pairs);
    return absl::StrCat(least, " = ", greatest, " AND ", least, " > '-Infinity' AND ", greatest,
                        " < 'Infinity'");
  }

  /// Rows without the order key are left out, ties go by key, ascending (rule 9).
  AggregateSql TopValues() const {
    const std::string order = ValueSql(scope_, aggregate_.second);
    std::string call = absl::StrCat("array_agg(", Seconds(value_), " ORDER BY ", order,
                                    aggregate_.descending ? " DESC" : "");
    for (const ColumnIndex key : scope_.schema->key_columns()) {
      absl::StrAppend(&call, ", ", scope_.column(key));
    }
    const std::string present = absl::StrCat(order, " IS NOT NULL");
    const std::string kept = condition_.empty() ? present : condition_ + " AND " + present;
    const std::string subscript =
        aggregate_.is_list ? absl::StrCat("[", aggregate_.first, ":", aggregate_.last, "]")
                           : absl::StrCat("[", aggregate_.first, "]");
    return {absl::StrCat("(", Call(call + ")", kept), ")", subscript),
            Call("count(" + order + ")")};
  }

  const SqlScope& scope_;
  const BoundAggregate& aggregate_;
  DataType type_;
  std::string value_;
  std::string condition_;
};

}  // namespace

AggregateSql AggregateSqlOf(const SqlScope& scope, const BoundAggregate& aggregate,
                            const std::string& is_kept) {
  return AggregatePrinter(scope, aggregate, is_kept).Print();
}

}  // namespace sextant
