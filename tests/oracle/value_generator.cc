#include "tests/oracle/value_generator.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace sextant::oracle {
namespace {

struct Edge {
  const char* zone;
  int64_t instant_s;
};

// Instants at which the local clock of the zone jumps, and two at which nothing happens.
constexpr Edge kEdges[] = {
    {"Europe/Berlin", 1'711'846'800},        // 2024-03-31T01:00Z
    {"Europe/Berlin", 1'729'990'800},        // 2024-10-27T01:00Z
    {"America/St_Johns", 1'710'048'600},     // 2024-03-10T05:30Z
    {"America/St_Johns", 1'730'608'200},     // 2024-11-03T04:30Z
    {"Asia/Kolkata", 1'704'047'400},         // 2023-12-31T18:30Z, a local midnight
    {"Australia/Lord_Howe", 1'712'415'600},  // 2024-04-06T15:00Z: half an hour back
    {"Australia/Lord_Howe", 1'728'142'200},  // 2024-10-05T15:30Z
    {"America/New_York", 1'710'054'000},     // 2024-03-10T07:00Z
    {"America/New_York", 1'730'613'600},     // 2024-11-03T06:00Z
    {"America/New_York", -2'717'650'800},    // 1883-11-18T17:00Z: local mean time ends
    {"Pacific/Apia", 1'325'239'200},         // 2011-12-30T10:00Z: a day is skipped
    {"America/Havana", 1'710'046'800},       // 2024-03-10T05:00Z: midnight is skipped
    {"America/Havana", 1'730'610'000},       // 2024-11-03T05:00Z: midnight is repeated
    {"Africa/Monrovia", 63'593'070},         // 1972-01-07T00:44:30Z
    {"UTC", 946'684'800},                    // 2000-01-01
    {"UTC", 1'709'164'800},                  // 2024-02-29
    {"UTC", 0},
};

constexpr const char* kTexts[] = {
    "",        "a",      "A",   "aa",      "Ab",   "b",    "z",    "Z",          "ä",
    "Ä",       "ß",      "é",   "😀",       "%",    "_",    "a_b",  "a%b",        "\\",
    "it's",    "a\nb",   " a",  "a ",      "10",   "9",    "NULL", "{x}",        "\"q\"",
    "web/api", "web/ui", "api", "WEB/api", "日本", "-1.5", "true", "2024-01-01", "\t"};

Datum DrawInteger(Draws& draws, int bits, int wild) {
  const int64_t max = bits == 64 ? INT64_MAX : (int64_t{1} << (bits - 1)) - 1;
  if (!draws.Percent(static_cast<uint64_t>(wild))) return Datum::OfInteger(draws.Between(-9, 9));
  if (draws.OneIn(3)) {
    const int64_t power = int64_t{1} << draws.Below(static_cast<uint64_t>(bits) - 1);
    return Datum::OfInteger(std::clamp(power + draws.Between(-1, 1), -max, max));
  }
  return Datum::OfInteger(
      draws.Of({-max - 1, -max, max, max - 1, int64_t{0}, int64_t{1}, int64_t{-1}}));
}

double DrawFloat(Draws& draws, bool is_single, int wild) {
  if (draws.Percent(static_cast<uint64_t>(wild))) {
    const double value =
        draws.Of({std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
                  -std::numeric_limits<double>::infinity(), -0.0, 0.0, 0.1, 5e-324, 1e-30, -1e30,
                  3.4e38, 1e300, 16'777'217.0, 9.007199254740993e15});
    if (is_single && std::abs(value) > 3.4e38 && !std::isinf(value)) return 3.4e38F;
    return is_single ? static_cast<double>(static_cast<float>(value)) : value;
  }
  const double value = static_cast<double>(draws.Between(-100'000, 100'000)) / 97;
  return is_single ? static_cast<double>(static_cast<float>(value)) : value;
}

Datum DrawNumeric(Draws& draws, const Type& type, int wild) {
  const Int128 max = PowerOfTen(type.precision) - 1;
  if (draws.Percent(static_cast<uint64_t>(wild))) {
    return Datum::OfInteger(draws.Of<Int128>({max, -max, 0, 1, -1, max / 2, max / 3}));
  }
  const int64_t near = draws.Between(-999, 999);
  const Int128 limit = std::min<Int128>(max, 999);
  return Datum::OfInteger(std::clamp<Int128>(near, -limit, limit) *
                          (draws.OneIn(3) && max > 999'999 ? 1000 : 1));
}

std::string DrawText(Draws& draws, int wild) {
  if (draws.Percent(static_cast<uint64_t>(wild)) && draws.OneIn(6)) {
    return std::string(200 + draws.Below(2000), static_cast<char>('a' + draws.Below(26)));
  }
  return kTexts[draws.Below(std::size(kTexts))];
}

/// At most `length` code points, as char(length) takes them.
std::string DrawBlankPadded(Draws& draws, int length) {
  std::string text;
  for (int i = static_cast<int>(draws.Below(static_cast<uint64_t>(length) + 1)); i > 0; --i) {
    text += draws.Of({"a", "b", "B", " ", "ä", "z"});
  }
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

int64_t DrawInstant(Draws& draws, const TimeFocus& focus, int wild) {
  if (draws.Percent(static_cast<uint64_t>(wild)) && draws.OneIn(2)) {
    // Right at the edge, and at local hours around it.
    return focus.center_us + draws.Of<int64_t>({0, -1, 1, kHourUs, -kHourUs, kHourUs / 2,
                                                -kHourUs - 1, 24 * kHourUs});
  }
  const int64_t offset = draws.Between(-focus.spread_us, focus.spread_us);
  if (draws.OneIn(3)) return focus.center_us + offset / kHourUs * kHourUs;
  return focus.center_us + offset;
}

Datum DrawInterval(Draws& draws, int wild) {
  if (draws.Percent(static_cast<uint64_t>(wild))) {
    return draws.Pick<Datum>({Datum::OfInterval(1, 0, 0), Datum::OfInterval(0, 30, 0),
                              Datum::OfInterval(0, 29, kDayUs),
                              Datum::OfInterval(0, 0, 30 * kDayUs), Datum::OfInterval(-1, 30, 0),
                              Datum::OfInterval(0, 0, 0), Datum::OfInterval(12'000, -5, 1),
                              Datum::OfInterval(0, 1, -kDayUs)});
  }
  return Datum::OfInterval(static_cast<int32_t>(draws.Between(0, 1)),
                           static_cast<int32_t>(draws.Between(-2, 40)),
                           draws.Between(-3, 3) * kHourUs);
}

std::string DrawUuid(Draws& draws) {
  static constexpr const char* kUuids[] = {
      "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
      "7fffffff-ffff-ffff-ffff-ffffffffffff", "80000000-0000-0000-0000-000000000000"};
  if (draws.OneIn(3)) return kUuids[draws.Below(4)];
  return absl::StrFormat("5f0c0000-0000-4000-8000-%012x", draws.Below(6));
}

std::string DrawBytes(Draws& draws) {
  std::string bytes;
  for (uint64_t i = draws.Below(4); i > 0; --i) {
    bytes.push_back(static_cast<char>(draws.Of<int>({0, 1, 0x7f, 0x80, 0xff, 'a', '\\'})));
  }
  return bytes;
}

Datum DrawList(Draws& draws, const Type& type, const Column& column, const TimeFocus& focus,
               int wild) {
  std::vector<Datum> elements;
  const uint64_t length = draws.OneIn(20) ? 12 : draws.Below(5);
  for (uint64_t i = 0; i < length; ++i) {
    const Type element = {.kind = type.element};
    if (draws.OneIn(6)) {
      elements.emplace_back();
    } else if (!elements.empty() && draws.OneIn(4)) {
      elements.push_back(elements[draws.Index(elements.size())]);
    } else {
      elements.push_back(DrawDatum(draws, element, column, focus, wild));
    }
  }
  return Datum::OfElements(std::move(elements));
}

enum class Shape { kSmall, kMixed, kDistinct, kConstant, kAllNull, kDyadic };

Shape DrawShape(Draws& draws, Kind kind) {
  if (draws.OneIn(25)) return Shape::kAllNull;
  if (draws.OneIn(16)) return Shape::kConstant;
  if (IsFloat(kind) && draws.OneIn(2)) return Shape::kDyadic;
  if (draws.OneIn(3)) return Shape::kSmall;
  return draws.OneIn(6) ? Shape::kDistinct : Shape::kMixed;
}

/// Different in every row where the type has enough values.
Datum DistinctDatum(const Column& column, size_t row, Draws& draws, const TimeFocus& focus) {
  const Type& type = column.type;
  const auto number = static_cast<int64_t>(row);
  switch (type.kind) {
    case Kind::kInt4:
    case Kind::kInt8:
      return Datum::OfInteger(number * 3 - 1000);
    case Kind::kFloat8:
      return Datum::OfNumber(static_cast<double>(number) / 3);
    case Kind::kText:
      return Datum::OfText(absl::StrCat("row ", number, " ", draws.Below(1'000'000)));
    case Kind::kTimestamptz:
    case Kind::kTimestamp:
      return Datum::OfInteger(focus.center_us + number * 1'111'111'111);
    case Kind::kUuid:
      return Datum::OfText(absl::StrFormat("%08x-0000-4000-8000-000000000000", number * 7919));
    default:
      return DrawDatum(draws, type, column, focus, 50);
  }
}

void RoundTimes(const Type& type, int64_t step_us, std::vector<Datum>& values) {
  for (Datum& value : values) {
    if (value.is_null) continue;
    if (IsInstant(type.kind)) value.integer = RoundedDown(value.integer, step_us);
    if (type.kind == Kind::kList) RoundTimes({.kind = type.element}, step_us, value.elements);
  }
}

}  // namespace

int64_t DrawTimeStep(Draws& draws) {
  if (draws.OneIn(2)) return 1;
  return draws.Of({int64_t{1000}, kSecondUs, 60 * kSecondUs, kHourUs / 4, kHourUs, kDayUs});
}

int64_t RoundedDown(int64_t time_us, int64_t step_us) {
  const int64_t above = time_us % step_us;
  return time_us - above - (above < 0 ? step_us : 0);
}

TimeFocus DrawTimeFocus(Draws& draws) {
  const Edge& edge = kEdges[draws.Below(std::size(kEdges))];
  return {edge.zone, edge.instant_s * kSecondUs,
          draws.Of({3 * kHourUs, kDayUs, 3 * kDayUs, 20 * kDayUs, 400 * kDayUs})};
}

std::string DrawZone(Draws& draws, const TimeFocus& focus) {
  if (draws.Percent(60)) return focus.zone;
  return draws.OneIn(3) ? "UTC" : kEdges[draws.Below(std::size(kEdges))].zone;
}

Datum DrawDatum(Draws& draws, const Type& type, const Column& column, const TimeFocus& focus,
                int wild) {
  switch (type.kind) {
    case Kind::kBool:
      return Datum::OfBool(draws.OneIn(2));
    case Kind::kInt2:
      return DrawInteger(draws, 16, wild);
    case Kind::kInt4:
      return DrawInteger(draws, 32, wild);
    case Kind::kInt8:
      return DrawInteger(draws, 64, wild);
    case Kind::kFloat4:
    case Kind::kFloat8:
      return Datum::OfNumber(DrawFloat(draws, type.kind == Kind::kFloat4, wild));
    case Kind::kNumeric:
      return DrawNumeric(draws, type, wild);
    case Kind::kText:
      return Datum::OfText(DrawText(draws, wild));
    case Kind::kBpchar:
      return Datum::OfText(DrawBlankPadded(draws, type.precision));
    case Kind::kEnum: {
      const size_t code = draws.Index(column.labels.size());
      Datum datum = Datum::OfText(column.labels[code]);
      datum.integer = static_cast<int64_t>(code);
      return datum;
    }
    case Kind::kUuid:
      return Datum::OfText(DrawUuid(draws));
    case Kind::kDate: {
      const int64_t instant = DrawInstant(draws, focus, wild);
      return Datum::OfInteger((instant - (instant < 0 ? kDayUs - 1 : 0)) / kDayUs);
    }
    case Kind::kTimestamptz:
    case Kind::kTimestamp:
    case Kind::kDuration:
      return Datum::OfInteger(DrawInstant(draws, focus, wild));
    case Kind::kInterval:
      return DrawInterval(draws, wild);
    case Kind::kBytea:
      return Datum::OfText(DrawBytes(draws));
    case Kind::kList:
      return DrawList(draws, type, column, focus, wild);
  }
  return {};
}

std::vector<Datum> DrawColumn(Draws& draws, Column& column, size_t num_rows,
                              const TimeFocus& focus) {
  const Shape shape = DrawShape(draws, column.type.kind);
  const int wild = draws.Of({3, 30, 80});
  const uint64_t null_percent = draws.Of<uint64_t>({0, 0, 0, 2, 12, 50});
  column.is_dyadic = shape == Shape::kDyadic;
  std::vector<Datum> pool;
  for (uint64_t i = 1 + draws.Below(4); i > 0; --i) {
    pool.push_back(DrawDatum(draws, column.type, column, focus, wild));
  }
  std::vector<Datum> values;
  for (size_t row = 0; row < num_rows; ++row) {
    if (shape == Shape::kAllNull || draws.Percent(null_percent)) {
      values.emplace_back();
    } else if (shape == Shape::kDyadic) {
      values.push_back(Datum::OfNumber(static_cast<double>(draws.Between(-400, 400)) / 8));
    } else if (shape == Shape::kConstant) {
      values.push_back(pool[0]);
    } else if (shape == Shape::kSmall) {
      values.push_back(draws.Pick(pool));
    } else if (shape == Shape::kDistinct) {
      values.push_back(DistinctDatum(column, row, draws, focus));
    } else {
      values.push_back(DrawDatum(draws, column.type, column, focus, wild));
    }
  }
  RoundTimes(column.type, DrawTimeStep(draws), values);
  return values;
}

}  // namespace sextant::oracle
