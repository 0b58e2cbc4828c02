#include "compute/operators/row_key_order.h"

#include <compare>

#include "compute/operators/column_order.h"

namespace sextant {

bool RowKeyOrder::Less(const RowOfChunk& a, const RowOfChunk& b) const {
  for (const ColumnIndex index : table_.schema().key_columns()) {
    const Column& a_column = a.chunk->column(index);
    const Column& b_column = b.chunk->column(index);
    const bool a_null = a_column.IsNull(a.row);
    const bool b_null = b_column.IsNull(b.row);
    if (a_null != b_null) return b_null;
    if (a_null) continue;
    const auto order = CompareInColumn(table_.facts(index), a_column, a.row, b_column, b.row);
    if (order != 0) return order < 0;
  }
  return a.ordinal < b.ordinal;
}

}  // namespace sextant
