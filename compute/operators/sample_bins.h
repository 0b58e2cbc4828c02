#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "compute/memory/buffer.h"
#include "compute/memory/keep_going.h"
#include "compute/memory/status_macros.h"

namespace sextant {

/// Every sample of every cell, for what needs all of them and has many: samples are dealt into bins
/// of cells as they arrive, so that the samples of a bin are later put in order of their cells
/// within the second-level cache, and bins by several threads. (SampleSlices takes less room where
/// they are few.) Key is uint32_t or int64_t. Charged to the budget: 8 or 16 bytes a sample, 4
/// bytes a cell; while a bin is visited, a key a sample of it. Errors: RESOURCE_EXHAUSTED, and
/// those of `keep_going`. Not thread-safe, but for VisitBin of different bins.
template <typename Key>
class SampleBins {
 public:
  static constexpr uint32_t kBins = 64;
  static constexpr size_t kMostAtOnce = 1024;

  explicit SampleBins(MemoryBudget& budget) : budget_(&budget), counts_(budget) {}

  absl::Status Resize(uint32_t num_cells) { return counts_.Resize(num_cells); }
  size_t num_cells() const { return counts_.size(); }
  bool has_sample(uint32_t cell) const { return counts_[cell] != 0; }
  /// How many samples each cell has.
  std::span<const uint32_t> counts() const { return counts_.span(); }

  /// Sample k is of cells[k]. REQUIRES: count <= kMostAtOnce; Resize covers the
  /// cells; there are fewer than 2^32 in all.
  absl::Status Add(const uint32_t* __restrict cells, const Key* __restrict keys, size_t count) {
    SEXTANT_RETURN_IF_ERROR(MakeRoom());
    uint32_t* __restrict counts = counts_.data();
    Sample** const next = next_.data();
    for (size_t k = 0; k < count; ++k) {
      const uint32_t cell = cells[k];
      ++counts[cell];
      Sample* const place = next[cell % kBins]++;
      __builtin_prefetch(place + kPrefetched, 1);
      *place = {keys[k], cell / kBins};
    }
    return absl::OkStatus();
  }

  /// Takes over the samples of `from`: cell c there is cell_map[c] here. They are dealt again where
  /// that is another number.
  absl::Status Absorb(SampleBins& from, std::span<const uint32_t> cell_map, KeepGoing keep_going) {
    bool is_same = true;
    SEXTANT_RETURN_IF_ERROR(ForBlocks(from.num_cells(), keep_going, [&](size_t begin, size_t end) {
      for (size_t cell = begin; cell < end; ++cell) is_same &= cell_map[cell] == cell;
    }));
    for (uint32_t bin = 0; bin < kBins; ++bin) {
      from.CloseLastBlock(bin);
      for (Block& block : from.bins_[bin]) {
        SEXTANT_RETURN_IF_ERROR(keep_going());
        if (!is_same) SEXTANT_RETURN_IF_ERROR(DealAgain(block, bin, cell_map));
      }
      if (is_same) TakeBlocks(from.bins_[bin], bin);
      from.bins_[bin].clear();
    }
    for (size_t cell = 0; is_same && cell < from.num_cells(); ++cell) {
      counts_[cell] += from.counts_[cell];
    }
    return absl::OkStatus();
  }

  /// Calls visit(cell, keys) for each cell of the bin that has samples, ascending, with all of its
  /// keys, in any order, the visitor's to change. The samples of the bin are gone afterwards.
  template <typename Visit>
  absl::Status VisitBin(uint32_t bin, Visit visit, KeepGoing keep_going) {
    CloseLastBlock(bin);
    if (bins_[bin].empty()) return absl::OkStatus();  // none, or it was visited
    TrackedVector<uint32_t> ends(*budget_);           // counts down to where the cell begins
    SEXTANT_RETURN_IF_ERROR(ends.ResizeUninitialized(num_cells() / kBins + 1));
    uint32_t num_samples = 0;
    for (size_t cell = 0; cell < ends.size(); ++cell) {
      num_samples += CountIn(bin, cell);
      ends[cell] = num_samples;
    }
    TrackedVector<Key> keys(*budget_);
    SEXTANT_RETURN_IF_ERROR(keys.ResizeUninitialized(num_samples));
    for (Block& block : bins_[bin]) {
      SEXTANT_RETURN_IF_ERROR(keep_going());
      Key* __restrict scattered = keys.data();
      uint32_t* __restrict end = ends.data();
      for (const Sample& sample : block.samples()) scattered[--end[sample.cell]] = sample.key;
    }
    bins_[bin].clear();
    Pace pace(keep_going, kUncheckedSamples);
    for (size_t cell = 0; cell < ends.size(); ++cell) {
      const uint32_t count = CountIn(bin, cell);
      if (count == 0) continue;
      SEXTANT_RETURN_IF_ERROR(pace.Spend(count));
      SEXTANT_RETURN_IF_ERROR(
          visit(static_cast<uint32_t>(cell * kBins + bin), keys.span().subspan(ends[cell], count)));
    }
    return absl::OkStatus();
  }

 private:
  static constexpr size_t kFirstBlock = 2 * kMostAtOnce;
  static constexpr size_t kLargestBlock = size_t{1} << 15;
  static constexpr size_t kUncheckedSamples = size_t{1} << 16;

  struct Sample {
    Key key;
    uint32_t cell;  // cell / kBins of the bin's
  };
  /// Two lines ahead: stores wait for one another, and lines that are new are far away; no
  /// processor sees as many streams by itself.
  static constexpr size_t kPrefetched = 128 / sizeof(Sample);
  struct Block {
    std::span<const Sample> samples() const { return memory.template As<Sample>().first(size); }

    Buffer memory;
    size_t size = 0;
  };
  using Blocks = std::vector<Block>;  // not row-proportional: one per 32 Ki samples

  /// Of the bin's cell number `cell`, which may be none.
  uint32_t CountIn(uint32_t bin, size_t cell) const {
    const size_t number = cell * kBins + bin;
    return number < counts_.size() ? counts_[number] : 0;
  }

  /// Room for kMostAtOnce more in each bin.
  absl::Status MakeRoom() {
    for (uint32_t bin = 0; bin < kBins; ++bin) {
      if (static_cast<size_t>(ends_[bin] - next_[bin]) >= kMostAtOnce) continue;
      SEXTANT_RETURN_IF_ERROR(AddBlock(bin));
    }
    return absl::OkStatus();
  }

  absl::Status AddBlock(uint32_t bin) {
    CloseLastBlock(bin);
    Blocks& blocks = bins_[bin];
    const size_t last = blocks.empty() ? 0 : blocks.back().memory.size_bytes() / sizeof(Sample);
    const size_t capacity = std::clamp(2 * last, kFirstBlock, kLargestBlock);
    SEXTANT_ASSIGN_OR_RETURN(Buffer memory,
                             Buffer::AllocateUninitialized(*budget_, capacity * sizeof(Sample)));
    next_[bin] = memory.As<Sample>().data();
    ends_[bin] = next_[bin] + capacity;
    blocks.push_back({std::move(memory), 0});
    return absl::OkStatus();
  }

  /// Notes how many samples the last block has; what comes next goes into another one.
  void CloseLastBlock(uint32_t bin) {
    if (next_[bin] == nullptr) return;
    Block& block = bins_[bin].back();
    block.size = static_cast<size_t>(next_[bin] - block.memory.template As<Sample>().data());
    next_[bin] = nullptr;
    ends_[bin] = nullptr;
  }

  void TakeBlocks(Blocks& from, uint32_t bin) {
    CloseLastBlock(bin);
    std::move(from.begin(), from.end(), std::back_inserter(bins_[bin]));
  }

  absl::Status DealAgain(const Block& block, uint32_t bin, std::span<const uint32_t> cell_map) {
    std::array<uint32_t, kMostAtOnce> cells;
    std::array<Key, kMostAtOnce> keys;
    const std::span<const Sample> samples = block.samples();
    for (size_t begin = 0; begin < samples.size(); begin += kMostAtOnce) {
      const size_t count = std::min(kMostAtOnce, samples.size() - begin);
      for (size_t k = 0; k < count; ++k) {
        cells[k] = cell_map[size_t{samples[begin + k].cell} * kBins + bin];
        keys[k] = samples[begin + k].key;
      }
      SEXTANT_RETURN_IF_ERROR(Add(cells.data(), keys.data(), count));
    }
    return absl::OkStatus();
  }

  MemoryBudget* budget_;
  TrackedVector<uint32_t> counts_;  // per cell
  std::array<Blocks, kBins> bins_;
  // Of the last block of each bin, while it is open: the next sample, and where it ends.
  std::array<Sample*, kBins> next_{};
  std::array<Sample*, kBins> ends_{};
};

}  // namespace sextant
