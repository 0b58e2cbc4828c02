#include "compute/operators/predicate_step.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/row_batches.h"

namespace sextant {
namespace {

using Steps = std::vector<std::unique_ptr<PredicateStep>>;

constexpr size_t kBitmapWords = BitmapWords(kMaxChunkRows);

class ConstantStep final : public PredicateStep {
 public:
  explicit ConstantStep(bool is_true) : is_true_(is_true) {}
  void Narrow(const Chunk&, Selection selection, FilterScratch&) const override {
    if (!is_true_) selection.Clear();
  }
  ZoneVerdict Judge(const Chunk&) const override {
    return is_true_ ? ZoneVerdict::kAll : ZoneVerdict::kNone;
  }
  int cost() const override { return 0; }

 private:
  const bool is_true_;
};

class NodeStep : public PredicateStep {
 public:
  explicit NodeStep(Steps children) {
    std::vector<size_t> order(children.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return children[a]->cost() < children[b]->cost(); });
    for (const size_t index : order) children_.push_back(std::move(children[index]));
    conditions_ = std::move(order);
  }
  int cost() const override {
    int total = 1;
    for (const auto& child : children_) total += child->cost();
    return total;
  }
  uint32_t num_or_levels() const override {
    uint32_t levels = 0;
    for (const auto& child : children_) levels = std::max(levels, child->num_or_levels());
    return levels;
  }
  uint32_t num_stamps() const override {
    uint32_t stamps = 0;
    for (const auto& child : children_) stamps = std::max(stamps, child->num_stamps());
    return stamps;
  }

 protected:
  /// Cheapest first.
  const Steps& children() const { return children_; }
  /// The place of children()[i] in the predicate.
  size_t condition(size_t i) const { return conditions_[i]; }

 private:
  Steps children_;
  std::vector<size_t> conditions_;
};

/// Every child narrows what the cheaper ones left.
class AndStep final : public NodeStep {
 public:
  using NodeStep::NodeStep;
  void Narrow(const Chunk& chunk, Selection selection, FilterScratch& scratch) const override {
    FilterProfile* const profile = std::exchange(scratch.profile, nullptr);
    for (size_t i = 0; i < children().size() && !selection.IsEmpty(); ++i) {
      const ProfiledCondition profiled(profile, condition(i), selection);
      const ZoneVerdict verdict = children()[i]->Judge(chunk);
      if (verdict == ZoneVerdict::kNone) selection.Clear();
      if (verdict == ZoneVerdict::kSome) children()[i]->Narrow(chunk, selection, scratch);
    }
    scratch.profile = profile;
  }
  size_t num_conditions() const override { return children().size(); }
  ZoneVerdict Judge(const Chunk& chunk) const override {
    ZoneVerdict all = ZoneVerdict::kAll;
    for (const auto& child : children()) all = std::min(all, child->Judge(chunk));
    return all;
  }
};

/// Every child tests the rows that no earlier one found.
class OrStep final : public NodeStep {
 public:
  using NodeStep::NodeStep;
  void Narrow(const Chunk& chunk, Selection selection, FilterScratch& scratch) const override {
    uint64_t* level = scratch.bitmaps.As<uint64_t>().data() + scratch.level * 2 * kBitmapWords;
    ++scratch.level;
    Selection left{level, selection.first, selection.last};
    Selection found{level + kBitmapWords, selection.first, selection.last};
    found.Clear();
    for (const auto& child : children()) {
      bool any = false;
      for (uint32_t word = selection.first; word < selection.last; ++word) {
        left.words[word] = selection.words[word] & ~found.words[word];
        any |= left.words[word] != 0;
      }
      if (!any) break;
      child->Narrow(chunk, left, scratch);
      for (uint32_t word = selection.first; word < selection.last; ++word) {
        found.words[word] |= left.words[word];
      }
    }
    NarrowByBitmap(found.words, selection);
    --scratch.level;
  }
  ZoneVerdict Judge(const Chunk& chunk) const override {
    ZoneVerdict best = ZoneVerdict::kNone;
    for (const auto& child : children()) best = std::max(best, child->Judge(chunk));
    return best;
  }
  uint32_t num_or_levels() const override { return 1 + NodeStep::num_or_levels(); }
};

/// The rows for which its child is FALSE or NULL.
class NotTrueStep final : public PredicateStep {
 public:
  explicit NotTrueStep(std::unique_ptr<PredicateStep> child) : child_(std::move(child)) {}
  void Narrow(const Chunk& chunk, Selection selection, FilterScratch& scratch) const override {
    uint64_t* level = scratch.bitmaps.As<uint64_t>().data() + scratch.level * 2 * kBitmapWords;
    ++scratch.level;
    const Selection found{level, selection.first, selection.last};
    std::copy(selection.words + selection.first, selection.words + selection.last,
              level + selection.first);
    child_->Narrow(chunk, found, scratch);
    NarrowByComplement(found.words, selection);
    --scratch.level;
  }
  ZoneVerdict Judge(const Chunk& chunk) const override {
    switch (child_->Judge(chunk)) {
      case ZoneVerdict::kNone:
        return ZoneVerdict::kAll;
      case ZoneVerdict::kAll:
        return ZoneVerdict::kNone;
      default:
        return ZoneVerdict::kSome;
    }
  }
  int cost() const override { return 1 + child_->cost(); }
  uint32_t num_or_levels() const override { return 1 + child_->num_or_levels(); }
  uint32_t num_stamps() const override { return child_->num_stamps(); }

 private:
  const std::unique_ptr<const PredicateStep> child_;
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

absl::StatusOr<Steps> CompileChildren(const std::vector<BoundPredicate>& children,
                                      const Table& table, MemoryBudget& budget) {
  Steps steps;
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
  StepOr operator()(const AndNode& node) const {
    SEXTANT_CHECK(!negated);
    SEXTANT_ASSIGN_OR_RETURN(Steps steps, CompileChildren(node.children, table, budget));
    return std::make_unique<AndStep>(std::move(steps));
  }
  StepOr operator()(const OrNode& node) const {
    SEXTANT_CHECK(!negated);
    SEXTANT_ASSIGN_OR_RETURN(Steps steps, CompileChildren(node.children, table, budget));
    return std::make_unique<OrStep>(std::move(steps));
  }
  StepOr operator()(const IsTrueNode& node) const {
    SEXTANT_CHECK(node.children.size() == 1);
    SEXTANT_ASSIGN_OR_RETURN(std::unique_ptr<PredicateStep> child,
                             CompilePredicate(node.children[0], table, budget));
    if (!negated) return child;
    return std::make_unique<NotTrueStep>(std::move(child));
  }
};

}  // namespace

absl::StatusOr<std::unique_ptr<PredicateStep>> CompilePredicate(const BoundPredicate& predicate,
                                                                const Table& table,
                                                                MemoryBudget& budget) {
  return std::visit(NodeCompiler{predicate.negated, predicate, table, budget}, predicate.node);
}

}  // namespace sextant
