#include "compute/plan/binder/bound_parts.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

constexpr size_t kValuesPerPart = 16;

/// Counts up to one more than `limit`; the methods are false from there on.
class PartCounter {
 public:
  explicit PartCounter(int limit) : num_left_(limit) {}

  /// How many were counted of `limit`.
  int NumCounted(int limit) const { return limit - std::max(num_left_, -1); }

  bool Count(const BoundExpression& expression) {
    return CountOne() &&
           std::all_of(expression.arguments.begin(), expression.arguments.end(),
                       [&](const BoundExpression& one) { return Count(one); }) &&
           CountAll(expression.conditions);
  }
  bool Count(const BoundPredicate& predicate) {
    return CountOne() &&
           std::visit([&](const auto& node) { return CountNode(node); }, predicate.node);
  }
  bool Count(const BoundValue& value) {
    return value.expression == nullptr || Count(*value.expression);
  }

 private:
  bool CountOne() { return --num_left_ >= 0; }
  bool CountAll(const std::vector<BoundPredicate>& predicates) {
    return std::all_of(predicates.begin(), predicates.end(),
                       [&](const BoundPredicate& one) { return Count(one); });
  }
  bool CountListed(size_t num_values) {
    num_left_ -= static_cast<int>(num_values / kValuesPerPart);
    return num_left_ >= 0;
  }
  template <typename Node>
  bool CountNode(const Node& node) {
    if constexpr (requires { node.keys; }) {
      if (!CountListed(node.keys.size())) return false;
    }
    if constexpr (requires { node.texts; }) {
      if (!CountListed(node.texts.size())) return false;
    }
    if constexpr (requires { node.children; }) {
      return CountAll(node.children);
    } else if constexpr (requires { node.left; }) {
      return Count(node.left) && Count(node.right);
    } else if constexpr (requires { node.value.expression; }) {
      return Count(node.value);
    }
    return true;
  }

  int num_left_;
};

}  // namespace

int NumParts(const BoundExpression& expression, int limit) {
  PartCounter counter(limit);
  counter.Count(expression);
  return counter.NumCounted(limit);
}

int NumParts(const BoundPredicate& predicate, int limit) {
  PartCounter counter(limit);
  counter.Count(predicate);
  return counter.NumCounted(limit);
}

int NumParts(const BoundAggregate& aggregate, int limit) {
  PartCounter counter(limit);
  const bool is_within = counter.Count(aggregate.value) && counter.Count(aggregate.second) &&
                         counter.Count(aggregate.pin.start) && counter.Count(aggregate.pin.end);
  if (is_within && aggregate.filter) counter.Count(*aggregate.filter);
  if (is_within && aggregate.outside) counter.Count(*aggregate.outside);
  if (is_within && aggregate.clip && counter.Count(aggregate.clip->value) &&
      aggregate.clip->filter) {
    counter.Count(*aggregate.clip->filter);
  }
  return counter.NumCounted(limit);
}

absl::Status PartsBudget::Take(int num_parts, const std::string& field) {
  if (num_parts <= num_left_) {
    num_left_ -= num_parts;
    return absl::OkStatus();
  }
  num_left_ = 0;
  return FieldError(field, absl::StrCat("with it the query has more than ", kMaxQueryParts,
                                        " parts when it is written out, which are allowed"));
}

}  // namespace sextant
