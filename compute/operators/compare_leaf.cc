#include <algorithm>
#include <cstring>
#include <utility>

#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/predicate_step.h"
#include "compute/operators/row_batches.h"

namespace sextant {
namespace {

/// keeps[k] = test(a[k], b[k]).
template <typename T, typename Test>
void CompareRows(const T* a, const T* b, size_t count, Test test, uint8_t* keeps) {
  for (size_t k = 0; k < count; ++k) keeps[k] = test(a[k], b[k]) ? 1 : 0;
}

template <typename T>
void CompareRows(CompareOp op, const T* a, const T* b, size_t count, uint8_t* keeps) {
  switch (op) {
    case CompareOp::kEqual:
      return CompareRows(
          a, b, count, [](T x, T y) { return x == y; }, keeps);
    case CompareOp::kNotEqual:
      return CompareRows(
          a, b, count, [](T x, T y) { return x != y; }, keeps);
    case CompareOp::kLess:
      return CompareRows(
          a, b, count, [](T x, T y) { return x < y; }, keeps);
    case CompareOp::kLessOrEqual:
      return CompareRows(
          a, b, count, [](T x, T y) { return x <= y; }, keeps);
    case CompareOp::kGreater:
      return CompareRows(
          a, b, count, [](T x, T y) { return x > y; }, keeps);
    case CompareOp::kGreaterOrEqual:
      return CompareRows(
          a, b, count, [](T x, T y) { return x >= y; }, keeps);
  }
}

/// Two values of one type, read side by side: where each is NULL, and how they compare.
class ValuePair {
 public:
  static absl::StatusOr<ValuePair> Create(const BoundValue& left, const BoundValue& right,
                                          const Table& table, MemoryBudget& budget) {
    SEXTANT_ASSIGN_OR_RETURN(ValueReader first, ValueReader::Create(left, table, budget));
    SEXTANT_ASSIGN_OR_RETURN(ValueReader second, ValueReader::Create(right, table, budget));
    return ValuePair(std::move(first), std::move(second));
  }

  /// Writes whether `left op right` to `keeps`, whatever is NULL, and what is not to the others.
  void Compare(CompareOp op, const Chunk& chunk, std::span<const uint32_t> rows, uint8_t* keeps,
               uint8_t* left_valid, uint8_t* right_valid) const {
    const Lease<ValueVector> left;
    const Lease<ValueVector> right;
    const size_t count = rows.size();
    switch (form_) {
      case SlotForm::kText: {
        using Text = std::string_view;
        left_.ReadTexts(chunk, rows, left->As<Text>(), left_valid);
        right_.ReadTexts(chunk, rows, right->As<Text>(), right_valid);
        return CompareRows(op, left->As<Text>(), right->As<Text>(), count, keeps);
      }
      case SlotForm::kWide: {
        left_.ReadWides(chunk, rows, left->As<Wide>(), left_valid);
        right_.ReadWides(chunk, rows, right->As<Wide>(), right_valid);
        MakeKeys(count, *left);
        MakeKeys(count, *right);
        return CompareRows(op, left->As<int128_t>(), right->As<int128_t>(), count, keeps);
      }
      default:
        left_.ReadKeys(chunk, rows, left->As<int64_t>(), left_valid);
        right_.ReadKeys(chunk, rows, right->As<int64_t>(), right_valid);
        return CompareRows(op, left->As<int64_t>(), right->As<int64_t>(), count, keeps);
    }
  }
  int cost() const { return kKeyTestCost + CostOf(left_) + CostOf(right_); }

 private:
  ValuePair(ValueReader left, ValueReader right)
      : left_(std::move(left)), right_(std::move(right)), form_(FormOf(left_)) {}

  /// Codes of enums are keys; those of dictionaries are not, each column has its own.
  static SlotForm FormOf(const ValueReader& reader) {
    return reader.type().kind == TypeKind::kEnum ? SlotForm::kInteger : SlotFormOf(reader.type());
  }
  static int CostOf(const ValueReader& reader) { return reader.is_column() ? 4 : reader.cost(); }

  void MakeKeys(size_t count, ValueVector& values) const {
    const Wide* wides = values.As<Wide>();
    int128_t* keys = values.As<int128_t>();
    for (size_t k = 0; k < count; ++k) keys[k] = WideKey(left_.type(), wides[k]);
  }

  ValueReader left_;
  ValueReader right_;
  SlotForm form_;
};

CompareOp Opposite(CompareOp op) {
  switch (op) {
    case CompareOp::kEqual:
      return CompareOp::kNotEqual;
    case CompareOp::kNotEqual:
      return CompareOp::kEqual;
    case CompareOp::kLess:
      return CompareOp::kGreaterOrEqual;
    case CompareOp::kLessOrEqual:
      return CompareOp::kGreater;
    case CompareOp::kGreater:
      return CompareOp::kLessOrEqual;
    default:
      return CompareOp::kLess;
  }
}

class CompareStep final : public PredicateStep {
 public:
  CompareStep(ValuePair values, CompareOp op) : values_(std::move(values)), op_(op) {}

  void Narrow(const Chunk& chunk, Selection selection, FilterScratch&) const override {
    NarrowByBatch(selection, [&](std::span<const uint32_t> rows, uint8_t* keeps) {
      const Lease<ValueVector> valid;
      values_.Compare(op_, chunk, rows, keeps, valid->valid, valid->failed);
      for (size_t k = 0; k < rows.size(); ++k) keeps[k] &= valid->valid[k] & valid->failed[k];
    });
  }
  int cost() const override { return values_.cost(); }

 private:
  const ValuePair values_;
  const CompareOp op_;
};

/// Never NULL: two NULLs are the same, one is distinct from every value.
class DistinctStep final : public PredicateStep {
 public:
  DistinctStep(ValuePair values, bool wants_distinct)
      : values_(std::move(values)), wants_distinct_(wants_distinct) {}

  void Narrow(const Chunk& chunk, Selection selection, FilterScratch&) const override {
    NarrowByBatch(selection, [&](std::span<const uint32_t> rows, uint8_t* keeps) {
      const Lease<ValueVector> valid;
      values_.Compare(CompareOp::kNotEqual, chunk, rows, keeps, valid->valid, valid->failed);
      for (size_t k = 0; k < rows.size(); ++k) {
        const uint8_t left = valid->valid[k];
        const uint8_t right = valid->failed[k];
        const bool is_distinct = ((left & right & keeps[k]) | (left ^ right)) != 0;
        keeps[k] = is_distinct == wants_distinct_ ? 1 : 0;
      }
    });
  }
  int cost() const override { return values_.cost(); }

 private:
  const ValuePair values_;
  const bool wants_distinct_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<PredicateStep>> CompileCompareLeaf(const CompareLeaf& leaf,
                                                                  bool negated, const Table& table,
                                                                  MemoryBudget& budget) {
  SEXTANT_ASSIGN_OR_RETURN(ValuePair values,
                           ValuePair::Create(leaf.left, leaf.right, table, budget));
  return std::make_unique<CompareStep>(std::move(values), negated ? Opposite(leaf.op) : leaf.op);
}

absl::StatusOr<std::unique_ptr<PredicateStep>> CompileDistinctLeaf(const DistinctLeaf& leaf,
                                                                   bool negated, const Table& table,
                                                                   MemoryBudget& budget) {
  SEXTANT_ASSIGN_OR_RETURN(ValuePair values,
                           ValuePair::Create(leaf.left, leaf.right, table, budget));
  return std::make_unique<DistinctStep>(std::move(values), !negated);
}

}  // namespace sextant
