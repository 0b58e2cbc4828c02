#include "tests/oracle/product_table.h"

#include <future>
#include <set>
#include <utility>

#include "compute/memory/check.h"
#include "storage/refresher.h"
#include "storage/table_cache.h"

namespace sextant::oracle {
namespace {

MemoryBudget& Budget() {
  static auto& budget = *new MemoryBudget("oracle", MemoryBudget::kUnlimitedBytes);
  return budget;
}

/// As of when the case says, and without the rows that it deletes.
std::shared_ptr<const Table> AsTheCaseHasIt(std::shared_ptr<const Table> table,
                                            const TableCase& from) {
  const std::set<int64_t> deleted(from.deleted_ids.begin(), from.deleted_ids.end());
  const ColumnIndex id = *table->schema().Find("id");
  for (uint32_t index = 0; index < table->num_chunks(); ++index) {
    const Chunk& chunk = table->chunk(index);
    std::vector<uint32_t> rows;
    for (uint32_t row = 0; row < chunk.num_rows(); ++row) {
      if (deleted.contains(chunk.column(id).IntegerAt(row))) rows.push_back(row);
    }
    if (rows.empty() && index > 0) continue;
    auto without = chunk.WithoutRows(rows, Budget());
    SEXTANT_CHECK(without.ok()) << without.status();
    TableIdentity identity = table->identity();
    ++identity.version;
    identity.as_of_us = from.as_of_us;
    table = table->WithChunk(identity, index, *std::move(without));
  }
  return table;
}

}  // namespace

DatasetSpec SpecOf(const TableCase& table) {
  DatasetSpec spec;
  spec.name = table.name;
  spec.source = "oracle";
  spec.table = table.name;
  spec.order_by = {"id"};
  const bool has_time =
      table.columns.size() > 1 && table.columns[1].type.kind == Kind::kTimestamptz;
  if (table.is_ordered_by_time && has_time) spec.order_by = {table.columns[1].name, "id"};
  spec.key = {"id"};
  for (const Column& column : table.columns) {
    if (column.name.empty()) continue;
    spec.include.push_back(column.name);
    if (!column.zone.empty()) spec.zones[column.name] = column.zone;
  }
  if (table.tenant >= 0) spec.tenant = table.columns[static_cast<size_t>(table.tenant)].name;
  return spec;
}

std::vector<std::shared_ptr<const Table>> LoadTables(const std::string& conninfo,
                                                     const std::vector<const TableCase*>& tables,
                                                     uint32_t chunk_rows) {
  StorageSpec spec;
  spec.sources = {{.name = "oracle", .conninfo = conninfo, .max_connections = 1}};
  for (const TableCase* table : tables) {
    spec.datasets.push_back(SpecOf(*table));
    spec.datasets.back().group = "oracle";
  }
  spec.groups = {{.name = "oracle", .refresh_every_us = std::nullopt}};
  TableCache cache(spec);
  RefresherOptions options;
  options.chunk_rows = chunk_rows;
  Refresher refresher(
      spec, cache, Budget(), nullptr, [](const LoadEvent&) {}, Clock::System(), options);
  std::promise<absl::Status> loaded;
  const absl::Status accepted = refresher.RefreshNow(
      spec.datasets[0].name, [&](absl::Status status) { loaded.set_value(std::move(status)); });
  SEXTANT_CHECK(accepted.ok()) << accepted;
  refresher.Start();
  const absl::Status status = loaded.get_future().get();
  SEXTANT_CHECK(status.ok()) << status;
  std::vector<std::shared_ptr<const Table>> pinned;
  for (const TableCase* table : tables) {
    auto version = cache.Pin(table->name);
    SEXTANT_CHECK(version.ok()) << version.status();
    pinned.push_back(AsTheCaseHasIt(*version, *table));
  }
  return pinned;
}

}  // namespace sextant::oracle
