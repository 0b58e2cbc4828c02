#include <algorithm>
#include <limits>
#include <utility>

#include "compute/kernels/float_order.h"
#include "compute/kernels/select_range.h"
#include "compute/kernels/width_dispatch.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/integer_key_set.h"
#include "compute/operators/predicate_step.h"
#include "compute/operators/row_batches.h"

namespace sextant {
namespace {

/// Clears the NULL rows of `column`.
void NarrowByValidity(const Column& column, Selection selection) {
  if (column.has_nulls()) NarrowByBitmap(column.validity().data(), selection);
}

/// min <= value <= max of an integer or code column. The bounds are brought into the domain of the
/// chunk's offsets, so that a row costs one unsigned comparison of its stored width.
class IntegerRangeStep final : public PredicateStep {
 public:
  IntegerRangeStep(ColumnIndex column, int64_t min, int64_t max, bool negated)
      : column_(column), min_(min), max_(max), negated_(negated) {}

  void Narrow(const Chunk& chunk, Selection selection, FilterScratch&) const override {
    const Column& column = chunk.column(column_);
    NarrowByValidity(column, selection);
    const ZoneMap& zone = column.zone_map();
    const int64_t low = std::max(min_, zone.min_integer);
    const int64_t high = std::min(max_, zone.max_integer);
    if (!zone.has_bounds || low > high) {
      if (!zone.has_bounds || !negated_) selection.Clear();
      return;
    }
    const uint64_t base =
        column.layout() == Layout::kInteger ? static_cast<uint64_t>(column.base()) : 0;
    WithUnsignedSlots(column, [&](auto slots) {
      using T = std::remove_cvref_t<decltype(slots[0])>;
      NarrowByRange<T>(slots.data(), column.num_rows(),
                       static_cast<T>(static_cast<uint64_t>(low) - base),
                       static_cast<T>(static_cast<uint64_t>(high) - static_cast<uint64_t>(low)),
                       negated_, selection);
    });
  }

  ZoneVerdict Judge(const Chunk& chunk) const override {
    const ZoneMap& zone = chunk.column(column_).zone_map();
    if (!zone.has_bounds) return ZoneVerdict::kNone;
    const bool disjoint = max_ < zone.min_integer || min_ > zone.max_integer || min_ > max_;
    const bool covers = min_ <= zone.min_integer && zone.max_integer <= max_;
    if (negated_ ? covers : disjoint) return ZoneVerdict::kNone;
    if (zone.null_count == 0 && (negated_ ? disjoint : covers)) return ZoneVerdict::kAll;
    return ZoneVerdict::kSome;
  }
  int cost() const override { return kRangeCost; }

 private:
  const ColumnIndex column_;
  const int64_t min_;
  const int64_t max_;
  const bool negated_;
};

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
    WithUnsignedSlots(column, [&](auto slots) {
      NarrowByValue(slots.data(), column.num_rows(), selection, [&](auto value) {
        return test_.Holds(static_cast<int64_t>(base + value)) != negated;
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
};

struct SetTest {
  std::shared_ptr<const IntegerKeySet> keys;
  bool Holds(int64_t key) const { return keys->Contains(key); }
  bool MayHoldWithin(int64_t low, int64_t high) const { return keys->MeetsRange(low, high); }
};

template <typename Test>
std::unique_ptr<PredicateStep> MakeKeyTest(ValueReader reader, bool negated, Test test) {
  if (!reader.is_column()) {
    return std::make_unique<ComputedKeyStep<Test>>(std::move(reader), negated, std::move(test));
  }
  return std::make_unique<KeyStep<Test>>(reader.column(), negated, std::move(test));
}

}  // namespace

absl::StatusOr<std::unique_ptr<PredicateStep>> CompileIntegerLeaf(const BoundPredicate& predicate,
                                                                  const Table& table,
                                                                  MemoryBudget& budget) {
  if (const auto* range = std::get_if<IntegerRangeLeaf>(&predicate.node)) {
    SEXTANT_ASSIGN_OR_RETURN(ValueReader reader, ValueReader::Create(range->value, table, budget));
    if (!reader.is_column() || reader.form() == ValueReader::Form::kFloat) {
      return MakeKeyTest(std::move(reader), predicate.negated, RangeTest{range->min, range->max});
    }
    return std::make_unique<IntegerRangeStep>(reader.column(), range->min, range->max,
                                              predicate.negated);
  }
  const auto& set = std::get<IntegerSetLeaf>(predicate.node);
  SEXTANT_ASSIGN_OR_RETURN(IntegerKeySet keys, IntegerKeySet::Create(set.keys, budget));
  SEXTANT_ASSIGN_OR_RETURN(ValueReader reader, ValueReader::Create(set.value, table, budget));
  return MakeKeyTest(std::move(reader), predicate.negated,
                     SetTest{std::make_shared<const IntegerKeySet>(std::move(keys))});
}

}  // namespace sextant
