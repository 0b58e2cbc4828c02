#pragma once

#include <memory>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/table.h"
#include "compute/memory/memory_budget.h"
#include "compute/operators/expression/evaluation_scratch.h"
#include "compute/operators/expression/value_vector.h"
#include "compute/plan/bound_expression.h"

namespace sextant {

/// A node of an expression, compiled against one version of a table. Const after construction; safe
/// for any number of threads.
class ExpressionStep {
 public:
  virtual ~ExpressionStep() = default;

  /// Writes the values of `rows` to `values`, all of valid and failed included. `rows` ascend, some
  /// may repeat. REQUIRES: at most kBatchRows rows. Cost: no allocation, but for texts.
  virtual void Evaluate(const Chunk& chunk, std::span<const uint32_t> rows,
                        ValueVector& values) const = 0;
  /// Relative work per row, as PredicateStep::cost.
  virtual int cost() const = 0;
};

using ExpressionStepPtr = std::unique_ptr<const ExpressionStep>;
using ExpressionSteps = std::vector<ExpressionStepPtr>;

/// What an expression is compiled against. Conditions charge their tables to `budget`.
struct ExpressionContext {
  const Table& table;
  MemoryBudget& budget;
};

/// Errors: RESOURCE_EXHAUSTED from the budget; INVALID_ARGUMENT for a pattern that is no regular
/// expression. `expression` may go away afterwards; the table may not.
absl::StatusOr<ExpressionStepPtr> CompileExpression(const BoundExpression& expression,
                                                    const ExpressionContext& context);

/// The families of operations, over arguments compiled before; called by CompileExpression.
ExpressionStepPtr MakeColumnStep(const BoundExpression& expression, const Table& table);
ExpressionStepPtr MakeConstantStep(const BoundExpression& expression);
/// kCardinality, kArrayLength.
ExpressionStepPtr MakeListLengthStep(const BoundExpression& expression);
/// kCondition, kCase.
absl::StatusOr<ExpressionStepPtr> CompileChoice(const BoundExpression& expression,
                                                const ExpressionContext& context);
/// kCoalesce, kGreatest, kLeast.
ExpressionStepPtr MakeCoalesceStep(const BoundExpression& expression, ExpressionSteps arguments);
ExpressionStepPtr MakeExtremeStep(const BoundExpression& expression, ExpressionSteps arguments);
/// kAdd, kSubtract, kMultiply, kDivide, kModulo, kNegate, kAbs, kRound, kFloor, kCeil, kTrunc.
ExpressionStepPtr MakeIntegerArithmetic(const BoundExpression& expression,
                                        ExpressionSteps arguments);
ExpressionStepPtr MakeFloatArithmetic(const BoundExpression& expression, ExpressionSteps arguments);
ExpressionStepPtr MakeDecimalArithmetic(const BoundExpression& expression,
                                        ExpressionSteps arguments);
/// kLower, kUpper, kLength.
ExpressionStepPtr MakeTextStep(const BoundExpression& expression, ExpressionStepPtr argument);
/// kExtract, kDateTrunc, kAddInterval, kNegate of an interval.
ExpressionStepPtr MakeExtractStep(const BoundExpression& expression, ExpressionStepPtr argument);
ExpressionStepPtr MakeDateTruncStep(const BoundExpression& expression, ExpressionStepPtr argument);
ExpressionStepPtr MakeAddIntervalStep(const BoundExpression& expression, ExpressionSteps arguments);
ExpressionStepPtr MakeNegateIntervalStep(ExpressionStepPtr argument);
/// kCast: between numbers, bool, dates and timestamps; from text; to text.
ExpressionStepPtr MakeCastStep(const BoundExpression& expression, ExpressionStepPtr argument);
ExpressionStepPtr MakeCastFromTextStep(const BoundExpression& expression,
                                       ExpressionStepPtr argument);
ExpressionStepPtr MakeCastToTextStep(const BoundExpression& expression, ExpressionStepPtr argument,
                                     const Table& table);
/// kMeanBound, kShareBound.
ExpressionStepPtr MakeConfidenceStep(const BoundExpression& expression, ExpressionSteps arguments);

}  // namespace sextant
