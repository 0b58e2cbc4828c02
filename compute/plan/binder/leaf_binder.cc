#include "compute/plan/binder/leaf_binder.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

template <typename Leaf>
BoundPredicate Bound(Leaf leaf, bool negated = false) {
  BoundPredicate predicate;
  predicate.node = std::move(leaf);
  predicate.negated = negated;
  return predicate;
}

BoundPredicate NullConstant() { return Bound(ConstantLeaf{ConstantLeaf::Value::kNull}); }

template <typename T>
void SortDistinct(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

/// The part of `range` that values of the type can have.
KeyRange OfType(const DataType& type, const KeyRange& range) {
  const auto within = [&range]<typename T>(T /*of_type*/) {
    return range.Intersect({std::numeric_limits<T>::min(), std::numeric_limits<T>::max()});
  };
  if (HasWideKey(type)) return range;
  if (type.kind == TypeKind::kInt16) return within(int16_t{});
  return type.kind == TypeKind::kInt32 ? within(int32_t{}) : within(int64_t{});
}

BoundPredicate RangeLeaf(const BoundValue& value, KeyRange range) {
  if (HasWideKey(value.type)) {
    if (range.empty()) range = KeyRange::Empty();
    return Bound(WideRangeLeaf{value, range.min, range.max});
  }
  range =
      range.Intersect({std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()});
  if (range.empty()) range = KeyRange::Empty();
  return Bound(
      IntegerRangeLeaf{value, static_cast<int64_t>(range.min), static_cast<int64_t>(range.max)});
}

/// REQUIRES: every key is one of the value's type.
BoundPredicate SetLeaf(const BoundValue& value, std::vector<int128_t> keys) {
  SortDistinct(keys);
  if (keys.size() == 1) return RangeLeaf(value, {keys[0], keys[0]});
  if (HasWideKey(value.type)) return Bound(WideSetLeaf{value, std::move(keys)});
  IntegerSetLeaf leaf{value, {}};
  leaf.keys.reserve(keys.size());
  for (const int128_t key : keys) leaf.keys.push_back(static_cast<int64_t>(key));
  return Bound(std::move(leaf));
}

BoundLeaf Only(BoundPredicate predicate, bool negated = false) {
  BoundLeaf leaf;
  leaf.all_of.push_back(std::move(predicate));
  leaf.negated = negated;
  return leaf;
}

/// The disjunction of one or more parts.
BoundPredicate AnyOf(std::vector<BoundPredicate> parts) {
  if (parts.size() == 1) return std::move(parts.front());
  return Bound(OrNode{std::move(parts)});
}

ComparedValue Compared(const ResolvedValue& value) {
  return {.type = value.value.type,
          .enum_labels = value.enum_labels,
          .is_blank_padded = value.is_blank_padded,
          .text = value.text};
}

bool IsNull(const Literal& literal) { return literal.kind == Literal::Kind::kNull; }

/// Narrows a text range by `text op constant`.
void NarrowText(CompareOp op, std::string constant, TextRangeLeaf& leaf) {
  if (op == CompareOp::kLess || op == CompareOp::kLessOrEqual) {
    leaf.max = std::move(constant);
    leaf.max_inclusive = op == CompareOp::kLessOrEqual;
  } else {
    leaf.min = std::move(constant);
    leaf.min_inclusive = op == CompareOp::kGreaterOrEqual;
  }
}

}  // namespace

absl::Status LeafBinder::LimitList(size_t num_values) const {
  if (num_values <= static_cast<size_t>(context_.limits.max_in_list)) return absl::OkStatus();
  return FieldError(literals_.field(), absl::StrCat("a list of ", num_values, " values; ",
                                                    context_.limits.max_in_list, " are allowed"));
}

absl::Status LeafBinder::RefuseType(const ResolvedValue& value, std::string_view condition) const {
  return FieldError(literals_.field(), absl::StrCat(value.text, " is ", TypeName(value.value.type),
                                                    "; ", std::string(condition)));
}

absl::StatusOr<BoundLeaf> LeafBinder::Bind(const Predicate& predicate) const {
  SEXTANT_ASSIGN_OR_RETURN(const ResolvedValue value,
                           ResolveValue(context_.schema, predicate.value, literals_.field()));
  const TypeKind kind = value.value.type.kind;
  if (predicate.kind == Predicate::Kind::kIsNull) return Only(Bound(NullLeaf{value.value}));
  if (predicate.kind == Predicate::Kind::kList) return BindList(predicate, value);
  if (kind == TypeKind::kJson) return RefuseType(value, "allowed: IS [NOT] NULL");
  if (kind == TypeKind::kList) {
    return RefuseType(value, "allowed: matches of its elements, and IS [NOT] NULL");
  }
  switch (predicate.kind) {
    case Predicate::Kind::kCompare:
      return BindCompare(predicate, value);
    case Predicate::Kind::kIn:
      return BindIn(predicate, value);
    case Predicate::Kind::kRange:
      return BindRange(predicate, value);
    case Predicate::Kind::kBoolean:
    case Predicate::Kind::kIsTrue:
    case Predicate::Kind::kIsFalse:
      return BindTruth(predicate, value);
    default:
      return FieldError(literals_.field(),
                        "found DISTINCT FROM, a pattern or a comparison with a list; allowed: "
                        "comparisons with a constant, IN, BETWEEN, IS NULL, IS TRUE");
  }
}

absl::StatusOr<KeyRange> LeafBinder::KeysThat(CompareOp op, const ComparedValue& value,
                                              const Literal& literal) const {
  const NumberDomain domain = literals_.DomainOf(value, {&literal, 1});
  SEXTANT_ASSIGN_OR_RETURN(const KeyBound bound, literals_.BindKey(value, literal, domain));
  return RangeOf(op, bound);
}

absl::StatusOr<BoundLeaf> LeafBinder::BindCompare(const Predicate& predicate,
                                                  const ResolvedValue& value) const {
  if (predicate.literals.size() != 1) {
    return FieldError(literals_.field(), "a comparison without exactly one constant");
  }
  const Literal& literal = predicate.literals[0];
  if (IsNull(literal)) return Only(NullConstant());
  const bool negated = predicate.op == CompareOp::kNotEqual;
  const CompareOp op = negated ? CompareOp::kEqual : predicate.op;
  const ComparedValue compared = Compared(value);
  if (HasKey(value.value.type)) {
    SEXTANT_ASSIGN_OR_RETURN(const KeyRange range, KeysThat(op, compared, literal));
    return Only(RangeLeaf(value.value, range), negated);
  }
  SEXTANT_ASSIGN_OR_RETURN(std::string constant, literals_.BindBytes(compared, literal));
  if (op == CompareOp::kEqual) {
    return Only(Bound(TextSetLeaf{value.value, {std::move(constant)}}), negated);
  }
  TextRangeLeaf leaf{.value = value.value, .min = std::nullopt, .max = std::nullopt};
  NarrowText(op, std::move(constant), leaf);
  return Only(Bound(std::move(leaf)));
}

absl::StatusOr<BoundLeaf> LeafBinder::BindIn(const Predicate& predicate,
                                             const ResolvedValue& value) const {
  SEXTANT_RETURN_IF_ERROR(LimitList(predicate.literals.size()));
  // As `= ANY ('{}')`, which is false even for NULL.
  if (predicate.literals.empty()) return Only(Bound(ConstantLeaf{ConstantLeaf::Value::kFalse}));
  return HasKey(value.value.type) ? BindKeysIn(predicate, value) : BindTextsIn(predicate, value);
}

absl::StatusOr<BoundLeaf> LeafBinder::BindKeysIn(const Predicate& predicate,
                                                 const ResolvedValue& value) const {
  const ComparedValue compared = Compared(value);
  const NumberDomain domain = literals_.DomainOf(compared, predicate.literals);
  std::vector<int128_t> keys;
  std::vector<BoundPredicate> parts;
  bool has_null = false;
  for (const Literal& literal : predicate.literals) {
    if (IsNull(literal)) {
      has_null = true;
      continue;
    }
    SEXTANT_ASSIGN_OR_RETURN(const KeyBound bound, literals_.BindKey(compared, literal, domain));
    const KeyRange range = OfType(value.value.type, RangeOf(CompareOp::kEqual, bound));
    if (range.min == range.max) keys.push_back(range.min);
    // Several integers are one float8.
    if (range.min < range.max) parts.push_back(RangeLeaf(value.value, range));
  }
  const bool only_nulls = has_null && keys.empty() && parts.empty() &&
                          std::all_of(predicate.literals.begin(), predicate.literals.end(), IsNull);
  if (!keys.empty()) parts.insert(parts.begin(), SetLeaf(value.value, std::move(keys)));
  if (parts.empty() && !only_nulls) parts.push_back(RangeLeaf(value.value, KeyRange::Empty()));
  if (has_null) parts.push_back(NullConstant());
  return Only(AnyOf(std::move(parts)));
}

absl::StatusOr<BoundLeaf> LeafBinder::BindTextsIn(const Predicate& predicate,
                                                  const ResolvedValue& value) const {
  const ComparedValue compared = Compared(value);
  TextSetLeaf leaf{value.value, {}};
  bool has_null = false;
  for (const Literal& literal : predicate.literals) {
    if (IsNull(literal)) {
      has_null = true;
      continue;
    }
    SEXTANT_ASSIGN_OR_RETURN(std::string constant, literals_.BindBytes(compared, literal));
    leaf.texts.push_back(std::move(constant));
  }
  SortDistinct(leaf.texts);
  std::vector<BoundPredicate> parts;
  if (!leaf.texts.empty()) parts.push_back(Bound(std::move(leaf)));
  if (has_null) parts.push_back(NullConstant());
  return Only(AnyOf(std::move(parts)));
}

absl::StatusOr<BoundLeaf> LeafBinder::BindRange(const Predicate& predicate,
                                                const ResolvedValue& value) const {
  if (!predicate.lower && !predicate.upper) {
    return FieldError(literals_.field(), "a range without a bound; allowed: one bound or two");
  }
  struct Side {
    const std::optional<Literal>& literal;
    CompareOp op;
  };
  const Side sides[] = {
      {predicate.lower,
       predicate.lower_inclusive ? CompareOp::kGreaterOrEqual : CompareOp::kGreater},
      {predicate.upper, predicate.upper_inclusive ? CompareOp::kLessOrEqual : CompareOp::kLess}};
  const ComparedValue compared = Compared(value);
  KeyRange range;
  TextRangeLeaf texts{.value = value.value, .min = std::nullopt, .max = std::nullopt};
  BoundLeaf leaf;
  bool has_bound = false;
  for (const auto& [literal, op] : sides) {
    if (!literal) continue;
    if (IsNull(*literal)) {
      if (leaf.all_of.empty()) leaf.all_of.push_back(NullConstant());
      continue;
    }
    has_bound = true;
    if (HasKey(value.value.type)) {
      SEXTANT_ASSIGN_OR_RETURN(const KeyRange side, KeysThat(op, compared, *literal));
      range = range.Intersect(side);
    } else {
      SEXTANT_ASSIGN_OR_RETURN(std::string constant, literals_.BindBytes(compared, *literal));
      NarrowText(op, std::move(constant), texts);
    }
  }
  if (has_bound && HasKey(value.value.type)) leaf.all_of.push_back(RangeLeaf(value.value, range));
  if (has_bound && !HasKey(value.value.type)) leaf.all_of.push_back(Bound(std::move(texts)));
  return leaf;
}

absl::StatusOr<BoundLeaf> LeafBinder::BindTruth(const Predicate& predicate,
                                                const ResolvedValue& value) const {
  if (value.value.type.kind != TypeKind::kBool) {
    return RefuseType(value, "allowed as a condition: a boolean column");
  }
  const int128_t wanted = predicate.kind == Predicate::Kind::kIsFalse ? 0 : 1;
  BoundLeaf leaf;
  // IS TRUE is FALSE, not NULL, for NULL.
  if (predicate.kind != Predicate::Kind::kBoolean) {
    leaf.all_of.push_back(Bound(NullLeaf{value.value}, /*negated=*/true));
  }
  leaf.all_of.push_back(RangeLeaf(value.value, {wanted, wanted}));
  return leaf;
}

absl::Status LeafBinder::BindElement(const ComparedValue& element, const Literal& literal,
                                     ListLeaf& leaf, NumberDomain domain) const {
  if (IsNull(literal)) {
    leaf.wants_null = leaf.wants_null || leaf.match == ListMatch::kAllOf;
    return absl::OkStatus();
  }
  if (!HasKey(element.type)) {
    SEXTANT_ASSIGN_OR_RETURN(std::string constant, literals_.BindBytes(element, literal));
    leaf.texts.push_back(std::move(constant));
    return absl::OkStatus();
  }
  SEXTANT_ASSIGN_OR_RETURN(const KeyBound bound, literals_.BindKey(element, literal, domain));
  const KeyRange range = OfType(element.type, RangeOf(CompareOp::kEqual, bound));
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

absl::StatusOr<BoundLeaf> LeafBinder::BindList(const Predicate& predicate,
                                               const ResolvedValue& value) const {
  SEXTANT_RETURN_IF_ERROR(LimitList(predicate.literals.size()));
  if (value.value.type.kind != TypeKind::kList) {
    return RefuseType(value, "allowed in a match of elements: a list column");
  }
  const ComparedValue element = {.type = value.value.type.ElementType(),
                                 .enum_labels = value.enum_labels,
                                 .is_blank_padded = false,
                                 .text = absl::StrCat("an element of ", value.text)};
  if (element.type.kind == TypeKind::kJson || HasWideKey(element.type)) {
    return RefuseType(value, "allowed: lists of text, integers, floats and times");
  }
  const bool equals_any = predicate.list_match == ListMatch::kEqualsAny;
  if (equals_any && (predicate.literals.size() != 1 || IsNull(predicate.literals[0]))) {
    return FieldError(literals_.field(),
                      "= ANY (list column) without exactly one constant that is not NULL");
  }
  ListLeaf leaf;
  leaf.value = value.value;
  // NONE is NOT ANY, whose leaf is negated.
  const bool negated = predicate.list_match == ListMatch::kNoneOf;
  leaf.match = negated ? ListMatch::kAnyOf : predicate.list_match;
  const NumberDomain domain = literals_.DomainOf(element, predicate.literals);
  for (const Literal& literal : predicate.literals) {
    SEXTANT_RETURN_IF_ERROR(BindElement(element, literal, leaf, domain));
  }
  SortDistinct(leaf.keys);
  SortDistinct(leaf.texts);
  return Only(Bound(std::move(leaf)), negated);
}

}  // namespace sextant
