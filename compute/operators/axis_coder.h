#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/operators/filter.h"
#include "compute/operators/metric_values.h"
#include "compute/operators/value_coder.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// What one axis keeps in one range: the values it had to intern and, of sets, who is in which.
struct AxisState {
  explicit AxisState(MemoryBudget& budget) : values(budget), starts(budget), members(budget) {}

  CodedValues values;
  // Sets.
  std::vector<FilterScratch> filters;  // per member
  std::vector<Buffer> bitmaps;         // per member: rows of the chunk at hand
  TrackedVector<uint32_t> starts;      // of the batch at hand: row k has the codes
  TrackedVector<uint32_t> members;     // members[starts[k]] to members[starts[k + 1]]
};

/// How rows fall into groups along one axis, compiled against one version of a table: codes of a
/// column's values or of a list's elements (ValueCoder); the number of a bin or set, plus 1. Code 0
/// is NULL. Const after construction; safe for any number of threads, each with its own AxisState.
class AxisCoder {
 public:
  /// In what form the value of a code is known, and codes are ordered by it.
  enum class Order { kInteger, kWide, kText };

  /// Conditions of sets charge their tables to `budget`. `ranks`: as in ValueCoder::OfColumn.
  /// Errors: RESOURCE_EXHAUSTED.
  static absl::StatusOr<AxisCoder> Create(const BoundAxis& axis, const Table& table,
                                          const TextRanks* ranks, MemoryBudget& budget);

  /// A row may be in several groups: elements of a list, sets.
  bool is_multiple() const { return is_list_ || kind_ == GroupAxis::Kind::kSets; }
  bool is_sets() const { return kind_ == GroupAxis::Kind::kSets; }
  /// A row may be in none: any but the values of a column.
  bool may_miss() const { return is_list_ || kind_ != GroupAxis::Kind::kColumn; }
  /// A row may have the code of NULL.
  bool may_be_null() const { return may_be_null_; }
  /// Codes are the same in every range and below domain().
  bool is_dense() const { return kind_ != GroupAxis::Kind::kColumn || column_->is_dense(); }
  uint64_t domain() const;
  /// They are so by an index, which is there or not.
  bool is_ranked() const {
    return kind_ == GroupAxis::Kind::kColumn && column_->kind() == ValueCoder::Kind::kRank;
  }
  uint64_t NumCodes(const AxisState& state) const;

  absl::StatusOr<AxisState> MakeState(MemoryBudget& budget) const;
  /// REQUIRES: called before the rows of a chunk, all of which `selection` has.
  void BeginChunk(AxisState& state, const Chunk& chunk, Selection selection) const;
  /// Clears has[k] where rows[k] is in no group. REQUIRES: at most kBatchRows rows.
  void KeepMembers(const AxisState& state, const Chunk& chunk, std::span<const uint32_t> rows,
                   uint8_t* has) const;
  /// Codes of rows, each of which is in a group. REQUIRES: !is_multiple(); at most kBatchRows rows.
  absl::Status Encode(AxisState& state, const Chunk& chunk, std::span<const uint32_t> rows,
                      uint32_t* codes) const;
  /// As ValueCoder::CodesOfBytes.
  std::optional<ValueCoder::ByteCodes> CodesOfBytes(const Chunk& chunk) const {
    if (kind_ != GroupAxis::Kind::kColumn || is_list_) return std::nullopt;
    return column_->CodesOfBytes(chunk);
  }
  /// Prepares AppendCodes for ascending `rows`. REQUIRES: is_multiple().
  absl::Status BeginBatch(AxisState& state, std::span<const uint32_t> rows) const;
  /// Appends the distinct codes of `row`, which is number k of the batch. Errors:
  /// RESOURCE_EXHAUSTED, as in the others.
  absl::Status AppendCodes(AxisState& state, const Chunk& chunk, uint32_t row, size_t k,
                           TrackedVector<uint32_t>& codes) const;

  /// Adds the values of `from` to `into`; remap[code of from] becomes the code of into. Dense:
  /// none.
  absl::Status Absorb(const AxisState& from, AxisState& into, TrackedVector<uint32_t>& remap) const;
  /// The code in `into` of the value of one code, which is added.
  absl::StatusOr<uint32_t> AbsorbCode(const AxisState& from, uint32_t code, AxisState& into) const;

  Order order() const;
  /// Codes that are not 0 ascend as their values do.
  bool codes_ascend() const;
  /// What orders codes that are not 0, by order(): integers, and floats by FloatOrderKey; sets and
  /// enums by their number.
  int64_t IntegerKey(const AxisState& state, uint32_t code) const;
  int128_t WideOrderKey(const AxisState& state, uint32_t code) const;
  std::string_view TextKey(const AxisState& state, uint32_t code) const {
    return column_->BytesOf(state.values, code);
  }
  /// Of texts of a dictionary: its entries in the order of their texts, as far as that is known for
  /// all of them; a code is an entry plus 1. Else empty. There may be more than domain() has.
  std::span<const uint32_t> entries_in_order() const;
  /// Appends the value of a code, as the result shows it, to values of the axis' type.
  absl::Status AppendValue(const AxisState& state, uint32_t code, MetricValues& values) const;
  /// The same of many codes, none of which is 0; asks in between whether to go on.
  absl::Status AppendValues(const AxisState& state, std::span<const uint32_t> codes,
                            MetricValues& values) const;

 private:
  AxisCoder() = default;
  absl::Status AppendTexts(const AxisState& state, std::span<const uint32_t> codes,
                           MetricValues& values) const;

  absl::Status AddMembers(const BoundAxis& axis, const Table& table, MemoryBudget& budget);
  /// Number of the bin of each row, plus 1; 0 outside.
  void FindBins(const Chunk& chunk, std::span<const uint32_t> rows, uint32_t* codes) const;

  GroupAxis::Kind kind_ = GroupAxis::Kind::kColumn;
  bool is_list_ = false;
  bool may_be_null_ = false;
  ColumnIndex column_index_ = 0;
  std::optional<ValueCoder> column_;  // kColumn
  std::vector<int64_t> edges_;        // kBins
  std::vector<double> float_edges_;   // kBins of floats
  std::vector<std::string> names_;    // kSets
  std::vector<Filter> conditions_;    // kSets
};

}  // namespace sextant
