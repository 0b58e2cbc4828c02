#include "compute/kernels/row_runs.h"

namespace sextant {
namespace {

constexpr std::array<uint32_t, kMaxChunkRows> CountUp() {
  std::array<uint32_t, kMaxChunkRows> numbers{};
  for (uint32_t row = 0; row < kMaxChunkRows; ++row) numbers[row] = row;
  return numbers;
}

}  // namespace

constinit const std::array<uint32_t, kMaxChunkRows> kRowNumbers = CountUp();

}  // namespace sextant
