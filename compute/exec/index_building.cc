#include <memory>
#include <optional>
#include <utility>

#include "compute/column/table.h"
#include "compute/exec/dictionary_sort.h"
#include "compute/exec/query_executor.h"
#include "compute/exec/text_ranking.h"
#include "compute/operators/value_ordering.h"

namespace sextant {
namespace {

/// One column of one chunk per step, then the dictionary of one column, so that queries go first.
class IndexTask final : public Task {
 public:
  IndexTask(std::shared_ptr<const Table> table, MemoryBudget& budget)
      : table_(std::move(table)), budget_(budget) {}

  bool Step() override {
    const uint32_t num_columns = table_->schema().num_fields();
    if (chunk_ == table_->num_chunks()) {
      return column_ < num_columns && Sort(column_) && ++column_ < num_columns;
    }
    const ChunkData& data = table_->chunk(chunk_).data();
    if (column_ < data.num_columns() && !Build(data)) return false;
    if (++column_ < data.num_columns()) return true;
    column_ = 0;
    ++chunk_;
    return true;
  }

 private:
  /// False when the budget refuses: what follows would not fit either. So does the next.
  bool Build(const ChunkData& data) const {
    const Column& column = data.column(column_);
    if (data.index(column_) != nullptr || !ValueIndex::Fits(column)) return true;
    auto index = ValueIndex::Build(column, budget_);
    if (!index.ok()) return false;
    data.SetIndex(column_, *std::move(index));
    return true;
  }

  bool Sort(ColumnIndex column) const {
    const Dictionary* const dictionary = table_->OrderedDictionary(column);
    if (dictionary == nullptr || dictionary->order() != nullptr) return true;
    auto order = SortEntries(*dictionary, budget_);
    if (!order.ok()) return false;
    dictionary->SetOrder(*std::move(order));
    return true;
  }

  const std::shared_ptr<const Table> table_;
  MemoryBudget& budget_;
  uint32_t chunk_ = 0;
  uint32_t column_ = 0;  // of the chunk; behind the last chunk: whose dictionary is next
};

/// One wanted column of one chunk per step; then the ranks of the texts of a column, by the steps
/// of a TextRanker.
class OrderTask final : public Task {
 public:
  OrderTask(std::shared_ptr<const Table> table, MemoryBudget& budget)
      : table_(std::move(table)), budget_(budget) {}

  bool Step() override {
    for (; chunk_ < table_->num_chunks(); ++chunk_, column_ = 0) {
      const ChunkData& data = table_->chunk(chunk_).data();
      for (; column_ < data.num_columns(); ++column_) {
        if (IsMissing(data, column_)) return Build(data, column_);
      }
    }
    if (ranker_) return Rank();
    for (; text_column_ < table_->schema().num_fields(); ++text_column_) {
      if (!AreRanksMissing(text_column_)) continue;
      ranker_.emplace(*table_, text_column_, budget_);
      return Rank();
    }
    return false;
  }

 private:
  bool IsMissing(const ChunkData& data, ColumnIndex column) const {
    return table_->order_demand().IsWanted(column) && data.order(column) == nullptr &&
           MayBeOrdered(data.column(column));
  }

  bool AreRanksMissing(ColumnIndex column) const {
    return table_->rank_demand().IsWanted(column) && table_->text_ranks(column) == nullptr &&
           TextRanker::Fits(*table_, column);
  }

  bool IsRoomForNextVersion() {
    if (table_bytes_ == 0) table_bytes_ = table_->reserved_bytes();
    return budget_.limit_bytes() - budget_.reserved_bytes() >= table_bytes_;
  }

  /// False when the budget refuses, or the next version of the table would not find room in it. So
  /// does the next.
  bool Build(const ChunkData& data, ColumnIndex column) {
    if (!IsRoomForNextVersion()) return false;
    auto order = OrderByValue(data.column(column), budget_);
    if (!order.ok()) return false;
    data.SetOrder(column, *std::move(order));
    return true;
  }

  bool Rank() {
    if (table_->text_ranks(text_column_) != nullptr) {
      ranker_.reset();
      return true;
    }
    if (!IsRoomForNextVersion()) return false;
    auto ranks = ranker_->Step();
    if (!ranks.ok()) return false;
    if (*ranks == nullptr) return true;
    table_->SetTextRanks(text_column_, *std::move(ranks));
    ranker_.reset();
    return true;
  }

  const std::shared_ptr<const Table> table_;
  MemoryBudget& budget_;
  size_t table_bytes_ = 0;
  uint32_t chunk_ = 0;
  ColumnIndex column_ = 0;
  ColumnIndex text_column_ = 0;       // behind the last chunk
  std::optional<TextRanker> ranker_;  // of it, unless another task is first
};

}  // namespace

void QueryExecutor::BuildIndexes(std::shared_ptr<const Table> table, MemoryBudget& budget) {
  index_budget_.store(&budget, std::memory_order_relaxed);
  pool_.Submit(Priority::kBackground, std::make_unique<IndexTask>(std::move(table), budget));
}

void QueryExecutor::BuildWantedOrders(std::shared_ptr<const Table> table, MemoryBudget& budget) {
  pool_.Submit(Priority::kBackground, std::make_unique<OrderTask>(std::move(table), budget));
}

}  // namespace sextant
