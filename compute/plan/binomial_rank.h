#pragma once

#include <cstdint>

namespace sextant {

/// Which of n sorted samples bound the quantile `fraction` of what they were drawn from (rule 21):
/// order statistics by the binomial distribution (W. J. Conover, Practical Nonparametric
/// Statistics, "confidence interval for a quantile"). With B of the binomial distribution of n
/// trials of probability `fraction`, and a = (1 - level) / 2 * (1 + 1e-9):
///   the lower bound is sample number max { l : P(B <= l - 1) <= a },
///   the upper bound is sample number min { u : P(B >= u) <= a },
/// counted from 1 to n. Each misses the quantile with a probability of at most a, whatever the
/// distribution is. The factor makes ties with a ties, however P is computed.
struct BinomialRanks {
  uint64_t low = 0;   // 0: there is none, the samples are too few
  uint64_t high = 0;  // likewise
};

/// None of fewer than two samples. REQUIRES: 0 <= fraction <= 1, 0 < level < 1. Cost: about a
/// microsecond, and O(sqrt(n)) beyond 10,000; looked up where this thread has computed it lately.
/// Thread-safe.
BinomialRanks KnownBinomialRanks(uint64_t n, double fraction, double level);

/// The same, computed.
BinomialRanks ComputeBinomialRanks(uint64_t n, double fraction, double level);

}  // namespace sextant
