#include "compute/exec/number_columns.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "compute/column/bitmap.h"
#include "compute/exec/duration_values.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

/// Rows of a column of the table, and where they come from.
struct Rows {
  const MetricValues& values;
  size_t begin;
  uint32_t count;

  const uint8_t* valid() const { return values.valid.data() + begin; }
};

absl::StatusOr<Buffer> ValidityOf(const Rows& rows, uint32_t& null_count, MemoryBudget& budget) {
  const uint8_t* const valid = rows.valid();
  null_count = rows.count - static_cast<uint32_t>(std::count(valid, valid + rows.count, 1));
  if (null_count == 0) return Buffer();
  SEXTANT_ASSIGN_OR_RETURN(Buffer bits,
                           Buffer::Allocate(budget, BitmapWords(rows.count) * sizeof(uint64_t)));
  uint64_t* const words = bits.As<uint64_t>().data();
  for (uint32_t row = 0; row < rows.count; ++row) {
    words[row / 64] |= uint64_t{valid[row]} << (row % 64);
  }
  return bits;
}

void BoundIntegers(const Rows& rows, const int64_t* integers, ZoneMap& zone) {
  const uint8_t* const valid = rows.valid();
  int64_t least = std::numeric_limits<int64_t>::max();
  int64_t most = std::numeric_limits<int64_t>::min();
  for (uint32_t row = 0; row < rows.count; ++row) {
    least = std::min(least, valid[row] != 0 ? integers[row] : least);
    most = std::max(most, valid[row] != 0 ? integers[row] : most);
  }
  zone.has_bounds = zone.null_count < rows.count;
  if (!zone.has_bounds) return;
  zone.min_integer = least;
  zone.max_integer = most;
}

void BoundFloats(const Rows& rows, const double* floats, ZoneMap& zone) {
  for (uint32_t row = 0; row < rows.count; ++row) {
    if (rows.valid()[row] == 0) continue;
    const double value = floats[row];
    if (std::isnan(value)) {
      zone.has_nan = true;
      continue;
    }
    zone.min_float = zone.has_bounds ? std::min(zone.min_float, value) : value;
    zone.max_float = zone.has_bounds ? std::max(zone.max_float, value) : value;
    zone.has_bounds = true;
  }
}

absl::StatusOr<std::shared_ptr<const Column>> ColumnOf(const DataType& type, const Rows& rows,
                                                       MemoryBudget& budget) {
  ColumnParts parts;
  parts.type = type;
  parts.num_rows = rows.count;
  parts.width_bytes = 8;
  SEXTANT_ASSIGN_OR_RETURN(parts.validity, ValidityOf(rows, parts.zone_map.null_count, budget));
  SEXTANT_ASSIGN_OR_RETURN(parts.values,
                           Buffer::AllocateUninitialized(budget, rows.count * sizeof(int64_t)));
  if (type.kind == TypeKind::kFloat64) {
    parts.layout = Layout::kFloat;
    const double* const floats = rows.values.floats.data() + rows.begin;
    std::memcpy(parts.values.data(), floats, rows.count * sizeof(double));
    BoundFloats(rows, floats, parts.zone_map);
    return std::make_shared<const Column>(std::move(parts));
  }
  parts.layout = Layout::kInteger;
  int64_t* const integers = parts.values.As<int64_t>().data();
  if (type.kind == TypeKind::kDuration) {  // shown in seconds
    for (uint32_t row = 0; row < rows.count; ++row) {
      integers[row] = 0;
      if (rows.valid()[row] == 0) continue;
      SEXTANT_ASSIGN_OR_RETURN(integers[row],
                               MicrosOfSeconds(rows.values.floats[rows.begin + row]));
    }
  } else {
    std::memcpy(integers, rows.values.integers.data() + rows.begin, rows.count * sizeof(int64_t));
  }
  BoundIntegers(rows, integers, parts.zone_map);
  return std::make_shared<const Column>(std::move(parts));
}

absl::StatusOr<std::shared_ptr<const Column>> NullColumn(uint32_t num_rows, MemoryBudget& budget) {
  ColumnParts parts;
  parts.type = DataType::Of(TypeKind::kInt64);
  parts.num_rows = num_rows;
  parts.width_bytes = 1;
  parts.zone_map.null_count = num_rows;
  SEXTANT_ASSIGN_OR_RETURN(parts.values, Buffer::Allocate(budget, num_rows));
  SEXTANT_ASSIGN_OR_RETURN(parts.validity,
                           Buffer::Allocate(budget, BitmapWords(num_rows) * sizeof(uint64_t)));
  return std::make_shared<const Column>(std::move(parts));
}

ColumnFacts FactsOf(const Column& column) {
  const ZoneMap& zone = column.zone_map();
  ColumnFacts facts;
  facts.layout = column.layout();
  facts.null_count = zone.null_count;
  facts.has_bounds = zone.has_bounds;
  facts.has_nan = zone.has_nan;
  facts.min_integer = zone.min_integer;
  facts.max_integer = zone.max_integer;
  facts.min_float = zone.min_float;
  facts.max_float = zone.max_float;
  return facts;
}

}  // namespace

bool AreNumbers(const Schema& schema, const std::vector<const MetricValues*>& values) {
  for (ColumnIndex i = 0; i < values.size(); ++i) {
    if (values[i] == nullptr) continue;
    const TypeKind kind = schema.field(i).type.kind;
    const bool is_number = values[i]->form == MetricValues::Form::kInteger ||
                           kind == TypeKind::kFloat64 || kind == TypeKind::kDuration;
    if (!is_number) return false;
  }
  return true;
}

absl::StatusOr<std::shared_ptr<const Table>> MakeNumberTable(
    std::shared_ptr<const Schema> schema, const std::vector<const MetricValues*>& values,
    size_t begin, uint32_t num_rows, MemoryBudget& budget) {
  std::shared_ptr<const Column> null_column;
  std::vector<std::shared_ptr<const Column>> columns;
  std::vector<ColumnFacts> facts;
  for (ColumnIndex i = 0; i < values.size(); ++i) {
    if (values[i] != nullptr) {
      SEXTANT_ASSIGN_OR_RETURN(
          std::shared_ptr<const Column> column,
          ColumnOf(schema->field(i).type, {*values[i], begin, num_rows}, budget));
      columns.push_back(std::move(column));
    } else {
      if (null_column == nullptr) {
        SEXTANT_ASSIGN_OR_RETURN(null_column, NullColumn(num_rows, budget));
      }
      columns.push_back(null_column);
    }
    facts.push_back(FactsOf(*columns.back()));
  }
  auto data = std::make_shared<const ChunkData>(num_rows, std::move(columns));
  std::vector<std::shared_ptr<const Chunk>> chunks = {
      std::make_shared<const Chunk>(std::move(data))};
  return std::make_shared<const Table>(TableIdentity(), std::move(schema), std::move(chunks),
                                       std::move(facts),
                                       std::make_shared<const TenantIndex>(budget));
}

}  // namespace sextant
