#include "compute/kernels/byte_cells.h"

#include "compute/memory/check.h"

namespace sextant {
namespace {

constexpr size_t kWays = ByteCellSums::kWays;

template <size_t kFloats>
void Add(const ByteCellAddends& addends, ByteCellSums& sums) {
  const uint8_t* __restrict cells = addends.cells;
  const uint8_t* __restrict slots = addends.slots;
  const uint64_t* __restrict word_of = addends.word_of.data();
  const std::array<const double*, ByteCellAddends::kMaxFloats> floats = addends.floats;
  const auto add = [&](size_t k, size_t way) {
    const size_t cell = cells[k];
    sums.words[way][cell] += word_of[slots[k]];
    for (size_t f = 0; f < kFloats; ++f) sums.floats[f][cell] += floats[f][k];
  };
  const size_t num_whole = addends.num_rows - addends.num_rows % kWays;
  for (size_t k = 0; k < num_whole; k += kWays) {
    for (size_t way = 0; way < kWays; ++way) add(k + way, way);
  }
  for (size_t k = num_whole; k < addends.num_rows; ++k) add(k, 0);
}

}  // namespace

void AddByteCells(const ByteCellAddends& addends, ByteCellSums& sums) {
  SEXTANT_DCHECK(addends.num_floats <= ByteCellAddends::kMaxFloats);
  switch (addends.num_floats) {
    case 0:
      return Add<0>(addends, sums);
    case 1:
      return Add<1>(addends, sums);
    default:
      return Add<2>(addends, sums);
  }
}

}  // namespace sextant
