#include "compute/operators/predicate_step.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"

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
  explicit NodeStep(Steps children) : children_(std::move(children)) {
    std::stable_sort(children_.begin(), children_.end(),
                     [](const auto& a, const auto& b) { return a->cost() < b->cost(); });
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
  const Steps& children() const { return children_; }

 private:
  Steps children_;
};

/// Every child narrows what the cheaper ones left.
class AndStep final : public NodeStep {
 public:
  using NodeStep::NodeStep;
  void Narrow(const Chunk& chunk, Selection selection, FilterScratch& scratch) const override {
    for (const auto& child : children()) {
      const ZoneVerdict verdict = child->Judge(chunk);
      if (verdict == ZoneVerdict::kNone) selection.Clear();
      if (verdict == ZoneVerdict::kSome) child->Narrow(chunk, selection, scratch);
      if (selection.IsEmpty()) return;
    }
  }
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

/// `value IS NULL`, or its negation. Of a difference: a NULL operand or an overflow.
class NullStep final : public PredicateStep {
 public:
  NullStep(ValueReader reader, bool wants_valid) : reader_(reader), wants_valid_(wants_valid) {}
  void Narrow(const Chunk& chunk, Selection selection, FilterScratch&) const override {
    if (reader_.is_difference()) {
      return NarrowByRow(selection, [&](uint32_t row) {
        uint8_t valid = 0;
        reader_.ReadValidity(chunk, {&row, 1}, &valid);
        return (valid != 0) == wants_valid_;
      });
    }
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
    if (reader_.is_difference() || chunk.column(reader_.column()).has_nulls()) {
      return ZoneVerdict::kSome;
    }
    return wants_valid_ ? ZoneVerdict::kAll : ZoneVerdict::kNone;
  }
  int cost() const override { return reader_.is_difference() ? kRowTestCost : kBitmapCost; }

 private:
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

std::unique_ptr<PredicateStep> CompileNullLeaf(const NullLeaf& leaf, bool negated,
                                               const Table& table) {
  return std::make_unique<NullStep>(ValueReader(leaf.value, table), negated);
}

absl::StatusOr<std::unique_ptr<PredicateStep>> CompilePredicate(const BoundPredicate& predicate,
                                                                const Table& table,
                                                                MemoryBudget& budget) {
  const auto& node = predicate.node;
  if (const auto* leaf = std::get_if<ConstantLeaf>(&node)) {
    const auto wanted =
        predicate.negated ? ConstantLeaf::Value::kFalse : ConstantLeaf::Value::kTrue;
    return std::make_unique<ConstantStep>(leaf->value == wanted);
  }
  if (const auto* leaf = std::get_if<NullLeaf>(&node)) {
    return CompileNullLeaf(*leaf, predicate.negated, table);
  }
  if (const auto* leaf = std::get_if<ListLeaf>(&node)) {
    return CompileListLeaf(*leaf, predicate.negated, table);
  }
  if (const auto* conjunction = std::get_if<AndNode>(&node)) {
    SEXTANT_CHECK(!predicate.negated);
    SEXTANT_ASSIGN_OR_RETURN(Steps steps, CompileChildren(conjunction->children, table, budget));
    return std::make_unique<AndStep>(std::move(steps));
  }
  if (const auto* disjunction = std::get_if<OrNode>(&node)) {
    SEXTANT_CHECK(!predicate.negated);
    SEXTANT_ASSIGN_OR_RETURN(Steps steps, CompileChildren(disjunction->children, table, budget));
    return std::make_unique<OrStep>(std::move(steps));
  }
  if (std::holds_alternative<WideRangeLeaf>(node) || std::holds_alternative<WideSetLeaf>(node)) {
    return CompileWideLeaf(predicate, table);
  }
  if (std::holds_alternative<TextRangeLeaf>(node) || std::holds_alternative<TextSetLeaf>(node)) {
    return CompileTextLeaf(predicate, table, budget);
  }
  return CompileIntegerLeaf(predicate, table, budget);
}

}  // namespace sextant
