#include "tests/oracle/range_generator.h"

#include "tests/oracle/relative_time.h"
#include "tests/oracle/zone_clock.h"

namespace sextant::oracle {
namespace {

constexpr int64_t kMonthsOfYear = 12;

class RangeGenerator {
 public:
  RangeGenerator(Draws& draws, const TableCase& table, const TimeFocus& focus, RequestCase& request)
      : draws_(draws), table_(table), focus_(focus), request_(request) {}

  void Draw() {
    if (draws_.OneIn(3)) return;
    if (draws_.OneIn(30)) {
      // After the samples, mostly: an empty range, at whose end there is a state (rule 16).
      const int64_t after = focus_.center_us + 3 * focus_.spread_us + 100 * kDayUs;
      request_.from = EndAt(after, RangeEnd::Form::kInstant);
    } else if (draws_.OneIn(4)) {
      DrawRelative();
    } else if (draws_.OneIn(6)) {
      DrawMonths();
    } else {
      DrawAround();
    }
  }

 private:
  RangeEnd EndAt(int64_t instant_us, RangeEnd::Form form) const {
    if (form == RangeEnd::Form::kInstant) return {form, instant_us};
    const int64_t local = LocalUs(instant_us, request_.zone);
    if (form == RangeEnd::Form::kLocal) return {form, FloorDivide(local, kSecondUs) * kSecondUs};
    return {form, FloorDivide(local, kDayUs)};
  }

  void DrawRelative() {
    const CaseClock clock = {table_.as_of_us, request_.zone, request_.week_start};
    request_.from = DrawRelativeEnd(draws_, clock, focus_, true);
    if (draws_.OneIn(4)) return;
    request_.to = DrawRelativeEnd(draws_, clock, focus_, false);
    if (request_.to->value <= request_.from->value) request_.to.reset();
  }

  RangeEnd StartOfMonth(int64_t month, RangeEnd::Form form) const {
    const int64_t year = FloorDivide(month, kMonthsOfYear);
    const int64_t days = DaysOfDate(year, static_cast<int>(month - year * kMonthsOfYear) + 1, 1);
    if (form == RangeEnd::Form::kDate) return {form, days};
    return {form, form == RangeEnd::Form::kLocal ? days * kDayUs
                                                 : FirstInstantUs(days * kDayUs, request_.zone)};
  }

  /// The months before them are not as long; there is something in these, or in those.
  void DrawMonths() {
    const int64_t center_day =
        FloorDivide(LocalUs(focus_.center_us, request_.zone), kDayUs) + draws_.Of({0, 0, 20, 40});
    const CivilDate date = DateOfDays(center_day);
    const int64_t month = date.year * kMonthsOfYear + date.month - 1;
    const auto form = draws_.Of({RangeEnd::Form::kDate, RangeEnd::Form::kDate,
                                 RangeEnd::Form::kLocal, RangeEnd::Form::kInstant});
    request_.from = StartOfMonth(month, form);
    request_.to = StartOfMonth(month + draws_.Of<int64_t>({1, 1, 1, 2, 3, 12}), form);
  }

  void DrawAround() {
    const auto form = draws_.Of({RangeEnd::Form::kInstant, RangeEnd::Form::kInstant,
                                 RangeEnd::Form::kDate, RangeEnd::Form::kLocal});
    const int64_t least = form == RangeEnd::Form::kDate ? 2 * kDayUs + 2 * kHourUs : 4 * kHourUs;
    const int64_t half = focus_.spread_us;
    const int64_t from = focus_.center_us + draws_.Between(-half - kHourUs, half / 2);
    const int64_t to = from + least + draws_.Between(0, 2 * half);
    if (!draws_.OneIn(6)) request_.from = EndAt(from, form);
    if (!draws_.OneIn(6)) request_.to = EndAt(to, form);
  }

  Draws& draws_;
  const TableCase& table_;
  const TimeFocus& focus_;
  RequestCase& request_;
};

}  // namespace

void DrawRange(Draws& draws, const TableCase& table, const TimeFocus& focus, RequestCase& request) {
  RangeGenerator(draws, table, focus, request).Draw();
}

void MoveByDays(RangeEnd& end, int64_t days) {
  end.value += end.form == RangeEnd::Form::kDate ? days : days * kDayUs;
}

}  // namespace sextant::oracle
