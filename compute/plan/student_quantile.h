#pragma once

#include <cstdint>

namespace sextant {

/// The t for which P(|T| <= t) = level, T of Student's distribution with `degrees` degrees of
/// freedom: what a mean's analytic bounds are multiplied by (rule 21). P(|T| > t) is the
/// regularised incomplete beta function I_x(degrees / 2, 1 / 2) at x = degrees / (degrees + t^2)
/// (Abramowitz and Stegun 26.7.1); it is computed by its continued fraction (26.5.8) and solved for
/// t by Newton's method, all in long double. From 100,000 degrees on: the expansion 26.7.5 about
/// the normal distribution. Within 2e-15 of t, relatively, where long double has 64 bits of
/// mantissa. REQUIRES: degrees > 0, 0 < level < 1. Cost: a few microseconds; thread-safe.
double StudentQuantile(uint64_t degrees, double level);

/// The same, which looks it up where this thread has computed it lately.
double KnownStudentQuantile(uint64_t degrees, double level);

/// The z for which P(|Z| <= z) = level, Z of the standard normal distribution; as accurate.
double NormalQuantile(double level);

}  // namespace sextant
