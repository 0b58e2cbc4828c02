#include "compute/kernels/resampled_means.h"

#include <algorithm>
#include <array>

// Highway includes this file once per set of instructions; the compiler makes vectors of the loops.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "compute/kernels/resampled_means.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

// NOLINTNEXTLINE(bugprone-reserved-identifier)
#ifndef SEXTANT_RESAMPLED_DRAWS
#define SEXTANT_RESAMPLED_DRAWS
namespace sextant::resampling {

/// Of an iteration.
struct Key {
  uint32_t low;
  uint32_t high;
};

inline Key KeyOf(uint64_t seed, uint32_t iteration) {
  uint64_t k = seed + (uint64_t{iteration} + 1) * 0x9E3779B97F4A7C15u;
  k = (k ^ (k >> 30)) * 0xBF58476D1CE4E5B9u;
  k = (k ^ (k >> 27)) * 0x94D049BB133111EBu;
  k ^= k >> 31;
  return {static_cast<uint32_t>(k), static_cast<uint32_t>(k >> 32)};
}

inline uint32_t Draw(Key key, uint32_t i, uint32_t n) {
  uint32_t x = i + key.low;
  x = (x ^ (x >> 17)) * 0xED5AD4BBu;
  x = (x ^ (x >> 11) ^ key.high) * 0xAC4C1B51u;
  x = (x ^ (x >> 15)) * 0x31848BABu;
  return static_cast<uint32_t>((uint64_t{x} * n) >> 32);
}

inline constexpr uint32_t kLanes = 8;

inline double Total(const double* lanes) {
  return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) +
         ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

}  // namespace sextant::resampling
#endif  // SEXTANT_RESAMPLED_DRAWS

HWY_BEFORE_NAMESPACE();
namespace sextant {
namespace HWY_NAMESPACE {

/// Draws a block of indices by vectors, then adds what lies there: gathers of the processor are not
/// faster than loads.
void SumDraws(const double* HWY_RESTRICT values, uint32_t n, resampling::Key key, double* sum) {
  constexpr uint32_t kBlock = 512;
  uint32_t indices[kBlock];
  double lanes[resampling::kLanes] = {};
  for (uint64_t begin = 0; begin < n; begin += kBlock) {
    const auto first = static_cast<uint32_t>(begin);
    const auto count = static_cast<uint32_t>(n - begin < kBlock ? n - begin : kBlock);
    const uint32_t drawn = (count + 15) & ~15u;  // whole vectors; what is too much is not used
    for (uint32_t k = 0; k < drawn; ++k) indices[k] = resampling::Draw(key, first + k, n);
    uint32_t k = 0;
    for (; k + resampling::kLanes <= count; k += resampling::kLanes) {
      for (uint32_t lane = 0; lane < resampling::kLanes; ++lane) {
        lanes[lane] += values[indices[k + lane]];
      }
    }
    for (; k < count; ++k) lanes[k % resampling::kLanes] += values[indices[k]];
  }
  *sum = resampling::Total(lanes);
}

}  // namespace HWY_NAMESPACE
}  // namespace sextant
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sextant {

HWY_EXPORT(SumDraws);

uint32_t NumResamplings(uint64_t n) {
  constexpr uint64_t kDraws = 400'000;
  return static_cast<uint32_t>(std::clamp<uint64_t>(kDraws / std::max<uint64_t>(n, 1), 500, 2000));
}

void SumResamples(std::span<const double> values, uint64_t seed, uint32_t first,
                  std::span<double> sums) {
  const auto n = static_cast<uint32_t>(values.size());
  for (double& sum : sums) {
    HWY_DYNAMIC_DISPATCH(SumDraws)(values.data(), n, resampling::KeyOf(seed, first++), &sum);
  }
}

void SumResamplesScalar(std::span<const double> values, uint64_t seed, uint32_t first,
                        std::span<double> sums) {
  const auto n = static_cast<uint32_t>(values.size());
  for (double& sum : sums) {
    const resampling::Key key = resampling::KeyOf(seed, first++);
    std::array<double, resampling::kLanes> lanes = {};
    for (uint32_t i = 0; i < n; ++i) {
      lanes[i % resampling::kLanes] += values[resampling::Draw(key, i, n)];
    }
    sum = resampling::Total(lanes.data());
  }
}

}  // namespace sextant
#endif  // HWY_ONCE
