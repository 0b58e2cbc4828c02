#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/integration/aggregates/random_samples.h"
#include "tests/testing/run_aggregate.h"

namespace sextant {

/// Compares aggregates of random samples with what PostgreSQL makes of them, over the same rows cut
/// into any number of ranges. Every comparison is exact but for floats that say by how much not.
class Comparison {
 public:
  explicit Comparison(const RandomSamples& samples) : samples_(samples) {}

  /// `sql` has the value of the cell as RunAggregate writes it (NULL: none). `bound` is SQL for how
  /// much a float may differ; NULL and NaN: not at all.
  void Add(BoundAggregate aggregate, const std::string& sql, const std::string& bound = "0");

  /// Fails the test where one differs.
  void Run(const std::string& conninfo) const;

 private:
  struct Check {
    BoundAggregate aggregate;
    std::string sql;
    std::string bound;
  };

  const RandomSamples& samples_;
  std::vector<Check> checks_;
};

/// Runs the checks that `add_checks` adds over the samples of some seeds: those from SEXTANT_SEED
/// on when it is set, else fresh ones, printed.
void ForEachSeed(const std::function<void(const RandomSamples&, Comparison&)>& add_checks);

/// `form` with $0 replaced.
std::string With(std::string_view form, std::string_view argument);

/// SQL of how RunAggregate writes a value $0 of the column.
std::string ShownForm(const std::string& column);

/// A column as PostgreSQL orders it here: text by bytes (rule 7).
std::string OrderedColumn(const std::string& column);

/// A number in seconds, or as it is.
std::string NumberOf(const std::string& column);

inline constexpr const char* kNumbers[] = {"i2", "i4", "i8", "f4", "f8", "g8", "d2", "w3", "dur"};
inline constexpr const char* kExactNumbers[] = {"i2", "i4", "i8", "d2", "w3", "dur"};
inline constexpr const char* kOrdered[] = {"i2",   "i4",   "i8",    "f4", "f8",  "g8", "d2",  "w3",
                                           "word", "name", "state", "u",  "day", "ts", "dur", "b"};

/// By how much a standard deviation or variance of $0 may differ. Youngs and Cramer in another
/// order of rows: 20 n eps times the root of the mean square (what is left of the error when the
/// values are alike).
inline constexpr const char* kDeviationBound =
    "20 * count($0) * float8 '2.3e-16' * sqrt(avg($0::float8 ^ 2))";
inline constexpr const char* kVarianceBound =
    "20 * count($0) * float8 '2.3e-16' * sqrt(var_samp($0) * avg($0::float8 ^ 2)) + "
    "(20 * count($0) * float8 '2.3e-16') ^ 2 * avg($0::float8 ^ 2)";

/// By how much corr($0, $1) may differ with the order of rows: by the conditions of both variances.
inline constexpr const char* kCorrelationBound =
    "20 * regr_count($0, $1) * float8 '2.3e-16' * (coalesce("
    "sqrt(1 + regr_avgx($0, $1) ^ 2 * regr_count($0, $1) / nullif(regr_sxx($0, $1), 0)), 0) + "
    "coalesce("
    "sqrt(1 + regr_avgy($0, $1) ^ 2 * regr_count($0, $1) / nullif(regr_syy($0, $1), 0)), 0))";

}  // namespace sextant
