#include <utility>

#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/expression/expression_step.h"

namespace sextant {
namespace {

ExpressionStepPtr MakeArithmetic(const BoundExpression& expression, ExpressionSteps arguments) {
  switch (expression.type.kind) {
    case TypeKind::kFloat32:
    case TypeKind::kFloat64:
      return MakeFloatArithmetic(expression, std::move(arguments));
    case TypeKind::kDecimal:
      return MakeDecimalArithmetic(expression, std::move(arguments));
    case TypeKind::kInterval:
      SEXTANT_CHECK(expression.op == ExpressionOp::kNegate) << "arithmetic of intervals";
      return MakeNegateIntervalStep(std::move(arguments[0]));
    default:
      return MakeIntegerArithmetic(expression, std::move(arguments));
  }
}

ExpressionStepPtr MakeCast(const BoundExpression& expression, ExpressionStepPtr argument,
                           const Table& table) {
  if (SlotFormOf(expression.type) == SlotForm::kText) {
    return MakeCastToTextStep(expression, std::move(argument), table);
  }
  if (SlotFormOf(expression.arguments[0].type) == SlotForm::kText) {
    return MakeCastFromTextStep(expression, std::move(argument));
  }
  return MakeCastStep(expression, std::move(argument));
}

/// Of operations that evaluate every argument over every row.
ExpressionStepPtr MakeStep(const BoundExpression& expression, ExpressionSteps arguments,
                           const Table& table) {
  switch (expression.op) {
    case ExpressionOp::kCoalesce:
      return MakeCoalesceStep(expression, std::move(arguments));
    case ExpressionOp::kGreatest:
    case ExpressionOp::kLeast:
      return MakeExtremeStep(expression, std::move(arguments));
    case ExpressionOp::kLower:
    case ExpressionOp::kUpper:
    case ExpressionOp::kLength:
      return MakeTextStep(expression, std::move(arguments[0]));
    case ExpressionOp::kExtract:
      return MakeExtractStep(expression, std::move(arguments[0]));
    case ExpressionOp::kDateTrunc:
      return MakeDateTruncStep(expression, std::move(arguments[0]));
    case ExpressionOp::kAddInterval:
      return MakeAddIntervalStep(expression, std::move(arguments));
    case ExpressionOp::kCast:
      return MakeCast(expression, std::move(arguments[0]), table);
    case ExpressionOp::kMeanBound:
    case ExpressionOp::kShareBound:
      return MakeConfidenceStep(expression, std::move(arguments));
    default:
      return MakeArithmetic(expression, std::move(arguments));
  }
}

}  // namespace

absl::StatusOr<ExpressionStepPtr> CompileExpression(const BoundExpression& expression,
                                                    const ExpressionContext& context) {
  switch (expression.op) {
    case ExpressionOp::kColumn:
      return MakeColumnStep(expression, context.table);
    case ExpressionOp::kConstant:
      return MakeConstantStep(expression);
    case ExpressionOp::kCardinality:
    case ExpressionOp::kArrayLength:
      return MakeListLengthStep(expression);
    case ExpressionOp::kCondition:
    case ExpressionOp::kCase:
      return CompileChoice(expression, context);
    default:
      break;
  }
  SEXTANT_CHECK(!expression.arguments.empty()) << "an operation without arguments";
  ExpressionSteps arguments;
  for (const BoundExpression& argument : expression.arguments) {
    SEXTANT_ASSIGN_OR_RETURN(ExpressionStepPtr step, CompileExpression(argument, context));
    arguments.push_back(std::move(step));
  }
  return MakeStep(expression, std::move(arguments), context.table);
}

}  // namespace sextant
