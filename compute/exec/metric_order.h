#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "compute/operators/metric_values.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// -1, 0 or 1.
template <typename T>
int CompareValues(const T& a, const T& b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

/// The order of the values of a metric, as PostgreSQL has it: lists element by element, where NULL
/// is last, and a list after its own beginning. Points to the values.
class MetricOrder {
 public:
  /// `labels`, of an enum or a list of it, in declared order (rule 8).
  MetricOrder(const MetricValues& values, std::vector<std::string> labels, bool descending);

  /// How two cells compare: -1, 0 or 1. Those without a value come last, descending or not.
  int Compare(size_t a, size_t b) const;

 private:
  /// Of values that are there.
  int CompareFound(const MetricValues& values, size_t a, size_t b) const;
  int CompareLists(const MetricValues& lists, size_t a, size_t b) const;
  size_t LabelRank(std::string_view label) const;

  const MetricValues& values_;
  const std::vector<std::string> labels_;
  const bool descending_;
};

/// Of metric number `metric` of `query`, whose values these are.
MetricOrder OrderOf(const BoundQuery& query, uint32_t metric, const MetricValues& values,
                    bool descending);

}  // namespace sextant
