#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "compute/kernels/cell_places.h"
#include "compute/operators/aggregate.h"
#include "compute/operators/morsel.h"
#include "compute/operators/sample_source.h"

namespace sextant {

/// Which of the best values of a cell are shown, the best first: PostgreSQL's subscripts.
struct ShownPlaces {
  bool is_list = false;
  int64_t first = 1;  // 1-based
  int64_t last = 1;   // inclusive
};

/// Keys as numbers of which more is better and 0 is none: int64 keys, of any order. REQUIRES: no
/// key is the least of int64 when descending, or the greatest when ascending.
class WidePacking {
 public:
  using Source = KeySource;
  using Packed = uint64_t;

  WidePacking(const OrderedValue&, bool descending) : flip_(descending ? kSignBit : ~kSignBit) {}

  void Read(const OrderedValue& value, const SampleBatch& batch, Packed* __restrict packed) const {
    std::array<int64_t, kBatchRows> keys;
    std::array<uint8_t, kBatchRows> valid;
    value.reader.ReadKeys(*batch.chunk, batch.rows, keys.data(), valid.data());
    const uint64_t flip = flip_;
    for (size_t k = 0; k < batch.rows.size(); ++k) {
      packed[k] = (static_cast<uint64_t>(keys[k]) ^ flip) & (uint64_t{0} - valid[k]);
    }
  }
  int64_t Unpack(Packed packed) const { return static_cast<int64_t>(packed ^ flip_); }

 private:
  static constexpr uint64_t kSignBit = uint64_t{1} << 63;
  uint64_t flip_;
};

/// The best kMost values of every cell, where a value is what it is ordered by, so that a key says
/// all: (array_agg(x ORDER BY x))[1:kMost]. Best first, as numbers of which more is better and 0 is
/// none. Packing is a WidePacking, or NearPacking where that holds. REQUIRES: keys tell values
/// apart.
template <size_t kMost, typename Packing>
class TopKeysState final : public AggregateState {
 public:
  TopKeysState(const OrderedValue& value, bool descending, const ShownPlaces& shown,
               MemoryBudget& budget)
      : value_(value),
        packing_(value, descending),
        source_(value, budget),
        shown_(shown),
        places_(budget) {}

  absl::Status Resize(uint32_t num_cells) override { return places_.Resize(num_cells); }

  absl::Status Update(const SampleBatch& batch) override {
    std::array<Packed, kBatchRows> packed;
    packing_.Read(value_, batch, packed.data());
    Places* __restrict cells = places_.data();
    const uint32_t* __restrict cell_of = batch.cells;
    const size_t num_rows = batch.rows.size();
    for (size_t k = 0; k < num_rows; ++k) cells[cell_of[k]].Offer(packed[k]);
    return absl::OkStatus();
  }

  absl::Status Merge(AggregateState& from, std::span<const uint32_t> cell_map,
                     KeepGoing keep_going) override {
    const auto& other = static_cast<const TopKeysState&>(from);
    return MergeCells(other.places_.size(), keep_going, [&](size_t cell) {
      Places& places = places_[cell_map[cell]];
      for (size_t i = 0; i < kMost; ++i) places.Offer(other.places_[cell][i]);
    });
  }

  bool HasSample(uint32_t cell) const override { return places_[cell][0] != 0; }
  void MarkSamples(std::span<uint8_t> has_sample) const override {
    const Places* const cells = places_.data();
    MarkSamplesBy(has_sample, [cells](size_t cell) { return cells[cell][0] != 0; });
  }

  absl::Status Finish(std::span<const uint32_t> cells, MetricValues& values,
                      KeepGoing) const override {
    for (const uint32_t cell : cells) {
      SEXTANT_RETURN_IF_ERROR(HasSample(cell) ? AppendCell(places_[cell], values)
                                              : values.AppendMissing());
    }
    return absl::OkStatus();
  }

 private:
  using Packed = typename Packing::Packed;
  using Places = CellPlaces<Packed, kMost>;

  /// Outside of what is there, there is no value, and a slice is cut to it.
  absl::Status AppendCell(const Places& places, MetricValues& values) const {
    int64_t size = 0;
    for (size_t i = 0; i < kMost; ++i) size += places[i] != 0 ? 1 : 0;
    if (!shown_.is_list) {
      if (shown_.first < 1 || shown_.first > size) return values.AppendMissing();
      return AppendPlace(places, shown_.first, values);
    }
    for (int64_t i = std::max<int64_t>(shown_.first, 1); i <= std::min(shown_.last, size); ++i) {
      SEXTANT_RETURN_IF_ERROR(AppendPlace(places, i, *values.elements));
    }
    return values.AppendList();
  }
  absl::Status AppendPlace(const Places& places, int64_t place, MetricValues& values) const {
    return source_.Append(packing_.Unpack(places[static_cast<size_t>(place - 1)]), values);
  }

  const OrderedValue& value_;
  const Packing packing_;
  const typename Packing::Source source_;
  const ShownPlaces shown_;
  TrackedVector<Places> places_;
};

}  // namespace sextant
