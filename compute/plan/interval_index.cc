#include "compute/plan/interval_index.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <numeric>
#include <utility>

#include "compute/memory/check.h"

namespace sextant {
namespace {

__extension__ using Uint128 = unsigned __int128;

constexpr int64_t kMinGranuleUs = int64_t{15} * 60 * 1'000'000;
constexpr uint64_t kMaxGranules = uint64_t{1} << 22;
constexpr uint32_t kDividendBits = 53;
/// Borders are at most this far apart, so that with a granule in front dividends have their bits.
constexpr uint64_t kMaxSpanUs = uint64_t{1} << (kDividendBits - 1);

/// Distance of two borders; they may be further apart than int64 holds.
uint64_t Distance(int64_t from_us, int64_t to_us) {
  return static_cast<uint64_t>(to_us) - static_cast<uint64_t>(from_us);
}

/// How many granules cover a distance.
uint64_t Granules(uint64_t distance_us, uint64_t granule_us) {
  return distance_us / granule_us + (distance_us % granule_us == 0 ? 0 : 1);
}

}  // namespace

IntervalIndex::IntervalIndex(std::vector<int64_t> borders_us) : borders_us_(std::move(borders_us)) {
  SEXTANT_CHECK(borders_us_.size() != 1);
  for (size_t i = 1; i < borders_us_.size(); ++i) {
    SEXTANT_CHECK(borders_us_[i - 1] < borders_us_[i]) << "border " << i;
  }
  BuildTable();
}

void IntervalIndex::BuildTable() {
  // The outer borders may be any instant (rule 14); what must fit is the grid between them.
  if (borders_us_.size() < 4) return;
  const size_t last_inner = borders_us_.size() - 2;
  uint64_t granule_us = 0;
  for (size_t i = 2; i <= last_inner; ++i) {
    granule_us = std::gcd(granule_us, Distance(borders_us_[i - 1], borders_us_[i]));
  }
  if (granule_us < kMinGranuleUs) return;
  const uint64_t span_us = Distance(borders_us_.front(), borders_us_.back());
  if (span_us >= kMaxSpanUs || span_us / granule_us > kMaxGranules) return;
  const uint64_t lead = Granules(Distance(borders_us_[0], borders_us_[1]), granule_us);
  const uint64_t lead_us = lead * granule_us;
  if (Distance(INT64_MIN, borders_us_[1]) < lead_us) return;
  origin_us_ = borders_us_[1] - static_cast<int64_t>(lead_us);
  // Granlund and Montgomery 1994, theorem 4.2: with l = ceil(log2 d) and
  // m = floor(2^(N + l) / d) + 1, floor(x / d) = floor(x * m / 2^(N + l)) for 0 <= x < 2^N.
  const uint32_t bits = kDividendBits + static_cast<uint32_t>(std::bit_width(granule_us - 1));
  shift_ = bits - 64;
  multiplier_ = static_cast<uint64_t>((Uint128{1} << bits) / granule_us) + 1;
  interval_of_granule_.resize(Granules(Distance(origin_us_, borders_us_.back()), granule_us));
  size_t granule = lead;
  for (size_t i = 2; i < borders_us_.size(); ++i) {
    const size_t end = Granules(Distance(origin_us_, borders_us_[i]), granule_us);
    std::fill(interval_of_granule_.begin() + granule, interval_of_granule_.begin() + end,
              static_cast<uint32_t>(i - 1));
    granule = end;
  }
}

uint32_t IntervalIndex::LookUp(int64_t instant_us) const {
  if (instant_us < borders_us_.front() || instant_us >= borders_us_.back()) return kNoInterval;
  return grid().IntervalOf(Distance(origin_us_, instant_us));
}

uint32_t IntervalIndex::Search(int64_t instant_us) const {
  if (borders_us_.empty()) return kNoInterval;
  const auto after = std::upper_bound(borders_us_.begin(), borders_us_.end(), instant_us);
  if (after == borders_us_.begin() || after == borders_us_.end()) return kNoInterval;
  return static_cast<uint32_t>(after - borders_us_.begin() - 1);
}

uint32_t IntervalIndex::Find(int64_t instant_us) const {
  return uses_table() ? LookUp(instant_us) : Search(instant_us);
}

void IntervalIndex::Find(std::span<const int64_t> instants_us,
                         std::span<uint32_t> intervals) const {
  SEXTANT_DCHECK(intervals.size() == instants_us.size());
  if (uses_table()) {
    for (size_t row = 0; row < instants_us.size(); ++row) {
      intervals[row] = LookUp(instants_us[row]);
    }
    return;
  }
  // Rows of a chunk are often near one another in time.
  uint32_t previous = kNoInterval;
  for (size_t row = 0; row < instants_us.size(); ++row) {
    const int64_t instant_us = instants_us[row];
    const bool stays = previous != kNoInterval && borders_us_[previous] <= instant_us &&
                       instant_us < borders_us_[previous + 1];
    if (!stays) previous = Search(instant_us);
    intervals[row] = previous;
  }
}

}  // namespace sextant
