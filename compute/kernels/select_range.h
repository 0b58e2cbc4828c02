#pragma once

#include <cstdint>

#include "compute/kernels/selection.h"

namespace sextant {

/// Keeps the selected rows with low <= values[row] <= low + span (negated: the others), in one
/// unsigned comparison. T is the unsigned type of the slots: offsets of an integer column, or
/// codes. NULL slots are tested as what they hold.
/// REQUIRES: low + span does not exceed T.
template <typename T>
void NarrowByRangeScalar(const T* values, uint32_t num_rows, T low, T span, bool negated,
                         Selection selection) {
  if (negated) {
    NarrowByValue(values, num_rows, selection,
                  [=](T value) { return static_cast<T>(value - low) > span; });
  } else {
    NarrowByValue(values, num_rows, selection,
                  [=](T value) { return static_cast<T>(value - low) <= span; });
  }
}

/// Keeps the selected rows whose code has its bit in `table`. NULL slots hold code 0.
/// REQUIRES: `table` covers every code, and code 0.
template <typename T>
void NarrowByCodes(const T* codes, uint32_t num_rows, const uint64_t* table, Selection selection) {
  NarrowByValue(codes, num_rows, selection,
                [=](T code) { return (table[code / 64] >> (code % 64)) & 1; });
}

}  // namespace sextant
