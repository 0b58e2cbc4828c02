#pragma once

#include <cstdint>

#include "compute/kernels/float_lanes.h"
#include "compute/kernels/selection.h"

namespace sextant {

/// Sums of the selected rows of a column, word by word of the selection: no row number is written.
/// By the widest vectors that the processor has; one row after another is what they mean. A column
/// has `num_rows` rows.

/// How many selected rows `bitmap` has.
uint64_t CountSelectedIn(Selection rows, const uint64_t* bitmap);

/// The sum of slots[row], modulo 2^64.
uint64_t SumSelected(const uint8_t* slots, uint32_t num_rows, Selection rows);
uint64_t SumSelected(const uint16_t* slots, uint32_t num_rows, Selection rows);
uint64_t SumSelected(const uint32_t* slots, uint32_t num_rows, Selection rows);
uint64_t SumSelected(const uint64_t* slots, uint32_t num_rows, Selection rows);

/// AddToLanes of values[row]. REQUIRES: no lane is -0, as none is that began with 0.
void AddSelectedToLanes(uint64_t first_ordinal, const float* values, uint32_t num_rows,
                        Selection rows, FloatLanes& lanes);
void AddSelectedToLanes(uint64_t first_ordinal, const double* values, uint32_t num_rows,
                        Selection rows, FloatLanes& lanes);

}  // namespace sextant
