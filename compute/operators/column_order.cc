#include "compute/operators/column_order.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <string_view>

#include "compute/kernels/float_order.h"
#include "compute/memory/check.h"
#include "compute/plan/bound_query.h"

namespace sextant {
namespace {

/// The first 8 bytes, those that are missing as 0, compared as unsigned bytes.
int64_t LeadingKeyOf(std::string_view text) {
  uint64_t word = 0;
  if (!text.empty()) std::memcpy(&word, text.data(), std::min(text.size(), sizeof(word)));
  if constexpr (std::endian::native == std::endian::little) word = __builtin_bswap64(word);
  return static_cast<int64_t>(word ^ (uint64_t{1} << 63));
}

}  // namespace

std::strong_ordering CompareInColumn(const ColumnFacts& facts, const Column& a, uint32_t a_row,
                                     const Column& b, uint32_t b_row) {
  switch (a.layout()) {
    case Layout::kInteger:
      return a.IntegerAt(a_row) <=> b.IntegerAt(b_row);
    case Layout::kFloat:
      return FloatOrderKey(a.FloatAt(a_row)) <=> FloatOrderKey(b.FloatAt(b_row));
    case Layout::kCode: {
      const uint32_t a_code = a.CodeAt(a_row);
      const uint32_t b_code = b.CodeAt(b_row);
      if (a_code == b_code || a.type().kind == TypeKind::kEnum) return a_code <=> b_code;
      return facts.dictionary->Entry(a_code) <=> facts.dictionary->Entry(b_code);
    }
    case Layout::kWide: {
      const int128_t a_key = WideKey(a.type(), a.WideAt(a_row));
      const int128_t b_key = WideKey(b.type(), b.WideAt(b_row));
      return a_key < b_key   ? std::strong_ordering::less
             : a_key > b_key ? std::strong_ordering::greater
                             : std::strong_ordering::equal;
    }
    case Layout::kBytes:
      return a.BytesAt(a_row) <=> b.BytesAt(b_row);
    case Layout::kList:
      break;
  }
  SEXTANT_CHECK(false) << "lists have no order";
  return std::strong_ordering::equal;
}

int64_t LeadingKey(const ColumnFacts& facts, const Column& column, uint32_t row) {
  switch (column.layout()) {
    case Layout::kInteger:
      return column.IntegerAt(row);
    case Layout::kFloat:
      return FloatOrderKey(column.FloatAt(row));
    case Layout::kCode: {
      const uint32_t code = column.CodeAt(row);
      return column.type().kind == TypeKind::kEnum ? code
                                                   : LeadingKeyOf(facts.dictionary->Entry(code));
    }
    case Layout::kWide:
      return static_cast<int64_t>(WideKey(column.type(), column.WideAt(row)) >> 64);
    case Layout::kBytes:
      return LeadingKeyOf(column.BytesAt(row));
    case Layout::kList:
      break;
  }
  SEXTANT_CHECK(false) << "lists have no order";
  return 0;
}

}  // namespace sextant
