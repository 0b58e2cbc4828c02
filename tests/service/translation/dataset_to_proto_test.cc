#include "service/translation/dataset_to_proto.h"

#include <gtest/gtest.h>

#include "compute/exec/query_executor.h"
#include "compute/exec/worker_pool.h"
#include "compute/operators/value_ordering.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

constexpr int64_t kSecondUs = 1'000'000;

DatasetStatus Published() {
  DatasetStatus status;
  status.dataset = "commits";
  status.state = DatasetState::kReady;
  status.version = 3;
  status.rows = 10;
  status.as_of_us = 100 * kSecondUs;
  return status;
}

TEST(DatasetToProtoTest, APublishedDatasetHasAnAge) {
  const v1::DatasetStatus wire = StatusToProto(Published(), /*now_wall_us=*/160 * kSecondUs);
  EXPECT_EQ(wire.state(), v1::DATASET_STATE_SERVING);
  EXPECT_EQ(wire.as_of(), "1970-01-01T00:01:40+00:00");
  EXPECT_EQ(wire.age_ms(), 60'000);
  EXPECT_FALSE(wire.has_load());
}

TEST(DatasetToProtoTest, AClockThatIsBehindTheSourceGivesNoNegativeAge) {
  EXPECT_EQ(StatusToProto(Published(), /*now_wall_us=*/0).age_ms(), 0);
}

TEST(DatasetToProtoTest, ARefreshThatFailedLeavesTheDatasetServing) {
  DatasetStatus status = Published();
  status.last_error = "the table is gone";
  const v1::DatasetStatus wire = StatusToProto(status, 0);
  EXPECT_EQ(wire.state(), v1::DATASET_STATE_SERVING);
  EXPECT_EQ(wire.last_error(), "the table is gone");
}

TEST(DatasetToProtoTest, ADatasetWhoseOnlyLoadFailedHasFailed) {
  DatasetStatus status;
  status.last_error = "no such table";
  EXPECT_EQ(StatusToProto(status, 0).state(), v1::DATASET_STATE_FAILED);
}

TEST(DatasetToProtoTest, ARetryThatRunsIsALoad) {
  DatasetStatus status;
  status.state = DatasetState::kLoading;
  status.last_error = "no such table";
  status.progress = {
      .rows = 5, .wire_bytes = 100, .expected_rows = 10, .started_wall_us = 2 * kSecondUs};
  const v1::DatasetStatus wire = StatusToProto(status, 3 * kSecondUs);
  EXPECT_EQ(wire.state(), v1::DATASET_STATE_LOADING);
  EXPECT_EQ(wire.load().rows_read(), 5);
  EXPECT_EQ(wire.load().rows_expected(), 10);
  EXPECT_EQ(wire.load().elapsed_ms(), 1000);
}

TEST(DatasetToProtoTest, ADatasetThatWasNeverPublishedHasNoVersion) {
  const v1::Dataset wire = DatasetToProto(DatasetSpec(), DatasetStatus());
  EXPECT_EQ(wire.version(), 0);
  EXPECT_EQ(wire.as_of(), "");
}

/// Two chunks of two columns that may have an index and one that may not; texts have a dictionary.
std::shared_ptr<const Table> Indexable() {
  std::vector<Cell> teams(6, Text("a"));
  std::vector<Cell> sizes(6, Float(1));
  std::vector<Cell> done(6, Bool(true));
  teams[4] = Text("b");
  done[1] = Null();
  return TableOf({{"team", DataType::Of(TypeKind::kText), std::move(teams)},
                  {"size", DataType::Of(TypeKind::kFloat64), std::move(sizes)},
                  {"done", DataType::Of(TypeKind::kBool), std::move(done)}},
                 {.chunk_rows = 3});
}

void BuildFirst(const Table& table) {
  const ChunkData& data = table.chunk(0).data();
  data.SetIndex(0, *ValueIndex::Build(data.column(0), TestBudget()));
}

TEST(DatasetToProtoTest, AnIndexTellsItsPartsBytesAndTime) {
  const auto table = Indexable();
  BuildFirst(*table);
  v1::Dataset wire;
  AddIndexes(*table, wire);
  ASSERT_EQ(wire.indexes_size(), 2);
  EXPECT_EQ(wire.indexes(0).column(), "team");
  EXPECT_EQ(wire.indexes(0).parts(), 3);
  EXPECT_EQ(wire.indexes(0).parts_built(), 1);
  EXPECT_EQ(wire.indexes(0).memory_bytes(),
            static_cast<int64_t>(table->chunk(0).index(0)->reserved_bytes()));
  EXPECT_EQ(wire.indexes(0).build_us(), table->chunk(0).index(0)->build_ns() / 1000);
  EXPECT_EQ(wire.indexes(1).column(), "done");
  EXPECT_EQ(wire.indexes(1).parts_built(), 0);
  EXPECT_EQ(wire.indexes(1).memory_bytes(), 0);
}

TEST(DatasetToProtoTest, TheOrderOfADictionaryIsAPartOfTheIndex) {
  const auto table = Indexable();
  auto built = std::make_unique<DictionaryOrder>();
  built->buffer = *Buffer::Allocate(TestBudget(), 2 * sizeof(uint32_t));
  built->build_ns = 5000;
  const DictionaryOrder& order = *built;
  table->facts(0).dictionary->SetOrder(std::move(built));
  v1::Dataset wire;
  AddIndexes(*table, wire);
  EXPECT_EQ(wire.indexes(0).parts(), 3);
  EXPECT_EQ(wire.indexes(0).parts_built(), 1);
  EXPECT_EQ(wire.indexes(0).memory_bytes(), static_cast<int64_t>(order.buffer.reserved_bytes()));
  EXPECT_EQ(wire.indexes(0).build_us(), 5);
}

TEST(DatasetToProtoTest, AnOrderOfValuesIsAnIndexOnceItIsWanted) {
  const auto table = Indexable();
  table->order_demand().Note(1, OrderDemand::kScansUntilWanted * table->num_rows());
  v1::Dataset wire;
  AddIndexes(*table, wire);
  ASSERT_EQ(wire.indexes_size(), 3);
  EXPECT_EQ(wire.indexes(1).column(), "size");
  EXPECT_EQ(wire.indexes(1).parts(), 2);
  EXPECT_EQ(wire.indexes(1).parts_built(), 0);
  const ChunkData& data = table->chunk(0).data();
  data.SetOrder(1, *OrderByValue(data.column(1), TestBudget()));
  wire.Clear();
  AddIndexes(*table, wire);
  EXPECT_EQ(wire.indexes(1).parts_built(), 1);
  EXPECT_EQ(wire.indexes(1).memory_bytes(), static_cast<int64_t>(data.order(1)->reserved_bytes()));
  EXPECT_EQ(wire.indexes(1).build_us(), data.order(1)->build_ns() / 1000);
}

TEST(DatasetToProtoTest, RanksOfTextsAreAnIndexOnceTheyAreWanted) {
  const auto table = TableOf(
      {{"title", DataType::Of(TypeKind::kText), {Text("b"), Text("a"), Text("d"), Text("c")}}},
      {.chunk_rows = 2});
  v1::Dataset wire;
  AddIndexes(*table, wire);
  EXPECT_EQ(wire.indexes_size(), 0);
  table->rank_demand().Note(0, OrderDemand::kScansUntilWanted * table->num_rows());
  AddIndexes(*table, wire);
  ASSERT_EQ(wire.indexes_size(), 1);
  EXPECT_EQ(wire.indexes(0).parts(), 1);
  EXPECT_EQ(wire.indexes(0).parts_built(), 0);
  {
    WorkerPool pool(1);  // whose end waits for them
    QueryExecutor(pool).BuildWantedOrders(table, TestBudget());
  }
  wire.Clear();
  AddIndexes(*table, wire);
  EXPECT_EQ(wire.indexes(0).parts_built(), 1);
  EXPECT_EQ(wire.indexes(0).memory_bytes(),
            static_cast<int64_t>(table->text_ranks(0)->reserved_bytes()));
  EXPECT_EQ(wire.indexes(0).build_us(), table->text_ranks(0)->build_ns() / 1000);
}

}  // namespace
}  // namespace sextant
