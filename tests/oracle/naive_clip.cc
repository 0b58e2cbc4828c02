#include "tests/oracle/naive_clip.h"

#include <algorithm>
#include <cmath>

#include "tests/oracle/zone_clock.h"

namespace sextant::oracle {
namespace {

/// 2000-01-03T00:00Z.
constexpr int64_t kAnchorUs = 946'857'600 * kSecondUs;

}  // namespace

ClipSample NaiveClip::Read(const NaiveRow& row, const Lane& lane) const {
  ClipSample sample;
  if (!lane.clip_filter.empty() && !row.IsTrue(lane.clip_filter[0])) return sample;
  sample.value = row.Evaluate(lane.clip_value[0], nullptr);
  if (sample.value.is_null) return sample;
  const NaivePin pin(table_, row, lane, request_.zone);
  for (const int64_t instant : pin.Instants(table_.as_of_us)) {
    int64_t tile = 0;
    if (request_.clip->stride_days == 0) {
      if (instant < whole_.start_us || instant >= whole_.end_us) continue;
    } else {
      tile = FloorDivide(instant - kAnchorUs, request_.clip->stride_days * kDayUs);
    }
    const bool is_known =
        std::find(sample.tiles.begin(), sample.tiles.end(), tile) != sample.tiles.end();
    if (!is_known) sample.tiles.push_back(tile);
  }
  return sample;
}

void NaiveClip::Add(const NaiveGroup& group, size_t lane, const ClipSample& sample) {
  for (const int64_t tile : sample.tiles) {
    tiles_[{group, lane, tile}].values.push_back(sample.value);
  }
}

bool NaiveClip::IsOutside(const NaiveGroup& group, size_t lane, Kind kind,
                          const ClipSample& sample) {
  return std::any_of(sample.tiles.begin(), sample.tiles.end(), [&](int64_t number) {
    Tile& tile = tiles_[{group, lane, number}];
    const auto is_less = [&](const Datum& a, const Datum& b) {
      return CompareDatums(kind, a, b) < 0;
    };
    if (!tile.is_sorted) std::sort(tile.values.begin(), tile.values.end(), is_less);
    tile.is_sorted = true;
    const auto cut = [&](double quantile) {
      const auto last = static_cast<double>(tile.values.size() - 1);
      return tile.values[static_cast<size_t>(std::nearbyint(quantile * last))];
    };
    return is_less(sample.value, cut(request_.clip->low)) ||
           is_less(cut(request_.clip->high), sample.value);
  });
}

}  // namespace sextant::oracle
