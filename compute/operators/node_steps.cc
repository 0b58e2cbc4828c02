#include <algorithm>
#include <array>
#include <numeric>
#include <span>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "compute/operators/predicate_step.h"

namespace sextant {
namespace {

constexpr size_t kBitmapWords = BitmapWords(kMaxChunkRows);

class NodeStep : public PredicateStep {
 public:
  explicit NodeStep(PredicateSteps children) : conditions_(children.size()) {
    std::iota(conditions_.begin(), conditions_.end(), size_t{0});
    const auto is_cheaper = [&](size_t a, size_t b) {
      return children[a]->cost() < children[b]->cost();
    };
    if (std::is_sorted(conditions_.begin(), conditions_.end(), is_cheaper)) {
      children_ = std::move(children);
      return;
    }
    std::stable_sort(conditions_.begin(), conditions_.end(), is_cheaper);
    children_.reserve(children.size());
    for (const size_t index : conditions_) children_.push_back(std::move(children[index]));
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
  const PredicateSteps& children() const { return children_; }
  /// The place of children()[i] in the predicate.
  size_t condition(size_t i) const { return conditions_[i]; }

 private:
  PredicateSteps children_;
  absl::InlinedVector<size_t, 8> conditions_;
};

/// A child of AND in a chunk that has not had its turn.
struct WaitingChild {
  size_t child = 0;
  ZoneVerdict verdict = ZoneVerdict::kSome;
  StepEstimate estimate;
};

/// Without the words at either end that have no row.
Selection Trimmed(Selection selection) {
  while (selection.first < selection.last && selection.words[selection.first] == 0) {
    ++selection.first;
  }
  while (selection.first < selection.last && selection.words[selection.last - 1] == 0) {
    --selection.last;
  }
  return selection;
}

/// Every child narrows what earlier ones left: first what zone maps decide, then at each turn the
/// child that drops a row for the least work, given how many are thought to be left.
class AndStep final : public NodeStep {
 public:
  using NodeStep::NodeStep;
  void Narrow(const Chunk& chunk, Selection selection, FilterScratch& scratch) const override {
    FilterProfile* const profile = std::exchange(scratch.profile, nullptr);
    std::array<WaitingChild, kMaxRanked> room;
    std::span<WaitingChild> waiting = Look(chunk, room);
    const size_t num_children = children().size();
    Selection left = selection;
    const double num_rows = profile == nullptr ? 0 : static_cast<double>(CountSelected(left));
    double kept = 1;
    bool all_by_index = true;
    for (size_t i = 0; i < num_children; ++i) {
      left = Trimmed(left);
      if (left.first == left.last) break;
      const double rows_left = kept * 64 * (left.last - left.first);
      const WaitingChild next = waiting.empty() ? LookAt(chunk, i) : Take(waiting, rows_left);
      kept *= next.estimate.kept;
      scratch.by_index = next.verdict != ZoneVerdict::kSome;
      const ProfiledCondition profiled(profile, condition(next.child), left, num_rows * kept,
                                       scratch.by_index);
      if (next.verdict == ZoneVerdict::kNone) left.Clear();
      if (next.verdict != ZoneVerdict::kSome) continue;
      children()[next.child]->Narrow(chunk, left, scratch);
      all_by_index &= scratch.by_index;
    }
    scratch.by_index = all_by_index;
    scratch.profile = profile;
  }
  StepEstimate Estimate(const Chunk& chunk) const override {
    StepEstimate all{1, 0};
    for (size_t i = 0; i < children().size(); ++i) {
      const StepEstimate one = LookAt(chunk, i).estimate;
      all.kept *= one.kept;
      all.chunk_cost += one.chunk_cost;
    }
    return all;
  }
  void RuleOut(const Chunk& chunk, Selection selection) const override {
    for (const auto& child : children()) child->RuleOut(chunk, selection);
  }
  size_t num_conditions() const override { return children().size(); }
  ZoneVerdict Judge(const Chunk& chunk) const override {
    ZoneVerdict all = ZoneVerdict::kAll;
    for (const auto& child : children()) all = std::min(all, child->Judge(chunk));
    return all;
  }

 private:
  /// More keep the order that they were compiled in.
  static constexpr size_t kMaxRanked = 32;

  WaitingChild LookAt(const Chunk& chunk, size_t child) const {
    const PredicateStep& step = *children()[child];
    const ZoneVerdict verdict = step.Judge(chunk);
    if (verdict == ZoneVerdict::kNone) return {child, verdict, {0, 0}};
    if (verdict == ZoneVerdict::kAll) return {child, verdict, {1, 0}};
    return {child, verdict, step.Estimate(chunk)};
  }

  /// Empty where there are too many children.
  std::span<WaitingChild> Look(const Chunk& chunk,
                               std::array<WaitingChild, kMaxRanked>& room) const {
    if (children().size() > kMaxRanked) return {};
    for (size_t i = 0; i < children().size(); ++i) room[i] = LookAt(chunk, i);
    return {room.data(), children().size()};
  }

  /// Removes the child whose turn it is. REQUIRES: there is one.
  WaitingChild Take(std::span<WaitingChild>& waiting, double rows_left) const {
    size_t best = 0;
    double best_price = StepEstimate::kNever;
    for (size_t i = 0; i < waiting.size(); ++i) {
      const double price = PriceOf(waiting[i], rows_left);
      if (price >= best_price) continue;
      best = i;
      best_price = price;
    }
    const WaitingChild taken = waiting[best];
    for (size_t i = best; i + 1 < waiting.size(); ++i) waiting[i] = waiting[i + 1];
    waiting = waiting.first(waiting.size() - 1);
    return taken;
  }

  /// Work per row that it drops.
  double PriceOf(const WaitingChild& waiting, double rows_left) const {
    if (waiting.verdict != ZoneVerdict::kSome)
      return waiting.verdict == ZoneVerdict::kNone ? -2 : -1;
    const double dropped = std::max(1 - waiting.estimate.kept, 0.01);
    return waiting.estimate.CostOf(rows_left, children()[waiting.child]->cost()) / dropped;
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
    bool all_by_index = true;
    for (const auto& child : children()) {
      bool any = false;
      for (uint32_t word = selection.first; word < selection.last; ++word) {
        left.words[word] = selection.words[word] & ~found.words[word];
        any |= left.words[word] != 0;
      }
      if (!any) break;
      scratch.by_index = false;
      child->Narrow(chunk, left, scratch);
      all_by_index &= scratch.by_index;
      for (uint32_t word = selection.first; word < selection.last; ++word) {
        found.words[word] |= left.words[word];
      }
    }
    NarrowByBitmap(found.words, selection);
    scratch.by_index = all_by_index;
    --scratch.level;
  }
  ZoneVerdict Judge(const Chunk& chunk) const override {
    ZoneVerdict best = ZoneVerdict::kNone;
    for (const auto& child : children()) best = std::max(best, child->Judge(chunk));
    return best;
  }
  StepEstimate Estimate(const Chunk& chunk) const override {
    StepEstimate any{0, 0};
    for (const auto& child : children()) {
      const StepEstimate one = child->Estimate(chunk);
      any.kept += one.kept;
      any.chunk_cost += one.chunk_cost;
    }
    any.kept = std::min(any.kept, 1.0);
    return any;
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
  StepEstimate Estimate(const Chunk& chunk) const override {
    const StepEstimate of_child = child_->Estimate(chunk);
    return {1 - of_child.kept, of_child.chunk_cost};
  }
  int cost() const override { return 1 + child_->cost(); }
  uint32_t num_or_levels() const override { return 1 + child_->num_or_levels(); }
  uint32_t num_stamps() const override { return child_->num_stamps(); }

 private:
  const std::unique_ptr<const PredicateStep> child_;
};

}  // namespace

std::unique_ptr<PredicateStep> MakeAndStep(PredicateSteps children) {
  return std::make_unique<AndStep>(std::move(children));
}

std::unique_ptr<PredicateStep> MakeOrStep(PredicateSteps children) {
  return std::make_unique<OrStep>(std::move(children));
}

std::unique_ptr<PredicateStep> MakeNotTrueStep(std::unique_ptr<PredicateStep> child) {
  return std::make_unique<NotTrueStep>(std::move(child));
}

}  // namespace sextant
