#include "compute/exec/having.h"

#include <algorithm>
#include <vector>

#include "compute/column/bitmap.h"
#include "compute/exec/result_table.h"
#include "compute/kernels/gather.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/filter.h"

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

}  // namespace

absl::Status KeepCellsHaving(QueryContext& context, const BoundQuery& query,
                             const FinishedResult::Cells& cells, size_t num_cells,
                             std::span<const int64_t> starts, TrackedVector<uint32_t>& kept) {
  MemoryBudget& budget = context.budget();
  SEXTANT_ASSIGN_OR_RETURN(const MetricValues start_values, StartValues(starts, budget));
  std::vector<ResultTableColumn> columns;
  for (const AxisColumn& axis : cells.axes) columns.push_back({&axis.values, axis.ranks.data()});
  if (query.HasTimeAxis()) columns.push_back({&start_values, cells.intervals.data()});
  for (const uint32_t metric : cells.metrics) {
    const MetricValues& values = cells.values[metric];
    const bool is_list = values.form == MetricValues::Form::kList;
    columns.push_back({is_list ? nullptr : &values, nullptr});
  }
  const Schema schema = WithoutLists(ResultSchema(query));
  SEXTANT_ASSIGN_OR_RETURN(Buffer words,
                           Buffer::Allocate(budget, BitmapWords(kMaxChunkRows) * sizeof(uint64_t)));
  for (size_t begin = 0; begin < num_cells; begin += kMaxChunkRows) {
    SEXTANT_RETURN_IF_ERROR(context.Check());
    const auto count = static_cast<uint32_t>(std::min<size_t>(kMaxChunkRows, num_cells - begin));
    SEXTANT_ASSIGN_OR_RETURN(const std::shared_ptr<const Table> table,
                             MakeResultTable(schema, columns, begin, count, budget));
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
