#include <memory>
#include <utility>

#include "compute/column/table.h"
#include "compute/exec/query_executor.h"

namespace sextant {
namespace {

/// One column of one chunk per step, so that queries go first.
class IndexTask final : public Task {
 public:
  IndexTask(std::shared_ptr<const Table> table, MemoryBudget& budget)
      : table_(std::move(table)), budget_(budget) {}

  bool Step() override {
    if (chunk_ == table_->num_chunks()) return false;
    const ChunkData& data = table_->chunk(chunk_).data();
    if (column_ < data.num_columns() && !Build(data)) return false;
    if (++column_ < data.num_columns()) return true;
    column_ = 0;
    return ++chunk_ < table_->num_chunks();
  }

 private:
  /// False when the budget refuses: what follows would not fit either.
  bool Build(const ChunkData& data) const {
    const Column& column = data.column(column_);
    if (data.index(column_) != nullptr || !ValueIndex::Fits(column)) return true;
    auto index = ValueIndex::Build(column, budget_);
    if (!index.ok()) return false;
    data.SetIndex(column_, *std::move(index));
    return true;
  }

  const std::shared_ptr<const Table> table_;
  MemoryBudget& budget_;
  uint32_t chunk_ = 0;
  uint32_t column_ = 0;
};

}  // namespace

void QueryExecutor::BuildIndexes(std::shared_ptr<const Table> table, MemoryBudget& budget) {
  pool_.Submit(Priority::kBackground, std::make_unique<IndexTask>(std::move(table), budget));
}

}  // namespace sextant
