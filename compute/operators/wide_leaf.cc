#include <algorithm>
#include <utility>
#include <vector>

#include "compute/memory/status_macros.h"
#include "compute/operators/ordered_leaf.h"
#include "compute/operators/predicate_step.h"
#include "compute/operators/row_batches.h"

namespace sextant {
namespace {

/// A test of the int128 key of decimals, uuids or intervals.
class WideStep final : public PredicateStep {
 public:
  WideStep(const BoundPredicate& predicate, ValueReader reader)
      : reader_(std::move(reader)), negated_(predicate.negated) {
    if (const auto* range = std::get_if<WideRangeLeaf>(&predicate.node)) {
      min_ = range->min;
      max_ = range->max;
    } else {
      is_set_ = true;
      keys_ = std::get<WideSetLeaf>(predicate.node).keys;
    }
  }

  void Narrow(const Chunk& chunk, Selection selection, FilterScratch&) const override {
    if (!reader_.is_column()) return NarrowComputed(chunk, selection);
    const Column& column = chunk.column(reader_.column());
    if (column.has_nulls()) NarrowByBitmap(column.validity().data(), selection);
    const std::span<const Wide> values = column.values<Wide>();
    NarrowByRow(selection, [&](uint32_t row) { return Holds(values[row]) != negated_; });
  }
  int cost() const override { return reader_.is_column() ? kRowTestCost : reader_.cost(); }

  /// REQUIRES, as all below: the value is a column's.
  ColumnIndex column() const { return reader_.column(); }
  KeyOrderSearch<int128_t> order_search() const {
    return is_set_ ? KeyOrderSearch<int128_t>::OfKeys(keys_, negated_)
                   : KeyOrderSearch<int128_t>::OfRange(min_, max_, negated_);
  }
  static double row_cost(const Column&) { return kRowTestCost; }

 private:
  void NarrowComputed(const Chunk& chunk, Selection selection) const {
    NarrowByBatch(selection, [&](std::span<const uint32_t> rows, uint8_t* keeps) {
      const Lease<ValueVector> vector;
      const Wide* values = vector->As<Wide>();
      reader_.ReadWides(chunk, rows, vector->As<Wide>(), vector->valid);
      for (size_t k = 0; k < rows.size(); ++k) {
        keeps[k] = vector->valid[k] != 0 && Holds(values[k]) != negated_ ? 1 : 0;
      }
    });
  }

  bool Holds(Wide value) const {
    const int128_t key = WideKey(reader_.type(), value);
    if (is_set_) return std::binary_search(keys_.begin(), keys_.end(), key);
    return min_ <= key && key <= max_;
  }

  const ValueReader reader_;
  const bool negated_;
  bool is_set_ = false;
  int128_t min_ = 0;
  int128_t max_ = 0;
  std::vector<int128_t> keys_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<PredicateStep>> CompileWideLeaf(const BoundPredicate& predicate,
                                                               const Table& table,
                                                               MemoryBudget& budget) {
  const auto* range = std::get_if<WideRangeLeaf>(&predicate.node);
  const BoundValue& value =
      range != nullptr ? range->value : std::get<WideSetLeaf>(predicate.node).value;
  SEXTANT_ASSIGN_OR_RETURN(ValueReader reader, ValueReader::Create(value, table, budget));
  const bool is_column = reader.is_column();
  WideStep step(predicate, std::move(reader));
  if (!is_column) return std::make_unique<WideStep>(std::move(step));
  return std::make_unique<OrderedLeaf<WideStep>>(std::move(step), table.order_demand());
}

}  // namespace sextant
