#include "compute/plan/binomial_rank.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "compute/plan/student_quantile.h"

namespace sextant {
namespace {

using Real = long double;

constexpr Real kTieFactor = 1 + 1e-9L;

/// The binomial distribution of n trials; both probabilities are given, so that neither is a
/// difference. REQUIRES: both are above 0.
struct Binomial {
  uint64_t n;
  Real yes;
  Real no;

  /// P(B = k).
  Real At(uint64_t k) const {
    int sign = 0;
    const auto trials = static_cast<Real>(n);
    const auto hits = static_cast<Real>(k);
    const Real ways = lgammal_r(trials + 1, &sign) - lgammal_r(hits + 1, &sign) -
                      lgammal_r(trials - hits + 1, &sign);
    return std::exp(ways + hits * std::log(yes) + (trials - hits) * std::log(no));
  }
  /// P(B = k + 1) and P(B = k - 1) of P(B = k).
  Real After(uint64_t k, Real at) const {
    return at * static_cast<Real>(n - k) * yes / (static_cast<Real>(k + 1) * no);
  }
  Real Before(uint64_t k, Real at) const {
    return at * static_cast<Real>(k) * no / (static_cast<Real>(n - k + 1) * yes);
  }
  /// P(B <= k), where P(B = k) = at, for k below the mean: terms fall as they go down.
  Real UpTo(uint64_t k, Real at) const {
    Real sum = at;
    for (; k > 0; --k) {
      at = Before(k, at);
      sum += at;
      if (at < sum * 1e-21L) break;
    }
    return sum;
  }
};

/// max { l : P(B <= l - 1) <= most }, or 0.
uint64_t LowRank(const Binomial& binomial, Real z, Real most) {
  const auto n = static_cast<Real>(binomial.n);
  const Real deviation = std::sqrt(n * binomial.yes * binomial.no);
  const Real guess = n * binomial.yes - z * deviation;
  Real back = 4;
  uint64_t k = 0;
  Real at = 0;
  Real up_to = 0;
  while (true) {  // to where it is certainly not too high
    k = guess > back ? static_cast<uint64_t>(guess - back) : 0;
    at = binomial.At(k);
    up_to = binomial.UpTo(k, at);
    if (up_to <= most) break;
    if (k == 0) return 0;
    back *= 4;
  }
  while (k + 1 < binomial.n) {
    const Real next = binomial.After(k, at);
    if (up_to + next > most) break;
    ++k;
    at = next;
    up_to += next;
  }
  return k + 1;
}

}  // namespace

BinomialRanks ComputeBinomialRanks(uint64_t n, double fraction, double level) {
  if (n < 2) return {};
  // All trials are hits, or none is.
  if (fraction == 0) return {0, 1};
  if (fraction == 1) return {n, 0};
  const Real yes = fraction;
  const Real no = 1 - yes;
  const Real most = (1 - Real{level}) / 2 * kTieFactor;
  const Real z = NormalQuantile(level);  // where to look first
  BinomialRanks ranks;
  ranks.low = LowRank({n, yes, no}, z, most);
  // P(B >= u) is P(n - B <= n - u), of the misses.
  const uint64_t from_above = LowRank({n, no, yes}, z, most);
  if (from_above > 0) ranks.high = n + 1 - from_above;
  return ranks;
}

BinomialRanks KnownBinomialRanks(uint64_t n, double fraction, double level) {
  struct Known {
    uint64_t n = 0;
    double fraction = 0;
    double level = 0;
    BinomialRanks ranks;
  };
  constexpr size_t kNumKnown = 512;
  thread_local std::array<Known, kNumKnown> table;
  const uint64_t asked = std::bit_cast<uint64_t>(fraction) * 31 + std::bit_cast<uint64_t>(level);
  Known& known = table[(n ^ (asked >> 44)) % kNumKnown];
  if (known.n != n || known.fraction != fraction || known.level != level) {
    known = {n, fraction, level, ComputeBinomialRanks(n, fraction, level)};
  }
  return known.ranks;
}

}  // namespace sextant
