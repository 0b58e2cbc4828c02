// Of SamplePin: the range of time of samples.

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <span>

#include "compute/column/bitmap.h"
#include "compute/kernels/selected_bounds.h"
#include "compute/kernels/vector_selection.h"
#include "compute/kernels/width_dispatch.h"
#include "compute/operators/morsel.h"
#include "compute/operators/sample_pin.h"

namespace sextant {
namespace {

constexpr SamplePin::Bounds kNoBounds = {std::numeric_limits<int64_t>::max(),
                                         std::numeric_limits<int64_t>::min()};

void Widen(SamplePin::Bounds& bounds, int64_t min, int64_t max) {
  bounds.min = std::min(bounds.min, min);
  bounds.max = std::max(bounds.max, max);
}

/// Whether every row of `column` that is not NULL is selected.
bool SelectsEveryValue(const Column& column, Selection rows) {
  const auto num_words = static_cast<uint32_t>(BitmapWords(column.num_rows()));
  if (rows.first > 0 || rows.last < num_words) return false;
  uint64_t missing = 0;
  for (uint32_t word = 0; word < num_words; ++word) {
    const uint32_t rows_left = column.num_rows() - word * 64;
    const uint64_t all = rows_left >= 64 ? ~uint64_t{0} : (uint64_t{1} << rows_left) - 1;
    missing |= (column.has_nulls() ? column.validity()[word] : all) & ~rows.words[word];
  }
  return missing == 0;
}

/// Of the values of the selected rows of a column of integers.
/// REQUIRES: the column's zone map has bounds.
std::optional<SamplePin::Bounds> BoundsOfColumn(const Column& column, Selection rows) {
  const ZoneMap& zone = column.zone_map();
  // Those of all rows, deleted ones included: there are none where all are selected.
  if (SelectsEveryValue(column, rows)) return SamplePin::Bounds{zone.min_integer, zone.max_integer};
  const uint64_t* validity = column.has_nulls() ? column.validity().data() : nullptr;
  const SlotBounds found = WithUnsignedSlots(column, [&](auto slots) {
    return BoundsOfSelected(slots.data(), column.num_rows(), validity, rows);
  });
  if (found.min > found.max) return std::nullopt;
  const auto value = [&](uint64_t slot) {
    return static_cast<int64_t>(static_cast<uint64_t>(column.base()) + column.step() * slot);
  };
  return SamplePin::Bounds{value(found.min), value(found.max)};
}

}  // namespace

std::optional<SamplePin::Bounds> SamplePin::BoundsOfValues(const Chunk& chunk,
                                                           std::span<const uint32_t> rows) const {
  std::array<int64_t, kBatchRows> values;
  std::array<uint8_t, kBatchRows> valid;
  at_->ReadIntegers(chunk, rows, values.data(), valid.data());
  Bounds bounds = kNoBounds;
  for (size_t k = 0; k < rows.size(); ++k) {
    if (valid[k] != 0) Widen(bounds, values[k], values[k]);
  }
  return bounds.min <= bounds.max ? std::optional(bounds) : std::nullopt;
}

std::optional<SamplePin::Bounds> SamplePin::BoundsOfElements(const Column& list,
                                                             std::span<const uint32_t> rows) const {
  const Column& elements = list.elements();
  Bounds bounds = kNoBounds;
  const auto base = static_cast<uint64_t>(elements.base());
  const uint64_t step = elements.step();
  WithUnsignedSlots(elements, [&](auto slots) {
    for (const uint32_t row : rows) {
      for (uint32_t at = list.offsets()[row]; at < list.offsets()[row + 1]; ++at) {
        if (elements.IsNull(at)) continue;
        const auto value = static_cast<int64_t>(base + step * slots[at]);
        Widen(bounds, value, value);
      }
    }
  });
  return bounds.min <= bounds.max ? std::optional(bounds) : std::nullopt;
}

std::optional<SamplePin::Bounds> SamplePin::BoundsOfSpans(const Chunk& chunk,
                                                          std::span<const uint32_t> rows,
                                                          int64_t as_of_us) const {
  PinSpans::Batch batch;
  spans_->Read(chunk, rows, batch);
  Bounds bounds = kNoBounds;
  for (size_t k = 0; k < rows.size(); ++k) {
    if (batch.valid[k] == 0) continue;
    const int64_t start_us = batch.starts_us[k];
    const int64_t end_us = batch.ends_us[k];
    const bool is_open = end_us == kOpenEndUs;
    // A state at the end of a range is told of the end of a span, too, which `during` does not
    // hold.
    const bool holds_end = kind_ == TimePin::Kind::kAsOfEnd || end_us == start_us;
    const int64_t last_us = holds_end ? end_us : end_us - 1;
    Widen(bounds, start_us, is_open ? std::max(as_of_us, start_us) : last_us);
  }
  return bounds.min <= bounds.max ? std::optional(bounds) : std::nullopt;
}

std::optional<SamplePin::Bounds> SamplePin::BoundsOfRows(const Chunk& chunk,
                                                         std::span<const uint32_t> rows,
                                                         int64_t as_of_us) const {
  if (is_span()) return BoundsOfSpans(chunk, rows, as_of_us);
  return is_list_ ? BoundsOfElements(chunk.column(list_column_), rows)
                  : BoundsOfValues(chunk, rows);
}

void SamplePin::WidenBounds(const Chunk& chunk, Selection rows, int64_t as_of_us,
                            std::optional<Bounds>& bounds) const {
  if (kind_ == TimePin::Kind::kNone) return;
  const auto instants = [&](Bounds found) {
    if (!is_date_) return found;
    return Bounds{MidnightOf(time_zone_, found.min), MidnightOf(time_zone_, found.max)};
  };
  const auto widen = [&](std::optional<Bounds> found) {
    if (!found) return;
    *found = instants(*found);
    if (!bounds) bounds = kNoBounds;
    Widen(*bounds, found->min, found->max);
  };
  if (at_ && at_->is_column()) {
    const Column& column = chunk.column(at_->column());
    const ZoneMap& zone = column.zone_map();
    if (!zone.has_bounds) return;
    const Bounds all = instants({zone.min_integer, zone.max_integer});
    const bool is_within = bounds && bounds->min <= all.min && all.max <= bounds->max;
    if (!is_within) widen(BoundsOfColumn(column, rows));
    return;
  }
  std::array<uint32_t, kBatchRows> batch;
  for (uint32_t word = rows.first; word < rows.last;) {
    const TakenRows taken = TakeRows(rows.words, word, rows.last, batch.data(), batch.size());
    word = taken.next_word;
    if (taken.count > 0) widen(BoundsOfRows(chunk, {batch.data(), taken.count}, as_of_us));
  }
}

}  // namespace sextant
