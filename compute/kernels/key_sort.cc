#include "compute/kernels/key_sort.h"

#include <hwy/contrib/sort/vqsort.h>

namespace sextant {
namespace {

/// Below this a call of vqsort costs more than it saves.
constexpr size_t kInsertionSorted = 24;

template <typename Key>
void InsertionSort(std::span<Key> keys) {
  for (size_t i = 1; i < keys.size(); ++i) {
    const Key key = keys[i];
    size_t hole = i;
    for (; hole > 0 && keys[hole - 1] > key; --hole) keys[hole] = keys[hole - 1];
    keys[hole] = key;
  }
}

template <typename Key>
void Sort(std::span<Key> keys) {
  if (keys.size() < kInsertionSorted) return InsertionSort(keys);
  thread_local const hwy::Sorter sorter;  // its room is of one size
  sorter(keys.data(), keys.size(), hwy::SortAscending());
}

}  // namespace

void SortKeys(std::span<uint32_t> keys) { Sort(keys); }
void SortKeys(std::span<int64_t> keys) { Sort(keys); }

}  // namespace sextant
