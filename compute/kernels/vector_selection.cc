#include "compute/kernels/vector_selection.h"

#include <bit>
#include <cstring>
#include <iterator>
#include <type_traits>

#include "compute/kernels/gather.h"
#include "compute/kernels/select_range.h"

// Highway includes this file once per set of instructions, also for processors that compress bytes.
// Not for vectors of unknown length: a word is a whole number of vectors.
#define HWY_WANT_AVX3_DL
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "compute/kernels/vector_selection.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sextant {
namespace HWY_NAMESPACE {

/// With the instruction for it, which the baseline may lack.
size_t CountRows(Selection selection) {
  size_t num_rows = 0;
  for (uint32_t word = selection.first; word < selection.last; ++word) {
    num_rows += static_cast<size_t>(std::popcount(selection.words[word]));
  }
  return num_rows;
}

#if HWY_TARGET == HWY_SCALAR

template <typename T>
void NarrowRange(const T* values, uint32_t num_rows, T low, T span, bool negated,
                 Selection selection) {
  NarrowByRangeScalar<T>(values, num_rows, low, span, negated, selection);
}

void NarrowByteCodes(const uint8_t* codes, uint32_t num_rows, const uint64_t* table,
                     Selection selection) {
  NarrowByCodes<uint8_t>(codes, num_rows, table, selection);
}

TakenRows TakeRowsOf(const uint64_t* words, uint32_t word, uint32_t last, uint32_t* rows,
                     size_t capacity) {
  size_t count = 0;
  for (; word < last && count + 64 <= capacity; ++word) {
    count = AppendBits(words[word], word * 64, rows, count);
  }
  return {word, count};
}

#else

namespace hn = hwy::HWY_NAMESPACE;

/// Rows that are taken out of the words of a selection at a time.
constexpr size_t kRowsTaken = 1024;

/// `bits`, widened in a general register. Where g++ 12 widens them in a mask register and has to
/// spill that, it writes 4 bytes and reads 8: the upper half is what lay there.
template <class Bits>
HWY_INLINE uint64_t Widened(Bits bits) {
  asm("" : "+r"(bits));
  return bits;
}

/// The lowest bit is that of the first lane.
template <class D, class M>
HWY_INLINE uint64_t BitsOf(D d, M mask) {
  constexpr size_t kLanes = hn::MaxLanes(D());
  uint8_t bytes[8];
  hn::StoreMaskBits(d, mask, bytes);
  if constexpr (kLanes >= 16) {  // what was written, or the load would wait for the store
    std::conditional_t<kLanes == 64, uint64_t,
                       std::conditional_t<kLanes == 32, uint32_t, uint16_t> >
        bits;
    std::memcpy(&bits, bytes, sizeof(bits));
    return Widened(bits);
  } else {
    return bytes[0] & ((1u << kLanes) - 1);
  }
}

#if HWY_TARGET == HWY_AVX3_DL

/// One instruction puts the positions of the set bits side by side.
TakenRows TakeRowsOf(const uint64_t* HWY_RESTRICT words, uint32_t word, uint32_t last,
                     uint32_t* HWY_RESTRICT rows, size_t capacity) {
  alignas(64) uint8_t positions[64];
  for (int i = 0; i < 64; ++i) positions[i] = static_cast<uint8_t>(i);
  const __m512i all = _mm512_load_si512(positions);
  size_t count = 0;
  for (; word < last && count + 64 <= capacity; ++word) {
    const __m512i taken = _mm512_maskz_compress_epi8(words[word], all);
    const __m512i first = _mm512_set1_epi32(static_cast<int>(word * 64));
    const auto write = [&](__m128i sixteen, size_t at) HWY_ATTR {
      _mm512_storeu_si512(rows + count + at,
                          _mm512_add_epi32(_mm512_cvtepu8_epi32(sixteen), first));
    };
    const auto num_taken = static_cast<size_t>(std::popcount(words[word]));
    write(_mm512_castsi512_si128(taken), 0);
    if (num_taken > 16) {  // of most words, or of hardly any
      write(_mm512_extracti32x4_epi32(taken, 1), 16);
      write(_mm512_extracti32x4_epi32(taken, 2), 32);
      write(_mm512_extracti32x4_epi32(taken, 3), 48);
    }
    count += num_taken;
  }
  return {word, count};
}

#else

TakenRows TakeRowsOf(const uint64_t* HWY_RESTRICT words, uint32_t word, uint32_t last,
                     uint32_t* HWY_RESTRICT rows, size_t capacity) {
  const hn::CappedTag<uint32_t, 16> d;
  constexpr size_t kLanes = hn::MaxLanes(d);
  size_t count = 0;
  for (; word < last && count + 64 <= capacity; ++word) {
    if constexpr (kLanes < 8) {
      count = AppendBits(words[word], word * 64, rows, count);
    } else {
      if (HasFewRows(words[word])) {
        count = AppendBits(words[word], word * 64, rows, count);
        continue;
      }
      uint8_t bytes[16] = {};  // a mask may be read beyond its bits
      std::memcpy(bytes, &words[word], sizeof(uint64_t));
      auto row = hn::Iota(d, word * 64);
      for (size_t bit = 0; bit < 64; bit += kLanes) {
        const auto mask = hn::LoadMaskBits(d, bytes + bit / 8);
        hn::StoreU(hn::Compress(row, mask), d, rows + count);
        count += static_cast<size_t>(
            std::popcount((words[word] >> bit) & ((uint64_t{1} << kLanes) - 1)));
        row = hn::Add(row, hn::Set(d, static_cast<uint32_t>(kLanes)));
      }
    }
  }
  return {word, count};
}

#endif

/// Keeps the selected rows for which `test(values[row])`, without a branch per row.
template <typename T, class Test>
HWY_INLINE void NarrowTaken(const T* HWY_RESTRICT values, Selection selection, Test test) {
  uint32_t rows[kRowsTaken];
  uint64_t* const words = selection.words;
  for (uint32_t word = selection.first; word < selection.last;) {
    const TakenRows taken = TakeRowsOf(words, word, selection.last, rows, kRowsTaken);
    for (size_t k = 0; k < taken.count; ++k) {
      const uint64_t drops = test(values[rows[k]]) ? 0 : 1;
      words[rows[k] / 64] ^= drops << (rows[k] % 64);
    }
    word = taken.next_word;
  }
}

/// Asks for the values as far behind those of a word as the memory takes to answer: the processor
/// begins anew with each 4 KiB, and is behind by then. Measured on columns in DRAM: 17 GB/s in
/// place of 11.6.
template <typename T>
HWY_INLINE void PrefetchAhead(const T* block) {
  constexpr size_t kAheadBytes = 1024;
  constexpr size_t kLineBytes = 64;
  const char* const ahead = reinterpret_cast<const char*>(block) + kAheadBytes;
  for (size_t at = 0; at < 64 * sizeof(T); at += kLineBytes) __builtin_prefetch(ahead + at);
}

/// Ands each word that has rows with `bits_of(block)`, where block has the 64 values of the word.
/// `narrow_rest` does the words that are not whole. Where rows are few they are taken out of the
/// words, and each is asked by `test(value)`.
template <typename T, class BitsOfBlock, class Test, class NarrowRest>
HWY_INLINE void NarrowWords(const T* values, uint32_t num_rows, Selection selection,
                            BitsOfBlock bits_of, Test test, NarrowRest narrow_rest) {
  // Reading all values of a word costs about as much as the tests of so many rows.
  constexpr size_t kFewRowsPerWord = sizeof(T) + 1;
  const size_t num_words = selection.last - selection.first;
  if (CountRows(selection) < kFewRowsPerWord * num_words) {
    return NarrowTaken(values, selection, test);
  }
  const uint32_t last_whole = HWY_MIN(selection.last, num_rows / 64);
  for (uint32_t word = selection.first; word < last_whole; ++word) {
    if (selection.words[word] == 0) continue;
    const T* const block = values + size_t{word} * 64;
    PrefetchAhead(block);
    selection.words[word] &= bits_of(block);
  }
  narrow_rest(Selection{selection.words, HWY_MAX(selection.first, last_whole), selection.last});
}

template <typename T>
void NarrowRange(const T* HWY_RESTRICT values, uint32_t num_rows, T low, T span, bool negated,
                 Selection selection) {
  const hn::CappedTag<T, 64> d;
  const auto least = hn::Set(d, low);
  const auto widest = hn::Set(d, span);
  const uint64_t flip = negated ? 0 : ~uint64_t{0};
  const auto bits_of = [&](const T* block) HWY_ATTR {
    uint64_t outside = 0;
    for (size_t row = 0; row < 64; row += hn::Lanes(d)) {
      const auto offset = hn::Sub(hn::LoadU(d, block + row), least);
      outside |= BitsOf(d, offset > widest) << row;
    }
    return outside ^ flip;
  };
  const auto test = [=](T value)
                        HWY_ATTR { return (static_cast<T>(value - low) <= span) != negated; };
  NarrowWords(values, num_rows, selection, bits_of, test, [&](Selection rest) {
    NarrowByRangeScalar<T>(values, num_rows, low, span, negated, rest);
  });
}

/// Whether a code is in a table of bits.
struct HasBit {
  const uint64_t* table;
  HWY_INLINE bool operator()(size_t code) const { return (table[code / 64] >> (code % 64)) & 1; }
};

/// The byte code / 8 of the table holds bit code % 8; both are found by looking up 16 bytes.
void NarrowByteCodes(const uint8_t* HWY_RESTRICT codes, uint32_t num_rows,
                     const uint64_t* HWY_RESTRICT table, Selection selection) {
  const hn::CappedTag<uint8_t, 64> d;
  alignas(16) static constexpr uint8_t kBits[16] = {1, 2, 4, 8, 16, 32, 64, 128,
                                                    1, 2, 4, 8, 16, 32, 64, 128};
  alignas(16) uint8_t bytes[32];
  for (int byte = 0; byte < 32; ++byte) {
    bytes[byte] = static_cast<uint8_t>(table[byte / 8] >> (byte % 8 * 8));
  }
  const auto below = hn::LoadDup128(d, bytes);
  const auto above = hn::LoadDup128(d, bytes + 16);
  const auto bits = hn::LoadDup128(d, kBits);
  const auto low_bits = hn::Set(d, uint8_t{7});
  const auto low_nibble = hn::Set(d, uint8_t{15});
  const hn::Repartition<uint16_t, decltype(d)> d16;
  const auto bits_of = [&](const uint8_t* block) HWY_ATTR {
    uint64_t found = 0;
    for (size_t row = 0; row < 64; row += hn::Lanes(d)) {
      const auto code = hn::LoadU(d, block + row);
      // No shift of bytes: of pairs, and what came from the neighbour is cut off.
      const auto shifted = hn::BitCast(d, hn::ShiftRight<3>(hn::BitCast(d16, code)));
      const auto index = hn::And(shifted, low_nibble);
      const auto byte =
          hn::IfThenElse(code > hn::Set(d, uint8_t{127}), hn::TableLookupBytes(above, index),
                         hn::TableLookupBytes(below, index));
      const auto bit = hn::TableLookupBytes(bits, hn::And(code, low_bits));
      found |= BitsOf(d, hn::TestBit(byte, bit)) << row;
    }
    return found;
  };
  NarrowWords(codes, num_rows, selection, bits_of, HasBit{table},
              [&](Selection rest) { NarrowByCodes<uint8_t>(codes, num_rows, table, rest); });
}

#endif

#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL

/// A table of kPairs * 1,024 bits lies in that many pairs of registers: one instruction finds the
/// 16 bits around code % 1,024 in a pair, for 32 codes.
template <int kPairs>
void NarrowWordCodesIn(const uint16_t* HWY_RESTRICT codes, uint32_t num_rows,
                       const uint64_t* HWY_RESTRICT table, Selection selection) {
  __m512i low[kPairs];
  __m512i high[kPairs];
  for (int pair = 0; pair < kPairs; ++pair) {
    low[pair] = _mm512_loadu_si512(table + pair * 16);
    high[pair] = _mm512_loadu_si512(table + pair * 16 + 8);
  }
  const auto bits_of = [&](const uint16_t* block) HWY_ATTR {
    uint64_t found = 0;
    for (int row = 0; row < 64; row += 32) {
      const __m512i code = _mm512_loadu_si512(block + row);
      const __m512i index = _mm512_srli_epi16(code, 4);
      const __m512i pair_of = _mm512_srli_epi16(code, 10);
      __m512i word = _mm512_permutex2var_epi16(low[0], index, high[0]);
      for (int pair = 1; pair < kPairs; ++pair) {
        const __mmask32 here =
            _mm512_cmpeq_epi16_mask(pair_of, _mm512_set1_epi16(static_cast<int16_t>(pair)));
        word = _mm512_mask_mov_epi16(word, here,
                                     _mm512_permutex2var_epi16(low[pair], index, high[pair]));
      }
      const __m512i bit =
          _mm512_sllv_epi16(_mm512_set1_epi16(1), _mm512_and_si512(code, _mm512_set1_epi16(15)));
      found |= Widened<uint32_t>(_mm512_test_epi16_mask(word, bit)) << row;
    }
    return found;
  };
  NarrowWords(codes, num_rows, selection, bits_of, HasBit{table},
              [&](Selection rest) { NarrowByCodes<uint16_t>(codes, num_rows, table, rest); });
}

bool HasWordCodes() { return true; }

void NarrowWordCodes(const uint16_t* codes, uint32_t num_rows, std::span<const uint64_t> table,
                     Selection selection) {
  uint64_t bits[kMaxVectorCodes / 64] = {};
  const size_t num_words = HWY_MIN(table.size(), std::size(bits));
  std::memcpy(bits, table.data(), num_words * sizeof(uint64_t));
  if (num_words <= 16) return NarrowWordCodesIn<1>(codes, num_rows, bits, selection);
  if (num_words <= 32) return NarrowWordCodesIn<2>(codes, num_rows, bits, selection);
  NarrowWordCodesIn<4>(codes, num_rows, bits, selection);
}

#else

bool HasWordCodes() { return false; }

void NarrowWordCodes(const uint16_t* codes, uint32_t num_rows, std::span<const uint64_t> table,
                     Selection selection) {
  NarrowByCodes<uint16_t>(codes, num_rows, table.data(), selection);
}

#endif

void NarrowRange8(const uint8_t* values, uint32_t num_rows, uint8_t low, uint8_t span, bool negated,
                  Selection selection) {
  NarrowRange(values, num_rows, low, span, negated, selection);
}
void NarrowRange16(const uint16_t* values, uint32_t num_rows, uint16_t low, uint16_t span,
                   bool negated, Selection selection) {
  NarrowRange(values, num_rows, low, span, negated, selection);
}
void NarrowRange32(const uint32_t* values, uint32_t num_rows, uint32_t low, uint32_t span,
                   bool negated, Selection selection) {
  NarrowRange(values, num_rows, low, span, negated, selection);
}
void NarrowRange64(const uint64_t* values, uint32_t num_rows, uint64_t low, uint64_t span,
                   bool negated, Selection selection) {
  NarrowRange(values, num_rows, low, span, negated, selection);
}

}  // namespace HWY_NAMESPACE
}  // namespace sextant
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sextant {

HWY_EXPORT(NarrowRange8);
HWY_EXPORT(NarrowRange16);
HWY_EXPORT(NarrowRange32);
HWY_EXPORT(NarrowRange64);
HWY_EXPORT(NarrowByteCodes);
HWY_EXPORT(HasWordCodes);
HWY_EXPORT(NarrowWordCodes);
HWY_EXPORT(TakeRowsOf);
HWY_EXPORT(CountRows);

void NarrowByRange(const uint8_t* values, uint32_t num_rows, uint8_t low, uint8_t span,
                   bool negated, Selection selection) {
  HWY_DYNAMIC_DISPATCH(NarrowRange8)(values, num_rows, low, span, negated, selection);
}
void NarrowByRange(const uint16_t* values, uint32_t num_rows, uint16_t low, uint16_t span,
                   bool negated, Selection selection) {
  HWY_DYNAMIC_DISPATCH(NarrowRange16)(values, num_rows, low, span, negated, selection);
}
void NarrowByRange(const uint32_t* values, uint32_t num_rows, uint32_t low, uint32_t span,
                   bool negated, Selection selection) {
  HWY_DYNAMIC_DISPATCH(NarrowRange32)(values, num_rows, low, span, negated, selection);
}
void NarrowByRange(const uint64_t* values, uint32_t num_rows, uint64_t low, uint64_t span,
                   bool negated, Selection selection) {
  HWY_DYNAMIC_DISPATCH(NarrowRange64)(values, num_rows, low, span, negated, selection);
}
void NarrowByByteCodes(const uint8_t* codes, uint32_t num_rows, const uint64_t* table,
                       Selection selection) {
  HWY_DYNAMIC_DISPATCH(NarrowByteCodes)(codes, num_rows, table, selection);
}
size_t CountSelected(Selection selection) { return HWY_DYNAMIC_DISPATCH(CountRows)(selection); }
bool HasVectorsForWordCodes() { return HWY_DYNAMIC_DISPATCH(HasWordCodes)(); }
void NarrowByWordCodes(const uint16_t* codes, uint32_t num_rows, std::span<const uint64_t> table,
                       Selection selection) {
  HWY_DYNAMIC_DISPATCH(NarrowWordCodes)(codes, num_rows, table, selection);
}
TakenRows TakeRows(const uint64_t* words, uint32_t word, uint32_t last, uint32_t* rows,
                   size_t capacity) {
  return HWY_DYNAMIC_DISPATCH(TakeRowsOf)(words, word, last, rows, capacity);
}

}  // namespace sextant
#endif  // HWY_ONCE
