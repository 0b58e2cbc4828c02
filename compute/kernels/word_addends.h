#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace sextant {

/// What rows add to a word that holds several fields, each at its own shift. All is modulo 2^64, so
/// that a field may be computed from parts that are negative; what counts is that the whole never
/// exceeds its bits. By the widest vectors that the processor has; the loops in the comments are
/// what they mean. `rows` ascend and may repeat.

/// addends[k] = constant.
void FillWords(uint64_t constant, size_t count, uint64_t* addends);

/// Where numbers go in a word, and how it begins.
struct WordPart {
  uint32_t shift = 0;
  bool begins = false;    // the word holds nothing yet, and begins with
  uint64_t constant = 0;  // this
};
/// addends[k] = (slots[rows[k]] << shift) + (begins ? constant : addends[k]).
void AddSlotsTo(const uint8_t* slots, std::span<const uint32_t> rows, WordPart part,
                uint64_t* addends);
void AddSlotsTo(const uint16_t* slots, std::span<const uint32_t> rows, WordPart part,
                uint64_t* addends);
void AddSlotsTo(const uint32_t* slots, std::span<const uint32_t> rows, WordPart part,
                uint64_t* addends);
void AddSlotsTo(const uint64_t* slots, std::span<const uint32_t> rows, WordPart part,
                uint64_t* addends);

/// The same of (numbers[k] >> from) & mask.
struct NumberField {
  uint32_t from = 0;
  uint32_t mask = 0;
};
void AddFieldsTo(std::span<const uint32_t> numbers, NumberField field, WordPart part,
                 uint64_t* addends);

/// The same of a[k] * b[k].
void AddProductsTo(std::span<const uint32_t> a, const uint32_t* b, WordPart part,
                   uint64_t* addends);

/// addends[k] += constant where bit rows[k] of `validity` is set.
void AddWhereValid(const uint64_t* validity, std::span<const uint32_t> rows, uint64_t constant,
                   uint64_t* addends);

/// addends[k] += (values[k] << shift) + constant where valid[k] is 1, else it is 0.
void AddReadValues(std::span<const int64_t> values, const uint8_t* valid, uint32_t shift,
                   uint64_t constant, uint64_t* addends);

}  // namespace sextant
