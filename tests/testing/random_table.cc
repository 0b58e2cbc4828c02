#include "tests/testing/random_table.h"

#include <limits>
#include <string>

#include "compute/memory/check.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

constexpr int64_t kHourUs = int64_t{3'600} * 1'000'000;

std::string RandomWord(RandomDraws& draws, int length, int letters) {
  std::string word;
  for (int i = 0; i < length; ++i) {
    word.push_back(static_cast<char>('a' + draws.Below(static_cast<uint64_t>(letters))));
  }
  return word;
}

Cell RandomFloat(RandomDraws& draws) {
  switch (draws.Below(12)) {
    case 0:
      return Float(std::numeric_limits<double>::quiet_NaN());
    case 1:
      return Float(-0.0);
    case 2:
      return Float(0.0);
    default:
      return Float(static_cast<double>(draws.Between(-50, 50)) / 8);
  }
}

Cell RandomBigInteger(RandomDraws& draws) {
  if (draws.OneIn(20)) return Int(std::numeric_limits<int64_t>::min() / 4);
  return Int(draws.Between(-4, 4) * 1'000'000'007);
}

Cell RandomUuid(RandomDraws& draws) {
  return Uuid("f0000000-0000-4000-8000-00000000000" + std::to_string(draws.Below(5)));
}

Cell RandomInterval(RandomDraws& draws) {
  const int64_t days = draws.Between(0, 2) * 30;
  if (draws.OneIn(2)) return Interval(static_cast<int32_t>(days / 30), 0, 0);
  return Interval(0, static_cast<int32_t>(days), draws.OneIn(3) ? kHourUs : 0);
}

template <typename MakeElement>
Cell RandomList(RandomDraws& draws, MakeElement make) {
  std::vector<Cell> elements;
  const uint64_t length = draws.Below(5);
  for (uint64_t i = 0; i < length; ++i) {
    elements.push_back(draws.OneIn(6) ? Null() : make());
  }
  return List(std::move(elements));
}

template <typename MakeCell>
std::vector<Cell> Cells(RandomDraws& draws, uint32_t num_rows, MakeCell make) {
  std::vector<Cell> cells;
  const uint64_t null_one_in = draws.Pick<uint64_t>({2, 8, 1000});
  for (uint32_t row = 0; row < num_rows; ++row) {
    cells.push_back(draws.OneIn(null_one_in) ? Null() : make());
  }
  return cells;
}

std::vector<Cell> TenantCells(uint32_t num_rows) {
  std::vector<Cell> cells;
  for (uint32_t row = 0; row < num_rows; ++row) {
    const uint32_t part = row * 4 / num_rows;
    cells.push_back(part == 3 ? Null() : Text(std::string(1, static_cast<char>('a' + part))));
  }
  return cells;
}

}  // namespace

std::shared_ptr<const Table> RandomTable(RandomDraws& draws, uint32_t num_rows, uint32_t chunk_rows,
                                         bool has_tenants) {
  std::vector<ColumnCells> columns;
  const auto add = [&](const std::string& name, DataType type, auto make) {
    columns.push_back({name, type, Cells(draws, num_rows, make)});
  };
  const auto of = [](TypeKind kind) { return DataType::Of(kind); };
  const int64_t first_hour = draws.Pick<int64_t>({-700'000, 0, 474'000});
  add("bool", of(TypeKind::kBool), [&] { return Bool(draws.OneIn(2)); });
  add("small", of(TypeKind::kInt16), [&] { return Int(draws.Between(-3, 9)); });
  add("medium", of(TypeKind::kInt32), [&] { return Int(draws.Between(-70'000, 70'000)); });
  add("big", of(TypeKind::kInt64), [&] { return RandomBigInteger(draws); });
  add("real", of(TypeKind::kFloat32), [&] { return RandomFloat(draws); });
  add("double", of(TypeKind::kFloat64), [&] { return RandomFloat(draws); });
  add("price", DataType::Decimal(10, 2), [&] { return Int(draws.Between(-500, 500)); });
  add("wide", DataType::Decimal(30, 3),
      [&] { return Decimal(int128_t{draws.Between(-4, 4)} << draws.Below(80)); });
  add("word", of(TypeKind::kText), [&] { return Text(RandomWord(draws, 1, 5)); });
  add("name", of(TypeKind::kText), [&] { return Text(RandomWord(draws, 3, 20)); });
  add("state", of(TypeKind::kEnum), [&] {
    return Text(draws.Pick<std::string>({"open", "closed", "merged"}));
  });
  columns.back().enum_labels = {"open", "merged", "closed", "lost"};
  add("uuid", of(TypeKind::kUuid), [&] { return RandomUuid(draws); });
  add("day", of(TypeKind::kDate), [&] { return Int(first_hour / 24 + draws.Between(0, 40)); });
  add("start", of(TypeKind::kTimestamp),
      [&] { return Int((first_hour + draws.Between(0, 1000)) * kHourUs + draws.Between(0, 9)); });
  add("end", of(TypeKind::kTimestamp),
      [&] { return Int((first_hour + draws.Between(0, 1000)) * kHourUs); });
  add("interval", of(TypeKind::kInterval), [&] { return RandomInterval(draws); });
  add("bytes", of(TypeKind::kBytes), [&] { return Text(RandomWord(draws, 1, 3)); });
  add("words", DataType::ListOf(TypeKind::kText),
      [&] { return RandomList(draws, [&] { return Text(RandomWord(draws, 1, 4)); }); });
  add("numbers", DataType::ListOf(TypeKind::kInt32),
      [&] { return RandomList(draws, [&] { return Int(draws.Between(0, 4)); }); });
  columns.push_back({"tenant", of(TypeKind::kText), TenantCells(num_rows)});
  return TableOf(columns,
                 {.chunk_rows = chunk_rows, .tenant = has_tenants ? "tenant" : std::string()});
}

std::shared_ptr<const Table> WithoutSomeRows(RandomDraws& draws,
                                             std::shared_ptr<const Table> table) {
  for (uint32_t index = 0; index < table->num_chunks(); ++index) {
    if (draws.OneIn(2)) continue;
    std::vector<uint32_t> deleted;
    for (uint32_t row = 0; row < table->chunk(index).num_rows(); ++row) {
      if (draws.OneIn(3)) deleted.push_back(row);
    }
    auto chunk = table->chunk(index).WithoutRows(deleted, TestBudget());
    SEXTANT_CHECK(chunk.ok()) << chunk.status();
    TableIdentity identity = table->identity();
    ++identity.version;
    table = table->WithChunk(identity, index, *chunk);
  }
  return table;
}

}  // namespace sextant
