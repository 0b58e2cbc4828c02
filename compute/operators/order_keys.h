#pragma once

#include <cstdint>

#include "compute/column/column.h"
#include "compute/kernels/float_order.h"
#include "compute/kernels/width_dispatch.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// The keys of a ValueOrder: those that predicates compare, as unsigned numbers in the same order.
/// Integers and times are the distance from the least value of the chunk, floats FloatOrderKey with
/// its sign turned (NaN is greatest, both zeros are one), 16-byte values WideKey likewise.

inline uint64_t OrderKeyOf(const Column& column, int64_t key) {
  if (column.layout() == Layout::kFloat) return static_cast<uint64_t>(key) ^ (uint64_t{1} << 63);
  return static_cast<uint64_t>(key) - static_cast<uint64_t>(column.zone_map().min_integer);
}
inline uint128_t OrderKeyOf(const Column&, int128_t key) {
  return static_cast<uint128_t>(key) ^ (uint128_t{1} << 127);
}

/// Calls body(key_of) where key_of(row) is the uint64_t key of a row that is not NULL.
/// REQUIRES: kInteger or kFloat.
template <typename Body>
decltype(auto) WithOrderKeys(const Column& column, int64_t /*as*/, Body&& body) {
  if (column.layout() == Layout::kFloat) {
    return WithFloatSlots(column, [&](auto slots) {
      return body([&column, slots](uint32_t row) {
        return OrderKeyOf(column, FloatOrderKey(static_cast<double>(slots[row])));
      });
    });
  }
  const uint64_t step = column.step();
  const uint64_t shift =
      static_cast<uint64_t>(column.base()) - static_cast<uint64_t>(column.zone_map().min_integer);
  return WithUnsignedSlots(column, [&](auto slots) {
    return body([slots, step, shift](uint32_t row) { return step * slots[row] + shift; });
  });
}
/// The same of uint128_t. REQUIRES: kWide.
template <typename Body>
decltype(auto) WithOrderKeys(const Column& column, int128_t /*as*/, Body&& body) {
  const std::span<const Wide> slots = column.values<Wide>();
  return body([&column, slots](uint32_t row) {
    return OrderKeyOf(column, WideKey(column.type(), slots[row]));
  });
}

}  // namespace sextant
