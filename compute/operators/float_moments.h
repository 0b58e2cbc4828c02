#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace sextant {

/// The count, sum and sum of squared differences from the mean of floats, by Youngs and Cramer
/// (1971), operation by operation as PostgreSQL does it: samples in row order, the next range of
/// rows added as a whole (rule 4).
struct FloatMoments {
  double count = 0;
  double sum = 0;
  double squares = 0;  // of differences from the mean; NaN once an infinity or NaN was added
  double first = 0;
  uint32_t varies = 0;     // some value is not the first one
  uint32_t overflows = 0;  // finite values led to an infinity

  /// `squares` without what rounding makes of equal values.
  double Spread() const { return varies == 0 && !std::isnan(squares) ? 0 : squares; }

  void Add(double value) {
    constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
    const double count_before = count;
    const double sum_before = sum;
    count += 1;
    sum += value;
    if (count_before == 0) {
      first = value;
      if (!std::isfinite(value)) squares = kNan;
      return;
    }
    varies |= value != first ? 1 : 0;
    const double spread = value * count - sum;
    squares += spread * spread / (count * count_before);
    if (std::isinf(sum) || std::isinf(squares)) {
      if (!std::isinf(sum_before) && !std::isinf(value)) ++overflows;
      squares = kNan;
    }
  }

  void Merge(const FloatMoments& next) {
    if (next.count == 0) return;
    if (count == 0) {
      *this = next;
      return;
    }
    const double total = count + next.count;
    const double spread = sum / count - next.sum / next.count;
    const double merged_sum = sum + next.sum;
    const double merged = squares + next.squares + count * next.count * spread * spread / total;
    const bool sum_overflows = std::isinf(merged_sum) && !std::isinf(sum) && !std::isinf(next.sum);
    const bool squares_overflow =
        std::isinf(merged) && !std::isinf(squares) && !std::isinf(next.squares);
    overflows += next.overflows + (sum_overflows || squares_overflow ? 1 : 0);
    varies |= next.varies | (next.first != first ? 1 : 0);
    count = total;
    sum = merged_sum;
    squares = merged;
  }
};

}  // namespace sextant
