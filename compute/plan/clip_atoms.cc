#include "compute/plan/clip_atoms.h"

#include <algorithm>
#include <iterator>
#include <numeric>

namespace sextant {
namespace {

ClipAtoms WholeTiles(const ResolvedSeries& tiles) {
  ClipAtoms whole;
  whole.atoms = tiles;
  whole.tile_of_atom.resize(tiles.intervals.size());
  std::iota(whole.tile_of_atom.begin(), whole.tile_of_atom.end(), 0);
  return whole;
}

/// Of both, without repetition, where they are within the tiles.
std::vector<int64_t> BordersOf(const ResolvedSeries& tiles,
                               std::span<const ResolvedSeries> series) {
  std::vector<int64_t> borders;
  const auto add = [&](const ResolvedSeries& one) {
    for (const ResolvedInterval& interval : one.intervals) {
      borders.push_back(interval.start_us);
      borders.push_back(interval.end_us);
    }
  };
  add(tiles);
  for (const ResolvedSeries& one : series) add(one);
  std::sort(borders.begin(), borders.end());
  borders.erase(std::unique(borders.begin(), borders.end()), borders.end());
  const int64_t first_us = tiles.intervals.front().start_us;
  const int64_t last_us = tiles.intervals.back().end_us;
  std::erase_if(borders, [&](int64_t border) { return border < first_us || border > last_us; });
  return borders;
}

/// Which of the intervals from `next` on, which is moved, holds [start_us, ..), an atom after those
/// that were asked for before.
uint32_t FindNext(std::span<const ResolvedInterval> intervals, int64_t start_us, size_t& next) {
  while (next < intervals.size() && intervals[next].end_us <= start_us) ++next;
  if (next == intervals.size() || intervals[next].start_us > start_us) return ClipAtoms::kNone;
  return static_cast<uint32_t>(next);
}

}  // namespace

ClipAtoms CutTiles(const ResolvedSeries& tiles, std::span<const ResolvedSeries> series,
                   size_t max_atoms) {
  if (tiles.intervals.empty() || series.empty() || max_atoms == 0) return WholeTiles(tiles);
  const std::vector<int64_t> borders = BordersOf(tiles, series);
  if (borders.size() > max_atoms + 1) return WholeTiles(tiles);
  ClipAtoms cut;
  cut.atoms.series = tiles.series;
  cut.atoms.name = tiles.name;
  cut.num_series = series.size();
  std::vector<size_t> next(series.size());
  size_t next_tile = 0;
  for (size_t i = 0; i + 1 < borders.size(); ++i) {
    const int64_t start_us = borders[i];
    cut.atoms.intervals.push_back(
        {.start_us = start_us, .end_us = borders[i + 1], .is_partial = false});
    cut.tile_of_atom.push_back(FindNext(tiles.intervals, start_us, next_tile));
    uint32_t first_code = 0;
    for (size_t s = 0; s < series.size(); ++s) {
      const uint32_t interval = FindNext(series[s].intervals, start_us, next[s]);
      cut.interval_of_atom.push_back(interval == ClipAtoms::kNone ? ClipAtoms::kNone
                                                                  : first_code + interval);
      first_code += static_cast<uint32_t>(series[s].intervals.size());
    }
  }
  return cut;
}

}  // namespace sextant
