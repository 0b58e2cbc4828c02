#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "compute/memory/buffer.h"
#include "compute/memory/keep_going.h"
#include "compute/memory/status_macros.h"

namespace sextant {

/// To SampleSlices::Absorb: keys mean the same in every range.
struct KeysStay {};

/// Every sample of every cell, for what needs all of them. Key is uint32_t or int64_t.
///
/// A range adds samples in order of arrival; Seal puts them into a block, cell after cell, by a
/// counting scatter on the thread of the range. Merging takes the blocks over as they are, and
/// VisitCells joins the runs that a cell has in each. Charged to the budget: a key and 4 bytes a
/// sample until it is sealed, a second key meanwhile; then a key a sample, 12 bytes a run, 8 bytes
/// a cell. Errors: RESOURCE_EXHAUSTED, and those of `keep_going`. Not thread-safe.
template <typename Key>
class SampleSlices {
 public:
  explicit SampleSlices(MemoryBudget& budget) : budget_(&budget), counts_(budget) {}

  absl::Status Resize(uint32_t num_cells) { return counts_.Resize(num_cells); }
  size_t num_cells() const { return counts_.size(); }
  size_t num_blocks() const { return blocks_.size(); }
  /// Of sealed samples.
  uint64_t count(uint32_t cell) const { return counts_[cell]; }

  /// Room for `count` more samples, at most kMostAtOnce, at free_keys() and free_cells().
  absl::Status Reserve(size_t count) {
    if (!arrivals_.empty() && arrivals_.back().size + count <= arrivals_.back().capacity) {
      return absl::OkStatus();
    }
    if (num_arrivals_ >= kBlockSamples) SEXTANT_RETURN_IF_ERROR(Seal(AskToGoOn));
    const size_t doubled = arrivals_.empty() ? 0 : 2 * arrivals_.back().capacity;
    const size_t capacity = std::max(std::min(doubled, kArrivalSamples), kMostAtOnce);
    SEXTANT_ASSIGN_OR_RETURN(
        Buffer memory,
        Buffer::AllocateUninitialized(*budget_, capacity * (sizeof(Key) + sizeof(uint32_t))));
    arrivals_.push_back({std::move(memory), 0, capacity});
    return absl::OkStatus();
  }
  Key* free_keys() { return arrivals_.back().keys() + arrivals_.back().size; }
  uint32_t* free_cells() { return arrivals_.back().cells() + arrivals_.back().size; }
  size_t num_arrivals() const { return num_arrivals_; }
  /// `count` keys were written there, of the cells `cells`; those with valid[k] == 1 are kept.
  void Keep(const uint32_t* __restrict cells, const uint8_t* __restrict valid, size_t count) {
    uint32_t* __restrict into = free_cells();
    if (std::memchr(valid, 0, count) == nullptr) {
      std::memcpy(into, cells, count * sizeof(uint32_t));
      return Commit(count);
    }
    Key* __restrict keys = free_keys();
    size_t kept = 0;
    for (size_t k = 0; k < count; ++k) {
      keys[kept] = keys[k];
      into[kept] = cells[k];
      kept += valid[k];
    }
    Commit(kept);
  }
  /// Calls take(cell, key) for what has arrived, which is gone afterwards.
  template <typename Take>
  void TakeArrivals(Take take) {
    for (Arrivals& arrivals : arrivals_) {
      for (size_t k = 0; k < arrivals.size; ++k) take(arrivals.cells()[k], arrivals.keys()[k]);
    }
    arrivals_.clear();
    num_arrivals_ = 0;
  }
  /// `count` samples were written there.
  void Commit(size_t count) {
    arrivals_.back().size += count;
    num_arrivals_ += count;
  }

  /// Puts what has arrived into a block.
  absl::Status Seal(KeepGoing keep_going) {
    if (num_arrivals_ == 0) return absl::OkStatus();
    TrackedVector<uint32_t> ends(*budget_);
    SEXTANT_RETURN_IF_ERROR(CountArrivals(ends, keep_going));
    Block block(*budget_);
    SEXTANT_RETURN_IF_ERROR(MakeRuns(ends, block.runs, keep_going));
    SEXTANT_ASSIGN_OR_RETURN(block.memory,
                             Buffer::AllocateUninitialized(*budget_, num_arrivals_ * sizeof(Key)));
    for (Arrivals& arrivals : arrivals_) {
      SEXTANT_RETURN_IF_ERROR(keep_going());
      const Key* __restrict keys = arrivals.keys();
      const uint32_t* __restrict cells = arrivals.cells();
      if (ends.size() == 1) {  // in order; one by one would wait for each store
        std::memcpy(block.keys().data() + ends[0], keys, arrivals.size * sizeof(Key));
        ends[0] += static_cast<uint32_t>(arrivals.size);
        arrivals.memory = Buffer();
        continue;
      }
      Key* __restrict scattered = block.keys().data();
      uint32_t* __restrict end = ends.data();
      for (size_t k = 0; k < arrivals.size; ++k) scattered[end[cells[k]]++] = keys[k];
      arrivals.memory = Buffer();
    }
    arrivals_.clear();
    num_arrivals_ = 0;
    blocks_.push_back(std::move(block));
    return absl::OkStatus();
  }

  /// Takes the blocks of `from` over: cell c there is cell_map[c] here, and a key k remap(k).
  /// REQUIRES: both are sealed, and Resize covers the cells.
  template <typename Remap>
  absl::Status Absorb(SampleSlices& from, std::span<const uint32_t> cell_map, Remap remap,
                      KeepGoing keep_going) {
    for (Block& block : from.blocks_) {
      SEXTANT_RETURN_IF_ERROR(ForEach(block.runs.span(), keep_going, [&](Run& run) {
        run.cell = cell_map[run.cell];
        counts_[run.cell] += run.count;
      }));
      if constexpr (!std::is_same_v<Remap, KeysStay>) {
        SEXTANT_RETURN_IF_ERROR(
            ForEach(block.keys(), keep_going, [&](Key& key) { key = remap(key); }));
      }
      blocks_.push_back(std::move(block));
    }
    from.blocks_.clear();
    return absl::OkStatus();
  }

  /// Gives each run of the blocks from `first_block` on to `shorten`, which may put its keys in
  /// order and returns how many of the first ones stay; the rest is given up. REQUIRES: sealed.
  template <typename Shorten>
  absl::Status ShortenRuns(size_t first_block, Shorten shorten, KeepGoing keep_going) {
    for (Block& block : std::span(blocks_).subspan(first_block)) {
      size_t unchecked = 0;
      uint32_t kept = 0;
      for (Run& run : block.runs.span()) {
        if ((unchecked += run.count) > kUncheckedSamples) {
          SEXTANT_RETURN_IF_ERROR(keep_going());
          unchecked = 0;
        }
        Key* const keys = block.keys().data();
        const auto count = static_cast<uint32_t>(shorten(std::span(keys + run.begin, run.count)));
        std::copy_n(keys + run.begin, count, keys + kept);
        counts_[run.cell] -= run.count - count;
        run.begin = kept;
        run.count = count;
        kept += count;
      }
      if (kept == block.keys().size()) continue;
      SEXTANT_ASSIGN_OR_RETURN(Buffer exact,
                               Buffer::AllocateUninitialized(*budget_, kept * sizeof(Key)));
      if (kept > 0) std::memcpy(exact.data(), block.memory.data(), kept * sizeof(Key));
      block.memory = std::move(exact);
    }
    return absl::OkStatus();
  }

  /// Calls `body` with all keys, some at a time. REQUIRES: sealed.
  absl::Status ForEachKeys(absl::FunctionRef<absl::Status(std::span<Key>)> body,
                           KeepGoing keep_going) {
    for (Block& block : blocks_) {
      const std::span<Key> keys = block.keys();
      for (size_t begin = 0; begin < keys.size(); begin += kUncheckedSamples) {
        SEXTANT_RETURN_IF_ERROR(keep_going());
        const size_t count = std::min(kUncheckedSamples, keys.size() - begin);
        SEXTANT_RETURN_IF_ERROR(body(keys.subspan(begin, count)));
      }
    }
    return absl::OkStatus();
  }

  /// Calls `take(cell, keys)` for what each cell has in each block, in the order of blocks.
  /// REQUIRES: sealed.
  template <typename Take>
  absl::Status ForEachRun(KeepGoing keep_going, Take take) const {
    for (const Block& block : blocks_) {
      const std::span<const Run> runs = block.runs.span();
      SEXTANT_RETURN_IF_ERROR(ForBlocks(runs.size(), keep_going, [&](size_t begin, size_t end) {
        for (const Run& run : runs.subspan(begin, end - begin)) {
          take(run.cell, block.keys().subspan(run.begin, run.count));
        }
      }));
    }
    return absl::OkStatus();
  }
  size_t num_runs() const {
    size_t num_runs = 0;
    for (const Block& block : blocks_) num_runs += block.runs.size();
    return num_runs;
  }

  /// The samples of the cell at hand.
  class CellKeys {
   public:
    explicit CellKeys(MemoryBudget& budget) : joined_(budget) {}

    uint64_t size() const { return size_; }
    /// Where they lie, in the order of blocks.
    std::span<const std::span<const Key>> parts() const { return parts_; }
    /// All of them where they are of one block, the caller's to change; else none.
    std::span<Key> whole() const { return parts_.size() == 1 ? only_ : std::span<Key>(); }
    /// Side by side, the caller's to change: copied when they are of several blocks.
    absl::StatusOr<std::span<Key>> Join(KeepGoing keep_going) {
      if (parts_.size() == 1) return only_;
      joined_.Clear();
      SEXTANT_RETURN_IF_ERROR(joined_.Reserve(size_));
      for (const std::span<const Key> part : parts_) {
        if (part.size() > kUncheckedSamples) SEXTANT_RETURN_IF_ERROR(keep_going());
        SEXTANT_RETURN_IF_ERROR(joined_.AppendSpan(part));
      }
      return joined_.span();
    }

   private:
    friend class SampleSlices;

    std::vector<std::span<const Key>> parts_;  // not row-proportional: one per block
    std::span<Key> only_;                      // when there is one
    uint64_t size_ = 0;
    TrackedVector<Key> joined_;
  };

  /// Calls visit(cell, CellKeys&) for each cell that has samples, ascending. Afterwards only
  /// count() is known. REQUIRES: sealed.
  template <typename Visit>
  absl::Status VisitCells(Visit visit, KeepGoing keep_going) {
    for (Block& block : blocks_) SEXTANT_RETURN_IF_ERROR(SortRuns(block.runs, keep_going));
    CellKeys keys(*budget_);
    if (blocks_.size() == 1) return VisitRuns(blocks_[0], visit, keys, keep_going);
    std::vector<size_t> next(blocks_.size());  // run of each block
    size_t unchecked = 0;
    for (uint32_t cell = 0; cell < counts_.size(); ++cell) {
      if ((unchecked += 1 + counts_[cell]) > kUncheckedSamples) {
        SEXTANT_RETURN_IF_ERROR(keep_going());
        unchecked = 0;
      }
      if (counts_[cell] == 0) continue;
      FindParts(cell, next, keys);
      SEXTANT_RETURN_IF_ERROR(visit(cell, keys));
    }
    blocks_.clear();
    return absl::OkStatus();
  }

  static constexpr size_t kMostAtOnce = 1024;

 private:
  static constexpr size_t kArrivalSamples = size_t{1} << 15;
  /// Positions in a block are 32 bits wide, and its scatter stays near.
  static constexpr size_t kBlockSamples = size_t{1} << 20;
  static constexpr size_t kUncheckedSamples = size_t{1} << 16;

  struct Arrivals {
    Buffer memory;  // keys, then cells
    size_t size;
    size_t capacity;

    Key* keys() { return memory.As<Key>().data(); }
    uint32_t* cells() { return reinterpret_cast<uint32_t*>(keys() + capacity); }
  };
  /// Keys of one cell, side by side.
  struct Run {
    uint32_t cell;
    uint32_t begin;
    uint32_t count;
  };
  struct Block {
    explicit Block(MemoryBudget& budget) : runs(budget) {}

    std::span<Key> keys() { return memory.As<Key>(); }
    std::span<const Key> keys() const { return memory.As<Key>(); }

    Buffer memory;
    TrackedVector<Run> runs;
  };

  /// Calls body(item) for each, and asks in between.
  template <typename Item, typename Body>
  static absl::Status ForEach(std::span<Item> items, KeepGoing keep_going, Body body) {
    return ForBlocks(items.size(), keep_going, [&](size_t begin, size_t end) {
      for (Item& item : items.subspan(begin, end - begin)) body(item);
    });
  }

  absl::Status CountArrivals(TrackedVector<uint32_t>& counts, KeepGoing keep_going) {
    SEXTANT_RETURN_IF_ERROR(counts.Resize(counts_.size()));
    uint32_t* __restrict count = counts.data();
    for (Arrivals& arrivals : arrivals_) {
      SEXTANT_RETURN_IF_ERROR(keep_going());
      const uint32_t* __restrict cells = arrivals.cells();
      if (counts.size() == 1) {
        count[0] += static_cast<uint32_t>(arrivals.size);
        continue;
      }
      for (size_t k = 0; k < arrivals.size; ++k) ++count[cells[k]];
    }
    return absl::OkStatus();
  }

  /// Turns how many samples each cell has into where they begin.
  absl::Status MakeRuns(TrackedVector<uint32_t>& counts, TrackedVector<Run>& runs,
                        KeepGoing keep_going) {
    // One more, which is written and does not last: which cells have samples follows no pattern.
    SEXTANT_RETURN_IF_ERROR(runs.ResizeUninitialized(std::min(counts.size(), num_arrivals_) + 1));
    uint32_t first = 0;
    size_t num_runs = 0;
    SEXTANT_RETURN_IF_ERROR(ForBlocks(counts.size(), keep_going, [&](size_t begin, size_t end) {
      uint32_t* __restrict firsts = counts.data();
      uint64_t* __restrict totals = counts_.data();
      Run* __restrict run = runs.data();
      for (size_t cell = begin; cell < end; ++cell) {
        const uint32_t count = std::exchange(firsts[cell], first);
        run[num_runs] = {static_cast<uint32_t>(cell), first, count};
        num_runs += count != 0 ? 1 : 0;
        totals[cell] += count;
        first += count;
      }
    }));
    return runs.ResizeUninitialized(num_runs);
  }

  /// By cell, each of which has one run.
  absl::Status SortRuns(TrackedVector<Run>& runs, KeepGoing keep_going) {
    SEXTANT_RETURN_IF_ERROR(keep_going());
    const auto by_cell = [](const Run& a, const Run& b) { return a.cell < b.cell; };
    if (std::is_sorted(runs.span().begin(), runs.span().end(), by_cell)) return absl::OkStatus();
    TrackedVector<uint32_t> run_of_cell(*budget_);  // plus 1
    TrackedVector<Run> sorted(*budget_);
    SEXTANT_RETURN_IF_ERROR(run_of_cell.Resize(counts_.size()));
    SEXTANT_RETURN_IF_ERROR(sorted.Reserve(runs.size()));
    uint32_t number = 0;
    SEXTANT_RETURN_IF_ERROR(ForEach(runs.span(), keep_going,
                                    [&](const Run& run) { run_of_cell[run.cell] = ++number; }));
    SEXTANT_RETURN_IF_ERROR(ForEach(run_of_cell.span(), keep_going, [&](uint32_t run) {
      if (run != 0) sorted.AppendUnchecked(runs[run - 1]);
    }));
    runs = std::move(sorted);
    return absl::OkStatus();
  }

  /// VisitCells of the only block, which is given up.
  template <typename Visit>
  absl::Status VisitRuns(Block& block, Visit& visit, CellKeys& keys, KeepGoing keep_going) {
    keys.parts_.resize(1);
    size_t unchecked = 0;
    for (const Run& run : block.runs.span()) {
      if ((unchecked += 1 + run.count) > kUncheckedSamples) {
        SEXTANT_RETURN_IF_ERROR(keep_going());
        unchecked = 0;
      }
      keys.only_ = block.keys().subspan(run.begin, run.count);
      keys.parts_[0] = keys.only_;
      keys.size_ = run.count;
      SEXTANT_RETURN_IF_ERROR(visit(run.cell, keys));
    }
    blocks_.clear();
    return absl::OkStatus();
  }

  /// `next` has the first run of each block whose cell is not below `cell`.
  void FindParts(uint32_t cell, std::span<size_t> next, CellKeys& keys) {
    keys.size_ = counts_[cell];
    keys.parts_.clear();
    for (size_t i = 0; i < blocks_.size(); ++i) {
      Block& block = blocks_[i];
      if (next[i] == block.runs.size() || block.runs[next[i]].cell != cell) continue;
      const Run& run = block.runs[next[i]++];
      keys.only_ = block.keys().subspan(run.begin, run.count);
      keys.parts_.push_back(keys.only_);
      if (run.count == counts_[cell]) return;
    }
  }

  MemoryBudget* budget_;
  std::vector<Arrivals> arrivals_;  // not row-proportional: one per 32 Ki samples
  size_t num_arrivals_ = 0;
  std::vector<Block> blocks_;       // not row-proportional: one per range, or 2^20 samples
  TrackedVector<uint64_t> counts_;  // per cell
};

}  // namespace sextant
