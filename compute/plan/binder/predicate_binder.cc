#include "compute/plan/binder/predicate_binder.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/leaf_binder.h"
#include "compute/plan/error_detail.h"

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

template <typename Node>
BoundPredicate Joined(std::vector<BoundPredicate> children) {
  std::vector<BoundPredicate> flat;
  for (BoundPredicate& child : children) AppendFlat<Node>(flat, std::move(child));
  if (flat.size() == 1) return std::move(flat.front());
  BoundPredicate joined;
  joined.node = Node{std::move(flat)};
  return joined;
}

/// Negation normal form: NOT (a AND b) is NOT a OR NOT b, whose rows are those where the first is
/// FALSE; leaves carry the negation.
BoundPredicate Negated(BoundPredicate predicate) {
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
  for (BoundPredicate& child : *children) negated.push_back(Negated(std::move(child)));
  return conjunction != nullptr ? Joined<OrNode>(std::move(negated))
                                : Joined<AndNode>(std::move(negated));
}

class PredicateBinder {
 public:
  explicit PredicateBinder(const PredicateContext& context) : context_(context) {}

  absl::StatusOr<BoundPredicate> Bind(const Predicate& predicate, int depth) {
    const std::string field = predicate.field.empty() ? "filter" : predicate.field;
    if (depth > context_.limits.max_filter_depth) {
      return FieldError(
          field, absl::StrCat("conditions nest deeper than ", context_.limits.max_filter_depth,
                              " levels, which are allowed"));
    }
    if (++num_nodes_ > context_.limits.max_filter_nodes) {
      return FieldError(field,
                        absl::StrCat("the filter has more than ", context_.limits.max_filter_nodes,
                                     " conditions, which are allowed"));
    }
    switch (predicate.kind) {
      case Predicate::Kind::kAnd:
      case Predicate::Kind::kOr:
        return BindJunction(predicate, field, depth);
      case Predicate::Kind::kNot: {
        if (predicate.children.size() != 1) {
          return FieldError(field, absl::StrCat("NOT of ", predicate.children.size(),
                                                " conditions; allowed: of one"));
        }
        SEXTANT_ASSIGN_OR_RETURN(BoundPredicate child, Bind(predicate.children[0], depth + 1));
        return Negated(std::move(child));
      }
      default:
        return BindLeaf(predicate, field);
    }
  }

 private:
  absl::StatusOr<BoundPredicate> BindJunction(const Predicate& predicate, const std::string& field,
                                              int depth) {
    if (predicate.children.empty()) {
      return FieldError(field, "AND or OR of no conditions; allowed: one or more");
    }
    std::vector<BoundPredicate> children;
    for (const Predicate& child : predicate.children) {
      SEXTANT_ASSIGN_OR_RETURN(BoundPredicate bound, Bind(child, depth + 1));
      children.push_back(std::move(bound));
    }
    return predicate.kind == Predicate::Kind::kAnd ? Joined<AndNode>(std::move(children))
                                                   : Joined<OrNode>(std::move(children));
  }

  absl::StatusOr<BoundPredicate> BindLeaf(const Predicate& predicate,
                                          const std::string& field) const {
    const LeafBinder binder(context_, field);
    SEXTANT_ASSIGN_OR_RETURN(BoundLeaf leaf, binder.Bind(predicate));
    BoundPredicate bound = Joined<AndNode>(std::move(leaf.all_of));
    return leaf.negated ? Negated(std::move(bound)) : std::move(bound);
  }

  const PredicateContext& context_;
  int num_nodes_ = 0;
};

}  // namespace

absl::StatusOr<BoundPredicate> BindPredicate(const PredicateContext& context,
                                             const Predicate& predicate) {
  return PredicateBinder(context).Bind(predicate, 1);
}

BoundPredicate Conjunction(BoundPredicate left, BoundPredicate right) {
  std::vector<BoundPredicate> children;
  children.push_back(std::move(left));
  children.push_back(std::move(right));
  return Joined<AndNode>(std::move(children));
}

}  // namespace sextant
