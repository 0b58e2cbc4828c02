#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "absl/status/statusor.h"
#include "compute/column/table.h"
#include "compute/kernels/selection.h"
#include "compute/memory/keep_going.h"
#include "compute/operators/metric_values.h"
#include "compute/operators/value_reader.h"
#include "compute/plan/bound_query.h"

namespace sextant {

class SamplePin;

/// Rows of a chunk and the cell of each, in row order; a row may repeat in different cells.
struct SampleBatch {
  const Chunk* chunk = nullptr;
  uint64_t first_ordinal = 0;      // of the chunk's row 0
  std::span<const uint32_t> rows;  // at most kBatchRows
  const uint32_t* cells = nullptr;
};

/// Rows of a chunk that all fall in the only cell of a state.
struct SelectedRows {
  const Chunk* chunk = nullptr;
  uint64_t first_ordinal = 0;  // of the chunk's row 0
  Selection rows;
};

/// All rows of a chunk, whose cells are bytes of a column above the first cell of these.
struct ByteCells {
  const Chunk* chunk = nullptr;
  std::span<const uint8_t> bytes;  // per row
  uint32_t first_cell = 0;
};

/// What an aggregate knows of every cell of one range of rows. Not thread-safe.
class AggregateState {
 public:
  virtual ~AggregateState() = default;

  /// Makes room for cells below `num_cells`; new ones have no sample.
  virtual absl::Status Resize(uint32_t num_cells) = 0;
  /// Of an aggregate that needs_intervals: those of the cells from `first` on, which are new.
  virtual void SetIntervals(uint32_t /*first*/, std::span<const uint32_t> /*intervals*/) {}
  /// Adds the samples of rows whose value is not NULL. REQUIRES: Resize covers the cells.
  virtual absl::Status Update(const SampleBatch& batch) = 0;
  /// Whether AddSelected may be called instead of Update, where there is but one cell.
  virtual bool takes_selections() const { return false; }
  /// Adds the samples of the selected rows to cell 0, as Update would. REQUIRES: Resize(1).
  virtual void AddSelected(const SelectedRows& /*selected*/) {}
  /// Adds the samples of all rows, as Update would, or does nothing and returns false: then Update
  /// does it. REQUIRES: Resize covers the cells.
  virtual bool AddChunk(const ByteCells& /*cells*/) { return false; }
  /// Adds samples that are known by their numbers (SampleKeys), of counts by how many there are.
  /// REQUIRES: SampleReuse found the aggregate; Resize covers the cell.
  virtual void AddNumbers(uint32_t cell, std::span<const int64_t> numbers);
  virtual void AddCount(uint32_t cell, uint64_t count);
  /// No more samples come: puts them in the form that Merge and Finish want. Called on the thread
  /// of the range, so that ranges do it side by side; Merge and Finish do what was left out.
  virtual absl::Status Seal(KeepGoing /*keep_going*/) { return absl::OkStatus(); }
  /// Adds the state of the next range, of the same aggregate, which is spent afterwards: cell c of
  /// `from` is cell_map[c] here. REQUIRES: Resize covers the cells of `cell_map`.
  virtual absl::Status Merge(AggregateState& from, std::span<const uint32_t> cell_map,
                             KeepGoing keep_going) = 0;
  /// REQUIRES: sealed.
  virtual bool HasSample(uint32_t cell) const = 0;
  /// Sets has_sample[cell] to 1 for each cell that has one. The same of many cells at once.
  virtual void MarkSamples(std::span<uint8_t> has_sample) const;
  /// Begins what Finish needs, in parts that different threads may do at the same time; returns how
  /// many. 0: nothing that is worth it, or it was begun. REQUIRES: sealed, and all are merged.
  virtual absl::StatusOr<uint32_t> BeginParts() { return 0; }
  /// Thread-safe for different parts, each of which is done once. Finish does what was left out.
  virtual absl::Status FinishPart(uint32_t /*part*/, KeepGoing /*keep_going*/) {
    return absl::OkStatus();
  }
  /// Appends the value of each of `cells`. Nothing is added after the first call, which may do the
  /// work of all; after it, calls are thread-safe. Errors: OUT_OF_RANGE (SUM_OVERFLOW),
  /// RESOURCE_EXHAUSTED, those of `keep_going`.
  virtual absl::Status Finish(std::span<const uint32_t> cells, MetricValues& values,
                              KeepGoing keep_going) const = 0;
};

/// MarkSamples by has(cell), which reads nothing that the compiler must read again for each cell.
template <typename Has>
void MarkSamplesBy(std::span<uint8_t> has_sample, Has has) {
  uint8_t* __restrict marks = has_sample.data();
  for (size_t cell = 0; cell < has_sample.size(); ++cell) {
    marks[cell] = static_cast<uint8_t>(marks[cell] | static_cast<uint8_t>(has(cell)));
  }
}

/// Calls merge(cell) for the cells below `num_cells`, and asks in between whether to go on: a cell
/// of each of two states is two cache misses.
template <typename MergeCell>
absl::Status MergeCells(size_t num_cells, KeepGoing keep_going, MergeCell merge) {
  return ForBlocks(num_cells, keep_going, [&](size_t begin, size_t end) {
    for (size_t cell = begin; cell < end; ++cell) merge(cell);
  });
}

/// What samples add to their cells, as a number each: written down while their rows are at hand,
/// and added later, in any order, instead of by Update. Const; safe for any number of threads.
class SampleCarrier {
 public:
  virtual ~SampleCarrier() = default;
  /// Writes that of each row. The cells of `batch` are not read.
  virtual void Write(const SampleBatch& batch, uint32_t* carried) const = 0;
  /// Adds at most kBatchRows of them. REQUIRES: Resize of `state` covers the cells.
  virtual void Add(std::span<const uint32_t> carried, const uint32_t* cells,
                   AggregateState& state) const = 0;
};

/// A BoundAggregate, compiled against one version of a table. Const after construction; safe
/// for any number of threads, each with its own state.
class Aggregate {
 public:
  virtual ~Aggregate() = default;
  virtual std::unique_ptr<AggregateState> MakeState(MemoryBudget& budget) const = 0;
  /// Whether the values are the same bits whatever the order that ranges of rows are added in, so
  /// that one state may have several of them. False of float sums (rule 4).
  virtual bool is_order_free() const { return false; }
  /// Whether its states are told which interval a cell is of, before samples of it come.
  virtual bool needs_intervals() const { return false; }
  /// What writes samples down as numbers, and adds them to states of this aggregate, which it must
  /// not outlive; null where they do not fit.
  virtual std::unique_ptr<SampleCarrier> MakeCarrier() const { return nullptr; }
  /// A state that keeps nothing and finishes from the samples of `leader`, a state that an
  /// aggregate leads it with (aggregate_sharing.h), and must not outlive it.
  virtual std::unique_ptr<AggregateState> MakeView(AggregateState& leader) const;
};

/// From so many rows in scope on samples that are kept are dealt into bins (sample_bins.h): of
/// fewer the bins cost more than they save.
inline constexpr uint64_t kLeastBinnedRows = uint64_t{1} << 19;

/// What an aggregate is compiled from. `is_ungrouped`: there is but one cell, so that float sums go
/// by lanes (rule 4). `num_rows` bounds the samples of a cell.
struct AggregateSpec {
  const BoundAggregate& aggregate;
  const Table& table;
  uint64_t num_rows = 0;
  bool is_ungrouped = false;
  uint64_t least_binned_rows = kLeastBinnedRows;
  const SamplePin* pin = nullptr;  // of the aggregate; of concurrency, where it keeps borders
};

std::unique_ptr<Aggregate> MakeAggregate(const AggregateSpec& spec);

/// The families; called by MakeAggregate.
std::unique_ptr<Aggregate> MakeCount(const AggregateSpec& spec);
std::unique_ptr<Aggregate> MakeCountDistinct(const AggregateSpec& spec);
std::unique_ptr<Aggregate> MakeSum(const AggregateSpec& spec);
std::unique_ptr<Aggregate> MakeExtreme(const AggregateSpec& spec);
/// min and max of what packs into one number; nullptr of another value.
std::unique_ptr<Aggregate> MakePackedExtreme(const AggregateSpec& spec);
std::unique_ptr<Aggregate> MakeVariance(const AggregateSpec& spec);
std::unique_ptr<Aggregate> MakeOrdered(const AggregateSpec& spec);
std::unique_ptr<Aggregate> MakeBool(const AggregateSpec& spec);
std::unique_ptr<Aggregate> MakeRegression(const AggregateSpec& spec);
/// The same of integers near one another, from exact sums; nullptr of others.
std::unique_ptr<Aggregate> MakeExactRegression(const AggregateSpec& spec);
std::unique_ptr<Aggregate> MakeTopValues(const AggregateSpec& spec);
std::unique_ptr<Aggregate> MakeConcurrency(const AggregateSpec& spec);

}  // namespace sextant
