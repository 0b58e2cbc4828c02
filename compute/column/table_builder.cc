#include "compute/column/table_builder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/column/tenant_key.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

/// A chunk is sealed early from here on: its offsets have 32 bits, and one more row may bring
/// almost as much again.
constexpr size_t kSealFromBytes = size_t{1} << 30;

absl::StatusOr<Schema> AddDerivedFields(Schema source_schema, const ColumnDeriver* deriver) {
  if (deriver == nullptr) return source_schema;
  std::vector<Field> fields = source_schema.fields();
  for (const Field& field : deriver->fields()) {
    if (source_schema.Find(field.name)) {
      return absl::InvalidArgumentError(
          absl::StrCat("derived column '", field.name, "': the source has a column of this name"));
    }
    fields.push_back(field);
  }
  return Schema(std::move(fields), source_schema.tenant_column(), source_schema.key_columns());
}

}  // namespace

struct TableBuilder::Impl {
  using Columns = std::vector<std::shared_ptr<const Column>>;  // one per column

  explicit Impl(MemoryBudget& memory_budget) : budget(memory_budget), tenants(memory_budget) {}

  bool ChunkIsFull() const;
  absl::Status SealChunk();
  absl::StatusOr<Columns> SealColumns();
  absl::Status AddDerivedColumns(Columns& columns);
  absl::Status RecodeEarlier(const Columns& columns);
  absl::StatusOr<std::shared_ptr<const Chunk>> Recode(const Chunk& chunk,
                                                      std::span<const ColumnIndex> changed);
  void ExtendFacts(const Columns& columns);
  std::vector<ColumnFacts> FinishedFacts() const;

  MemoryBudget& budget;
  TableBuilderOptions options;
  std::shared_ptr<const Schema> schema;                  // derived fields included
  std::vector<std::unique_ptr<ColumnBuilder>> builders;  // not row-proportional: per column
  std::unique_ptr<DerivedColumns> derived;               // may be null
  std::vector<Layout> derived_layouts;                   // not row-proportional: per column
  std::vector<std::shared_ptr<const Chunk>> chunks;      // not row-proportional: per 64 Ki rows
  std::vector<ColumnFacts> facts;                        // not row-proportional: per column
  TenantIndex tenants;
  uint32_t pending_rows = 0;
  uint64_t num_rows = 0;
};

bool TableBuilder::Impl::ChunkIsFull() const {
  if (pending_rows == options.chunk_rows) return true;
  return std::any_of(builders.begin(), builders.end(), [](const auto& builder) {
    return builder->variable_bytes() >= kSealFromBytes;
  });
}

absl::StatusOr<TableBuilder::Impl::Columns> TableBuilder::Impl::SealColumns() {
  Columns columns;
  columns.reserve(schema->num_fields());
  for (const std::unique_ptr<ColumnBuilder>& builder : builders) {
    SEXTANT_ASSIGN_OR_RETURN(std::unique_ptr<ColumnParts> parts, builder->Seal());
    parts->Settle();
    columns.push_back(std::make_shared<const Column>(std::move(*parts)));
  }
  return columns;
}

absl::Status TableBuilder::Impl::AddDerivedColumns(Columns& columns) {
  if (derived == nullptr) return absl::OkStatus();
  std::vector<std::shared_ptr<const Dictionary>> dictionaries;
  for (const auto& builder : builders) dictionaries.push_back(builder->dictionary());
  SEXTANT_ASSIGN_OR_RETURN(Columns added, derived->Derive({columns, dictionaries}));
  SEXTANT_CHECK(builders.size() + added.size() == schema->num_fields());
  for (std::shared_ptr<const Column>& column : added) {
    const Field& field = schema->field(static_cast<ColumnIndex>(columns.size()));
    SEXTANT_CHECK(column->type() == field.type) << "derived column " << field.name;
    derived_layouts[columns.size() - builders.size()] = column->layout();
    columns.push_back(std::move(column));
  }
  return absl::OkStatus();
}

/// All chunks of a column have one layout: those before follow a text that went over to codes.
absl::Status TableBuilder::Impl::RecodeEarlier(const Columns& columns) {
  if (chunks.empty()) return absl::OkStatus();
  std::vector<ColumnIndex> changed;
  for (ColumnIndex index = 0; index < columns.size(); ++index) {
    if (columns[index]->layout() != chunks.back()->column(index).layout()) changed.push_back(index);
  }
  if (changed.empty()) return absl::OkStatus();
  for (const ColumnIndex index : changed) facts[index] = {};
  for (std::shared_ptr<const Chunk>& chunk : chunks) {
    SEXTANT_ASSIGN_OR_RETURN(chunk, Recode(*chunk, changed));
    for (const ColumnIndex index : changed) facts[index].Extend(chunk->column(index).zone_map());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const Chunk>> TableBuilder::Impl::Recode(
    const Chunk& chunk, std::span<const ColumnIndex> changed) {
  Columns columns;
  for (ColumnIndex index = 0; index < chunk.data().num_columns(); ++index) {
    columns.push_back(chunk.data().shared_column(index));
  }
  for (const ColumnIndex index : changed) {
    // A derived column may be another name of a source.
    const auto first = std::find_if(changed.begin(), changed.end(), [&](ColumnIndex other) {
      return &chunk.column(other) == &chunk.column(index);
    });
    if (*first != index) {
      columns[index] = columns[*first];
    } else if (index < builders.size()) {
      SEXTANT_ASSIGN_OR_RETURN(std::unique_ptr<ColumnParts> parts,
                               builders[index]->Recode(chunk.column(index)));
      parts->Settle();
      columns[index] = std::make_shared<const Column>(std::move(*parts));
    } else {
      SEXTANT_ASSIGN_OR_RETURN(columns[index],
                               derived->Recode(index - builders.size(), chunk.column(index)));
    }
  }
  return std::make_shared<const Chunk>(
      std::make_shared<const ChunkData>(chunk.num_rows(), std::move(columns)));
}

void TableBuilder::Impl::ExtendFacts(const Columns& columns) {
  for (size_t index = 0; index < columns.size(); ++index) {
    const Column& column = *columns[index];
    facts[index].Extend(column.layout() == Layout::kList ? column.elements().zone_map()
                                                         : column.zone_map());
  }
}

absl::Status TableBuilder::Impl::SealChunk() {
  SEXTANT_ASSIGN_OR_RETURN(Columns columns, SealColumns());
  SEXTANT_RETURN_IF_ERROR(AddDerivedColumns(columns));
  SEXTANT_RETURN_IF_ERROR(RecodeEarlier(columns));
  ExtendFacts(columns);
  if (const std::optional<ColumnIndex> tenant = schema->tenant_column()) {
    SEXTANT_RETURN_IF_ERROR(AddTenantRanges(*columns[*tenant],
                                            builders[*tenant]->dictionary().get(),
                                            static_cast<uint32_t>(chunks.size()), tenants));
  }
  chunks.push_back(std::make_shared<const Chunk>(
      std::make_shared<const ChunkData>(pending_rows, std::move(columns))));
  pending_rows = 0;
  return absl::OkStatus();
}

std::vector<ColumnFacts> TableBuilder::Impl::FinishedFacts() const {
  std::vector<ColumnFacts> finished = facts;
  for (ColumnIndex index = 0; index < finished.size(); ++index) {
    ColumnFacts& column = finished[index];
    if (index >= builders.size()) {
      column.layout = derived_layouts[index - builders.size()];
      column.dictionary = derived->dictionary(index - builders.size());
    } else {
      column.layout = builders[index]->layout();
      column.dictionary = builders[index]->dictionary();
    }
    if (column.dictionary == nullptr) continue;
    column.dictionary_size = column.dictionary->size();
    column.dictionary->DropReplacedTables();
  }
  return finished;
}

TableBuilder::TableBuilder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TableBuilder::~TableBuilder() = default;

absl::StatusOr<std::unique_ptr<TableBuilder>> TableBuilder::Create(Schema source_schema,
                                                                   MemoryBudget& budget,
                                                                   TableBuilderOptions options) {
  SEXTANT_CHECK(options.chunk_rows > 0 && options.chunk_rows <= kMaxChunkRows);
  if (source_schema.tenant_column()) {
    SEXTANT_RETURN_IF_ERROR(CheckTenantField(source_schema.field(*source_schema.tenant_column())));
  }
  auto impl = std::make_unique<Impl>(budget);
  for (const Field& field : source_schema.fields()) {
    SEXTANT_ASSIGN_OR_RETURN(std::unique_ptr<ColumnBuilder> builder,
                             MakeColumnBuilder(field, budget));
    impl->builders.push_back(std::move(builder));
  }
  SEXTANT_ASSIGN_OR_RETURN(Schema schema,
                           AddDerivedFields(std::move(source_schema), options.deriver.get()));
  impl->schema = std::make_shared<const Schema>(std::move(schema));
  impl->facts.resize(impl->schema->num_fields());
  if (options.deriver != nullptr) impl->derived = options.deriver->StartLoad(budget);
  impl->derived_layouts.resize(impl->schema->num_fields() - impl->builders.size());
  impl->options = std::move(options);
  return std::unique_ptr<TableBuilder>(new TableBuilder(std::move(impl)));
}

ColumnBuilder& TableBuilder::column(ColumnIndex index) { return *impl_->builders[index]; }

uint32_t TableBuilder::num_source_columns() const {
  return static_cast<uint32_t>(impl_->builders.size());
}

uint32_t TableBuilder::remaining_rows() const {
  return impl_->options.chunk_rows - impl_->pending_rows;
}

uint64_t TableBuilder::num_rows() const { return impl_->num_rows; }

absl::Status TableBuilder::FinishRows(uint32_t num_rows) {
  SEXTANT_CHECK(num_rows <= remaining_rows());
  impl_->pending_rows += num_rows;
  impl_->num_rows += num_rows;
  for (const std::unique_ptr<ColumnBuilder>& builder : impl_->builders) {
    SEXTANT_CHECK(builder->num_rows() == impl_->pending_rows);
  }
  if (!impl_->ChunkIsFull()) return absl::OkStatus();
  return impl_->SealChunk();
}

absl::StatusOr<std::shared_ptr<const Table>> TableBuilder::Finish(TableIdentity identity) {
  if (impl_->pending_rows > 0) {
    SEXTANT_RETURN_IF_ERROR(impl_->SealChunk());
  } else if (impl_->num_rows == 0) {
    // No rows, no chunks; sealing nothing still makes the choice for or against dictionaries.
    SEXTANT_ASSIGN_OR_RETURN(Impl::Columns columns, impl_->SealColumns());
    SEXTANT_RETURN_IF_ERROR(impl_->AddDerivedColumns(columns));
  }
  std::vector<ColumnFacts> facts = impl_->FinishedFacts();
  impl_->builders.clear();  // their memory goes before the table is used
  impl_->derived.reset();
  return std::make_shared<const Table>(
      std::move(identity), impl_->schema, std::move(impl_->chunks), std::move(facts),
      std::make_shared<const TenantIndex>(std::move(impl_->tenants)));
}

}  // namespace sextant
