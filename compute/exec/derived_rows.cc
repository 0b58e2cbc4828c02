#include "compute/exec/derived_rows.h"

#include <algorithm>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/column/table_builder.h"
#include "compute/exec/result_cache.h"
#include "compute/exec/result_table.h"
#include "compute/memory/check.h"
#include "compute/memory/keep_going.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

absl::Status TwoValues(const BoundDerivedRows& rows, size_t axis) {
  const BoundQuery& query = rows.query;
  std::vector<std::string> keys;
  for (uint32_t i = 0; i < rows.num_keys; ++i) keys.push_back(query.axes()[i].name);
  const std::string& column = query.axes()[axis].name;
  const std::string& dataset = query.datasets[0].name;
  return WithDetail(
      absl::FailedPreconditionError(
          absl::StrCat("the column '", column, "' of '", dataset, "' has two values for one ",
                       absl::StrJoin(keys, ", "),
                       ", of which a metric makes one row; allowed: keys, selected "
                       "columns, and columns that have one value per key")),
      {.reason = "COLUMN_NOT_CONSTANT_PER_KEY",
       .metadata = {
           {"column", column}, {"dataset", dataset}, {"keys", absl::StrJoin(keys, ", ")}}});
}

/// Cells are in the order of the axes, keys first: those of one key are neighbours.
absl::Status CheckConstants(const BoundDerivedRows& rows, const FinishedRows& cells) {
  const std::span<const AxisColumn> axes = cells.axes;
  if (axes.size() == rows.num_keys) return absl::OkStatus();
  const size_t num_cells = cells.num_rows();
  const auto is_same = [&](size_t axis, size_t cell) {
    return axes[axis].ranks[cell] == axes[axis].ranks[cell - 1];
  };
  size_t differing = 0;  // the first axis that is another one in cells of one key; 0: none
  const auto check = [&](size_t begin, size_t end) {
    for (size_t cell = std::max<size_t>(begin, 1); cell < end && differing == 0; ++cell) {
      size_t axis = 0;
      while (axis < axes.size() && is_same(axis, cell)) ++axis;
      if (axis >= rows.num_keys) differing = axis;
    }
  };
  SEXTANT_RETURN_IF_ERROR(ForBlocks(num_cells, AskToGoOn, check));
  return differing == 0 ? absl::OkStatus() : TwoValues(rows, differing);
}

std::vector<ResultTableColumn> ColumnsOf(const BoundDerivedRows& rows, const FinishedRows& cells) {
  std::vector<ResultTableColumn> columns;
  for (const AxisColumn& axis : cells.axes) columns.push_back({&axis.values, axis.ranks.data()});
  for (size_t i = 0; i < rows.is_duration.size(); ++i) {
    columns.push_back({&cells.values[cells.metrics[i]], nullptr});
  }
  return columns;
}

}  // namespace

bool ReadsDerivedRows(const BoundQuery& query) {
  return std::any_of(query.datasets.begin(), query.datasets.end(),
                     [](const BoundDataset& dataset) { return dataset.derived != nullptr; });
}

std::vector<TenantScope> ScopesPerDataset(const BoundQuery& query,
                                          const std::vector<std::string>& names,
                                          const std::vector<TenantScope>& scopes) {
  std::vector<TenantScope> of_datasets;
  for (const BoundDataset& dataset : query.datasets) {
    const auto name = std::find(names.begin(), names.end(), dataset.name);
    SEXTANT_CHECK(name != names.end()) << dataset.name;
    of_datasets.push_back(scopes[static_cast<size_t>(name - names.begin())]);
  }
  return of_datasets;
}

std::string DerivedRowsKey(const BoundDerivedRows& rows, const TenantScope& scope) {
  const TableIdentity& identity = scope.table().identity();
  return absl::StrCat(identity.version, "@", identity.as_of_us, " ",
                      ResultKey(rows.query, {&scope, 1}), "/", rows.num_keys, "/",
                      absl::StrJoin(rows.is_duration, ","));
}

absl::StatusOr<std::shared_ptr<const Table>> MakeDerivedTable(const BoundDerivedRows& rows,
                                                              const FinishedRows& cells,
                                                              TableIdentity identity,
                                                              MemoryBudget& budget) {
  SEXTANT_CHECK(cells.is_in_order);
  SEXTANT_RETURN_IF_ERROR(CheckConstants(rows, cells));
  const Schema schema = SchemaOf(rows);
  const std::vector<ResultTableColumn> columns = ColumnsOf(rows, cells);
  SEXTANT_ASSIGN_OR_RETURN(std::unique_ptr<TableBuilder> builder,
                           TableBuilder::Create(schema, budget));
  const size_t num_rows = cells.num_rows();
  for (size_t begin = 0; begin < num_rows;) {
    SEXTANT_RETURN_IF_ERROR(AskToGoOn());
    const auto count =
        static_cast<uint32_t>(std::min<size_t>(builder->remaining_rows(), num_rows - begin));
    SEXTANT_RETURN_IF_ERROR(AppendResultRows(schema, columns, {begin, count}, *builder));
    begin += count;
  }
  return builder->Finish(std::move(identity));
}

void AddIdentity(const TableIdentity& identity, std::vector<TableIdentity>& identities) {
  const bool is_known =
      std::any_of(identities.begin(), identities.end(), [&](const TableIdentity& known) {
        return known.dataset == identity.dataset && known.version == identity.version;
      });
  if (!is_known) identities.push_back(identity);
}

TenantScope ScopeOf(const DerivedRows& rows) {
  absl::StatusOr<TenantScope> scope = TenantScope::Resolve(rows.table, TenantClaim::None());
  SEXTANT_CHECK(scope.ok());
  return *std::move(scope);
}

}  // namespace sextant
