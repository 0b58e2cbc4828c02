#include "compute/plan/binder/predicate_binder.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/bound_parts.h"
#include "compute/plan/binder/constant_folder.h"
#include "compute/plan/binder/leaf_binder.h"
#include "compute/plan/binder/predicate_forms.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/nearest_names.h"

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
      case Predicate::Kind::kExists:
        return BindExists(predicate, field, depth);
      default:
        return BindLeaf(predicate, field);
    }
  }

 private:
  /// A child that is never TRUE finds nothing, one that always is finds any row.
  absl::StatusOr<BoundPredicate> BindExists(const Predicate& predicate, const std::string& field,
                                            int depth) {
    SEXTANT_ASSIGN_OR_RETURN(const uint32_t index, FindLink(predicate, field));
    ExistsLeaf leaf = {.link = index, .children = {}};
    const std::shared_ptr<const Schema> target = context_.schema.links()[index].target.lock();
    SEXTANT_CHECK(target != nullptr);
    if (!predicate.children.empty()) {
      const PredicateContext context = {.schema = *target,
                                        .time_zone = context_.time_zone,
                                        .limits = context_.limits,
                                        .as_of_us = context_.as_of_us,
                                        .parts = context_.parts,
                                        .division = context_.division,
                                        .has_now = context_.has_now,
                                        .depth = context_.depth + 1};
      PredicateBinder binder(context);
      binder.num_nodes_ = num_nodes_;
      absl::StatusOr<BoundPredicate> child = binder.Bind(predicate.children[0], depth + 1);
      num_nodes_ = binder.num_nodes_;
      if (!child.ok()) return child;
      const auto* constant = std::get_if<ConstantLeaf>(&child->node);
      if (constant != nullptr && constant->value != ConstantLeaf::Value::kTrue) {
        return LeafPredicate(ConstantLeaf{ConstantLeaf::Value::kFalse});
      }
      if (constant == nullptr) leaf.children.push_back(*std::move(child));
    }
    return LeafPredicate(std::move(leaf));
  }

  absl::StatusOr<uint32_t> FindLink(const Predicate& predicate, const std::string& field) const {
    const bool has_links = context_.names == nullptr;
    const std::optional<uint32_t> index =
        has_links ? context_.schema.FindLink(predicate.link) : std::nullopt;
    if (index) return *index;
    std::vector<std::string> names;
    if (has_links) {
      for (const SchemaLink& link : context_.schema.links()) names.push_back(link.name);
    }
    if (names.empty()) {
      return FieldError(
          field,
          absl::StrCat("found a condition on the link '", predicate.link.substr(0, 64),
                       "' of rows without links; allowed: columns of them, and of rows that `per` "
                       "makes a condition in the filter of the metric"),
          predicate.position);
    }
    return FieldError(field,
                      absl::StrCat("'", predicate.link.substr(0, 64), "' is no link",
                                   DidYouMean(predicate.link, names),
                                   "; allowed: links of the dataset: ", ListedNames(names)),
                      predicate.position, NearestNames(predicate.link, names));
  }

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
