#include <memory>
#include <utility>

#include "compute/column/table.h"
#include "compute/exec/dictionary_sort.h"
#include "compute/exec/query_executor.h"

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

}  // namespace

void QueryExecutor::BuildIndexes(std::shared_ptr<const Table> table, MemoryBudget& budget) {
  pool_.Submit(Priority::kBackground, std::make_unique<IndexTask>(std::move(table), budget));
}

}  // namespace sextant
