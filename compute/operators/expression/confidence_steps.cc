#include <algorithm>
#include <cmath>
#include <utility>
#include <variant>

#include "compute/operators/expression/expression_step.h"
#include "compute/plan/student_quantile.h"

namespace sextant {
namespace {

// Bounds of a value at a level of confidence (rule 21), of aggregates of the same samples. Of fewer
// than two samples there are none.

/// mean -+ t * (deviation / sqrt(n)), where P(|T| <= t) = level, T of Student's distribution of n -
/// 1 degrees of freedom, and the deviation is stddev_samp.
class MeanBoundStep final : public ExpressionStep {
 public:
  MeanBoundStep(double level, ExpressionSteps arguments)
      : level_(std::fabs(level)), sign_(level < 0 ? -1 : 1), arguments_(std::move(arguments)) {}

  void Evaluate(const Chunk& chunk, std::span<const uint32_t> rows,
                ValueVector& values) const override {
    const Lease<ValueVector> deviations;
    const Lease<ValueVector> counts;
    arguments_[0]->Evaluate(chunk, rows, values);
    arguments_[1]->Evaluate(chunk, rows, *deviations);
    arguments_[2]->Evaluate(chunk, rows, *counts);
    auto* const means = values.As<double>();
    for (size_t k = 0; k < rows.size(); ++k) {
      const int64_t n = counts->As<int64_t>()[k];
      values.valid[k] &= deviations->valid[k] & counts->valid[k];
      if (values.valid[k] == 0 || n < 2) {
        values.valid[k] = 0;
        continue;
      }
      const double t = KnownStudentQuantile(static_cast<uint64_t>(n) - 1, level_);
      const double error = deviations->As<double>()[k] / std::sqrt(static_cast<double>(n));
      means[k] += sign_ * (t * error);
    }
  }
  int cost() const override { return 32; }

 private:
  const double level_;
  const double sign_;
  const ExpressionSteps arguments_;
};

/// With p = passing / n and P(|Z| <= z) = level, Z of the normal distribution:
/// (p + z^2 / 2n -+ z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n), exactly 0 and 1 where none
/// passes and where all do.
class ShareBoundStep final : public ExpressionStep {
 public:
  ShareBoundStep(double level, ExpressionSteps arguments)
      : z_(NormalQuantile(std::fabs(level))),
        is_lower_(level < 0),
        arguments_(std::move(arguments)) {}

  void Evaluate(const Chunk& chunk, std::span<const uint32_t> rows,
                ValueVector& values) const override {
    const Lease<ValueVector> counts;
    arguments_[0]->Evaluate(chunk, rows, values);
    arguments_[1]->Evaluate(chunk, rows, *counts);
    for (size_t k = 0; k < rows.size(); ++k) {
      const int64_t passing = values.As<int64_t>()[k];
      const int64_t n = counts->As<int64_t>()[k];
      values.valid[k] &= counts->valid[k] & (n < 2 ? 0 : 1);
      values.As<double>()[k] = values.valid[k] == 0 ? 0 : Bound(passing, n);
    }
  }
  int cost() const override { return 32; }

 private:
  double Bound(int64_t passing, int64_t num_samples) const {
    if (is_lower_ && passing == 0) return 0;
    if (!is_lower_ && passing == num_samples) return 1;
    const auto n = static_cast<double>(num_samples);
    const double p = static_cast<double>(passing) / n;
    const double square = z_ * z_ / n;
    const double half = z_ * std::sqrt(p * (1 - p) / n + square / (4 * n));
    const double bound = (p + square / 2 + (is_lower_ ? -half : half)) / (1 + square);
    return std::clamp(bound, 0.0, 1.0);
  }

  const double z_;
  const bool is_lower_;
  const ExpressionSteps arguments_;
};

}  // namespace

ExpressionStepPtr MakeConfidenceStep(const BoundExpression& expression, ExpressionSteps arguments) {
  const double level = std::get<double>(expression.constant.value);
  if (expression.op == ExpressionOp::kMeanBound) {
    return std::make_unique<MeanBoundStep>(level, std::move(arguments));
  }
  return std::make_unique<ShareBoundStep>(level, std::move(arguments));
}

}  // namespace sextant
