#pragma once

#include <cstdint>
#include <span>

#include "absl/status/statusor.h"
#include "compute/memory/buffer.h"

namespace sextant {

/// The word of a batch's validity bitmap that covers rows [64 * word_index, ...), with bits past
/// `num_rows` zero. An empty bitmap means all valid.
inline uint64_t ValidWord(std::span<const uint64_t> valid, size_t word_index, size_t num_rows) {
  const size_t left = num_rows - word_index * 64;
  const uint64_t rows = left >= 64 ? ~uint64_t{0} : (uint64_t{1} << left) - 1;
  return valid.empty() ? rows : valid[word_index] & rows;
}

/// Calls `visit(row)` for each of `num_rows` rows whose bit in `valid` is zero.
template <typename Visit>
void ForEachNull(std::span<const uint64_t> valid, size_t num_rows, Visit visit) {
  if (valid.empty()) return;
  for (size_t word_index = 0; word_index * 64 < num_rows; ++word_index) {
    uint64_t nulls = ValidWord({}, word_index, num_rows) & ~valid[word_index];
    for (; nulls != 0; nulls &= nulls - 1) {
      visit(word_index * 64 + static_cast<size_t>(__builtin_ctzll(nulls)));
    }
  }
}

/// Collects the validity bitmap of a column under construction; holds nothing until the first NULL.
/// Not thread-safe.
class ValidityBuilder {
 public:
  explicit ValidityBuilder(MemoryBudget& budget) : budget_(&budget), words_(budget) {}

  absl::Status Append(size_t num_rows, std::span<const uint64_t> valid);

  uint32_t num_rows() const { return num_rows_; }
  uint32_t null_count() const { return null_count_; }
  /// Empty when no row is NULL.
  std::span<const uint64_t> words() const {
    return null_count_ == 0 ? std::span<const uint64_t>() : words_.span();
  }
  /// The bitmap in a buffer of its own, empty when no row is NULL. Keeps the rows.
  absl::StatusOr<Buffer> Copy() const;
  /// Starts the next chunk.
  void Clear();

 private:
  MemoryBudget* budget_;
  TrackedVector<uint64_t> words_;  // of num_rows_ rows once there was a NULL
  uint32_t num_rows_ = 0;
  uint32_t null_count_ = 0;
};

/// The bytes of `values` in a buffer of their own.
template <typename T>
absl::StatusOr<Buffer> CopyToBuffer(std::span<const T> values, MemoryBudget& budget) {
  absl::StatusOr<Buffer> buffer = Buffer::Allocate(budget, values.size_bytes());
  if (buffer.ok() && !values.empty()) {
    std::memcpy(buffer->data(), values.data(), values.size_bytes());
  }
  return buffer;
}

}  // namespace sextant
