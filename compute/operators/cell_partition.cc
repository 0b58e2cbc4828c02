#include "compute/operators/cell_partition.h"

#include <algorithm>
#include <array>
#include <utility>

#include "compute/kernels/bin_sort.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/morsel.h"

namespace sextant {
namespace {

using States = std::vector<std::unique_ptr<AggregateState>>;

/// Samples of the bin are numbered range by range, in row order: their positions. A cell has a
/// number in the partition, and one in each range that has samples of it; both ascend as keys do.
class PartitionMaker {
 public:
  PartitionMaker(const CellPartitionInput& input, KeepGoing keep_going)
      : input_(input),
        keep_going_(keep_going),
        ranges_(input.logs.size()),
        samples_(input.budget),
        cells_(input.budget),
        cell_maps_(input.budget),
        made_(input.budget) {}

  absl::StatusOr<CellPartition> Make() {
    SEXTANT_RETURN_IF_ERROR(Gather());
    SEXTANT_RETURN_IF_ERROR(SortManyKeys(samples_.span(), input_.budget, keep_going_));
    SEXTANT_RETURN_IF_ERROR(NumberCells());
    samples_ = TrackedVector<KeyedItem>(input_.budget);
    for (size_t range = 0; range < ranges_.size(); ++range) {
      SEXTANT_RETURN_IF_ERROR(keep_going_());
      if (ranges_[range].num_cells > 0) SEXTANT_RETURN_IF_ERROR(AddRange(range));
    }
    return std::move(made_);
  }

 private:
  struct RangeOfBin {
    SampleLog::Bin bin;
    size_t begin = 0;        // the position of its first sample
    uint32_t num_cells = 0;  // its cell c is cell_maps_[begin + c] of the partition
  };

  /// An item is a range and a position, so that samples of a cell stay in their order.
  absl::Status Gather() {
    size_t size = 0;
    for (size_t range = 0; range < ranges_.size(); ++range) {
      ranges_[range].bin = input_.logs[range]->bin(input_.bin);
      ranges_[range].begin = size;
      size += ranges_[range].bin.keys.size();
    }
    SEXTANT_RETURN_IF_ERROR(samples_.ResizeUninitialized(size));
    for (size_t range = 0; range < ranges_.size(); ++range) {
      KeyedItem* __restrict own = samples_.data() + ranges_[range].begin;
      const std::span<const uint64_t> keys = ranges_[range].bin.keys;
      const uint64_t first = uint64_t{range} << 32 | ranges_[range].begin;
      for (size_t i = 0; i < keys.size(); ++i) own[i] = {.item = first + i, .key = keys[i]};
    }
    return absl::OkStatus();
  }

  absl::Status NumberCells() {
    SEXTANT_RETURN_IF_ERROR(cells_.ResizeUninitialized(samples_.size()));
    SEXTANT_RETURN_IF_ERROR(cell_maps_.ResizeUninitialized(samples_.size()));
    TrackedVector<uint64_t> keys(input_.budget);
    SEXTANT_RETURN_IF_ERROR(keys.Reserve(samples_.size()));
    size_t last_range = ranges_.size();  // of the cell at hand
    for (const KeyedItem& sample : samples_.span()) {
      if (keys.empty() || keys.back() != sample.key) {
        keys.AppendUnchecked(sample.key);
        last_range = ranges_.size();
      }
      const size_t range = sample.item >> 32;
      RangeOfBin& own = ranges_[range];
      if (range != last_range) {
        cell_maps_[own.begin + own.num_cells++] = static_cast<uint32_t>(keys.size() - 1);
        last_range = range;
      }
      cells_[static_cast<uint32_t>(sample.item)] = own.num_cells - 1;
    }
    if (keys.size() > samples_.size() / 2) {
      made_.keys = std::move(keys);
      return absl::OkStatus();
    }
    return made_.keys.AppendSpan(keys.span());
  }

  absl::Status AddRange(size_t range) {
    const RangeOfBin& own = ranges_[range];
    SEXTANT_ASSIGN_OR_RETURN(States states, Aggregate(range));
    const auto num_cells = static_cast<uint32_t>(made_.keys.size());
    if (made_.metrics.empty()) {
      if (own.num_cells == num_cells) {  // then cells have the same numbers
        made_.metrics = std::move(states);
        return absl::OkStatus();
      }
      made_.metrics = input_.make_states();
      for (const auto& metric : made_.metrics) {
        SEXTANT_RETURN_IF_ERROR(metric->Resize(num_cells));
      }
    }
    const std::span<const uint32_t> cell_map(cell_maps_.data() + own.begin, own.num_cells);
    for (size_t i = 0; i < states.size(); ++i) {
      SEXTANT_RETURN_IF_ERROR(made_.metrics[i]->Merge(*states[i], cell_map, keep_going_));
    }
    return absl::OkStatus();
  }

  /// The states of the samples of a range, sealed.
  absl::StatusOr<States> Aggregate(size_t range) {
    const RangeOfBin& own = ranges_[range];
    States states = input_.make_states();
    for (const auto& state : states) SEXTANT_RETURN_IF_ERROR(state->Resize(own.num_cells));
    const std::span<const SampleLog::ChunkPlaces> chunks = input_.logs[range]->chunks();
    const std::span<const uint32_t> places = own.bin.places;
    std::array<uint32_t, kBatchRows> rows;
    size_t unchecked = 0;
    for (size_t chunk = 0, begin = 0; begin < places.size();) {
      const SampleLog::ChunkPlaces& at = chunks[chunk];
      const uint32_t num_rows = at.chunk->num_rows();
      size_t end = begin;
      for (; end < places.size() && end - begin < kBatchRows; ++end) {
        const uint32_t row = places[end] - at.first_place;
        if (row >= num_rows) break;
        rows[end - begin] = row;
      }
      if (end == begin) {  // places ascend
        ++chunk;
        continue;
      }
      const SampleBatch batch = {at.chunk,
                                 at.first_ordinal,
                                 {rows.data(), end - begin},
                                 cells_.data() + own.begin + begin};
      for (const auto& state : states) SEXTANT_RETURN_IF_ERROR(state->Update(batch));
      if ((unchecked += end - begin) >= kRowsPerCheck) {
        SEXTANT_RETURN_IF_ERROR(keep_going_());
        unchecked = 0;
      }
      begin = end;
    }
    for (const auto& state : states) SEXTANT_RETURN_IF_ERROR(state->Seal(keep_going_));
    return states;
  }

  static constexpr size_t kRowsPerCheck = 16 * kBatchRows;

  const CellPartitionInput& input_;
  const KeepGoing keep_going_;
  std::vector<RangeOfBin> ranges_;
  TrackedVector<KeyedItem> samples_;   // sorted by the keys of their cells, then by position
  TrackedVector<uint32_t> cells_;      // by position: the cell within its range
  TrackedVector<uint32_t> cell_maps_;  // see RangeOfBin
  CellPartition made_;
};

}  // namespace

absl::StatusOr<CellPartition> MakeCellPartition(const CellPartitionInput& input,
                                                KeepGoing keep_going) {
  return PartitionMaker(input, keep_going).Make();
}

}  // namespace sextant
