#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"
#include "compute/column/table.h"
#include "compute/column/text_ranks.h"
#include "compute/operators/interner.h"
#include "compute/operators/value_reader.h"

namespace sextant {

/// The values that a coder had to intern in one range; empty for dense coders.
struct CodedValues {
  explicit CodedValues(MemoryBudget& budget)
      : integers(budget), wides(budget), shown(budget), bytes(budget) {}

  Interner<int64_t> integers;
  Interner<int128_t> wides;
  TrackedVector<Wide> shown;  // of each of `wides`: its first value (intervals that are equal may
                              // be written differently)
  BytesInterner bytes;
};

/// Turns the values of a group axis, or of count(DISTINCT x), into small codes. Code 0 is NULL.
///
/// Dense: dictionary codes (also of an enum that is computed), ranks of texts that an index has,
/// and integers that lie close to one another, are code - 1 plus a least value, the same in every
/// range. Else values are interned by their key (rule 8: -0 is 0, NaN is NaN; intervals by
/// PostgreSQL's order), and codes are ids of the range plus 1. Const after construction; safe for
/// any number of threads, each with its own CodedValues.
class ValueCoder {
 public:
  /// Integers within this many of one another are dense.
  static constexpr uint64_t kMaxDenseSpan = uint64_t{1} << 20;

  enum class Kind { kCode, kRank, kDenseInteger, kInteger, kFloat, kWide, kBytes };

  /// Of a column, or of the elements of a list column. `ranks` are the column's, or null; who makes
  /// several coders of a column in one query gives all of them the same.
  static ValueCoder OfColumn(const Table& table, ColumnIndex column,
                             const TextRanks* ranks = nullptr);
  static ValueCoder OfValue(const Table& table, const BoundValue& value);

  Kind kind() const { return kind_; }
  const DataType& type() const { return type_; }
  bool is_dense() const {
    return kind_ == Kind::kCode || kind_ == Kind::kRank || kind_ == Kind::kDenseInteger;
  }
  /// Dense: codes are below; NULL's included.
  uint64_t domain() const { return domain_; }

  /// Codes of rows of a chunk. REQUIRES: at most kBatchRows rows. Errors: RESOURCE_EXHAUSTED.
  absl::Status Encode(const Chunk& chunk, std::span<const uint32_t> rows, CodedValues& values,
                      uint32_t* codes) const;
  /// Of columns whose codes are first_code + a slot of one byte in this chunk; nullopt of others.
  struct ByteCodes {
    std::span<const uint8_t> slots;
    uint32_t first_code = 0;
  };
  std::optional<ByteCodes> CodesOfBytes(const Chunk& chunk) const;
  /// Codes of elements of a list column; `positions` are within `elements`. As above.
  absl::Status EncodeColumn(const Column& elements, std::span<const uint32_t> positions,
                            CodedValues& values, uint32_t* codes) const;

  /// Adds the values of `from` to `into`; remap[code of from] becomes the code of into.
  absl::Status Absorb(const CodedValues& from, CodedValues& into,
                      TrackedVector<uint32_t>& remap) const;
  /// The code in `into` of the value of one code of `from`, which is added. REQUIRES: not dense,
  /// and the code is not 0.
  absl::StatusOr<uint32_t> AbsorbCode(const CodedValues& from, uint32_t code,
                                      CodedValues& into) const;
  /// How many codes there are, NULL's included.
  uint64_t NumCodes(const CodedValues& values) const;

  /// The value of a code that is not 0, by kind: kDenseInteger, kInteger.
  int64_t IntegerOf(const CodedValues& values, uint32_t code) const {
    if (kind_ != Kind::kDenseInteger) return values.integers.key(code - 1);
    return static_cast<int64_t>(static_cast<uint64_t>(min_) + (code - 1));
  }
  double FloatOf(const CodedValues& values, uint32_t code) const;  // kFloat
  Wide WideOf(const CodedValues& values, uint32_t code) const;     // kWide
  /// kCode, kRank, kBytes.
  std::string_view BytesOf(const CodedValues& values, uint32_t code) const {
    if (kind_ == Kind::kCode) return dictionary_->Entry(code - 1);
    return kind_ == Kind::kRank ? ranks_->Text(code - 1) : values.bytes.key(code - 1);
  }
  /// kCode; an enum too.
  const std::shared_ptr<const Dictionary>& dictionary() const { return dictionary_; }

 private:
  ValueCoder() = default;
  absl::Status EncodeComputed(const Chunk& chunk, std::span<const uint32_t> rows,
                              CodedValues& values, uint32_t* codes) const;
  /// The code of a value that is not NULL. REQUIRES: Reserve has made room among the wides.
  absl::StatusOr<uint32_t> InternWide(Wide wide, CodedValues& values) const;
  absl::Status InternKeys(std::span<const int64_t> keys, CodedValues& values,
                          uint32_t* codes) const;

  Kind kind_ = Kind::kInteger;
  DataType type_;
  uint64_t domain_ = 0;
  int64_t min_ = 0;  // kDenseInteger
  ColumnIndex column_ = 0;
  std::shared_ptr<const Dictionary> dictionary_;
  const TextRanks* ranks_ = nullptr;     // kRank; the table has it
  std::optional<ValueReader> computed_;  // a difference or an expression
};

}  // namespace sextant
