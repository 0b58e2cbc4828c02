#include "compute/column/repeat_watch.h"

#include <algorithm>
#include <array>
#include <utility>

#include "compute/column/bitmap.h"
#include "compute/column/string_hash.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

constexpr size_t kNumBits = size_t{1} << 23;
constexpr size_t kMaxBytes = size_t{64} << 20;
constexpr size_t kBatchValues = 128;

// Whoever prepares collisions gets codes, as by preparing repeats.
constexpr uint64_t kSeed = 0x9e3779b97f4a7c15u;

}  // namespace

absl::StatusOr<RepeatWatch> RepeatWatch::Create(MemoryBudget& budget) {
  SEXTANT_ASSIGN_OR_RETURN(Buffer bitmap, Buffer::Allocate(budget, kNumBits / 8));
  return RepeatWatch(std::move(bitmap));
}

bool RepeatWatch::is_over() const {
  return pays_ || num_values_ >= kMaxValues || num_bytes_ >= kMaxBytes;
}

void RepeatWatch::Add(std::span<const std::string_view> values, std::span<const uint64_t> valid) {
  const std::span<uint64_t> words = bitmap_.As<uint64_t>();
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): scratch, written before it is read.
  std::array<uint64_t, kBatchValues> bits;
  for (size_t begin = 0; begin < values.size(); begin += kBatchValues) {
    const size_t end = std::min(values.size(), begin + kBatchValues);
    size_t count = 0;
    for (size_t i = begin; i < end; ++i) {
      if (!valid.empty() && !TestBit(valid, i)) continue;
      bits[count] = HashString(values[i], kSeed) % kNumBits;
      __builtin_prefetch(&words[bits[count] / 64]);
      num_bytes_ += values[i].size();
      ++count;
    }
    for (size_t i = 0; i < count; ++i) {
      uint64_t& word = words[bits[i] / 64];
      const uint64_t bit = uint64_t{1} << (bits[i] % 64);
      num_bits_set_ += (word & bit) == 0 ? 1 : 0;
      word |= bit;
    }
    num_values_ += count;
    window_values_ += count;
    if (window_values_ >= kWindowValues) EndWindow();
  }
}

/// A value not seen before finds its bit set with the probability that any bit is.
void RepeatWatch::EndWindow() {
  const double fill =
      static_cast<double>(window_bits_set_ + num_bits_set_) / 2 / static_cast<double>(kNumBits);
  const double num_fresh = static_cast<double>(num_bits_set_ - window_bits_set_) / (1 - fill);
  num_distinct_ += num_fresh;
  pays_ |= num_fresh * 2 < static_cast<double>(window_values_) &&
           num_distinct_ * 4 < static_cast<double>(num_values_) * 3;
  window_values_ = 0;
  window_bits_set_ = num_bits_set_;
}

}  // namespace sextant
