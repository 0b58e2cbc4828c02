#include "tests/oracle/table_generator.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/oracle/dataset_split.h"
#include "tests/oracle/key_split.h"
#include "tests/oracle/link_generator.h"
#include "tests/oracle/sql_text.h"

namespace sextant::oracle {
namespace {

/// Of 60 tables that follow one another, one of each size about that of a chunk (64 Ki).
constexpr uint64_t kTablesPerLarge = 20;
constexpr size_t kLeastLarge = 65'535;
bool IsLarge(uint64_t seed) { return seed % kTablesPerLarge == 7; }

size_t DrawNumRows(Draws& draws, uint64_t seed, bool is_large) {
  if (is_large) return kLeastLarge + seed / kTablesPerLarge % 3;
  const uint64_t die = draws.Below(100);
  if (die < 1) return 0;
  if (die < 3) return 1;
  if (die < 8) return 7;
  return die < 40 ? 8 + draws.Below(52) : 60 + draws.Below(340);
}

constexpr Kind kKinds[] = {Kind::kBool,   Kind::kInt2,        Kind::kInt4,      Kind::kInt8,
                           Kind::kFloat4, Kind::kFloat8,      Kind::kNumeric,   Kind::kText,
                           Kind::kText,   Kind::kBpchar,      Kind::kEnum,      Kind::kUuid,
                           Kind::kDate,   Kind::kTimestamptz, Kind::kTimestamp, Kind::kInterval,
                           Kind::kBytea,  Kind::kList,        Kind::kList,      Kind::kNumeric};

Type DrawType(Draws& draws, Kind kind) {
  Type type = {.kind = kind};
  if (kind == Kind::kNumeric) {
    static constexpr int kDigits[][2] = {{5, 2},  {9, 0},   {18, 4}, {18, 0}, {12, 2},
                                         {19, 0}, {30, 10}, {38, 2}, {25, 25}};
    const auto& digits = kDigits[draws.Below(std::size(kDigits))];
    type.precision = digits[0];
    type.scale = digits[1];
  }
  if (kind == Kind::kBpchar) type.precision = static_cast<int>(draws.Between(1, 6));
  if (kind == Kind::kList) {
    type.element =
        draws.Of({Kind::kText, Kind::kInt4, Kind::kInt8, Kind::kFloat8, Kind::kTimestamptz});
  }
  return type;
}

std::string DrawName(Draws& draws, const Type& type, size_t index) {
  if (draws.OneIn(20)) return absl::StrCat("Odd \"Name ", index);
  if (draws.OneIn(20)) return absl::StrCat("select_", index);
  const std::string element = type.kind == Kind::kList ? "_of_" + KindName(type.element) : "";
  return absl::StrCat(KindName(type.kind), element, "_", index);
}

/// Most types there are, each in most tables; few of a large table.
std::vector<Type> DrawTypes(Draws& draws, bool is_large) {
  std::vector<Type> types = {{.kind = Kind::kTimestamptz}};
  const uint64_t percent = is_large ? 20 : 80;
  for (const Kind kind : kKinds) {
    if (is_large && kind == Kind::kDate) continue;
    if (draws.Percent(percent)) types.push_back(DrawType(draws, kind));
  }
  // Sums of more columns than the words of a cell have room for.
  constexpr size_t kNumbers = 8;
  if (!is_large && draws.OneIn(8)) types.insert(types.end(), kNumbers, {.kind = Kind::kFloat8});
  return types;
}

/// An instant after that of the first column of instants, mostly; some are open.
void AddClosed(Draws& draws, TableCase& table, const TimeFocus& focus) {
  const auto opened = std::find_if(table.columns.begin(), table.columns.end(), [](const Column& c) {
    return c.type.kind == Kind::kTimestamptz;
  });
  table.opened = static_cast<int>(opened - table.columns.begin());
  table.closed = static_cast<int>(table.columns.size());
  const uint64_t open_percent = draws.Of<uint64_t>({0, 20, 60});
  const int64_t step_us = DrawTimeStep(draws);
  for (Row& row : table.rows) {
    const Datum& start = row[static_cast<size_t>(table.opened)];
    if (start.is_null || draws.Percent(open_percent)) {
      row.emplace_back();
    } else if (draws.OneIn(8)) {
      row.push_back(start);
    } else {
      // In large tables not long, so that blocks of rows in the order of starts have ends near to
      // each other.
      const int64_t longest_us =
          table.rows.size() >= kLeastLarge ? focus.spread_us / 16 : focus.spread_us;
      const int64_t lasts = RoundedDown(
          draws.OneIn(3) ? draws.Between(1, 40) * kHourUs / 2 : draws.Between(0, longest_us),
          step_us);
      // A few end before they start.
      row.push_back(Datum::OfInteger(start.integer + (draws.OneIn(12) ? -lasts : lasts)));
    }
  }
  table.columns.push_back({.name = "closed", .type = {.kind = Kind::kTimestamptz}});
}

void AddTenant(Draws& draws, TableCase& table) {
  Column column = {.name = "tenant", .type = {.kind = Kind::kText}};
  if (draws.OneIn(3)) column.type.kind = Kind::kInt4;
  table.tenant = static_cast<int>(table.columns.size());
  const uint64_t num_tenants = 2 + draws.Below(3);
  for (Row& row : table.rows) {
    const auto tenant = static_cast<int64_t>(draws.Below(num_tenants));
    if (draws.OneIn(20)) {
      row.emplace_back();
    } else if (column.type.kind == Kind::kInt4) {
      row.push_back(Datum::OfInteger(tenant - 1));
    } else {
      row.push_back(Datum::OfText(tenant == 0 ? "Zeta" : std::string(1, "\0abcd"[tenant])));
    }
  }
  table.columns.push_back(std::move(column));
}

/// A text column that is kept as bytes until repeats show, and then gets a dictionary.
void AddLateRepeats(TableCase& table) {
  constexpr size_t kDistinct = 9'000;
  for (size_t row = 0; row < table.rows.size(); ++row) {
    const size_t number = row < kDistinct ? row : row * 7919 % kDistinct;
    table.rows[row].push_back(Datum::OfText(absl::StrCat("late ", number)));
  }
  table.columns.push_back({.name = "late", .type = {.kind = Kind::kText}});
  table.has_late_repeats = true;
}

}  // namespace

GeneratedTable GenerateTable(uint64_t seed, bool may_be_large) {
  Draws draws(seed);
  GeneratedTable generated;
  TableCase& table = generated.table;
  table.seed = seed;
  table.name = absl::StrCat("case_", seed);
  generated.focus = DrawTimeFocus(draws);
  const bool is_large = IsLarge(seed) && may_be_large;
  const size_t num_rows = DrawNumRows(draws, seed, is_large);
  table.rows.resize(num_rows);
  table.columns.push_back({.name = "id", .type = {.kind = Kind::kInt8}});
  for (size_t row = 0; row < num_rows; ++row) {
    table.rows[row].push_back(Datum::OfInteger(static_cast<int64_t>(row) * 2 + 1));
  }
  for (const Type& type : DrawTypes(draws, is_large)) {
    Column column = {.name = DrawName(draws, type, table.columns.size()), .type = type};
    if (type.kind == Kind::kEnum) column.labels = EnumLabels();
    if (type.kind == Kind::kTimestamp) column.zone = DrawZone(draws, generated.focus);
    std::vector<Datum> values = DrawColumn(draws, column, num_rows, generated.focus);
    for (size_t row = 0; row < num_rows; ++row) {
      table.rows[row].push_back(std::move(values[row]));
    }
    table.columns.push_back(std::move(column));
  }
  if (is_large) AddLateRepeats(table);
  table.is_ordered_by_time = draws.OneIn(3) || is_large;
  if (!draws.OneIn(4) || is_large) AddClosed(draws, table, generated.focus);
  table.as_of_us = generated.focus.center_us +
                   draws.Between(-generated.focus.spread_us, generated.focus.spread_us);
  if (draws.OneIn(4)) AddTenant(draws, table);
  if (!is_large && draws.OneIn(3)) SplitTable(draws, table);
  if (draws.OneIn(2)) {
    const uint64_t percent = draws.Of<uint64_t>({1, 10, 50});
    for (const Row& row : table.rows) {
      if (draws.Percent(percent)) {
        table.deleted_ids.push_back(static_cast<int64_t>(row[0].integer));
      }
    }
  }
  const bool is_whole = !is_large && table.second < 0;
  const bool has_keys = is_whole && draws.OneIn(2);
  if (is_whole && (has_keys ? draws.OneIn(3) : !draws.OneIn(3))) {
    AddLinks(draws, table, generated.focus);
  }
  if (has_keys) SplitIntoKeys(draws, table);
  return generated;
}

}  // namespace sextant::oracle
