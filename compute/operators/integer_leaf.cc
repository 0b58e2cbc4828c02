#include <algorithm>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "compute/kernels/float_order.h"
#include "compute/kernels/unite_rows.h"
#include "compute/kernels/width_dispatch.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/integer_key_set.h"
#include "compute/operators/integer_rows.h"
#include "compute/operators/key_rows.h"
#include "compute/operators/ordered_leaf.h"
#include "compute/operators/predicate_step.h"
#include "compute/operators/row_batches.h"

namespace sextant {
namespace {

/// A test of the int64 key of a column of integers, codes or floats.
template <typename Test>
class KeyStep final : public PredicateStep {
 public:
  KeyStep(ColumnIndex column, bool negated, Test test)
      : column_(column), negated_(negated), test_(std::move(test)) {}

  void Narrow(const Chunk& chunk, Selection selection, FilterScratch&) const override {
    const Column& column = chunk.column(column_);
    NarrowByValidity(column, selection);
    const bool negated = negated_;
    if (column.layout() == Layout::kFloat) {
      return WithFloatSlots(column, [&](auto slots) {
        NarrowByValue(slots.data(), column.num_rows(), selection, [&](auto value) {
          return test_.Holds(FloatOrderKey(static_cast<double>(value))) != negated;
        });
      });
    }
    const uint64_t base =
        column.layout() == Layout::kInteger ? static_cast<uint64_t>(column.base()) : 0;
    const uint64_t step = column.step();
    WithUnsignedSlots(column, [&](auto slots) {
      NarrowByValue(slots.data(), column.num_rows(), selection, [&](auto value) {
        return test_.Holds(static_cast<int64_t>(base + step * value)) != negated;
      });
    });
  }

  ZoneVerdict Judge(const Chunk& chunk) const override {
    const Column& column = chunk.column(column_);
    const ZoneMap& zone = column.zone_map();
    if (zone.null_count == column.num_rows()) return ZoneVerdict::kNone;
    if (negated_ || !zone.has_bounds) return ZoneVerdict::kSome;
    const bool is_float = column.layout() == Layout::kFloat;
    const int64_t low = is_float ? FloatOrderKey(zone.min_float) : zone.min_integer;
    const int64_t high = is_float ? FloatOrderKey(zone.max_float) : zone.max_integer;
    const bool may_hold = test_.MayHoldWithin(low, high) ||
                          (zone.has_nan && test_.Holds(std::numeric_limits<int64_t>::max()));
    return may_hold ? ZoneVerdict::kSome : ZoneVerdict::kNone;
  }
  int cost() const override { return kKeyTestCost; }

  ColumnIndex column() const { return column_; }
  KeyOrderSearch<int64_t> order_search() const { return test_.order_search(negated_); }
  static double row_cost(const Column&) { return kKeyTestCost; }

 private:
  const ColumnIndex column_;
  const bool negated_;
  const Test test_;
};

/// A test of the int64 key of a difference or an expression: only selected rows are computed.
template <typename Test>
class ComputedKeyStep final : public PredicateStep {
 public:
  ComputedKeyStep(ValueReader reader, bool negated, Test test)
      : reader_(std::move(reader)), negated_(negated), test_(std::move(test)) {}

  void Narrow(const Chunk& chunk, Selection selection, FilterScratch&) const override {
    NarrowByBatch(selection, [&](std::span<const uint32_t> rows, uint8_t* keeps) {
      const Lease<ValueVector> vector;
      const int64_t* keys = vector->As<int64_t>();
      reader_.ReadKeys(chunk, rows, vector->As<int64_t>(), vector->valid);
      for (size_t k = 0; k < rows.size(); ++k) {
        keeps[k] = vector->valid[k] & static_cast<uint8_t>(test_.Holds(keys[k]) != negated_);
      }
    });
  }
  int cost() const override { return reader_.cost(); }

 private:
  const ValueReader reader_;
  const bool negated_;
  const Test test_;
};

struct RangeTest {
  int64_t min;
  int64_t max;
  bool Holds(int64_t key) const { return (key >= min) & (key <= max); }
  bool MayHoldWithin(int64_t low, int64_t high) const {
    return std::max(min, low) <= std::min(max, high);
  }
  KeyOrderSearch<int64_t> order_search(bool negated) const {
    return KeyOrderSearch<int64_t>::OfRange(min, max, negated);
  }
};

struct SetTest {
  std::shared_ptr<const IntegerKeySet> keys;
  bool Holds(int64_t key) const { return keys->Contains(key); }
  bool MayHoldWithin(int64_t low, int64_t high) const { return keys->MeetsRange(low, high); }
  KeyOrderSearch<int64_t> order_search(bool negated) const {
    return KeyOrderSearch<int64_t>::OfKeys(keys->keys(), negated);
  }
};

/// Membership of an integer or code in a set: by the index, by binary search where the column is
/// sorted, else by a test of every row.
class IntegerSetStep final : public PredicateStep {
 public:
  IntegerSetStep(ColumnIndex column, bool negated, std::vector<int64_t> keys, SetTest test)
      : column_(column), negated_(negated), keys_(std::move(keys)), scan_(column, negated, test) {}

  void Narrow(const Chunk& chunk, Selection selection, FilterScratch& scratch) const override {
    const Column& column = chunk.column(column_);
    if (UsesIndex(chunk)) {
      scratch.by_index = true;
      if (negated_) NarrowByValidity(column, selection);
      return keys_.Narrow(*chunk.index(column_), negated_, selection);
    }
    const ZoneMap& zone = column.zone_map();
    if (!zone.is_sorted) return scan_.Narrow(chunk, selection, scratch);
    const std::span<const int64_t> keys = KeysWithin(zone);
    if (keys.size() > kMaxSearched) return scan_.Narrow(chunk, selection, scratch);
    scratch.by_index = true;
    uint64_t found[BitmapWords(kMaxChunkRows)];
    const Selection united{found, selection.first, selection.last};
    united.Clear();
    for (const int64_t key : keys) {
      const RowInterval rows = RowsWithin(column, key, key);
      const uint32_t begin = std::max(rows.begin, selection.first * 64);
      SetBitRange(found, begin, std::min(rows.end, selection.last * 64));
    }
    negated_ ? NarrowByComplement(found, selection) : NarrowByBitmap(found, selection);
  }
  ZoneVerdict Judge(const Chunk& chunk) const override { return scan_.Judge(chunk); }
  StepEstimate Estimate(const Chunk& chunk) const override {
    const Column& column = chunk.column(column_);
    const ZoneMap& zone = column.zone_map();
    const double valid = FractionOf(column.num_rows() - zone.null_count, column);
    if (!zone.has_bounds) return {0, 0};
    const ValueIndex* index = chunk.index(column_);
    const std::span<const int64_t> keys = KeysWithin(zone);
    const double kept =
        index != nullptr
            ? FractionOf(keys_.EstimateRows(*index, column.num_rows()), column)
            : std::min(1.0, keys.size() / (static_cast<double>(SpanOf(zone)) + 1)) * valid;
    const bool is_searched = zone.is_sorted && keys.size() <= kMaxSearched;
    const double cost = UsesIndex(chunk) ? keys_.Cost(*index, column.num_rows())
                        : is_searched    ? BitmapCost(chunk) + kSearchCost * keys.size()
                                         : StepEstimate::kNever;
    return {negated_ ? valid - kept : kept, cost};
  }
  int cost() const override { return scan_.cost(); }

  ColumnIndex column() const { return column_; }
  KeyOrderSearch<int64_t> order_search() const { return scan_.order_search(); }
  static double row_cost(const Column& column) { return KeyStep<SetTest>::row_cost(column); }

 private:
  static constexpr size_t kMaxSearched = 256;
  static constexpr double kSearchCost = 200;

  std::span<const int64_t> KeysWithin(const ZoneMap& zone) const {
    const std::span<const int64_t> keys = keys_.keys();
    const auto begin = std::lower_bound(keys.begin(), keys.end(), zone.min_integer);
    return {begin, std::upper_bound(begin, keys.end(), zone.max_integer)};
  }
  bool UsesIndex(const Chunk& chunk) const {
    const ValueIndex* index = chunk.index(column_);
    const uint32_t num_rows = chunk.num_rows();
    return index != nullptr &&
           keys_.Cost(*index, num_rows) < uint64_t{num_rows} * static_cast<uint64_t>(cost());
  }

  const ColumnIndex column_;
  const bool negated_;
  KeyRows keys_;
  const KeyStep<SetTest> scan_;
};

template <typename Test>
std::unique_ptr<PredicateStep> MakeKeyTest(ValueReader reader, bool negated, Test test,
                                           const OrderDemand& demand) {
  if (!reader.is_column()) {
    return std::make_unique<ComputedKeyStep<Test>>(std::move(reader), negated, std::move(test));
  }
  return std::make_unique<OrderedLeaf<KeyStep<Test>>>(
      KeyStep<Test>(reader.column(), negated, std::move(test)), demand);
}

}  // namespace

absl::StatusOr<std::unique_ptr<PredicateStep>> CompileIntegerLeaf(const BoundPredicate& predicate,
                                                                  const Table& table,
                                                                  MemoryBudget& budget) {
  const OrderDemand& demand = table.order_demand();
  if (const auto* range = std::get_if<IntegerRangeLeaf>(&predicate.node)) {
    SEXTANT_ASSIGN_OR_RETURN(ValueReader reader, ValueReader::Create(range->value, table, budget));
    if (!reader.is_column() || reader.form() == ValueReader::Form::kFloat) {
      return MakeKeyTest(std::move(reader), predicate.negated, RangeTest{range->min, range->max},
                         demand);
    }
    return MakeIntegerRangeStep(*range, predicate.negated, demand);
  }
  const auto& set = std::get<IntegerSetLeaf>(predicate.node);
  SEXTANT_ASSIGN_OR_RETURN(IntegerKeySet keys, IntegerKeySet::Create(set.keys, budget));
  SEXTANT_ASSIGN_OR_RETURN(ValueReader reader, ValueReader::Create(set.value, table, budget));
  SetTest test{std::make_shared<const IntegerKeySet>(std::move(keys))};
  if (!reader.is_column() || reader.form() == ValueReader::Form::kFloat) {
    return MakeKeyTest(std::move(reader), predicate.negated, std::move(test), demand);
  }
  return std::make_unique<OrderedLeaf<IntegerSetStep>>(
      IntegerSetStep(reader.column(), predicate.negated, set.keys, std::move(test)), demand);
}

}  // namespace sextant
