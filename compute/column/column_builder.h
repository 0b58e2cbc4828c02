#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"
#include "compute/column/column.h"
#include "compute/column/dictionary.h"
#include "compute/column/schema.h"

namespace sextant {

/// Collects the values of one column, batch by batch, and seals them into a Column per chunk. One
/// builder serves every chunk of a load, because a dictionary lasts for the whole generation, and
/// all chunks of a column have one layout.
///
/// Shapes: a batch is n values and a validity bitmap of BitmapWords(n) words (empty: all valid;
/// bits past n ignored). Nulls: a slot whose bit is zero is ignored, whatever it holds. Errors:
/// RESOURCE_EXHAUSTED from the budget; then the builder may only be destroyed. Thread-safety: none;
/// one load thread owns it.
class ColumnBuilder {
 public:
  virtual ~ColumnBuilder() = default;

  /// Rows since the last Seal.
  virtual uint32_t num_rows() const = 0;
  /// Bytes that those rows hold in columns of variable length, about: of strings, of list elements.
  virtual size_t variable_bytes() const { return 0; }
  /// Makes the Column of those rows, narrowed, and starts the next chunk.
  virtual absl::StatusOr<std::unique_ptr<ColumnParts>> Seal() = 0;
  /// Makes codes of a column that this builder sealed as bytes. REQUIRES: layout() is kCode now,
  /// which a Seal may bring about: then all chunks before it must follow.
  virtual absl::StatusOr<std::unique_ptr<ColumnParts>> Recode(const Column& sealed);
  /// kCode (and lists of it); null before the first Seal and for other layouts. Append-only.
  virtual std::shared_ptr<const Dictionary> dictionary() const { return nullptr; }
  /// Of text: valid after the first Seal, or Append of as many values as the decision needs; a
  /// later Seal may make kBytes kCode, never the other way.
  virtual Layout layout() const = 0;
};

/// bool (0, 1), integers, date, timestamp, duration, decimal of p <= 18 (scaled). Narrowed at Seal
/// by frame of reference.
class IntegerColumnBuilder : public ColumnBuilder {
 public:
  virtual absl::Status Append(std::span<const int64_t> values, std::span<const uint64_t> valid) = 0;
};

/// float4 (kept in 4 bytes) and float8.
class FloatColumnBuilder : public ColumnBuilder {
 public:
  virtual absl::Status Append(std::span<const double> values, std::span<const uint64_t> valid) = 0;
};

/// decimal of p > 18, uuid, interval.
class WideColumnBuilder : public ColumnBuilder {
 public:
  virtual absl::Status Append(std::span<const Wide> values, std::span<const uint64_t> valid) = 0;
};

/// text, json, bytea, enum.
/// text: a dictionary where distinct values are < 50 % of the first 8,192 non-NULL ones (or of all
/// when there are fewer at the first Seal; none at all: a dictionary), else bytes. Bytes go over to
/// a dictionary at a Seal when among the next 2^20 values most are repeats (RepeatWatch); elements
/// of a list at the first Seal only. json and bytea: bytes. enum: codes of the declared labels;
/// another label is FAILED_PRECONDITION (the type changed at the source since it was described).
/// Strings of a chunk that reach 4 GiB: RESOURCE_EXHAUSTED.
class StringColumnBuilder : public ColumnBuilder {
 public:
  virtual absl::Status Append(std::span<const std::string_view> values,
                              std::span<const uint64_t> valid) = 0;
};

/// One-dimensional arrays. First the rows' lengths, then their elements into elements(), in any
/// sizes of batch. REQUIRES at Seal: as many elements as the lengths add up to.
class ListColumnBuilder : public ColumnBuilder {
 public:
  /// lengths[i] of a NULL row must be 0.
  virtual absl::Status Append(std::span<const uint32_t> lengths,
                              std::span<const uint64_t> valid) = 0;
  /// A builder of the element type: cast it by the type's kind as in MakeColumnBuilder.
  virtual ColumnBuilder& elements() = 0;
};

/// kBool kInt* kDate kTimestamp kDuration kDecimal(p<=18) -> IntegerColumnBuilder; kFloat* ->
/// FloatColumnBuilder; kDecimal(p>18) kUuid kInterval -> WideColumnBuilder; kText kEnum kJson
/// kBytes -> StringColumnBuilder; kList -> ListColumnBuilder (elements: text, integers, floats,
/// timestamp). Errors: INVALID_ARGUMENT for another element type, a precision outside 1..38, and
/// repeated enum labels.
absl::StatusOr<std::unique_ptr<ColumnBuilder>> MakeColumnBuilder(const Field& field,
                                                                 MemoryBudget& budget);

}  // namespace sextant
