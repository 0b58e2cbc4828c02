#include "compute/plan/expression_parser/aggregate_names.h"

#include <array>
#include <cstddef>
#include <iterator>

namespace sextant {
namespace {

constexpr AggregateEntry kAggregates[] = {
    {"array_agg", AggregateKind::kTopValues, AggregateShape::kArray},
    {"avg", AggregateKind::kAvg, AggregateShape::kOne},
    {"bool_and", AggregateKind::kBoolAnd, AggregateShape::kOne},
    {"bool_or", AggregateKind::kBoolOr, AggregateShape::kOne},
    {"corr", AggregateKind::kCorr, AggregateShape::kTwo},
    {"count", AggregateKind::kCount, AggregateShape::kCount},
    {"every", AggregateKind::kBoolAnd, AggregateShape::kOne},
    {"max", AggregateKind::kMax, AggregateShape::kOne},
    {"median", AggregateKind::kPercentileCont, AggregateShape::kOne},
    {"min", AggregateKind::kMin, AggregateShape::kOne},
    {"mode", AggregateKind::kMode, AggregateShape::kWithinGroup},
    {"percentile_cont", AggregateKind::kPercentileCont, AggregateShape::kWithinGroup},
    {"percentile_disc", AggregateKind::kPercentileDisc, AggregateShape::kWithinGroup},
    {"regr_r2", AggregateKind::kRegrR2, AggregateShape::kTwo},
    {"regr_slope", AggregateKind::kRegrSlope, AggregateShape::kTwo},
    {"stddev", AggregateKind::kStddevSamp, AggregateShape::kOne},
    {"stddev_pop", AggregateKind::kStddevPop, AggregateShape::kOne},
    {"stddev_samp", AggregateKind::kStddevSamp, AggregateShape::kOne},
    {"sum", AggregateKind::kSum, AggregateShape::kOne},
    {"var_pop", AggregateKind::kVarPop, AggregateShape::kOne},
    {"var_samp", AggregateKind::kVarSamp, AggregateShape::kOne},
    {"variance", AggregateKind::kVarSamp, AggregateShape::kOne},
};

/// With their lengths, which decide most comparisons.
constexpr std::array<std::string_view, std::size(kAggregates)> kNames = [] {
  std::array<std::string_view, std::size(kAggregates)> names;
  for (size_t i = 0; i < names.size(); ++i) names[i] = kAggregates[i].name;
  return names;
}();

}  // namespace

const AggregateEntry* FindAggregateNamed(std::string_view name) {
  if (name.empty()) return nullptr;
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i][0] == name[0] && kNames[i] == name) return &kAggregates[i];
  }
  return nullptr;
}

std::vector<std::string> NamesOfAggregates() {
  std::vector<std::string> names;
  for (const AggregateEntry& entry : kAggregates) names.emplace_back(entry.name);
  return names;
}

std::string AllowedAggregates() {
  return "count(*), count([DISTINCT] x), sum, avg, min, max, stddev[_pop], variance, var_pop, "
         "median, bool_or, bool_and (x), corr, regr_slope, regr_r2 (y, x), percentile_cont, "
         "percentile_disc (p), mode() WITHIN GROUP (ORDER BY x), (array_agg(x ORDER BY y))[a:b], "
         "each with FILTER (WHERE ..)";
}

}  // namespace sextant
