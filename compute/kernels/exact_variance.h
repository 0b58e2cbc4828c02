#pragma once

#include <cstdint>

#include "compute/kernels/natural.h"

namespace sextant {

/// numerator / denominator, rounded once to the nearest double, ties to even.
/// REQUIRES: denominator > 0, of at most 384 bits.
double DivideNaturals(const Natural& numerator, const Natural& denominator);

/// The square root of numerator / denominator, rounded once. REQUIRES: as DivideNaturals.
double RootOfQuotient(const Natural& numerator, const Natural& denominator);

/// What the variance of whole numbers comes from: exact, so that it does not matter in what order
/// they were added.
struct ExactMoments {
  uint64_t count = 0;
  Natural sum;  // its magnitude
  Natural squares;
};

enum class VarianceKind { kSample, kPopulation };

/// The variance of decimals of `scale` of which `moments` are of the scaled integers, or with
/// `is_root` the standard deviation, rounded once. REQUIRES: count > 1, or count == 1 of
/// kPopulation; |values| < 2^128; count < 2^40; scale <= 38.
double VarianceOfMoments(const ExactMoments& moments, VarianceKind kind, int scale, bool is_root);

}  // namespace sextant
