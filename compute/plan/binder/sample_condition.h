#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/data_type.h"
#include "compute/plan/expression.h"
#include "compute/plan/query.h"

namespace sextant {

/// The condition that `domain` writes on the column `value`, which may be left out before an
/// operator: ">= 0", "value > 0 AND value < 10". Errors: INVALID_ARGUMENT of `field`.
absl::StatusOr<Predicate> ParseDomain(const std::string& domain, const std::string& field);

/// The value of a sample, and what it is.
struct SampleValue {
  const Expression& expression;
  TypeKind kind;
};

/// `sample op constant`, as the threshold says. A constant that is written as a number is one where
/// the sample is, and seconds where it is a difference of times; else it is typed by the sample:
/// "2d". Errors: INVALID_ARGUMENT of `field`.op or .value.
absl::StatusOr<Predicate> ThresholdCondition(const Metric::Threshold& threshold,
                                             const SampleValue& sample, const std::string& field);

/// `condition` with `sample` in place of the column `value`. Numbers that a difference of times is
/// compared with are seconds, as its results are.
Predicate WithSample(Predicate condition, const SampleValue& sample);

/// `sample` < NaN: what a domain holds of floats (rule 8).
Predicate IsNoNaN(const Expression& sample);

/// The sum of the columns `names`, where those that are NULL add nothing; NULL when all are or,
/// with `is_complete`, when one is. REQUIRES: there are names.
Expression SumOfNames(const Metric::SumOf& sum_of);

}  // namespace sextant
