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

constexpr uint32_t kDrawsOfVectors = 16;  // of whole vectors of every processor

/// What is drawn too much, up to whole vectors, is an index too. `indices` has room for it.
HWY_INLINE void DrawIndices(resampling::Key key, uint32_t first, uint32_t count, uint32_t n,
                            uint32_t* HWY_RESTRICT indices) {
  for (uint32_t k = 0; k < count; k += kDrawsOfVectors) {
    for (uint32_t j = 0; j < kDrawsOfVectors; ++j) {
      indices[k + j] = resampling::Draw(key, first + k + j, n);
    }
  }
}

/// Gathers of the processor are not faster than loads.
HWY_INLINE void AddDrawn(const double* HWY_RESTRICT values, const uint32_t* HWY_RESTRICT indices,
                         uint32_t count, double* HWY_RESTRICT lanes) {
  constexpr uint32_t kLanes = resampling::kLanes;
  double sums[kLanes];  // in registers
  for (uint32_t lane = 0; lane < kLanes; ++lane) sums[lane] = lanes[lane];
  uint32_t k = 0;
  for (; k + kLanes <= count; k += kLanes) {
    for (uint32_t lane = 0; lane < kLanes; ++lane) sums[lane] += values[indices[k + lane]];
  }
  if (k < count) {
    for (uint32_t lane = 0; lane < kLanes; ++lane) {
      const double value = values[indices[k + lane]];
      // A sum that began with 0 is never -0: 0 leaves it as it is.
      sums[lane] += k + lane < count ? value : 0;
    }
  }
  for (uint32_t lane = 0; lane < kLanes; ++lane) lanes[lane] = sums[lane];
}

constexpr uint32_t kFewSamples = 64;

/// The draws of an iteration are made before those of the one before are added: the arithmetic runs
/// beside loads that wait, and indices are not read while their stores are under way.
/// REQUIRES: no more than kFewSamples.
void SumFew(std::span<const double> samples, uint64_t seed, uint32_t first,
            std::span<double> sums) {
  const auto n = static_cast<uint32_t>(samples.size());
  uint32_t indices[2][kFewSamples];
  DrawIndices(resampling::KeyOf(seed, first), 0, n, n, indices[0]);
  uint32_t drawn = 0;
  for (double& sum : sums) {
    DrawIndices(resampling::KeyOf(seed, ++first), 0, n, n, indices[drawn ^ 1]);
    double lanes[resampling::kLanes] = {};
    AddDrawn(samples.data(), indices[drawn], n, lanes);
    sum = resampling::Total(lanes);
    drawn ^= 1;
  }
}

/// The same by parts of an iteration; whole ones are loops of a constant length.
template <uint32_t kPart>
void SumParts(std::span<const double> samples, uint64_t seed, uint32_t first,
              std::span<double> sums) {
  struct Part {
    uint32_t iteration;
    resampling::Key key;
    uint32_t begin;
    uint32_t count;
  };
  const auto n = static_cast<uint32_t>(samples.size());
  const auto part_of = [&](uint32_t iteration, uint32_t begin) {
    return Part{iteration, resampling::KeyOf(seed, first + iteration), begin,
                n - begin < kPart ? n - begin : kPart};
  };
  uint32_t indices[2][kPart];
  double lanes[resampling::kLanes] = {};
  Part part = part_of(0, 0);
  DrawIndices(part.key, 0, part.count, n, indices[0]);
  for (uint32_t drawn = 0; part.iteration < sums.size(); drawn ^= 1) {
    const bool is_last = n - part.begin == part.count;
    const Part next =
        is_last ? part_of(part.iteration + 1, 0) : part_of(part.iteration, part.begin + part.count);
    if (next.count == kPart) {
      DrawIndices(next.key, next.begin, kPart, n, indices[drawn ^ 1]);
    } else {
      DrawIndices(next.key, next.begin, next.count, n, indices[drawn ^ 1]);
    }
    if (part.count == kPart) {
      AddDrawn(samples.data(), indices[drawn], kPart, lanes);
    } else {
      AddDrawn(samples.data(), indices[drawn], part.count, lanes);
    }
    if (is_last) {
      sums[part.iteration] = resampling::Total(lanes);
      for (double& lane : lanes) lane = 0;
    }
    part = next;
  }
}

/// The more loads wait, the shorter the parts that hide it best (bench_confidence, on an AMD EPYC
/// with 1 MiB of L2).
void SumEach(std::span<const double> samples, uint64_t seed, uint32_t first,
             std::span<double> sums) {
  constexpr size_t kSamplesInCache = size_t{1} << 15;
  if (samples.size() <= kFewSamples) return SumFew(samples, seed, first, sums);
  if (samples.size() <= kSamplesInCache) return SumParts<64>(samples, seed, first, sums);
  SumParts<32>(samples, seed, first, sums);
}

}  // namespace HWY_NAMESPACE
}  // namespace sextant
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sextant {

HWY_EXPORT(SumEach);

uint32_t NumResamplings(uint64_t n) {
  constexpr uint64_t kDraws = 400'000;
  return static_cast<uint32_t>(std::clamp<uint64_t>(kDraws / std::max<uint64_t>(n, 1), 500, 2000));
}

void SumResamples(std::span<const double> values, uint64_t seed, uint32_t first,
                  std::span<double> sums) {
  HWY_DYNAMIC_DISPATCH(SumEach)(values, seed, first, sums);
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
