#include "compute/operators/time_bounds.h"

#include <algorithm>
#include <bit>

#include "compute/kernels/width_dispatch.h"
#include "compute/plan/binder.h"

namespace sextant {
namespace {

void Widen(std::optional<TimeBounds::Bounds>& bounds, const TimeBounds::Bounds& other) {
  if (!bounds) {
    bounds = other;
    return;
  }
  bounds->min = std::min(bounds->min, other.min);
  bounds->max = std::max(bounds->max, other.max);
}

}  // namespace

TimeBounds::TimeBounds(const BoundQuery& query) : time_zone_(query.time_zone) {
  for (const BoundAggregate& aggregate : query.aggregates) {
    if (aggregate.pin.kind == TimePin::Kind::kNone) continue;
    const BoundValue& at = aggregate.pin.start;
    const bool is_known = std::any_of(columns_.begin(), columns_.end(), [&](const AtColumn& known) {
      return known.column == at.column;
    });
    if (is_known) continue;
    columns_.push_back({at.column, at.type.kind == TypeKind::kDate});
  }
}

void TimeBounds::Consume(State& state, const Chunk& chunk, Selection selection) const {
  for (size_t i = 0; i < columns_.size(); ++i) {
    const Column& column = chunk.column(columns_[i].column);
    uint64_t min = ~uint64_t{0};
    uint64_t max = 0;
    bool any = false;
    WithUnsignedSlots(column, [&](auto slots) {
      for (uint32_t word = selection.first; word < selection.last; ++word) {
        uint64_t left = selection.words[word];
        if (column.has_nulls()) left &= column.validity()[word];
        for (; left != 0; left &= left - 1) {
          const uint64_t offset = slots[word * 64 + static_cast<uint32_t>(std::countr_zero(left))];
          min = std::min(min, offset);
          max = std::max(max, offset);
          any = true;
        }
      }
    });
    // Offsets count from the chunk's base, so their order is that of the values.
    const auto base = static_cast<uint64_t>(column.base());
    if (any) {
      Widen(state.columns[i], {static_cast<int64_t>(base + min), static_cast<int64_t>(base + max)});
    }
  }
}

void TimeBounds::Merge(State& state, const State& next) const {
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (next.columns[i]) Widen(state.columns[i], *next.columns[i]);
  }
}

std::optional<TimeBounds::Bounds> TimeBounds::Finish(const State& state) const {
  std::optional<Bounds> all;
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (!state.columns[i]) continue;
    Bounds bounds = *state.columns[i];
    if (columns_[i].is_date) {
      bounds = {MidnightOf(time_zone_, bounds.min), MidnightOf(time_zone_, bounds.max)};
    }
    Widen(all, bounds);
  }
  return all;
}

}  // namespace sextant
