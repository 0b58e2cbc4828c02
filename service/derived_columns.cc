#include "service/derived_columns.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "compute/exec/expression_column_deriver.h"
#include "compute/exec/links/group_linker.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder.h"

namespace sextant {

absl::StatusOr<std::shared_ptr<const ColumnDeriver>> MakeDeriver(const DatasetSpec& spec,
                                                                 const Schema& source_schema) {
  if (spec.derived.empty()) return nullptr;
  std::vector<BoundDerivedColumn> columns;
  for (const DerivedSpec& derived : spec.derived) {
    SEXTANT_ASSIGN_OR_RETURN(BoundDerivedColumn column,
                             BindDerived(derived.name, derived.expression, source_schema));
    columns.push_back(std::move(column));
  }
  return std::make_shared<const ExpressionColumnDeriver>(std::move(columns));
}

std::shared_ptr<const TableLinker> MakeLinker(const StorageSpec& storage) {
  std::map<std::string, LinkSection> sections;
  for (const DatasetSpec& dataset : storage.datasets) {
    if (dataset.links.empty() && dataset.children.empty()) continue;
    sections.emplace(dataset.name, LinkSection{dataset.links, dataset.children});
  }
  if (sections.empty()) return nullptr;
  return std::make_shared<const GroupLinker>(std::move(sections));
}

}  // namespace sextant
