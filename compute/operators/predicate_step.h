#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/table.h"
#include "compute/kernels/selection.h"
#include "compute/memory/buffer.h"
#include "compute/operators/filter_profile.h"
#include "compute/operators/value_reader.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// What the zone maps of a chunk say of a predicate before any row is read.
enum class ZoneVerdict {
  kNone,  // TRUE for no row: the chunk can be skipped
  kSome,  // unknown
  kAll,   // TRUE for every row, deleted ones included: nothing to test
};

/// What statistics and indexes lead to expect of a predicate in a chunk: nothing that answers rest
/// on, only the order of work.
struct StepEstimate {
  static constexpr double kNever = std::numeric_limits<double>::infinity();

  /// Of the chunk's rows: those for which it is TRUE.
  double kept = 0.3;
  /// Work for the whole chunk, whatever is selected, in quarters of a nanosecond: by bitmaps, row
  /// ids, a sort order or vectors. kNever: each selected row is tested.
  double chunk_cost = kNever;

  /// Work for `num_rows` selected rows of a step that tests them at `row_cost` each if that is
  /// less.
  double CostOf(double num_rows, double row_cost) const {
    return std::min(chunk_cost, num_rows * row_cost);
  }
};

/// Memory of one evaluation at a time: bitmaps for the children of OR, and marks for lists.
struct FilterScratch {
  /// num_levels bitmaps of kMaxChunkRows bits, twice: what is left, and what was found.
  Buffer bitmaps;
  uint32_t level = 0;
  /// Marks of the wanted values of a kAllOf leaf that a row has: the row's stamp.
  Buffer stamps;
  uint32_t stamp = 0;
  /// What is noted of each condition; null: nothing.
  FilterProfile* profile = nullptr;
  /// A step that finds its rows by an order or an index, without a test of rows, makes this true;
  /// false before.
  bool by_index = false;
};

/// A node of a filter, compiled against one version of a table: constants resolved to codes and
/// slots' types known. Const after construction; safe for any number of threads, each with its own
/// scratch.
class PredicateStep {
 public:
  virtual ~PredicateStep() = default;

  /// Clears the bits of the rows for which this is not TRUE. No allocation.
  virtual void Narrow(const Chunk& chunk, Selection selection, FilterScratch& scratch) const = 0;
  virtual ZoneVerdict Judge(const Chunk&) const { return ZoneVerdict::kSome; }
  /// Clears the bits of rows for which bounds of blocks show that this is not TRUE: some of what
  /// Narrow clears, for much less.
  virtual void RuleOut(const Chunk&, Selection) const {}
  /// Cheap beside Narrow. By default a guess.
  virtual StepEstimate Estimate(const Chunk&) const { return {}; }
  /// Work per tested row, in quarters of a nanosecond: the children of AND run by it and their
  /// estimates.
  virtual int cost() const = 0;
  /// Levels of OR, this one included; values of the largest kAllOf leaf.
  virtual uint32_t num_or_levels() const { return 0; }
  virtual uint32_t num_stamps() const { return 0; }
  /// Conditions that are narrowed, and noted, one by one.
  virtual size_t num_conditions() const { return 1; }
};

/// Entries of a dictionary that are tested between two questions whether to go on (AskToGoOn): some
/// tens of microseconds.
inline constexpr uint32_t kEntriesPerQuestion = 1024;

/// Errors: RESOURCE_EXHAUSTED from `budget`; INVALID_ARGUMENT for a pattern that is no regular
/// expression; those of AskToGoOn. `predicate` may go away afterwards; `table` may not.
absl::StatusOr<std::unique_ptr<PredicateStep>> CompilePredicate(const BoundPredicate& predicate,
                                                                const Table& table,
                                                                MemoryBudget& budget);

/// What combines others; the children of AND and OR need not be in order.
using PredicateSteps = std::vector<std::unique_ptr<PredicateStep>>;
std::unique_ptr<PredicateStep> MakeAndStep(PredicateSteps children);
std::unique_ptr<PredicateStep> MakeOrStep(PredicateSteps children);
/// The rows for which `child` is FALSE or NULL.
std::unique_ptr<PredicateStep> MakeNotTrueStep(std::unique_ptr<PredicateStep> child);

/// The leaves by the layout of what they read; called by CompilePredicate.
absl::StatusOr<std::unique_ptr<PredicateStep>> CompileNullLeaf(const NullLeaf& leaf, bool negated,
                                                               const Table& table,
                                                               MemoryBudget& budget);
absl::StatusOr<std::unique_ptr<PredicateStep>> CompileIntegerLeaf(const BoundPredicate& predicate,
                                                                  const Table& table,
                                                                  MemoryBudget& budget);
/// Of a column of integers or codes.
std::unique_ptr<PredicateStep> MakeIntegerRangeStep(const IntegerRangeLeaf& leaf, bool negated,
                                                    const OrderDemand& demand);
absl::StatusOr<std::unique_ptr<PredicateStep>> CompileWideLeaf(const BoundPredicate& predicate,
                                                               const Table& table,
                                                               MemoryBudget& budget);
/// Ranges, sets and patterns.
absl::StatusOr<std::unique_ptr<PredicateStep>> CompileTextLeaf(const BoundPredicate& predicate,
                                                               const Table& table,
                                                               MemoryBudget& budget);
std::unique_ptr<PredicateStep> CompileListLeaf(const ListLeaf& leaf, bool negated,
                                               const Table& table);
absl::StatusOr<std::unique_ptr<PredicateStep>> CompileListCompareLeaf(const ListCompareLeaf& leaf,
                                                                      bool negated,
                                                                      const Table& table,
                                                                      MemoryBudget& budget);
absl::StatusOr<std::unique_ptr<PredicateStep>> CompileCompareLeaf(const CompareLeaf& leaf,
                                                                  bool negated, const Table& table,
                                                                  MemoryBudget& budget);
absl::StatusOr<std::unique_ptr<PredicateStep>> CompileDistinctLeaf(const DistinctLeaf& leaf,
                                                                   bool negated, const Table& table,
                                                                   MemoryBudget& budget);

/// `table` has the links of the schema that the leaf was bound against.
absl::StatusOr<std::unique_ptr<PredicateStep>> CompileExistsLeaf(const ExistsLeaf& leaf,
                                                                 bool negated, const Table& table,
                                                                 MemoryBudget& budget);

/// What the AND of a chunk's selection with a bitmap costs.
inline double BitmapCost(const Chunk& chunk) {
  return static_cast<double>(BitmapWords(chunk.num_rows())) / 2;
}

/// `rows` of the column's rows, as a fraction.
inline double FractionOf(uint64_t rows, const Column& column) {
  return column.num_rows() == 0 ? 0 : static_cast<double>(rows) / column.num_rows();
}

/// Costs of the kinds of steps, in rough quarters of a nanosecond per row.
inline constexpr int kBitmapCost = 1;
inline constexpr int kRangeCost = 6;
inline constexpr int kCodeTableCost = 8;
inline constexpr int kKeyTestCost = 8;
inline constexpr int kRowTestCost = 30;
inline constexpr int kBytesCost = 60;
inline constexpr int kListCost = 100;

}  // namespace sextant
