#include "compute/exec/having.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "compute/column/bitmap.h"
#include "compute/exec/number_columns.h"
#include "compute/exec/result_table.h"
#include "compute/kernels/gather.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/filter.h"
#include "compute/plan/aggregate_uses.h"

namespace sextant {
namespace {

/// The starts of all intervals as values.
absl::StatusOr<MetricValues> StartValues(std::span<const int64_t> starts, MemoryBudget& budget) {
  MetricValues values(DataType::Of(TypeKind::kTimestamp), budget);
  for (const int64_t start : starts) SEXTANT_RETURN_IF_ERROR(values.AppendInteger(start));
  return values;
}

/// `schema` with lists, which no condition reads, as something simple without values.
Schema WithoutLists(const Schema& schema) {
  std::vector<Field> fields = schema.fields();
  for (Field& field : fields) {
    if (field.type.kind == TypeKind::kList) field.type = DataType::Of(TypeKind::kInt64);
  }
  return Schema(std::move(fields));
}

/// The columns that HAVING reads of a result, block by block as a table.
class HavingColumns {
 public:
  HavingColumns(const BoundQuery& query, const FinishedRows& cells, const MetricValues& starts)
      : schema_(std::make_shared<const Schema>(WithoutLists(ResultSchema(query)))) {
    for (const AxisColumn& axis : cells.axes) {
      columns_.push_back({&axis.values, axis.ranks.data()});
    }
    if (query.HasTimeAxis()) columns_.push_back({&starts, cells.intervals.data()});
    for (const uint32_t metric : cells.metrics) {
      const MetricValues& values = cells.values[metric];
      const bool is_list = values.form == MetricValues::Form::kList;
      columns_.push_back({is_list ? nullptr : &values, nullptr});
    }
    const std::vector<uint32_t> read = ColumnsOf(*query.having);
    for (uint32_t i = 0; i < columns_.size(); ++i) {
      if (!std::binary_search(read.begin(), read.end(), i)) columns_[i] = {};
      are_numbers_ &= columns_[i].positions == nullptr;
      numbers_.push_back(columns_[i].values);
    }
    are_numbers_ &= AreNumbers(*schema_, numbers_);
  }

  absl::StatusOr<std::shared_ptr<const Table>> TableOf(size_t begin, uint32_t count,
                                                       MemoryBudget& budget) const {
    return are_numbers_ ? MakeNumberTable(schema_, numbers_, begin, count, budget)
                        : MakeResultTable(*schema_, columns_, begin, count, budget);
  }

 private:
  const std::shared_ptr<const Schema> schema_;
  std::vector<ResultTableColumn> columns_;
  std::vector<const MetricValues*> numbers_;  // of columns_
  bool are_numbers_ = true;
};

}  // namespace

absl::Status KeepCellsHaving(QueryContext& context, const BoundQuery& query,
                             const FinishedRows& cells, size_t num_cells,
                             std::span<const int64_t> starts, TrackedVector<uint32_t>& kept) {
  MemoryBudget& budget = context.budget();
  SEXTANT_ASSIGN_OR_RETURN(const MetricValues start_values, StartValues(starts, budget));
  const HavingColumns columns(query, cells, start_values);
  SEXTANT_ASSIGN_OR_RETURN(Buffer words,
                           Buffer::Allocate(budget, BitmapWords(kMaxChunkRows) * sizeof(uint64_t)));
  for (size_t begin = 0; begin < num_cells; begin += kMaxChunkRows) {
    SEXTANT_RETURN_IF_ERROR(context.Check());
    const auto count = static_cast<uint32_t>(std::min<size_t>(kMaxChunkRows, num_cells - begin));
    SEXTANT_ASSIGN_OR_RETURN(const std::shared_ptr<const Table> table,
                             columns.TableOf(begin, count, budget));
    SEXTANT_ASSIGN_OR_RETURN(const Filter filter, Filter::Create(query.having, *table, budget));
    SEXTANT_ASSIGN_OR_RETURN(FilterScratch scratch, filter.MakeScratch(budget));
    const Selection selection = {words.As<uint64_t>().data(), 0,
                                 static_cast<uint32_t>(BitmapWords(count))};
    selection.Clear();
    SetBitRange(words.As<uint64_t>(), 0, count);
    if (filter.Skips(table->chunk(0))) continue;
    filter.Narrow(table->chunk(0), selection, scratch);
    for (uint32_t row = 0; row < count; ++row) {
      if (!TestBit(words.As<uint64_t>(), row)) continue;
      SEXTANT_RETURN_IF_ERROR(kept.Append(static_cast<uint32_t>(begin + row)));
    }
  }
  return absl::OkStatus();
}

}  // namespace sextant
