#include "tests/testing/table_of.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

template <typename T>
T ValueOr(const Cell& cell, T when_null) {
  if (std::holds_alternative<std::monostate>(cell.value)) return when_null;
  SEXTANT_CHECK(std::holds_alternative<T>(cell.value)) << "a cell that does not suit its column";
  return std::get<T>(cell.value);
}

uint8_t HexDigit(char digit) {
  if (digit >= '0' && digit <= '9') return static_cast<uint8_t>(digit - '0');
  SEXTANT_CHECK(digit >= 'a' && digit <= 'f') << "digit " << digit;
  return static_cast<uint8_t>(digit - 'a' + 10);
}

absl::Status AppendListCell(const DataType& type, const Cell& cell, std::span<const uint64_t> valid,
                            ListColumnBuilder& builder) {
  const auto elements = ValueOr<std::vector<Cell>>(cell, {});
  const auto length = static_cast<uint32_t>(elements.size());
  SEXTANT_RETURN_IF_ERROR(builder.Append({&length, 1}, valid));
  for (const Cell& element : elements) {
    SEXTANT_RETURN_IF_ERROR(AppendCell(type.ElementType(), element, builder.elements()));
  }
  return absl::OkStatus();
}

std::string Int128Text(int128_t value) {
  if (value < 0) return absl::StrCat("-", Int128Text(-value));
  std::string digits;
  do {
    digits.push_back(static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  } while (value != 0);
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::string UuidText(Wide uuid) {
  uint8_t bytes[16];
  UuidOfWide(uuid, bytes);
  std::string text;
  for (int i = 0; i < 16; ++i) {
    absl::StrAppend(&text, i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
                    absl::Hex(bytes[i], absl::kZeroPad2));
  }
  return text;
}

std::string WideText(const DataType& type, Wide wide) {
  if (type.kind == TypeKind::kUuid) return UuidText(wide);
  if (type.kind == TypeKind::kDecimal) return Int128Text(Int128OfWide(wide));
  const IntervalValue interval = IntervalOfWide(wide);
  return absl::StrCat(interval.months, "/", interval.days, "/", interval.microseconds);
}

std::string ListText(const Column& column, const Dictionary* dictionary, uint32_t row) {
  std::vector<std::string> elements;
  for (uint32_t at = column.offsets()[row]; at < column.offsets()[row + 1]; ++at) {
    elements.push_back(CellText(column.elements(), dictionary, at));
  }
  return absl::StrCat("{", absl::StrJoin(elements, ","), "}");
}

}  // namespace

Cell Null() { return {std::monostate()}; }
Cell Int(int64_t value) { return {value}; }
Cell Bool(bool value) { return {int64_t{value}}; }
Cell Float(double value) { return {value}; }
Cell Text(std::string_view value) { return {std::string(value)}; }
Cell Decimal(int128_t scaled_value) { return {WideOfInt128(scaled_value)}; }
Cell List(std::vector<Cell> elements) { return {std::move(elements)}; }

Cell Uuid(std::string_view text) {
  std::string digits(text);
  std::erase(digits, '-');
  SEXTANT_CHECK(digits.size() == 32) << "uuid " << text;
  uint8_t bytes[16];
  for (int i = 0; i < 16; ++i) {
    bytes[i] = static_cast<uint8_t>(HexDigit(digits[2 * i]) << 4 | HexDigit(digits[2 * i + 1]));
  }
  return {WideOfUuid(bytes)};
}

Cell Interval(int32_t months, int32_t days, int64_t microseconds) {
  return {WideOfInterval({months, days, microseconds})};
}

MemoryBudget& TestBudget() {
  static auto& budget = *new MemoryBudget("test");
  return budget;
}

absl::Status AppendCell(const DataType& type, const Cell& cell, ColumnBuilder& builder) {
  const uint64_t bit = std::holds_alternative<std::monostate>(cell.value) ? 0 : 1;
  const std::span<const uint64_t> valid(&bit, 1);
  switch (PlainLayout(type)) {
    case Layout::kInteger: {
      int64_t value = 0;
      if (const Wide* wide = std::get_if<Wide>(&cell.value)) {
        value = static_cast<int64_t>(Int128OfWide(*wide));
      } else {
        value = ValueOr<int64_t>(cell, 0);
      }
      return dynamic_cast<IntegerColumnBuilder&>(builder).Append({&value, 1}, valid);
    }
    case Layout::kFloat: {
      const auto value = ValueOr<double>(cell, 0);
      return dynamic_cast<FloatColumnBuilder&>(builder).Append({&value, 1}, valid);
    }
    case Layout::kWide: {
      const auto value = ValueOr<Wide>(cell, {});
      return dynamic_cast<WideColumnBuilder&>(builder).Append({&value, 1}, valid);
    }
    case Layout::kCode:
    case Layout::kBytes: {
      const auto text = ValueOr<std::string>(cell, {});
      const std::string_view value = text;
      return dynamic_cast<StringColumnBuilder&>(builder).Append({&value, 1}, valid);
    }
    case Layout::kList:
      return AppendListCell(type, cell, valid, dynamic_cast<ListColumnBuilder&>(builder));
  }
  return absl::InternalError("no such layout");
}

absl::StatusOr<std::shared_ptr<const Table>> TryTableOf(const std::vector<ColumnCells>& columns,
                                                        const TableOfOptions& options) {
  std::vector<Field> fields;
  std::optional<ColumnIndex> tenant;
  std::vector<ColumnIndex> key;
  for (const ColumnCells& column : columns) {
    SEXTANT_CHECK(column.cells.size() == columns.front().cells.size()) << column.name;
    if (!options.tenant.empty() && column.name == options.tenant) {
      tenant = static_cast<ColumnIndex>(fields.size());
    }
    if (std::find(options.key.begin(), options.key.end(), column.name) != options.key.end()) {
      key.push_back(static_cast<ColumnIndex>(fields.size()));
    }
    Field field;
    field.name = column.name;
    field.type = column.type;
    field.enum_labels = column.enum_labels;
    fields.push_back(std::move(field));
  }
  SEXTANT_CHECK(options.tenant.empty() || tenant.has_value()) << "tenant " << options.tenant;
  SEXTANT_CHECK(options.key.size() == key.size()) << "a column of the key";
  MemoryBudget& budget = options.budget != nullptr ? *options.budget : TestBudget();
  SEXTANT_ASSIGN_OR_RETURN(
      std::unique_ptr<TableBuilder> builder,
      TableBuilder::Create(Schema(std::move(fields), tenant, std::move(key)), budget,
                           {.chunk_rows = options.chunk_rows, .deriver = options.deriver}));
  const size_t num_rows = columns.empty() ? 0 : columns.front().cells.size();
  for (size_t row = 0; row < num_rows; ++row) {
    for (ColumnIndex index = 0; index < columns.size(); ++index) {
      SEXTANT_RETURN_IF_ERROR(
          AppendCell(columns[index].type, columns[index].cells[row], builder->column(index)));
    }
    SEXTANT_RETURN_IF_ERROR(builder->FinishRows(1));
  }
  return builder->Finish({options.dataset, options.version, options.as_of_us});
}

std::shared_ptr<const Table> TableOf(const std::vector<ColumnCells>& columns,
                                     const TableOfOptions& options) {
  absl::StatusOr<std::shared_ptr<const Table>> table = TryTableOf(columns, options);
  SEXTANT_CHECK(table.ok()) << table.status().ToString();
  return *std::move(table);
}

std::string CellText(const Column& column, const Dictionary* dictionary, uint32_t row) {
  if (column.IsNull(row)) return "NULL";
  switch (column.layout()) {
    case Layout::kInteger:
      return absl::StrCat(column.IntegerAt(row));
    case Layout::kFloat:
      return absl::StrCat(column.FloatAt(row));
    case Layout::kCode:
      return std::string(dictionary->Entry(column.CodeAt(row)));
    case Layout::kWide:
      return WideText(column.type(), column.WideAt(row));
    case Layout::kBytes:
      return std::string(column.BytesAt(row));
    case Layout::kList:
      return ListText(column, dictionary, row);
  }
  return "";
}

std::vector<std::string> ColumnTexts(const Table& table, std::string_view name) {
  const std::optional<ColumnIndex> index = table.schema().Find(name);
  SEXTANT_CHECK(index.has_value()) << "column " << name;
  std::vector<std::string> texts;
  for (uint32_t at = 0; at < table.num_chunks(); ++at) {
    const Chunk& chunk = table.chunk(at);
    for (uint32_t row = 0; row < chunk.num_rows(); ++row) {
      if (!chunk.live().empty() && !TestBit(chunk.live(), row)) continue;
      texts.push_back(CellText(chunk.column(*index), table.facts(*index).dictionary.get(), row));
    }
  }
  return texts;
}

}  // namespace sextant
