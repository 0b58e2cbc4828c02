#pragma once

#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "compute/column/column.h"
#include "compute/memory/buffer.h"

namespace sextant {

/// The strings of a column under construction, as offsets and bytes. Not thread-safe.
class StringStore {
 public:
  explicit StringStore(MemoryBudget& budget) : budget_(&budget), ends_(budget), bytes_(budget) {}

  /// A NULL value is stored empty. Errors: RESOURCE_EXHAUSTED, of the budget or at 4 GiB.
  absl::Status Append(std::span<const std::string_view> values, std::span<const uint64_t> valid);
  size_t size_bytes() const { return bytes_.size(); }
  std::string_view Row(size_t row) const {
    const uint32_t begin = row == 0 ? 0 : ends_[row - 1];
    return {bytes_.data() + begin, ends_[row] - begin};
  }
  /// Moves the rows into `parts`: layout, width, offsets and values.
  absl::Status Seal(ColumnParts& parts);

 private:
  MemoryBudget* budget_;
  TrackedVector<uint32_t> ends_;  // of each row
  TrackedVector<char> bytes_;
};

/// The dictionary codes of a column under construction. Not thread-safe.
class CodeStore {
 public:
  explicit CodeStore(MemoryBudget& budget) : budget_(&budget), codes_(budget) {}

  /// Room for `count` more codes; the caller writes them. NULL ones must be zero.
  absl::StatusOr<std::span<uint32_t>> Extend(size_t count);
  std::span<const uint32_t> codes() const { return codes_.span(); }
  /// Moves the rows into `parts`: layout, width, values and the bounds of `valid` codes.
  absl::Status Seal(std::span<const uint64_t> valid, ColumnParts& parts);

 private:
  MemoryBudget* budget_;
  TrackedVector<uint32_t> codes_;
};

}  // namespace sextant
