#include <algorithm>
#include <optional>
#include <string>

#include "compute/plan/binder/constant_folder.h"
#include "compute/plan/binder/constant_value.h"
#include "compute/plan/bound_query.h"

namespace sextant {
namespace {

/// The constant that a leaf tests, or nullptr.
const BoundExpression* ConstantOfValue(const BoundValue& value) {
  const bool is_constant =
      value.expression != nullptr && value.expression->op == ExpressionOp::kConstant;
  return is_constant ? value.expression.get() : nullptr;
}

/// What a leaf says of a constant; std::nullopt: its value is none, or the leaf is not folded.
struct ConstantTest {
  using Truth = std::optional<ConstantLeaf::Value>;

  template <typename Test>
  static Truth Of(const BoundValue& value, Test test) {
    const BoundExpression* constant = ConstantOfValue(value);
    if (constant == nullptr) return std::nullopt;
    if (constant->constant.is_null) return ConstantLeaf::Value::kNull;
    return test(*constant) ? ConstantLeaf::Value::kTrue : ConstantLeaf::Value::kFalse;
  }
  template <typename Leaf>
  static Truth InRange(const Leaf& leaf) {
    return Of(leaf.value, [&](const BoundExpression& constant) {
      return leaf.min <= KeyOfConstant(constant) && KeyOfConstant(constant) <= leaf.max;
    });
  }
  template <typename Leaf>
  static Truth InSet(const Leaf& leaf) {
    return Of(leaf.value, [&](const BoundExpression& constant) {
      const int128_t key = KeyOfConstant(constant);
      return std::any_of(leaf.keys.begin(), leaf.keys.end(),
                         [&](int128_t one) { return one == key; });
    });
  }

  template <typename Node>
  Truth operator()(const Node&) const {
    return std::nullopt;
  }
  Truth operator()(const NullLeaf& leaf) const {
    const BoundExpression* constant = ConstantOfValue(leaf.value);
    if (constant == nullptr) return std::nullopt;
    return constant->constant.is_null ? ConstantLeaf::Value::kTrue : ConstantLeaf::Value::kFalse;
  }
  Truth operator()(const IntegerRangeLeaf& leaf) const { return InRange(leaf); }
  Truth operator()(const WideRangeLeaf& leaf) const { return InRange(leaf); }
  Truth operator()(const IntegerSetLeaf& leaf) const { return InSet(leaf); }
  Truth operator()(const WideSetLeaf& leaf) const { return InSet(leaf); }
  Truth operator()(const TextSetLeaf& leaf) const {
    return Of(leaf.value, [&](const BoundExpression& constant) {
      return std::binary_search(leaf.texts.begin(), leaf.texts.end(),
                                std::get<std::string>(constant.constant.value));
    });
  }
  Truth operator()(const TextRangeLeaf& leaf) const {
    return Of(leaf.value, [&](const BoundExpression& constant) {
      const auto& text = std::get<std::string>(constant.constant.value);
      if (leaf.min && (leaf.min_inclusive ? text < *leaf.min : text <= *leaf.min)) return false;
      return !leaf.max || (leaf.max_inclusive ? text <= *leaf.max : text < *leaf.max);
    });
  }
};

}  // namespace

BoundPredicate Folded(BoundPredicate leaf) {
  Fold(leaf);
  return leaf;
}

void Fold(BoundPredicate& leaf) {
  const std::optional<ConstantLeaf::Value> truth = std::visit(ConstantTest(), leaf.node);
  if (!truth) return;
  ConstantLeaf::Value value = *truth;
  if (leaf.negated && value != ConstantLeaf::Value::kNull) {
    value = value == ConstantLeaf::Value::kTrue ? ConstantLeaf::Value::kFalse
                                                : ConstantLeaf::Value::kTrue;
  }
  leaf = {.node = ConstantLeaf{value}, .negated = false};
}

}  // namespace sextant
