#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "compute/kernels/selection.h"

namespace sextant {

/// What every filter runs through, by the widest vectors that the processor has (Highway chooses at
/// the first call). The forms of select_range.h and AppendBits of gather.h are what they mean, and
/// what they fall back to. No allocation.

/// NarrowByRangeScalar of select_range.h. Words without a selected row are not read.
/// REQUIRES: values has num_rows elements; low + span does not exceed the type.
void NarrowByRange(const uint8_t* values, uint32_t num_rows, uint8_t low, uint8_t span,
                   bool negated, Selection selection);
void NarrowByRange(const uint16_t* values, uint32_t num_rows, uint16_t low, uint16_t span,
                   bool negated, Selection selection);
void NarrowByRange(const uint32_t* values, uint32_t num_rows, uint32_t low, uint32_t span,
                   bool negated, Selection selection);
void NarrowByRange(const uint64_t* values, uint32_t num_rows, uint64_t low, uint64_t span,
                   bool negated, Selection selection);

/// NarrowByCodes of select_range.h, where the whole table is in registers.
/// REQUIRES: codes has num_rows elements; `table` has 256 bits.
void NarrowByByteCodes(const uint8_t* codes, uint32_t num_rows, const uint64_t* table,
                       Selection selection);

/// How many rows are selected: CountBits of bitmap.h.
size_t CountSelected(Selection selection);

/// Codes below this may be looked up by vectors.
inline constexpr uint32_t kMaxVectorCodes = 4096;
/// Whether NarrowByWordCodes has vectors to do it with: 0.04 ns a row for 1,024 codes, 0.1 ns for
/// kMaxVectorCodes, where the scalar form takes 0.24.
bool HasVectorsForWordCodes();
/// NarrowByCodes of select_range.h.
/// REQUIRES: codes has num_rows elements, each below kMaxVectorCodes; `table` covers every code.
void NarrowByWordCodes(const uint16_t* codes, uint32_t num_rows, std::span<const uint64_t> table,
                       Selection selection);

/// Rows of a selection taken so far.
struct TakenRows {
  uint32_t next_word;
  size_t count;
};
/// Writes the rows of words [word, last) of `words` to `rows`, ascending, while there is room for
/// those of a whole word: at least `capacity` - 63 of them, or all. REQUIRES: capacity >= 64.
TakenRows TakeRows(const uint64_t* words, uint32_t word, uint32_t last, uint32_t* rows,
                   size_t capacity);

}  // namespace sextant
