#include <algorithm>
#include <vector>

#include "compute/operators/predicate_step.h"

namespace sextant {
namespace {

/// A test of the int128 key of a column of decimals, uuids or intervals.
class WideStep final : public PredicateStep {
 public:
  WideStep(const BoundPredicate& predicate, const Table& table) : negated_(predicate.negated) {
    if (const auto* range = std::get_if<WideRangeLeaf>(&predicate.node)) {
      column_ = range->value.column;
      min_ = range->min;
      max_ = range->max;
    } else {
      const auto& set = std::get<WideSetLeaf>(predicate.node);
      column_ = set.value.column;
      is_set_ = true;
      keys_ = set.keys;
    }
    type_ = table.schema().field(column_).type;
  }

  void Narrow(const Chunk& chunk, Selection selection, FilterScratch&) const override {
    const Column& column = chunk.column(column_);
    if (column.has_nulls()) NarrowByBitmap(column.validity().data(), selection);
    const std::span<const Wide> values = column.values<Wide>();
    NarrowByRow(selection,
                [&](uint32_t row) { return Holds(WideKey(type_, values[row])) != negated_; });
  }
  int cost() const override { return kRowTestCost; }

 private:
  bool Holds(int128_t key) const {
    if (is_set_) return std::binary_search(keys_.begin(), keys_.end(), key);
    return min_ <= key && key <= max_;
  }

  const bool negated_;
  bool is_set_ = false;
  ColumnIndex column_ = 0;
  DataType type_;
  int128_t min_ = 0;
  int128_t max_ = 0;
  std::vector<int128_t> keys_;
};

}  // namespace

std::unique_ptr<PredicateStep> CompileWideLeaf(const BoundPredicate& predicate,
                                               const Table& table) {
  return std::make_unique<WideStep>(predicate, table);
}

}  // namespace sextant
