#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "compute/column/table.h"
#include "compute/column/table_builder.h"

namespace sextant {

/// One value of a table written out in a test. A cell must suit the type of its column:
///   Int        bool (or Bool), integers, date (days), timestamp and duration (microseconds),
///              numeric of p <= 18 (the scaled integer)
///   Float      float4, float8          Text       text, enum, json, bytea
///   Decimal    numeric of any p        Uuid       uuid
///   Interval   interval                List       lists, of cells of the element type
///   Null       any
struct Cell {
  std::variant<std::monostate, int64_t, double, std::string, Wide, std::vector<Cell>> value;
};

Cell Null();
Cell Int(int64_t value);
Cell Bool(bool value);
Cell Float(double value);
Cell Text(std::string_view value);
/// The value times 10^scale.
Cell Decimal(int128_t scaled_value);
/// `text` is 32 hexadecimal digits; dashes are ignored.
Cell Uuid(std::string_view text);
Cell Interval(int32_t months, int32_t days, int64_t microseconds);
Cell List(std::vector<Cell> elements);

struct ColumnCells {
  std::string name;
  DataType type;
  std::vector<Cell> cells;
  std::vector<std::string> enum_labels = {};
};

struct TableOfOptions {
  uint32_t chunk_rows = kMaxChunkRows;
  /// Name of the tenant column, or empty.
  std::string tenant = {};
  /// Names of the dataset's key columns.
  std::vector<std::string> key = {};
  std::string dataset = "dataset";
  uint64_t version = 1;
  int64_t as_of_us = 0;
  std::shared_ptr<const ColumnDeriver> deriver = nullptr;
  /// nullptr: TestBudget().
  MemoryBudget* budget = nullptr;
};

/// An unlimited budget that is never destroyed, so that tables of tests may outlive anything.
MemoryBudget& TestBudget();

/// A table of the columns, which must have equally many cells. Ends the test program when the cells
/// do not suit.
///
///   const auto table = TableOf({{"delay_min", DataType::Of(TypeKind::kInt64),
///                                {Int(5), Null(), Int(-3)}},
///                               {"team", DataType::Of(TypeKind::kText),
///                                {Text("a"), Text("b"), Text("a")}}},
///                              {.chunk_rows = 7});
std::shared_ptr<const Table> TableOf(const std::vector<ColumnCells>& columns,
                                     const TableOfOptions& options = {});
/// As TableOf, with what the budget or the builder says.
absl::StatusOr<std::shared_ptr<const Table>> TryTableOf(const std::vector<ColumnCells>& columns,
                                                        const TableOfOptions& options = {});

/// Appends one value to a builder of a field of type `type`.
absl::Status AppendCell(const DataType& type, const Cell& cell, ColumnBuilder& builder);

/// Row `row` of a column as text: "NULL", "5", "2.5", "abc", "{1,NULL}", uuids in canonical form,
/// intervals as months/days/microseconds, decimals as scaled integers. `dictionary` is of kCode.
std::string CellText(const Column& column, const Dictionary* dictionary, uint32_t row);
/// Every row of the column named `name`, deleted ones left out, in row order.
std::vector<std::string> ColumnTexts(const Table& table, std::string_view name);

}  // namespace sextant
