#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

#include "compute/column/table.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// A value of a row, all that the reference engine needs of it: what it is equal to and ordered by,
/// the number it stands for, and its text.
struct RowValue {
  /// Compares as values of the type do: the second member for text, else the first.
  std::tuple<int128_t, std::string> order;
  int128_t integer = 0;
  double number = 0;
  std::string text;
};

/// NULL is nullopt. `row` is of `column`; `dictionary` of kCode.
std::optional<RowValue> ReadRow(const Column& column, const Dictionary* dictionary, uint32_t row);

/// The value of a row of a chunk; `excluded` is set where a difference cannot be computed.
std::optional<RowValue> ReadValue(const Table& table, const Chunk& chunk, const BoundValue& value,
                                  uint32_t row, bool* excluded);

/// Whether the row is kept: `predicate` is TRUE (or, negated, FALSE).
bool IsKept(const Table& table, const Chunk& chunk, const BoundPredicate& predicate, uint32_t row);

}  // namespace sextant
