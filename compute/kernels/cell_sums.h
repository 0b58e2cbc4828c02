#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "compute/kernels/gather.h"

namespace sextant {

/// Slots of a column that are added to the sums of cells. A NULL row's slot is zero, so adding it
/// changes nothing: a sum that begins with 0 is never -0, and base is left out.
template <typename Slot>
struct AddedSlots {
  const Slot* slots;
  int64_t base;              // of integers: the value of a row is base + slot
  const uint64_t* validity;  // null: no row is NULL
};

/// cells[cell_of[k] * kWays + k % kWays] gets the value of row row_of(k), in this order, without a
/// branch. Sum has `sum` (int64_t, where it wraps nowhere, or double) and `count`.
template <uint32_t kWays, typename Sum, typename Slot, typename RowOf>
void AddToCells(const AddedSlots<Slot>& added, const uint32_t* __restrict cell_of, size_t count,
                RowOf row_of, Sum* __restrict cells) {
  using Value = decltype(Sum::sum);
  const Slot* __restrict slots = added.slots;
  const auto base = static_cast<Value>(added.base);
  if (added.validity == nullptr) {
    for (size_t k = 0; k < count; ++k) {
      Sum& cell = cells[size_t{cell_of[k]} * kWays + k % kWays];
      if constexpr (std::is_same_v<Value, double>) {
        cell.sum += static_cast<double>(slots[row_of(k)]);
      } else {
        cell.sum += static_cast<Value>(static_cast<uint64_t>(base) + slots[row_of(k)]);
      }
      ++cell.count;
    }
    return;
  }
  const uint64_t* __restrict validity = added.validity;
  for (size_t k = 0; k < count; ++k) {
    const size_t row = row_of(k);
    const uint64_t valid = (validity[row / 64] >> (row % 64)) & 1;
    Sum& cell = cells[size_t{cell_of[k]} * kWays + k % kWays];
    if constexpr (std::is_same_v<Value, double>) {
      cell.sum += static_cast<double>(slots[row]);
    } else {
      const uint64_t own_base = static_cast<uint64_t>(base) & (uint64_t{0} - valid);
      cell.sum += static_cast<Value>(own_base + slots[row]);
    }
    cell.count += valid;
  }
}

/// The same of rows of a batch.
template <uint32_t kWays, typename Sum, typename Slot>
void AddRowsToCells(const AddedSlots<Slot>& added, std::span<const uint32_t> rows,
                    const uint32_t* cell_of, Sum* cells) {
  if (IsContiguous(rows)) {
    const size_t first = rows.front();
    AddToCells<kWays>(
        added, cell_of, rows.size(), [first](size_t k) { return first + k; }, cells);
    return;
  }
  const uint32_t* __restrict row = rows.data();
  AddToCells<kWays>(
      added, cell_of, rows.size(), [row](size_t k) { return size_t{row[k]}; }, cells);
}

}  // namespace sextant
