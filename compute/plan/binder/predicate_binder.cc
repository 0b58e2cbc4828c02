#include "compute/plan/binder/predicate_binder.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/bound_parts.h"
#include "compute/plan/binder/constant_folder.h"
#include "compute/plan/binder/leaf_binder.h"
#include "compute/plan/binder/predicate_forms.h"
#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

class PredicateBinder {
 public:
  explicit PredicateBinder(const PredicateContext& context) : context_(context) {}

  absl::StatusOr<BoundPredicate> Bind(const Predicate& predicate, int depth) {
    static const std::string& of_query = *new std::string("filter");
    const std::string& field = predicate.field.empty() ? of_query : predicate.field;
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
        return Negation(std::move(child));
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
    children.reserve(predicate.children.size());
    for (const Predicate& child : predicate.children) {
      absl::StatusOr<BoundPredicate> bound = Bind(child, depth + 1);
      if (!bound.ok()) return bound;
      children.push_back(*std::move(bound));
    }
    return predicate.kind == Predicate::Kind::kAnd ? Conjunction(std::move(children))
                                                   : Disjunction(std::move(children));
  }

  absl::StatusOr<BoundPredicate> BindLeaf(const Predicate& predicate,
                                          const std::string& field) const {
    const LeafBinder binder(context_, field);
    absl::StatusOr<BoundPredicate> leaf = binder.Bind(predicate);
    if (!leaf.ok()) return leaf;
    Fold(*leaf);
    if (context_.parts != nullptr) {
      SEXTANT_RETURN_IF_ERROR(context_.parts->Take(NumParts(*leaf, kMaxQueryParts), field));
    }
    return leaf;
  }

  const PredicateContext& context_;
  int num_nodes_ = 0;
};

}  // namespace

absl::StatusOr<BoundPredicate> BindPredicate(const PredicateContext& context,
                                             const Predicate& predicate) {
  if (context.depth > kMaxExpressionDepth) {
    return FieldError(predicate.field.empty() ? "filter" : predicate.field,
                      absl::StrCat("conditions nest deeper than ", kMaxExpressionDepth,
                                   " levels, which are allowed"));
  }
  return PredicateBinder(context).Bind(predicate, 1);
}

}  // namespace sextant
