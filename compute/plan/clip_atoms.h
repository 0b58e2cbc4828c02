#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "compute/plan/bound_query.h"

namespace sextant {

/// The tiles of clips, cut at the borders of the intervals of a query: an atom lies in one tile and
/// in one interval of each series, or in none. What is kept of samples by atom tells the cuts of a
/// tile and then, without the samples' rows, the values of an interval.
struct ClipAtoms {
  /// Of an atom that is in no interval of a series.
  static constexpr uint32_t kNone = 0xFFFFFFFF;

  ResolvedSeries atoms;  // in order, side by side
  std::vector<uint32_t> tile_of_atom;
  /// Of atom a and series s, at a * num_series + s: the code of its interval, which counts over all
  /// series, or kNone. Empty where atoms are tiles, which have no intervals.
  std::vector<uint32_t> interval_of_atom;
  size_t num_series = 0;

  bool has_intervals() const { return !interval_of_atom.empty(); }
  std::span<const uint32_t> IntervalsOf(uint32_t atom) const {
    return std::span(interval_of_atom).subspan(atom * num_series, num_series);
  }
};

/// The intervals of `tiles`, and those of each series, are in order and side by side, as they are
/// resolved. More than `max_atoms`, or 0 allowed: the tiles as they are. Takes as long as there are
/// atoms.
ClipAtoms CutTiles(const ResolvedSeries& tiles, std::span<const ResolvedSeries> series,
                   size_t max_atoms);

}  // namespace sextant
