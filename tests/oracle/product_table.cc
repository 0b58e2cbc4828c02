#include "tests/oracle/product_table.h"

#include <future>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/exec/links/group_linker.h"
#include "compute/memory/check.h"
#include "service/derived_columns.h"
#include "storage/refresher.h"
#include "storage/table_cache.h"
#include "tests/oracle/linked_cases.h"
#include "tests/oracle/sql_text.h"

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
  const ColumnIndex id = *table->schema().Find(from.columns[0].name);
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

std::string NameOf(const TableCase& table, int column) {
  return table.columns[static_cast<size_t>(column)].name;
}

std::string ExpressionOf(const LinkCase& link, const LinkedColumn& column) {
  static constexpr const char* kNames[] = {"", "count", "count", "min", "max"};
  std::string text = absl::StrCat(kNames[static_cast<size_t>(column.kind)], "(", link.name);
  if (column.of >= 0) absl::StrAppend(&text, ".", NameOf(*link.target, column.of));
  text += ")";
  if (column.filter.empty()) return text;
  const ExpressionWriter writer(ExpressionWriter::Reader::kRequest, *link.target);
  return absl::StrCat(text, " FILTER (WHERE ", writer.Write(column.filter[0]), ")");
}

/// The links, and the columns that come through them.
void Declare(const TableCase& table, DatasetSpec& spec) {
  for (const LinkCase& link : table.links) {
    LinkDeclaration declared = {.name = link.name,
                                .dataset = link.target->name,
                                .own = {NameOf(table, link.own)},
                                .other = {NameOf(*link.target, link.other)}};
    if (link.bridge != nullptr) {
      declared.via = link.bridge->name;
      declared.bridge_own = {NameOf(*link.bridge, link.bridge_own)};
      declared.bridge_other = {NameOf(*link.bridge, link.bridge_other)};
    }
    spec.links.push_back(std::move(declared));
  }
  for (const LinkedColumn& column : table.linked_columns) {
    if (column.kind == LinkedColumn::Kind::kAttribute) {
      spec.links[column.link].attributes.push_back(
          NameOf(*table.links[column.link].target, column.of));
    } else {
      spec.children.push_back(
          {NameOf(table, column.column), ExpressionOf(table.links[column.link], column)});
    }
  }
}

/// Of the tables that have links, and of those that these lead to.
std::set<std::string> NamesOfLinked(const std::vector<const TableCase*>& cases) {
  std::set<std::string> names;
  for (const TableCase* const table : cases) {
    if (!table->links.empty()) names.insert(table->name);
    for (const auto& linked : LinkedCases(*table)) names.insert(linked->name);
  }
  return names;
}

/// Links those that have links with what these lead to; the others are as they are.
std::vector<std::shared_ptr<const Table>> Linked(const std::vector<const TableCase*>& cases,
                                                 std::vector<std::shared_ptr<const Table>> tables) {
  const std::set<std::string> names = NamesOfLinked(cases);
  std::map<std::string, LinkSection> sections;
  std::vector<size_t> positions;
  std::vector<std::shared_ptr<const Table>> group;
  for (size_t i = 0; i < cases.size(); ++i) {
    if (!names.contains(cases[i]->name)) continue;
    DatasetSpec spec = SpecOf(*cases[i]);
    sections[spec.name] = {std::move(spec.links), std::move(spec.children)};
    positions.push_back(i);
    group.push_back(tables[i]);
  }
  if (group.empty()) return tables;
  const auto linked = GroupLinker(std::move(sections)).Link(std::move(group), Budget());
  SEXTANT_CHECK(linked.ok()) << linked.status();
  for (size_t i = 0; i < positions.size(); ++i) tables[positions[i]] = (*linked)[i];
  return tables;
}

}  // namespace

DatasetSpec SpecOf(const TableCase& table) {
  DatasetSpec spec;
  spec.name = table.name;
  spec.source = "oracle";
  spec.table = table.name;
  spec.order_by = {table.columns[0].name};
  const bool has_time =
      table.columns.size() > 1 && table.columns[1].type.kind == Kind::kTimestamptz;
  if (table.is_ordered_by_time && has_time)
    spec.order_by = {table.columns[1].name, table.columns[0].name};
  spec.key = {NameOf(table, table.key)};
  for (const Column& column : table.columns) {
    if (column.name.empty() || column.is_linked) continue;
    spec.include.push_back(column.name);
    if (!column.zone.empty()) spec.zones[column.name] = column.zone;
  }
  for (const NamedDifference& named : table.differences) {
    spec.derived.push_back({named.name, absl::StrCat(QuoteName(NameOf(table, named.end)), " - ",
                                                     QuoteName(NameOf(table, named.start)))});
  }
  if (table.tenant >= 0) spec.tenant = table.columns[static_cast<size_t>(table.tenant)].name;
  Declare(table, spec);
  return spec;
}

std::vector<std::shared_ptr<const Table>> LoadTables(const std::string& conninfo,
                                                     const std::vector<const TableCase*>& tables,
                                                     uint32_t chunk_rows) {
  StorageSpec spec;
  spec.sources = {{.name = "oracle", .conninfo = conninfo, .max_connections = 1}};
  const std::set<std::string> linked = NamesOfLinked(tables);
  for (const TableCase* table : tables) {
    spec.datasets.push_back(SpecOf(*table));
    DatasetSpec& dataset = spec.datasets.back();
    dataset.group = "oracle";
    dataset.links.clear();
    dataset.children.clear();
    // Tables are linked as they are loaded; a refresh of their group loads them again.
    if (linked.contains(table->name)) dataset.where = "oracle_live";
  }
  spec.groups = {{.name = "oracle", .refresh_every_us = std::nullopt}};
  TableCache cache(spec);
  RefresherOptions options;
  options.chunk_rows = chunk_rows;
  Refresher refresher(
      spec, cache, Budget(), MakeDeriver, [](const LoadEvent&) {}, Clock::System(), options);
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
  return Linked(tables, std::move(pinned));
}

}  // namespace sextant::oracle
