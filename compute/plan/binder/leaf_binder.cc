#include "compute/plan/binder/leaf_binder.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/memory/string_view_bridge.h"
#include "compute/plan/binder/bound_parts.h"
#include "compute/plan/binder/comparison_binder.h"
#include "compute/plan/binder/constant_folder.h"
#include "compute/plan/binder/expression_binder.h"
#include "compute/plan/binder/list_binder.h"
#include "compute/plan/binder/pattern_binder.h"
#include "compute/plan/binder/predicate_forms.h"
#include "compute/plan/binder/sorted_texts.h"
#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

/// Of a text in messages.
constexpr size_t kMaxShownBytes = 64;

BoundPredicate NullConstant() { return LeafPredicate(ConstantLeaf{ConstantLeaf::Value::kNull}); }

template <typename T>
void SortDistinct(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

BoundPredicate RangeLeaf(BoundValue value, KeyRange range) {
  if (HasWideKey(value.type)) {
    if (range.empty()) range = KeyRange::Empty();
    return LeafPredicate(WideRangeLeaf{std::move(value), range.min, range.max});
  }
  range =
      range.Intersect({std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()});
  if (range.empty()) range = KeyRange::Empty();
  return LeafPredicate(IntegerRangeLeaf{std::move(value), static_cast<int64_t>(range.min),
                                        static_cast<int64_t>(range.max)});
}

/// REQUIRES: every key is one of the value's type.
BoundPredicate SetLeaf(BoundValue value, std::vector<int128_t> keys) {
  SortDistinct(keys);
  if (keys.size() == 1) return RangeLeaf(std::move(value), {keys[0], keys[0]});
  if (HasWideKey(value.type)) {
    return LeafPredicate(WideSetLeaf{std::move(value), std::move(keys)});
  }
  IntegerSetLeaf leaf{std::move(value), {}};
  leaf.keys.reserve(keys.size());
  for (const int128_t key : keys) leaf.keys.push_back(static_cast<int64_t>(key));
  return LeafPredicate(std::move(leaf));
}

/// A view of `typed`.
TestedValue Tested(const TypedExpression& typed) {
  TestedValue tested = {.value = ValueOf(typed), .compared = {}, .position = typed.position};
  tested.compared = {.type = tested.value.type,
                     .enum_labels = typed.enum_labels,
                     .is_blank_padded = typed.is_blank_padded,
                     .text = typed.text};
  return tested;
}

/// Whether the condition tests its value with nothing but its literals.
bool TestsWithLiterals(const Predicate& predicate) {
  switch (predicate.kind) {
    case Predicate::Kind::kCompare:
      return predicate.literals.size() == 1 && predicate.other.empty();
    case Predicate::Kind::kIn:
    case Predicate::Kind::kRange:
    case Predicate::Kind::kIsNull:
    case Predicate::Kind::kBoolean:
    case Predicate::Kind::kIsTrue:
    case Predicate::Kind::kIsFalse:
      return true;
    default:
      return false;
  }
}

bool IsTruthTest(Predicate::Kind kind) {
  return kind == Predicate::Kind::kBoolean || kind == Predicate::Kind::kIsTrue ||
         kind == Predicate::Kind::kIsFalse || kind == Predicate::Kind::kIsNull;
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

absl::Status LeafBinder::RefuseType(const TestedValue& tested, std::string_view condition) const {
  return FieldError(literals_.field(),
                    absl::StrCat(ToAbsl(tested.compared.text), " is ",
                                 TypeName(tested.compared.type), "; ", ToAbsl(condition)),
                    tested.position);
}

std::optional<TestedValue> LeafBinder::TestedColumn(const Predicate& predicate) const {
  const Expression& expression = predicate.value;
  if (expression.kind != Expression::Kind::kColumn || context_.names != nullptr ||
      expression.name.size() > kMaxShownBytes || !TestsWithLiterals(predicate)) {
    return std::nullopt;
  }
  const std::optional<ColumnIndex> column = context_.schema.Find(expression.name);
  if (!column) return std::nullopt;
  const Field& field = context_.schema.field(*column);
  TestedValue tested = {.value = {}, .compared = {}, .position = expression.position};
  tested.value.column = *column;
  tested.value.type = field.type;
  tested.compared = {.type = field.type,
                     .enum_labels = field.enum_labels,
                     .is_blank_padded = field.is_blank_padded,
                     .text = expression.name};
  return tested;
}

absl::StatusOr<BoundPredicate> LeafBinder::BindOfColumn(const Predicate& predicate,
                                                        TestedValue& tested) const {
  switch (predicate.kind) {
    case Predicate::Kind::kCompare:
      return BindCompare(predicate.op, tested, predicate.literals[0]);
    case Predicate::Kind::kIn:
    case Predicate::Kind::kRange:
      SEXTANT_RETURN_IF_ERROR(LimitList(predicate.literals.size()));
      return BindConstants(predicate, tested);
    case Predicate::Kind::kIsNull:
      return LeafPredicate(NullLeaf{std::move(tested.value)});
    default:
      return BindTruth(predicate.kind, tested);
  }
}

absl::StatusOr<BoundPredicate> LeafBinder::Bind(const Predicate& predicate) const {
  if (predicate.value.kind == Expression::Kind::kCondition && IsTruthTest(predicate.kind)) {
    return BindTruthOf(predicate);
  }
  if (std::optional<TestedValue> column = TestedColumn(predicate)) {
    return BindOfColumn(predicate, *column);
  }
  SEXTANT_ASSIGN_OR_RETURN(TypedExpression value,
                           BindExpression(context_, predicate.value, literals_.field()));
  switch (predicate.kind) {
    case Predicate::Kind::kCompare:
    case Predicate::Kind::kDistinct:
      return BindSides(predicate, std::move(value));
    case Predicate::Kind::kIn:
    case Predicate::Kind::kRange:
    case Predicate::Kind::kList:
    case Predicate::Kind::kListCompare:
      return BindLiterals(predicate, std::move(value));
    case Predicate::Kind::kLike:
    case Predicate::Kind::kRegex:
      return BindPattern(predicate, TypedAsText(std::move(value)), literals_.field());
    case Predicate::Kind::kIsNull:
      return LeafPredicate(NullLeaf{ValueOf(TypedAsText(std::move(value)))});
    default:
      return BindTruth(predicate, std::move(value));
  }
}

absl::StatusOr<BoundPredicate> LeafBinder::BindSides(const Predicate& predicate,
                                                     TypedExpression value) const {
  if (predicate.literals.size() + predicate.other.size() != 1) {
    return FieldError(literals_.field(), "a comparison without exactly one other side");
  }
  const bool is_distinct = predicate.kind == Predicate::Kind::kDistinct;
  const bool has_literal = !predicate.literals.empty();
  if (has_literal && !is_distinct) {
    if (value.IsUnknown()) {
      SEXTANT_ASSIGN_OR_RETURN(value, TypedByLiterals(context_, literals_.field(), std::move(value),
                                                      predicate.literals));
    }
    return BindCompare(predicate.op, value, predicate.literals[0]);
  }
  const Expression& other =
      has_literal ? Expression::Constant(predicate.literals[0]) : predicate.other[0];
  SEXTANT_ASSIGN_OR_RETURN(TypedExpression right,
                           BindExpression(context_, other, literals_.field()));
  if (is_distinct) {
    return BindDistinct(context_, literals_.field(), std::move(value), std::move(right));
  }
  return BindComparison(context_, literals_.field(), predicate.op, std::move(value),
                        std::move(right));
}

absl::StatusOr<BoundPredicate> LeafBinder::BindLiterals(const Predicate& predicate,
                                                        TypedExpression value) const {
  SEXTANT_RETURN_IF_ERROR(LimitList(predicate.literals.size()));
  const bool is_list =
      predicate.kind == Predicate::Kind::kList || predicate.kind == Predicate::Kind::kListCompare;
  if (is_list) return BindListMatch(literals_, predicate, TypedAsText(std::move(value)));
  if (value.IsUnknown()) {
    std::vector<Literal> literals =
        predicate.kind == Predicate::Kind::kIn ? predicate.literals : std::vector<Literal>();
    if (predicate.lower) literals.push_back(*predicate.lower);
    if (predicate.upper) literals.push_back(*predicate.upper);
    SEXTANT_ASSIGN_OR_RETURN(
        value, TypedByLiterals(context_, literals_.field(), std::move(value), literals));
  }
  TestedValue tested = Tested(value);
  return BindConstants(predicate, tested);
}

absl::Status LeafBinder::CheckComparable(const TestedValue& tested) const {
  const TypeKind kind = tested.compared.type.kind;
  if (kind == TypeKind::kJson) return RefuseType(tested, "allowed: IS [NOT] NULL");
  if (kind == TypeKind::kList) {
    return RefuseType(tested, "allowed: matches of its elements, and IS [NOT] NULL");
  }
  return absl::OkStatus();
}

absl::StatusOr<BoundPredicate> LeafBinder::BindConstants(const Predicate& predicate,
                                                         TestedValue& tested) const {
  SEXTANT_RETURN_IF_ERROR(CheckComparable(tested));
  if (predicate.kind == Predicate::Kind::kRange) return BindRange(predicate, tested);
  // As `= ANY ('{}')`, which is false even for NULL.
  if (predicate.literals.empty()) return LeafPredicate(ConstantLeaf{ConstantLeaf::Value::kFalse});
  return HasKey(tested.compared.type) ? BindKeysIn(predicate, tested)
                                      : BindTextsIn(predicate, tested);
}

/// A test of a condition holds it twice, and so do those around it.
absl::Status LeafBinder::RefuseSize() const {
  return FieldError(literals_.field(),
                    absl::StrCat("tests of conditions within each other, of more than ", kMaxParts,
                                 " parts when they are written out, which are allowed"));
}

/// Of a condition. It is UNKNOWN where neither it nor its negation is TRUE.
absl::StatusOr<BoundPredicate> LeafBinder::BindTruthOf(const Predicate& predicate) const {
  if (predicate.value.conditions.size() != 1) {
    return FieldError(literals_.field(), "a condition without its parts");
  }
  PredicateContext inner = context_;
  ++inner.depth;
  SEXTANT_ASSIGN_OR_RETURN(BoundPredicate condition,
                           BindPredicate(inner, predicate.value.conditions[0]));
  switch (predicate.kind) {
    case Predicate::Kind::kIsTrue:
      return Truth(std::move(condition));
    case Predicate::Kind::kIsFalse:
      return Truth(Negation(std::move(condition)));
    case Predicate::Kind::kIsNull: {
      std::vector<BoundPredicate> neither;
      if (2 * NumParts(condition, kMaxParts) > kMaxParts) return RefuseSize();
      neither.push_back(Negation(Truth(condition)));
      neither.push_back(Negation(Truth(Negation(std::move(condition)))));
      return Conjunction(std::move(neither));
    }
    default:
      return condition;
  }
}

absl::StatusOr<KeyRange> LeafBinder::KeysThat(CompareOp op, const ComparedValue& value,
                                              const Literal& literal) const {
  const NumberDomain domain = literals_.DomainOf(value, {&literal, 1});
  SEXTANT_ASSIGN_OR_RETURN(const KeyBound bound, literals_.BindKey(value, literal, domain));
  return RangeOf(op, bound);
}

absl::StatusOr<BoundPredicate> LeafBinder::BindCompare(CompareOp op, const TypedExpression& typed,
                                                       const Literal& literal) const {
  TestedValue tested = Tested(typed);
  return BindCompare(op, tested, literal);
}

absl::StatusOr<BoundPredicate> LeafBinder::BindCompare(CompareOp op, TestedValue& tested,
                                                       const Literal& literal) const {
  SEXTANT_RETURN_IF_ERROR(CheckComparable(tested));
  if (IsNull(literal)) return NullConstant();
  const bool negated = op == CompareOp::kNotEqual;
  if (negated) op = CompareOp::kEqual;
  if (HasKey(tested.compared.type)) {
    SEXTANT_ASSIGN_OR_RETURN(const KeyRange range, KeysThat(op, tested.compared, literal));
    BoundPredicate leaf = RangeLeaf(std::move(tested.value), range);
    leaf.negated = negated;
    return leaf;
  }
  SEXTANT_ASSIGN_OR_RETURN(std::string constant, literals_.BindBytes(tested.compared, literal));
  if (op == CompareOp::kEqual) {
    return LeafPredicate(TextSetLeaf{std::move(tested.value), {std::move(constant)}}, negated);
  }
  TextRangeLeaf leaf{.value = std::move(tested.value), .min = std::nullopt, .max = std::nullopt};
  NarrowText(op, std::move(constant), leaf);
  return LeafPredicate(std::move(leaf));
}

absl::StatusOr<BoundPredicate> LeafBinder::BindKeysIn(const Predicate& predicate,
                                                      TestedValue& tested) const {
  const BoundValue& value = tested.value;
  const ComparedValue& compared = tested.compared;
  const NumberDomain domain = literals_.DomainOf(compared, predicate.literals);
  std::vector<int128_t> keys;
  keys.reserve(predicate.literals.size());
  std::vector<BoundPredicate> parts;
  bool has_null = false;
  for (const Literal& literal : predicate.literals) {
    if (IsNull(literal)) {
      has_null = true;
      continue;
    }
    SEXTANT_ASSIGN_OR_RETURN(const KeyBound bound, literals_.BindKey(compared, literal, domain));
    const KeyRange range = OfType(value.type, RangeOf(CompareOp::kEqual, bound));
    if (range.min == range.max) keys.push_back(range.min);
    // Several integers are one float8.
    if (range.min < range.max) parts.push_back(RangeLeaf(value, range));
  }
  const bool only_nulls = has_null && keys.empty() && parts.empty() &&
                          std::all_of(predicate.literals.begin(), predicate.literals.end(), IsNull);
  if (!keys.empty()) parts.insert(parts.begin(), SetLeaf(value, std::move(keys)));
  if (parts.empty() && !only_nulls) parts.push_back(RangeLeaf(value, KeyRange::Empty()));
  if (has_null) parts.push_back(NullConstant());
  return Disjunction(std::move(parts));
}

absl::StatusOr<BoundPredicate> LeafBinder::BindTextsIn(const Predicate& predicate,
                                                       TestedValue& tested) const {
  TextSetLeaf leaf{std::move(tested.value), {}};
  leaf.texts.reserve(predicate.literals.size());
  bool has_null = false;
  for (const Literal& literal : predicate.literals) {
    if (LiteralBinder::MeansItsText(tested.compared, literal)) {
      leaf.texts.push_back(literal.text);
      continue;
    }
    if (IsNull(literal)) {
      has_null = true;
      continue;
    }
    SEXTANT_ASSIGN_OR_RETURN(
        std::string constant,
        literals_.BindBytes(tested.compared, literal, predicate.literals.size() > 1));
    leaf.texts.push_back(std::move(constant));
  }
  SortDistinctTexts(leaf.texts);
  if (!has_null) return LeafPredicate(std::move(leaf));
  std::vector<BoundPredicate> parts;
  if (!leaf.texts.empty()) parts.push_back(LeafPredicate(std::move(leaf)));
  parts.push_back(NullConstant());
  return Disjunction(std::move(parts));
}

absl::StatusOr<BoundPredicate> LeafBinder::BindRange(const Predicate& predicate,
                                                     TestedValue& tested) const {
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
  const ComparedValue& compared = tested.compared;
  const bool has_key = HasKey(compared.type);
  KeyRange range;
  TextRangeLeaf texts{.value = {}, .min = std::nullopt, .max = std::nullopt};
  bool has_null = false;
  bool has_bound = false;
  for (const auto& [literal, op] : sides) {
    if (!literal) continue;
    if (IsNull(*literal)) {
      has_null = true;
      continue;
    }
    has_bound = true;
    if (has_key) {
      SEXTANT_ASSIGN_OR_RETURN(const KeyRange side, KeysThat(op, compared, *literal));
      range = range.Intersect(side);
    } else {
      SEXTANT_ASSIGN_OR_RETURN(std::string constant, literals_.BindBytes(compared, *literal));
      NarrowText(op, std::move(constant), texts);
    }
  }
  if (!has_bound) return NullConstant();
  if (!has_key) texts.value = std::move(tested.value);
  BoundPredicate leaf =
      has_key ? RangeLeaf(std::move(tested.value), range) : LeafPredicate(std::move(texts));
  return has_null ? Conjunction(NullConstant(), std::move(leaf)) : std::move(leaf);
}

absl::StatusOr<BoundPredicate> LeafBinder::BindTruth(const Predicate& predicate,
                                                     TypedExpression typed) const {
  if (typed.IsUnknown()) {
    TypedExpression like;
    like.expression.type = DataType::Of(TypeKind::kBool);
    like.text = "the condition";
    const TypingContext typing = {context_.time_zone, literals_.field(), context_.division};
    SEXTANT_ASSIGN_OR_RETURN(typed, TypedLike(typing, std::move(typed), like));
  }
  TestedValue tested = Tested(typed);
  return BindTruth(predicate.kind, tested);
}

absl::StatusOr<BoundPredicate> LeafBinder::BindTruth(Predicate::Kind kind,
                                                     TestedValue& tested) const {
  if (tested.compared.type.kind != TypeKind::kBool) {
    return RefuseType(tested, "allowed as a condition: a boolean column");
  }
  const int128_t wanted = kind == Predicate::Kind::kIsFalse ? 0 : 1;
  const BoundValue& value = tested.value;
  BoundPredicate is_wanted = Folded(RangeLeaf(value, {wanted, wanted}));
  if (kind == Predicate::Kind::kBoolean) return is_wanted;
  if (std::holds_alternative<ConstantLeaf>(is_wanted.node)) return Truth(std::move(is_wanted));
  // IS TRUE is FALSE, not NULL, for NULL.
  return Conjunction(LeafPredicate(NullLeaf{value}, /*negated=*/true), std::move(is_wanted));
}

}  // namespace sextant
