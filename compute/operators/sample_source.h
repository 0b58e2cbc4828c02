#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "absl/status/status.h"
#include "compute/operators/aggregate.h"
#include "compute/operators/metric_values.h"
#include "compute/operators/value_coder.h"
#include "compute/operators/value_reader.h"

namespace sextant {

/// The value of an aggregate that puts its samples in order, compiled. Const after construction;
/// safe for any number of threads.
struct OrderedValue {
  OrderedValue(const BoundValue& value, const Table& table);

  ValueReader reader;
  DataType type;
  /// Text and what is 16 bytes wide: by codes. Else by int64 keys.
  std::optional<ValueCoder> coder;
  const Dictionary* dictionary = nullptr;  // of the pinned table: of an enum
  int scale = 0;                           // NumberScale
};

/// Samples as int64 keys in PostgreSQL's order: integers, floats, enums. Of one state.
class KeySource {
 public:
  using Key = int64_t;
  KeySource(const OrderedValue& value, MemoryBudget&) : value_(value) {}

  absl::Status Read(const SampleBatch& batch, Key* keys, uint8_t* valid) const;
  absl::Status Absorb(const KeySource&) { return absl::OkStatus(); }
  /// The key here of a key of the source that was absorbed last.
  Key Remapped(Key key) const { return key; }
  absl::Status Rank(std::span<Key>) { return absl::OkStatus(); }

  absl::Status Append(Key key, MetricValues& values) const;
  double Number(Key key) const;

 private:
  const OrderedValue& value_;
};

/// Samples as codes, then, once Rank was called, as ranks of their values. Of one state.
class CodeSource {
 public:
  using Key = uint32_t;
  CodeSource(const OrderedValue& value, MemoryBudget& budget)
      : value_(value), budget_(budget), codes_(budget), remap_(budget), code_of_rank_(budget) {}

  absl::Status Read(const SampleBatch& batch, Key* codes, uint8_t* valid);
  absl::Status Absorb(const CodeSource& from);
  Key Remapped(Key code) const { return value_.coder->is_dense() ? code : remap_[code]; }
  /// Makes each code the rank of its value among all of `codes`.
  absl::Status Rank(std::span<Key> codes);

  /// REQUIRES: Rank was called, and `rank` is one of its.
  absl::Status Append(Key rank, MetricValues& values) const;
  double Number(Key rank) const;

 private:
  const OrderedValue& value_;
  MemoryBudget& budget_;
  CodedValues codes_;
  TrackedVector<uint32_t> remap_;
  TrackedVector<uint32_t> code_of_rank_;
};

/// Sorts codes that are not 0 by their values: texts by bytes, wide values by their keys.
/// REQUIRES: the coder's kind is one of these.
void SortCodes(const ValueCoder& coder, const CodedValues& values, std::span<uint32_t> codes);

}  // namespace sextant
