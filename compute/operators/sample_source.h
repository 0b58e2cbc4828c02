#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "compute/kernels/float_order.h"
#include "compute/memory/keep_going.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/aggregate.h"
#include "compute/operators/metric_values.h"
#include "compute/operators/number_reader.h"
#include "compute/operators/sample_slices.h"
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
  int scale = 0;                           // NumberScale; of DecimalFloats their digits
  /// Of a column of integers, or of DecimalFloats, that are all within 2^32 of the least: that.
  std::optional<int64_t> least;
  /// Keys, or codes, are below this; 0 where it is not known.
  uint64_t domain = 0;

 private:
  void SetLeast(int64_t least_value, int64_t greatest);
};

/// Calls its argument with all keys of a state, some at a time.
template <typename Key>
using ForEachKeys =
    absl::FunctionRef<absl::Status(absl::FunctionRef<absl::Status(std::span<Key>)>)>;

/// Samples as int64 keys in PostgreSQL's order: integers, floats, enums. Of one state.
class KeySource {
 public:
  using Key = int64_t;
  KeySource(const OrderedValue& value, MemoryBudget&) : value_(value) {}

  absl::Status Read(const SampleBatch& batch, Key* keys, uint8_t* valid) const;
  absl::Status Absorb(const KeySource&) { return absl::OkStatus(); }
  /// The key here of a key of the source that was absorbed last.
  Key Remapped(Key key) const { return key; }
  absl::Status Rank(ForEachKeys<Key>, KeepGoing) { return absl::OkStatus(); }
  static constexpr bool kHasRemap = false;
  static constexpr bool kKeysAreNumbers = true;
  static constexpr std::optional<uint32_t> kNullKey = std::nullopt;

  absl::Status Append(Key key, MetricValues& values) const;
  /// What Append appends where values are integers, and where they are floats.
  int64_t Integer(Key key) const { return key; }
  int scale() const { return value_.scale; }
  double Number(Key key) const {
    return IsFloat(value_.type.kind) ? FloatOfOrderKey(key) : NumberOf(key, value_.scale);
  }

 private:
  const OrderedValue& value_;
};

/// The same for values near one another, as how far they are above the least: half the memory.
/// REQUIRES: value.least.
class OffsetSource {
 public:
  using Key = uint32_t;
  OffsetSource(const OrderedValue& value, MemoryBudget& budget)
      : value_(value), keys_(value, budget) {}

  absl::Status Read(const SampleBatch& batch, Key* keys, uint8_t* valid) const;
  absl::Status Absorb(const OffsetSource&) { return absl::OkStatus(); }
  Key Remapped(Key key) const { return key; }
  absl::Status Rank(ForEachKeys<Key>, KeepGoing) { return absl::OkStatus(); }
  static constexpr bool kHasRemap = false;
  static constexpr bool kKeysAreNumbers = true;
  static constexpr std::optional<uint32_t> kNullKey = std::nullopt;

  absl::Status Append(Key key, MetricValues& values) const {
    if (IsFloat(value_.type.kind)) return values.AppendFloat(Number(key));
    return keys_.Append(*value_.least + key, values);
  }
  bool is_float() const { return IsFloat(value_.type.kind); }  // then Integer is of a decimal
  int64_t Integer(Key key) const { return *value_.least + key; }
  int scale() const { return value_.scale; }
  double Number(Key key) const { return NumberOf(Integer(key), value_.scale); }

 private:
  const OrderedValue& value_;
  KeySource keys_;
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
  static constexpr bool kHasRemap = true;
  static constexpr bool kKeysAreNumbers = false;
  /// What ReadWithNulls writes for NULL.
  static constexpr std::optional<uint32_t> kNullKey = 0;
  absl::Status ReadWithNulls(const SampleBatch& batch, Key* codes);
  /// Makes each code the rank of its value among all of them.
  absl::Status Rank(ForEachKeys<Key> for_each, KeepGoing keep_going);

  /// REQUIRES: Rank was called, and `rank` is one of its.
  absl::Status Append(Key rank, MetricValues& values) const;
  double Number(Key rank) const;
  int scale() const { return value_.scale; }

 private:
  /// Sorts codes that are not 0 by their values: texts by bytes, wide values by their keys.
  absl::Status SortByValue(std::span<uint32_t> codes, KeepGoing keep_going);

  const OrderedValue& value_;
  MemoryBudget& budget_;
  CodedValues codes_;
  TrackedVector<uint32_t> remap_;
  TrackedVector<uint32_t> code_of_rank_;
};

/// The samples of a state, and the source that says what their keys mean.
template <typename Source>
struct SourcedSamples {
  Source& source;
  SampleSlices<typename Source::Key>& samples;
};

/// Takes over the samples of `from`, cell c of which is cell_map[c] in `into`, with their keys as
/// `into` means them. REQUIRES: both are sealed. Errors: RESOURCE_EXHAUSTED, those of keep_going.
template <typename Source>
absl::Status AbsorbSamples(SourcedSamples<Source> into, SourcedSamples<Source> from,
                           std::span<const uint32_t> cell_map, KeepGoing keep_going) {
  SEXTANT_RETURN_IF_ERROR(into.source.Absorb(from.source));
  if constexpr (!Source::kHasRemap) {
    return into.samples.Absorb(from.samples, cell_map, KeysStay(), keep_going);
  } else {
    const auto remap = [&](auto key) { return into.source.Remapped(key); };
    return into.samples.Absorb(from.samples, cell_map, remap, keep_going);
  }
}

}  // namespace sextant
