#include "compute/exec/text_ranking.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "compute/memory/memory_budget.h"
#include "tests/testing/run_query.h"
#include "tests/testing/table_of.h"
#include "tests/testing/text_ranks_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

const DataType kText = DataType::Of(TypeKind::kText);

/// Texts that differ, so that the column keeps bytes.
std::shared_ptr<const Table> TableOfTexts(std::vector<Cell> texts, uint32_t chunk_rows = 4) {
  const auto table = TableOf({{"name", kText, std::move(texts)}}, {.chunk_rows = chunk_rows});
  EXPECT_EQ(table->facts(0).layout, Layout::kBytes);
  return table;
}

std::unique_ptr<const TextRanks> RanksOf(const Table& table) {
  return TextRanksOf(table, 0, TestBudget());
}

std::vector<uint32_t> CodesOf(const TextRanks& ranks, const Table& table) {
  std::vector<uint32_t> codes;
  for (uint32_t i = 0; i < table.num_chunks(); ++i) {
    const uint32_t* const of_chunk = ranks.CodesOf(table.chunk(i).data());
    codes.insert(codes.end(), of_chunk, of_chunk + table.chunk(i).num_rows());
  }
  return codes;
}

std::vector<std::string> TextsOf(const TextRanks& ranks) {
  std::vector<std::string> texts;
  for (uint32_t rank = 0; rank < ranks.num_texts(); ++rank) texts.emplace_back(ranks.Text(rank));
  return texts;
}

TEST(TextRankingTest, Rule7RanksAreByUnsignedBytesOverAllChunks) {
  const auto table = TableOfTexts({Text("b"), Text("\xC3\xA9"), Text(""), Text("a"),  //
                                   Text("abcdefgh2"), Text("abcdefgh10"), Text("Z"),
                                   Text(std::string_view("a\0", 2)), Text("c")});
  const auto ranks = RanksOf(*table);
  EXPECT_THAT(TextsOf(*ranks), ElementsAre("", "Z", "a", std::string("a\0", 2), "abcdefgh10",
                                           "abcdefgh2", "b", "c", "\xC3\xA9"));
  EXPECT_THAT(CodesOf(*ranks, *table), ElementsAre(7, 9, 1, 3, 6, 5, 2, 4, 8));
}

TEST(TextRankingTest, EqualTextsOfAllChunksShareARank) {
  const auto table = TableOfTexts(
      {Text("d"), Text("a"), Text("c"), Text("b"), Text("e"), Text("a"), Text("d"), Text("f")}, 3);
  const auto ranks = RanksOf(*table);
  EXPECT_THAT(TextsOf(*ranks), ElementsAre("a", "b", "c", "d", "e", "f"));
  EXPECT_THAT(CodesOf(*ranks, *table), ElementsAre(4, 1, 3, 2, 5, 1, 4, 6));
}

TEST(TextRankingTest, NullHasCodeZero) {
  const auto table = TableOfTexts({Null(), Text("b"), Null(), Text("a"), Null(), Null()}, 2);
  const auto ranks = RanksOf(*table);
  EXPECT_THAT(CodesOf(*ranks, *table), ElementsAre(0, 2, 0, 1, 0, 0));
}

TEST(TextRankingTest, ChunksOfNullsAddNoRanks) {
  const auto table = TableOfTexts({Text("a"), Null()}, 2);
  const auto nulls = TableOf({{"name", kText, {Text("x"), Null(), Null()}}}, {.chunk_rows = 1});
  EXPECT_THAT(TextsOf(*RanksOf(*nulls)), ElementsAre("x"));
  EXPECT_THAT(TextsOf(*RanksOf(*table)), ElementsAre("a"));
}

TEST(TextRankingTest, AStepIsOneChunkOrSomeTextsOfAll) {
  std::vector<Cell> texts;
  for (int i = 0; i < 70'000; ++i) texts.push_back(Text(std::to_string(i * 7919 % 70'000)));
  const auto table = TableOfTexts(std::move(texts), kMaxChunkRows);
  TextRanker ranker(*table, 0, TestBudget());
  int num_steps = 1;
  while (*ranker.Step() == nullptr) ++num_steps;
  EXPECT_EQ(num_steps, 2 + 3);  // 32 Ki texts each
}

// Of 30,000 the room that grew for them is for 32,768.
TEST(TextRankingTest, ThereAreAsManyRanksAsTexts) {
  constexpr uint32_t kNumTexts = 30'000;
  std::vector<Cell> texts;
  for (uint32_t i = 0; i < kNumTexts; ++i) texts.push_back(Text(std::to_string(100'000 + i)));
  const auto table = TableOfTexts(std::move(texts), kMaxChunkRows);
  const auto ranks = RanksOf(*table);
  EXPECT_EQ(ranks->num_texts(), kNumTexts);
  EXPECT_EQ(ranks->Text(kNumTexts - 1), "129999");
}

TEST(TextRankingTest, LongTextsAreNotRanked) {
  const std::string half(size_t{3} << 20, 'x');
  const auto table = TableOfTexts({Text(half + "a"), Text(half + "b")});
  EXPECT_FALSE(TextRanker::Fits(*table, 0));
}

TEST(TextRankingTest, ManyTextsAreRankedAsASortOfAllRanksThem) {
  const unsigned seed = std::random_device()();
  std::mt19937 random(seed);
  std::vector<std::string> texts;
  for (int i = 0; i < 20'000; ++i) {
    texts.push_back(std::string(random() % 3, 'p') + std::to_string(random() % 1'000'000));
  }
  std::vector<Cell> cells;
  for (const std::string& text : texts) cells.push_back(Text(text));
  const auto table = TableOfTexts(std::move(cells), 1'000);
  const auto ranks = RanksOf(*table);
  std::vector<std::string> sorted = texts;
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  EXPECT_THAT(TextsOf(*ranks), ElementsAreArray(sorted)) << "seed " << seed;
  const std::vector<uint32_t> codes = CodesOf(*ranks, *table);
  for (size_t row = 0; row < texts.size(); ++row) {
    ASSERT_EQ(ranks->Text(codes[row] - 1), texts[row]) << "seed " << seed << ", row " << row;
  }
}

TEST(TextRankingTest, OnlyTextsKeptAsBytesAreRanked) {
  const auto table =
      TableOf({{"code", kText, {Text("a"), Text("a"), Text("a"), Text("a")}},
               {"bytes", kText, {Text("a"), Text("b"), Text("c"), Text("d")}},
               {"n", DataType::Of(TypeKind::kInt64), {Int(1), Int(2), Int(3), Null()}},
               {"list",
                DataType::ListOf(TypeKind::kText),
                {List({Text("a")}), List({}), Null(), List({Text("b")})}}});
  EXPECT_FALSE(TextRanker::Fits(*table, 0));
  EXPECT_TRUE(TextRanker::Fits(*table, 1));
  EXPECT_FALSE(TextRanker::Fits(*table, 2));
  EXPECT_FALSE(TextRanker::Fits(*table, 3));
}

TEST(TextRankingTest, ARefusalIsAnError) {
  const auto table = TableOfTexts({Text("a"), Text("b")});
  MemoryBudget none("cache", 0);
  TextRanker ranker(*table, 0, none);
  EXPECT_EQ(ranker.Step().status().code(), absl::StatusCode::kResourceExhausted);
}

TEST(TextRankingTest, TheFirstRanksAreKeptAndCounted) {
  const auto table = TableOfTexts({Text("a"), Text("b")});
  const size_t bytes_before = table->reserved_bytes();
  EXPECT_EQ(table->text_ranks(0), nullptr);
  EXPECT_TRUE(table->SetTextRanks(0, RanksOf(*table)));
  const TextRanks* const kept = table->text_ranks(0);
  EXPECT_EQ(table->reserved_bytes(), bytes_before + kept->reserved_bytes());
  EXPECT_FALSE(table->SetTextRanks(0, RanksOf(*table)));
  EXPECT_EQ(table->text_ranks(0), kept);
}

}  // namespace
}  // namespace sextant
