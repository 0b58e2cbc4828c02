#include "tests/oracle/indexed_copy.h"

#include <utility>
#include <vector>

#include "compute/memory/check.h"
#include "compute/operators/value_ordering.h"
#include "tests/testing/text_ranks_of.h"

namespace sextant::oracle {
namespace {

MemoryBudget& Budget() {
  static auto& budget = *new MemoryBudget("oracle indexes", MemoryBudget::kUnlimitedBytes);
  return budget;
}

std::shared_ptr<const Chunk> CopyOf(const Chunk& chunk) {
  std::vector<std::shared_ptr<const Column>> columns;
  for (uint32_t i = 0; i < chunk.data().num_columns(); ++i) {
    columns.push_back(chunk.data().shared_column(i));
  }
  const Chunk all(std::make_shared<const ChunkData>(chunk.num_rows(), std::move(columns)));
  std::vector<uint32_t> deleted;
  for (uint32_t row = 0; !chunk.live().empty() && row < chunk.num_rows(); ++row) {
    if (!TestBit(chunk.live(), row)) deleted.push_back(row);
  }
  auto copy = all.WithoutRows(deleted, Budget());
  SEXTANT_CHECK(copy.ok()) << copy.status();
  return *std::move(copy);
}

void Build(const ChunkData& data, uint32_t column) {
  if (ValueIndex::Fits(data.column(column))) {
    auto index = ValueIndex::Build(data.column(column), Budget());
    SEXTANT_CHECK(index.ok()) << index.status();
    data.SetIndex(column, *std::move(index));
  }
  if (MayBeOrdered(data.column(column))) {
    auto order = OrderByValue(data.column(column), Budget());
    SEXTANT_CHECK(order.ok()) << order.status();
    data.SetOrder(column, *std::move(order));
  }
}

void RankTexts(const Table& table, ColumnIndex column) {
  if (!TextRanker::Fits(table, column)) return;
  table.SetTextRanks(column, TextRanksOf(table, column, Budget()));
}

}  // namespace

std::shared_ptr<const Table> WithoutIndexes(const std::shared_ptr<const Table>& table) {
  std::vector<std::shared_ptr<const Chunk>> chunks;
  for (uint32_t i = 0; i < table->num_chunks(); ++i) chunks.push_back(CopyOf(table->chunk(i)));
  std::vector<ColumnFacts> facts;
  for (ColumnIndex column = 0; column < table->schema().num_fields(); ++column) {
    facts.push_back(table->facts(column));
  }
  return std::make_shared<const Table>(
      table->identity(), table->shared_schema(), std::move(chunks), std::move(facts),
      std::shared_ptr<const TenantIndex>(table, &table->tenants()), table->links());
}

std::shared_ptr<const Table> WithHalfOfItsIndexes(const std::shared_ptr<const Table>& table) {
  std::shared_ptr<const Table> copy = WithoutIndexes(table);
  for (uint32_t i = 0; i < copy->num_chunks(); ++i) {
    const ChunkData& data = copy->chunk(i).data();
    for (uint32_t column = i % 2; column < data.num_columns(); column += 2) Build(data, column);
  }
  for (ColumnIndex column = 0; column < copy->schema().num_fields(); column += 2) {
    RankTexts(*copy, column);
  }
  return copy;
}

void WantOrders(const Table& table) {
  constexpr uint64_t kOften = OrderDemand::kScansUntilWanted;
  for (ColumnIndex column = 0; column < table.schema().num_fields(); ++column) {
    table.order_demand().Note(column, kOften * table.num_rows());
    table.rank_demand().Note(column, kOften * table.num_rows());
  }
}

}  // namespace sextant::oracle
