#include "compute/kernels/exact_division.h"

#include <bit>
#include <cmath>
#include <limits>

namespace sextant {
namespace {

__extension__ typedef unsigned __int128 Uint128;

int BitWidth(Uint128 value) {
  const uint64_t high = static_cast<uint64_t>(value >> 64);
  return high != 0 ? 64 + static_cast<int>(std::bit_width(high))
                   : static_cast<int>(std::bit_width(static_cast<uint64_t>(value)));
}

}  // namespace

double DivideExactly(int128_t dividend, uint64_t divisor) {
  // Both are doubles then, whose quotient is rounded once.
  constexpr auto kExact = int64_t{1} << std::numeric_limits<double>::digits;
  if (dividend >= -kExact && dividend <= kExact && divisor <= uint64_t{kExact}) {
    return static_cast<double>(static_cast<int64_t>(dividend)) /
           static_cast<double>(static_cast<int64_t>(divisor));
  }
  const Uint128 magnitude =
      dividend < 0 ? Uint128{0} - static_cast<Uint128>(dividend) : static_cast<Uint128>(dividend);
  // With 128 bits above and at most 63 below, the quotient has at least 65: more than the 53 that
  // stay and one to round by, so what the division drops fits in the last, "sticky" bit.
  const int shift = 128 - BitWidth(magnitude);
  const Uint128 shifted = magnitude << shift;
  const Uint128 quotient = shifted / divisor;
  const Uint128 sticky = shifted % divisor != 0 ? 1 : 0;
  const double rounded = std::ldexp(static_cast<double>(quotient | sticky), -shift);
  return dividend < 0 ? -rounded : rounded;
}

double DivideDecimal(int128_t sum, uint64_t count, int scale) {
  constexpr int kExactScale = 18;  // 10^18 < 2^63
  if (scale <= kExactScale) {
    uint64_t power = 1;
    for (int digit = 0; digit < scale; ++digit) power *= 10;
    if (count <= (~uint64_t{0} >> 1) / power) return DivideExactly(sum, count * power);
  }
  long double power = 1;
  for (int digit = 0; digit < scale; ++digit) power *= 10;  // exact up to 10^27
  return static_cast<double>(static_cast<long double>(sum) /
                             (static_cast<long double>(count) * power));
}

}  // namespace sextant
