#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "compute/memory/check.h"
#include "compute/operators/expression/decimal_number.h"
#include "tests/compute/operators/expression/random_expression.h"

namespace sextant {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

const std::vector<std::string> kEnumLabels = {"sad", "ok", "Happy"};

/// Values of one column, and how PostgreSQL writes each.
class ColumnMaker {
 public:
  explicit ColumnMaker(uint64_t seed) : random_(seed) {}

  /// One in eight is NULL; else an edge, or something near.
  Cell Make(const std::string& name, const DataType& type) {
    if (random_() % 8 == 0) return Null();
    switch (type.kind) {
      case TypeKind::kInt64:
        return Int(OneOf<int64_t>({0, 1, -1, 2, 5, -7, 100, 86'399, INT64_MAX, INT64_MIN,
                                   9'007'199'254'740'993, 3'037'000'500}));
      case TypeKind::kFloat64:
        return name == "f1" ? Float(OneOf<double>({0, -0.0, 1.5, -2.5, 0.1, 1e308, 3e-9,
                                                   std::nan(""), kInfinity, -kInfinity, 1e19}))
                            : Float(OneOf<double>({0.5, 1.5, 2.5, -0.5, 12.34567, 1e15, 123456.789,
                                                   -0.00005, 0.30000000000000004, 7}));
      case TypeKind::kDecimal:
        if (type.precision > 18) {
          return Decimal(OneOf<int128_t>(
              {0, 1, -1500, 12'345'678, -999, 500, PowerOfTen(25) - 1, PowerOfTen(24) + 1}));
        }
        return Decimal(OneOf<int128_t>({0, 5, -5, 150, -150, 250, 12'345, PowerOfTen(12) - 1}));
      case TypeKind::kBool:
        return Bool(random_() % 2 == 0);
      case TypeKind::kEnum:
        return Text(OneOf(kEnumLabels));
      case TypeKind::kDate:
        return Int(
            OneOf<int64_t>({0, -1, 19'800, 10'957, 19'812, 20'028, -25'567, -719'528, -800'000}));
      case TypeKind::kTimestamp:
        return Int(Instant());
      case TypeKind::kUuid:
        return Uuid(OneOf<std::string>({"00000000-0000-0000-0000-000000000000",
                                        "ffffffff-ffff-ffff-ffff-fffffffffffe",
                                        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"}));
      default:
        return Text(name == "n" ? OneOf(Numbers()) : OneOf(Words()));
    }
  }

 private:
  template <typename T>
  T OneOf(const std::vector<T>& choices) {
    return choices[random_() % choices.size()];
  }

  /// About changes of the clock in Berlin, in St. John's and in Havana, and long ago.
  int64_t Instant() {
    const auto second = OneOf<int64_t>(
        {0, 1'711'846'800, 1'729'990'800, 1'710'046'800, 1'730'611'800, 1'730'606'400, 951'782'400,
         -2'422'054'408, -62'135'596'801, 253'402'300'799, 1'704'067'200, 1'735'603'200});
    const auto minutes = static_cast<int64_t>(random_() % 360) - 180;
    const auto micros = OneOf<int64_t>({0, 1, 999'999, 123'456});
    return (second + minutes * 60) * 1'000'000 + micros;
  }

  static const std::vector<std::string>& Words() {
    static const std::vector<std::string> words = {"",
                                                   "a",
                                                   "A",
                                                   "ab",
                                                   "aB b",
                                                   "\xc3\xa4\xc3\x84",
                                                   "stra\xc3\x9f"
                                                   "e",
                                                   "\xe2\x84\xaa"
                                                   "k",
                                                   "\xc5\xbf"
                                                   "S",
                                                   "\xc4\xb0i",
                                                   "\xce\xa3\xcf\x83\xcf\x82",
                                                   "\xc8\xba",
                                                   "1a2b",
                                                   "x_y%",
                                                   "\n",
                                                   "\xf0\x90\x90\x80",
                                                   "\xe2\x80\x83",
                                                   "\xc7\x85",
                                                   "KISS",
                                                   "AN OLD hat"};
    return words;
  }
  static const std::vector<std::string>& Numbers() {
    static const std::vector<std::string> numbers = {"1",
                                                     " -12 ",
                                                     "+7",
                                                     "9223372036854775807",
                                                     "9223372036854775808",
                                                     "1.5",
                                                     "1e3",
                                                     "x",
                                                     "",
                                                     "NaN",
                                                     "-Infinity",
                                                     "1e400",
                                                     "true",
                                                     "of",
                                                     "off",
                                                     "0x10",
                                                     "1e-400",
                                                     "."};
    return numbers;
  }

  std::mt19937_64 random_;
};

std::string SqlOf(const DataType& type, const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell.value)) {
    return absl::StrCat("'", absl::StrReplaceAll(*text, {{"'", "''"}}), "'");
  }
  if (const auto* number = std::get_if<double>(&cell.value)) {
    return absl::StrFormat("'%.17g'", *number);
  }
  if (const auto* wide = std::get_if<Wide>(&cell.value)) {
    if (type.kind == TypeKind::kUuid) return absl::StrFormat("'%016x%016x'", wide->high, wide->low);
    char buffer[kMaxDecimalChars];
    return absl::StrCat(
        "'", absl::string_view(buffer, FormatDecimal(Int128OfWide(*wide), type.scale, buffer)),
        "'");
  }
  const auto* integer = std::get_if<int64_t>(&cell.value);
  if (integer == nullptr) return "NULL";
  switch (type.kind) {
    case TypeKind::kDate:
      return absl::StrCat("date 'epoch' + ", *integer);
    case TypeKind::kTimestamp:
      return absl::StrCat("timestamptz 'epoch' + interval '", *integer, " microseconds'");
    case TypeKind::kBool:
      return *integer != 0 ? "true" : "false";
    default:
      return absl::StrCat("'", *integer, "'");
  }
}

}  // namespace

SampleRows MakeSampleRows(uint64_t seed, int num_rows) {
  struct Declared {
    const char* name;
    DataType type;
    const char* sql_type;
  };
  const DataType text = DataType::Of(TypeKind::kText);
  const std::vector<Declared> declared = {{"i1", DataType::Of(TypeKind::kInt64), "int8"},
                                          {"i2", DataType::Of(TypeKind::kInt64), "int8"},
                                          {"f1", DataType::Of(TypeKind::kFloat64), "float8"},
                                          {"f2", DataType::Of(TypeKind::kFloat64), "float8"},
                                          {"d1", DataType::Decimal(12, 2), "numeric(12,2)"},
                                          {"d2", DataType::Decimal(25, 3), "numeric(25,3)"},
                                          {"t1", text, "text COLLATE \"C\""},
                                          {"t2", text, "text COLLATE \"C\""},
                                          {"n", text, "text COLLATE \"C\""},
                                          {"b", DataType::Of(TypeKind::kBool), "bool"},
                                          {"e", DataType::Of(TypeKind::kEnum), "mood"},
                                          {"dt", DataType::Of(TypeKind::kDate), "date"},
                                          {"s1", DataType::Of(TypeKind::kTimestamp), "timestamptz"},
                                          {"s2", DataType::Of(TypeKind::kTimestamp), "timestamptz"},
                                          {"u", DataType::Of(TypeKind::kUuid), "uuid"}};
  ColumnMaker maker(seed);
  SampleRows rows;
  std::vector<std::string> columns_sql = {"id int"};
  std::vector<std::string> rows_sql(static_cast<size_t>(num_rows));
  for (const Declared& column : declared) {
    columns_sql.push_back(absl::StrCat(column.name, " ", column.sql_type));
    ColumnCells cells = {column.name, column.type, {}};
    if (column.type.kind == TypeKind::kEnum) cells.enum_labels = kEnumLabels;
    for (std::string& row : rows_sql) {
      cells.cells.push_back(maker.Make(column.name, column.type));
      absl::StrAppend(&row, ", ", SqlOf(column.type, cells.cells.back()));
    }
    rows.columns.push_back(std::move(cells));
  }
  for (size_t row = 0; row < rows_sql.size(); ++row) {
    rows_sql[row] = absl::StrCat("(", row, rows_sql[row], ")");
  }
  rows.sql = absl::StrCat("SET TIME ZONE 'UTC'; CREATE TYPE mood AS ENUM ('sad', 'ok', 'Happy'); ",
                          "CREATE TABLE t (", absl::StrJoin(columns_sql, ", "), ");",
                          "INSERT INTO t VALUES ", absl::StrJoin(rows_sql, ",\n"));
  return rows;
}

}  // namespace sextant
