#include "compute/operators/value_ordering.h"

#include <chrono>
#include <span>
#include <utility>

#include "compute/column/bitmap.h"
#include "compute/column/value_index.h"
#include "compute/kernels/sort_positions.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/order_keys.h"

namespace sextant {
namespace {

/// Appends the key of each row that is not NULL to `keys`, and its number to `rows`.
template <typename Key, typename KeyOf>
void ListKeys(const Column& column, KeyOf key_of, std::span<Key> keys, std::span<uint16_t> rows) {
  size_t count = 0;
  for (uint32_t row = 0; row < column.num_rows(); ++row) {
    if (column.IsNull(row)) continue;
    keys[count] = key_of(row);
    rows[count++] = static_cast<uint16_t>(row);
  }
}

/// `as` says of which type the keys are.
template <typename As>
absl::StatusOr<std::unique_ptr<const ValueOrder>> Order(const Column& column, As as,
                                                        MemoryBudget& budget) {
  using Key = decltype(OrderKeyOf(column, as));
  const auto began = std::chrono::steady_clock::now();
  const size_t num_rows =
      column.has_nulls() ? CountBits(column.validity()) : size_t{column.num_rows()};
  const size_t num_fences = (num_rows + ValueOrder::kRowsPerFence - 1) / ValueOrder::kRowsPerFence;
  const auto allocate = [&budget](size_t bytes) {
    return Buffer::AllocateUninitialized(budget, bytes);
  };
  SEXTANT_ASSIGN_OR_RETURN(Buffer fences, allocate(num_fences * sizeof(Key)));
  SEXTANT_ASSIGN_OR_RETURN(Buffer ordered, allocate(num_rows * sizeof(uint16_t)));
  SEXTANT_ASSIGN_OR_RETURN(Buffer listed, allocate(num_rows * sizeof(uint16_t)));
  SEXTANT_ASSIGN_OR_RETURN(Buffer room, allocate(num_rows * sizeof(uint16_t)));
  SEXTANT_ASSIGN_OR_RETURN(Buffer keys_buffer, allocate(num_rows * sizeof(Key)));
  const std::span<Key> keys = keys_buffer.As<Key>();
  const std::span<uint16_t> rows = listed.As<uint16_t>();
  WithOrderKeys(column, as, [&](auto key_of) { ListKeys(column, key_of, keys, rows); });
  const std::span<uint16_t> order = ordered.As<uint16_t>();
  SortPositions<Key>(keys, order, room.As<uint16_t>());
  for (size_t i = 0; i < num_fences; ++i) {
    fences.As<Key>()[i] = keys[order[i * ValueOrder::kRowsPerFence]];
  }
  for (uint16_t& position : order) position = rows[position];
  ordered.Settle();
  fences.Settle();
  const auto time = std::chrono::steady_clock::now() - began;
  return std::make_unique<const ValueOrder>(
      std::move(ordered), std::move(fences),
      std::chrono::duration_cast<std::chrono::nanoseconds>(time).count());
}

}  // namespace

bool MayBeOrdered(const Column& column) {
  switch (column.layout()) {
    case Layout::kInteger:
      return !column.zone_map().is_sorted && column.block_bounds().empty() &&
             !ValueIndex::Fits(column);
    case Layout::kFloat:
    case Layout::kWide:
      return true;
    default:
      return false;
  }
}

absl::StatusOr<std::unique_ptr<const ValueOrder>> OrderByValue(const Column& column,
                                                               MemoryBudget& budget) {
  SEXTANT_CHECK(MayBeOrdered(column));
  if (column.layout() == Layout::kWide) return Order(column, int128_t{}, budget);
  return Order(column, int64_t{}, budget);
}

}  // namespace sextant
