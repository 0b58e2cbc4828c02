// Rows of a binary COPY from a server that is broken or hostile. The first byte says how many rows
// come in a batch, the second how many columns there are, then one byte for the type of each; the
// rest are rows, each behind its length in two bytes (big-endian), what is behind the last whole
// one being a row too.
#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "compute/column/table_builder.h"
#include "compute/memory/check.h"
#include "compute/memory/memory_budget.h"
#include "storage/postgres/copy_decoder.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/testing/table_of.h"

namespace sextant::fuzz {
namespace {

constexpr size_t kMaxColumns = 4;
constexpr size_t kTableBytes = size_t{32} << 20;
constexpr uint32_t kChunkRows = 7;

PlannedColumn Of(const DataType& type, WireType wire) {
  PlannedColumn column;
  column.field.type = type;
  column.wire = wire;
  return column;
}

PlannedColumn ListOf(TypeKind element, WireType wire, uint32_t oid) {
  PlannedColumn column = Of(DataType::ListOf(element), WireType::kArray);
  column.element_wire = wire;
  column.element_oid = oid;
  return column;
}

PlannedColumn Enum() {
  PlannedColumn column = Of(DataType::Of(TypeKind::kEnum), WireType::kEnum);
  column.field.enum_labels = {"low", "middle", "high"};
  return column;
}

PlannedColumn LocalTime() {
  PlannedColumn column = Of(DataType::Of(TypeKind::kTimestamp), WireType::kTimestamp);
  SEXTANT_CHECK(absl::LoadTimeZone("Europe/Berlin", &column.zone));
  return column;
}

PlannedColumn Padded() {
  PlannedColumn column = Of(DataType::Of(TypeKind::kText), WireType::kBpchar);
  column.field.is_blank_padded = true;
  return column;
}

/// Every way in which a value arrives.
const std::vector<PlannedColumn>& EveryColumn() {
  using enum TypeKind;
  static const std::vector<PlannedColumn> columns = {
      Of(DataType::Of(kBool), WireType::kBool),
      Of(DataType::Of(kInt16), WireType::kInt2),
      Of(DataType::Of(kInt32), WireType::kInt4),
      Of(DataType::Of(kInt64), WireType::kInt8),
      Of(DataType::Of(kFloat32), WireType::kFloat4),
      Of(DataType::Of(kFloat64), WireType::kFloat8),
      Of(DataType::Decimal(12, 2), WireType::kNumeric),
      Of(DataType::Decimal(38, 10), WireType::kNumeric),
      Of(DataType::Of(kText), WireType::kText),
      Padded(),
      Enum(),
      Of(DataType::Of(kUuid), WireType::kUuid),
      Of(DataType::Of(kJson), WireType::kJson),
      Of(DataType::Of(kJson), WireType::kJsonb),
      Of(DataType::Of(kDate), WireType::kDate),
      LocalTime(),
      Of(DataType::Of(kTimestamp), WireType::kTimestamptz),
      Of(DataType::Of(kInterval), WireType::kInterval),
      Of(DataType::Of(kBytes), WireType::kBytea),
      ListOf(kText, WireType::kText, 25),
      ListOf(kInt64, WireType::kInt8, 20),
      ListOf(kFloat32, WireType::kFloat4, 700),
      ListOf(kTimestamp, WireType::kTimestamptz, 1184),
  };
  return columns;
}

/// Takes bytes from the front of what is left.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : left_(bytes) {}

  bool empty() const { return left_.empty(); }
  size_t Byte() {
    if (left_.empty()) return 0;
    const auto byte = static_cast<uint8_t>(left_.front());
    left_.remove_prefix(1);
    return byte;
  }
  std::string_view Some(size_t size_bytes) {
    const std::string_view some = left_.substr(0, size_bytes);
    left_.remove_prefix(some.size());
    return some;
  }

 private:
  std::string_view left_;
};

std::vector<PlannedColumn> DrawColumns(Bytes& bytes) {
  std::vector<PlannedColumn> columns(1 + bytes.Byte() % kMaxColumns);
  for (size_t i = 0; i < columns.size(); ++i) {
    columns[i] = EveryColumn()[bytes.Byte() % EveryColumn().size()];
    columns[i].field.name = "c" + std::to_string(i);
  }
  return columns;
}

absl::Status Load(Bytes& bytes) {
  const size_t rows_in_batch = 1 + bytes.Byte() % kMaxRawRows;
  const std::vector<PlannedColumn> columns = DrawColumns(bytes);
  // Of exact size each, so that the sanitizer sees a read behind one.
  std::vector<std::vector<char>> rows;
  while (!bytes.empty()) {
    const size_t high = bytes.Byte();
    const std::string_view row = bytes.Some(high << 8 | bytes.Byte());
    rows.emplace_back(row.begin(), row.end());
  }
  std::vector<Field> fields;
  for (const PlannedColumn& column : columns) fields.push_back(column.field);
  MemoryBudget budget("fuzz", kTableBytes);
  auto builder =
      TableBuilder::Create(Schema(std::move(fields)), budget, {.chunk_rows = kChunkRows});
  if (!builder.ok()) return builder.status();
  CopyDecoder decoder(columns);
  for (size_t begin = 0; begin < rows.size(); begin += rows_in_batch) {
    const size_t end = std::min(rows.size(), begin + rows_in_batch);
    std::vector<std::string_view> views;
    for (size_t i = begin; i < end; ++i) views.emplace_back(rows[i].data(), rows[i].size());
    const RawRowBatch batch{.rows = views, .first_row = static_cast<int64_t>(begin)};
    if (absl::Status status = decoder.Decode(batch, **builder); !status.ok()) return status;
  }
  const auto table = (*builder)->Finish({.dataset = "fuzz", .version = 1});
  if (!table.ok()) return table.status();
  for (const PlannedColumn& column : columns) {
    SEXTANT_CHECK(ColumnTexts(**table, column.field.name).size() == rows.size());
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace sextant::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  sextant::fuzz::Bytes bytes({reinterpret_cast<const char*>(data), size});
  const absl::Status status = sextant::fuzz::Load(bytes);
  if (!status.ok()) sextant::fuzz::CheckRefusal(status);
  return 0;
}
