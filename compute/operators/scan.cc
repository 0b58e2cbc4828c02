#include "compute/operators/scan.h"

#include <algorithm>
#include <utility>

#include "compute/column/bitmap.h"
#include "compute/column/table.h"

namespace sextant {

Scan::Scan(TenantScope scope, uint64_t range_rows)
    : scope_(std::move(scope)), range_rows_(range_rows) {
  for (const RowRange& range : scope_.ranges()) Add(range);
  range_begins_.push_back(static_cast<uint32_t>(morsels_.size()));
}

void Scan::Add(const RowRange& range) {
  const uint64_t first_ordinal = table().first_row(range.chunk);
  for (uint32_t begin = range.begin; begin < range.end;) {
    const uint64_t ordinal = first_ordinal + begin;
    const uint64_t left_in_range = range_rows_ - ordinal % range_rows_;
    const auto end = static_cast<uint32_t>(std::min<uint64_t>(range.end, begin + left_in_range));
    const bool is_new_range =
        morsels_.empty() ||
        (table().first_row(morsels_.back().chunk) + morsels_.back().begin) / range_rows_ !=
            ordinal / range_rows_;
    if (is_new_range) range_begins_.push_back(static_cast<uint32_t>(morsels_.size()));
    morsels_.push_back({range.chunk, begin, end});
    begin = end;
  }
}

Selection Scan::Select(const Morsel& morsel, std::span<uint64_t> words) const {
  Selection selection{words.data(), morsel.begin / 64,
                      static_cast<uint32_t>(BitmapWords(morsel.end))};
  selection.Clear();
  SetBitRange(words, morsel.begin, morsel.end);
  const std::span<const uint64_t> live = table().chunk(morsel.chunk).live();
  if (!live.empty()) NarrowByBitmap(live.data(), selection);
  return selection;
}

}  // namespace sextant
