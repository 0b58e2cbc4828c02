#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "compute/kernels/select_range.h"
#include "compute/kernels/width_dispatch.h"
#include "compute/memory/status_macros.h"
#include "compute/memory/string_view_bridge.h"
#include "compute/operators/predicate_step.h"

namespace sextant {
namespace {

/// The constants of a text leaf, apart from where the texts lie.
class TextTest {
 public:
  explicit TextTest(const BoundPredicate& predicate) {
    if (const auto* range = std::get_if<TextRangeLeaf>(&predicate.node)) {
      range_ = *range;
      return;
    }
    for (const std::string& text : std::get<TextSetLeaf>(predicate.node).texts) {
      texts_.insert(text);
    }
  }

  const absl::flat_hash_set<std::string>* texts() const { return range_ ? nullptr : &texts_; }

  bool Holds(std::string_view text) const {
    if (!range_) return texts_.contains(ToAbsl(text));
    if (range_->min) {
      const int order = text.compare(*range_->min);
      if (order < 0 || (order == 0 && !range_->min_inclusive)) return false;
    }
    if (range_->max) {
      const int order = text.compare(*range_->max);
      if (order > 0 || (order == 0 && !range_->max_inclusive)) return false;
    }
    return true;
  }

 private:
  std::optional<TextRangeLeaf> range_;
  absl::flat_hash_set<std::string> texts_;
};

/// Membership of a code in the set of entries for which a test on text holds: the test ran once per
/// dictionary entry (or one look-up per listed text), a row costs one bit.
class CodeTableStep final : public PredicateStep {
 public:
  CodeTableStep(ColumnIndex column, Buffer table) : column_(column), table_(std::move(table)) {}

  void Narrow(const Chunk& chunk, Selection selection, FilterScratch&) const override {
    const Column& column = chunk.column(column_);
    if (column.has_nulls()) NarrowByBitmap(column.validity().data(), selection);
    if (const ValueBitmapIndex* index = chunk.index(column_)) {
      return NarrowByIndex(column.zone_map(), *index, selection);
    }
    const uint64_t* table = table_.As<uint64_t>().data();
    WithUnsignedSlots(column, [&](auto codes) {
      NarrowByCodes(codes.data(), column.num_rows(), table, selection);
    });
  }

  ZoneVerdict Judge(const Chunk& chunk) const override {
    const Column& column = chunk.column(column_);
    const ZoneMap& zone = column.zone_map();
    if (!zone.has_bounds) return ZoneVerdict::kNone;
    if (zone.max_integer - zone.min_integer > kMaxCodesJudged) return ZoneVerdict::kSome;
    bool any = false;
    bool all = !column.has_nulls();
    for (int64_t code = zone.min_integer; code <= zone.max_integer; ++code) {
      const bool holds = TestBit(table_.As<uint64_t>(), static_cast<size_t>(code));
      any |= holds;
      all &= holds;
    }
    if (!any) return ZoneVerdict::kNone;
    return all ? ZoneVerdict::kAll : ZoneVerdict::kSome;
  }
  int cost() const override { return kCodeTableCost; }

 private:
  static constexpr int64_t kMaxCodesJudged = 256;

  /// At most ValueBitmapIndex::kMaxCodes bitmaps are combined, word by word.
  void NarrowByIndex(const ZoneMap& zone, const ValueBitmapIndex& index,
                     Selection selection) const {
    std::span<const uint64_t> bitmaps[ValueBitmapIndex::kMaxCodes];
    size_t num_bitmaps = 0;
    for (int64_t code = zone.min_integer; zone.has_bounds && code <= zone.max_integer; ++code) {
      if (!TestBit(table_.As<uint64_t>(), static_cast<size_t>(code))) continue;
      const std::span<const uint64_t> rows = index.RowsOf(static_cast<uint32_t>(code));
      if (!rows.empty()) bitmaps[num_bitmaps++] = rows;
    }
    for (uint32_t word = selection.first; word < selection.last; ++word) {
      uint64_t found = 0;
      for (size_t i = 0; i < num_bitmaps; ++i) found |= bitmaps[i][word];
      selection.words[word] &= found;
    }
  }

  const ColumnIndex column_;
  const Buffer table_;
};

/// The test on every row's own bytes.
class BytesStep final : public PredicateStep {
 public:
  BytesStep(ColumnIndex column, bool negated, TextTest test)
      : column_(column), negated_(negated), test_(std::move(test)) {}

  void Narrow(const Chunk& chunk, Selection selection, FilterScratch&) const override {
    const Column& column = chunk.column(column_);
    if (column.has_nulls()) NarrowByBitmap(column.validity().data(), selection);
    NarrowByRow(selection,
                [&](uint32_t row) { return test_.Holds(column.BytesAt(row)) != negated_; });
  }
  int cost() const override { return kBytesCost; }

 private:
  const ColumnIndex column_;
  const bool negated_;
  const TextTest test_;
};

absl::StatusOr<Buffer> CodeTable(const TextTest& test, bool negated, const ColumnFacts& facts,
                                 MemoryBudget& budget) {
  // At least one word: the slot of a NULL holds code 0 even when the dictionary is empty.
  const size_t num_words = BitmapWords(size_t{facts.dictionary_size} + 1);
  SEXTANT_ASSIGN_OR_RETURN(Buffer table, Buffer::Allocate(budget, num_words * sizeof(uint64_t)));
  const std::span<uint64_t> words = table.As<uint64_t>();
  if (const auto* texts = test.texts()) {
    for (const std::string& text : *texts) {
      const uint32_t code = facts.dictionary->Find(text);
      if (code < facts.dictionary_size) SetBit(words, code);
    }
  } else {
    for (uint32_t code = 0; code < facts.dictionary_size; ++code) {
      if (test.Holds(facts.dictionary->Entry(code))) SetBit(words, code);
    }
  }
  if (negated) {
    for (uint64_t& word : words) word = ~word;
  }
  return table;
}

}  // namespace

absl::StatusOr<std::unique_ptr<PredicateStep>> CompileTextLeaf(const BoundPredicate& predicate,
                                                               const Table& table,
                                                               MemoryBudget& budget) {
  const ColumnIndex column = std::holds_alternative<TextRangeLeaf>(predicate.node)
                                 ? std::get<TextRangeLeaf>(predicate.node).value.column
                                 : std::get<TextSetLeaf>(predicate.node).value.column;
  TextTest test(predicate);
  const ColumnFacts& facts = table.facts(column);
  if (facts.layout != Layout::kCode) {
    return std::make_unique<BytesStep>(column, predicate.negated, std::move(test));
  }
  SEXTANT_ASSIGN_OR_RETURN(Buffer codes, CodeTable(test, predicate.negated, facts, budget));
  return std::make_unique<CodeTableStep>(column, std::move(codes));
}

}  // namespace sextant
