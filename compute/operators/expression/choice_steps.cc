#include <algorithm>
#include <cstring>
#include <utility>

#include "compute/kernels/float_order.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/expression/expression_step.h"
#include "compute/operators/predicate_step.h"
#include "compute/plan/bound_query.h"

namespace sextant {
namespace {

/// A predicate, asked about the rows of a batch.
class Condition {
 public:
  static absl::StatusOr<Condition> Compile(const BoundPredicate& predicate,
                                           const ExpressionContext& context) {
    SEXTANT_ASSIGN_OR_RETURN(std::unique_ptr<PredicateStep> step,
                             CompilePredicate(predicate, context.table, context.budget));
    return Condition(std::move(step));
  }

  /// Writes 1 to holds[k] where it is TRUE for rows[k], else 0. `rows` ascend.
  void Find(const Chunk& chunk, std::span<const uint32_t> rows, uint8_t* holds) const {
    if (rows.empty()) return;
    SEXTANT_DCHECK(std::is_sorted(rows.begin(), rows.end()));
    const ZoneVerdict verdict = step_->Judge(chunk);
    if (verdict != ZoneVerdict::kSome) {
      std::memset(holds, verdict == ZoneVerdict::kAll ? 1 : 0, rows.size());
      return;
    }
    const Lease<ConditionScratch> scratch;
    FitFilterScratch(*step_, scratch->filter);
    const Selection selection{scratch->words, rows.front() / 64, rows.back() / 64 + 1};
    selection.Clear();
    for (const uint32_t row : rows) selection.words[row / 64] |= uint64_t{1} << (row % 64);
    step_->Narrow(chunk, selection, scratch->filter);
    for (size_t k = 0; k < rows.size(); ++k) {
      holds[k] = static_cast<uint8_t>((selection.words[rows[k] / 64] >> (rows[k] % 64)) & 1);
    }
  }
  int cost() const { return step_->cost(); }

 private:
  explicit Condition(std::unique_ptr<PredicateStep> step) : step_(std::move(step)) {}

  std::unique_ptr<const PredicateStep> step_;
};

/// TRUE, FALSE and NULL as a value.
class ConditionStep final : public ExpressionStep {
 public:
  ConditionStep(Condition is_true, Condition is_false)
      : is_true_(std::move(is_true)), is_false_(std::move(is_false)) {}

  void Evaluate(const Chunk& chunk, std::span<const uint32_t> rows,
                ValueVector& values) const override {
    is_true_.Find(chunk, rows, values.failed);
    is_false_.Find(chunk, rows, values.valid);
    for (size_t k = 0; k < rows.size(); ++k) {
      values.As<int64_t>()[k] = values.failed[k];
      values.valid[k] |= values.failed[k];
    }
    std::memset(values.failed, 0, rows.size());
  }
  int cost() const override { return is_true_.cost() + is_false_.cost(); }

 private:
  const Condition is_true_;
  const Condition is_false_;
};

/// The rows of a batch that have no value yet, and where in the batch they stand.
struct OpenRows {
  explicit OpenRows(std::span<const uint32_t> rows) : count(rows.size()) {
    std::copy(rows.begin(), rows.end(), list->rows);
    for (size_t k = 0; k < count; ++k) list->positions[k] = static_cast<uint32_t>(k);
  }
  std::span<const uint32_t> rows() const { return {list->rows, count}; }

  /// Moves the rows with takes[k] != 0 to `taken`; the others stay.
  void Take(const uint8_t* takes, RowList& taken, size_t* num_taken) {
    size_t left = 0;
    size_t moved = 0;
    for (size_t k = 0; k < count; ++k) {
      const uint32_t row = list->rows[k];
      const uint32_t position = list->positions[k];
      taken.rows[moved] = row;
      taken.positions[moved] = position;
      list->rows[left] = row;
      list->positions[left] = position;
      moved += takes[k];
      left += 1 - takes[k];
    }
    count = left;
    *num_taken = moved;
  }

  const Lease<RowList> list;
  size_t count;
};

/// Writes the values of `from`, a batch of its own, to their positions in `to`.
void Scatter(SlotForm form, const ValueVector& from, std::span<const uint32_t> positions,
             ValueVector& to) {
  WithSlotType(form, [&](auto slot) {
    using T = decltype(slot);
    const T* source = from.As<T>();
    T* target = to.As<T>();
    for (size_t k = 0; k < positions.size(); ++k) target[positions[k]] = source[k];
  });
  for (size_t k = 0; k < positions.size(); ++k) {
    to.valid[positions[k]] = from.valid[k];
    to.failed[positions[k]] |= from.failed[k];
  }
}

/// No value anywhere, and slots that may be read.
void ClearValues(SlotForm form, size_t count, ValueVector& values) {
  WithSlotType(form, [&](auto slot) { std::fill_n(values.As<decltype(slot)>(), count, slot); });
  std::memset(values.valid, 0, count);
  std::memset(values.failed, 0, count);
}

class CaseStep final : public ExpressionStep {
 public:
  CaseStep(SlotForm form, std::vector<Condition> conditions, ExpressionSteps arguments)
      : form_(form), conditions_(std::move(conditions)), arguments_(std::move(arguments)) {}

  void Evaluate(const Chunk& chunk, std::span<const uint32_t> rows,
                ValueVector& values) const override {
    ClearValues(form_, rows.size(), values);
    OpenRows open(rows);
    const Lease<RowList> taken;
    const Lease<ValueVector> part;
    for (size_t i = 0; i < conditions_.size() && open.count > 0; ++i) {
      conditions_[i].Find(chunk, open.rows(), part->valid);
      size_t num_taken = 0;
      open.Take(part->valid, *taken, &num_taken);
      Fill(chunk, i, {taken->rows, num_taken}, {taken->positions, num_taken}, *part, values);
    }
    if (arguments_.size() > conditions_.size()) {
      Fill(chunk, conditions_.size(), open.rows(), {open.list->positions, open.count}, *part,
           values);
    }
  }
  int cost() const override {
    int total = 10;
    for (const Condition& condition : conditions_) total += condition.cost();
    for (const ExpressionStepPtr& argument : arguments_) total += argument->cost();
    return total;
  }

 private:
  void Fill(const Chunk& chunk, size_t argument, std::span<const uint32_t> rows,
            std::span<const uint32_t> positions, ValueVector& part, ValueVector& values) const {
    if (rows.empty()) return;
    arguments_[argument]->Evaluate(chunk, rows, part);
    Scatter(form_, part, positions, values);
  }

  const SlotForm form_;
  const std::vector<Condition> conditions_;
  const ExpressionSteps arguments_;
};

class CoalesceStep final : public ExpressionStep {
 public:
  CoalesceStep(SlotForm form, ExpressionSteps arguments)
      : form_(form), arguments_(std::move(arguments)) {}

  void Evaluate(const Chunk& chunk, std::span<const uint32_t> rows,
                ValueVector& values) const override {
    arguments_[0]->Evaluate(chunk, rows, values);
    if (arguments_.size() == 1) return;
    const Lease<RowList> open;
    const Lease<ValueVector> part;
    for (size_t i = 1; i < arguments_.size(); ++i) {
      size_t count = 0;
      for (size_t k = 0; k < rows.size(); ++k) {
        open->rows[count] = rows[k];
        open->positions[count] = static_cast<uint32_t>(k);
        count += 1 - values.valid[k];
      }
      if (count == 0) return;
      arguments_[i]->Evaluate(chunk, {open->rows, count}, *part);
      Scatter(form_, *part, {open->positions, count}, values);
    }
  }
  int cost() const override {
    int total = 4;
    for (const ExpressionStepPtr& argument : arguments_) total += argument->cost();
    return total;
  }

 private:
  const SlotForm form_;
  const ExpressionSteps arguments_;
};

/// The orders of PostgreSQL, per form.
struct SlotOrder {
  const DataType type;
  bool Less(int64_t a, int64_t b) const { return a < b; }
  bool Less(double a, double b) const { return FloatOrderKey(a) < FloatOrderKey(b); }
  bool Less(Wide a, Wide b) const { return WideKey(type, a) < WideKey(type, b); }
  bool Less(std::string_view a, std::string_view b) const { return a < b; }
};

/// Of equal values the first stays, as in PostgreSQL.
class ExtremeStep final : public ExpressionStep {
 public:
  ExtremeStep(const DataType& type, bool is_greatest, ExpressionSteps arguments)
      : form_(SlotFormOf(type)),
        order_{type},
        is_greatest_(is_greatest),
        arguments_(std::move(arguments)) {}

  void Evaluate(const Chunk& chunk, std::span<const uint32_t> rows,
                ValueVector& values) const override {
    arguments_[0]->Evaluate(chunk, rows, values);
    if (arguments_.size() == 1) return;
    const Lease<ValueVector> next;
    for (size_t i = 1; i < arguments_.size(); ++i) {
      arguments_[i]->Evaluate(chunk, rows, *next);
      WithSlotType(form_, [&](auto slot) { Merge<decltype(slot)>(*next, rows.size(), values); });
    }
  }
  int cost() const override {
    int total = 0;
    for (const ExpressionStepPtr& argument : arguments_) total += 4 + argument->cost();
    return total;
  }

 private:
  template <typename T>
  void Merge(const ValueVector& next, size_t count, ValueVector& values) const {
    T* best = values.As<T>();
    const T* other = next.As<T>();
    for (size_t k = 0; k < count; ++k) {
      values.failed[k] |= next.failed[k];
      if (next.valid[k] == 0) continue;
      const bool is_better =
          values.valid[k] == 0 ||
          (is_greatest_ ? order_.Less(best[k], other[k]) : order_.Less(other[k], best[k]));
      if (is_better) best[k] = other[k];
      values.valid[k] = 1;
    }
  }

  const SlotForm form_;
  const SlotOrder order_;
  const bool is_greatest_;
  const ExpressionSteps arguments_;
};

}  // namespace

absl::StatusOr<ExpressionStepPtr> CompileChoice(const BoundExpression& expression,
                                                const ExpressionContext& context) {
  std::vector<Condition> conditions;
  for (const BoundPredicate& predicate : expression.conditions) {
    SEXTANT_ASSIGN_OR_RETURN(Condition condition, Condition::Compile(predicate, context));
    conditions.push_back(std::move(condition));
  }
  if (expression.op == ExpressionOp::kCondition) {
    SEXTANT_CHECK(conditions.size() == 2);
    return std::make_unique<ConditionStep>(std::move(conditions[0]), std::move(conditions[1]));
  }
  ExpressionSteps arguments;
  for (const BoundExpression& argument : expression.arguments) {
    SEXTANT_ASSIGN_OR_RETURN(ExpressionStepPtr step, CompileExpression(argument, context));
    arguments.push_back(std::move(step));
  }
  SEXTANT_CHECK(arguments.size() == conditions.size() || arguments.size() == conditions.size() + 1);
  return std::make_unique<CaseStep>(SlotFormOf(expression.type), std::move(conditions),
                                    std::move(arguments));
}

ExpressionStepPtr MakeCoalesceStep(const BoundExpression& expression, ExpressionSteps arguments) {
  return std::make_unique<CoalesceStep>(SlotFormOf(expression.type), std::move(arguments));
}

ExpressionStepPtr MakeExtremeStep(const BoundExpression& expression, ExpressionSteps arguments) {
  return std::make_unique<ExtremeStep>(expression.type, expression.op == ExpressionOp::kGreatest,
                                       std::move(arguments));
}

}  // namespace sextant
