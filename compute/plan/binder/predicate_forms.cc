#include "compute/plan/binder/predicate_forms.h"

#include <algorithm>

namespace sextant {
namespace {

template <typename Node>
void AppendFlat(std::vector<BoundPredicate>& children, BoundPredicate child) {
  if (Node* same = std::get_if<Node>(&child.node)) {
    for (BoundPredicate& grandchild : same->children) children.push_back(std::move(grandchild));
  } else {
    children.push_back(std::move(child));
  }
}

/// `neutral` children do not count; one that is the other truth value decides, so that nothing else
/// is computed, as PostgreSQL's planner has it.
template <typename Node>
BoundPredicate Joined(std::vector<BoundPredicate> children, ConstantLeaf::Value neutral) {
  const ConstantLeaf::Value deciding = neutral == ConstantLeaf::Value::kTrue
                                           ? ConstantLeaf::Value::kFalse
                                           : ConstantLeaf::Value::kTrue;
  const bool is_flat =
      children.size() > 1 && std::none_of(children.begin(), children.end(), [](const auto& child) {
        return std::holds_alternative<Node>(child.node) ||
               std::holds_alternative<ConstantLeaf>(child.node);
      });
  if (is_flat) return LeafPredicate(Node{std::move(children)});
  std::vector<BoundPredicate> flat;
  for (BoundPredicate& child : children) {
    if (IsConstant(child, deciding)) return std::move(child);
    if (!IsConstant(child, neutral)) AppendFlat<Node>(flat, std::move(child));
  }
  if (flat.empty()) return LeafPredicate(ConstantLeaf{neutral});
  if (flat.size() == 1) return std::move(flat.front());
  return LeafPredicate(Node{std::move(flat)});
}

}  // namespace

bool IsConstant(const BoundPredicate& predicate, ConstantLeaf::Value value) {
  const auto* constant = std::get_if<ConstantLeaf>(&predicate.node);
  return constant != nullptr && constant->value == value;
}

BoundPredicate Conjunction(std::vector<BoundPredicate> children) {
  return Joined<AndNode>(std::move(children), ConstantLeaf::Value::kTrue);
}

BoundPredicate Disjunction(std::vector<BoundPredicate> children) {
  return Joined<OrNode>(std::move(children), ConstantLeaf::Value::kFalse);
}

BoundPredicate Conjunction(BoundPredicate left, BoundPredicate right) {
  std::vector<BoundPredicate> children;
  children.push_back(std::move(left));
  children.push_back(std::move(right));
  return Conjunction(std::move(children));
}

BoundPredicate Negation(BoundPredicate predicate) {
  if (auto* constant = std::get_if<ConstantLeaf>(&predicate.node)) {
    if (constant->value == ConstantLeaf::Value::kNull) return predicate;
    const bool was_true = constant->value == ConstantLeaf::Value::kTrue;
    constant->value = was_true ? ConstantLeaf::Value::kFalse : ConstantLeaf::Value::kTrue;
    return predicate;
  }
  std::vector<BoundPredicate>* children = nullptr;
  auto* conjunction = std::get_if<AndNode>(&predicate.node);
  auto* disjunction = std::get_if<OrNode>(&predicate.node);
  if (conjunction != nullptr) children = &conjunction->children;
  if (disjunction != nullptr) children = &disjunction->children;
  if (children == nullptr) {
    predicate.negated = !predicate.negated;
    return predicate;
  }
  std::vector<BoundPredicate> negated;
  for (BoundPredicate& child : *children) negated.push_back(Negation(std::move(child)));
  return conjunction != nullptr ? Disjunction(std::move(negated)) : Conjunction(std::move(negated));
}

BoundPredicate Truth(BoundPredicate predicate) {
  if (const auto* constant = std::get_if<ConstantLeaf>(&predicate.node)) {
    const bool is_true = constant->value == ConstantLeaf::Value::kTrue;
    return LeafPredicate(
        ConstantLeaf{is_true ? ConstantLeaf::Value::kTrue : ConstantLeaf::Value::kFalse});
  }
  std::vector<BoundPredicate> children;
  children.push_back(std::move(predicate));
  return LeafPredicate(IsTrueNode{std::move(children)});
}

}  // namespace sextant
