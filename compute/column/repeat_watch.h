#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"
#include "compute/memory/buffer.h"

namespace sextant {

/// Looks among the values of a column that is kept as bytes for repeats that its first values did
/// not show: 100,000 names in any order repeat rarely within 8,192 rows, and always later on.
///
/// Counts by a bitmap of hashes, 1 MiB, with the collisions that its fill lets expect taken off, in
/// windows of 32 Ki values. Cost: one hash and one bit per value, for the first 2^20 values or 64
/// MiB. Not thread-safe.
class RepeatWatch {
 public:
  static constexpr size_t kWindowValues = size_t{1} << 15;
  static constexpr size_t kMaxValues = size_t{1} << 20;

  static absl::StatusOr<RepeatWatch> Create(MemoryBudget& budget);

  /// Counts values whose bit in `valid` is one (empty: all).
  void Add(std::span<const std::string_view> values, std::span<const uint64_t> valid);

  /// A dictionary pays: in some window most values were repeats, and with all before it a quarter.
  bool pays() const { return pays_; }
  /// Nothing more is learnt.
  bool is_over() const;

 private:
  explicit RepeatWatch(Buffer bitmap) : bitmap_(std::move(bitmap)) {}
  void EndWindow();

  Buffer bitmap_;
  size_t num_values_ = 0;
  size_t num_bytes_ = 0;
  size_t num_bits_set_ = 0;
  size_t window_values_ = 0;
  size_t window_bits_set_ = 0;  // before the window
  double num_distinct_ = 0;     // of the windows before
  bool pays_ = false;
};

}  // namespace sextant
