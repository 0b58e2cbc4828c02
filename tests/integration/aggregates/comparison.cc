#include "tests/integration/aggregates/comparison.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstdlib>
#include <iostream>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "tests/testing/postgres_cluster.h"

namespace sextant {
namespace {

void Compare(const std::string& ours, const std::string& theirs, const std::string& bound,
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
    EXPECT_LE(std::abs(our_number - their_number), largest_difference) << ours << " and " << theirs;
  }
}

}  // namespace

void Comparison::Add(BoundAggregate aggregate, const std::string& sql, const std::string& bound) {
  aggregate.metric = sql;
  checks_.push_back({std::move(aggregate), sql, bound});
}

void Comparison::Run(const std::string& conninfo) const {
  std::vector<std::string> targets = {"n"};
  for (const Check& check : checks_) {
    targets.push_back(absl::StrCat("(", check.sql, ")::text"));
    targets.push_back(absl::StrCat("(", check.bound, ")::text"));
  }
  const auto rows =
      ExecuteSql(conninfo, absl::StrCat("SELECT ", absl::StrJoin(targets, ", "),
                                        " FROM generate_series(0, ", samples_.num_cells - 1,
                                        ") n LEFT JOIN samples ON cell = n GROUP BY n ORDER BY n"));
  ASSERT_EQ(rows.size(), samples_.num_cells);
  for (size_t i = 0; i < checks_.size(); ++i) {
    for (const uint32_t num_ranges : {1, 4}) {
      SCOPED_TRACE(absl::StrCat(checks_[i].sql, " in ", num_ranges, " ranges"));
      const std::vector<std::string> ours = RunAggregate(
          checks_[i].aggregate, *samples_.table, {samples_.cells, samples_.num_cells, num_ranges});
      for (size_t cell = 0; cell < rows.size(); ++cell) {
        Compare(ours[cell], rows[cell][1 + 2 * i].value_or("-"),
                rows[cell][2 + 2 * i].value_or("0"), checks_[i].aggregate.result_type);
      }
    }
  }
}

void ForEachSeed(const std::function<void(const RandomSamples&, Comparison&)>& add_checks) {
  constexpr int kNumSeeds = 12;
  const std::string conninfo = PostgresCluster::Shared().CreateDatabase();
  const char* const given = std::getenv("SEXTANT_SEED");
  const uint64_t first =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  std::cout << "first SEXTANT_SEED=" << first << '\n';
  for (int i = 0; i < (given != nullptr ? 1 : kNumSeeds); ++i) {
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

std::string With(std::string_view form, std::string_view argument) {
  return absl::StrReplaceAll(std::string(form), {{"$0", std::string(argument)}});
}

std::string ShownForm(const std::string& column) {
  if (column == "d2") return "(($0) * 100)::bigint";
  if (column == "w3") return "(($0) * 1000)::numeric(38,0)";
  if (column == "day") return "($0) - date '1970-01-01'";
  if (column == "ts") return "(extract(epoch FROM ($0)) * 1000000)::bigint";
  if (column == "dur") return "(($0) * 0.000001)::float8";
  if (column == "b") return "($0)::int";
  return "$0";
}

std::string OrderedColumn(const std::string& column) {
  return column == "word" || column == "name" ? absl::StrCat(column, " COLLATE \"C\"") : column;
}

std::string NumberOf(const std::string& column) {
  return column == "dur" ? "dur * 0.000001" : column;
}

}  // namespace sextant
