#include "compute/column/value_index.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include "compute/column/bitmap.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

constexpr uint32_t kNoRow = 0xFFFFFFFF;
constexpr uint64_t kMaxSpan = 0xFFFFFFFF;  // exclusive: of keys that have 32 bits

const Column& ValuesOf(const Column& column) {
  return column.layout() == Layout::kList ? column.elements() : column;
}

/// max - min of the values; 0 when there are none.
uint64_t SpanOf(const Column& values) {
  const ZoneMap& zone = values.zone_map();
  if (!zone.has_bounds) return 0;
  return static_cast<uint64_t>(zone.max_integer) - static_cast<uint64_t>(zone.min_integer);
}

/// Calls `visit(key - min_key, row)` for each value that is not NULL, in row order.
template <typename T, typename Visit>
void ForEachEntryOf(const Column& column, uint64_t shift, Visit visit) {
  const Column& values = ValuesOf(column);
  const std::span<const T> slots = values.values<T>();
  const uint64_t step = values.step();
  const auto visit_value = [&](uint32_t at, uint32_t row) {
    if (!values.IsNull(at)) visit(static_cast<uint32_t>(step * slots[at] + shift), row);
  };
  if (column.layout() != Layout::kList) {
    for (uint32_t row = 0; row < column.num_rows(); ++row) visit_value(row, row);
    return;
  }
  const std::span<const uint32_t> offsets = column.offsets();
  for (uint32_t row = 0; row < column.num_rows(); ++row) {
    for (uint32_t at = offsets[row]; at < offsets[row + 1]; ++at) visit_value(at, row);
  }
}

template <typename Visit>
void ForEachEntry(const Column& column, Visit visit) {
  const Column& values = ValuesOf(column);
  const uint64_t base =
      values.layout() == Layout::kInteger ? static_cast<uint64_t>(values.base()) : 0;
  const uint64_t shift = base - static_cast<uint64_t>(values.zone_map().min_integer);
  switch (values.width_bytes()) {
    case 1:
      return ForEachEntryOf<uint8_t>(column, shift, visit);
    case 2:
      return ForEachEntryOf<uint16_t>(column, shift, visit);
    case 4:
      return ForEachEntryOf<uint32_t>(column, shift, visit);
    default:
      return ForEachEntryOf<uint64_t>(column, shift, visit);
  }
}

}  // namespace

bool ValueIndex::Fits(const Column& column) {
  const Column& values = ValuesOf(column);
  if (values.num_rows() > kMaxValues) return false;
  if (values.layout() == Layout::kCode) return true;
  if (values.layout() != Layout::kInteger) return false;
  const bool is_list = column.layout() == Layout::kList;
  return SpanOf(values) < (is_list ? kMaxSpan : kMaxIntegerSpan);
}

/// Two passes over the entries as (slot, row): one counts, one places. Slots of dense keys are the
/// keys; sparse ones are sorted first, and their slots are their ranks.
class ValueIndex::Builder {
 public:
  Builder(const Column& column, MemoryBudget& budget, ValueIndex& index)
      : column_(column), budget_(budget), index_(index) {}

  absl::Status Build() {
    const Column& values = ValuesOf(column_);
    if (!values.zone_map().has_bounds) return absl::OkStatus();
    index_.min_key_ = static_cast<uint64_t>(values.zone_map().min_integer);
    index_.words_per_bitmap_ = static_cast<uint32_t>(BitmapWords(column_.num_rows()));
    const uint64_t num_dense_slots = SpanOf(values) + 1;
    if (num_dense_slots <= std::max<uint64_t>(values.num_rows(), kMaxIntegerSpan)) {
      index_.num_slots_ = static_cast<uint32_t>(num_dense_slots);
      return BuildFrom([this](auto visit) { ForEachEntry(column_, visit); });
    }
    SEXTANT_RETURN_IF_ERROR(SortEntries(values.num_rows()));
    return BuildFrom([this](auto visit) {
      uint32_t slot = 0;
      const std::span<const uint64_t> entries = sorted_.As<uint64_t>().first(num_sorted_);
      for (size_t i = 0; i < entries.size(); ++i) {
        slot += i > 0 && entries[i] >> 16 != entries[i - 1] >> 16 ? 1 : 0;
        visit(slot, static_cast<uint32_t>(entries[i] & 0xFFFF));
      }
    });
  }

 private:
  /// Fills sorted_ with key << 16 | row without repeats, and keys_.
  absl::Status SortEntries(size_t max_entries) {
    SEXTANT_ASSIGN_OR_RETURN(sorted_, Buffer::Allocate(budget_, max_entries * sizeof(uint64_t)));
    const std::span<uint64_t> entries = sorted_.As<uint64_t>();
    size_t count = 0;
    ForEachEntry(column_,
                 [&](uint32_t key, uint32_t row) { entries[count++] = uint64_t{key} << 16 | row; });
    std::sort(entries.begin(), entries.begin() + count);
    num_sorted_ = std::unique(entries.begin(), entries.begin() + count) - entries.begin();
    for (size_t i = 0; i < num_sorted_; ++i) index_.num_slots_ += StartsKey(entries, i) ? 1 : 0;
    SEXTANT_ASSIGN_OR_RETURN(
        index_.keys_, Buffer::Allocate(budget_, size_t{index_.num_slots_} * sizeof(uint32_t)));
    uint32_t* key = index_.keys_.As<uint32_t>().data();
    for (size_t i = 0; i < num_sorted_; ++i) {
      if (StartsKey(entries, i)) *key++ = static_cast<uint32_t>(entries[i] >> 16);
    }
    return absl::OkStatus();
  }

  static bool StartsKey(std::span<const uint64_t> entries, size_t i) {
    return i == 0 || entries[i] >> 16 != entries[i - 1] >> 16;
  }

  bool WantsBitmap(uint32_t count) const { return count > 2 * index_.words_per_bitmap_; }

  template <typename ForEach>
  absl::Status BuildFrom(ForEach for_each) {
    const size_t num_slots = index_.num_slots_;
    SEXTANT_ASSIGN_OR_RETURN(counts_, Buffer::Allocate(budget_, num_slots * sizeof(uint32_t)));
    Buffer last_buffer;  // the last row of each slot: a list may repeat an element
    SEXTANT_ASSIGN_OR_RETURN(last_buffer, Buffer::Allocate(budget_, num_slots * sizeof(uint32_t)));
    const std::span<uint32_t> counts = counts_.As<uint32_t>();
    const std::span<uint32_t> last = last_buffer.As<uint32_t>();
    std::fill(last.begin(), last.end(), kNoRow);
    for_each([&](uint32_t slot, uint32_t row) {
      counts[slot] += last[slot] != row ? 1 : 0;
      last[slot] = row;
    });
    SEXTANT_RETURN_IF_ERROR(AllocateRows());
    // From here on counts[slot] is where its next row id goes, last[slot] its bitmap.
    const std::span<const uint32_t> begins = index_.begins_.As<uint32_t>();
    std::fill(last.begin(), last.end(), kNoRow);
    const std::span<const uint32_t> bitmap_slots = index_.bitmap_slots_.As<uint32_t>();
    for (uint32_t i = 0; i < index_.num_bitmaps_; ++i) last[bitmap_slots[i]] = i;
    std::copy(begins.begin(), begins.end() - 1, counts.begin());
    uint64_t* const bitmaps = index_.bitmaps_.As<uint64_t>().data();
    uint16_t* const ids = index_.ids_.As<uint16_t>().data();
    for_each([&](uint32_t slot, uint32_t row) {
      if (last[slot] != kNoRow) {
        bitmaps[size_t{last[slot]} * index_.words_per_bitmap_ + row / 64] |= uint64_t{1}
                                                                             << (row % 64);
        return;
      }
      const bool repeats = counts[slot] > begins[slot] && ids[counts[slot] - 1] == row;
      if (!repeats) ids[counts[slot]++] = static_cast<uint16_t>(row);
    });
    return absl::OkStatus();
  }

  absl::Status AllocateRows() {
    const std::span<const uint32_t> counts = counts_.As<uint32_t>();
    uint32_t num_ids = 0;
    for (const uint32_t count : counts) {
      index_.num_keys_ += count > 0 ? 1 : 0;
      index_.num_entries_ += count;
      index_.num_bitmaps_ += WantsBitmap(count) ? 1 : 0;
      num_ids += WantsBitmap(count) ? 0 : count;
    }
    const size_t num_bitmaps = index_.num_bitmaps_;
    const auto allocate = [this](size_t bytes, Buffer& buffer) -> absl::Status {
      SEXTANT_ASSIGN_OR_RETURN(buffer, Buffer::Allocate(budget_, bytes));
      return absl::OkStatus();
    };
    SEXTANT_RETURN_IF_ERROR(allocate((counts.size() + 1) * sizeof(uint32_t), index_.begins_));
    SEXTANT_RETURN_IF_ERROR(allocate(num_ids * sizeof(uint16_t), index_.ids_));
    SEXTANT_RETURN_IF_ERROR(allocate(num_bitmaps * sizeof(uint32_t), index_.bitmap_slots_));
    SEXTANT_RETURN_IF_ERROR(allocate(num_bitmaps * sizeof(uint32_t), index_.bitmap_counts_));
    SEXTANT_RETURN_IF_ERROR(
        allocate(num_bitmaps * index_.words_per_bitmap_ * sizeof(uint64_t), index_.bitmaps_));
    uint32_t begin = 0;
    uint32_t bitmap = 0;
    for (uint32_t slot = 0; slot < counts.size(); ++slot) {
      index_.begins_.As<uint32_t>()[slot] = begin;
      if (!WantsBitmap(counts[slot])) {
        begin += counts[slot];
        continue;
      }
      index_.bitmap_slots_.As<uint32_t>()[bitmap] = slot;
      index_.bitmap_counts_.As<uint32_t>()[bitmap++] = counts[slot];
    }
    index_.begins_.As<uint32_t>()[counts.size()] = begin;
    return absl::OkStatus();
  }

  const Column& column_;
  MemoryBudget& budget_;
  ValueIndex& index_;
  Buffer sorted_;
  size_t num_sorted_ = 0;
  Buffer counts_;
};

absl::StatusOr<std::unique_ptr<const ValueIndex>> ValueIndex::Build(const Column& column,
                                                                    MemoryBudget& budget) {
  SEXTANT_CHECK(Fits(column));
  const auto began = std::chrono::steady_clock::now();
  auto index = std::make_unique<ValueIndex>();
  SEXTANT_RETURN_IF_ERROR(Builder(column, budget, *index).Build());
  for (Buffer* const buffer : {&index->keys_, &index->begins_, &index->ids_, &index->bitmap_slots_,
                               &index->bitmap_counts_, &index->bitmaps_}) {
    buffer->Settle();
  }
  const auto time = std::chrono::steady_clock::now() - began;
  index->build_ns_ = std::chrono::duration_cast<std::chrono::nanoseconds>(time).count();
  return index;
}

ValueIndex::Rows ValueIndex::RowsOf(int64_t key) const {
  const uint64_t offset = static_cast<uint64_t>(key) - min_key_;  // wraps below: then too large
  uint64_t slot = offset;
  if (!is_dense()) {
    const std::span<const uint32_t> keys = keys_.As<uint32_t>();
    const auto at = std::lower_bound(keys.begin(), keys.end(), offset);
    if (at == keys.end() || *at != offset) return {};
    slot = static_cast<uint64_t>(at - keys.begin());
  }
  if (slot >= num_slots_) return {};
  const std::span<const uint32_t> begins = begins_.As<uint32_t>();
  const uint32_t count = begins[slot + 1] - begins[slot];
  if (count > 0) return {{}, ids_.As<uint16_t>().subspan(begins[slot], count), count};
  const std::span<const uint32_t> slots = bitmap_slots_.As<uint32_t>();
  const auto at = std::lower_bound(slots.begin(), slots.end(), slot);
  if (at == slots.end() || *at != slot) return {};
  const auto bitmap = static_cast<size_t>(at - slots.begin());
  return {bitmaps_.As<uint64_t>().subspan(bitmap * words_per_bitmap_, words_per_bitmap_),
          {},
          bitmap_counts_.As<uint32_t>()[bitmap]};
}

size_t ValueIndex::reserved_bytes() const {
  return keys_.reserved_bytes() + begins_.reserved_bytes() + ids_.reserved_bytes() +
         bitmap_slots_.reserved_bytes() + bitmap_counts_.reserved_bytes() +
         bitmaps_.reserved_bytes();
}

}  // namespace sextant
