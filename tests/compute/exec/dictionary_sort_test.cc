#include "compute/exec/dictionary_sort.h"

#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

#include "compute/exec/query_executor.h"
#include "compute/exec/worker_pool.h"
#include "compute/memory/memory_budget.h"
#include "tests/testing/dictionary_of.h"
#include "tests/testing/run_query.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;

TEST(DictionarySortTest, Rule7OrdersByUnsignedBytes) {
  MemoryBudget budget("cache");
  const auto dictionary = DictionaryOf(
      budget, {"b", "\xC3\xA9", "", "a", "abcdefgh2", "abcdefgh10", std::string("a\0", 2), "Z"});
  const auto order = *SortEntries(*dictionary, budget);
  EXPECT_THAT(order->codes(), ElementsAre(2, 7, 3, 6, 5, 4, 0, 1));
}

TEST(DictionarySortTest, AnEmptyDictionaryHasAnEmptyOrder) {
  MemoryBudget budget("cache");
  const auto dictionary = *Dictionary::Create(budget);
  EXPECT_TRUE((*SortEntries(*dictionary, budget))->codes().empty());
}

TEST(DictionarySortTest, ARefusalIsAnError) {
  MemoryBudget budget("cache");
  const auto dictionary = DictionaryOf(budget, {"a", "b"});
  MemoryBudget none("queries", 0);
  EXPECT_EQ(SortEntries(*dictionary, none).status().code(), absl::StatusCode::kResourceExhausted);
}

TEST(DictionarySortTest, TheFirstOrderIsKeptAndCounted) {
  MemoryBudget budget("cache");
  const auto dictionary = DictionaryOf(budget, {"b", "a"});
  const size_t bytes_before = dictionary->reserved_bytes();
  EXPECT_EQ(dictionary->order(), nullptr);
  EXPECT_TRUE(dictionary->SetOrder(*SortEntries(*dictionary, budget)));
  EXPECT_GT(dictionary->reserved_bytes(), bytes_before);
  EXPECT_TRUE(dictionary->FindOrAppend("c").ok());
  EXPECT_FALSE(dictionary->SetOrder(*SortEntries(*dictionary, budget)));
  EXPECT_THAT(dictionary->order()->codes(), ElementsAre(1, 0));
}

class RankedTextsTest : public ::testing::Test {
 protected:
  static std::shared_ptr<const Table> TableOfTexts() {
    return TableOf({{"team",
                     DataType::Of(TypeKind::kText),
                     {Text("web"), Text("ops"), Null(), Text("app"), Text("ops"), Text(""),
                      Text("ops"), Text("ops"), Text("web"), Text("app")}}});
  }
  static std::vector<std::string> CountsByTeam(const std::shared_ptr<const Table>& table,
                                               const std::string& filter) {
    Query query;
    query.metrics.push_back({.name = "n", .dataset = "dataset", .expression = "count(*)"});
    query.group_by.push_back(GroupAxis::Of("team"));
    query.where = filter;
    return RunQuery(query, table)->rows;
  }
  static void BuildIndexes(const std::shared_ptr<const Table>& table) {
    WorkerPool pool(1);  // whose end waits for them
    QueryExecutor(pool).BuildIndexes(table, TestBudget());
  }
};

TEST_F(RankedTextsTest, GroupsAreInTheOrderOfTextsWithTheIndexAndWithout) {
  const auto table = TableOfTexts();
  const auto expected = ElementsAre("|1", "app|2", "ops|4", "web|2", "-|1");
  EXPECT_THAT(CountsByTeam(table, ""), expected);
  BuildIndexes(table);
  ASSERT_NE(table->facts(0).dictionary->order(), nullptr);
  EXPECT_THAT(CountsByTeam(table, ""), expected);
}

TEST_F(RankedTextsTest, TextsThatNoRowHasAreLeftOut) {
  const auto table = TableOfTexts();
  BuildIndexes(table);
  EXPECT_THAT(CountsByTeam(table, "team IN ('web', 'app')"), ElementsAre("app|2", "web|2"));
}

}  // namespace
}  // namespace sextant
