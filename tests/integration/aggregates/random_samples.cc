#include "tests/integration/aggregates/random_samples.h"

#include <cmath>
#include <cstdio>
#include <functional>
#include <limits>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

class Draws {
 public:
  explicit Draws(uint64_t seed) : generator_(seed) {}
  int64_t Between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(generator_() % (static_cast<uint64_t>(high - low) + 1));
  }
  bool OneIn(int64_t n) { return Between(1, n) == 1; }

 private:
  std::mt19937_64 generator_;
};

/// A value as a cell of a table and as a literal of SQL.
struct Sample {
  Cell cell;
  std::string literal;
};

Sample IntegerSample(int64_t value) {
  // -9223372036854775808 is no literal of bigint, but a text of it is.
  return {Int(value), absl::StrCat("'", value, "'")};
}

Sample FloatSample(double value) {
  if (std::isnan(value)) return {Float(value), "'NaN'"};
  if (std::isinf(value)) return {Float(value), value > 0 ? "'Infinity'" : "'-Infinity'"};
  char text[40];
  std::snprintf(text, sizeof(text), "'%.17g'", value);
  return {Float(value), text};
}

Sample DyadicSample(Draws& draws, bool is_special) {
  if (is_special && draws.OneIn(12)) {
    constexpr double kSpecials[] = {std::numeric_limits<double>::quiet_NaN(),
                                    std::numeric_limits<double>::infinity(),
                                    -std::numeric_limits<double>::infinity()};
    return FloatSample(kSpecials[draws.Between(0, 2)]);
  }
  return FloatSample(static_cast<double>(draws.Between(-80, 80)) / 8);
}

Sample BigSample(Draws& draws, bool has_limits) {
  if (has_limits && draws.OneIn(4)) {
    constexpr int64_t kLimits[] = {kMax, kMax - 1, kMin, kMin + 1};
    return IntegerSample(kLimits[draws.Between(0, 3)]);
  }
  return IntegerSample(draws.Between(-5, 5) * 1'000'000'007);
}

Sample DecimalSample(Draws& draws, int scale, bool is_wide) {
  int128_t scaled = draws.Between(-999, 999);
  if (is_wide && draws.OneIn(2)) scaled *= int128_t{1'000'000'000} * 1'000'000'000;
  const int64_t high = static_cast<int64_t>(scaled / 1'000'000'000'000'000'000);
  const int64_t low = static_cast<int64_t>(scaled % 1'000'000'000'000'000'000);
  return {Decimal(scaled),
          absl::StrCat("(", high, " * 1000000000000000000::numeric + ", low, ") / 1",
                       std::string(static_cast<size_t>(scale), '0'), "::numeric")};
}

Sample TextSample(const std::string& text) { return {Text(text), absl::StrCat("'", text, "'")}; }

std::string RandomWord(Draws& draws, int length) {
  constexpr const char* kLetters[] = {"a", "B", "b", "Z", "z", "\xC3\xA4", "_", "-"};
  std::string word;
  for (int i = 0; i < length; ++i) word += kLetters[draws.Between(0, 7)];
  return word;
}

Sample UuidSample(Draws& draws) {
  const std::string text = absl::StrCat(draws.OneIn(2) ? "f" : "7",
                                        "0000000-0000-4000-8000-00000000000", draws.Between(0, 4));
  return {Uuid(text), absl::StrCat("'", text, "'")};
}

struct SampleColumn {
  std::string name;
  DataType type;
  std::string sql_type;
  std::function<Sample()> draw;
};

/// What makes a round unlike another is decided here, once.
std::vector<SampleColumn> Columns(Draws& draws) {
  const bool has_special = draws.OneIn(2);
  const bool has_limits = draws.OneIn(2);
  const auto of = [](TypeKind kind) { return DataType::Of(kind); };
  const auto integer = [&](int64_t low, int64_t high) {
    return [&draws, low, high] { return IntegerSample(draws.Between(low, high)); };
  };
  return {
      {"i2", of(TypeKind::kInt16), "int2", integer(-3, 3)},
      {"i4", of(TypeKind::kInt32), "int4", integer(-2147483648LL, 2147483647LL)},
      {"i8", of(TypeKind::kInt64), "int8", [=, &draws] { return BigSample(draws, has_limits); }},
      {"f4", of(TypeKind::kFloat32), "float4", [=, &draws] { return DyadicSample(draws, false); }},
      {"f8", of(TypeKind::kFloat64), "float8",
       [=, &draws] { return DyadicSample(draws, has_special); }},
      {"g8", of(TypeKind::kFloat64), "float8",
       [&draws] { return FloatSample(static_cast<double>(draws.Between(-999, 9999)) / 7); }},
      {"d2", DataType::Decimal(10, 2), "numeric(10,2)",
       [&draws] { return DecimalSample(draws, 2, false); }},
      {"w3", DataType::Decimal(30, 3), "numeric(30,3)",
       [&draws] { return DecimalSample(draws, 3, true); }},
      {"word", of(TypeKind::kText), "text", [&draws] { return TextSample(RandomWord(draws, 1)); }},
      {"name", of(TypeKind::kText), "text", [&draws] { return TextSample(RandomWord(draws, 3)); }},
      {"state", of(TypeKind::kEnum), "sample_state",
       [&draws] {
         constexpr const char* kLabels[] = {"open", "merged", "closed"};
         return TextSample(kLabels[draws.Between(0, 2)]);
       }},
      {"u", of(TypeKind::kUuid), "uuid", [&draws] { return UuidSample(draws); }},
      {"day", of(TypeKind::kDate), "date",
       [&draws] {
         const int64_t day = draws.Between(-9, 9);
         return Sample{Int(day), absl::StrCat("date '1970-01-01' + ", day)};
       }},
      {"ts", of(TypeKind::kTimestamp), "timestamptz",
       [&draws] {
         const int64_t us = draws.Between(-5, 5) * 1'234'567'891;
         return Sample{Int(us), absl::StrCat("timestamptz '1970-01-01 00:00:00+00' + ", us,
                                             " * interval '1 microsecond'")};
       }},
      {"dur", of(TypeKind::kDuration), "int8", integer(-9'999'999'999, 99'999'999'999)},
      {"b", of(TypeKind::kBool), "bool",
       [&draws] {
         const bool value = draws.OneIn(2);
         return Sample{Bool(value), value ? "true" : "false"};
       }},
  };
}

}  // namespace

RandomSamples MakeRandomSamples(uint64_t seed) {
  Draws draws(seed);
  RandomSamples samples;
  samples.num_cells = static_cast<uint32_t>(draws.Between(1, 12));
  const int64_t num_rows = draws.OneIn(4) ? draws.Between(0, 8) : draws.Between(9, 300);
  const std::vector<SampleColumn> columns = Columns(draws);
  std::vector<ColumnCells> cells;
  std::vector<std::string> declared = {"cell int", "id int"};
  cells.push_back({"id", DataType::Of(TypeKind::kInt32), {}});
  std::vector<int64_t> null_one_in;
  std::vector<Sample> constants;
  for (const SampleColumn& column : columns) {
    cells.push_back({column.name, column.type, {}});
    declared.push_back(absl::StrCat(column.name, " ", column.sql_type));
    null_one_in.push_back(draws.OneIn(3) ? 2 : 9);
    constants.push_back(column.draw());
    if (column.name == "state") cells.back().enum_labels = {"open", "merged", "closed", "lost"};
  }
  std::vector<std::string> rows;
  for (int64_t row = 0; row < num_rows; ++row) {
    // Cells of few rows come with cells of many; in cell 1 every column is constant.
    const auto cell =
        static_cast<uint32_t>(draws.OneIn(3) ? 0 : draws.Between(0, samples.num_cells - 1));
    const int64_t id = (row * 7919) % 1'000'003;
    samples.cells.push_back(cell);
    cells[0].cells.push_back(Int(id));
    std::vector<std::string> literals = {absl::StrCat(cell), absl::StrCat(id)};
    for (size_t i = 0; i < columns.size(); ++i) {
      Sample sample = cell == 1 ? constants[i] : columns[i].draw();
      if (draws.OneIn(null_one_in[i])) sample = {Null(), "NULL"};
      literals.push_back(sample.literal);
      cells[i + 1].cells.push_back(sample.cell);
    }
    rows.push_back(
        absl::StrCat("INSERT INTO samples VALUES (", absl::StrJoin(literals, ", "), ");"));
  }
  samples.table = TableOf(cells, {.chunk_rows = 64, .key = {"id"}});
  samples.sql = absl::StrCat(
      "DROP TABLE IF EXISTS samples; DROP TYPE IF EXISTS sample_state;"
      "CREATE TYPE sample_state AS ENUM ('open', 'merged', 'closed', 'lost');"
      "CREATE TABLE samples (",
      absl::StrJoin(declared, ", "), ");", absl::StrJoin(rows, "\n"));
  return samples;
}

}  // namespace sextant
