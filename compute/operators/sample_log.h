#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "compute/column/chunk.h"
#include "compute/memory/buffer.h"
#include "compute/memory/keep_going.h"
#include "compute/operators/aggregate.h"
#include "compute/operators/key_digits.h"

namespace sextant {

/// Room of logs that were dealt, for logs that are written next: new memory takes longer to come by
/// than to write. Thread-safe.
class SpareLogRoom {
 public:
  struct Room {
    explicit Room(MemoryBudget& budget) : keys(budget), places(budget) {}

    TrackedVector<uint64_t> keys;
    TrackedVector<uint32_t> places;
  };

  /// Empty, and maybe without room.
  Room Take(MemoryBudget& budget);
  void Give(Room room);
  void Clear();

 private:
  std::mutex mutex_;
  std::vector<Room> rooms_;  // guarded by mutex_
};

/// What the logs of all ranges of a query have in common. Samples go into 2^bin_bits bins by the
/// highest bits of their keys.
struct SampleLogPlan {
  KeyDigits digits;
  unsigned bin_bits = 1;  // at least: a key may have 64
  uint64_t max_rows = 0;  // that a range is likely to have: room for them is made at once
  SpareLogRoom* spare = nullptr;
  /// Where not null, it writes down what samples add, and not where they are.
  const SampleCarrier* carrier = nullptr;

  uint32_t num_bins() const { return uint32_t{1} << bin_bits; }
};

/// The samples of one range of rows, in cells that nobody has numbered yet: the key of the cell of
/// each, and where its row is.
///
/// Where there are about as many cells as samples, to look for the cell of each costs a walk
/// through memory, and so do the merge and the order of cells. Here samples are only written down,
/// and then dealt into bins: bin b of all ranges has all samples of its cells, and of the cells of
/// no other bin, so that bins are finished one by one in the second-level cache (CellPartition).
/// Where what a sample adds fits a number, this is written down and no row is read again.
///
/// 12 bytes a sample. Not thread-safe; once dealt, any number of threads may read. Errors:
/// RESOURCE_EXHAUSTED, those of `keep_going`.
class SampleLog {
 public:
  /// `plan` must outlive it.
  SampleLog(const SampleLogPlan& plan, MemoryBudget& budget);

  /// The rows that come next are of `chunk`, whose row 0 has the ordinal.
  absl::Status BeginChunk(const Chunk& chunk, uint64_t first_ordinal);
  /// Packs the codes of a batch of rows: codes[a][k] is the code of row k on axis a.
  absl::Status Pack(std::span<const uint32_t* const> codes, size_t num_rows);
  /// Writes down samples of these rows of the chunk, whose numbers within the batch are `numbers`.
  absl::Status Append(std::span<const uint32_t> rows, const uint32_t* numbers,
                      const uint32_t* intervals);
  /// No more samples come: deals them into bins, each in the order in which they came: chunk by
  /// chunk, of a batch of rows one series after another, each in row order.
  absl::Status Deal(KeepGoing keep_going);

  /// Samples of a bin: row r of chunks()[i] has place chunks()[i].first_place + r. Where samples
  /// are carried, these are in the place of the places.
  struct Bin {
    std::span<const uint64_t> keys;
    std::span<const uint32_t> places;
  };
  /// REQUIRES: Deal.
  Bin bin(uint32_t index) const {
    const size_t begin = begins_[index];
    const size_t count = begins_[index + 1] - begin;
    return {samples_.keys.span().subspan(begin, count),
            samples_.places.span().subspan(begin, count)};
  }
  struct ChunkPlaces {
    const Chunk* chunk = nullptr;
    uint64_t first_ordinal = 0;
    uint32_t first_place = 0;
  };
  const SampleLogPlan& plan() const { return plan_; }
  /// In the order of their places.
  std::span<const ChunkPlaces> chunks() const { return chunks_; }

 private:
  const SampleLogPlan& plan_;
  MemoryBudget& budget_;
  std::vector<ChunkPlaces> chunks_;
  TrackedVector<uint64_t> batch_;  // keys of the rows at hand, without intervals
  SpareLogRoom::Room samples_;
  std::vector<size_t> begins_;  // dealt: where each bin begins, and one more
};

}  // namespace sextant
