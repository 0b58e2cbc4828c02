#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "compute/kernels/float_order.h"
#include "compute/operators/key_rows.h"
#include "compute/operators/predicate_step.h"

namespace sextant {
namespace {

constexpr uint32_t kNotWanted = 0xFFFFFFFF;

/// Matches the elements of each row's list with the wanted values, which are known by their
/// position in a sorted array: of keys, of codes, or of texts where the elements have no
/// dictionary.
class ListStep final : public PredicateStep {
 public:
  ListStep(const ListLeaf& leaf, bool negated, const Table& table)
      : column_(leaf.value.column),
        match_(leaf.match),
        negated_(negated),
        wants_null_(leaf.wants_null),
        num_wanted_(static_cast<uint32_t>(leaf.keys.size() + leaf.texts.size())),
        texts_(leaf.texts) {
    const ColumnFacts& facts = table.facts(column_);
    std::vector<int64_t> keys = leaf.keys;
    if (facts.dictionary != nullptr) {
      for (const std::string& text : texts_) {
        const uint32_t code = facts.dictionary->Find(text);
        if (code < facts.dictionary_size) keys.push_back(code);
      }
      std::sort(keys.begin(), keys.end());
    }
    keys_ = KeyRows(std::move(keys));
  }

  void Narrow(const Chunk& chunk, Selection selection, FilterScratch& scratch) const override {
    const Column& column = chunk.column(column_);
    if (column.has_nulls()) NarrowByBitmap(column.validity().data(), selection);
    const bool uses_index =
        UsesIndex(chunk) &&
        !keys_.LosesToRows(*chunk.index(column_), chunk.num_rows(), kListCost, selection);
    scratch.by_index = uses_index;
    if (uses_index) return NarrowByIndex(*chunk.index(column_), column, selection);
    switch (match_) {
      case ListMatch::kAnyOf:
      case ListMatch::kNoneOf: {
        const bool wanted = (match_ == ListMatch::kAnyOf) != negated_;
        return NarrowByRow(selection, [&](uint32_t row) { return HasAny(column, row) == wanted; });
      }
      case ListMatch::kAllOf:
        return NarrowByRow(selection,
                           [&](uint32_t row) { return HasAll(column, row, scratch) != negated_; });
      case ListMatch::kEqualsAny:
        return NarrowByRow(selection, [&](uint32_t row) {
          return negated_ ? !HasAny(column, row) && !HasNullElement(column, row)
                          : HasAny(column, row);
        });
    }
  }
  StepEstimate Estimate(const Chunk& chunk) const override {
    const Column& column = chunk.column(column_);
    const ValueIndex* index = chunk.index(column_);
    if (index == nullptr) return {};
    const double valid = FractionOf(column.num_rows() - column.zone_map().null_count, column);
    double found = FractionOf(keys_.EstimateRows(*index, column.num_rows()), column);
    if (match_ == ListMatch::kAllOf) found = HasEveryKey() ? found / num_wanted_ : 0;
    const bool finds = (match_ != ListMatch::kNoneOf) != negated_;
    return {finds ? found : valid - found,
            UsesIndex(chunk) ? keys_.Cost(*index, column.num_rows()) : StepEstimate::kNever};
  }
  int cost() const override { return kListCost; }
  uint32_t num_stamps() const override { return match_ == ListMatch::kAllOf ? num_wanted_ : 0; }

 private:
  /// Of a list: measured 25 ns; less where most are empty.
  static constexpr uint64_t kListTestCost = 30;

  bool UsesIndex(const Chunk& chunk) const {
    const ValueIndex* index = chunk.index(column_);
    return index != nullptr &&
           keys_.Cost(*index, chunk.num_rows()) < uint64_t{chunk.num_rows()} * kListTestCost;
  }

  /// Of kAllOf: FALSE for every list when a value is in none.
  bool HasEveryKey() const {
    return !wants_null_ && num_wanted_ > 0 && keys_.keys().size() == num_wanted_;
  }

  /// Rows with NULL for a list are not selected.
  void NarrowByIndex(const ValueIndex& index, const Column& column, Selection selection) const {
    if (match_ == ListMatch::kAllOf) return NarrowToAll(index, selection);
    keys_.Narrow(index, (match_ == ListMatch::kNoneOf) != negated_, selection);
    if (match_ == ListMatch::kEqualsAny && negated_ && column.elements().has_nulls()) {
      NarrowByRow(selection, [&](uint32_t row) { return !HasNullElement(column, row); });
    }
  }

  void NarrowToAll(const ValueIndex& index, Selection selection) const {
    uint64_t room[BitmapWords(kMaxChunkRows)];
    const Selection all = negated_ ? Selection{room, selection.first, selection.last} : selection;
    if (negated_) {
      std::copy(selection.words + selection.first, selection.words + selection.last,
                room + selection.first);
    }
    if (wants_null_ || keys_.keys().size() < num_wanted_) all.Clear();
    for (const int64_t key : keys_.keys()) NarrowByKeys(index, {&key, 1}, false, all);
    if (negated_) NarrowByComplement(room, selection);
  }

  /// The position among the wanted values of a non-NULL element.
  uint32_t PositionOf(const Column& elements, uint32_t element) const {
    if (elements.layout() == Layout::kBytes) {
      const std::string_view text = elements.BytesAt(element);
      const auto at = std::lower_bound(texts_.begin(), texts_.end(), text);
      return at != texts_.end() && *at == text ? static_cast<uint32_t>(at - texts_.begin())
                                               : kNotWanted;
    }
    const int64_t key = KeyAt(elements, element);
    const std::span<const int64_t> keys = keys_.keys();
    const auto at = std::lower_bound(keys.begin(), keys.end(), key);
    return at != keys.end() && *at == key ? static_cast<uint32_t>(at - keys.begin()) : kNotWanted;
  }

  static int64_t KeyAt(const Column& elements, uint32_t element) {
    switch (elements.layout()) {
      case Layout::kCode:
        return elements.CodeAt(element);
      case Layout::kFloat:
        return FloatOrderKey(elements.FloatAt(element));
      default:
        return elements.IntegerAt(element);
    }
  }

  bool HasAny(const Column& column, uint32_t row) const {
    const Column& elements = column.elements();
    for (uint32_t at = column.offsets()[row]; at < column.offsets()[row + 1]; ++at) {
      if (!elements.IsNull(at) && PositionOf(elements, at) != kNotWanted) return true;
    }
    return false;
  }

  bool HasAll(const Column& column, uint32_t row, FilterScratch& scratch) const {
    if (wants_null_) return false;
    const Column& elements = column.elements();
    const std::span<uint32_t> stamps = scratch.stamps.As<uint32_t>();
    if (++scratch.stamp == 0) {  // wrapped: no old stamp may look like a new one
      std::fill(stamps.begin(), stamps.end(), 0);
      scratch.stamp = 1;
    }
    uint32_t num_found = 0;
    for (uint32_t at = column.offsets()[row]; at < column.offsets()[row + 1]; ++at) {
      if (elements.IsNull(at)) continue;
      const uint32_t position = PositionOf(elements, at);
      if (position == kNotWanted || stamps[position] == scratch.stamp) continue;
      stamps[position] = scratch.stamp;
      ++num_found;
    }
    return num_found == num_wanted_;
  }

  static bool HasNullElement(const Column& column, uint32_t row) {
    for (uint32_t at = column.offsets()[row]; at < column.offsets()[row + 1]; ++at) {
      if (column.elements().IsNull(at)) return true;
    }
    return false;
  }

  const ColumnIndex column_;
  const ListMatch match_;
  const bool negated_;
  const bool wants_null_;
  const uint32_t num_wanted_;
  KeyRows keys_;
  const std::vector<std::string> texts_;
};

}  // namespace

std::unique_ptr<PredicateStep> CompileListLeaf(const ListLeaf& leaf, bool negated,
                                               const Table& table) {
  return std::make_unique<ListStep>(leaf, negated, table);
}

}  // namespace sextant
