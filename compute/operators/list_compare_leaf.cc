#include <memory>
#include <string_view>
#include <utility>

#include "compute/kernels/float_order.h"
#include "compute/memory/keep_going.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/predicate_step.h"

namespace sextant {
namespace {

/// Which elements of a list satisfy a ListCompareLeaf: by key, by code or by text.
class ElementTest {
 public:
  static absl::StatusOr<ElementTest> Create(const ListCompareLeaf& leaf, const ColumnFacts& facts,
                                            MemoryBudget& budget) {
    ElementTest test(leaf);
    if (facts.dictionary == nullptr) return test;
    const size_t num_words = BitmapWords(size_t{facts.dictionary_size} + 1);
    SEXTANT_ASSIGN_OR_RETURN(Buffer codes, Buffer::Allocate(budget, num_words * sizeof(uint64_t)));
    for (uint32_t code = 0; code < facts.dictionary_size; ++code) {
      if (code % kEntriesPerQuestion == 0) SEXTANT_RETURN_IF_ERROR(AskToGoOn());
      if (test.HoldsText(facts.dictionary->Entry(code))) SetBit(codes.As<uint64_t>(), code);
    }
    test.codes_ = std::make_shared<const Buffer>(std::move(codes));
    return test;
  }

  bool Holds(const Column& elements, uint32_t element) const {
    switch (elements.layout()) {
      case Layout::kCode:
        return TestBit(codes_->As<uint64_t>(), elements.CodeAt(element));
      case Layout::kBytes:
        return HoldsText(elements.BytesAt(element));
      case Layout::kFloat:
        return HoldsKey(FloatOrderKey(elements.FloatAt(element)));
      default:
        return HoldsKey(elements.IntegerAt(element));
    }
  }

 private:
  explicit ElementTest(const ListCompareLeaf& leaf) : leaf_(leaf) {}

  bool HoldsKey(int64_t key) const {
    return (leaf_.min <= key && key <= leaf_.max) != leaf_.outside;
  }
  bool HoldsText(std::string_view text) const {
    const int above = leaf_.min_text ? text.compare(*leaf_.min_text) : 1;
    const int below = leaf_.max_text ? text.compare(*leaf_.max_text) : -1;
    const bool is_within = (above > 0 || (above == 0 && leaf_.min_inclusive)) &&
                           (below < 0 || (below == 0 && leaf_.max_inclusive));
    return is_within != leaf_.outside;
  }

  ListCompareLeaf leaf_;
  std::shared_ptr<const Buffer> codes_;  // bit of each entry of the elements' dictionary
};

/// What is decided first decides: of ANY an element that satisfies, of ALL one that does not. Else
/// NULL when an element is, and then neither TRUE nor FALSE.
class ListCompareStep final : public PredicateStep {
 public:
  ListCompareStep(const ListCompareLeaf& leaf, bool negated, ElementTest test)
      : column_(leaf.value.column),
        is_all_(leaf.is_all),
        wants_decision_(leaf.is_all == negated),
        test_(std::move(test)) {}

  void Narrow(const Chunk& chunk, Selection selection, FilterScratch&) const override {
    const Column& column = chunk.column(column_);
    if (column.has_nulls()) NarrowByBitmap(column.validity().data(), selection);
    NarrowByRow(selection, [&](uint32_t row) {
      bool has_null = false;
      const bool is_decided = IsDecided(column, row, &has_null);
      return wants_decision_ ? is_decided : !is_decided && !has_null;
    });
  }
  int cost() const override { return kListCost; }

 private:
  bool IsDecided(const Column& column, uint32_t row, bool* has_null) const {
    const Column& elements = column.elements();
    for (uint32_t at = column.offsets()[row]; at < column.offsets()[row + 1]; ++at) {
      if (elements.IsNull(at)) {
        *has_null = true;
      } else if (test_.Holds(elements, at) != is_all_) {
        return true;
      }
    }
    return false;
  }

  const ColumnIndex column_;
  const bool is_all_;
  const bool wants_decision_;  // the rows that are decided, or those where nothing was
  const ElementTest test_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<PredicateStep>> CompileListCompareLeaf(const ListCompareLeaf& leaf,
                                                                      bool negated,
                                                                      const Table& table,
                                                                      MemoryBudget& budget) {
  SEXTANT_ASSIGN_OR_RETURN(ElementTest test,
                           ElementTest::Create(leaf, table.facts(leaf.value.column), budget));
  return std::make_unique<ListCompareStep>(leaf, negated, std::move(test));
}

}  // namespace sextant
