#include "tests/compute/operators/expression/expression_of.h"

#include <array>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "compute/column/bitmap.h"
#include "compute/memory/check.h"
#include "compute/operators/expression/decimal_number.h"
#include "compute/operators/expression/evaluation_scratch.h"
#include "compute/operators/filter.h"
#include "compute/operators/morsel.h"
#include "compute/operators/value_reader.h"
#include "compute/plan/time_zone.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

BoundExpression TypedConstant(const DataType& type,
                              std::variant<int64_t, double, Wide, std::string> value) {
  BoundExpression expression;
  expression.op = ExpressionOp::kConstant;
  expression.type = type;
  expression.constant.value = std::move(value);
  return expression;
}

/// A batch of values, one vector per form.
struct Batch {
  std::array<int64_t, kBatchRows> integers;
  std::array<double, kBatchRows> floats;
  std::array<Wide, kBatchRows> wides;
  std::array<uint32_t, kBatchRows> codes;
  std::array<std::string_view, kBatchRows> texts;
  std::array<uint8_t, kBatchRows> valid;
};

ReadOutcome Read(const ValueReader& reader, const Chunk& chunk, std::span<const uint32_t> rows,
                 Batch& batch) {
  switch (reader.form()) {
    case ValueReader::Form::kInteger:
      return reader.ReadIntegers(chunk, rows, batch.integers.data(), batch.valid.data());
    case ValueReader::Form::kFloat:
      return reader.ReadFloats(chunk, rows, batch.floats.data(), batch.valid.data());
    case ValueReader::Form::kWide:
      return reader.ReadWides(chunk, rows, batch.wides.data(), batch.valid.data());
    case ValueReader::Form::kCode:
      return reader.ReadCodes(chunk, rows, batch.codes.data(), batch.valid.data());
    default:
      return reader.ReadTexts(chunk, rows, batch.texts.data(), batch.valid.data());
  }
}

std::string WideText(const DataType& type, Wide wide) {
  if (type.kind == TypeKind::kDecimal) {
    char buffer[kMaxDecimalChars];
    return std::string(buffer, FormatDecimal(Int128OfWide(wide), 0, buffer));
  }
  if (type.kind == TypeKind::kInterval) {
    const IntervalValue interval = IntervalOfWide(wide);
    return absl::StrCat(interval.months, "/", interval.days, "/", interval.microseconds);
  }
  return absl::StrFormat("%016x%016x", wide.high, wide.low);
}

std::string ValueText(const ValueReader& reader, const Table& table, const Batch& batch, size_t k) {
  switch (reader.form()) {
    case ValueReader::Form::kInteger:
      return absl::StrCat(batch.integers[k]);
    case ValueReader::Form::kFloat:
      return absl::StrFormat("%.17g", batch.floats[k]);
    case ValueReader::Form::kWide:
      return WideText(reader.type(), batch.wides[k]);
    case ValueReader::Form::kCode:
      return std::string(table.facts(reader.column()).dictionary->Entry(batch.codes[k]));
    default:
      return std::string(batch.texts[k]);
  }
}

/// Whether one row alone counts as excluded: failures are told per batch only.
bool IsExcluded(const ValueReader& reader, const Chunk& chunk, uint32_t row) {
  uint8_t valid = 0;
  return reader.ReadValidity(chunk, {&row, 1}, &valid).excluded != 0;
}

}  // namespace

BoundExpression ColumnOf(const Table& table, std::string_view name) {
  BoundExpression expression;
  const std::optional<ColumnIndex> column = table.schema().Find(name);
  SEXTANT_CHECK(column.has_value()) << std::string(name);
  expression.column = *column;
  expression.type = table.schema().field(*column).type;
  return expression;
}

BoundExpression ConstantOf(const DataType& type, int64_t value) {
  return TypedConstant(type, value);
}
BoundExpression ConstantOf(const DataType& type, double value) {
  return TypedConstant(type, value);
}
BoundExpression ConstantOf(const DataType& type, Wide value) { return TypedConstant(type, value); }
BoundExpression ConstantOf(std::string_view text) {
  return TypedConstant(kTextType, std::string(text));
}
BoundExpression NullOf(const DataType& type) {
  BoundExpression expression = TypedConstant(type, int64_t{0});
  expression.constant.is_null = true;
  return expression;
}

BoundExpression ApplyOf(ExpressionOp op, const DataType& type,
                        std::vector<BoundExpression> arguments) {
  BoundExpression expression;
  expression.op = op;
  expression.type = type;
  for (const BoundExpression& argument : arguments) {
    if (type.kind == TypeKind::kEnum) expression.column = argument.column;
  }
  expression.arguments = std::move(arguments);
  return expression;
}

BoundExpression CastOf(const DataType& type, BoundExpression argument) {
  return ApplyOf(ExpressionOp::kCast, type, {std::move(argument)});
}

BoundExpression ChoiceOf(ExpressionOp op, const DataType& type,
                         std::vector<BoundPredicate> conditions,
                         std::vector<BoundExpression> arguments) {
  BoundExpression expression = ApplyOf(op, type, std::move(arguments));
  expression.conditions = std::move(conditions);
  return expression;
}

BoundExpression FieldOf(ExpressionOp op, DateField field, const DataType& type,
                        const absl::TimeZone& zone, std::vector<BoundExpression> arguments) {
  BoundExpression expression = ApplyOf(op, type, std::move(arguments));
  expression.field = field;
  expression.time_zone = zone;
  return expression;
}

BoundValue ValueOf(BoundExpression expression) {
  BoundValue value;
  value.type = expression.type;
  value.column = expression.column;
  value.expression = std::make_shared<const BoundExpression>(std::move(expression));
  return value;
}

BoundPredicate InRange(BoundExpression expression, int64_t min, int64_t max, bool negated) {
  return {IntegerRangeLeaf{ValueOf(std::move(expression)), min, max}, negated};
}

std::vector<std::string> TextsOf(const Table& table, const BoundExpression& expression) {
  const absl::StatusOr<ValueReader> reader =
      ValueReader::Create(ValueOf(expression), table, TestBudget());
  SEXTANT_CHECK(reader.ok()) << std::string(reader.status().message());
  const auto batch = std::make_unique<Batch>();
  std::vector<std::string> texts;
  for (uint32_t i = 0; i < table.num_chunks(); ++i) {
    const Chunk& chunk = table.chunk(i);
    for (uint32_t begin = 0; begin < chunk.num_rows(); begin += kBatchRows) {
      const TextScope scope;
      std::vector<uint32_t> rows(std::min(kBatchRows, chunk.num_rows() - begin));
      std::iota(rows.begin(), rows.end(), begin);
      const uint64_t num_excluded = Read(*reader, chunk, rows, *batch).excluded;
      uint64_t num_failed = 0;
      for (size_t k = 0; k < rows.size(); ++k) {
        const bool has_failed = batch->valid[k] == 0 && IsExcluded(*reader, chunk, rows[k]);
        num_failed += has_failed ? 1 : 0;
        texts.push_back(has_failed             ? "FAILED"
                        : batch->valid[k] == 0 ? "NULL"
                                               : ValueText(*reader, table, *batch, k));
      }
      SEXTANT_CHECK(num_failed == num_excluded);
    }
  }
  return texts;
}

std::vector<uint32_t> RowsOf(const Table& table, const BoundPredicate& predicate) {
  const absl::StatusOr<Filter> filter = Filter::Create(predicate, table, TestBudget());
  SEXTANT_CHECK(filter.ok()) << std::string(filter.status().message());
  absl::StatusOr<FilterScratch> scratch = filter->MakeScratch(TestBudget());
  SEXTANT_CHECK(scratch.ok());
  std::vector<uint32_t> rows;
  for (uint32_t i = 0; i < table.num_chunks(); ++i) {
    const Chunk& chunk = table.chunk(i);
    std::vector<uint64_t> words(BitmapWords(chunk.num_rows()));
    SetBitRange(words, 0, chunk.num_rows());
    filter->Narrow(chunk, {words.data(), 0, static_cast<uint32_t>(words.size())}, *scratch);
    std::vector<uint32_t> kept(CountBits(words));
    BitsToIndices(words, kept);
    for (const uint32_t row : kept) {
      rows.push_back(static_cast<uint32_t>(table.first_row(i)) + row);
    }
  }
  return rows;
}

absl::TimeZone ZoneOf(std::string_view name) {
  const absl::StatusOr<absl::TimeZone> zone = FindTimeZone(name);
  SEXTANT_CHECK(zone.ok()) << std::string(name);
  return *zone;
}

}  // namespace sextant
