#include "compute/kernels/word_addends.h"

#include "compute/kernels/gather.h"

// Highway includes this file once per set of instructions; the compiler makes vectors of the loops.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "compute/kernels/word_addends.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sextant {
namespace HWY_NAMESPACE {

void Fill(uint64_t constant, size_t count, uint64_t* HWY_RESTRICT addends) {
  for (size_t k = 0; k < count; ++k) addends[k] = constant;
}

template <typename Slot>
void AddRun(const Slot* HWY_RESTRICT slots, size_t count, WordPart part,
            uint64_t* HWY_RESTRICT addends) {
  const uint32_t shift = part.shift;
  if (!part.begins) {
    for (size_t k = 0; k < count; ++k) addends[k] += uint64_t{slots[k]} << shift;
    return;
  }
  const uint64_t constant = part.constant;
  for (size_t k = 0; k < count; ++k) addends[k] = constant + (uint64_t{slots[k]} << shift);
}

void AddRun8(const uint8_t* slots, size_t count, WordPart part, uint64_t* addends) {
  AddRun(slots, count, part, addends);
}
void AddRun16(const uint16_t* slots, size_t count, WordPart part, uint64_t* addends) {
  AddRun(slots, count, part, addends);
}
void AddRun32(const uint32_t* slots, size_t count, WordPart part, uint64_t* addends) {
  AddRun(slots, count, part, addends);
}
void AddRun64(const uint64_t* slots, size_t count, WordPart part, uint64_t* addends) {
  AddRun(slots, count, part, addends);
}

/// Of any rows.
template <typename Slot>
void AddTaken(const Slot* HWY_RESTRICT slots, std::span<const uint32_t> rows, WordPart part,
              uint64_t* HWY_RESTRICT addends) {
  const uint32_t* HWY_RESTRICT row = rows.data();
  const size_t count = rows.size();
  const uint32_t shift = part.shift;
  if (!part.begins) {
    for (size_t k = 0; k < count; ++k) addends[k] += uint64_t{slots[row[k]]} << shift;
    return;
  }
  const uint64_t constant = part.constant;
  for (size_t k = 0; k < count; ++k) addends[k] = constant + (uint64_t{slots[row[k]]} << shift);
}

void AddTaken8(const uint8_t* slots, std::span<const uint32_t> rows, WordPart part,
               uint64_t* addends) {
  AddTaken(slots, rows, part, addends);
}
void AddTaken16(const uint16_t* slots, std::span<const uint32_t> rows, WordPart part,
                uint64_t* addends) {
  AddTaken(slots, rows, part, addends);
}
void AddTaken32(const uint32_t* slots, std::span<const uint32_t> rows, WordPart part,
                uint64_t* addends) {
  AddTaken(slots, rows, part, addends);
}
void AddTaken64(const uint64_t* slots, std::span<const uint32_t> rows, WordPart part,
                uint64_t* addends) {
  AddTaken(slots, rows, part, addends);
}

void AddFields(const uint32_t* HWY_RESTRICT numbers, size_t count, NumberField field, WordPart part,
               uint64_t* HWY_RESTRICT addends) {
  const uint32_t from = field.from;
  const uint32_t mask = field.mask;
  const uint32_t shift = part.shift;
  if (!part.begins) {
    for (size_t k = 0; k < count; ++k) {
      addends[k] += uint64_t{numbers[k] >> from & mask} << shift;
    }
    return;
  }
  const uint64_t constant = part.constant;
  for (size_t k = 0; k < count; ++k) {
    addends[k] = constant + (uint64_t{numbers[k] >> from & mask} << shift);
  }
}

void AddProducts(const uint32_t* HWY_RESTRICT a, const uint32_t* HWY_RESTRICT b, size_t count,
                 WordPart part, uint64_t* HWY_RESTRICT addends) {
  const uint32_t shift = part.shift;
  if (!part.begins) {
    for (size_t k = 0; k < count; ++k) addends[k] += uint64_t{a[k]} * b[k] << shift;
    return;
  }
  const uint64_t constant = part.constant;
  for (size_t k = 0; k < count; ++k) addends[k] = constant + (uint64_t{a[k]} * b[k] << shift);
}

/// Of `count` rows from the first bit of validity[0] on.
void AddValidRun(const uint64_t* HWY_RESTRICT validity, size_t count, uint64_t constant,
                 uint64_t* HWY_RESTRICT addends) {
  for (size_t word = 0; word < count / 64; ++word) {
    const uint64_t bits = validity[word];
    uint64_t* HWY_RESTRICT block = addends + word * 64;
    for (uint64_t bit = 0; bit < 64; ++bit) block[bit] += constant & (0 - (bits >> bit & 1));
  }
  for (size_t k = count - count % 64; k < count; ++k) {
    addends[k] += constant & (0 - (validity[k / 64] >> (k % 64) & 1));
  }
}

/// Of any rows.
void AddValidTaken(const uint64_t* HWY_RESTRICT validity, std::span<const uint32_t> rows,
                   uint64_t constant, uint64_t* HWY_RESTRICT addends) {
  const uint32_t* HWY_RESTRICT row = rows.data();
  for (size_t k = 0; k < rows.size(); ++k) {
    addends[k] += constant & (0 - (validity[row[k] / 64] >> (row[k] % 64) & 1));
  }
}

void AddValues(const int64_t* HWY_RESTRICT values, size_t count, const uint8_t* HWY_RESTRICT valid,
               uint32_t shift, uint64_t constant, uint64_t* HWY_RESTRICT addends) {
  for (size_t k = 0; k < count; ++k) {
    addends[k] +=
        ((static_cast<uint64_t>(values[k]) << shift) + constant) & (0 - uint64_t{valid[k]});
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace sextant
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sextant {

HWY_EXPORT(Fill);
HWY_EXPORT(AddRun8);
HWY_EXPORT(AddRun16);
HWY_EXPORT(AddRun32);
HWY_EXPORT(AddRun64);
HWY_EXPORT(AddTaken8);
HWY_EXPORT(AddTaken16);
HWY_EXPORT(AddTaken32);
HWY_EXPORT(AddTaken64);
HWY_EXPORT(AddFields);
HWY_EXPORT(AddProducts);
HWY_EXPORT(AddValidRun);
HWY_EXPORT(AddValidTaken);
HWY_EXPORT(AddValues);

void FillWords(uint64_t constant, size_t count, uint64_t* addends) {
  HWY_DYNAMIC_DISPATCH(Fill)(constant, count, addends);
}

void AddSlotsTo(const uint8_t* slots, std::span<const uint32_t> rows, WordPart part,
                uint64_t* addends) {
  if (!IsContiguous(rows)) {
    return HWY_DYNAMIC_DISPATCH(AddTaken8)(slots, rows, part, addends);
  }
  PrefetchAfter(slots + rows.front(), rows.size());
  HWY_DYNAMIC_DISPATCH(AddRun8)(slots + rows.front(), rows.size(), part, addends);
}
void AddSlotsTo(const uint16_t* slots, std::span<const uint32_t> rows, WordPart part,
                uint64_t* addends) {
  if (!IsContiguous(rows)) {
    return HWY_DYNAMIC_DISPATCH(AddTaken16)(slots, rows, part, addends);
  }
  PrefetchAfter(slots + rows.front(), rows.size());
  HWY_DYNAMIC_DISPATCH(AddRun16)(slots + rows.front(), rows.size(), part, addends);
}
void AddSlotsTo(const uint32_t* slots, std::span<const uint32_t> rows, WordPart part,
                uint64_t* addends) {
  if (!IsContiguous(rows)) {
    return HWY_DYNAMIC_DISPATCH(AddTaken32)(slots, rows, part, addends);
  }
  PrefetchAfter(slots + rows.front(), rows.size());
  HWY_DYNAMIC_DISPATCH(AddRun32)(slots + rows.front(), rows.size(), part, addends);
}
void AddSlotsTo(const uint64_t* slots, std::span<const uint32_t> rows, WordPart part,
                uint64_t* addends) {
  if (!IsContiguous(rows)) {
    return HWY_DYNAMIC_DISPATCH(AddTaken64)(slots, rows, part, addends);
  }
  PrefetchAfter(slots + rows.front(), rows.size());
  HWY_DYNAMIC_DISPATCH(AddRun64)(slots + rows.front(), rows.size(), part, addends);
}

void AddFieldsTo(std::span<const uint32_t> numbers, NumberField field, WordPart part,
                 uint64_t* addends) {
  HWY_DYNAMIC_DISPATCH(AddFields)(numbers.data(), numbers.size(), field, part, addends);
}

void AddProductsTo(std::span<const uint32_t> a, const uint32_t* b, WordPart part,
                   uint64_t* addends) {
  HWY_DYNAMIC_DISPATCH(AddProducts)(a.data(), b, a.size(), part, addends);
}

void AddWhereValid(const uint64_t* validity, std::span<const uint32_t> rows, uint64_t constant,
                   uint64_t* addends) {
  if (IsContiguous(rows) && rows.front() % 64 == 0) {
    HWY_DYNAMIC_DISPATCH(AddValidRun)
    (validity + rows.front() / 64, rows.size(), constant, addends);
    return;
  }
  HWY_DYNAMIC_DISPATCH(AddValidTaken)(validity, rows, constant, addends);
}

void AddReadValues(std::span<const int64_t> values, const uint8_t* valid, uint32_t shift,
                   uint64_t constant, uint64_t* addends) {
  HWY_DYNAMIC_DISPATCH(AddValues)
  (values.data(), values.size(), valid, shift, constant, addends);
}

}  // namespace sextant
#endif  // HWY_ONCE
