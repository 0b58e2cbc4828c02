// How often bounds hold what they are bounds of, and what a draw costs: the table of README.md.
//   bench_confidence [TRIALS]

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <random>
#include <vector>

#include "absl/strings/numbers.h"
#include "compute/kernels/resampled_means.h"
#include "compute/operators/resampled_bounds.h"
#include "compute/plan/binomial_rank.h"
#include "compute/plan/student_quantile.h"

namespace sextant {
namespace {

constexpr double kLevel = 0.8;

std::vector<double> SortedExponentials(std::mt19937_64& random, size_t count) {
  std::vector<double> samples(count);
  for (double& sample : samples) {
    sample = -std::log((static_cast<double>(random() >> 11) + 0.5) * 0x1p-53);
  }
  std::sort(samples.begin(), samples.end());
  return samples;
}

ResampledBounds::Bounds ByStudent(const std::vector<double>& samples) {
  const auto n = static_cast<double>(samples.size());
  double mean = 0;
  for (const double sample : samples) mean += sample / n;
  double squares = 0;
  for (const double sample : samples) squares += (sample - mean) * (sample - mean);
  const double error = KnownStudentQuantile(samples.size() - 1, kLevel) *
                       std::sqrt(squares / (n - 1)) / std::sqrt(n);
  return {mean - error, mean + error};
}

/// A bound that does not exist holds everything.
ResampledBounds::Bounds OfMedian(const std::vector<double>& samples) {
  const BinomialRanks ranks = KnownBinomialRanks(samples.size(), 0.5, kLevel);
  return {ranks.low == 0 ? 0 : samples[ranks.low - 1],
          ranks.high == 0 ? HUGE_VAL : samples[ranks.high - 1]};
}

void PrintCoverage(int num_trials) {
  MemoryBudget budget("coverage", MemoryBudget::kUnlimitedBytes);
  ResampledBounds resampled(budget);
  std::mt19937_64 random(21);
  std::printf("n      bootstrap  t       median (order statistics)\n");
  for (const size_t count : {2, 5, 10, 20, 50, 100, 200, 500, 1000}) {
    int by_bootstrap = 0;
    int by_student = 0;
    int of_median = 0;
    for (int trial = 0; trial < num_trials; ++trial) {
      const std::vector<double> samples = SortedExponentials(random, count);
      const auto room = resampled.MakeRoom(count);
      if (!room.ok()) std::abort();
      std::copy(samples.begin(), samples.end(), room->begin());
      const auto holds = [](const ResampledBounds::Bounds& bounds, double value) {
        return bounds.low <= value && value <= bounds.high ? 1 : 0;
      };
      const ConfidenceBound bound = {.level = kLevel, .seed = random()};
      by_bootstrap += holds(*resampled.Find(bound, AlwaysGoOn), 1);
      by_student += holds(ByStudent(samples), 1);
      of_median += holds(OfMedian(samples), std::log(2));
    }
    const auto share = [&](int covered) { return 100.0 * covered / num_trials; };
    std::printf("%-6zu %-10.1f %-7.1f %.1f\n", count, share(by_bootstrap), share(by_student),
                share(of_median));
  }
}

void PrintCost() {
  constexpr int kRounds = 400;
  std::printf("\nn        ns a draw (least of %d)\n", kRounds);
  for (const size_t count : {50, 200, 1000, 10'000, 100'000}) {
    std::vector<double> values(count);
    for (size_t i = 0; i < count; ++i) values[i] = static_cast<double>(i);
    std::vector<double> sums(std::max<size_t>(1, 100'000 / count));
    double least = HUGE_VAL;
    for (int round = 0; round < kRounds; ++round) {
      const auto start = std::chrono::steady_clock::now();
      SumResamples(values, static_cast<uint64_t>(round), 0, sums);
      const std::chrono::duration<double, std::nano> took =
          std::chrono::steady_clock::now() - start;
      least = std::min(least, took.count() / static_cast<double>(count * sums.size()));
    }
    std::printf("%-8zu %.2f\n", count, least);
  }
}

}  // namespace
}  // namespace sextant

int main(int argc, char** argv) {
  int num_trials = 4000;
  if (argc > 2 || (argc == 2 && (!absl::SimpleAtoi(argv[1], &num_trials) || num_trials < 1))) {
    std::fprintf(stderr, "usage: bench_confidence [TRIALS], at least 1\n");
    return 2;
  }
  sextant::PrintCoverage(num_trials);
  sextant::PrintCost();
  return 0;
}
