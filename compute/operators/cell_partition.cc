#include "compute/operators/cell_partition.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "compute/kernels/bin_sort.h"
#include "compute/kernels/checked_sort.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/morsel.h"

namespace sextant {
namespace {

using States = std::vector<std::unique_ptr<AggregateState>>;

/// Samples of the bin are numbered range by range, as they were logged: their positions. A cell has
/// a number in the partition, and one in each range that has samples of it; both ascend as keys do.
class PartitionMaker {
 public:
  PartitionMaker(const CellPartitionInput& input, KeepGoing keep_going)
      : input_(input),
        keep_going_(keep_going),
        ranges_(input.logs.size()),
        keys_(input.budget),
        range_of_(input.budget),
        carried_(input.budget),
        sorted_(input.budget),
        cells_(input.budget),
        cell_maps_(input.budget),
        made_(input.budget) {}

  absl::StatusOr<CellPartition> Make() {
    SEXTANT_RETURN_IF_ERROR(Gather());
    SEXTANT_RETURN_IF_ERROR(Sort());
    if (input_.carrier != nullptr) {
      SEXTANT_RETURN_IF_ERROR(AddCarried());
      return std::move(made_);
    }
    SEXTANT_RETURN_IF_ERROR(NumberCells());
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

  absl::Status Gather() {
    size_t size = 0;
    for (size_t range = 0; range < ranges_.size(); ++range) {
      ranges_[range].bin = input_.logs[range]->bin(input_.bin);
      ranges_[range].begin = size;
      size += ranges_[range].bin.keys.size();
    }
    SEXTANT_RETURN_IF_ERROR(keys_.ResizeUninitialized(size));
    const bool is_carried = input_.carrier != nullptr;
    TrackedVector<uint32_t>& of_samples = is_carried ? carried_ : range_of_;
    SEXTANT_RETURN_IF_ERROR(of_samples.ResizeUninitialized(size));
    for (uint32_t range = 0; range < ranges_.size(); ++range) {
      const auto& [keys, places] = ranges_[range].bin;
      SEXTANT_RETURN_IF_ERROR(CopyInBlocks(keys, keys_.data() + ranges_[range].begin, keep_going_));
      uint32_t* const of_range = of_samples.data() + ranges_[range].begin;
      SEXTANT_RETURN_IF_ERROR(
          is_carried ? CopyInBlocks(places, of_range, keep_going_)
                     : FillInBlocks(std::span(of_range, keys.size()), range, keep_going_));
    }
    return absl::OkStatus();
  }

  /// Orders positions by the keys of their samples, then by themselves. What is sorted is as much
  /// of a key as fits in a number before its position, and afterwards the rest where that is equal.
  absl::Status Sort() {
    if (keys_.empty()) return absl::OkStatus();
    uint64_t base = keys_[0];
    uint64_t greatest = keys_[0];
    SEXTANT_RETURN_IF_ERROR(ForBlocks(keys_.size(), keep_going_, [&](size_t begin, size_t end) {
      for (const uint64_t key : keys_.span().subspan(begin, end - begin)) {
        base = std::min(base, key);
        greatest = std::max(greatest, key);
      }
    }));
    const auto key_bits = static_cast<int>(std::bit_width(greatest - base));
    position_bits_ = std::bit_width(keys_.size() - 1);
    const int cut_bits = std::max(key_bits + position_bits_ - kNumberBits, 0);
    SEXTANT_RETURN_IF_ERROR(sorted_.ResizeUninitialized(keys_.size()));
    SEXTANT_RETURN_IF_ERROR(ForBlocks(keys_.size(), keep_going_, [&](size_t begin, size_t end) {
      for (size_t position = begin; position < end; ++position) {
        const uint64_t number = (keys_[position] - base) >> cut_bits << position_bits_ | position;
        sorted_[position] = static_cast<int64_t>(number);
      }
    }));
    SEXTANT_RETURN_IF_ERROR(SortManyKeys(sorted_.span(), input_.budget, keep_going_));
    return cut_bits == 0 ? absl::OkStatus() : SortWhatWasCut();
  }

  absl::Status SortWhatWasCut() {
    const auto less = [this](int64_t a, int64_t b) {
      const uint64_t left = keys_[PositionOf(a)];
      const uint64_t right = keys_[PositionOf(b)];
      return left != right ? left < right : a < b;
    };
    const std::span<int64_t> sorted = sorted_.span();
    for (size_t begin = 0, end = 0; begin < sorted.size(); begin = end) {
      end = begin + 1;
      while (end < sorted.size() &&
             sorted[begin] >> position_bits_ == sorted[end] >> position_bits_) {
        ++end;
      }
      const std::span<int64_t> run = sorted.subspan(begin, end - begin);
      if (run.size() == 1 || std::is_sorted(run.begin(), run.end(), less)) continue;
      SEXTANT_RETURN_IF_ERROR(SortWithChecks(run, less, input_.budget, keep_going_));
    }
    return absl::OkStatus();
  }

  size_t PositionOf(int64_t number) const {
    return static_cast<uint64_t>(number) & ((uint64_t{1} << position_bits_) - 1);
  }

  /// Adds the samples in the order of their cells, of all ranges alike.
  absl::Status AddCarried() {
    SEXTANT_RETURN_IF_ERROR(made_.keys.ResizeUninitialized(keys_.size() + 1));
    SEXTANT_RETURN_IF_ERROR(cells_.ResizeUninitialized(keys_.size()));
    const std::span<const uint64_t> keys = keys_.span();
    uint64_t* __restrict cell_keys = made_.keys.data();
    uint32_t* __restrict cells = cells_.data();
    uint32_t num_cells = 0;
    uint64_t last = keys.empty() ? 0 : ~keys[PositionOf(sorted_[0])];  // is no sample's
    SEXTANT_RETURN_IF_ERROR(ForBlocks(keys.size(), keep_going_, [&](size_t begin, size_t end) {
      for (size_t k = begin; k < end; ++k) {
        const uint64_t key = keys[PositionOf(sorted_[k])];
        cell_keys[num_cells] = key;
        num_cells += key != last ? 1 : 0;
        cells[k] = num_cells - 1;
        last = key;
      }
    }));
    SEXTANT_RETURN_IF_ERROR(KeepFirst(num_cells));
    made_.metrics = input_.make_states();
    for (const auto& metric : made_.metrics) SEXTANT_RETURN_IF_ERROR(metric->Resize(num_cells));
    AggregateState& state = *made_.metrics[input_.leader];
    std::array<uint32_t, kBatchRows> carried;
    for (size_t begin = 0; begin < keys.size(); begin += kBatchRows) {
      if (begin % kRowsPerCheck == 0) SEXTANT_RETURN_IF_ERROR(keep_going_());
      const size_t count = std::min<size_t>(kBatchRows, keys.size() - begin);
      for (size_t k = 0; k < count; ++k) carried[k] = carried_[PositionOf(sorted_[begin + k])];
      input_.carrier->Add({carried.data(), count}, cells + begin, state);
    }
    return state.Seal(keep_going_);
  }

  absl::Status NumberCells() {
    SEXTANT_RETURN_IF_ERROR(cells_.ResizeUninitialized(keys_.size()));
    SEXTANT_RETURN_IF_ERROR(cell_maps_.ResizeUninitialized(keys_.size()));
    TrackedVector<uint64_t> keys(input_.budget);
    SEXTANT_RETURN_IF_ERROR(keys.Reserve(keys_.size()));
    size_t last_range = ranges_.size();  // of the cell at hand
    SEXTANT_RETURN_IF_ERROR(ForBlocks(sorted_.size(), keep_going_, [&](size_t begin, size_t end) {
      for (const int64_t number : sorted_.span().subspan(begin, end - begin)) {
        const size_t position = PositionOf(number);
        if (keys.empty() || keys.back() != keys_[position]) {
          keys.AppendUnchecked(keys_[position]);
          last_range = ranges_.size();
        }
        const size_t range = range_of_[position];
        RangeOfBin& own = ranges_[range];
        if (range != last_range) {
          cell_maps_[own.begin + own.num_cells++] = static_cast<uint32_t>(keys.size() - 1);
          last_range = range;
        }
        cells_[position] = own.num_cells - 1;
      }
    }));
    sorted_ = TrackedVector<int64_t>(input_.budget);
    const size_t num_cells = keys.size();
    made_.keys = std::move(keys);
    return KeepFirst(num_cells);
  }

  /// Of the keys, whose room is that of all samples: other partitions may be waited for.
  absl::Status KeepFirst(size_t num_cells) {
    SEXTANT_RETURN_IF_ERROR(made_.keys.ResizeUninitialized(num_cells));
    if (num_cells > keys_.size() / 2) return absl::OkStatus();
    TrackedVector<uint64_t> own(input_.budget);
    SEXTANT_RETURN_IF_ERROR(own.AppendSpan(made_.keys.span()));
    made_.keys = std::move(own);
    return absl::OkStatus();
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
        // Of several series a range has its rows more than once, and those of a batch ascend.
        if (row >= num_rows || (end > begin && row < rows[end - begin - 1])) break;
        rows[end - begin] = row;
      }
      if (end == begin) {  // of the next chunks
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
  static constexpr int kNumberBits = 63;  // of an int64 that is not negative

  const CellPartitionInput& input_;
  const KeepGoing keep_going_;
  std::vector<RangeOfBin> ranges_;
  TrackedVector<uint64_t> keys_;      // by position
  TrackedVector<uint32_t> range_of_;  // by position; not of samples that are carried
  TrackedVector<uint32_t> carried_;   // by position; only of these
  TrackedVector<int64_t> sorted_;     // the highest bits of a key, and a position
  int position_bits_ = 0;
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
