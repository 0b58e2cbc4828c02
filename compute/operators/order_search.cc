#include "compute/operators/order_search.h"

#include <algorithm>

#include "compute/column/bitmap.h"
#include "compute/column/chunk.h"
#include "compute/operators/integer_rows.h"
#include "compute/operators/order_keys.h"

namespace sextant {
namespace {

/// Of finding a position: two searches.
constexpr double kSearchCost = 400;
/// Of a row whose bit is set, in no order.
constexpr double kListedRowCost = 3;
/// Of a word that is cleared, and taken from or to the selection.
constexpr double kWordCost = 1;

/// How many rows of the order come first: those whose keys satisfy `is_before`, as a run at its
/// beginning does.
template <typename Key, typename KeyOf, typename IsBefore>
uint32_t CountBefore(const ValueOrder& order, KeyOf key_of, IsBefore is_before) {
  const std::span<const Key> fences = order.fences<Key>();
  const auto fence = static_cast<uint32_t>(
      std::partition_point(fences.begin(), fences.end(), is_before) - fences.begin());
  if (fence == 0) return 0;
  const std::span<const uint16_t> rows = order.rows();
  const auto begin = rows.begin() + (fence - 1) * ValueOrder::kRowsPerFence + 1;
  const auto end = fence == fences.size()
                       ? rows.end()
                       : rows.begin() + static_cast<size_t>(fence) * ValueOrder::kRowsPerFence;
  const auto at =
      std::partition_point(begin, end, [&](uint16_t row) { return is_before(key_of(row)); });
  return static_cast<uint32_t>(at - rows.begin());
}

void SetRows(std::span<const uint16_t> rows, uint64_t* __restrict words) {
  for (const uint16_t row : rows) words[row / 64] |= uint64_t{1} << (row % 64);
}

/// The words of a chunk's rows, those that were found.
struct FoundRows {
  explicit FoundRows(const Column& column) {
    std::fill_n(words, BitmapWords(column.num_rows()), uint64_t{0});
  }
  /// Keeps them, or drops them and the NULL ones.
  void Narrow(const Column& column, bool drops, Selection selection) const {
    if (!drops) return NarrowByBitmap(words, selection);
    NarrowByValidity(column, selection);
    NarrowByComplement(words, selection);
  }

  uint64_t words[BitmapWords(kMaxChunkRows)];
};

}  // namespace

template <typename Key>
double OrderSearch<Key>::CostOf(double num_listed, uint32_t num_rows) {
  return kSearchCost + kWordCost * static_cast<double>(BitmapWords(num_rows)) +
         kListedRowCost * num_listed;
}

template <typename Key>
auto OrderSearch<Key>::FindRange(const ValueOrder& order, const Column& column, Key min, Key max)
    -> Interval {
  if (column.layout() == Layout::kInteger) {
    min = std::max<Key>(min, column.zone_map().min_integer);
    max = std::min<Key>(max, column.zone_map().max_integer);
  }
  if (min > max) return {};
  const auto low = OrderKeyOf(column, min);
  const auto high = OrderKeyOf(column, max);
  using OrderKey = std::remove_cv_t<decltype(low)>;
  return WithOrderKeys(column, min, [&](auto key_of) -> Interval {
    const uint32_t begin =
        CountBefore<OrderKey>(order, key_of, [low](OrderKey key) { return key < low; });
    const uint32_t end =
        CountBefore<OrderKey>(order, key_of, [high](OrderKey key) { return key <= high; });
    return {begin, end};
  });
}

template <typename Key>
bool OrderSearch<Key>::IsDecidedByBounds(const Column& column) const {
  if (column.layout() != Layout::kInteger || !IsRange()) return false;
  const ZoneMap& zone = column.zone_map();
  const bool is_disjoint = max() < zone.min_integer || min() > zone.max_integer || min() > max();
  const bool covers = min() <= zone.min_integer && zone.max_integer <= max();
  return !zone.has_bounds || is_disjoint || covers;
}

template <typename Key>
std::span<const Key> OrderSearch<Key>::KeysWithin(const Column& column) const {
  if (column.layout() != Layout::kInteger) return keys_;
  const auto first = std::lower_bound(keys_.begin(), keys_.end(), column.zone_map().min_integer);
  return {first, std::upper_bound(first, keys_.end(), column.zone_map().max_integer)};
}

template <typename Key>
OrderedRows OrderSearch<Key>::FindKeys(const ValueOrder& order, const Column& column) const {
  const std::span<const Key> keys = KeysWithin(column);
  const size_t num_asked = std::min(keys.size(), kMaxExactKeys);
  double num_found = 0;
  for (size_t i = 0; i < num_asked; ++i) {
    const Key key = keys[i * keys.size() / num_asked];
    num_found += FindRange(order, column, key, key).size();
  }
  const auto num_rows = static_cast<double>(order.rows().size());
  if (num_asked < keys.size()) {
    num_found *= static_cast<double>(keys.size()) / static_cast<double>(num_asked);
    num_found = std::min(num_found, num_rows);
  }
  return {negated_ ? num_rows - num_found : num_found,
          CostOf(num_found, column.num_rows()) + kSearchCost * static_cast<double>(keys.size())};
}

template <typename Key>
OrderedRows OrderSearch<Key>::Find(const ValueOrder& order, const Column& column) const {
  if (!IsRange()) return FindKeys(order, column);
  const uint32_t num_within = FindRange(order, column, min(), max()).size();
  const uint32_t num_outside = static_cast<uint32_t>(order.rows().size()) - num_within;
  return {static_cast<double>(negated_ ? num_outside : num_within),
          CostOf(std::min(num_within, num_outside), column.num_rows())};
}

template <typename Key>
void OrderSearch<Key>::Narrow(const ValueOrder& order, const Column& column,
                              Selection selection) const {
  FoundRows found(column);
  const std::span<const uint16_t> rows = order.rows();
  if (!IsRange()) {
    for (const Key key : KeysWithin(column)) {
      const Interval within = FindRange(order, column, key, key);
      SetRows(rows.subspan(within.begin, within.size()), found.words);
    }
    return found.Narrow(column, negated_, selection);
  }
  const Interval within = FindRange(order, column, min(), max());
  const bool lists_within = 2 * size_t{within.size()} <= rows.size();
  if (lists_within) {
    SetRows(rows.subspan(within.begin, within.size()), found.words);
  } else {
    SetRows(rows.first(within.begin), found.words);
    SetRows(rows.subspan(within.end), found.words);
  }
  found.Narrow(column, lists_within == negated_, selection);
}

template class OrderSearch<int64_t>;
template class OrderSearch<int128_t>;

}  // namespace sextant
