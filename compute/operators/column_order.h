#pragma once

#include <compare>
#include <cstdint>

#include "compute/column/table.h"

namespace sextant {

/// The order of two values of a column, in the same chunk or in two: that of PostgreSQL for the
/// type, texts and bytes by bytes (rule 7), enums as declared, NaN greatest (rule 8). For few
/// comparisons: it looks at one value at a time. REQUIRES: neither is NULL, and the column has no
/// lists. `facts` are those of the column.
std::strong_ordering CompareInColumn(const ColumnFacts& facts, const Column& a, uint32_t a_row,
                                     const Column& b, uint32_t b_row);

/// A number that is in the order of the values, but that may be the same for values that differ: 8
/// bytes of what is longer. REQUIRES: as above.
int64_t LeadingKey(const ColumnFacts& facts, const Column& column, uint32_t row);

}  // namespace sextant
