#include "compute/exec/value_deriver.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/column/bitmap.h"
#include "compute/column/column_builder.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

using Sources = std::span<const std::shared_ptr<const Column>>;

/// The operands of a value in one chunk.
struct Operands {
  const BoundValue& value;
  const Column& column;
  const Column* minus;  // null: the value is the column

  bool IsNull(uint32_t row) const {
    return column.IsNull(row) || (minus != nullptr && minus->IsNull(row));
  }
};

double AsFloat(const Column& column, uint32_t row) {
  switch (column.layout()) {
    case Layout::kFloat:
      return column.FloatAt(row);
    case Layout::kWide:
      return static_cast<double>(Int128OfWide(column.WideAt(row)));
    default:
      return static_cast<double>(column.IntegerAt(row));
  }
}

int128_t AsWide(const Column& column, uint32_t row) {
  return column.layout() == Layout::kWide ? Int128OfWide(column.WideAt(row))
                                          : int128_t{column.IntegerAt(row)};
}

/// Each Compute writes the value of a row and returns false where it cannot be computed.
bool Compute(const Operands& operands, uint32_t row, int64_t& result) {
  const int64_t first = operands.column.IntegerAt(row);
  if (operands.minus == nullptr) {
    result = first;
    return true;
  }
  int64_t a = 0;
  int64_t b = 0;
  return !__builtin_mul_overflow(first, operands.value.factor, &a) &&
         !__builtin_mul_overflow(operands.minus->IntegerAt(row), operands.value.minus_factor, &b) &&
         !__builtin_sub_overflow(a, b, &result);
}

bool Compute(const Operands& operands, uint32_t row, double& result) {
  result = AsFloat(operands.column, row);
  if (operands.minus != nullptr) result -= AsFloat(*operands.minus, row);
  return true;
}

bool Compute(const Operands& operands, uint32_t row, Wide& result) {
  int128_t a = AsWide(operands.column, row);
  if (operands.minus != nullptr) {
    int128_t b = 0;
    if (__builtin_mul_overflow(a, int128_t{operands.value.factor}, &a) ||
        __builtin_mul_overflow(AsWide(*operands.minus, row), int128_t{operands.value.minus_factor},
                               &b) ||
        __builtin_sub_overflow(a, b, &a)) {
      return false;
    }
  }
  result = WideOfInt128(a);
  return true;
}

/// Appends every row of the chunk to `builder`, a batch at a time.
template <typename T, typename Builder>
absl::Status AppendRows(const Operands& operands, Builder& builder) {
  constexpr uint32_t kBatchRows = 1024;
  T values[kBatchRows];
  uint64_t valid[kBatchRows / 64];
  const uint32_t num_rows = operands.column.num_rows();
  for (uint32_t begin = 0; begin < num_rows; begin += kBatchRows) {
    const uint32_t size = std::min(kBatchRows, num_rows - begin);
    std::fill(std::begin(valid), std::end(valid), 0);
    for (uint32_t i = 0; i < size; ++i) {
      values[i] = T{};
      if (operands.IsNull(begin + i) || !Compute(operands, begin + i, values[i])) continue;
      valid[i / 64] |= uint64_t{1} << (i % 64);
    }
    SEXTANT_RETURN_IF_ERROR(builder.Append({values, size}, {valid, BitmapWords(size)}));
  }
  return absl::OkStatus();
}

class ValueDeriver final : public ColumnDeriver {
 public:
  explicit ValueDeriver(std::vector<BoundDerivedColumn> columns) {
    for (BoundDerivedColumn& column : columns) {
      fields_.push_back(std::move(column.field));
      values_.push_back(std::move(column.value));
    }
  }

  std::span<const Field> fields() const override { return fields_; }

  absl::StatusOr<std::vector<std::shared_ptr<const Column>>> Derive(
      Sources sources, MemoryBudget& budget) const override {
    std::vector<std::shared_ptr<const Column>> derived;
    for (size_t i = 0; i < fields_.size(); ++i) {
      SEXTANT_ASSIGN_OR_RETURN(std::unique_ptr<ColumnBuilder> builder,
                               MakeColumnBuilder(fields_[i], budget));
      SEXTANT_RETURN_IF_ERROR(Append(values_[i], sources, *builder));
      SEXTANT_ASSIGN_OR_RETURN(std::unique_ptr<ColumnParts> parts, builder->Seal());
      derived.push_back(std::make_shared<const Column>(std::move(*parts)));
    }
    return derived;
  }

 private:
  static absl::Status Append(const BoundValue& value, Sources sources, ColumnBuilder& builder) {
    const Operands operands{value, *sources[value.column],
                            value.minus.has_value() ? sources[*value.minus].get() : nullptr};
    switch (builder.layout()) {
      case Layout::kFloat:
        return AppendRows<double>(operands, static_cast<FloatColumnBuilder&>(builder));
      case Layout::kWide:
        return AppendRows<Wide>(operands, static_cast<WideColumnBuilder&>(builder));
      default:
        return AppendRows<int64_t>(operands, static_cast<IntegerColumnBuilder&>(builder));
    }
  }

  std::vector<Field> fields_;       // not row-proportional: one per derived column
  std::vector<BoundValue> values_;  // not row-proportional: one per derived column
};

bool IsDerivable(const DataType& type) {
  return PlainLayout(type) == Layout::kInteger || PlainLayout(type) == Layout::kFloat ||
         type.kind == TypeKind::kDecimal;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const ColumnDeriver>> MakeValueDeriver(
    std::vector<BoundDerivedColumn> columns) {
  for (const BoundDerivedColumn& column : columns) {
    if (IsDerivable(column.field.type)) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("derived ", column.field.name, ": found ", TypeName(column.field.type),
                     ", allowed: numbers, dates, instants, and differences of them"));
  }
  return std::make_shared<const ValueDeriver>(std::move(columns));
}

}  // namespace sextant
