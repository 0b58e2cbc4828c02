#include "compute/operators/predicate_step.h"

#include <utility>

#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/row_batches.h"

namespace sextant {
namespace {

class ConstantStep final : public PredicateStep {
 public:
  explicit ConstantStep(bool is_true) : is_true_(is_true) {}
  void Narrow(const Chunk&, Selection selection, FilterScratch&) const override {
    if (!is_true_) selection.Clear();
  }
  ZoneVerdict Judge(const Chunk&) const override {
    return is_true_ ? ZoneVerdict::kAll : ZoneVerdict::kNone;
  }
  StepEstimate Estimate(const Chunk&) const override { return {is_true_ ? 1.0 : 0.0, 0}; }
  int cost() const override { return 0; }

 private:
  const bool is_true_;
};

/// `value IS NULL`, or its negation. What cannot be computed is NULL.
class NullStep final : public PredicateStep {
 public:
  NullStep(ValueReader reader, bool wants_valid)
      : reader_(std::move(reader)), wants_valid_(wants_valid) {}
  void Narrow(const Chunk& chunk, Selection selection, FilterScratch&) const override {
    if (!reader_.is_column()) return NarrowComputed(chunk, selection);
    const Column& column = chunk.column(reader_.column());
    if (!column.has_nulls()) {
      if (!wants_valid_) selection.Clear();
      return;
    }
    if (wants_valid_) {
      NarrowByBitmap(column.validity().data(), selection);
    } else {
      NarrowByComplement(column.validity().data(), selection);
    }
  }
  ZoneVerdict Judge(const Chunk& chunk) const override {
    if (!reader_.is_column() || chunk.column(reader_.column()).has_nulls()) {
      return ZoneVerdict::kSome;
    }
    return wants_valid_ ? ZoneVerdict::kAll : ZoneVerdict::kNone;
  }
  StepEstimate Estimate(const Chunk& chunk) const override {
    if (!reader_.is_column()) return {.kept = wants_valid_ ? 0.9 : 0.1};
    const Column& column = chunk.column(reader_.column());
    const double valid = FractionOf(column.num_rows() - column.zone_map().null_count, column);
    return {wants_valid_ ? valid : 1 - valid, BitmapCost(chunk)};
  }
  int cost() const override { return reader_.is_column() ? kBitmapCost : reader_.cost(); }

 private:
  void NarrowComputed(const Chunk& chunk, Selection selection) const {
    NarrowByBatch(selection, [&](std::span<const uint32_t> rows, uint8_t* keeps) {
      reader_.ReadValidity(chunk, rows, keeps);
      if (wants_valid_) return;
      for (size_t k = 0; k < rows.size(); ++k) keeps[k] ^= 1;
    });
  }

  const ValueReader reader_;
  const bool wants_valid_;
};

absl::StatusOr<PredicateSteps> CompileChildren(const std::vector<BoundPredicate>& children,
                                               const Table& table, MemoryBudget& budget) {
  PredicateSteps steps;
  steps.reserve(children.size());
  for (const BoundPredicate& child : children) {
    SEXTANT_ASSIGN_OR_RETURN(std::unique_ptr<PredicateStep> step,
                             CompilePredicate(child, table, budget));
    steps.push_back(std::move(step));
  }
  return steps;
}

}  // namespace

absl::StatusOr<std::unique_ptr<PredicateStep>> CompileNullLeaf(const NullLeaf& leaf, bool negated,
                                                               const Table& table,
                                                               MemoryBudget& budget) {
  SEXTANT_ASSIGN_OR_RETURN(ValueReader reader, ValueReader::Create(leaf.value, table, budget));
  return std::make_unique<NullStep>(std::move(reader), negated);
}

namespace {

using StepOr = absl::StatusOr<std::unique_ptr<PredicateStep>>;

/// Compiles each kind of node.
struct NodeCompiler {
  bool negated;
  const BoundPredicate& predicate;
  const Table& table;
  MemoryBudget& budget;

  StepOr operator()(const ConstantLeaf& leaf) const {
    const auto wanted = negated ? ConstantLeaf::Value::kFalse : ConstantLeaf::Value::kTrue;
    return std::make_unique<ConstantStep>(leaf.value == wanted);
  }
  StepOr operator()(const NullLeaf& leaf) const {
    return CompileNullLeaf(leaf, negated, table, budget);
  }
  StepOr operator()(const IntegerRangeLeaf&) const {
    return CompileIntegerLeaf(predicate, table, budget);
  }
  StepOr operator()(const IntegerSetLeaf&) const {
    return CompileIntegerLeaf(predicate, table, budget);
  }
  StepOr operator()(const WideRangeLeaf&) const {
    return CompileWideLeaf(predicate, table, budget);
  }
  StepOr operator()(const WideSetLeaf&) const { return CompileWideLeaf(predicate, table, budget); }
  StepOr operator()(const TextRangeLeaf&) const {
    return CompileTextLeaf(predicate, table, budget);
  }
  StepOr operator()(const TextSetLeaf&) const { return CompileTextLeaf(predicate, table, budget); }
  StepOr operator()(const PatternLeaf&) const { return CompileTextLeaf(predicate, table, budget); }
  StepOr operator()(const ListLeaf& leaf) const { return CompileListLeaf(leaf, negated, table); }
  StepOr operator()(const ListCompareLeaf& leaf) const {
    return CompileListCompareLeaf(leaf, negated, table, budget);
  }
  StepOr operator()(const CompareLeaf& leaf) const {
    return CompileCompareLeaf(leaf, negated, table, budget);
  }
  StepOr operator()(const DistinctLeaf& leaf) const {
    return CompileDistinctLeaf(leaf, negated, table, budget);
  }
  StepOr operator()(const ExistsLeaf& leaf) const {
    return CompileExistsLeaf(leaf, negated, table, budget);
  }
  StepOr operator()(const AndNode& node) const {
    SEXTANT_CHECK(!negated);
    SEXTANT_ASSIGN_OR_RETURN(PredicateSteps steps, CompileChildren(node.children, table, budget));
    return MakeAndStep(std::move(steps));
  }
  StepOr operator()(const OrNode& node) const {
    SEXTANT_CHECK(!negated);
    SEXTANT_ASSIGN_OR_RETURN(PredicateSteps steps, CompileChildren(node.children, table, budget));
    return MakeOrStep(std::move(steps));
  }
  StepOr operator()(const IsTrueNode& node) const {
    SEXTANT_CHECK(node.children.size() == 1);
    SEXTANT_ASSIGN_OR_RETURN(std::unique_ptr<PredicateStep> child,
                             CompilePredicate(node.children[0], table, budget));
    if (!negated) return child;
    return MakeNotTrueStep(std::move(child));
  }
};

}  // namespace

absl::StatusOr<std::unique_ptr<PredicateStep>> CompilePredicate(const BoundPredicate& predicate,
                                                                const Table& table,
                                                                MemoryBudget& budget) {
  return std::visit(NodeCompiler{predicate.negated, predicate, table, budget}, predicate.node);
}

}  // namespace sextant
