#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "compute/kernels/select_range.h"
#include "compute/kernels/width_dispatch.h"
#include "compute/memory/status_macros.h"
#include "compute/memory/string_view_bridge.h"
#include "compute/operators/predicate_step.h"
#include "compute/operators/row_batches.h"
#include "compute/plan/text_pattern.h"

namespace sextant {
namespace {

/// The constants of a text leaf, apart from where the texts lie.
class TextTest {
 public:
  static absl::StatusOr<TextTest> Create(const BoundPredicate& predicate) {
    TextTest test;
    if (const auto* range = std::get_if<TextRangeLeaf>(&predicate.node)) {
      test.range_ = *range;
    } else if (const auto* leaf = std::get_if<PatternLeaf>(&predicate.node)) {
      SEXTANT_ASSIGN_OR_RETURN(test.pattern_, TextPattern::Compile(*leaf));
    } else {
      for (const std::string& text : std::get<TextSetLeaf>(predicate.node).texts) {
        test.texts_.insert(text);
      }
      test.is_set_ = true;
    }
    return test;
  }

  /// Of a set.
  const absl::flat_hash_set<std::string>* texts() const { return is_set_ ? &texts_ : nullptr; }

  bool Holds(std::string_view text) const {
    if (is_set_) return texts_.contains(ToAbsl(text));
    if (pattern_ != nullptr) return pattern_->Matches(text);
    if (range_.min) {
      const int order = text.compare(*range_.min);
      if (order < 0 || (order == 0 && !range_.min_inclusive)) return false;
    }
    if (range_.max) {
      const int order = text.compare(*range_.max);
      if (order > 0 || (order == 0 && !range_.max_inclusive)) return false;
    }
    return true;
  }

 private:
  bool is_set_ = false;
  TextRangeLeaf range_;
  std::shared_ptr<const TextPattern> pattern_;
  absl::flat_hash_set<std::string> texts_;
};

const BoundValue& ValueOf(const BoundPredicate& predicate) {
  if (const auto* range = std::get_if<TextRangeLeaf>(&predicate.node)) return range->value;
  if (const auto* leaf = std::get_if<PatternLeaf>(&predicate.node)) return leaf->value;
  return std::get<TextSetLeaf>(predicate.node).value;
}

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

/// The test on the text of every row.
class TextStep final : public PredicateStep {
 public:
  TextStep(ValueReader reader, bool negated, TextTest test)
      : reader_(std::move(reader)), negated_(negated), test_(std::move(test)) {}

  void Narrow(const Chunk& chunk, Selection selection, FilterScratch&) const override {
    NarrowByBatch(selection, [&](std::span<const uint32_t> rows, uint8_t* keeps) {
      const Lease<ValueVector> vector;
      const std::string_view* texts = vector->As<std::string_view>();
      reader_.ReadTexts(chunk, rows, vector->As<std::string_view>(), keeps);
      for (size_t k = 0; k < rows.size(); ++k) {
        keeps[k] = keeps[k] != 0 && test_.Holds(texts[k]) != negated_ ? 1 : 0;
      }
    });
  }
  int cost() const override { return kBytesCost + (reader_.is_column() ? 0 : reader_.cost()); }

 private:
  const ValueReader reader_;
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
  SEXTANT_ASSIGN_OR_RETURN(TextTest test, TextTest::Create(predicate));
  SEXTANT_ASSIGN_OR_RETURN(ValueReader reader,
                           ValueReader::Create(ValueOf(predicate), table, budget));
  const ColumnFacts& facts = table.facts(reader.column());
  // A dictionary that is larger than the table would be tested in vain for the most part.
  const bool has_codes = reader.is_column() && facts.layout == Layout::kCode &&
                         (test.texts() != nullptr || facts.dictionary_size <= table.num_rows());
  if (!has_codes) {
    return std::make_unique<TextStep>(std::move(reader), predicate.negated, std::move(test));
  }
  SEXTANT_ASSIGN_OR_RETURN(Buffer codes, CodeTable(test, predicate.negated, facts, budget));
  return std::make_unique<CodeTableStep>(reader.column(), std::move(codes));
}

}  // namespace sextant
