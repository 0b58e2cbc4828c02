#include "compute/column/value_bitmap_index.h"

#include <array>
#include <bit>

#include "compute/column/bitmap.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

static_assert(ValueBitmapIndex::kMaxCodes <= 32, "present_ has 32 bits");

/// Calls `visit(row, code)` for every row that is not NULL.
template <typename T, typename Visit>
void ForEachCodeOf(const Column& column, Visit visit) {
  const std::span<const T> codes = column.values<T>();
  for (uint32_t row = 0; row < codes.size(); ++row) {
    if (!column.IsNull(row)) visit(row, uint32_t{codes[row]});
  }
}

template <typename Visit>
void ForEachCode(const Column& column, Visit visit) {
  switch (column.width_bytes()) {
    case 1:
      return ForEachCodeOf<uint8_t>(column, visit);
    case 2:
      return ForEachCodeOf<uint16_t>(column, visit);
    default:
      return ForEachCodeOf<uint32_t>(column, visit);
  }
}

}  // namespace

bool ValueBitmapIndex::Fits(const Column& column) {
  if (column.layout() != Layout::kCode) return false;
  const ZoneMap& zone = column.zone_map();
  return !zone.has_bounds || zone.max_integer - zone.min_integer < kMaxCodes;
}

absl::StatusOr<std::unique_ptr<const ValueBitmapIndex>> ValueBitmapIndex::Build(
    const Column& column, MemoryBudget& budget) {
  SEXTANT_CHECK(Fits(column));
  auto index = std::make_unique<ValueBitmapIndex>();
  if (!column.zone_map().has_bounds) return index;
  const auto min_code = static_cast<uint32_t>(column.zone_map().min_integer);
  uint32_t present = 0;
  ForEachCode(column, [&](uint32_t, uint32_t code) { present |= 1u << (code - min_code); });
  const size_t words_per_code = BitmapWords(column.num_rows());
  const auto num_present = static_cast<size_t>(std::popcount(present));
  SEXTANT_ASSIGN_OR_RETURN(
      index->bitmaps_, Buffer::Allocate(budget, num_present * words_per_code * sizeof(uint64_t)));
  std::array<std::span<uint64_t>, kMaxCodes> bitmaps;
  size_t begin = 0;
  for (uint32_t i = 0; i < kMaxCodes; ++i) {
    if ((present >> i & 1) == 0) continue;
    bitmaps[i] = index->bitmaps_.As<uint64_t>().subspan(begin, words_per_code);
    begin += words_per_code;
  }
  ForEachCode(column, [&](uint32_t row, uint32_t code) { SetBit(bitmaps[code - min_code], row); });
  index->min_code_ = min_code;
  index->present_ = present;
  index->words_per_code_ = static_cast<uint32_t>(words_per_code);
  return index;
}

std::span<const uint64_t> ValueBitmapIndex::RowsOf(uint32_t code) const {
  const uint32_t position = code - min_code_;  // wraps for codes below: then too large
  if (position >= kMaxCodes || (present_ >> position & 1) == 0) return {};
  const uint32_t before = present_ & ((1u << position) - 1);
  const size_t begin = static_cast<size_t>(std::popcount(before)) * words_per_code_;
  return bitmaps_.As<uint64_t>().subspan(begin, words_per_code_);
}

}  // namespace sextant
