#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "compute/operators/morsel.h"

namespace sextant {

/// Rows of a batch, and a number of each: its group or its cell.
struct RowsAndNumbers {
  std::span<const uint32_t> rows;
  const uint32_t* numbers;  // may be null: none
};

/// Room for the rows of a batch that are kept, and a number of each.
struct KeptRows {
  std::array<uint32_t, kBatchRows> rows;
  std::array<uint32_t, kBatchRows> numbers;
};

}  // namespace sextant
