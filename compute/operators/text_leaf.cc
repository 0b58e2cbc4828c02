#include <algorithm>
#include <array>
#include <bit>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compute/kernels/select_range.h"
#include "compute/kernels/vector_selection.h"
#include "compute/kernels/width_dispatch.h"
#include "compute/memory/keep_going.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/key_rows.h"
#include "compute/operators/ordered_leaf.h"
#include "compute/operators/predicate_step.h"
#include "compute/operators/row_batches.h"
#include "compute/operators/text_set.h"
#include "compute/plan/text_pattern.h"

namespace sextant {
namespace {

/// The constants of a text leaf, apart from where the texts lie.
class TextTest {
 public:
  static absl::StatusOr<TextTest> Create(const BoundPredicate& predicate, MemoryBudget& budget) {
    TextTest test;
    if (const auto* range = std::get_if<TextRangeLeaf>(&predicate.node)) {
      test.range_ = *range;
    } else if (const auto* leaf = std::get_if<PatternLeaf>(&predicate.node)) {
      SEXTANT_ASSIGN_OR_RETURN(test.pattern_, TextPattern::Compile(*leaf));
    } else {
      SEXTANT_ASSIGN_OR_RETURN(
          test.texts_, TextSet::Create(std::get<TextSetLeaf>(predicate.node).texts, budget));
    }
    return test;
  }

  /// Whether it is a range or a set.
  bool HasOrderSearch() const { return pattern_ == nullptr; }
  /// REQUIRES: HasOrderSearch().
  TextOrderSearch order_search(bool negated) const {
    return texts_ ? TextOrderSearch::OfTexts(texts_->texts(), negated)
                  : TextOrderSearch::OfRange(range_, negated);
  }

  bool Holds(std::string_view text) const {
    if (texts_) return texts_->Contains(text);
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
  TextRangeLeaf range_;
  std::shared_ptr<const TextPattern> pattern_;
  std::optional<TextSet> texts_;
};

const BoundValue& ValueOf(const BoundPredicate& predicate) {
  if (const auto* range = std::get_if<TextRangeLeaf>(&predicate.node)) return range->value;
  if (const auto* leaf = std::get_if<PatternLeaf>(&predicate.node)) return leaf->value;
  return std::get<TextSetLeaf>(predicate.node).value;
}

/// The codes for which a test holds.
struct CodeTable {
  Buffer table;  // a bit per code
  uint64_t num_codes = 0;
  /// The codes of `table`, or the others where those are fewer, ascending; nullopt where both are
  /// so many that no index would be asked for them.
  std::optional<KeyRows> listed;
  bool lists_others = false;

  static absl::StatusOr<CodeTable> Create(const BoundPredicate& predicate, const ColumnFacts& facts,
                                          MemoryBudget& budget);

 private:
  static constexpr uint64_t kMaxListed = 4096;

  void LookUp(const std::vector<std::string>& texts, const ColumnFacts& facts);
  absl::Status Test(const TextTest& test, const ColumnFacts& facts);
  void List(uint32_t num_entries);
};

absl::StatusOr<CodeTable> CodeTable::Create(const BoundPredicate& predicate,
                                            const ColumnFacts& facts, MemoryBudget& budget) {
  CodeTable codes;
  // At least one word: the slot of a NULL holds code 0 even when the dictionary is empty.
  const size_t num_words = BitmapWords(size_t{facts.dictionary_size} + 1);
  SEXTANT_ASSIGN_OR_RETURN(codes.table, Buffer::Allocate(budget, num_words * sizeof(uint64_t)));
  if (const auto* set = std::get_if<TextSetLeaf>(&predicate.node)) {
    codes.LookUp(set->texts, facts);
  } else {
    SEXTANT_ASSIGN_OR_RETURN(const TextTest test, TextTest::Create(predicate, budget));
    SEXTANT_RETURN_IF_ERROR(codes.Test(test, facts));
  }
  const std::span<uint64_t> words = codes.table.As<uint64_t>();
  if (predicate.negated) {
    for (uint64_t& word : words) word = ~word;
    KeepBitRange(words, 0, facts.dictionary_size);
  }
  codes.num_codes = CountBits(words);
  codes.List(facts.dictionary_size);
  return codes;
}

void CodeTable::LookUp(const std::vector<std::string>& texts, const ColumnFacts& facts) {
  const std::span<uint64_t> words = table.As<uint64_t>();
  std::vector<uint32_t> codes(texts.size());
  facts.dictionary->FindBatch(texts, codes);
  for (const uint32_t code : codes) {
    if (code < facts.dictionary_size) SetBit(words, code);
  }
}

absl::Status CodeTable::Test(const TextTest& test, const ColumnFacts& facts) {
  const std::span<uint64_t> words = table.As<uint64_t>();
  for (uint32_t code = 0; code < facts.dictionary_size; ++code) {
    if (code % kEntriesPerQuestion == 0) SEXTANT_RETURN_IF_ERROR(AskToGoOn());
    if (test.Holds(facts.dictionary->Entry(code))) SetBit(words, code);
  }
  return absl::OkStatus();
}

void CodeTable::List(uint32_t num_entries) {
  const uint64_t num_others = num_entries - num_codes;
  lists_others = num_others < num_codes;
  if (std::min(num_codes, num_others) > kMaxListed) return;
  std::vector<int64_t> keys;
  keys.reserve(std::min(num_codes, num_others));
  const std::span<const uint64_t> words = table.As<uint64_t>();
  for (uint32_t first = 0; first < num_entries; first += 64) {
    uint64_t word = lists_others ? ~words[first / 64] : words[first / 64];
    if (num_entries - first < 64) word &= (uint64_t{1} << (num_entries - first)) - 1;
    for (; word != 0; word &= word - 1) keys.push_back(first + std::countr_zero(word));
  }
  listed.emplace(std::move(keys));
}

/// Membership of a code in the set of entries for which a test on text holds: the test ran once per
/// dictionary entry (or one look-up per listed text), a row costs one bit.
class CodeTableStep final : public PredicateStep {
 public:
  /// `keys`: the codes of `table`, or where `drops_keys` those that it lacks.
  CodeTableStep(ColumnIndex column, CodeTable codes)
      : column_(column),
        table_(std::move(codes.table)),
        num_codes_(codes.num_codes),
        drops_keys_(codes.lists_others),
        keys_(std::move(codes.listed)) {}

  void Narrow(const Chunk& chunk, Selection selection, FilterScratch& scratch) const override {
    const Column& column = chunk.column(column_);
    scratch.by_index =
        UsesIndex(chunk) &&
        !keys_->LosesToRows(*chunk.index(column_), chunk.num_rows(), kSelectedRowCost, selection);
    if (scratch.by_index) {
      if (drops_keys_ && column.has_nulls()) {
        NarrowByBitmap(column.validity().data(), selection);
      }
      return keys_->Narrow(*chunk.index(column_), drops_keys_, selection);
    }
    if (column.has_nulls()) NarrowByBitmap(column.validity().data(), selection);
    const std::span<const uint64_t> table = table_.As<uint64_t>();
    if (column.width_bytes() == 1) {
      std::array<uint64_t, 4> bytes = {};
      std::copy_n(table.begin(), std::min(table.size(), bytes.size()), bytes.begin());
      const std::span<const uint8_t> codes = column.values<uint8_t>();
      return NarrowByByteCodes(codes.data(), column.num_rows(), bytes.data(), selection);
    }
    if (HasVectorsFor(column)) {
      const std::span<const uint16_t> codes = column.values<uint16_t>();
      return NarrowByWordCodes(codes.data(), column.num_rows(), table, selection);
    }
    WithUnsignedSlots(column, [&](auto codes) {
      NarrowByCodes(codes.data(), column.num_rows(), table.data(), selection);
    });
  }

  ZoneVerdict Judge(const Chunk& chunk) const override {
    const Column& column = chunk.column(column_);
    const ZoneMap& zone = column.zone_map();
    if (!zone.has_bounds) return ZoneVerdict::kNone;
    if (zone.max_integer - zone.min_integer > kMaxCodesJudged) return JudgeListed(zone);
    const std::span<const uint64_t> table = table_.As<uint64_t>();
    const auto first = static_cast<uint64_t>(zone.min_integer);
    const auto last = static_cast<uint64_t>(zone.max_integer);
    uint64_t any = 0;
    uint64_t lacking = column.has_nulls() ? 1 : 0;
    for (uint64_t word = first / 64; word <= last / 64; ++word) {
      uint64_t codes = ~uint64_t{0};
      if (word == first / 64) codes &= ~uint64_t{0} << (first % 64);
      if (word == last / 64) codes &= ~uint64_t{0} >> (63 - last % 64);
      any |= table[word] & codes;
      lacking |= ~table[word] & codes;
    }
    if (any == 0) return ZoneVerdict::kNone;
    return lacking == 0 ? ZoneVerdict::kAll : ZoneVerdict::kSome;
  }
  StepEstimate Estimate(const Chunk& chunk) const override {
    const Column& column = chunk.column(column_);
    const double valid = FractionOf(column.num_rows() - column.zone_map().null_count, column);
    const ValueIndex* index = chunk.index(column_);
    if (index != nullptr && keys_) {
      const double listed = FractionOf(keys_->EstimateRows(*index, column.num_rows()), column);
      const uint64_t num_rows = chunk.num_rows();
      const double cost = UsesIndex(chunk) ? keys_->Cost(*index, num_rows) : TableCost(column);
      return {drops_keys_ ? valid - listed : listed, cost};
    }
    return {valid * num_codes_ / (static_cast<double>(table_.size_bytes()) * 8), TableCost(column)};
  }
  int cost() const override { return kCodeTableCost; }

 private:
  static constexpr int64_t kMaxCodesJudged = 4096;

  /// A chunk that has none of the listed codes between its bounds.
  ZoneVerdict JudgeListed(const ZoneMap& zone) const {
    if (!keys_ || drops_keys_) return ZoneVerdict::kSome;
    const std::span<const int64_t> keys = keys_->keys();
    const auto at = std::lower_bound(keys.begin(), keys.end(), zone.min_integer);
    return at == keys.end() || *at > zone.max_integer ? ZoneVerdict::kNone : ZoneVerdict::kSome;
  }

  bool UsesIndex(const Chunk& chunk) const {
    const ValueIndex* index = chunk.index(column_);
    return index != nullptr && keys_ &&
           static_cast<double>(keys_->Cost(*index, chunk.num_rows())) <
               TableCost(chunk.column(column_));
  }

  static bool HasVectorsFor(const Column& column) {
    return column.width_bytes() == 2 && column.zone_map().max_integer < kMaxVectorCodes &&
           HasVectorsForWordCodes();
  }
  /// Of looking up the code of every row: measured 0.24 ns each, by vectors 0.04 to 0.1.
  static double TableCost(const Column& column) {
    const double cost = column.width_bytes() == 1 ? 0.16 : HasVectorsFor(column) ? 0.3 : 1.0;
    return column.num_rows() * cost;
  }
  /// Of a row where few of a word are selected.
  static constexpr uint64_t kSelectedRowCost = 8;

  const ColumnIndex column_;
  const Buffer table_;
  const uint64_t num_codes_;  // in table_
  const bool drops_keys_;
  const std::optional<KeyRows> keys_;
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

  /// REQUIRES, as all below: the value is a column's, and the test has an OrderSearch.
  ColumnIndex column() const { return reader_.column(); }
  TextOrderSearch order_search() const { return test_.order_search(negated_); }
  /// Measured: 6 ns where most texts are told apart by their hash or first byte.
  static double row_cost(const Column&) { return 24; }

 private:
  const ValueReader reader_;
  const bool negated_;
  TextTest test_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<PredicateStep>> CompileTextLeaf(const BoundPredicate& predicate,
                                                               const Table& table,
                                                               MemoryBudget& budget) {
  SEXTANT_ASSIGN_OR_RETURN(ValueReader reader,
                           ValueReader::Create(ValueOf(predicate), table, budget));
  const ColumnFacts& facts = table.facts(reader.column());
  const bool is_set = std::holds_alternative<TextSetLeaf>(predicate.node);
  // A dictionary that is larger than the table would be tested in vain for the most part.
  const bool has_codes = reader.is_column() && facts.layout == Layout::kCode &&
                         (is_set || facts.dictionary_size <= table.num_rows());
  if (!has_codes) {
    SEXTANT_ASSIGN_OR_RETURN(TextTest test, TextTest::Create(predicate, budget));
    const bool may_search = reader.is_column() && test.HasOrderSearch();
    TextStep step(std::move(reader), predicate.negated, std::move(test));
    if (!may_search) return std::make_unique<TextStep>(std::move(step));
    return std::make_unique<OrderedLeaf<TextStep>>(std::move(step), table.order_demand());
  }
  SEXTANT_ASSIGN_OR_RETURN(CodeTable codes, CodeTable::Create(predicate, facts, budget));
  return std::make_unique<CodeTableStep>(reader.column(), std::move(codes));
}

}  // namespace sextant
