#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "tests/integration/aggregates/comparison.h"

namespace sextant {
namespace {

TEST(AggregateOracleTest, CountsSumsAndAverages_Rule3) {
  ForEachSeed([](const RandomSamples& samples, Comparison& comparison) {
    const Table& table = *samples.table;
    for (const char* const column : kOrdered) {
      comparison.Add(AggregateOf(table, AggregateKind::kCount, column), With("count($0)", column));
      comparison.Add(AggregateOf(table, AggregateKind::kCountDistinct, column),
                     With("count(DISTINCT $0)", column));
    }
    for (const char* const column : {"i2", "i4"}) {
      comparison.Add(AggregateOf(table, AggregateKind::kSum, column), With("sum($0)", column));
    }
    for (const char* const column : {"d2", "w3"}) {
      comparison.Add(AggregateOf(table, AggregateKind::kSum, column),
                     With(ShownForm(column), With("sum($0)", column)));
    }
    for (const char* const column : {"f4", "f8"}) {
      comparison.Add(AggregateOf(table, AggregateKind::kSum, column),
                     With("sum($0::float8)", column));
    }
    comparison.Add(AggregateOf(table, AggregateKind::kSum, "g8"), "sum(g8)",
                   "count(g8) * 1e-15 * sum(abs(g8))");
    comparison.Add(AggregateOf(table, AggregateKind::kAvg, "f8"), "avg(f8)");
    comparison.Add(AggregateOf(table, AggregateKind::kAvg, "g8"), "avg(g8)",
                   "1e-15 * sum(abs(g8))");
    for (const char* const column : kExactNumbers) {
      comparison.Add(
          AggregateOf(table, AggregateKind::kAvg, column),
          With("(sum($0)::numeric(400,80) / nullif(count($0), 0))::float8", NumberOf(column)));
    }
  });
}

TEST(AggregateOracleTest, TheExtremesOfEveryType_Rule8) {
  ForEachSeed([](const RandomSamples& samples, Comparison& comparison) {
    for (const std::string column : kOrdered) {
      if (column == "u" || column == "b") continue;  // PostgreSQL has none
      for (const bool is_max : {false, true}) {
        comparison.Add(
            AggregateOf(*samples.table, is_max ? AggregateKind::kMax : AggregateKind::kMin, column),
            With(ShownForm(column),
                 absl::StrCat(is_max ? "max(" : "min(", OrderedColumn(column), ")")));
      }
    }
  });
}

TEST(AggregateOracleTest, TheVarianceOfExactNumbersIsRoundedOnce_Rule2) {
  ForEachSeed([](const RandomSamples& samples, Comparison& comparison) {
    const Table& table = *samples.table;
    for (const char* const column : kExactNumbers) {
      const std::string number = absl::StrCat("(", NumberOf(column), ")::numeric");
      const auto variance = [&](const char* divisor) {
        return With(absl::StrCat("((count($0) * sum($0 * $0) - sum($0) ^ 2)::numeric(500,120) / "
                                 "nullif(count($0) * ",
                                 divisor, ", 0))"),
                    number);
      };
      const std::string sample = variance("(count($0) - 1)");
      const std::string population = variance("count($0)");
      comparison.Add(AggregateOf(table, AggregateKind::kVarSamp, column),
                     With(absl::StrCat(sample, "::float8"), number));
      comparison.Add(AggregateOf(table, AggregateKind::kVarPop, column),
                     With(absl::StrCat(population, "::float8"), number));
      comparison.Add(AggregateOf(table, AggregateKind::kStddevSamp, column),
                     With(absl::StrCat("sqrt(", sample, ")::float8"), number));
      comparison.Add(AggregateOf(table, AggregateKind::kStddevPop, column),
                     With(absl::StrCat("sqrt(", population, ")::float8"), number));
      // PostgreSQL's own has 16 digits; its deviation is the root of that, with fewer.
      comparison.Add(AggregateOf(table, AggregateKind::kVarSamp, column),
                     With("var_samp($0)::float8", number),
                     With("1e-15 * var_samp($0)::float8", number));
      comparison.Add(AggregateOf(table, AggregateKind::kStddevPop, column),
                     With("sqrt(var_pop($0)::float8)", number),
                     With("1e-15 * sqrt(var_pop($0)::float8)", number));
    }
  });
}

TEST(AggregateOracleTest, TheVarianceOfFloats_Rule3) {
  ForEachSeed([](const RandomSamples& samples, Comparison& comparison) {
    const Table& table = *samples.table;
    for (const char* const column : {"f4", "f8", "g8"}) {
      comparison.Add(AggregateOf(table, AggregateKind::kVarSamp, column),
                     With("var_samp($0)", column), With(kVarianceBound, column));
      comparison.Add(AggregateOf(table, AggregateKind::kVarPop, column),
                     With("var_pop($0)", column), With(kVarianceBound, column));
      comparison.Add(AggregateOf(table, AggregateKind::kStddevSamp, column),
                     With("stddev_samp($0)", column), With(kDeviationBound, column));
      comparison.Add(AggregateOf(table, AggregateKind::kStddevPop, column),
                     With("stddev_pop($0)", column), With(kDeviationBound, column));
    }
  });
}

TEST(AggregateOracleTest, PercentilesAreExact_Rule9) {
  ForEachSeed([](const RandomSamples& samples, Comparison& comparison) {
    for (const double fraction : {0.0, 0.1, 0.5, 0.75, 0.99, 1.0}) {
      for (const char* const column : kNumbers) {
        BoundAggregate aggregate =
            AggregateOf(*samples.table, AggregateKind::kPercentileCont, column);
        aggregate.fraction = fraction;
        comparison.Add(aggregate,
                       absl::Substitute("percentile_cont($0) WITHIN GROUP (ORDER BY ($1)::float8)",
                                        fraction, NumberOf(column)));
      }
      for (const std::string column : kOrdered) {
        BoundAggregate aggregate =
            AggregateOf(*samples.table, AggregateKind::kPercentileDisc, column);
        aggregate.fraction = fraction;
        comparison.Add(aggregate,
                       With(ShownForm(column),
                            absl::Substitute("percentile_disc($0) WITHIN GROUP (ORDER BY $1)",
                                             fraction, OrderedColumn(column))));
      }
    }
  });
}

TEST(AggregateOracleTest, TheModeIsTheSmallestOfTheMostFrequent_Rule9) {
  ForEachSeed([](const RandomSamples& samples, Comparison& comparison) {
    for (const std::string column : kOrdered) {
      comparison.Add(AggregateOf(*samples.table, AggregateKind::kMode, column),
                     With(ShownForm(column), absl::StrCat("mode() WITHIN GROUP (ORDER BY ",
                                                          OrderedColumn(column), ")")));
    }
  });
}

TEST(AggregateOracleTest, BoolsAreOrdAndAnded) {
  ForEachSeed([](const RandomSamples& samples, Comparison& comparison) {
    comparison.Add(AggregateOf(*samples.table, AggregateKind::kBoolOr, "b"), "bool_or(b)::int");
    comparison.Add(AggregateOf(*samples.table, AggregateKind::kBoolAnd, "b"), "bool_and(b)::int");
  });
}

TEST(AggregateOracleTest, Regressions_Rule3) {
  const std::pair<const char*, const char*> kPairs[] = {{"f8", "i2"}, {"i2", "f8"}, {"f4", "f8"},
                                                        {"d2", "i4"}, {"w3", "d2"}, {"dur", "f4"}};
  ForEachSeed([&](const RandomSamples& samples, Comparison& comparison) {
    for (const auto& [y, x] : kPairs) {
      const std::string y_number = absl::StrCat("(", NumberOf(y), ")::float8");
      const std::string x_number = absl::StrCat("(", NumberOf(x), ")::float8");
      const std::string bound = absl::Substitute(kCorrelationBound, y_number, x_number);
      const auto add = [&](AggregateKind kind, const char* name, const std::string& limit) {
        comparison.Add(AggregateOf(*samples.table, kind, y, x),
                       absl::StrCat(name, "(", y_number, ", ", x_number, ")"), limit);
      };
      add(AggregateKind::kCorr, "corr", bound);
      add(AggregateKind::kRegrR2, "regr_r2", absl::StrCat("2 * ", bound));
      add(AggregateKind::kRegrSlope, "regr_slope",
          absl::Substitute("$2 * sqrt(regr_syy($0, $1) / nullif(regr_sxx($0, $1), 0))", y_number,
                           x_number, bound));
    }
  });
}

TEST(AggregateOracleTest, TheBestRows_Rule9) {
  ForEachSeed([](const RandomSamples& samples, Comparison& comparison) {
    for (const std::string x : {"i4", "word", "state", "u"}) {
      for (const std::string y : {"i2", "f8", "w3", "word", "name", "state", "u", "day", "b"}) {
        for (const bool descending : {false, true}) {
          BoundAggregate aggregate = AggregateOf(*samples.table, AggregateKind::kTopValues, x, y);
          aggregate.descending = descending;
          const std::string array =
              absl::Substitute("(array_agg($0 ORDER BY $1 $2, id) FILTER (WHERE $3 IS NOT NULL))",
                               x, OrderedColumn(y), descending ? "DESC" : "ASC", y);
          aggregate.first = aggregate.last = 2;
          comparison.Add(aggregate, absl::StrCat(array, "[2]"));
          aggregate.first = 1;
          aggregate.last = 4;
          aggregate.is_list = true;
          aggregate.result_type = DataType::ListOf(aggregate.result_type);
          comparison.Add(aggregate, absl::StrCat("replace(", array, "[1:4]::text, 'NULL', '-')"));
        }
      }
    }
  });
}

}  // namespace
}  // namespace sextant
