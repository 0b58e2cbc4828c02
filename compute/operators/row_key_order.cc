#include "compute/operators/row_key_order.h"

#include <compare>

#include "compute/kernels/float_order.h"
#include "compute/memory/check.h"
#include "compute/plan/bound_query.h"

namespace sextant {
namespace {

/// Neither row is NULL.
std::strong_ordering CompareValues(const ColumnFacts& facts, const Column& a, uint32_t a_row,
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
  SEXTANT_CHECK(false) << "a list is no key";
  return std::strong_ordering::equal;
}

}  // namespace

bool RowKeyOrder::Less(const RowOfChunk& a, const RowOfChunk& b) const {
  for (const ColumnIndex index : table_.schema().key_columns()) {
    const Column& a_column = a.chunk->column(index);
    const Column& b_column = b.chunk->column(index);
    const bool a_null = a_column.IsNull(a.row);
    const bool b_null = b_column.IsNull(b.row);
    if (a_null != b_null) return b_null;
    if (a_null) continue;
    const auto order = CompareValues(table_.facts(index), a_column, a.row, b_column, b.row);
    if (order != 0) return order < 0;
  }
  return a.ordinal < b.ordinal;
}

}  // namespace sextant
