#include "compute/exec/links/group_linker.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/column/table_links.h"
#include "compute/exec/links/child_columns.h"
#include "compute/exec/links/link_resolution.h"
#include "compute/exec/links/linked_columns.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/link_binder.h"

namespace sextant {
namespace {

using Tables = std::vector<std::shared_ptr<const Table>>;
using ColumnsOfChunks = std::vector<std::vector<std::shared_ptr<const Column>>>;

/// Links one group of tables.
class LinkRun {
 public:
  LinkRun(const Tables& tables, const std::vector<std::vector<BoundLink>>& links,
          const std::vector<std::vector<BoundChildColumn>>& children, MemoryBudget& budget)
      : tables_(tables), links_(links), children_(children), budget_(budget) {}

  absl::StatusOr<Tables> Run(std::vector<std::shared_ptr<const Schema>> schemas) {
    for (const std::shared_ptr<const Table>& table : tables_) {
      if (!RowNumbers::Fits(*table)) {
        return absl::ResourceExhaustedError(
            absl::StrCat("dataset '", table->identity().dataset, "': ", table->num_rows(),
                         " rows in a group with links; allowed: fewer than 2^32"));
      }
      numbers_.emplace_back(*table);
    }
    std::vector<UnlinkedTable> unlinked(tables_.size());
    for (size_t i = 0; i < tables_.size(); ++i) {
      SEXTANT_RETURN_IF_ERROR(Extend(i, std::move(schemas[i]), unlinked[i]));
    }
    return LinkTables(std::move(unlinked));
  }

 private:
  KeyColumns Keys(size_t table, const std::vector<ColumnIndex>& columns) const {
    return {*tables_[table], numbers_[table], columns};
  }

  absl::StatusOr<std::shared_ptr<const LinkRows>> Resolve(size_t table,
                                                          const BoundLink& link) const {
    const KeyColumns own = Keys(table, link.own);
    const KeyColumns other = Keys(link.target, link.other);
    if (link.kind == LinkKind::kOne) return ResolveOne(own, other, budget_);
    if (!link.via) return ResolveMany(own, other, budget_);
    SEXTANT_ASSIGN_OR_RETURN(const auto to_bridge,
                             ResolveMany(own, Keys(*link.via, link.bridge_own), budget_));
    SEXTANT_ASSIGN_OR_RETURN(const auto from_bridge,
                             ResolveMany(Keys(*link.via, link.bridge_other), other, budget_));
    return JoinLinks(*to_bridge, *from_bridge, budget_);
  }

  absl::Status InLink(size_t table, const BoundLink& link, const absl::Status& status) const {
    return {
        status.code(),
        absl::StrCat("dataset '", tables_[table]->identity().dataset, "': link '", link.name,
                     "' to '", tables_[link.target]->identity().dataset, "': ", status.message())};
  }

  absl::Status Extend(size_t index, std::shared_ptr<const Schema> schema,
                      UnlinkedTable& unlinked) const {
    const Table& table = *tables_[index];
    unlinked.identity = table.identity();
    unlinked.schema = std::move(schema);
    unlinked.tenants = table.shared_tenants();
    for (ColumnIndex column = 0; column < table.schema().num_fields(); ++column) {
      unlinked.facts.push_back(table.facts(column));
    }
    ColumnsOfChunks columns(table.num_chunks());
    SEXTANT_CHECK(table.num_live_rows() == table.num_rows());  // as loads make them
    for (uint32_t chunk = 0; chunk < table.num_chunks(); ++chunk) {
      for (ColumnIndex column = 0; column < table.schema().num_fields(); ++column) {
        columns[chunk].push_back(table.chunk(chunk).data().shared_column(column));
      }
    }
    for (const BoundLink& link : links_[index]) {
      absl::StatusOr<std::shared_ptr<const LinkRows>> rows = Resolve(index, link);
      if (!rows.ok()) return InLink(index, link, rows.status());
      for (const ColumnIndex attribute : link.attributes) {
        const absl::Status added = AddAttribute(link, **rows, attribute, table, columns, unlinked);
        if (!added.ok()) return InLink(index, link, added);
      }
      unlinked.links.push_back({*std::move(rows), link.target});
    }
    for (const BoundChildColumn& child : children_[index]) {
      const BoundLink& link = links_[index][child.link];
      const absl::Status added =
          AddChild(link, *unlinked.links[child.link].rows, child, table, columns, unlinked);
      if (!added.ok()) return InLink(index, link, added);
    }
    const bool is_changed = unlinked.facts.size() > table.schema().num_fields();
    for (uint32_t chunk = 0; chunk < table.num_chunks(); ++chunk) {
      unlinked.chunks.push_back(
          is_changed ? std::make_shared<const Chunk>(std::make_shared<const ChunkData>(
                           table.chunk(chunk).num_rows(), std::move(columns[chunk])))
                     : table.shared_chunk(chunk));
    }
    return absl::OkStatus();
  }

  absl::Status AddAttribute(const BoundLink& link, const LinkRows& rows, ColumnIndex attribute,
                            const Table& table, ColumnsOfChunks& columns,
                            UnlinkedTable& unlinked) const {
    const Table& target = *tables_[link.target];
    const ColumnFacts& of_target = target.facts(attribute);
    ColumnFacts facts;
    facts.layout = of_target.layout;
    facts.dictionary = of_target.dictionary;
    facts.dictionary_size = of_target.dictionary_size;
    for (uint32_t chunk = 0; chunk < table.num_chunks(); ++chunk) {
      SEXTANT_ASSIGN_OR_RETURN(
          std::shared_ptr<const Column> column,
          GatherAttribute(rows, chunk, table.chunk(chunk).num_rows(), target, attribute, budget_));
      facts.Extend(column->zone_map());
      columns[chunk].push_back(std::move(column));
    }
    unlinked.facts.push_back(std::move(facts));
    return absl::OkStatus();
  }

  absl::Status AddChild(const BoundLink& link, const LinkRows& rows, const BoundChildColumn& child,
                        const Table& table, ColumnsOfChunks& columns,
                        UnlinkedTable& unlinked) const {
    const Table& target = *tables_[link.target];
    SEXTANT_ASSIGN_OR_RETURN(const std::unique_ptr<ChildColumns> computed,
                             ChildColumns::Create(child, rows, target, budget_));
    ColumnFacts facts = computed->facts();
    for (uint32_t chunk = 0; chunk < table.num_chunks(); ++chunk) {
      SEXTANT_ASSIGN_OR_RETURN(std::shared_ptr<const Column> column,
                               computed->Compute(chunk, table.chunk(chunk).num_rows()));
      facts.Extend(column->zone_map());
      columns[chunk].push_back(std::move(column));
    }
    unlinked.facts.push_back(std::move(facts));
    return absl::OkStatus();
  }

  const Tables& tables_;
  const std::vector<std::vector<BoundLink>>& links_;
  const std::vector<std::vector<BoundChildColumn>>& children_;
  MemoryBudget& budget_;
  std::vector<RowNumbers> numbers_;
};

}  // namespace

GroupLinker::GroupLinker(std::map<std::string, LinkSection> sections)
    : sections_(std::move(sections)) {}

absl::StatusOr<Tables> GroupLinker::Link(Tables tables, MemoryBudget& budget) const {
  std::vector<LinkingDataset> datasets;
  bool has_links = false;
  for (const std::shared_ptr<const Table>& table : tables) {
    LinkingDataset dataset = {table->identity().dataset, table->shared_schema(), {}};
    if (const auto section = sections_.find(dataset.name); section != sections_.end()) {
      dataset.links = section->second.links;
      dataset.children = section->second.children;
    }
    has_links |= !dataset.links.empty() || !dataset.children.empty();
    datasets.push_back(std::move(dataset));
  }
  if (!has_links) return tables;
  SEXTANT_ASSIGN_OR_RETURN(const std::vector<std::vector<BoundLink>> links, BindLinks(datasets));
  SEXTANT_ASSIGN_OR_RETURN(const std::vector<std::vector<BoundChildColumn>> children,
                           BindChildColumns(datasets, links));
  return LinkRun(tables, links, children, budget).Run(LinkedSchemas(datasets, links, children));
}

}  // namespace sextant
