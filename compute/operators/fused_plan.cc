#include "compute/operators/fused_plan.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "compute/operators/decimal_floats.h"
#include "compute/operators/sum_state.h"

namespace sextant {

std::optional<uint32_t> FusedPlan::Place(FusedValue value, uint32_t num_sum_bits) {
  WordLayout layout = layout_;
  const uint32_t num_count_bits = BitsOfSum(1, num_rows_);
  // What is kept above a least value needs the count for its sum.
  const bool needs_presence = presence_ && !value.counts_itself && value.least == 0;
  std::optional<WordField> count;
  if (!value.counts_itself) count = needs_presence ? presence_ : row_count_;
  if (!count) count = layout.Add(num_count_bits);
  if (!count) return std::nullopt;
  if (num_sum_bits > 0) {
    const std::optional<WordField> sum = layout.Add(num_sum_bits);
    if (!sum) return std::nullopt;
    value.sum = *sum;
  }
  if (value.kind == FusedValue::Kind::kFloats) {
    if (num_floats_ == CellForm::kMaxFloats) return std::nullopt;
    value.float_index = num_floats_++;
  }
  if (!value.counts_itself && !needs_presence) row_count_ = count;
  value.count = *count;
  layout_ = layout;
  values_.push_back(std::move(value));
  return static_cast<uint32_t>(values_.size() - 1);
}

std::optional<uint32_t> FusedPlan::AddSum(const BoundValue& value) {
  using Kind = FusedValue::Kind;
  // A reader of an expression is worth making only where it may stay: a pattern in it is held
  // against all texts of a dictionary.
  if (IsFloat(value.type.kind) && !value.IsColumn()) return std::nullopt;
  FusedValue added = {.reader = ValueReader(value, table_)};
  const ValueReader& reader = *added.reader;
  if (reader.form() == ValueReader::Form::kFloat) {
    if (!IsFinite(table_.facts(reader.column()))) return std::nullopt;
    return AddFloatSum(std::move(added));
  }
  if (reader.form() != ValueReader::Form::kInteger || !IsProvenSum(reader, num_rows_)) {
    return std::nullopt;
  }
  if (reader.is_column()) {
    const ColumnFacts& facts = table_.facts(reader.column());
    added.kind = Kind::kIntegers;
    added.counts_itself = facts.null_count != 0;
    added.least = facts.min_integer;
    added.span =
        static_cast<uint64_t>(facts.max_integer) - static_cast<uint64_t>(facts.min_integer);
  } else {
    added.kind = Kind::kComputed;
    added.counts_itself = true;
    added.least = -static_cast<int64_t>(reader.max_magnitude());
    added.span = 2 * reader.max_magnitude();
  }
  const uint32_t num_sum_bits = BitsOfSum(added.span, num_rows_);
  return Place(std::move(added), num_sum_bits);
}

std::optional<uint32_t> FusedPlan::AddFloatSum(FusedValue value) {
  const ColumnFacts& facts = table_.facts(value.reader->column());
  value.counts_itself = facts.null_count != 0;
  const std::optional<DecimalFloats> decimals = DecimalFloatsOf(facts);
  if (decimals && !keeps_floats_) {
    const auto magnitude =
        static_cast<uint64_t>(std::max(std::abs(decimals->least), std::abs(decimals->greatest)));
    constexpr uint32_t kMaxSumBits = 63;
    if (BitsOfSum(magnitude, num_rows_) <= kMaxSumBits) {
      FusedValue exact = value;
      exact.kind = FusedValue::Kind::kDecimals;
      exact.least = std::min<int64_t>(decimals->least, 0);  // 0 needs no count
      exact.digits = decimals->digits;
      exact.span = static_cast<uint64_t>(decimals->greatest - exact.least);
      const uint32_t num_sum_bits = BitsOfSum(exact.span, num_rows_);
      const auto placed = Place(std::move(exact), num_sum_bits);
      if (placed) return placed;
    }
  }
  value.kind = FusedValue::Kind::kFloats;
  return Place(std::move(value), 0);
}

std::optional<uint32_t> FusedPlan::AddPositiveSum(const BoundValue& value) {
  if (!value.IsColumn()) return std::nullopt;
  FusedValue added = {.kind = FusedValue::Kind::kIntegers, .reader = ValueReader(value, table_)};
  const ValueReader& reader = *added.reader;
  if (reader.form() != ValueReader::Form::kInteger) return std::nullopt;
  const ColumnFacts& facts = table_.facts(reader.column());
  if (!facts.has_bounds || facts.min_integer < 1 || !IsProvenSum(reader, num_rows_)) {
    return std::nullopt;
  }
  const auto max = static_cast<uint64_t>(facts.max_integer);
  const uint64_t span = max - static_cast<uint64_t>(facts.min_integer);
  const uint32_t num_bits = BitsOfSum(max, num_rows_);
  if (num_bits > BitsOfSum(span, num_rows_) + BitsOfSum(1, num_rows_)) return std::nullopt;
  const std::optional<WordField> sum = layout_.Add(num_bits);
  if (!sum) return std::nullopt;
  added.sum = *sum;
  added.count = *sum;
  added.span = max;
  if (facts.null_count == 0 && !presence_) presence_ = sum;
  values_.push_back(std::move(added));
  return static_cast<uint32_t>(values_.size() - 1);
}

bool FusedPlan::sums_selections() const {
  return std::all_of(values_.begin(), values_.end(), [](const FusedValue& value) {
    using Kind = FusedValue::Kind;
    return value.kind != Kind::kComputed && value.kind != Kind::kDecimals &&
           value.kind != Kind::kFloats;
  });
}

std::optional<FusedPlan> FusedPlan::OfOneSample() const {
  constexpr uint32_t kMaxBits = 32;
  FusedPlan one(table_, 1, false);
  uint32_t num_bits = 0;
  const auto add = [&](uint64_t greatest) {
    const uint32_t own_bits = BitsOfSum(greatest, 1);
    num_bits += own_bits;
    return num_bits <= kMaxBits ? one.layout_.Add(own_bits) : std::nullopt;
  };
  for (FusedValue value : values_) {
    if (value.kind == FusedValue::Kind::kFloats) return std::nullopt;
    if (value.counts_itself) {
      const std::optional<WordField> count = add(1);
      if (!count) return std::nullopt;
      value.count = *count;
    }
    if (value.has_integers()) {
      const std::optional<WordField> sum = add(value.span);
      if (!sum) return std::nullopt;
      value.sum = *sum;
    }
    one.values_.push_back(std::move(value));
  }
  return one;
}

std::optional<uint32_t> FusedPlan::AddCount(const BoundValue* value) {
  if (value == nullptr) return Place({.kind = FusedValue::Kind::kRows}, 0);
  if (!value->IsColumn()) return std::nullopt;
  const ColumnFacts& facts = table_.facts(value->column);
  if (facts.layout == Layout::kList) return std::nullopt;  // its facts are of the elements
  if (facts.null_count == 0) return Place({.kind = FusedValue::Kind::kRows}, 0);
  return Place({.kind = FusedValue::Kind::kPresence,
                .reader = ValueReader(*value, table_),
                .counts_itself = true},
               0);
}

}  // namespace sextant
