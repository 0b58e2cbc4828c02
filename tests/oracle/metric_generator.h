#pragma once

#include <string>
#include <vector>

#include "tests/oracle/case.h"
#include "tests/oracle/draws.h"
#include "tests/oracle/expression_generator.h"

namespace sextant::oracle {

/// Metrics over the columns of a table.
class MetricGenerator {
 public:
  MetricGenerator(Draws& draws, const TableCase& table, ExpressionGenerator& expressions,
                  bool needs_time)
      : draws_(draws), table_(table), expressions_(expressions), needs_time_(needs_time) {}

  MetricSpec Draw(std::string name);
  /// Sums and means of the same samples: more than a cell's words have room for.
  std::vector<MetricSpec> DrawSums();

 private:
  AggregateExpr DrawAggregate();
  AggregateExpr DrawStatistic();
  AggregateExpr DrawRegression();
  AggregateExpr DrawTopValues();
  AggregateExpr DrawFiltered();
  /// Whose result is a number.
  AggregateExpr DrawNumber();
  MetricSpec DrawExpression(std::string name, bool is_number);
  MetricSpec DrawMetricOfMetrics(std::string name);
  /// A metric, or none where the columns do not suffice.
  std::vector<MetricSpec> DrawConcurrency(const std::string& name);
  std::vector<MetricSpec> DrawThreshold(const std::string& name);
  MetricSpec DrawSumOf(std::string name);
  FrameSpec DrawWindow();
  MetricSpec DrawCumulative(const std::string& name);
  void DrawDomain(MetricSpec& metric);
  /// Whether it is one aggregate of one value that compares with constants.
  static bool HasOneSample(const MetricSpec& metric);
  void DrawPin(MetricSpec& metric);
  void DrawSpan(MetricSpec& metric, const std::vector<int>& instants);

  Draws& draws_;
  const TableCase& table_;
  ExpressionGenerator& expressions_;
  const bool needs_time_;
};

}  // namespace sextant::oracle
