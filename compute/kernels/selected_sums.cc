#include "compute/kernels/selected_sums.h"

#include <bit>

// Highway includes this file once per set of instructions; the compiler makes vectors of the loops.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "compute/kernels/selected_sums.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sextant {
namespace HWY_NAMESPACE {

/// With the instruction for it, which the baseline may lack.
uint64_t CountIn(Selection rows, const uint64_t* HWY_RESTRICT bitmap) {
  uint64_t count = 0;
  for (uint32_t word = rows.first; word < rows.last; ++word) {
    count += static_cast<uint64_t>(std::popcount(rows.words[word] & bitmap[word]));
  }
  return count;
}

template <typename Slot>
uint64_t Sum(const Slot* HWY_RESTRICT slots, uint32_t num_rows, Selection rows) {
  uint64_t sum = 0;
  for (uint32_t word = rows.first; word < rows.last; ++word) {
    const uint64_t bits = rows.words[word];
    if (bits == 0) continue;
    const Slot* HWY_RESTRICT block = slots + size_t{word} * 64;
    if (size_t{word} * 64 + 64 > num_rows) {
      for (uint64_t rest = bits; rest != 0; rest &= rest - 1) sum += block[std::countr_zero(rest)];
    } else if (bits == ~uint64_t{0}) {
      for (size_t row = 0; row < 64; ++row) sum += block[row];
    } else {
      for (size_t row = 0; row < 64; ++row) {
        sum += uint64_t{block[row]} & (0 - (bits >> row & 1));
      }
    }
  }
  return sum;
}

uint64_t Sum8(const uint8_t* slots, uint32_t num_rows, Selection rows) {
  return Sum(slots, num_rows, rows);
}
uint64_t Sum16(const uint16_t* slots, uint32_t num_rows, Selection rows) {
  return Sum(slots, num_rows, rows);
}
uint64_t Sum32(const uint32_t* slots, uint32_t num_rows, Selection rows) {
  return Sum(slots, num_rows, rows);
}
uint64_t Sum64(const uint64_t* slots, uint32_t num_rows, Selection rows) {
  return Sum(slots, num_rows, rows);
}

/// A row that is not selected adds 0 to its lane, which changes nothing.
template <typename Float>
void AddLanes(uint64_t first_ordinal, const Float* HWY_RESTRICT values, uint32_t num_rows,
              Selection rows, FloatLanes& lanes) {
  double sums[kFloatLanes];  // of rows by their number in the chunk modulo 8
  for (size_t lane = 0; lane < kFloatLanes; ++lane) {
    sums[lane] = lanes[(first_ordinal + lane) % kFloatLanes];
  }
  for (uint32_t word = rows.first; word < rows.last; ++word) {
    const uint64_t bits = rows.words[word];
    if (bits == 0) continue;
    const Float* HWY_RESTRICT block = values + size_t{word} * 64;
    if (size_t{word} * 64 + 64 > num_rows) {
      for (uint64_t rest = bits; rest != 0; rest &= rest - 1) {
        const auto row = static_cast<size_t>(std::countr_zero(rest));
        sums[row % kFloatLanes] += static_cast<double>(block[row]);
      }
      continue;
    }
    for (size_t row = 0; row < 64; row += kFloatLanes) {
      for (size_t lane = 0; lane < kFloatLanes; ++lane) {
        const uint64_t mask = 0 - (bits >> (row + lane) & 1);
        const auto value = static_cast<double>(block[row + lane]);
        sums[lane] += std::bit_cast<double>(std::bit_cast<uint64_t>(value) & mask);
      }
    }
  }
  for (size_t lane = 0; lane < kFloatLanes; ++lane) {
    lanes[(first_ordinal + lane) % kFloatLanes] = sums[lane];
  }
}

void AddLanesOfFloats(uint64_t first_ordinal, const float* values, uint32_t num_rows,
                      Selection rows, FloatLanes& lanes) {
  AddLanes(first_ordinal, values, num_rows, rows, lanes);
}
void AddLanesOfDoubles(uint64_t first_ordinal, const double* values, uint32_t num_rows,
                       Selection rows, FloatLanes& lanes) {
  AddLanes(first_ordinal, values, num_rows, rows, lanes);
}

}  // namespace HWY_NAMESPACE
}  // namespace sextant
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sextant {

HWY_EXPORT(CountIn);
HWY_EXPORT(Sum8);
HWY_EXPORT(Sum16);
HWY_EXPORT(Sum32);
HWY_EXPORT(Sum64);
HWY_EXPORT(AddLanesOfFloats);
HWY_EXPORT(AddLanesOfDoubles);

uint64_t CountSelectedIn(Selection rows, const uint64_t* bitmap) {
  return HWY_DYNAMIC_DISPATCH(CountIn)(rows, bitmap);
}

uint64_t SumSelected(const uint8_t* slots, uint32_t num_rows, Selection rows) {
  return HWY_DYNAMIC_DISPATCH(Sum8)(slots, num_rows, rows);
}
uint64_t SumSelected(const uint16_t* slots, uint32_t num_rows, Selection rows) {
  return HWY_DYNAMIC_DISPATCH(Sum16)(slots, num_rows, rows);
}
uint64_t SumSelected(const uint32_t* slots, uint32_t num_rows, Selection rows) {
  return HWY_DYNAMIC_DISPATCH(Sum32)(slots, num_rows, rows);
}
uint64_t SumSelected(const uint64_t* slots, uint32_t num_rows, Selection rows) {
  return HWY_DYNAMIC_DISPATCH(Sum64)(slots, num_rows, rows);
}

void AddSelectedToLanes(uint64_t first_ordinal, const float* values, uint32_t num_rows,
                        Selection rows, FloatLanes& lanes) {
  HWY_DYNAMIC_DISPATCH(AddLanesOfFloats)(first_ordinal, values, num_rows, rows, lanes);
}
void AddSelectedToLanes(uint64_t first_ordinal, const double* values, uint32_t num_rows,
                        Selection rows, FloatLanes& lanes) {
  HWY_DYNAMIC_DISPATCH(AddLanesOfDoubles)(first_ordinal, values, num_rows, rows, lanes);
}

}  // namespace sextant
#endif  // HWY_ONCE
