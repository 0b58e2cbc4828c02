#include "service/translation/dataset_to_proto.h"

#include <algorithm>
#include <utility>

#include "absl/time/time.h"
#include "compute/exec/text_ranking.h"
#include "compute/operators/value_ordering.h"
#include "compute/plan/instant_text.h"

namespace sextant {
namespace {

v1::DatasetState StateOf(const DatasetStatus& status) {
  if (status.version > 0) return v1::DATASET_STATE_SERVING;
  const bool failed = !status.last_error.empty() && status.state == DatasetState::kWaiting;
  return failed ? v1::DATASET_STATE_FAILED : v1::DATASET_STATE_LOADING;
}

bool IsLoading(const DatasetStatus& status) {
  return status.state == DatasetState::kLoading || status.state == DatasetState::kRefreshing;
}

std::string InstantText(int64_t instant_us) {
  return FormatInstant(instant_us, absl::UTCTimeZone());
}

/// Adds one part of what an index is for; `built` is null where it is not there yet.
template <typename Index>
void AddPart(const Index* built, v1::DatasetIndex& wire, int64_t& build_ns) {
  wire.set_parts(wire.parts() + 1);
  if (built == nullptr) return;
  wire.set_parts_built(wire.parts_built() + 1);
  wire.set_memory_bytes(wire.memory_bytes() + static_cast<int64_t>(built->reserved_bytes()));
  build_ns += built->build_ns();
}

}  // namespace

v1::Dataset DatasetToProto(const DatasetSpec& spec, const DatasetStatus& status) {
  v1::Dataset dataset;
  dataset.set_name(spec.name);
  dataset.set_source(spec.source);
  dataset.set_group(status.group);
  dataset.set_state(StateOf(status));
  dataset.set_version(static_cast<int64_t>(status.version));
  if (status.version > 0) dataset.set_as_of(InstantText(status.as_of_us));
  dataset.set_tenant_column(spec.tenant);
  return dataset;
}

void AddColumns(const Schema& schema, v1::Dataset& dataset) {
  for (const Field& field : schema.fields()) {
    v1::DatasetColumn* column = dataset.add_columns();
    column->set_name(field.name);
    column->set_type(TypeName(field.type));
    column->set_nullable(field.nullable);
    column->set_link(field.link);
  }
  for (const SchemaLink& link : schema.links()) {
    v1::DatasetLink* wire = dataset.add_links();
    wire->set_name(link.name);
    wire->set_dataset(link.dataset);
    wire->set_many(link.kind == LinkKind::kMany);
  }
}

void AddIndexes(const Table& table, v1::Dataset& dataset) {
  for (ColumnIndex column = 0; column < table.schema().num_fields(); ++column) {
    v1::DatasetIndex wire;
    int64_t build_ns = 0;
    const bool wants_order = table.order_demand().IsWanted(column);
    for (uint32_t i = 0; i < table.num_chunks(); ++i) {
      const Chunk& chunk = table.chunk(i);
      const Column& values = chunk.column(column);
      if (ValueIndex::Fits(values)) AddPart(chunk.index(column), wire, build_ns);
      const ValueOrder* const order = chunk.order(column);
      if (order != nullptr || (wants_order && MayBeOrdered(values))) AddPart(order, wire, build_ns);
    }
    if (const Dictionary* const dictionary = table.OrderedDictionary(column)) {
      wire.set_parts(wire.parts() + 1);
      if (const DictionaryOrder* const order = dictionary->order()) {
        wire.set_parts_built(wire.parts_built() + 1);
        wire.set_memory_bytes(wire.memory_bytes() +
                              static_cast<int64_t>(order->buffer.reserved_bytes()));
        build_ns += order->build_ns;
      }
    }
    const TextRanks* const ranks = table.text_ranks(column);
    const bool wants_ranks = table.rank_demand().IsWanted(column);
    if (ranks != nullptr || (wants_ranks && TextRanker::Fits(table, column))) {
      AddPart(ranks, wire, build_ns);
    }
    if (wire.parts() == 0) continue;
    wire.set_build_us(build_ns / 1000);
    wire.set_column(table.schema().field(column).name);
    *dataset.add_indexes() = std::move(wire);
  }
}

v1::DatasetStatus StatusToProto(const DatasetStatus& status, int64_t now_wall_us) {
  v1::DatasetStatus wire;
  wire.set_name(status.dataset);
  wire.set_group(status.group);
  wire.set_state(StateOf(status));
  wire.set_required(status.required);
  wire.set_last_error(status.last_error);
  if (status.version > 0) {
    wire.set_version(static_cast<int64_t>(status.version));
    wire.set_as_of(InstantText(status.as_of_us));
    wire.set_row_count(static_cast<int64_t>(status.rows));
    wire.set_memory_bytes(static_cast<int64_t>(status.bytes));
    wire.set_last_load_ms(status.last_load_us / 1000);
    wire.set_age_ms(std::max<int64_t>(0, now_wall_us - status.as_of_us) / 1000);
  }
  if (IsLoading(status)) {
    v1::LoadProgress* load = wire.mutable_load();
    load->set_rows_read(static_cast<int64_t>(status.progress.rows));
    load->set_rows_expected(static_cast<int64_t>(status.progress.expected_rows));
    load->set_bytes_read(static_cast<int64_t>(status.progress.wire_bytes));
    load->set_elapsed_ms(std::max<int64_t>(0, now_wall_us - status.progress.started_wall_us) /
                         1000);
  }
  return wire;
}

}  // namespace sextant
