#include "compute/operators/order_search.h"

#include <algorithm>
#include <string_view>
#include <type_traits>

#include "compute/column/bitmap.h"
#include "compute/column/chunk.h"
#include "compute/operators/integer_rows.h"
#include "compute/operators/order_keys.h"

namespace sextant {
namespace {

/// Of a row whose bit is set, in no order.
constexpr double kListedRowCost = 3;
/// Of a word that is cleared, and taken from or to the selection.
constexpr double kWordCost = 1;

/// How many rows of [begin, end) come first, and how many before `begin`: those that satisfy
/// `is_before`, as a run at the beginning of the order does.
template <typename IsBefore>
uint32_t CountBefore(const ValueOrder& order, size_t begin, size_t end, IsBefore is_before) {
  const std::span<const uint16_t> rows = order.rows();
  const auto at = std::partition_point(rows.begin() + static_cast<ptrdiff_t>(begin),
                                       rows.begin() + static_cast<ptrdiff_t>(end), is_before);
  return static_cast<uint32_t>(at - rows.begin());
}

/// The same of all rows, by their keys, of which fences say between which rows to look.
template <typename Key, typename KeyOf, typename IsBefore>
uint32_t CountKeysBefore(const ValueOrder& order, KeyOf key_of, IsBefore is_before) {
  constexpr size_t kStep = ValueOrder::kRowsPerFence;
  const std::span<const Key> fences = order.fences<Key>();
  const auto fence = static_cast<size_t>(
      std::partition_point(fences.begin(), fences.end(), is_before) - fences.begin());
  if (fence == 0) return 0;
  return CountBefore(order, (fence - 1) * kStep + 1, std::min(fence * kStep, order.rows().size()),
                     [&](uint16_t row) { return is_before(key_of(row)); });
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

double OrderSearch::CostOf(double num_listed, uint32_t num_rows) {
  return kKeySearchCost + kWordCost * static_cast<double>(BitmapWords(num_rows)) +
         kListedRowCost * num_listed;
}

OrderedRows OrderSearch::FindSet(const ValueOrder& order, const Column& column) const {
  const ValueNumbers values = ValuesWithin(column);
  const size_t num_values = values.end - values.begin;
  const size_t num_asked = std::min(num_values, kMaxExactValues);
  double num_found = 0;
  for (size_t i = 0; i < num_asked; ++i) {
    num_found += FindValue(order, column, values.begin + i * num_values / num_asked).size();
  }
  const auto num_rows = static_cast<double>(order.rows().size());
  if (num_asked < num_values) {
    num_found *= static_cast<double>(num_values) / static_cast<double>(num_asked);
    num_found = std::min(num_found, num_rows);
  }
  return {negated_ ? num_rows - num_found : num_found,
          CostOf(num_found, column.num_rows()) + search_cost_ * static_cast<double>(num_values)};
}

OrderedRows OrderSearch::Find(const ValueOrder& order, const Column& column) const {
  if (!IsRange()) return FindSet(order, column);
  const uint32_t num_within = FindRange(order, column).size();
  const uint32_t num_outside = static_cast<uint32_t>(order.rows().size()) - num_within;
  return {static_cast<double>(negated_ ? num_outside : num_within),
          CostOf(std::min(num_within, num_outside), column.num_rows())};
}

void OrderSearch::Narrow(const ValueOrder& order, const Column& column, Selection selection) const {
  FoundRows found(column);
  const std::span<const uint16_t> rows = order.rows();
  if (!IsRange()) {
    const ValueNumbers values = ValuesWithin(column);
    for (size_t number = values.begin; number < values.end; ++number) {
      const Interval within = FindValue(order, column, number);
      SetRows(rows.subspan(within.begin, within.size()), found.words);
    }
    return found.Narrow(column, negated_, selection);
  }
  const Interval within = FindRange(order, column);
  const bool lists_within = 2 * size_t{within.size()} <= rows.size();
  if (lists_within) {
    SetRows(rows.subspan(within.begin, within.size()), found.words);
  } else {
    SetRows(rows.first(within.begin), found.words);
    SetRows(rows.subspan(within.end), found.words);
  }
  found.Narrow(column, lists_within == negated_, selection);
}

template <typename Key>
auto KeyOrderSearch<Key>::FindBetween(const ValueOrder& order, const Column& column, Key min,
                                      Key max) -> Interval {
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
        CountKeysBefore<OrderKey>(order, key_of, [low](OrderKey key) { return key < low; });
    const uint32_t end =
        CountKeysBefore<OrderKey>(order, key_of, [high](OrderKey key) { return key <= high; });
    return {begin, end};
  });
}

template <typename Key>
auto KeyOrderSearch<Key>::FindRange(const ValueOrder& order, const Column& column) const
    -> Interval {
  return FindBetween(order, column, min_, max_);
}

template <typename Key>
auto KeyOrderSearch<Key>::FindValue(const ValueOrder& order, const Column& column,
                                    size_t number) const -> Interval {
  return FindBetween(order, column, keys_[number], keys_[number]);
}

template <typename Key>
auto KeyOrderSearch<Key>::ValuesWithin(const Column& column) const -> ValueNumbers {
  if (column.layout() != Layout::kInteger) return {0, keys_.size()};
  const auto begin = std::lower_bound(keys_.begin(), keys_.end(), column.zone_map().min_integer);
  const auto end = std::upper_bound(begin, keys_.end(), column.zone_map().max_integer);
  return {static_cast<size_t>(begin - keys_.begin()), static_cast<size_t>(end - keys_.begin())};
}

template <typename Key>
bool KeyOrderSearch<Key>::IsDecidedByBounds(const Column& column) const {
  if (column.layout() != Layout::kInteger || !IsRange()) return false;
  const ZoneMap& zone = column.zone_map();
  const bool is_disjoint = max_ < zone.min_integer || min_ > zone.max_integer || min_ > max_;
  const bool covers = min_ <= zone.min_integer && zone.max_integer <= max_;
  return !zone.has_bounds || is_disjoint || covers;
}

template class KeyOrderSearch<int64_t>;
template class KeyOrderSearch<int128_t>;

auto TextOrderSearch::FindRange(const ValueOrder& order, const Column& column) const -> Interval {
  const size_t num_rows = order.rows().size();
  uint32_t begin = 0;
  uint32_t end = static_cast<uint32_t>(num_rows);
  if (range_->min) {
    begin = CountBefore(order, 0, num_rows, [&](uint16_t row) {
      const int compared = column.BytesAt(row).compare(*range_->min);
      return compared < 0 || (compared == 0 && !range_->min_inclusive);
    });
  }
  if (range_->max) {
    end = CountBefore(order, begin, num_rows, [&](uint16_t row) {
      const int compared = column.BytesAt(row).compare(*range_->max);
      return compared < 0 || (compared == 0 && range_->max_inclusive);
    });
  }
  return {begin, end};
}

auto TextOrderSearch::FindValue(const ValueOrder& order, const Column& column, size_t number) const
    -> Interval {
  const std::string_view text = texts_[number];
  const size_t num_rows = order.rows().size();
  const uint32_t begin =
      CountBefore(order, 0, num_rows, [&](uint16_t row) { return column.BytesAt(row) < text; });
  const uint32_t end = CountBefore(order, begin, num_rows,
                                   [&](uint16_t row) { return column.BytesAt(row) == text; });
  return {begin, end};
}

}  // namespace sextant
