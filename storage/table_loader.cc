#include "storage/table_loader.h"

#include <utility>

#include "compute/column/table_builder.h"
#include "compute/memory/status_macros.h"

namespace sextant {

absl::StatusOr<TableLoadResult> LoadTable(
    RowSource& source, TableLoadOptions options, MemoryBudget& budget,
    absl::FunctionRef<void(const ReadStatistics&)> on_progress, std::stop_token stop) {
  SEXTANT_ASSIGN_OR_RETURN(const std::unique_ptr<TableBuilder> builder,
                           TableBuilder::Create(source.schema(), budget,
                                                {.chunk_rows = options.chunk_rows,
                                                 .deriver = std::move(options.deriver)}));
  SEXTANT_ASSIGN_OR_RETURN(const ReadStatistics statistics,
                           source.ReadAll(*builder, on_progress, std::move(stop)));
  on_progress(statistics);
  SEXTANT_ASSIGN_OR_RETURN(std::shared_ptr<const Table> table,
                           builder->Finish(std::move(options.identity)));
  return TableLoadResult{.table = std::move(table), .statistics = statistics};
}

}  // namespace sextant
