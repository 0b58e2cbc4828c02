#include "compute/kernels/exact_variance.h"

#include <algorithm>
#include <cmath>

namespace sextant {
namespace {

/// Bits of an integer quotient that more than determine a double: what is dropped is "sticky".
constexpr int kQuotientBits = 126;

/// floor(numerator * 2^shift / denominator), of 126 to 128 bits.
Natural::Division Quotient(const Natural& numerator, const Natural& denominator, int shift) {
  return numerator.ShiftedLeft(std::max(shift, 0))
      .DividedBy(denominator.ShiftedLeft(std::max(-shift, 0)));
}

int ShiftFor(const Natural& numerator, const Natural& denominator) {
  return kQuotientBits + denominator.BitWidth() - numerator.BitWidth();
}

/// floor(sqrt(value)).
uint64_t RootOf(uint128_t value) {
  auto root = static_cast<uint64_t>(std::sqrt(static_cast<long double>(value)));
  while (uint128_t{root} * root > value) --root;
  while (uint128_t{root + 1} * (root + 1) <= value) ++root;
  return root;
}

Natural PowerOfTen(int exponent) {
  constexpr int kDigits = 18;  // 10^18 < 2^64
  Natural power(1);
  for (; exponent > 0; exponent -= kDigits) {
    uint64_t factor = 1;
    for (int digit = 0; digit < std::min(exponent, kDigits); ++digit) factor *= 10;
    power = power * Natural(factor);
  }
  return power;
}

}  // namespace

double DivideNaturals(const Natural& numerator, const Natural& denominator) {
  if (numerator.is_zero()) return 0;
  const int shift = ShiftFor(numerator, denominator);
  const Natural::Division division = Quotient(numerator, denominator, shift);
  const uint128_t sticky = division.has_remainder ? 1 : 0;
  return std::ldexp(static_cast<double>(division.quotient | sticky), -shift);
}

double RootOfQuotient(const Natural& numerator, const Natural& denominator) {
  if (numerator.is_zero()) return 0;
  int shift = ShiftFor(numerator, denominator);
  if (shift % 2 != 0) --shift;
  const Natural::Division division = Quotient(numerator, denominator, shift);
  const uint64_t root = RootOf(division.quotient);
  const bool is_exact = !division.has_remainder && uint128_t{root} * root == division.quotient;
  return std::ldexp(static_cast<double>(root | (is_exact ? 0 : 1)), -shift / 2);
}

/// (n * sum of squares - square of sum) / (n * (n - 1) or n * n).
double VarianceOfMoments(const ExactMoments& moments, VarianceKind kind, int scale, bool is_root) {
  Natural numerator = Natural(moments.count) * moments.squares;
  numerator -= moments.sum * moments.sum;
  const uint64_t divisor = kind == VarianceKind::kSample ? moments.count - 1 : moments.count;
  const Natural denominator = Natural(uint128_t{moments.count} * divisor) * PowerOfTen(2 * scale);
  return is_root ? RootOfQuotient(numerator, denominator) : DivideNaturals(numerator, denominator);
}

}  // namespace sextant
