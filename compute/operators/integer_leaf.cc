#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "compute/kernels/float_order.h"
#include "compute/kernels/select_range.h"
#include "compute/kernels/width_dispatch.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/integer_key_set.h"
#include "compute/operators/predicate_step.h"

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

/// A test of the int64 key of a difference: only selected rows are computed.
template <typename Test>
class DifferenceStep final : public PredicateStep {
 public:
  DifferenceStep(const ValueReader& reader, bool negated, Test test)
      : reader_(reader), negated_(negated), test_(std::move(test)) {}

  void Narrow(const Chunk& chunk, Selection selection, FilterScratch&) const override {
    std::array<uint32_t, 64> rows;
    std::array<int64_t, 64> keys;
    std::array<uint8_t, 64> valid;
    for (uint32_t word = selection.first; word < selection.last; ++word) {
      size_t count = 0;
      for (uint64_t left = selection.words[word]; left != 0; left &= left - 1) {
        rows[count++] = word * 64 + static_cast<uint32_t>(std::countr_zero(left));
      }
      if (count == 0) continue;
      reader_.ReadKeys(chunk, {rows.data(), count}, keys.data(), valid.data());
      uint64_t kept = 0;
      for (size_t k = 0; k < count; ++k) {
        const bool holds = valid[k] != 0 && test_.Holds(keys[k]) != negated_;
        kept |= uint64_t{holds} << (rows[k] % 64);
      }
      selection.words[word] = kept;
    }
  }
  int cost() const override { return kRowTestCost; }

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
std::unique_ptr<PredicateStep> MakeKeyTest(const ValueReader& reader, bool negated, Test test) {
  if (reader.is_difference()) {
    return std::make_unique<DifferenceStep<Test>>(reader, negated, std::move(test));
  }
  return std::make_unique<KeyStep<Test>>(reader.column(), negated, std::move(test));
}

}  // namespace

absl::StatusOr<std::unique_ptr<PredicateStep>> CompileIntegerLeaf(const BoundPredicate& predicate,
                                                                  const Table& table,
                                                                  MemoryBudget& budget) {
  if (const auto* range = std::get_if<IntegerRangeLeaf>(&predicate.node)) {
    const ValueReader reader(range->value, table);
    if (reader.is_difference() || reader.form() == ValueReader::Form::kFloat) {
      return MakeKeyTest(reader, predicate.negated, RangeTest{range->min, range->max});
    }
    return std::make_unique<IntegerRangeStep>(reader.column(), range->min, range->max,
                                              predicate.negated);
  }
  const auto& set = std::get<IntegerSetLeaf>(predicate.node);
  SEXTANT_ASSIGN_OR_RETURN(IntegerKeySet keys, IntegerKeySet::Create(set.keys, budget));
  return MakeKeyTest(ValueReader(set.value, table), predicate.negated,
                     SetTest{std::make_shared<const IntegerKeySet>(std::move(keys))});
}

}  // namespace sextant
