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

/// value_of(positions[row]) of each row.
template <typename ValueOf>
auto TakeMapped(const uint32_t* positions, const RowRun& rows, ValueOf value_of) {
  std::vector<decltype(value_of(uint32_t{}))> taken(rows.count);
  if (rows.order.empty()) {
    positions += rows.first;
    for (size_t i = 0; i < rows.count; ++i) taken[i] = value_of(positions[i]);
  } else {
    const uint32_t* const order = rows.order.data() + rows.first;
    for (size_t i = 0; i < rows.count; ++i) taken[i] = value_of(positions[order[i]]);
  }
  return taken;
}

/// values[row] of each row.
template <typename T>
std::vector<T> TakeRows(const T* values, const RowRun& rows) {
  if (rows.order.empty())
    return std::vector<T>(values + rows.first, values + rows.first + rows.count);
  std::vector<T> taken(rows.count);
  const uint32_t* const order = rows.order.data() + rows.first;
  for (size_t i = 0; i < rows.count; ++i) taken[i] = values[order[i]];
  return taken;
}

/// table[positions[row]] of each row.
template <typename T>
std::vector<T> TakeThrough(const T* table, const uint32_t* positions, const RowRun& rows) {
  return TakeMapped(positions, rows, [table](uint32_t position) { return table[position]; });
}

/// The values of a metric as a batch has them: a copy of a column costs what its bytes do; texts
/// are looked up for equal ones, one by one.
ResultValues TakeMetric(const MetricValues& values, const RowRun& rows);

/// The values of a group axis, of which each row has one by its rank. Texts are copied once a
/// batch, however many rows have them; where a batch has many more rows than there are texts, and
/// these take few bytes beside the rows, all of them are, so that no row looks for its own.
class BatchAxis {
 public:
  /// Both must outlive this. Errors: RESOURCE_EXHAUSTED.
  static absl::StatusOr<BatchAxis> Create(const MetricValues& values,
                                          const TrackedVector<uint32_t>& ranks,
                                          MemoryBudget& budget);

  ResultValues Take(const RowRun& rows);
  bool has_texts() const { return values_->form == MetricValues::Form::kText; }
  /// Of the text of a row.
  uint32_t num_bytes(uint32_t row) const { return lengths_[(*ranks_)[row]]; }
  /// Of the text of any row, where all are of one length.
  std::optional<uint32_t> num_bytes_of_all() const { return num_bytes_of_all_; }

 private:
  BatchAxis(const MetricValues& values, const TrackedVector<uint32_t>& ranks, MemoryBudget& budget)
      : values_(&values), ranks_(&ranks), lengths_(budget), codes_(budget) {}

  std::vector<int64_t> TakeIntegers(const RowRun& rows) const;
  ResultTexts TakeTexts(const RowRun& rows);
  /// Makes codes of ranks; returns the ranks of the texts that they stand for.
  std::vector<uint32_t> NumberRanks(std::span<uint32_t> codes);
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
  TrackedVector<uint32_t> codes_;    // in the batch that is being made; else kNoCode
};

}  // namespace sextant
