#include "compute/kernels/key_sort.h"

#include <hwy/contrib/sort/vqsort.h>

#include <cstddef>

namespace sextant {
namespace {

/// Below this a call of vqsort costs more than it saves.
constexpr size_t kInsertionSorted = 24;

template <typename Key>
void InsertionSort(std::span<Key> keys) {
  for (size_t i = 1; i < keys.size(); ++i) {
    const Key key = keys[i];
    size_t hole = i;
    for (; hole > 0 && key < keys[hole - 1]; --hole) keys[hole] = keys[hole - 1];
    keys[hole] = key;
  }
}

const hwy::Sorter& SorterOfThread() {
  thread_local const hwy::Sorter sorter;  // its room is of one size
  return sorter;
}

template <typename Key>
void Sort(std::span<Key> keys) {
  if (keys.size() < kInsertionSorted) return InsertionSort(keys);
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
