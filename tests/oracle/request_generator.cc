#include "tests/oracle/request_generator.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "tests/oracle/cell_generator.h"
#include "tests/oracle/dataset_split.h"
#include "tests/oracle/expression_generator.h"
#include "tests/oracle/frames.h"
#include "tests/oracle/histograms.h"
#include "tests/oracle/intervals.h"
#include "tests/oracle/key_split.h"
#include "tests/oracle/metric_generator.h"
#include "tests/oracle/naive_value.h"
#include "tests/oracle/periods.h"
#include "tests/oracle/range_generator.h"
#include "tests/oracle/statistics.h"
#include "tests/oracle/zone_clock.h"

namespace sextant::oracle {
namespace {

class RequestGenerator {
 public:
  RequestGenerator(uint64_t seed, const GeneratedTable& generated)
      : draws_(seed),
        table_(generated.table),
        focus_(generated.focus),
        request_{.seed = seed, .zone = DrawZone(draws_, generated.focus)},
        expressions_(draws_, table_, focus_, request_.zone) {}

  RequestCase Generate() {
    request_.is_of_datasets = table_.second >= 0 && draws_.OneIn(2);
    DrawTenant();
    request_.week_start = static_cast<int>(draws_.OneIn(2) ? 1 : draws_.Between(1, 7));
    DrawRange(draws_, table_, focus_, request_);
    DrawSeries();
    MetricGenerator metrics(draws_, table_, expressions_, request_.HasTimeAxis());
    DrawMetrics(metrics);
    if (draws_.OneIn(6)) DrawComparison();
    CellGenerator cells(draws_, table_, expressions_, request_);
    DrawAxes(cells);
    cells.DrawShape(NumIntervals());
    if (!draws_.OneIn(3)) DrawFilter();
    DrawOrder();
    if (draws_.OneIn(6)) DrawClip();
    request_.as_typed_filter = draws_.OneIn(4);
    if (!draws_.OneIn(4) && CanAskPerKey(table_, request_)) DrawLevels();
    if (draws_.OneIn(6)) {
      DrawHistograms(draws_, table_, request_);
    } else if (!request_.compare && draws_.OneIn(5)) {
      DrawStatistics(draws_, table_.rows.size(), request_);
    }
    return std::move(request_);
  }

 private:
  static void SetPerKey(MetricSpec& metric) {
    metric.is_per_key = true;
    for (MetricSpec& component : metric.components) SetPerKey(component);
  }

  /// Mostly all metrics are of two levels.
  void DrawLevels() {
    request_.is_per_key = true;
    const bool is_mixed = draws_.OneIn(4);
    for (MetricSpec& metric : request_.metrics) {
      if (!is_mixed || draws_.OneIn(2)) SetPerKey(metric);
    }
  }

  void DrawMetrics(MetricGenerator& metrics) {
    if (!request_.is_of_datasets && draws_.OneIn(20)) {
      request_.metrics = metrics.DrawSums();
      return;
    }
    for (uint64_t i = (request_.is_of_datasets ? 2 : 1) + draws_.Below(4); i > 0; --i) {
      const std::string name = absl::StrCat("m", request_.metrics.size());
      request_.metrics.push_back(request_.is_of_datasets ? DrawOfDataset(metrics, name)
                                                         : metrics.Draw(name));
    }
  }

  /// What a metric was.
  static MetricSpec PreviousOf(const MetricSpec& metric) {
    MetricSpec previous = metric;
    previous.name += ".previous";
    previous.frame.is_compared = true;
    return previous;
  }

  /// Years are 52 weeks in series of weeks. Where a zone skipped a day a range so long ago may
  /// begin or end with the range itself: then one has more periods of a calendar than the other,
  /// whatever these are.
  bool IsRefused(const PeriodSpec& offset) const {
    const int64_t start_us = NaiveInstant(*request_.from, request_.zone);
    const int64_t end_us = NaiveInstant(*request_.to, request_.zone);
    const auto is_refused = [&](const PeriodSpec& period) {
      const Interval before = NaiveRangeBefore(request_, period);
      return before.start_us >= before.end_us || before.start_us == start_us ||
             before.end_us == end_us;
    };
    const bool is_of_years = offset.months != 0 && offset.months % 12 == 0;
    return is_refused(offset) || (is_of_years && is_refused({.days = offset.months / 12 * 52 * 7}));
  }

  /// So many years after what happens, where weeks are compared with those of 52 weeks a year ago.
  void AskOfYears(const PeriodSpec& offset) {
    const bool is_relative = request_.from->form == RangeEnd::Form::kRelative ||
                             request_.to->form == RangeEnd::Form::kRelative;
    if (!is_relative && draws_.OneIn(2)) {
      MoveByDays(*request_.from, offset.months / 12 * 364);
      MoveByDays(*request_.to, offset.months / 12 * 364);
    }
    if (request_.HasTimeAxis() && draws_.OneIn(2)) {
      request_.series = {{.unit = Unit::kWeek, .count = draws_.OneIn(4) ? 2 : 1}};
    }
  }

  /// Where the range and all metrics have a time: each metric is followed by what it was.
  void DrawComparison() {
    const auto has_time = [](const MetricSpec& metric) {
      const std::vector<Lane> lanes = LanesOf(metric);
      return std::all_of(lanes.begin(), lanes.end(),
                         [](const Lane& lane) { return lane.pin != MetricSpec::Pin::kNone; });
    };
    const std::vector<MetricSpec> metrics = std::move(request_.metrics);
    request_.metrics.clear();
    const bool can_compare =
        request_.from && request_.to && std::all_of(metrics.begin(), metrics.end(), has_time);
    CompareSpec compare = {.is_previous = draws_.OneIn(2), .text = "previous"};
    if (!compare.is_previous) {
      const Period period = DrawPeriod(draws_);
      compare.text = period.text;
      compare.offset = period.length;
      if (can_compare && period.length.months >= 12) AskOfYears(period.length);
      if (can_compare && IsRefused(period.length)) compare = {true, "previous", {}};
    }
    for (const MetricSpec& metric : metrics) {
      request_.metrics.push_back(metric);
      if (!can_compare) continue;
      request_.metrics.push_back(PreviousOf(metric));
    }
    if (!can_compare) return;
    request_.compare = std::move(compare);
    if (request_.HasTimeAxis() && draws_.OneIn(3)) request_.series = {DrawPeriods()};
    for (SeriesSpec& series : request_.series) {
      if (series.unit == Unit::kPeriod) AddEarlierPeriods(series);
    }
  }

  /// Makes both ranges consist of as many periods.
  void EqualizePeriods(const Interval& asked, const Interval& earlier,
                       std::set<int64_t>& borders_us) {
    borders_us.insert({asked.start_us, asked.end_us, earlier.start_us, earlier.end_us});
    const auto count_in = [&](const Interval& range) {
      return std::distance(borders_us.find(range.start_us), borders_us.find(range.end_us));
    };
    for (int attempt = 0; attempt < 64 && count_in(asked) != count_in(earlier); ++attempt) {
      const Interval& fewer = count_in(asked) < count_in(earlier) ? asked : earlier;
      borders_us.insert(fewer.start_us + draws_.Between(0, fewer.end_us - fewer.start_us));
    }
    if (count_in(asked) == count_in(earlier)) return;
    // With their ends alone they have as many, whether they overlap or not: each begins and ends
    // before the other.
    std::erase_if(borders_us, [&](int64_t border_us) {
      const auto is_inside = [&](const Interval& range) {
        return range.start_us < border_us && border_us < range.end_us;
      };
      return is_inside(asked) || is_inside(earlier);
    });
    borders_us.insert({asked.start_us, asked.end_us, earlier.start_us, earlier.end_us});
  }

  /// What the product requires of the periods of an earlier range: as many before a range of whole
  /// ones, which most are made to be; as many in one of so long ago.
  void AddEarlierPeriods(SeriesSpec& series) {
    const Interval whole = {0, NaiveInstant(*request_.from, request_.zone),
                            NaiveInstant(*request_.to, request_.zone), false};
    std::set<int64_t> borders_us(series.borders_us.begin(), series.borders_us.end());
    const bool is_previous = request_.compare->is_previous;
    if (is_previous && !draws_.OneIn(4)) borders_us.insert({whole.start_us, whole.end_us});
    if (!is_previous) {
      EqualizePeriods(whole, NaiveRangeBefore(request_, request_.compare->offset), borders_us);
    }
    const auto from = borders_us.find(whole.start_us);
    const auto to = borders_us.find(whole.end_us);
    const bool has_whole = from != borders_us.end() && to != borders_us.end();
    while (is_previous && has_whole &&
           std::distance(borders_us.begin(), from) < std::distance(from, to)) {
      borders_us.insert(whole.start_us - 1 - draws_.Between(0, 4 * focus_.spread_us + kDayUs));
    }
    series.borders_us.assign(borders_us.begin(), borders_us.end());
  }

  /// Whether the product clips such samples.
  bool CanClip(const AggregateExpr& aggregate, MetricSpec::Pin pin) const {
    if (pin != MetricSpec::Pin::kAt || aggregate.args.size() != 1) return false;
    const Expr& value = aggregate.args[0];
    const bool is_column = value.op == Op::kColumn && IsNumber(value.type.kind) &&
                           !(value.type.kind == Kind::kNumeric && value.type.precision > 18);
    return aggregate.kind != Aggregate::kTopValues &&
           (is_column || value.type.kind == Kind::kDuration);
  }

  void DrawClipOf(MetricSpec& metric) {
    metric.request_clips = true;
    if (metric.form == MetricSpec::Form::kThreshold) {
      const MetricSpec& of = metric.components[0];
      if (CanClip(of.aggregate, of.pin) && draws_.OneIn(2)) metric.clip = true;
      return;
    }
    for (MetricSpec& component : metric.components) DrawClipOf(component);
    if (metric.form != MetricSpec::Form::kExpression) return;
    bool can_all = CanClip(metric.aggregate, metric.pin);
    bool can_means = can_all || metric.aggregate.kind != Aggregate::kAvg;
    for (const AggregateExpr& second : metric.second) {
      const bool can = CanClip(second, metric.pin);
      can_all = can_all && can;
      can_means = can_means && (can || second.kind != Aggregate::kAvg);
    }
    if (!can_means) {
      metric.clip = false;
    } else if (can_all && draws_.OneIn(2)) {
      metric.clip = draws_.OneIn(4) ? false : true;
    }
  }

  bool HasListPin(const MetricSpec& metric) const {
    const bool is_list = metric.start >= 0 &&
                         table_.columns[static_cast<size_t>(metric.start)].type.kind == Kind::kList;
    return is_list ||
           std::any_of(metric.components.begin(), metric.components.end(),
                       [this](const MetricSpec& component) { return HasListPin(component); });
  }

  /// Whether the times in lists are all within the years of a life.
  bool HasNearLists() const {
    constexpr int64_t kFarUs = 30'000 * kDayUs;
    for (const Row& row : table_.rows) {
      for (size_t i = 0; i < row.size(); ++i) {
        if (table_.columns[i].type.element != Kind::kTimestamptz) continue;
        for (const Datum& element : row[i].elements) {
          if (element.integer < -kFarUs || element.integer > kFarUs) return false;
        }
      }
    }
    return true;
  }

  /// Of times of thousands of years, which lists may have, there may be no more tiles than are
  /// allowed.
  void DrawClip() {
    ClipSpec& clip = request_.clip.emplace();
    clip.low = draws_.Of({0.0, 0.0, 0.1, 0.25, 0.5});
    clip.high = draws_.Of({0.5, 0.75, 0.9, 0.95, 1.0});
    const bool has_lists =
        std::any_of(request_.metrics.begin(), request_.metrics.end(),
                    [this](const MetricSpec& metric) { return HasListPin(metric); });
    const bool has_few_days = request_.from && request_.to && (!has_lists || HasNearLists());
    clip.stride_days = static_cast<int>(has_few_days ? draws_.Of({2, 3, 14, 15})
                                                     : draws_.Of({60, 61, 90, 365, 0}));
    if (clip.stride_days == 0 && request_.HasFrames()) clip.stride_days = 365;
    for (size_t i = 0; i < request_.metrics.size(); ++i) {
      MetricSpec& metric = request_.metrics[i];
      if (metric.frame.is_compared) {
        metric = PreviousOf(request_.metrics[i - 1]);
      } else {
        DrawClipOf(metric);
      }
    }
  }

  /// The dataset of a metric; of the first ones each.
  int DrawDataset() {
    const size_t index = request_.metrics.size();
    return index < 2 ? static_cast<int>(index) : static_cast<int>(draws_.Below(2));
  }

  /// A metric of what one dataset has, or of metrics of each.
  MetricSpec DrawOfDataset(MetricGenerator& metrics, const std::string& name) {
    const int dataset = DrawDataset();
    for (int attempt = 0; attempt < 60; ++attempt) {
      MetricSpec metric = metrics.Draw(name);
      const bool is_asked = metric.form == MetricSpec::Form::kExpression
                                ? AskOfOne(dataset, metric)
                                : std::all_of(metric.components.begin(), metric.components.end(),
                                              [&](MetricSpec& component) {
                                                return AskOfOne(draws_.OneIn(2) ? 0 : 1, component);
                                              });
      if (is_asked) return metric;
    }
    // What every dataset can count.
    MetricSpec metric = {.name = name, .pin = MetricSpec::Pin::kAt, .start = 1};
    AskOf(table_, dataset, metric);
    return metric;
  }

  bool AskOfOne(int dataset, MetricSpec& metric) const {
    if (!Has(table_, dataset, metric)) return false;
    AskOf(table_, dataset, metric);
    return true;
  }

  void DrawAxes(CellGenerator& cells) {
    for (int attempt = 0; attempt < (request_.is_of_datasets ? 4 : 1); ++attempt) {
      if (request_.axes.empty()) cells.DrawAxes();
      if (!request_.is_of_datasets) continue;
      std::erase_if(request_.axes, [&](const AxisSpec& axis) { return !Has(table_, -1, axis); });
    }
  }

  bool CanFilter(const Expr& filter) const {
    return (!request_.is_of_datasets || Has(table_, -1, filter)) && KeepsARow(filter);
  }

  void DrawTenant() {
    if (table_.tenant < 0) return;
    request_.tenant = "nobody";
    if (table_.rows.empty() || draws_.OneIn(30)) return;
    const auto tenant = static_cast<size_t>(table_.tenant);
    const Datum& datum = draws_.Pick(table_.rows)[tenant];
    if (!datum.is_null) request_.tenant = CanonicalText(table_.columns[tenant].type, datum);
  }

  /// How long the range is, or may be when the data say.
  int64_t SpanUs() const {
    if (request_.from && request_.to) {
      return NaiveInstant(*request_.to, request_.zone) -
             NaiveInstant(*request_.from, request_.zone);
    }
    return 4 * focus_.spread_us + 14 * kDayUs;
  }

  static int64_t UnitUs(Unit unit) {
    static constexpr int64_t kUnits[] = {0,          60 * kSecondUs, kHourUs,     kDayUs,
                                         7 * kDayUs, 28 * kDayUs,    90 * kDayUs, 365 * kDayUs};
    return kUnits[static_cast<size_t>(unit)];
  }

  int64_t NumIntervals() const {
    int64_t number = 0;
    for (const SeriesSpec& one : request_.series) {
      number += one.unit == Unit::kAll      ? 1
                : one.unit == Unit::kPeriod ? static_cast<int64_t>(one.borders_us.size())
                                            : 2 + SpanUs() / (UnitUs(one.unit) * one.count);
    }
    return number;
  }

  /// Periods of a calendar of any length, between the first and the last instant that there is; now
  /// and then they begin where the range does.
  SeriesSpec DrawPeriods() {
    SeriesSpec series;
    series.unit = Unit::kPeriod;
    std::set<int64_t> borders_us = {-210'866'803'200'000'000, 9'223'371'244'800'000'000};
    for (uint64_t i = draws_.Below(20); i > 0; --i) {
      const int64_t border_us =
          focus_.center_us + draws_.Between(-2 * focus_.spread_us, 2 * focus_.spread_us);
      borders_us.insert(draws_.OneIn(2) ? border_us : FloorDivide(border_us, kHourUs) * kHourUs);
    }
    for (const auto& end : {request_.from, request_.to}) {
      if (end && draws_.OneIn(2)) borders_us.insert(NaiveInstant(*end, request_.zone));
    }
    series.borders_us.assign(borders_us.begin(), borders_us.end());
    return series;
  }

  SeriesSpec DrawOneSeries() {
    if (draws_.OneIn(15)) return DrawPeriods();
    SeriesSpec series;
    series.unit = draws_.Of({Unit::kAll, Unit::kMinute, Unit::kHour, Unit::kHour, Unit::kDay,
                             Unit::kDay, Unit::kWeek, Unit::kMonth, Unit::kQuarter, Unit::kYear});
    if (series.unit == Unit::kAll) return series;
    series.is_rolling = request_.from && draws_.OneIn(5);
    if (series.unit == Unit::kMinute) {
      series.count = draws_.Of({1, 5, 15, 20, 30, 30, 60});
    } else if (series.unit == Unit::kHour) {
      series.count = draws_.Of({1, 1, 2, 3, 6, 8, 12, 24});
    } else if (draws_.OneIn(3)) {
      series.count = static_cast<int>(draws_.Between(2, 5));
    }
    // PostgreSQL compares every row with every interval.
    const int64_t most = table_.rows.size() > 10'000 ? 20 : 700;
    while (SpanUs() / (UnitUs(series.unit) * series.count) > most) {
      series = {static_cast<Unit>(static_cast<int>(series.unit) + 1), 1, series.is_rolling};
    }
    return series;
  }

  void DrawSeries() {
    std::set<std::string> names;
    const bool has_several = table_.rows.size() <= 10'000 && draws_.OneIn(5);
    for (uint64_t i = has_several ? 2 + draws_.Below(2) : 1; i > 0; --i) {
      const SeriesSpec series = DrawOneSeries();
      if (names.insert(SeriesText(series)).second) request_.series.push_back(series);
    }
    request_.exclude_partial = draws_.OneIn(8);
  }

  bool KeepsARow(const Expr& filter) const {
    size_t num_tried = 0;
    for (const Row& row : table_.rows) {
      if (++num_tried > 2000) break;
      if (NaiveRow(table_, row, request_.zone).IsTrue(filter)) return true;
    }
    return false;
  }

  void DrawFilter() {
    Expr filter = expressions_.DrawCondition(2);
    const int most = request_.is_of_datasets ? 30 : 8;
    for (int attempt = 0; attempt < most && !CanFilter(filter); ++attempt) {
      filter = expressions_.DrawCondition(request_.is_of_datasets && attempt > 10 ? 1 : 2);
    }
    if (request_.is_of_datasets && !Has(table_, -1, filter)) return;
    request_.filter.push_back(std::move(filter));
  }

  void DrawOrder() {
    const uint64_t num_columns =
        request_.axes.size() + request_.metrics.size() + (request_.HasTimeAxis() ? 1 : 0);
    for (uint64_t i = std::min(draws_.Below(3), num_columns); i > 0; --i) {
      OrderSpec order;
      order.descending = draws_.OneIn(2);
      if (!request_.axes.empty() && draws_.OneIn(2)) {
        order.index = draws_.Index(request_.axes.size());
      } else if (request_.HasTimeAxis() && draws_.OneIn(2)) {
        order.target = OrderSpec::Target::kStart;
      } else {
        order.target = OrderSpec::Target::kMetric;
        order.index = draws_.Index(request_.metrics.size());
        if (ResultType(request_.metrics[order.index]).kind == Kind::kList) continue;
      }
      const bool is_used = std::any_of(
          request_.order_by.begin(), request_.order_by.end(), [&](const OrderSpec& other) {
            return other.target == order.target && other.index == order.index;
          });
      if (!is_used) request_.order_by.push_back(order);
    }
    if (draws_.OneIn(6)) request_.limit = 1 + draws_.Below(20);
  }

  Draws draws_;
  const TableCase& table_;
  const TimeFocus& focus_;
  RequestCase request_;
  ExpressionGenerator expressions_;
};

}  // namespace

RequestCase GenerateRequest(uint64_t seed, const GeneratedTable& generated) {
  return RequestGenerator(seed, generated).Generate();
}

}  // namespace sextant::oracle
