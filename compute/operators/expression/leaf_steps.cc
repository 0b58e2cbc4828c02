#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "compute/kernels/gather.h"
#include "compute/kernels/selected_rows.h"
#include "compute/kernels/width_dispatch.h"
#include "compute/memory/check.h"
#include "compute/operators/expression/expression_step.h"

namespace sextant {
namespace {

void GatherValid(const Column& column, std::span<const uint32_t> rows, ValueVector& values) {
  std::memset(values.valid, 1, rows.size());
  std::memset(values.failed, 0, rows.size());
  if (column.has_nulls()) GatherValidity(column.validity().data(), rows, values.valid);
}

class ColumnStep final : public ExpressionStep {
 public:
  ColumnStep(ColumnIndex column, const DataType& type, const ColumnFacts& facts)
      : column_(column), is_enum_(type.kind == TypeKind::kEnum), dictionary_(facts.dictionary) {}

  void Evaluate(const Chunk& chunk, std::span<const uint32_t> rows,
                ValueVector& values) const override {
    const Column& column = chunk.column(column_);
    GatherValid(column, rows, values);
    switch (column.layout()) {
      case Layout::kInteger:
        return GatherValues(column, rows, values.As<int64_t>());
      case Layout::kFloat:
        return WithFloatSlots(
            column, [&](auto slots) { GatherFloats(slots.data(), rows, values.As<double>()); });
      case Layout::kWide: {
        const std::span<const Wide> slots = column.values<Wide>();
        for (size_t k = 0; k < rows.size(); ++k) values.As<Wide>()[k] = slots[rows[k]];
        return;
      }
      case Layout::kCode:
        return GatherCoded(column, rows, values);
      case Layout::kBytes:
        for (size_t k = 0; k < rows.size(); ++k) {
          values.As<std::string_view>()[k] = column.BytesAt(rows[k]);
        }
        return;
      case Layout::kList:
        SEXTANT_CHECK(false) << "a list is no value of an expression";
    }
  }
  int cost() const override { return 4; }

 private:
  void GatherCoded(const Column& column, std::span<const uint32_t> rows,
                   ValueVector& values) const {
    WithUnsignedSlots(column, [&](auto slots) {
      if (is_enum_) return GatherIntegers(slots.data(), 0, rows, values.As<int64_t>());
      std::string_view* texts = values.As<std::string_view>();
      for (size_t k = 0; k < rows.size(); ++k) {
        texts[k] = values.valid[k] != 0 ? dictionary_->Entry(slots[rows[k]]) : std::string_view();
      }
    });
  }

  const ColumnIndex column_;
  const bool is_enum_;
  const std::shared_ptr<const Dictionary> dictionary_;
};

/// T is int64_t, double, Wide or std::string.
template <typename T>
class ConstantStep final : public ExpressionStep {
 public:
  ConstantStep(T value, bool is_null) : value_(std::move(value)), is_null_(is_null) {}

  void Evaluate(const Chunk&, std::span<const uint32_t> rows, ValueVector& values) const override {
    using Slot = std::conditional_t<std::is_same_v<T, std::string>, std::string_view, T>;
    std::fill_n(values.As<Slot>(), rows.size(), Slot(value_));
    std::memset(values.valid, is_null_ ? 0 : 1, rows.size());
    std::memset(values.failed, 0, rows.size());
  }
  int cost() const override { return 1; }

 private:
  const T value_;
  const bool is_null_;
};

template <typename T>
ExpressionStepPtr MakeConstant(const BoundConstant& constant) {
  const T* value = std::get_if<T>(&constant.value);
  SEXTANT_CHECK(constant.is_null || value != nullptr) << "a constant of another form";
  return std::make_unique<ConstantStep<T>>(value != nullptr ? *value : T{}, constant.is_null);
}

/// The number of elements of a list.
class ListLengthStep final : public ExpressionStep {
 public:
  ListLengthStep(ColumnIndex column, bool is_null_when_empty)
      : column_(column), is_null_when_empty_(is_null_when_empty) {}

  void Evaluate(const Chunk& chunk, std::span<const uint32_t> rows,
                ValueVector& values) const override {
    const Column& column = chunk.column(column_);
    GatherValid(column, rows, values);
    const std::span<const uint32_t> offsets = column.offsets();
    int64_t* lengths = values.As<int64_t>();
    for (size_t k = 0; k < rows.size(); ++k) {
      lengths[k] = int64_t{offsets[rows[k] + 1]} - int64_t{offsets[rows[k]]};
      values.valid[k] &= !is_null_when_empty_ || lengths[k] != 0 ? 1 : 0;
    }
  }
  int cost() const override { return 4; }

 private:
  const ColumnIndex column_;
  const bool is_null_when_empty_;
};

}  // namespace

ExpressionStepPtr MakeColumnStep(const BoundExpression& expression, const Table& table) {
  const ColumnIndex column = expression.column;
  return std::make_unique<ColumnStep>(column, table.schema().field(column).type,
                                      table.facts(column));
}

ExpressionStepPtr MakeConstantStep(const BoundExpression& expression) {
  switch (SlotFormOf(expression.type)) {
    case SlotForm::kInteger:
      return MakeConstant<int64_t>(expression.constant);
    case SlotForm::kFloat:
      return MakeConstant<double>(expression.constant);
    case SlotForm::kWide:
      return MakeConstant<Wide>(expression.constant);
    default:
      return MakeConstant<std::string>(expression.constant);
  }
}

ExpressionStepPtr MakeListLengthStep(const BoundExpression& expression) {
  SEXTANT_CHECK(expression.arguments.size() == 1 &&
                expression.arguments[0].op == ExpressionOp::kColumn)
      << "the length of what is no list column";
  return std::make_unique<ListLengthStep>(expression.arguments[0].column,
                                          expression.op == ExpressionOp::kArrayLength);
}

}  // namespace sextant
