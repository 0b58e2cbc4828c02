#include "tests/storage/postgres/wire_bytes.h"

#include <algorithm>
#include <utility>

#include "compute/column/table_builder.h"
#include "storage/postgres/copy_decoder.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

std::string BigEndian(uint64_t value, int num_bytes) {
  std::string bytes;
  for (int shift = (num_bytes - 1) * 8; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(value >> shift & 0xFF));
  }
  return bytes;
}

}  // namespace

std::string Int16Bytes(int64_t value) { return BigEndian(static_cast<uint64_t>(value), 2); }
std::string Int32Bytes(int64_t value) { return BigEndian(static_cast<uint64_t>(value), 4); }
std::string Int64Bytes(int64_t value) { return BigEndian(static_cast<uint64_t>(value), 8); }

std::string FieldBytesOf(const std::optional<std::string>& value) {
  if (!value.has_value()) return Int32Bytes(-1);
  return Int32Bytes(static_cast<int64_t>(value->size())) + *value;
}

std::string RowOf(const std::vector<std::optional<std::string>>& fields) {
  std::string row = Int16Bytes(static_cast<int64_t>(fields.size()));
  for (const auto& field : fields) row += FieldBytesOf(field);
  return row;
}

std::string NumericBytes(int weight, int sign, const std::vector<int>& digits) {
  std::string bytes = Int16Bytes(static_cast<int64_t>(digits.size())) + Int16Bytes(weight) +
                      Int16Bytes(sign) + Int16Bytes(0);
  for (const int digit : digits) bytes += Int16Bytes(digit);
  return bytes;
}

std::string ArrayBytes(uint32_t element_oid,
                       const std::vector<std::optional<std::string>>& elements) {
  std::string bytes = Int32Bytes(1) + Int32Bytes(0) + Int32Bytes(element_oid) +
                      Int32Bytes(static_cast<int64_t>(elements.size())) + Int32Bytes(1);
  for (const auto& element : elements) bytes += FieldBytesOf(element);
  return bytes;
}

PlannedColumn Planned(std::string name, DataType type, WireType wire) {
  PlannedColumn column;
  column.field.name = std::move(name);
  column.field.type = type;
  column.wire = wire;
  return column;
}

absl::StatusOr<std::shared_ptr<const Table>> DecodeRows(const std::vector<PlannedColumn>& columns,
                                                        const std::vector<std::string>& rows,
                                                        uint32_t chunk_rows) {
  std::vector<Field> fields;
  for (const PlannedColumn& column : columns) fields.push_back(column.field);
  auto builder =
      TableBuilder::Create(Schema(std::move(fields)), TestBudget(), {.chunk_rows = chunk_rows});
  if (!builder.ok()) return builder.status();
  CopyDecoder decoder(columns);
  for (size_t begin = 0; begin < rows.size(); begin += kMaxRawRows) {
    const size_t end = std::min(rows.size(), begin + kMaxRawRows);
    const std::vector<std::string_view> views(rows.begin() + static_cast<ptrdiff_t>(begin),
                                              rows.begin() + static_cast<ptrdiff_t>(end));
    absl::Status status =
        decoder.Decode({.rows = views, .first_row = static_cast<int64_t>(begin)}, **builder);
    if (!status.ok()) return status;
  }
  return (*builder)->Finish({.dataset = "decoded", .version = 1});
}

absl::StatusOr<std::vector<std::string>> DecodeColumn(
    const PlannedColumn& column, const std::vector<std::optional<std::string>>& fields) {
  std::vector<std::string> rows;
  for (const auto& field : fields) rows.push_back(RowOf({field}));
  const auto table = DecodeRows({column}, rows);
  if (!table.ok()) return table.status();
  return ColumnTexts(**table, column.field.name);
}

}  // namespace sextant
