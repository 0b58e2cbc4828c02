#include "compute/operators/sample_pin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "compute/column/bitmap.h"
#include "compute/operators/filter.h"
#include "compute/plan/binder.h"
#include "compute/plan/calendar.h"
#include "compute/plan/instant_text.h"
#include "compute/plan/time_zone.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr int64_t kHourUs = int64_t{3600} * 1'000'000;
constexpr int64_t kDayUs = 24 * kHourUs;

/// (row, interval) pairs in the order in which a pin hands them on.
using Samples = std::vector<std::pair<uint32_t, uint32_t>>;

struct Pinned {
  Samples samples;
  std::vector<uint32_t> sampled;  // rows, of FindSampled
  uint64_t excluded = 0;
  std::optional<SamplePin::Bounds> bounds;
};

BoundPin PinOf(const Table& table, TimePin::Kind kind, const std::string& start,
               const std::string& end = "") {
  const auto value = [&](const std::string& name) {
    BoundValue bound;
    if (name.empty()) return bound;
    bound.column = table.schema().Find(name).value();
    bound.type = table.schema().field(bound.column).type;
    return bound;
  };
  return {kind, value(start), value(end), nullptr};
}

/// Those of `rows` that the pin's own condition leaves.
std::vector<uint32_t> RowsWithin(const SamplePin& pin, const Table& table,
                                 const std::vector<uint32_t>& rows) {
  if (!pin.within()) return rows;
  std::vector<uint64_t> words(BitmapWords(kMaxChunkRows));
  for (const uint32_t row : rows) words[row / 64] |= uint64_t{1} << (row % 64);
  const Filter filter = Filter::Create(pin.within(), table, TestBudget()).value();
  FilterScratch scratch = filter.MakeScratch(TestBudget()).value();
  const auto num_words = static_cast<uint32_t>(BitmapWords(table.chunk(0).num_rows()));
  const Selection selection = {words.data(), 0, num_words};
  if (filter.Skips(table.chunk(0))) {
    selection.Clear();
  } else {
    filter.Narrow(table.chunk(0), selection, scratch);
  }
  std::vector<uint32_t> within;
  for (const uint32_t row : rows) {
    if ((words[row / 64] >> (row % 64) & 1) != 0) within.push_back(row);
  }
  return within;
}

/// What `pin` makes of every row of the first chunk, in batches of `batch_rows`.
Pinned Expanded(const BoundPin& pin, const Table& table, const std::vector<ResolvedSeries>& series,
                const absl::TimeZone& zone, size_t batch_rows = 1024, int64_t as_of_us = 0) {
  MemoryReservation memory(TestBudget());
  const auto made = SamplePin::Create(pin, {table, series, zone, memory});
  EXPECT_TRUE(made.ok()) << made.status();
  const Chunk& chunk = table.chunk(0);
  std::vector<uint32_t> rows(chunk.num_rows());
  std::iota(rows.begin(), rows.end(), 0);
  PinScratch scratch(TestBudget());
  Pinned result;
  for (size_t first = 0; first < rows.size(); first += batch_rows) {
    const std::vector<uint32_t> all(
        rows.begin() + static_cast<ptrdiff_t>(first),
        rows.begin() + static_cast<ptrdiff_t>(std::min(first + batch_rows, rows.size())));
    std::vector<uint64_t> selected(BitmapWords(chunk.num_rows()));
    for (const uint32_t row : all) SetBit(selected, row);
    made->WidenBounds(chunk, {selected.data(), 0, static_cast<uint32_t>(selected.size())}, as_of_us,
                      result.bounds);
    const std::vector<uint32_t> batch = RowsWithin(*made, table, all);
    const auto append = [&](const SamplePin::Samples& samples) {
      EXPECT_LE(samples.size, 1024u);
      for (size_t i = 0; i < samples.size; ++i) {
        const size_t position = samples.positions == nullptr ? i : samples.positions[i];
        result.samples.emplace_back(batch[position], samples.intervals[i]);
      }
      return absl::OkStatus();
    };
    EXPECT_EQ(made->Expand(chunk, batch, scratch, append), absl::OkStatus());
    std::vector<uint8_t> sampled(batch.size(), 7);
    const auto excluded = made->FindSampled(chunk, batch, scratch, sampled.data());
    EXPECT_TRUE(excluded.ok()) << excluded.status();
    result.excluded += *excluded;
    for (size_t k = 0; k < batch.size(); ++k) {
      EXPECT_LE(sampled[k], 1);
      if (sampled[k] == 1) result.sampled.push_back(batch[k]);
    }
  }
  return result;
}

ResolvedSeries SeriesOf(std::vector<int64_t> borders_us) {
  ResolvedSeries series;
  series.series.unit = CalendarUnit::kDay;
  for (size_t i = 1; i < borders_us.size(); ++i) {
    series.intervals.push_back({borders_us[i - 1], borders_us[i], false});
  }
  return series;
}

const ColumnCells kStarts = {
    "s", DataType::Of(TypeKind::kTimestamp), {Int(5), Int(10), Int(15), Int(12), Null(), Int(40)}};
const ColumnCells kEnds = {
    "e", DataType::Of(TypeKind::kTimestamp), {Int(20), Int(10), Null(), Int(11), Int(12), Null()}};
/// [0, 10), [10, 20), [20, 30).
const std::vector<ResolvedSeries>& Tens() {
  static const auto& tens = *new std::vector<ResolvedSeries>{SeriesOf({0, 10, 20, 30})};
  return tens;
}

TEST(SamplePinTest, Rule16ASpanIsInEveryIntervalThatItOverlaps) {
  const auto table = TableOf({kStarts, kEnds});
  const Pinned pinned = Expanded(PinOf(*table, TimePin::Kind::kDuring, "s", "e"), *table, Tens(),
                                 absl::UTCTimeZone());
  // [5, 20) does not reach into [20, 30); [10, 10) is the instant 10; NULL is open.
  EXPECT_THAT(pinned.samples,
              ElementsAre(Pair(0, 0), Pair(0, 1), Pair(1, 1), Pair(2, 1), Pair(2, 2)));
  EXPECT_THAT(pinned.sampled, ElementsAre(0, 1, 2));
  // 12 to 11; a NULL start is no span, and not excluded.
  EXPECT_EQ(pinned.excluded, 1u);
}

TEST(SamplePinTest, Rule16AsOfEndIsTheStateAtTheEndOfAnInterval) {
  const auto table = TableOf({kStarts, kEnds});
  const Pinned pinned = Expanded(PinOf(*table, TimePin::Kind::kAsOfEnd, "s", "e"), *table, Tens(),
                                 absl::UTCTimeZone());
  // (5, 20] has the ends 10 and 20; (10, 10] has none; (15, ..] has 20 and 30.
  EXPECT_THAT(pinned.samples, ElementsAre(Pair(0, 0), Pair(0, 1), Pair(2, 1), Pair(2, 2)));
  EXPECT_EQ(pinned.excluded, 1u);
}

TEST(SamplePinTest, Rule14BoundsOfSpansDoNotHoldTheEndsOfDuring) {
  const auto table = TableOf({{"s", DataType::Of(TypeKind::kTimestamp), {Int(5), Int(10)}},
                              {"e", DataType::Of(TypeKind::kTimestamp), {Int(20), Int(10)}}});
  const auto last_of = [&](TimePin::Kind kind) {
    const BoundPin pin = PinOf(*table, kind, "s", "e");
    return Expanded(pin, *table, {}, absl::UTCTimeZone(), 1024, 99).bounds->max;
  };
  EXPECT_EQ(last_of(TimePin::Kind::kDuring), 19);
  EXPECT_EQ(last_of(TimePin::Kind::kAsOfEnd), 20);
}

TEST(SamplePinTest, Rule14BoundsOfSpansCountAnOpenEndAsOfTheData) {
  const auto table = TableOf({kStarts, kEnds});
  const BoundPin pin = PinOf(*table, TimePin::Kind::kDuring, "s", "e");
  const auto early = Expanded(pin, *table, {}, absl::UTCTimeZone(), 1024, 30).bounds;
  EXPECT_THAT(std::pair(early->min, early->max), Pair(5, 40));  // it began after data were read
  EXPECT_EQ(Expanded(pin, *table, {}, absl::UTCTimeZone(), 1024, 99).bounds->max, 99);
}

TEST(SamplePinTest, AListIsOnceInEveryIntervalThatHoldsAnElement) {
  const auto table = TableOf({{"l",
                               DataType::ListOf(TypeKind::kTimestamp),
                               {List({Int(25), Int(1), Int(2), Null()}), List({}), Null(),
                                List({Null()}), List({Int(-1), Int(30)}), List({Int(11)})}}});
  const Pinned pinned =
      Expanded(PinOf(*table, TimePin::Kind::kAt, "l"), *table, Tens(), absl::UTCTimeZone());
  EXPECT_THAT(pinned.samples, ElementsAre(Pair(0, 0), Pair(0, 2), Pair(5, 1)));
  EXPECT_THAT(pinned.sampled, ElementsAre(0, 5));
  EXPECT_EQ(pinned.excluded, 0u);
  EXPECT_EQ(pinned.bounds->min, -1);
  EXPECT_EQ(pinned.bounds->max, 30);
}

TEST(SamplePinTest, ALongListIsReadInPieces) {
  std::vector<Cell> elements(3000, Int(25));
  elements[1500] = Int(5);
  elements[2999] = Int(15);
  const auto table =
      TableOf({{"l", DataType::ListOf(TypeKind::kTimestamp), {List(std::move(elements))}}});
  EXPECT_THAT(
      Expanded(PinOf(*table, TimePin::Kind::kAt, "l"), *table, Tens(), absl::UTCTimeZone()).samples,
      ElementsAre(Pair(0, 0), Pair(0, 1), Pair(0, 2)));
}

TEST(SamplePinTest, WithoutAPinARowIsInTheIntervalOfAll) {
  const auto table = TableOf({kStarts});
  ResolvedSeries all;
  all.intervals = {{0, 1, false}};
  const Pinned pinned = Expanded({}, *table, {SeriesOf({0, 1, 2}), all}, absl::UTCTimeZone());
  EXPECT_EQ(pinned.samples.size(), 6u);
  EXPECT_THAT(pinned.samples[5], Pair(5, 2));
  EXPECT_EQ(pinned.sampled.size(), 6u);
  EXPECT_EQ(pinned.bounds, std::nullopt);
}

TEST(SamplePinTest, ASeriesWithoutIntervalsHasNoSamples) {
  const auto table = TableOf({kStarts, kEnds});
  for (const TimePin::Kind kind :
       {TimePin::Kind::kAt, TimePin::Kind::kDuring, TimePin::Kind::kAsOfEnd}) {
    const Pinned pinned =
        Expanded(PinOf(*table, kind, "s", "e"), *table, {SeriesOf({})}, absl::UTCTimeZone());
    EXPECT_THAT(pinned.samples, IsEmpty());
    EXPECT_THAT(pinned.sampled, IsEmpty());
  }
}

TEST(SamplePinTest, Rule10DatesOfASpanAreMidnightsOfTheZone) {
  const absl::TimeZone apia = FindTimeZone("Pacific/Apia").value();
  const int64_t skipped = absl::CivilDay(2011, 12, 30) - absl::CivilDay(1970, 1, 1);
  const auto table = TableOf(
      {{"s", DataType::Of(TypeKind::kDate), {Int(skipped - 1), Int(skipped), Int(skipped)}},
       {"e", DataType::Of(TypeKind::kDate), {Int(skipped), Int(skipped + 1), Int(skipped + 2)}}});
  const auto borders = [&](int64_t day) { return MidnightOf(apia, day); };
  const std::vector<ResolvedSeries> series = {
      SeriesOf({borders(skipped - 1), borders(skipped), borders(skipped + 2)})};
  // 30 December was skipped: it begins where the 31st does, so the second span is an instant.
  EXPECT_THAT(
      Expanded(PinOf(*table, TimePin::Kind::kDuring, "s", "e"), *table, series, apia).samples,
      ElementsAre(Pair(0, 0), Pair(1, 1), Pair(2, 1)));
}

TEST(SamplePinTest, FarDatesAreLookedUpOneByOne) {
  const auto table = TableOf(
      {{"s", DataType::Of(TypeKind::kDate), {Int(-700'000), Int(0), Int(INT32_MAX), Int(5)}},
       {"e", DataType::Of(TypeKind::kDate), {Int(1), Int(INT32_MAX), Null(), Int(INT32_MIN)}}});
  const std::vector<ResolvedSeries> series = {SeriesOf({0, kDayUs, 2 * kDayUs})};
  const Pinned pinned = Expanded(PinOf(*table, TimePin::Kind::kDuring, "s", "e"), *table, series,
                                 absl::UTCTimeZone());
  EXPECT_THAT(pinned.samples, ElementsAre(Pair(0, 0), Pair(1, 0), Pair(1, 1)));
  EXPECT_EQ(pinned.excluded, 1u);
}

TEST(SamplePinTest, ManySamplesOfARowComeInBatches) {
  std::vector<int64_t> borders(5001);
  std::iota(borders.begin(), borders.end(), 0);
  const auto table = TableOf({{"s", DataType::Of(TypeKind::kTimestamp), {Int(-5), Int(4998)}},
                              {"e", DataType::Of(TypeKind::kTimestamp), {Null(), Null()}}});
  const Pinned pinned = Expanded(PinOf(*table, TimePin::Kind::kDuring, "s", "e"), *table,
                                 {SeriesOf(borders)}, absl::UTCTimeZone());
  ASSERT_EQ(pinned.samples.size(), 5002u);
  EXPECT_THAT(pinned.samples[4999], Pair(0, 4999));
  EXPECT_THAT(pinned.samples[5001], Pair(1, 4999));
}

TEST(SamplePinTest, TheTablesOfManySeriesAreCharged) {
  const auto table = TableOf({kStarts, kEnds});
  MemoryBudget budget("test", 10'000);
  MemoryReservation memory(budget);
  std::vector<int64_t> borders(1000);
  std::iota(borders.begin(), borders.end(), 0);
  const std::vector<ResolvedSeries> series(3, SeriesOf(borders));
  const auto made = SamplePin::Create(PinOf(*table, TimePin::Kind::kAt, "s"),
                                      {*table, series, absl::UTCTimeZone(), memory});
  EXPECT_EQ(made.status().code(), absl::StatusCode::kResourceExhausted);
}

/// What rules 10 and 16 say, interval by interval.
class Reference {
 public:
  Reference(const Table& table, absl::TimeZone zone) : table_(table), zone_(std::move(zone)) {}

  bool Holds(const BoundPin& pin, uint32_t row, const ResolvedInterval& interval) const {
    if (pin.kind == TimePin::Kind::kAt && pin.start.type.kind == TypeKind::kList) {
      const Column& list = table_.chunk(0).column(pin.start.column);
      for (uint32_t at = list.offsets()[row]; at < list.offsets()[row + 1]; ++at) {
        const auto instant = InstantAt(list.elements(), at);
        if (instant && interval.start_us <= *instant && *instant < interval.end_us) return true;
      }
      return false;
    }
    const auto start = InstantAt(table_.chunk(0).column(pin.start.column), row);
    if (!start) return false;
    const bool holds_start = interval.start_us <= *start && *start < interval.end_us;
    if (pin.kind == TimePin::Kind::kAt) return holds_start;
    const auto end = InstantAt(table_.chunk(0).column(pin.end.column), row);
    if (end && *start > *end) return false;
    if (pin.kind == TimePin::Kind::kAsOfEnd) {
      return *start < interval.end_us && (!end || interval.end_us <= *end);
    }
    if (end && *start == *end) return holds_start;
    return *start < interval.end_us && (!end || *end > interval.start_us);
  }

  bool IsExcluded(const BoundPin& pin, uint32_t row) const {
    if (pin.kind == TimePin::Kind::kAt) return false;
    const auto start = InstantAt(table_.chunk(0).column(pin.start.column), row);
    const auto end = InstantAt(table_.chunk(0).column(pin.end.column), row);
    return start && end && *start > *end;
  }

 private:
  std::optional<int64_t> InstantAt(const Column& column, uint32_t row) const {
    if (column.IsNull(row)) return std::nullopt;
    const int64_t value = column.IntegerAt(row);
    if (column.type().kind != TypeKind::kDate) return value;
    return FirstInstantUs(absl::CivilSecond(absl::CivilDay(1970, 1, 1) + value), zone_);
  }

  const Table& table_;
  const absl::TimeZone zone_;
};

/// Instants around `middle_us`, on hours and next to them, now and then far away or NULL.
Cell RandomInstant(std::mt19937_64& random, int64_t middle_us, bool is_date) {
  switch (random() % 12) {
    case 0:
      return Null();
    case 1:
      return Int(is_date ? -20'000 : -int64_t{20'000} * kDayUs);
    case 2:
      return Int(is_date ? 40'000 : int64_t{40'000} * kDayUs);
    default:
      break;
  }
  const int64_t hours = static_cast<int64_t>(random() % 720) - 360;
  const int64_t instant_us = middle_us + hours * kHourUs + static_cast<int64_t>(random() % 3) - 1;
  return Int(is_date ? instant_us / kDayUs : instant_us);
}

/// Two timestamps, two dates and a list of timestamps, 300 rows around an instant.
std::shared_ptr<const Table> RandomTimes(std::mt19937_64& random, int64_t middle_us) {
  std::vector<ColumnCells> columns;
  for (const char* name : {"s", "e"}) {
    for (const bool is_date : {false, true}) {
      ColumnCells& column = columns.emplace_back();
      column.name = std::string(name) + (is_date ? "_date" : "_time");
      column.type = DataType::Of(is_date ? TypeKind::kDate : TypeKind::kTimestamp);
      for (int row = 0; row < 300; ++row) {
        column.cells.push_back(RandomInstant(random, middle_us, is_date));
      }
    }
  }
  ColumnCells& list = columns.emplace_back();
  list.name = "times";
  list.type = DataType::ListOf(TypeKind::kTimestamp);
  for (int row = 0; row < 300; ++row) {
    std::vector<Cell> elements;
    for (uint64_t i = random() % 5; i > 0; --i) {
      elements.push_back(RandomInstant(random, middle_us, false));
    }
    list.cells.push_back(List(std::move(elements)));
  }
  return TableOf(columns);
}

/// Every form of a pin over RandomTimes.
std::vector<BoundPin> AllPins(const Table& table) {
  std::vector<BoundPin> pins;
  for (const TimePin::Kind kind : {TimePin::Kind::kDuring, TimePin::Kind::kAsOfEnd}) {
    for (const char* start : {"s_time", "s_date"}) {
      for (const char* end : {"e_time", "e_date"}) pins.push_back(PinOf(table, kind, start, end));
    }
  }
  for (const char* at : {"s_time", "s_date", "times"}) {
    pins.push_back(PinOf(table, TimePin::Kind::kAt, at));
  }
  return pins;
}

void ExpectAsTheRuleSays(const Reference& reference, const BoundPin& pin, const Pinned& pinned,
                         const std::vector<ResolvedSeries>& series) {
  std::set<std::pair<uint32_t, uint32_t>> expected;
  std::set<uint32_t> sampled;
  uint64_t excluded = 0;
  uint32_t first_code = 0;
  for (const ResolvedSeries& one : series) {
    for (uint32_t i = 0; i < one.intervals.size(); ++i) {
      for (uint32_t row = 0; row < 300; ++row) {
        if (!reference.Holds(pin, row, one.intervals[i])) continue;
        expected.emplace(row, first_code + i);
        sampled.insert(row);
      }
    }
    first_code += static_cast<uint32_t>(one.intervals.size());
  }
  for (uint32_t row = 0; row < 300; ++row) excluded += reference.IsExcluded(pin, row) ? 1 : 0;
  Samples found = pinned.samples;
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, Samples(expected.begin(), expected.end()));
  EXPECT_EQ(pinned.sampled, std::vector<uint32_t>(sampled.begin(), sampled.end()));
  EXPECT_EQ(pinned.excluded, excluded);
  // What a cell gets is in row order.
  std::vector<uint32_t> last_row(first_code, 0);
  for (const auto& [row, interval] : pinned.samples) {
    EXPECT_LE(last_row[interval], row);
    last_row[interval] = row;
  }
}

TEST(SamplePinTest, Rule16AgreesWithTheRuleOnRandomRows) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const char* const zones[] = {"UTC", "Pacific/Apia", "America/Havana", "Australia/Lord_Howe"};
    const char* const middles[] = {"2024-03-31", "2011-12-30", "2024-11-03", "2024-04-07"};
    const size_t which = random() % 4;
    const absl::TimeZone zone = FindTimeZone(zones[which]).value();
    const int64_t middle_us = ParseTimestampTzUs(middles[which], zone).value();
    const auto table = RandomTimes(random, middle_us);
    BoundQuery query;
    query.time_zone = zone;
    query.exclude_partial = random() % 2 == 0;
    query.series = {{},
                    {CalendarUnit::kDay},
                    {CalendarUnit::kHour, 6},
                    {CalendarUnit::kWeek},
                    {CalendarUnit::kYear},
                    {CalendarUnit::kDay, 3, true}};
    const auto series =
        ResolveSeries(query, middle_us - 10 * kDayUs - kHourUs / 2, middle_us + 8 * kDayUs + 7);
    ASSERT_TRUE(series.ok()) << series.status();
    const Reference reference(*table, zone);
    for (const BoundPin& pin : AllPins(*table)) {
      SCOPED_TRACE(ToString(pin));
      ExpectAsTheRuleSays(reference, pin, Expanded(pin, *table, *series, zone, 1 + random() % 300),
                          *series);
    }
  }
}

TEST(SamplePinBoundsTest, AreThoseOfTheSelectedRowsThatHaveATime) {
  std::mt19937_64 random(21);
  for (int round = 0; round < 60; ++round) {
    SCOPED_TRACE(round);
    const auto num_rows = static_cast<uint32_t>(1 + random() % 3000);
    const uint64_t span = uint64_t{1} << (1 + random() % 50);
    std::vector<Cell> cells;
    std::vector<std::optional<int64_t>> times;
    for (uint32_t row = 0; row < num_rows; ++row) {
      const auto time_us = static_cast<int64_t>(random() % span) - 1'000;
      times.push_back(random() % 5 == 0 ? std::nullopt : std::optional(time_us));
      cells.push_back(times.back() ? Int(time_us) : Null());
    }
    const auto table = TableOf({{"at", DataType::Of(TypeKind::kTimestamp), cells}});
    MemoryReservation memory(TestBudget());
    const auto pin = SamplePin::Create(PinOf(*table, TimePin::Kind::kAt, "at"),
                                       {*table, {}, absl::UTCTimeZone(), memory});
    ASSERT_TRUE(pin.ok()) << pin.status();
    for (const uint64_t one_in : {1, 2, 50, 4000}) {
      std::vector<uint64_t> words(BitmapWords(num_rows));
      std::optional<int64_t> min;
      std::optional<int64_t> max;
      for (uint32_t row = 0; row < num_rows; ++row) {
        if (random() % one_in != 0) continue;
        SetBit(words, row);
        if (!times[row]) continue;
        min = std::min(min.value_or(*times[row]), *times[row]);
        max = std::max(max.value_or(*times[row]), *times[row]);
      }
      std::optional<SamplePin::Bounds> bounds;
      pin->WidenBounds(table->chunk(0), {words.data(), 0, static_cast<uint32_t>(words.size())}, 0,
                       bounds);
      ASSERT_EQ(bounds.has_value(), min.has_value());
      if (!bounds) continue;
      EXPECT_EQ(bounds->min, *min);
      EXPECT_EQ(bounds->max, *max);
      for (const SamplePin::Bounds known :
           {SamplePin::Bounds{-1'000, static_cast<int64_t>(span)}, SamplePin::Bounds{*min, *min},
            SamplePin::Bounds{*max + 1, *max + 1}, SamplePin::Bounds{0, 5}}) {
        bounds = known;
        pin->WidenBounds(table->chunk(0), {words.data(), 0, static_cast<uint32_t>(words.size())}, 0,
                         bounds);
        EXPECT_EQ(bounds->min, std::min(known.min, *min));
        EXPECT_EQ(bounds->max, std::max(known.max, *max));
      }
    }
  }
}

TEST(SamplePinBoundsTest, ADateIsComparedWithKnownBoundsAsAMidnight) {
  const auto table = TableOf({{"day", DataType::Of(TypeKind::kDate), {Int(1), Int(3), Int(2)}}});
  MemoryReservation memory(TestBudget());
  const auto pin = SamplePin::Create(PinOf(*table, TimePin::Kind::kAt, "day"),
                                     {*table, {}, absl::UTCTimeZone(), memory});
  ASSERT_TRUE(pin.ok()) << pin.status();
  uint64_t word = 0b011;  // of days 1 and 3
  std::optional<SamplePin::Bounds> bounds = SamplePin::Bounds{0, 10};
  pin->WidenBounds(table->chunk(0), {&word, 0, 1}, 0, bounds);
  EXPECT_EQ(bounds->min, 0);
  EXPECT_EQ(bounds->max, int64_t{3} * 86'400 * 1'000'000);
}

}  // namespace
}  // namespace sextant
