#pragma once

#include <string>

#include "compute/plan/bound_expression.h"

namespace sextant {

/// An e so that each finite value of a numeric expression, if its last operation were computed
/// without a limit, is 0 or of a magnitude from 2^-e to 2^e: at most 1021 means that a double holds
/// it. No arithmetic of other types comes near; that of doubles which are columns may.
int FloatExponent(const BoundExpression& expression);

/// Arithmetic of two doubles, each written once. PostgreSQL fails (22003) where a result is too
/// large or too small for a double; these are NULL where it is too large, as the answer is (rule
/// 5), and 0 where it is too small, as IEEE 754 has it.
std::string SumOfFloatsSql(const std::string& left, const std::string& right);
std::string DifferenceOfFloatsSql(const std::string& left, const std::string& right);
std::string ProductOfFloatsSql(const std::string& left, const std::string& right);
/// The divisor is not 0, but may be NULL.
std::string QuotientOfFloatsSql(const std::string& dividend, const std::string& divisor);

/// A double rounded to real, as a double: the same at the borders of real.
std::string RoundedToRealSql(const std::string& value);

}  // namespace sextant
