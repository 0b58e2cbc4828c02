#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "compute/column/bitmap.h"
#include "compute/operators/filter.h"
#include "compute/operators/value_ordering.h"
#include "tests/testing/random_query.h"
#include "tests/testing/random_table.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

/// Builds the indexes of the columns and chunks that `is_wanted` names, within `budget`.
template <typename IsWanted>
void BuildIndexes(const Table& table, MemoryBudget& budget, IsWanted is_wanted) {
  for (uint32_t chunk = 0; chunk < table.num_chunks(); ++chunk) {
    const ChunkData& data = table.chunk(chunk).data();
    for (uint32_t column = 0; column < data.num_columns(); ++column) {
      if (!is_wanted(chunk, column)) continue;
      if (ValueIndex::Fits(data.column(column))) {
        auto index = ValueIndex::Build(data.column(column), budget);
        if (index.ok()) data.SetIndex(column, *std::move(index));
      }
      if (MayBeOrdered(data.column(column))) {
        auto order = OrderByValue(data.column(column), budget);
        if (order.ok()) data.SetOrder(column, *std::move(order));
      }
    }
  }
}

/// The selected rows of rows [begin, end) of each chunk, by ordinal.
std::vector<uint64_t> KeptOf(const Table& table, const BoundPredicate& predicate, uint32_t begin,
                             uint32_t end) {
  const auto filter = Filter::Create(predicate, table, TestBudget());
  EXPECT_TRUE(filter.ok()) << filter.status();
  auto scratch = filter->MakeScratch(TestBudget());
  std::vector<uint64_t> kept;
  for (uint32_t index = 0; index < table.num_chunks(); ++index) {
    const Chunk& chunk = table.chunk(index);
    const uint32_t last = std::min(end, chunk.num_rows());
    if (begin >= last || filter->Skips(chunk)) continue;
    std::vector<uint64_t> words(BitmapWords(chunk.num_rows()));
    SetBitRange(words, begin, last);
    filter->Narrow(chunk, {words.data(), begin / 64, static_cast<uint32_t>(BitmapWords(last))},
                   *scratch);
    std::vector<uint32_t> rows(CountBits(words));
    BitsToIndices(words, rows);
    for (const uint32_t row : rows) kept.push_back(table.first_row(index) + row);
  }
  return kept;
}

/// What each way to have indexes must give: the rows without any.
class FilterIndexTest : public testing::TestWithParam<uint32_t> {
 protected:
  static constexpr uint64_t kNumSeeds = 15;
  static constexpr int kNumPredicates = 30;

  template <typename Build>
  void ExpectTheSameRows(Build build) {
    uint64_t num_kept = 0;
    for (uint64_t seed = 1; seed <= kNumSeeds; ++seed) {
      RandomDraws draws(seed);
      const auto num_rows = static_cast<uint32_t>(1 + draws.Below(400));
      const auto table = RandomTable(draws, num_rows, GetParam(), false);
      struct Question {
        BoundPredicate predicate;
        uint32_t begin;
        uint32_t end;
        std::vector<uint64_t> kept;
      };
      std::vector<Question> questions;
      for (int i = 0; i < kNumPredicates; ++i) {
        const auto begin = static_cast<uint32_t>(draws.OneIn(2) ? 0 : draws.Below(200));
        const auto end = begin + static_cast<uint32_t>(draws.OneIn(2) ? 1000 : draws.Below(100));
        Question question{RandomPredicate(draws, *table, 2), begin, end, {}};
        question.kept = KeptOf(*table, question.predicate, begin, end);
        num_kept += question.kept.size();
        questions.push_back(std::move(question));
      }
      build(*table);
      for (const Question& question : questions) {
        ASSERT_EQ(KeptOf(*table, question.predicate, question.begin, question.end), question.kept)
            << "seed " << seed << ": " << ToString(question.predicate);
      }
    }
    EXPECT_GT(num_kept, 5'000u) << "the cases test little";
  }
};

TEST_P(FilterIndexTest, EveryLeafKeepsTheSameRowsWithIndexes) {
  ExpectTheSameRows([](const Table& table) {
    BuildIndexes(table, TestBudget(), [](uint32_t, uint32_t) { return true; });
  });
}

TEST_P(FilterIndexTest, EveryLeafKeepsTheSameRowsWithHalfOfTheIndexes) {
  ExpectTheSameRows([](const Table& table) {
    BuildIndexes(table, TestBudget(),
                 [](uint32_t chunk, uint32_t column) { return (chunk + column) % 2 == 0; });
  });
}

TEST_P(FilterIndexTest, EveryLeafKeepsTheSameRowsWhereTheBudgetRefusesIndexes) {
  MemoryBudget budget("indexes", 6'000);
  ExpectTheSameRows([&budget](const Table& table) {
    BuildIndexes(table, budget, [](uint32_t, uint32_t) { return true; });
    EXPECT_LE(budget.reserved_bytes(), 6'000u);
  });
}

INSTANTIATE_TEST_SUITE_P(ChunkRows, FilterIndexTest, testing::Values(7, 64, 1000));

/// A chunk of many words: sets that are large, keys that have bitmaps and keys
/// that have row ids, few rows left and many.
class LargeChunkTest : public testing::Test {
 protected:
  static constexpr uint32_t kNumRows = 20'000;

  void SetUp() override {
    RandomDraws draws(7);
    std::vector<Cell> authors;
    std::vector<Cell> labels;
    std::vector<Cell> flags;
    std::vector<Cell> times;
    for (uint32_t row = 0; row < kNumRows; ++row) {
      authors.push_back(draws.OneIn(20) ? Null() : Text(Author(draws.Below(2000))));
      std::vector<Cell> list;
      for (uint64_t i = draws.Below(4); i > 0; --i) {
        list.push_back(draws.OneIn(30) ? Null() : Text(Author(draws.Below(40))));
      }
      labels.push_back(List(std::move(list)));
      flags.push_back(draws.OneIn(10) ? Null() : Bool(draws.OneIn(5)));
      times.push_back(Int(1'000 + row / 3 * 7));
    }
    table_ = TableOf({{"author", DataType::Of(TypeKind::kText), authors},
                      {"labels", DataType::ListOf(TypeKind::kText), labels},
                      {"flag", DataType::Of(TypeKind::kBool), flags},
                      {"time", DataType::Of(TypeKind::kTimestamp), times}});
  }

  static std::string Author(uint64_t number) { return "author " + std::to_string(number); }
  BoundValue ValueOf(ColumnIndex column) const {
    BoundValue value;
    value.column = column;
    value.type = table_->schema().field(column).type;
    return value;
  }
  BoundPredicate Authors(uint64_t first, uint64_t count, bool negated) const {
    std::set<std::string> texts;
    for (uint64_t i = 0; i < count; ++i) texts.insert(Author(first + i));
    return {TextSetLeaf{ValueOf(0), {texts.begin(), texts.end()}}, negated};
  }
  BoundPredicate Labels(ListMatch match, const std::vector<std::string>& texts,
                        bool negated) const {
    ListLeaf leaf;
    leaf.value = ValueOf(1);
    leaf.match = match;
    leaf.texts = texts;
    return {leaf, negated};
  }
  BoundPredicate Flag(int64_t value, bool negated) const {
    return {IntegerRangeLeaf{ValueOf(2), value, value}, negated};
  }
  BoundPredicate Times(int64_t min, int64_t max, bool negated) const {
    return {IntegerRangeLeaf{ValueOf(3), min, max}, negated};
  }

  std::vector<BoundPredicate> Leaves() const {
    std::vector<BoundPredicate> leaves;
    for (const bool negated : {false, true}) {
      leaves.push_back(Authors(3, 1, negated));
      leaves.push_back(Authors(10, 150, negated));
      leaves.push_back(Authors(0, 1900, negated));
      leaves.push_back(Authors(5000, 3, negated));
      const std::vector<std::string> some = {Author(1), Author(2), Author(77)};
      const std::vector<std::string> two = {Author(1), Author(2)};
      for (const auto match : {ListMatch::kAnyOf, ListMatch::kAllOf, ListMatch::kEqualsAny}) {
        leaves.push_back(Labels(match, some, negated));
        leaves.push_back(Labels(match, two, negated));
        leaves.push_back(Labels(match, {Author(1)}, negated));
      }
      leaves.push_back(Flag(1, negated));
      leaves.push_back(Flag(0, negated));
      leaves.push_back(Times(2'000, 2'050, negated));
      leaves.push_back(Times(0, 30'000, negated));
      leaves.push_back({IntegerSetLeaf{ValueOf(3), {0, 1'007, 1'008, 40'000}}, negated});
    }
    return leaves;
  }

  std::shared_ptr<const Table> table_;
};

TEST_F(LargeChunkTest, LeavesAndPairsOfThemKeepTheSameRowsWithIndexes) {
  const std::vector<BoundPredicate> leaves = Leaves();
  std::vector<BoundPredicate> predicates = leaves;
  for (size_t i = 0; i < leaves.size(); ++i) {
    for (size_t j = i % 11; j < leaves.size(); j += 11) {
      predicates.push_back({AndNode{{leaves[i], leaves[j]}}});
    }
    predicates.push_back({OrNode{{leaves[i], leaves[(i + 5) % leaves.size()]}}});
  }
  std::vector<std::vector<uint64_t>> kept;
  for (const BoundPredicate& predicate : predicates) {
    kept.push_back(KeptOf(*table_, predicate, 0, kNumRows));
  }
  BuildIndexes(*table_, TestBudget(), [](uint32_t, uint32_t) { return true; });
  for (size_t i = 0; i < predicates.size(); ++i) {
    ASSERT_EQ(KeptOf(*table_, predicates[i], 0, kNumRows), kept[i]) << ToString(predicates[i]);
    std::erase_if(kept[i], [](uint64_t row) { return row < 9'001 || row >= 9'300; });
    ASSERT_EQ(KeptOf(*table_, predicates[i], 9'001, 9'300), kept[i]) << ToString(predicates[i]);
  }
}

TEST_F(LargeChunkTest, ASortedColumnIsSearchedAsItIsCompared) {
  for (const int64_t min : {0, 999, 1'000, 1'001, 1'007, 20'000}) {
    for (const int64_t max : {999, 1'000, 1'006, 1'007, 25'000, 100'000}) {
      for (const bool negated : {false, true}) {
        std::vector<uint64_t> expected;
        for (uint32_t row = 0; row < kNumRows; ++row) {
          const int64_t time = table_->chunk(0).column(3).IntegerAt(row);
          if ((min <= time && time <= max) != negated) expected.push_back(row);
        }
        ASSERT_EQ(KeptOf(*table_, Times(min, max, negated), 0, kNumRows), expected)
            << min << ' ' << max << ' ' << negated;
      }
    }
  }
}

}  // namespace
}  // namespace sextant
