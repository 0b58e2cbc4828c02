#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/exec/result.h"
#include "compute/memory/buffer.h"
#include "compute/operators/metric_values.h"

namespace sextant {

/// Which rows of a result a batch has: `count` from `first` on, in the order of `order` or, where
/// that is empty, as they lie.
struct RowRun {
  size_t first = 0;
  size_t count = 0;
  std::span<const uint32_t> order;

  uint32_t operator[](size_t i) const {
    return order.empty() ? static_cast<uint32_t>(first + i) : order[first + i];
  }
};

/// Writes value_of(positions[row]) of each row.
template <typename ValueOf, typename T>
void TakeMapped(const uint32_t* positions, const RowRun& rows, ValueOf value_of,
                std::vector<T>& taken) {
  taken.resize(rows.count);
  if (rows.order.empty()) {
    positions += rows.first;
    for (size_t i = 0; i < rows.count; ++i) taken[i] = value_of(positions[i]);
  } else {
    const uint32_t* const order = rows.order.data() + rows.first;
    for (size_t i = 0; i < rows.count; ++i) taken[i] = value_of(positions[order[i]]);
  }
}

/// Writes values[row] of each row.
template <typename T>
void TakeRows(const T* values, const RowRun& rows, std::vector<T>& taken) {
  if (rows.order.empty()) {
    taken.assign(values + rows.first, values + rows.first + rows.count);
    return;
  }
  taken.resize(rows.count);
  const uint32_t* const order = rows.order.data() + rows.first;
  for (size_t i = 0; i < rows.count; ++i) taken[i] = values[order[i]];
}

/// Writes table[positions[row]] of each row.
template <typename T>
void TakeThrough(const T* table, const uint32_t* positions, const RowRun& rows,
                 std::vector<T>& taken) {
  TakeMapped(
      positions, rows, [table](uint32_t position) { return table[position]; }, taken);
}

/// The values as a T, to be written over: those that are there, so that their memory is used again,
/// or none.
template <typename T>
T& ValuesAs(ResultValues& column) {
  T* const values = std::get_if<T>(&column.values);
  return values != nullptr ? *values : column.values.emplace<T>();
}

/// The values of a metric as a batch has them: a copy of a column costs what its bytes do; texts
/// are looked up for equal ones, one by one.
/// What is in `taken` is written over, in its memory.
void TakeMetric(const MetricValues& values, const RowRun& rows, ResultValues& taken);

/// The values of a group axis, of which each row has one by its rank. Texts are copied once a
/// batch, however many rows have them; where a batch has many more rows than there are texts, and
/// these take few bytes beside the rows, all of them are, so that no row looks for its own.
/// Const after construction; safe for any number of threads, each with its own Scratch.
class BatchAxis {
 public:
  /// Both must outlive this. Errors: RESOURCE_EXHAUSTED.
  static absl::StatusOr<BatchAxis> Create(const MetricValues& values,
                                          const TrackedVector<uint32_t>& ranks,
                                          MemoryBudget& budget);

  /// What Take works with: of one axis, and of one thread at a time.
  using Scratch = TrackedVector<uint32_t>;
  /// Errors: RESOURCE_EXHAUSTED.
  absl::StatusOr<Scratch> MakeScratch(MemoryBudget& budget) const;

  /// What is in `taken` is written over, in its memory.
  void Take(const RowRun& rows, Scratch& codes, ResultValues& taken) const;
  bool has_texts() const { return values_->form == MetricValues::Form::kText; }
  /// Of the text of a row.
  uint32_t num_bytes(uint32_t row) const { return lengths_[(*ranks_)[row]]; }
  /// Of the text of any row, where all are of one length.
  std::optional<uint32_t> num_bytes_of_all() const { return num_bytes_of_all_; }

 private:
  BatchAxis(const MetricValues& values, const TrackedVector<uint32_t>& ranks, MemoryBudget& budget)
      : values_(&values), ranks_(&ranks), lengths_(budget) {}

  void TakeIntegers(const RowRun& rows, std::vector<int64_t>& taken) const;
  void TakeTexts(const RowRun& rows, Scratch& codes, ResultTexts& texts) const;
  /// Copies the texts of these ranks.
  void CopyTexts(std::span<const uint32_t> ranks, ResultTexts& texts) const;

  const MetricValues* values_;
  const TrackedVector<uint32_t>* ranks_;
  bool has_null_ = false;                  // among the values
  std::optional<int64_t> first_of_dense_;  // of integers without a gap, whose ranks count from it
  std::optional<uint32_t> num_bytes_of_all_;
  // Of texts, by rank.
  size_t num_bytes_of_texts_ = 0;    // all of them
  TrackedVector<uint32_t> lengths_;  // in bytes
};

}  // namespace sextant
