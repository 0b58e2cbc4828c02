#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "compute/column/bitmap.h"
#include "compute/kernels/row_runs.h"
#include "compute/kernels/widen.h"

namespace sextant {

/// Whether `rows`, which ascend and may repeat, are each one more than the one before.
inline bool IsContiguous(std::span<const uint32_t> rows) {
  if (rows.empty() || rows.back() - rows.front() != rows.size() - 1) return false;
  if (IsRun(rows)) return true;
  const uint32_t* __restrict row = rows.data();
  const uint32_t first = rows.front();
  const auto count = static_cast<uint32_t>(rows.size());
  uint32_t differences = 0;  // all of them: a loop without an exit becomes vectors
  for (uint32_t k = 0; k < count; ++k) differences |= row[k] ^ (first + k);
  return differences == 0;
}

/// Asks for the `count` slots after those of a batch, which begin at `slots`: the next batch finds
/// them in the cache, where the processor, which sees short runs of many columns, is late.
template <typename T>
void PrefetchAfter(const T* slots, size_t count) {
  constexpr size_t kSlotsPerLine = 64 / sizeof(T);
  for (size_t k = count; k < 2 * count; k += kSlotsPerLine) __builtin_prefetch(slots + k);
}

/// Calls write(k, row of k) for each of `rows`; where these are contiguous, in a form that the
/// compiler makes vectors of.
template <typename Write>
void ForRows(std::span<const uint32_t> rows, Write write) {
  if (IsContiguous(rows)) {
    const size_t first = rows.front();
    for (size_t k = 0; k < rows.size(); ++k) write(k, first + k);
    return;
  }
  const uint32_t* __restrict row = rows.data();
  for (size_t k = 0; k < rows.size(); ++k) write(k, size_t{row[k]});
}

/// Writes base + slots[rows[k]] (modulo 2^64) to values[k].
template <typename T>
void GatherIntegers(const T* __restrict slots, int64_t base, std::span<const uint32_t> rows,
                    int64_t* __restrict values) {
  ForRows(rows, [=](size_t k, size_t row) {
    values[k] = static_cast<int64_t>(static_cast<uint64_t>(base) + slots[row]);
  });
}

/// Writes base + step * slots[rows[k]] (modulo 2^64) to values[k].
template <typename T>
void GatherSteps(const T* __restrict slots, int64_t base, uint32_t step,
                 std::span<const uint32_t> rows, int64_t* __restrict values) {
  static_assert(sizeof(T) <= sizeof(uint32_t));  // so that products are of 32 bits: by vectors
  ForRows(rows, [=](size_t k, size_t row) {
    values[k] =
        static_cast<int64_t>(static_cast<uint64_t>(base) + uint64_t{step} * uint32_t{slots[row]});
  });
}

/// Writes slots[rows[k]] in float64 to values[k].
template <typename T>
void GatherFloats(const T* __restrict slots, std::span<const uint32_t> rows,
                  double* __restrict values) {
  ForRows(rows, [=](size_t k, size_t row) { values[k] = slots[row]; });
}

/// Writes slots[rows[k]] + shift, modulo 2^32, to codes[k].
template <typename T>
void GatherCodes(const T* __restrict slots, uint32_t shift, std::span<const uint32_t> rows,
                 uint32_t* __restrict codes) {
  if (IsContiguous(rows)) {
    PrefetchAfter(slots + rows.front(), rows.size());
    return WidenCodes(slots + rows.front(), rows.size(), shift, codes);
  }
  const uint32_t* __restrict row = rows.data();
  for (size_t k = 0; k < rows.size(); ++k) codes[k] = static_cast<uint32_t>(slots[row[k]]) + shift;
}

/// Writes step * slots[rows[k]] + shift, modulo 2^32, to codes[k].
template <typename T>
void GatherStepCodes(const T* __restrict slots, uint32_t step, uint32_t shift,
                     std::span<const uint32_t> rows, uint32_t* __restrict codes) {
  ForRows(rows, [=](size_t k, size_t row) {
    codes[k] = step * static_cast<uint32_t>(slots[row]) + shift;
  });
}

/// Moves the elements with valid[k] != 0 to the front, in order, without a branch; returns how
/// many. `values` may be written in place.
template <typename T>
size_t Compact(const uint8_t* __restrict valid, size_t count, T* values) {
  size_t kept = 0;
  for (size_t k = 0; k < count; ++k) {
    values[kept] = values[k];
    kept += valid[k];
  }
  return kept;
}

/// Appends the positions of the set bits of `word` plus `base`; returns the new count.
/// REQUIRES: room for 64 more.
inline size_t AppendBits(uint64_t word, uint32_t base, uint32_t* rows, size_t count) {
  for (; word != 0; word &= word - 1) {
    rows[count++] = base + static_cast<uint32_t>(std::countr_zero(word));
  }
  return count;
}

}  // namespace sextant
