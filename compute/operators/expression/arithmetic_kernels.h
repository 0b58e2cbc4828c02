#pragma once

#include <cstdint>
#include <span>
#include <utility>

#include "compute/operators/expression/expression_step.h"

namespace sextant {

/// Loops of arithmetic over one physical type. A kernel is a functor: `uint8_t operator()(T a, T b,
/// T* result) const`, or of `(T a, T* result)`, that returns 1 where it cannot compute; then it
/// still writes something. It is also called for slots that are not valid, which hold anything.

/// values = kernel(values, other), row by row.
template <typename T, typename Kernel>
void CombineRows(const Kernel& kernel, const ValueVector& other, size_t count,
                 ValueVector& values) {
  T* __restrict left = values.As<T>();
  const T* __restrict right = other.As<T>();
  for (size_t k = 0; k < count; ++k) {
    const uint8_t failed = kernel(left[k], right[k], &left[k]);
    const uint8_t both = values.valid[k] & other.valid[k];
    values.valid[k] = both & static_cast<uint8_t>(1 - failed);
    values.failed[k] |= static_cast<uint8_t>(other.failed[k] | (both & failed));
  }
}

/// values = kernel(values), row by row. From and To may be of different sizes: To is written where
/// From was read, so it may not be wider.
template <typename From, typename To, typename Kernel>
void ConvertRows(const Kernel& kernel, size_t count, ValueVector& values) {
  static_assert(sizeof(To) <= sizeof(From));
  const From* from = values.As<From>();
  To* to = values.As<To>();
  for (size_t k = 0; k < count; ++k) {
    To result;
    const uint8_t failed = kernel(from[k], &result);
    to[k] = result;
    values.failed[k] |= static_cast<uint8_t>(values.valid[k] & failed);
    values.valid[k] &= static_cast<uint8_t>(1 - failed);
  }
}

/// The same where To is wider: from the last row to the first.
template <typename From, typename To, typename Kernel>
void WidenRows(const Kernel& kernel, size_t count, ValueVector& values) {
  const From* from = values.As<From>();
  To* to = values.As<To>();
  for (size_t k = count; k-- > 0;) {
    To result;
    const uint8_t failed = kernel(from[k], &result);
    to[k] = result;
    values.failed[k] |= static_cast<uint8_t>(values.valid[k] & failed);
    values.valid[k] &= static_cast<uint8_t>(1 - failed);
  }
}

/// Left to right over two or more arguments of one type.
template <typename T, typename Kernel>
class CombineStep final : public ExpressionStep {
 public:
  CombineStep(Kernel kernel, ExpressionSteps arguments)
      : kernel_(kernel), arguments_(std::move(arguments)) {}

  void Evaluate(const Chunk& chunk, std::span<const uint32_t> rows,
                ValueVector& values) const override {
    arguments_[0]->Evaluate(chunk, rows, values);
    const Lease<ValueVector> other;
    for (size_t i = 1; i < arguments_.size(); ++i) {
      arguments_[i]->Evaluate(chunk, rows, *other);
      CombineRows<T>(kernel_, *other, rows.size(), values);
    }
  }
  int cost() const override {
    int total = 0;
    for (const ExpressionStepPtr& argument : arguments_) total += 4 + argument->cost();
    return total;
  }

 private:
  const Kernel kernel_;
  const ExpressionSteps arguments_;
};

/// One argument, converted in place.
template <typename From, typename To, typename Kernel>
class ConvertStep final : public ExpressionStep {
 public:
  ConvertStep(Kernel kernel, ExpressionStepPtr argument)
      : kernel_(kernel), argument_(std::move(argument)) {}

  void Evaluate(const Chunk& chunk, std::span<const uint32_t> rows,
                ValueVector& values) const override {
    argument_->Evaluate(chunk, rows, values);
    if constexpr (sizeof(To) <= sizeof(From)) {
      ConvertRows<From, To>(kernel_, rows.size(), values);
    } else {
      WidenRows<From, To>(kernel_, rows.size(), values);
    }
  }
  int cost() const override { return 4 + argument_->cost(); }

 private:
  const Kernel kernel_;
  const ExpressionStepPtr argument_;
};

template <typename T, typename Kernel>
ExpressionStepPtr MakeCombine(Kernel kernel, ExpressionSteps arguments) {
  return std::make_unique<CombineStep<T, Kernel>>(kernel, std::move(arguments));
}

template <typename From, typename To, typename Kernel>
ExpressionStepPtr MakeConvert(Kernel kernel, ExpressionStepPtr argument) {
  return std::make_unique<ConvertStep<From, To, Kernel>>(kernel, std::move(argument));
}

}  // namespace sextant
