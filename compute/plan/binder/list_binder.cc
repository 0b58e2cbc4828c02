#include "compute/plan/binder/list_binder.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/predicate_forms.h"
#include "compute/plan/binder/sorted_texts.h"
#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

constexpr int64_t kMinInt64 = std::numeric_limits<int64_t>::min();
constexpr int64_t kMaxInt64 = std::numeric_limits<int64_t>::max();

template <typename T>
void SortDistinct(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

bool IsNull(const Literal& literal) { return literal.kind == Literal::Kind::kNull; }

/// The operator that holds between the sides when they are exchanged.
CompareOp Flipped(CompareOp op) {
  switch (op) {
    case CompareOp::kLess:
      return CompareOp::kGreater;
    case CompareOp::kLessOrEqual:
      return CompareOp::kGreaterOrEqual;
    case CompareOp::kGreater:
      return CompareOp::kLess;
    case CompareOp::kGreaterOrEqual:
      return CompareOp::kLessOrEqual;
    default:
      return op;
  }
}

class ListBinder {
 public:
  ListBinder(const LiteralBinder& literals, const Predicate& predicate,
             const TypedExpression& value)
      : literals_(literals),
        predicate_(predicate),
        value_(value),
        element_text_(absl::StrCat("an element of ", value.text)) {
    element_.type = value.type().ElementType();
    element_.enum_labels = value.enum_labels;
    element_.text = element_text_;
  }

  absl::StatusOr<BoundPredicate> Bind() const {
    if (!value_.Is(TypeKind::kList)) {
      return RefuseType("allowed in a match of elements: a list column");
    }
    if (element_.type.kind == TypeKind::kJson || HasWideKey(element_.type)) {
      return RefuseType("allowed: lists of text, integers, floats and times");
    }
    if (predicate_.kind == Predicate::Kind::kListCompare) {
      return BindCompare(predicate_.op, predicate_.list_all);
    }
    if (predicate_.list_match == ListMatch::kEqualsAny) {
      return BindCompare(CompareOp::kEqual, /*is_all=*/false);
    }
    return BindMatch();
  }

 private:
  absl::Status RefuseType(const char* condition) const {
    return FieldError(literals_.field(),
                      absl::StrCat(value_.text, " is ", TypeName(value_.type()), "; ", condition),
                      value_.position);
  }

  /// &&, @> and their negation.
  absl::StatusOr<BoundPredicate> BindMatch() const {
    ListLeaf leaf;
    leaf.value = ValueOf(value_);
    // NONE is NOT ANY, whose leaf is negated.
    const bool negated = predicate_.list_match == ListMatch::kNoneOf;
    leaf.match = negated ? ListMatch::kAnyOf : predicate_.list_match;
    const NumberDomain domain = literals_.DomainOf(element_, predicate_.literals);
    for (const Literal& literal : predicate_.literals) {
      SEXTANT_RETURN_IF_ERROR(AddElement(literal, domain, leaf));
    }
    SortDistinct(leaf.keys);
    SortDistinctTexts(leaf.texts);
    return LeafPredicate(std::move(leaf), negated);
  }

  absl::Status AddElement(const Literal& literal, NumberDomain domain, ListLeaf& leaf) const {
    if (IsNull(literal)) {
      leaf.wants_null = leaf.wants_null || leaf.match == ListMatch::kAllOf;
      return absl::OkStatus();
    }
    if (!HasKey(element_.type)) {
      SEXTANT_ASSIGN_OR_RETURN(std::string constant, literals_.BindBytes(element_, literal));
      leaf.texts.push_back(std::move(constant));
      return absl::OkStatus();
    }
    SEXTANT_ASSIGN_OR_RETURN(const KeyBound bound, literals_.BindKey(element_, literal, domain));
    const KeyRange range = OfType(element_.type, RangeOf(CompareOp::kEqual, bound));
    if (range.empty()) {
      // No element equals it: what wants all values is false, as with a NULL.
      leaf.wants_null = leaf.wants_null || leaf.match == ListMatch::kAllOf;
    } else if (range.min == range.max) {
      leaf.keys.push_back(static_cast<int64_t>(range.min));
    } else {
      return FieldError(literals_.field(),
                        absl::StrCat("the constant ", literal.text,
                                     " stands for several integers; write it as an integer"),
                        literal.position);
    }
    return absl::OkStatus();
  }

  /// constant op ANY (list), or ALL.
  absl::StatusOr<BoundPredicate> BindCompare(CompareOp op, bool is_all) const {
    if (predicate_.literals.size() != 1) {
      return FieldError(literals_.field(), "ANY or ALL of a list without exactly one constant");
    }
    const Literal& literal = predicate_.literals[0];
    if (IsNull(literal)) return OfNull(is_all);
    ListCompareLeaf leaf;
    leaf.value = ValueOf(value_);
    leaf.is_all = is_all;
    leaf.outside = op == CompareOp::kNotEqual;
    leaf.min = kMinInt64;
    leaf.max = kMaxInt64;
    const CompareOp of_element = leaf.outside ? CompareOp::kEqual : Flipped(op);
    if (HasKey(element_.type)) {
      const NumberDomain domain = literals_.DomainOf(element_, {&literal, 1});
      SEXTANT_ASSIGN_OR_RETURN(const KeyBound bound, literals_.BindKey(element_, literal, domain));
      KeyRange range = OfType(element_.type, RangeOf(of_element, bound));
      if (range.empty()) range = KeyRange::Empty();
      leaf.min = static_cast<int64_t>(range.min);
      leaf.max = static_cast<int64_t>(range.max);
    } else {
      SEXTANT_ASSIGN_OR_RETURN(const std::string constant, literals_.BindBytes(element_, literal));
      SetTexts(of_element, constant, leaf);
    }
    return Canonical(std::move(leaf), of_element == CompareOp::kEqual);
  }

  static void SetTexts(CompareOp op, const std::string& constant, ListCompareLeaf& leaf) {
    const bool has_min = op != CompareOp::kLess && op != CompareOp::kLessOrEqual;
    const bool has_max = op != CompareOp::kGreater && op != CompareOp::kGreaterOrEqual;
    if (has_min) leaf.min_text = constant;
    if (has_max) leaf.max_text = constant;
    leaf.min_inclusive = op != CompareOp::kGreater;
    leaf.max_inclusive = op != CompareOp::kLess;
  }

  /// `= ANY` and its negation `<> ALL` look a value up among the elements.
  static BoundPredicate Canonical(ListCompareLeaf leaf, bool is_equality) {
    const bool is_lookup = is_equality && leaf.is_all == leaf.outside;
    const bool is_range = !leaf.min_text && leaf.min < leaf.max;
    if (!is_lookup || is_range) return LeafPredicate(std::move(leaf));
    ListLeaf lookup;
    lookup.value = leaf.value;
    lookup.match = ListMatch::kEqualsAny;
    if (leaf.min_text) {
      lookup.texts.push_back(*leaf.min_text);
    } else if (leaf.min == leaf.max) {
      lookup.keys.push_back(leaf.min);
    }
    return LeafPredicate(std::move(lookup), /*negated=*/leaf.outside);
  }

  /// NULL op ANY (list) is FALSE of an empty list, ALL is TRUE of one; else NULL.
  BoundPredicate OfNull(bool is_all) const {
    auto length = std::make_shared<BoundExpression>();
    length->op = ExpressionOp::kCardinality;
    length->type = DataType::Of(TypeKind::kInt64);
    length->arguments.push_back(value_.expression);
    BoundValue value;
    value.type = length->type;
    value.column = value_.expression.column;
    value.expression = std::move(length);
    std::vector<BoundPredicate> parts;
    parts.push_back(LeafPredicate(ConstantLeaf{ConstantLeaf::Value::kNull}));
    parts.push_back(LeafPredicate(IntegerRangeLeaf{std::move(value), 0, 0}, /*negated=*/!is_all));
    return is_all ? Disjunction(std::move(parts)) : Conjunction(std::move(parts));
  }

  const LiteralBinder& literals_;
  const Predicate& predicate_;
  const TypedExpression& value_;
  const std::string element_text_;
  ComparedValue element_;
};

}  // namespace

absl::StatusOr<BoundPredicate> BindListMatch(const LiteralBinder& literals,
                                             const Predicate& predicate,
                                             const TypedExpression& value) {
  return ListBinder(literals, predicate, value).Bind();
}

}  // namespace sextant
