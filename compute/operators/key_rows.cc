#include "compute/operators/key_rows.h"

#include <algorithm>

#include "compute/column/bitmap.h"
#include "compute/column/chunk.h"
#include "compute/kernels/unite_rows.h"
#include "compute/kernels/vector_selection.h"

namespace sextant {
namespace {

/// Up to so many keys are looked up for an estimate.
constexpr size_t kMaxExactKeys = 8;
constexpr size_t kMaxExactDenseKeys = 64;

constexpr uint64_t kDenseLookupCost = 12;
constexpr uint64_t kSparseLookupCost = 200;
constexpr uint64_t kRowIdCost = 3;
/// Of a word whose rows are counted.
constexpr uint64_t kCountCost = 2;

uint64_t LookupCost(const ValueIndex& index) {
  return index.is_dense() ? kDenseLookupCost : kSparseLookupCost;
}

}  // namespace

uint64_t KeyRows::EstimateRows(const ValueIndex& index, uint32_t num_rows) const {
  uint64_t rows = 0;
  if (keys_.size() <= (index.is_dense() ? kMaxExactDenseKeys : kMaxExactKeys)) {
    for (const int64_t key : keys_) rows += index.RowsOf(key).count;
  } else if (index.num_keys() > 0) {
    rows =
        std::min<uint64_t>(keys_.size(), index.num_keys()) * index.num_entries() / index.num_keys();
  }
  return std::min<uint64_t>(rows, num_rows);
}

uint64_t KeyRows::Cost(const ValueIndex& index, uint32_t num_rows) const {
  const uint64_t num_words = BitmapWords(num_rows);
  const uint64_t num_found = std::min<uint64_t>(keys_.size(), index.num_keys());
  const uint64_t rows_per_key = index.num_entries() / std::max<uint64_t>(index.num_keys(), 1);
  // A key of more rows than two per word has a bitmap, and one alone is not copied.
  if (keys_.size() == 1 && rows_per_key > 2 * num_words) return num_words / 2;
  const uint64_t cost_per_key = std::min(rows_per_key * kRowIdCost, num_words);
  return keys_.size() * LookupCost(index) + num_found * cost_per_key + 2 * num_words;
}

bool KeyRows::LosesToRows(const ValueIndex& index, uint32_t num_rows, uint64_t row_cost,
                          Selection selection) const {
  const uint64_t num_words = selection.last - selection.first;
  const uint64_t cost = Cost(index, num_rows);
  if (cost <= kCountCost * num_words) return false;
  const uint64_t num_selected = CountSelected(selection);
  return (kCountCost + 1) * num_words + num_selected * row_cost < cost;
}

void NarrowByKeys(const ValueIndex& index, std::span<const int64_t> keys, bool drops,
                  Selection selection) {
  if (drops) {
    for (const int64_t key : keys) {
      const ValueIndex::Rows rows = index.RowsOf(key);
      DropRows(rows.ids, selection);
      if (!rows.bitmap.empty()) NarrowByComplement(rows.bitmap.data(), selection);
    }
    return;
  }
  if (keys.size() == 1) {
    const ValueIndex::Rows rows = index.RowsOf(keys[0]);
    if (!rows.bitmap.empty()) return NarrowByBitmap(rows.bitmap.data(), selection);
  }
  uint64_t found[BitmapWords(kMaxChunkRows)];
  const Selection united{found, selection.first, selection.last};
  united.Clear();
  for (const int64_t key : keys) {
    const ValueIndex::Rows rows = index.RowsOf(key);
    UniteRows(rows.ids, united);
    if (!rows.bitmap.empty()) UniteBitmap(rows.bitmap.data(), united);
  }
  NarrowByBitmap(found, selection);
}

}  // namespace sextant
