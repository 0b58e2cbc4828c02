#include "compute/kernels/key_sort.h"

#include <hwy/contrib/sort/vqsort.h>

#include <cstddef>

#include "compute/kernels/few_keys_sort.h"

namespace sextant {
namespace {

/// Below this a call of vqsort costs more than it saves.
constexpr size_t kInsertionSorted = 24;

void InsertionSort(std::span<KeyedItem> items) {
  for (size_t i = 1; i < items.size(); ++i) {
    const KeyedItem item = items[i];
    size_t hole = i;
    for (; hole > 0 && item < items[hole - 1]; --hole) items[hole] = items[hole - 1];
    items[hole] = item;
  }
}

const hwy::Sorter& SorterOfThread() {
  thread_local const hwy::Sorter sorter;  // its room is of one size
  return sorter;
}

template <typename Key>
void Sort(std::span<Key> keys) {
  if (keys.size() < 2) return;
  if (keys.size() <= kFewKeys<Key>) return SortFewKeys(keys.data(), keys.size());
  SorterOfThread()(keys.data(), keys.size(), hwy::SortAscending());
}

}  // namespace

void SortKeys(std::span<uint32_t> keys) { Sort(keys); }
void SortKeys(std::span<int64_t> keys) { Sort(keys); }

void SortKeys(std::span<KeyedItem> items) {
  static_assert(sizeof(KeyedItem) == sizeof(hwy::uint128_t) &&
                alignof(KeyedItem) == alignof(hwy::uint128_t) &&
                offsetof(KeyedItem, item) == offsetof(hwy::uint128_t, lo));
  if (items.size() < kInsertionSorted) return InsertionSort(items);
  SorterOfThread()(reinterpret_cast<hwy::uint128_t*>(items.data()), items.size(),
                   hwy::SortAscending());
}

}  // namespace sextant
