#include "storage/postgres/query_sql/dataset_rows.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "storage/postgres/query_sql/predicate_sql.h"

namespace sextant {

absl::StatusOr<DatasetRows> DatasetRows::Create(const BoundDataset& dataset,
                                                const DatasetSpec& spec, size_t index,
                                                LinkedSources* linked,
                                                std::vector<std::string>* unsupported) {
  DatasetRows rows(dataset, absl::StrCat("d", index));
  SEXTANT_ASSIGN_OR_RETURN(
      SourceRows source, SourceRows::Create(dataset.schema, spec, rows.name_, linked, unsupported));
  rows.source_ = std::make_unique<SourceRows>(std::move(source));
  return rows;
}

DatasetRows DatasetRows::OfDerived(const BoundDataset& dataset, const DatasetSpec& spec,
                                   size_t index, std::string query,
                                   std::vector<std::string>* unsupported) {
  DatasetRows rows(dataset, absl::StrCat("d", index));
  rows.source_ = std::make_unique<SourceRows>(
      SourceRows::OfDerived(dataset.schema, spec, rows.name_, std::move(query), unsupported));
  return rows;
}

std::string DatasetRows::RowsExpression() {
  const std::string filter =
      dataset_->filter ? PredicateSql(scope(), *dataset_->filter) : std::string();
  const std::string from = source_->uses_links() ? source_->linked_name() : source_->source_name();
  return absl::StrCat(rows_name(), " AS (\n  SELECT * FROM ", from, " AS r",
                      filter.empty() ? "" : "\n  WHERE " + filter, "\n)");
}

}  // namespace sextant
