#include <gmock/gmock.h>

#include <cmath>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/substitute.h"
#include "tests/integration/aggregates/random_samples.h"
#include "tests/testing/postgres_cluster.h"
#include "tests/testing/run_aggregate.h"

namespace sextant {
namespace {

/// Compares aggregates of random samples with what PostgreSQL makes of them, over the same rows cut
/// into any number of ranges. Every comparison is exact but for floats that say by how much not.
class Comparison {
 public:
  explicit Comparison(const RandomSamples& samples) : samples_(samples) {}

  /// `sql` has the value of the cell as RunAggregate writes it (NULL: none). `bound` is SQL for how
  /// much a float may differ; empty: not at all.
  void Add(BoundAggregate aggregate, const std::string& sql, const std::string& bound = "0") {
    aggregate.metric = sql;
    checks_.push_back({std::move(aggregate), sql, bound});
  }

  void Run(const std::string& conninfo) const {
    std::vector<std::string> targets = {"n"};
    for (const Check& check : checks_) {
      targets.push_back(absl::StrCat("(", check.sql, ")::text"));
      targets.push_back(absl::StrCat("(", check.bound, ")::text"));
    }
    const auto rows = ExecuteSql(
        conninfo, absl::StrCat("SELECT ", absl::StrJoin(targets, ", "), " FROM generate_series(0, ",
                               samples_.num_cells - 1,
                               ") n LEFT JOIN samples ON cell = n GROUP BY n ORDER BY n"));
    ASSERT_EQ(rows.size(), samples_.num_cells);
    for (size_t i = 0; i < checks_.size(); ++i) {
      for (const uint32_t num_ranges : {1, 4}) {
        SCOPED_TRACE(absl::StrCat(checks_[i].sql, " in ", num_ranges, " ranges"));
        const std::vector<std::string> ours =
            RunAggregate(checks_[i].aggregate, *samples_.table,
                         {samples_.cells, samples_.num_cells, num_ranges});
        for (size_t cell = 0; cell < rows.size(); ++cell) {
          Compare(ours[cell], rows[cell][1 + 2 * i].value_or("-"),
                  rows[cell][2 + 2 * i].value_or("0"), checks_[i].aggregate.result_type);
        }
      }
    }
  }

 private:
  struct Check {
    BoundAggregate aggregate;
    std::string sql;
    std::string bound;
  };

  static void Compare(const std::string& ours, const std::string& theirs, const std::string& bound,
                      const DataType& type) {
    const double our_number = std::strtod(ours.c_str(), nullptr);
    const double their_number = std::strtod(theirs.c_str(), nullptr);
    const double given_bound = std::strtod(bound.c_str(), nullptr);
    const double largest_difference = std::isnan(given_bound) ? 0 : given_bound;
    // Their rounding may find a correlation, within its bound of none, where all values are equal.
    const bool is_noise = ours == "-" && std::abs(their_number) <= largest_difference;
    if (!IsFloat(type.kind) || ours == "-" || theirs == "-") {
      EXPECT_TRUE(ours == theirs || (is_noise && IsFloat(type.kind))) << ours << " and " << theirs;
      return;
    }
    if (std::isnan(their_number)) {
      EXPECT_TRUE(std::isnan(our_number)) << ours;
    } else if (std::isinf(their_number)) {
      EXPECT_EQ(our_number, their_number);
    } else {
      EXPECT_LE(std::abs(our_number - their_number), largest_difference)
          << ours << " and " << theirs;
    }
  }

  const RandomSamples& samples_;
  std::vector<Check> checks_;
};

/// `form` with $0 replaced.
std::string With(std::string_view form, std::string_view argument) {
  return absl::StrReplaceAll(std::string(form), {{"$0", std::string(argument)}});
}

/// How RunAggregate writes a value of the column.
std::string ShownForm(const std::string& column) {
  if (column == "d2") return "(($0) * 100)::bigint";
  if (column == "w3") return "(($0) * 1000)::numeric(38,0)";
  if (column == "day") return "($0) - date '1970-01-01'";
  if (column == "ts") return "(extract(epoch FROM ($0)) * 1000000)::bigint";
  if (column == "dur") return "(($0) * 0.000001)::float8";
  if (column == "b") return "($0)::int";
  return "$0";
}

const char* const kNumbers[] = {"i2", "i4", "i8", "f4", "f8", "g8", "d2", "w3", "dur"};
const char* const kExactNumbers[] = {"i2", "i4", "i8", "d2", "w3", "dur"};
const char* const kOrdered[] = {"i2",   "i4",   "i8",    "f4", "f8",  "g8", "d2",  "w3",
                                "word", "name", "state", "u",  "day", "ts", "dur", "b"};

/// A column as PostgreSQL orders it here: text by bytes (rule 7).
std::string OrderedColumn(const std::string& column) {
  return column == "word" || column == "name" ? absl::StrCat(column, " COLLATE \"C\"") : column;
}

/// A number in seconds, or as it is.
std::string NumberOf(const std::string& column) {
  return column == "dur" ? "dur * 0.000001" : column;
}

void ForEachSeed(int num_seeds,
                 const std::function<void(const RandomSamples&, Comparison&)>& add_checks) {
  const std::string conninfo = PostgresCluster::Shared().CreateDatabase();
  const char* const given = std::getenv("SEXTANT_SEED");
  const uint64_t first =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  std::cout << "first SEXTANT_SEED=" << first << '\n';
  for (int i = 0; i < (given != nullptr ? 1 : num_seeds); ++i) {
    const uint64_t seed = first + static_cast<uint64_t>(i);
    SCOPED_TRACE(absl::StrCat("SEXTANT_SEED=", seed));
    const RandomSamples samples = MakeRandomSamples(seed);
    ExecuteSql(conninfo, samples.sql);
    Comparison comparison(samples);
    add_checks(samples, comparison);
    comparison.Run(conninfo);
    if (::testing::Test::HasFailure()) return;
  }
}

constexpr int kSeeds = 12;

TEST(AggregateOracleTest, CountsSumsAndAverages_Rule3) {
  ForEachSeed(kSeeds, [](const RandomSamples& samples, Comparison& comparison) {
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
  ForEachSeed(kSeeds, [](const RandomSamples& samples, Comparison& comparison) {
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
  ForEachSeed(kSeeds, [](const RandomSamples& samples, Comparison& comparison) {
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

/// Youngs and Cramer in another order of rows: 20 n eps times the square root of the mean square
/// (what is left of the error when the values are alike).
constexpr const char* kDeviationBound =
    "20 * count($0) * float8 '2.3e-16' * sqrt(avg($0::float8 ^ 2))";
constexpr const char* kVarianceBound =
    "20 * count($0) * float8 '2.3e-16' * sqrt(var_samp($0) * avg($0::float8 ^ 2)) + "
    "(20 * count($0) * float8 '2.3e-16') ^ 2 * avg($0::float8 ^ 2)";

TEST(AggregateOracleTest, TheVarianceOfFloats_Rule3) {
  ForEachSeed(kSeeds, [](const RandomSamples& samples, Comparison& comparison) {
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
  ForEachSeed(kSeeds, [](const RandomSamples& samples, Comparison& comparison) {
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
  ForEachSeed(kSeeds, [](const RandomSamples& samples, Comparison& comparison) {
    for (const std::string column : kOrdered) {
      comparison.Add(AggregateOf(*samples.table, AggregateKind::kMode, column),
                     With(ShownForm(column), absl::StrCat("mode() WITHIN GROUP (ORDER BY ",
                                                          OrderedColumn(column), ")")));
    }
  });
}

TEST(AggregateOracleTest, BoolsAreOrdAndAnded) {
  ForEachSeed(kSeeds, [](const RandomSamples& samples, Comparison& comparison) {
    comparison.Add(AggregateOf(*samples.table, AggregateKind::kBoolOr, "b"), "bool_or(b)::int");
    comparison.Add(AggregateOf(*samples.table, AggregateKind::kBoolAnd, "b"), "bool_and(b)::int");
  });
}

/// By how much corr may differ with the order of rows: the conditions of both variances.
constexpr const char* kCorrelationBound =
    "20 * regr_count($0, $1) * float8 '2.3e-16' * (coalesce("
    "sqrt(1 + regr_avgx($0, $1) ^ 2 * regr_count($0, $1) / nullif(regr_sxx($0, $1), 0)), 0) + "
    "coalesce("
    "sqrt(1 + regr_avgy($0, $1) ^ 2 * regr_count($0, $1) / nullif(regr_syy($0, $1), 0)), 0))";

TEST(AggregateOracleTest, Regressions_Rule3) {
  const std::pair<const char*, const char*> kPairs[] = {{"f8", "i2"}, {"i2", "f8"}, {"f4", "f8"},
                                                        {"d2", "i4"}, {"w3", "d2"}, {"dur", "f4"}};
  ForEachSeed(kSeeds, [&](const RandomSamples& samples, Comparison& comparison) {
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
  ForEachSeed(kSeeds, [](const RandomSamples& samples, Comparison& comparison) {
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
