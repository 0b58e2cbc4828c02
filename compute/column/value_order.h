#pragma once

#include <cstdint>
#include <span>
#include <utility>

#include "compute/memory/buffer.h"

namespace sextant {

/// The rows of a chunk in the order of a column's values: a range of values is a run of rows. Of
/// columns whose values are many and in no order, for ranges that keep few rows or leave out few.
/// Built for a column that queries compare again and again (OrderDemand); what its keys are says
/// who builds it (operators/value_ordering.h).
///
/// Memory: 2 bytes per row, and a key of 8 or 16 bytes per kRowsPerFence rows. Immutable, so safe
/// for any thread.
class ValueOrder {
 public:
  static constexpr uint32_t kRowsPerFence = 64;

  /// `rows` are uint16_t, those that are not NULL, by value and then by row; `fences` has the key
  /// of every kRowsPerFence-th of them, the first one's first.
  ValueOrder(Buffer rows, Buffer fences, int64_t build_ns)
      : rows_(std::move(rows)), fences_(std::move(fences)), build_ns_(build_ns) {}

  std::span<const uint16_t> rows() const { return rows_.As<uint16_t>(); }
  /// REQUIRES: Key is the unsigned type of the column's keys.
  template <typename Key>
  std::span<const Key> fences() const {
    return fences_.As<Key>();
  }
  size_t reserved_bytes() const { return rows_.reserved_bytes() + fences_.reserved_bytes(); }
  int64_t build_ns() const { return build_ns_; }

 private:
  const Buffer rows_;
  const Buffer fences_;
  const int64_t build_ns_;
};

}  // namespace sextant
