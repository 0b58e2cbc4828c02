#include "compute/operators/value_reader.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>

#include "compute/kernels/decimal_slots.h"
#include "compute/kernels/exact_division.h"
#include "compute/kernels/float_order.h"
#include "compute/kernels/gather.h"
#include "compute/kernels/selected_rows.h"
#include "compute/kernels/width_dispatch.h"
#include "compute/memory/check.h"
#include "compute/memory/keep_going.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/decimal_floats.h"
#include "compute/operators/expression/expression_step.h"
#include "compute/operators/morsel.h"
#include "compute/operators/predicate_step.h"

namespace sextant {
namespace {

ValueReader::Form FormOf(Layout layout) {
  switch (layout) {
    case Layout::kInteger:
      return ValueReader::Form::kInteger;
    case Layout::kFloat:
      return ValueReader::Form::kFloat;
    case Layout::kWide:
      return ValueReader::Form::kWide;
    case Layout::kCode:
      return ValueReader::Form::kCode;
    default:
      return ValueReader::Form::kBytes;
  }
}

ValueReader::Form FormOfExpression(const DataType& type) {
  if (type.kind == TypeKind::kEnum) return ValueReader::Form::kCode;
  switch (SlotFormOf(type)) {
    case SlotForm::kInteger:
      return ValueReader::Form::kInteger;
    case SlotForm::kFloat:
      return ValueReader::Form::kFloat;
    case SlotForm::kWide:
      return ValueReader::Form::kWide;
    default:
      return ValueReader::Form::kText;
  }
}

/// Of a query that was called off while its expression was compiled: NULL, which nobody sees.
class CalledOffStep final : public ExpressionStep {
 public:
  void Evaluate(const Chunk&, std::span<const uint32_t> rows, ValueVector& values) const override {
    std::fill_n(values.As<Wide>(), rows.size(), Wide{});  // the widest: of any form
    std::memset(values.valid, 0, rows.size());
    std::memset(values.failed, 0, rows.size());
  }
  int cost() const override { return 1; }
};

std::shared_ptr<const ExpressionStep> CompileUncharged(const BoundValue& value,
                                                       const Table& table) {
  static MemoryBudget& budget = *new MemoryBudget("expressions");
  if (value.expression == nullptr) return nullptr;
  absl::StatusOr<ExpressionStepPtr> step = CompileExpression(*value.expression, {table, budget});
  if (step.ok()) return *std::move(step);
  SEXTANT_CHECK(!AskToGoOn().ok()) << std::string(step.status().message());
  return std::make_shared<const CalledOffStep>();
}

uint64_t Magnitude(int128_t value) {
  const int128_t magnitude = value < 0 ? -value : value;
  constexpr int128_t kLargest = ~uint64_t{0};
  return static_cast<uint64_t>(std::min(magnitude, kLargest));
}

/// Writes an integer or wide operand of a difference, times its factor; returns whether it
/// overflows.
bool ScaleOperand(const Column& column, uint32_t row, int64_t factor, int128_t* scaled) {
  const int128_t operand = column.layout() == Layout::kWide ? Int128OfWide(column.WideAt(row))
                                                            : int128_t{column.IntegerAt(row)};
  return __builtin_mul_overflow(operand, int128_t{factor}, scaled);
}

/// An operand of a difference in float64.
double FloatOperand(const Column& column, uint32_t row) {
  if (column.layout() == Layout::kFloat) return column.FloatAt(row);
  const int128_t integer = column.layout() == Layout::kWide ? Int128OfWide(column.WideAt(row))
                                                            : int128_t{column.IntegerAt(row)};
  return DivideDecimal(integer, 1, column.type().scale);
}

}  // namespace

absl::StatusOr<ValueReader> ValueReader::Create(const BoundValue& value, const Table& table,
                                                MemoryBudget& budget) {
  if (value.expression == nullptr) return ValueReader(value, table, nullptr);
  SEXTANT_ASSIGN_OR_RETURN(ExpressionStepPtr step,
                           CompileExpression(*value.expression, {table, budget}));
  return ValueReader(value, table, std::move(step));
}

ValueReader::ValueReader(const BoundValue& value, const Table& table)
    : ValueReader(value, table, CompileUncharged(value, table)) {}

ValueReader::ValueReader(const BoundValue& value, const Table& table,
                         std::shared_ptr<const ExpressionStep> expression)
    : value_(value), expression_(std::move(expression)) {
  if (expression_ != nullptr) {
    form_ = FormOfExpression(value.type);
    may_exclude_ = true;
    return;
  }
  const ColumnFacts& facts = table.facts(value.column);
  dictionary_ = facts.dictionary;
  if (is_difference()) {
    form_ = value.as_float ? Form::kFloat : Form::kInteger;
    may_exclude_ = true;
    if (form_ == Form::kInteger) BoundDifference(table);
    return;
  }
  form_ = FormOf(facts.layout);
  if (form_ == Form::kFloat) {
    if (const auto decimals = DecimalFloatsOf(facts)) power_ = decimals->power();
  }
  if (form_ == Form::kInteger && facts.has_bounds) {
    max_magnitude_ = std::max(Magnitude(facts.min_integer), Magnitude(facts.max_integer));
  }
}

void ValueReader::BoundDifference(const Table& table) {
  const ColumnFacts& left = table.facts(value_.column);
  const ColumnFacts& right = table.facts(*value_.minus);
  const bool bounded = left.layout == Layout::kInteger && right.layout == Layout::kInteger &&
                       left.has_bounds && right.has_bounds;
  if (!bounded) return;
  const int128_t least = int128_t{left.min_integer} * value_.factor -
                         int128_t{right.max_integer} * value_.minus_factor;
  const int128_t greatest = int128_t{left.max_integer} * value_.factor -
                            int128_t{right.min_integer} * value_.minus_factor;
  max_magnitude_ = std::max(Magnitude(least), Magnitude(greatest));
  may_exclude_ = max_magnitude_ > uint64_t{std::numeric_limits<int64_t>::max()};
}

ReadOutcome ValueReader::ReadOperandValidity(const Chunk& chunk, std::span<const uint32_t> rows,
                                             uint8_t* valid) const {
  std::memset(valid, 1, rows.size());
  ReadOutcome outcome;
  const auto apply = [&](const Column& column) {
    if (!column.has_nulls()) return;
    GatherValidity(column.validity().data(), rows, valid);
    outcome.all_valid = false;
  };
  apply(chunk.column(value_.column));
  if (value_.minus) apply(chunk.column(*value_.minus));
  return outcome;
}

ReadOutcome ValueReader::SubtractIntegers(const Chunk& chunk, std::span<const uint32_t> rows,
                                          int64_t* differences, uint8_t* valid) const {
  ReadOutcome outcome = ReadOperandValidity(chunk, rows, valid);
  const Column& left = chunk.column(value_.column);
  const Column& right = chunk.column(*value_.minus);
  if (!may_exclude_ && value_.factor == 1 && value_.minus_factor == 1) {
    std::array<int64_t, kBatchRows> subtrahends;
    SEXTANT_DCHECK(rows.size() <= subtrahends.size());
    GatherValues(left, rows, differences);
    GatherValues(right, rows, subtrahends.data());
    for (size_t k = 0; k < rows.size(); ++k) {
      // A NULL slot may hold anything, so the difference wraps; it is not looked at.
      differences[k] = static_cast<int64_t>(static_cast<uint64_t>(differences[k]) -
                                            static_cast<uint64_t>(subtrahends[k]));
    }
    return outcome;
  }
  for (size_t k = 0; k < rows.size(); ++k) {
    if (valid[k] == 0) continue;
    int128_t minuend = 0;
    int128_t subtrahend = 0;
    int128_t difference = 0;
    const bool overflows = ScaleOperand(left, rows[k], value_.factor, &minuend) ||
                           ScaleOperand(right, rows[k], value_.minus_factor, &subtrahend) ||
                           __builtin_sub_overflow(minuend, subtrahend, &difference) ||
                           difference != static_cast<int64_t>(difference);
    differences[k] = static_cast<int64_t>(difference);
    valid[k] = overflows ? 0 : 1;
    outcome.excluded += overflows ? 1 : 0;
  }
  outcome.all_valid = outcome.all_valid && outcome.excluded == 0;
  return outcome;
}

ReadOutcome ValueReader::SubtractFloats(const Chunk& chunk, std::span<const uint32_t> rows,
                                        double* differences, uint8_t* valid) const {
  ReadOutcome outcome = ReadOperandValidity(chunk, rows, valid);
  const Column& left = chunk.column(value_.column);
  const Column& right = chunk.column(*value_.minus);
  for (size_t k = 0; k < rows.size(); ++k) {
    if (valid[k] == 0) continue;
    const double minuend = FloatOperand(left, rows[k]);
    const double subtrahend = FloatOperand(right, rows[k]);
    differences[k] = minuend - subtrahend;
    const bool overflows =
        std::isinf(differences[k]) && !std::isinf(minuend) && !std::isinf(subtrahend);
    valid[k] = overflows ? 0 : 1;
    outcome.excluded += overflows ? 1 : 0;
  }
  outcome.all_valid = outcome.all_valid && outcome.excluded == 0;
  return outcome;
}

int ValueReader::cost() const {
  return expression_ != nullptr ? expression_->cost() : kRowTestCost;
}

template <typename T>
ReadOutcome ValueReader::ReadExpression(const Chunk& chunk, std::span<const uint32_t> rows,
                                        T* values, uint8_t* valid) const {
  const Lease<ValueVector> vector;
  expression_->Evaluate(chunk, rows, *vector);
  using Slot = std::conditional_t<std::is_same_v<T, uint32_t>, int64_t, T>;
  const Slot* slots = vector->As<Slot>();
  uint32_t num_valid = 0;
  uint32_t num_excluded = 0;
  for (size_t k = 0; k < rows.size(); ++k) {
    values[k] = static_cast<T>(slots[k]);
    valid[k] = vector->valid[k];
    num_valid += vector->valid[k];
    num_excluded += vector->failed[k] & (1 - vector->valid[k]);
  }
  return {num_valid == rows.size(), num_excluded};
}

ReadOutcome ValueReader::ReadIntegers(const Chunk& chunk, std::span<const uint32_t> rows,
                                      int64_t* values, uint8_t* valid) const {
  SEXTANT_DCHECK(form_ == Form::kInteger);
  if (expression_ != nullptr) {
    const TextScope scope;
    return ReadExpression(chunk, rows, values, valid);
  }
  if (is_difference()) return SubtractIntegers(chunk, rows, values, valid);
  GatherValues(chunk.column(value_.column), rows, values);
  return ReadOperandValidity(chunk, rows, valid);
}

ReadOutcome ValueReader::ReadOffsets(const Chunk& chunk, std::span<const uint32_t> rows,
                                     int64_t least, uint32_t* offsets, uint8_t* valid) const {
  SEXTANT_DCHECK((form_ == Form::kInteger || form_ == Form::kFloat) && is_column());
  const Column& column = chunk.column(value_.column);
  if (form_ == Form::kFloat) {
    std::array<double, kBatchRows> room;
    ReadDecimalOffsets(SlotsOfFloats(column, rows, room.data()), {power_, least}, offsets);
    return ReadOperandValidity(chunk, rows, valid);
  }
  GatherOffsetsFrom(least, column, rows, offsets);
  return ReadOperandValidity(chunk, rows, valid);
}

ReadOutcome ValueReader::ReadFloats(const Chunk& chunk, std::span<const uint32_t> rows,
                                    double* values, uint8_t* valid) const {
  SEXTANT_DCHECK(form_ == Form::kFloat);
  if (expression_ != nullptr) {
    const TextScope scope;
    return ReadExpression(chunk, rows, values, valid);
  }
  if (is_difference()) return SubtractFloats(chunk, rows, values, valid);
  WithFloatSlots(chunk.column(value_.column),
                 [&](auto slots) { GatherFloats(slots.data(), rows, values); });
  return ReadOperandValidity(chunk, rows, valid);
}

ReadOutcome ValueReader::ReadWides(const Chunk& chunk, std::span<const uint32_t> rows, Wide* values,
                                   uint8_t* valid) const {
  SEXTANT_DCHECK(form_ == Form::kWide);
  if (expression_ != nullptr) {
    const TextScope scope;
    return ReadExpression(chunk, rows, values, valid);
  }
  const std::span<const Wide> slots = chunk.column(value_.column).values<Wide>();
  for (size_t k = 0; k < rows.size(); ++k) values[k] = slots[rows[k]];
  return ReadOperandValidity(chunk, rows, valid);
}

ReadOutcome ValueReader::ReadCodes(const Chunk& chunk, std::span<const uint32_t> rows,
                                   uint32_t* codes, uint8_t* valid) const {
  SEXTANT_DCHECK(form_ == Form::kCode);
  if (expression_ != nullptr) {
    const TextScope scope;
    return ReadExpression(chunk, rows, codes, valid);
  }
  WithUnsignedSlots(chunk.column(value_.column),
                    [&](auto slots) { GatherCodes(slots.data(), 0, rows, codes); });
  return ReadOperandValidity(chunk, rows, valid);
}

ReadOutcome ValueReader::ReadTexts(const Chunk& chunk, std::span<const uint32_t> rows,
                                   std::string_view* texts, uint8_t* valid) const {
  if (expression_ != nullptr) {
    SEXTANT_DCHECK(form_ == Form::kText);
    return ReadExpression(chunk, rows, texts, valid);
  }
  const ReadOutcome outcome = ReadOperandValidity(chunk, rows, valid);
  const Column& column = chunk.column(value_.column);
  if (form_ == Form::kBytes) {
    for (size_t k = 0; k < rows.size(); ++k) texts[k] = column.BytesAt(rows[k]);
    return outcome;
  }
  SEXTANT_DCHECK(form_ == Form::kCode);
  WithUnsignedSlots(column, [&](auto slots) {
    for (size_t k = 0; k < rows.size(); ++k) {
      texts[k] = valid[k] != 0 ? dictionary_->Entry(slots[rows[k]]) : std::string_view();
    }
  });
  return outcome;
}

ReadOutcome ValueReader::ReadKeys(const Chunk& chunk, std::span<const uint32_t> rows, int64_t* keys,
                                  uint8_t* valid) const {
  if (form_ == Form::kInteger) return ReadIntegers(chunk, rows, keys, valid);
  if (form_ == Form::kCode) {
    if (expression_ != nullptr) {
      const TextScope scope;
      return ReadExpression(chunk, rows, keys, valid);
    }
    WithUnsignedSlots(chunk.column(value_.column),
                      [&](auto slots) { GatherIntegers(slots.data(), 0, rows, keys); });
    return ReadOperandValidity(chunk, rows, valid);
  }
  const Lease<ValueVector> vector;
  double* const values = vector->As<double>();
  const ReadOutcome outcome = ReadFloats(chunk, rows, values, valid);
  for (size_t k = 0; k < rows.size(); ++k) keys[k] = FloatOrderKey(values[k]);
  return outcome;
}

ReadOutcome ValueReader::ReadValidity(const Chunk& chunk, std::span<const uint32_t> rows,
                                      uint8_t* valid) const {
  if (!may_exclude_) return ReadOperandValidity(chunk, rows, valid);
  const Lease<ValueVector> vector;
  if (is_difference()) return ReadKeys(chunk, rows, vector->As<int64_t>(), valid);
  const TextScope scope;
  expression_->Evaluate(chunk, rows, *vector);
  ReadOutcome outcome;
  for (size_t k = 0; k < rows.size(); ++k) {
    valid[k] = vector->valid[k];
    outcome.all_valid &= vector->valid[k] != 0;
    outcome.excluded += vector->failed[k] & (1 - vector->valid[k]);
  }
  return outcome;
}

}  // namespace sextant
