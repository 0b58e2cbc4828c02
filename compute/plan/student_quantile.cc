#include "compute/plan/student_quantile.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <numbers>

namespace sextant {
namespace {

using Real = long double;

constexpr Real kPi = std::numbers::pi_v<Real>;
constexpr int kMostSteps = 200;

/// P(|X| <= t), P(|X| > t) and the density of |X| at t.
struct TwoSided {
  Real inside;
  Real outside;
  Real density;
};

/// ln(gamma(z + 1/2) / gamma(z)).
Real LogGammaRatio(Real z) {
  if (z >= 50) {  // by Stirling: the logarithms themselves are large, and cancel
    const Real r = 1 / z;
    const Real r2 = r * r;
    return std::log(z) / 2 -
           r * (Real{1} / 8 - r2 * (Real{1} / 192 - r2 * (Real{1} / 640 - r2 * 17 / 14336)));
  }
  int sign = 0;
  return lgammal_r(z + Real{0.5}, &sign) - lgammal_r(z, &sign);
}

/// The continued fraction of the incomplete beta function, by Lentz's method. REQUIRES: x < (a + 1)
/// / (a + b + 2), where it converges fast.
Real BetaFraction(Real a, Real b, Real x) {
  constexpr Real kTiny = 1e-4000L;
  const auto away_from_zero = [](Real value) { return std::fabs(value) < kTiny ? kTiny : value; };
  Real c = 1;
  Real d = 1 / away_from_zero(1 - (a + b) * x / (a + 1));
  Real fraction = d;
  for (int m = 1; m < 100'000; ++m) {
    const Real even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away_from_zero(1 + even * d);
    c = away_from_zero(1 + even / c);
    fraction *= d * c;
    const Real odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away_from_zero(1 + odd * d);
    c = away_from_zero(1 + odd / c);
    fraction *= d * c;
    if (std::fabs(d * c - 1) < std::numeric_limits<Real>::epsilon()) break;
  }
  return fraction;
}

TwoSided OfStudent(Real degrees, Real t) {
  const Real half = degrees / 2;
  const Real square = t * t / degrees;
  const Real x = 1 / (1 + square);
  const Real rest = square / (1 + square);
  // ln of x^(degrees / 2) (1 - x)^(1 / 2) / B(degrees / 2, 1 / 2).
  const Real log_beta = std::log(kPi) / 2 - LogGammaRatio(half);
  const Real front = std::exp(-half * std::log1p(square) + std::log(rest) / 2 - log_beta);
  TwoSided result;
  if (x < (half + 1) / (half + Real{2.5})) {
    result.outside = front * BetaFraction(half, Real{0.5}, x) / half;
    result.inside = 1 - result.outside;
  } else {
    result.inside = front * BetaFraction(Real{0.5}, half, rest) * 2;
    result.outside = 1 - result.inside;
  }
  // 2 / (sqrt(degrees) B) (1 + t^2 / degrees)^(-(degrees + 1) / 2)
  result.density =
      2 / std::sqrt(degrees) * std::exp(-(half + Real{0.5}) * std::log1p(square) - log_beta);
  return result;
}

TwoSided OfNormal(Real t) {
  const Real scaled = t / std::numbers::sqrt2_v<Real>;
  return {std::erf(scaled), std::erfc(scaled), std::sqrt(2 / kPi) * std::exp(-t * t / 2)};
}

/// Newton's method for the smaller of the two probabilities; of logarithms, in which both are
/// nearly straight where they are small.
template <typename Distribution>
Real Solve(Distribution distribution, double level, Real t) {
  const bool by_inside = level < 0.5;
  const Real wanted = std::log(by_inside ? Real{level} : 1 - Real{level});
  for (int step = 0; step < kMostSteps; ++step) {
    const TwoSided at = distribution(t);
    const Real probability = by_inside ? at.inside : at.outside;
    const Real slope = (by_inside ? t : -t) * at.density / probability;
    const Real change = std::clamp((wanted - std::log(probability)) / slope, Real{-2}, Real{2});
    t *= std::exp(change);
    if (std::fabs(change) < Real{1e-17}) break;
  }
  return t;
}

/// Abramowitz and Stegun 26.7.5.
Real Expanded(Real degrees, Real z) {
  const Real z2 = z * z;
  const Real g1 = z * (z2 + 1) / 4;
  const Real g2 = z * (3 + z2 * (16 + z2 * 5)) / 96;
  const Real g3 = z * (-15 + z2 * (17 + z2 * (19 + z2 * 3))) / 384;
  const Real g4 = z * (-945 + z2 * (-1920 + z2 * (1482 + z2 * (776 + z2 * 79)))) / 92160;
  return z + (g1 + (g2 + (g3 + g4 / degrees) / degrees) / degrees) / degrees;
}

Real NormalReal(double level) { return Solve(OfNormal, level, 1); }

}  // namespace

double NormalQuantile(double level) { return static_cast<double>(NormalReal(level)); }

double StudentQuantile(uint64_t degrees, double level) {
  constexpr uint64_t kNearNormal = 100'000;
  const auto real_degrees = static_cast<Real>(degrees);
  const Real guess = Expanded(real_degrees, NormalReal(level));
  if (degrees >= kNearNormal) return static_cast<double>(guess);
  const auto distribution = [&](Real t) { return OfStudent(real_degrees, t); };
  return static_cast<double>(Solve(distribution, level, degrees < 5 ? 1 : guess));
}

double KnownStudentQuantile(uint64_t degrees, double level) {
  struct Known {
    uint64_t degrees = 0;
    double level = 0;
    double quantile = 0;
  };
  constexpr size_t kNumKnown = 1024;
  thread_local std::array<Known, kNumKnown> table;
  Known& known = table[(degrees ^ (std::bit_cast<uint64_t>(level) >> 40)) % kNumKnown];
  if (known.degrees != degrees || known.level != level) {
    known = {degrees, level, StudentQuantile(degrees, level)};
  }
  return known.quantile;
}

}  // namespace sextant
