#include "compute/kernels/selected_rows.h"

// Highway includes this file once per set of instructions. Not for vectors of unknown length.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "compute/kernels/selected_rows.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sextant {
namespace HWY_NAMESPACE {

// Bits are gathered by halves of words, which lie in the order of their rows where the lowest byte
// comes first, as it does wherever these instructions are.
#if HWY_TARGET <= HWY_AVX2

namespace hn = hwy::HWY_NAMESPACE;
using Rows = hn::CappedTag<uint32_t, 16>;
constexpr size_t kLanes = hn::MaxLanes(Rows());

/// 1 or 0 for each of `rows`.
template <class Vector>
HWY_INLINE Vector BitsOf(const uint64_t* HWY_RESTRICT words, Vector rows) {
  const Rows d;
  const hn::RebindToSigned<Rows> index;
  const auto halves = hn::GatherIndex(d, reinterpret_cast<const uint32_t*>(words),
                                      hn::BitCast(index, hn::ShiftRight<5>(rows)));
  return hn::And(hn::Shr(halves, hn::And(rows, hn::Set(d, 31))), hn::Set(d, 1));
}

template <bool kHasNumbers>
size_t KeepRows(const uint64_t* HWY_RESTRICT words, std::span<const uint32_t> rows,
                const uint32_t* HWY_RESTRICT numbers, uint32_t* HWY_RESTRICT kept_rows,
                uint32_t* HWY_RESTRICT kept_numbers) {
  const Rows d;
  size_t kept = 0;
  size_t k = 0;
  // A whole vector is written: no more than `k` were kept before it.
  for (; k + kLanes <= rows.size(); k += kLanes) {
    const auto row = hn::LoadU(d, rows.data() + k);
    const auto is_selected = hn::Ne(BitsOf(words, row), hn::Zero(d));
    hn::StoreU(hn::Compress(row, is_selected), d, kept_rows + kept);
    if constexpr (kHasNumbers) {
      hn::StoreU(hn::Compress(hn::LoadU(d, numbers + k), is_selected), d, kept_numbers + kept);
    }
    kept += hn::CountTrue(d, is_selected);
  }
  return kept + KeepSelectedRowsScalar(words, rows, k, numbers, kept_rows + kept,
                                       kHasNumbers ? kept_numbers + kept : nullptr);
}

size_t Keep(const uint64_t* words, std::span<const uint32_t> rows, const uint32_t* numbers,
            uint32_t* kept_rows, uint32_t* kept_numbers) {
  return numbers == nullptr ? KeepRows<false>(words, rows, nullptr, kept_rows, nullptr)
                            : KeepRows<true>(words, rows, numbers, kept_rows, kept_numbers);
}

void AndBits(const uint64_t* words, std::span<const uint32_t> rows, uint8_t* HWY_RESTRICT valid) {
  const Rows d;
  const hn::Rebind<uint8_t, Rows> bytes;
  size_t k = 0;
  for (; k + kLanes <= rows.size(); k += kLanes) {
    const auto bits = hn::TruncateTo(bytes, BitsOf(words, hn::LoadU(d, rows.data() + k)));
    hn::StoreU(hn::And(bits, hn::LoadU(bytes, valid + k)), bytes, valid + k);
  }
  GatherValidityScalar(words, rows, k, valid);
}

#else

size_t Keep(const uint64_t* words, std::span<const uint32_t> rows, const uint32_t* numbers,
            uint32_t* kept_rows, uint32_t* kept_numbers) {
  return KeepSelectedRowsScalar(words, rows, 0, numbers, kept_rows, kept_numbers);
}

void AndBits(const uint64_t* words, std::span<const uint32_t> rows, uint8_t* valid) {
  GatherValidityScalar(words, rows, 0, valid);
}

#endif

}  // namespace HWY_NAMESPACE
}  // namespace sextant
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace sextant {

HWY_EXPORT(Keep);
HWY_EXPORT(AndBits);

size_t KeepSelectedRows(const uint64_t* words, std::span<const uint32_t> rows,
                        const uint32_t* numbers, uint32_t* kept_rows, uint32_t* kept_numbers) {
  return HWY_DYNAMIC_DISPATCH(Keep)(words, rows, numbers, kept_rows, kept_numbers);
}

size_t KeepSelectedRowsScalar(const uint64_t* words, std::span<const uint32_t> rows, size_t first,
                              const uint32_t* numbers, uint32_t* kept_rows,
                              uint32_t* kept_numbers) {
  size_t kept = 0;
  if (numbers == nullptr) {
    for (size_t k = first; k < rows.size(); ++k) {
      kept_rows[kept] = rows[k];
      kept += words[rows[k] / 64] >> (rows[k] % 64) & 1;
    }
    return kept;
  }
  for (size_t k = first; k < rows.size(); ++k) {
    kept_rows[kept] = rows[k];
    kept_numbers[kept] = numbers[k];
    kept += words[rows[k] / 64] >> (rows[k] % 64) & 1;
  }
  return kept;
}

void GatherValidity(const uint64_t* validity, std::span<const uint32_t> rows, uint8_t* valid) {
  HWY_DYNAMIC_DISPATCH(AndBits)(validity, rows, valid);
}

void GatherValidityScalar(const uint64_t* validity, std::span<const uint32_t> rows, size_t first,
                          uint8_t* valid) {
  for (size_t k = first; k < rows.size(); ++k) {
    valid[k] &= static_cast<uint8_t>((validity[rows[k] / 64] >> (rows[k] % 64)) & 1);
  }
}

}  // namespace sextant

#endif  // HWY_ONCE
