#include "tests/oracle/naive_engine.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "tests/oracle/intervals.h"
#include "tests/oracle/naive_aggregate.h"
#include "tests/oracle/naive_groups.h"
#include "tests/oracle/naive_value.h"
#include "tests/oracle/zone_clock.h"

namespace sextant::oracle {
namespace {

struct CellKey {
  NaiveGroup group;
  size_t interval = 0;
  friend bool operator<(const CellKey& a, const CellKey& b) {
    return std::tie(a.interval, a.group) < std::tie(b.interval, b.group);
  }
};

/// What a row gives to one metric.
struct MetricSample {
  size_t metric = 0;
  Sample sample;
  std::vector<size_t> intervals;
};

struct RowSamples {
  std::vector<Tuple> tuples;
  std::vector<MetricSample> samples;
  uint64_t num_excluded = 0;
};

using CellSamples = std::vector<std::vector<Sample>>;  // per metric

class NaiveEngine {
 public:
  NaiveEngine(const TableCase& table, const RequestCase& request)
      : table_(table), request_(request) {}

  Answer Run() {
    FindRows();
    FindIntervals();
    uint64_t num_excluded = 0;
    if (request_.top_n) ChooseTuples();
    for (const Row* row : rows_) {
      const RowSamples read = Read(*row);
      num_excluded += read.num_excluded;
      const std::set<NaiveGroup> groups = NaiveGroups(request_, read.tuples, kept_);
      for (const NaiveGroup& group : groups) AddTo(cells_, group, read.samples);
    }
    std::erase_if(cells_, [&](const auto& cell) { return cell.first.interval == whole_; });
    answer_.rows_selected = rows_.size();
    if (CountsExcluded()) answer_.excluded = num_excluded;
    if (request_.is_dense) FillIntervals();
    for (const auto& [key, samples] : cells_) Emit(key, samples);
    answer_.ForgetHiddenOverflow(request_);
    return std::move(answer_);
  }

 private:
  void FindRows() {
    for (const Row& row : table_.rows) {
      if (!NaiveScope(table_, request_.tenant, row)) continue;
      const NaiveRow values(table_, row, request_.zone);
      if (!request_.filter.empty() && !values.IsTrue(request_.filter[0])) continue;
      rows_.push_back(&row);
    }
  }

  std::optional<int64_t> PinOf(const Row& row, int column) const {
    const Datum datum = NaiveRow(table_, row, request_.zone).ColumnValue(column);
    if (datum.is_null) return std::nullopt;
    const auto value = static_cast<int64_t>(datum.integer);
    const bool is_date = table_.columns[static_cast<size_t>(column)].type.kind == Kind::kDate;
    return is_date ? FirstInstantUs(value * kDayUs, request_.zone) : value;
  }

  /// Where a part of a value fails, whether it made the whole NULL is for nobody to say.
  bool CountsExcluded() const {
    const auto is_leaf = [](const Expr& expr) { return expr.args.empty(); };
    for (const MetricSpec& metric : request_.metrics) {
      for (const Expr& arg : metric.aggregate.args) {
        if (!std::all_of(arg.args.begin(), arg.args.end(), is_leaf)) return false;
      }
    }
    return true;
  }

  void FindIntervals() {
    std::optional<int64_t> min;
    std::optional<int64_t> max;
    for (const Row* row : rows_) {
      for (const MetricSpec& metric : request_.metrics) {
        if (metric.pin == MetricSpec::Pin::kNone) continue;
        const std::vector<Expr>& filter = metric.aggregate.filter;
        const NaiveRow values(table_, *row, request_.zone);
        if (!filter.empty() && !values.IsTrue(filter[0])) continue;
        const std::optional<int64_t> instant = PinOf(*row, metric.start);
        if (!instant) continue;
        min = min ? std::min(*min, *instant) : *instant;
        max = max ? std::max(*max, *instant) : *instant;
      }
    }
    std::optional<int64_t> from = min;
    std::optional<int64_t> to;
    if (max) to = *max + 1;
    if (request_.from) from = NaiveInstant(*request_.from, request_.zone);
    if (request_.to) to = NaiveInstant(*request_.to, request_.zone);
    if (!from) from = to.value_or(0);
    if (!to) to = from;
    intervals_ = NaiveIntervals(request_, *from, *to);
    whole_ = intervals_.size();
    intervals_.push_back({0, *from, *to, false});
  }

  std::vector<size_t> IntervalsOf(const Row& row, const MetricSpec& metric) const {
    std::vector<size_t> found;
    std::optional<int64_t> instant;
    if (metric.pin == MetricSpec::Pin::kAt) instant = PinOf(row, metric.start);
    for (size_t i = 0; i < intervals_.size(); ++i) {
      const bool is_in =
          metric.pin == MetricSpec::Pin::kNone ||
          (instant && *instant >= intervals_[i].start_us && *instant < intervals_[i].end_us);
      if (is_in) found.push_back(i);
    }
    return found;
  }

  RowSamples Read(const Row& row) const {
    const NaiveRow values(table_, row, request_.zone);
    RowSamples read = {.tuples = NaiveTuples(table_, values, request_.axes), .samples = {}};
    for (size_t metric = 0; metric < request_.metrics.size(); ++metric) {
      const AggregateExpr& aggregate = request_.metrics[metric].aggregate;
      if (!aggregate.filter.empty() && !values.IsTrue(aggregate.filter[0])) continue;
      MetricSample one = {.metric = metric, .sample = {}, .intervals = {}};
      bool is_sample = true;
      bool is_excluded = false;
      for (const Expr& arg : aggregate.args) {
        one.sample.args.push_back(values.Evaluate(arg, &is_excluded));
        is_sample = is_sample && !one.sample.args.back().is_null;
      }
      one.intervals = IntervalsOf(row, request_.metrics[metric]);
      const bool is_counted = std::any_of(one.intervals.begin(), one.intervals.end(),
                                          [&](size_t interval) { return interval != whole_; });
      if (is_excluded && is_counted) ++read.num_excluded;
      if (is_sample) read.samples.push_back(std::move(one));
    }
    return read;
  }

  void AddTo(std::map<CellKey, CellSamples>& cells, const NaiveGroup& group,
             const std::vector<MetricSample>& samples) const {
    for (const MetricSample& one : samples) {
      for (const size_t interval : one.intervals) {
        CellSamples& cell = cells[{group, interval}];
        cell.resize(request_.metrics.size());
        cell[one.metric].push_back(one.sample);
      }
    }
  }

  /// The tuples of the top-N, by the metric over the whole range; ties by tuple, those without a
  /// value last.
  void ChooseTuples() {
    const size_t metric = request_.top_n->metric;
    std::map<CellKey, CellSamples> cells;
    for (const Row* row : rows_) {
      const RowSamples read = Read(*row);
      for (const Tuple& tuple : read.tuples) AddTo(cells, {0, tuple}, read.samples);
    }
    std::map<Tuple, AnswerValue> values;
    for (const auto& [key, samples] : cells) {
      AnswerValue& value = values[key.group.axes];
      if (key.interval == whole_) value = Evaluate(metric, samples[metric]);
    }
    std::vector<Tuple> tuples;
    for (const auto& [tuple, value] : values) tuples.push_back(tuple);
    const Type type = ResultType(request_.metrics[metric]);
    std::sort(tuples.begin(), tuples.end(), [&](const Tuple& a, const Tuple& b) {
      const AnswerValue& left = values[a];
      const AnswerValue& right = values[b];
      if (left.exists != right.exists) return left.exists;
      int order = left.exists ? CompareValues(type, left, right) : 0;
      if (!request_.top_n->smallest) order = -order;
      return order != 0 ? order < 0 : CompareTuples(table_, request_, a, b) < 0;
    });
    if (tuples.size() > static_cast<size_t>(request_.top_n->count)) {
      tuples.resize(static_cast<size_t>(request_.top_n->count));
    }
    kept_ = {tuples.begin(), tuples.end()};
  }

  void FillIntervals() {
    std::set<NaiveGroup> groups;
    for (const auto& [key, samples] : cells_) groups.insert(key.group);
    for (const NaiveGroup& group : groups) {
      for (size_t interval = 0; interval < whole_; ++interval) {
        cells_[{group, interval}].resize(request_.metrics.size());
      }
    }
  }

  AnswerValue Evaluate(size_t metric, const std::vector<Sample>& samples) {
    Answer::Outcome outcome = Answer::Outcome::kRows;
    AnswerValue value =
        AggregateNaively(table_, request_.metrics[metric].aggregate, samples, &outcome);
    answer_.Note(outcome);
    return value;
  }

  void Emit(const CellKey& key, const CellSamples& samples) {
    const Interval& interval = intervals_[key.interval];
    AnswerRow row = {.axes = key.group.axes,
                     .grouping = key.group.grouping,
                     .series = interval.series,
                     .values = {}};
    if (request_.HasTimeAxis()) row.start_us = interval.start_us;
    for (size_t metric = 0; metric < samples.size(); ++metric) {
      row.values.push_back(Evaluate(metric, samples[metric]));
    }
    const bool is_shown =
        row.grouping != 0 ||
        std::all_of(request_.having.begin(), request_.having.end(),
                    [&](const HavingSpec& having) { return NaiveHaving(having, row); });
    if (is_shown) answer_.rows.push_back(std::move(row));
  }

  const TableCase& table_;
  const RequestCase& request_;
  std::vector<const Row*> rows_;
  std::vector<Interval> intervals_;  // of the series, then the whole range
  size_t whole_ = 0;
  std::set<Tuple> kept_;  // with top-N
  std::map<CellKey, CellSamples> cells_;
  Answer answer_;
};

}  // namespace

Answer AskNaively(const TableCase& table, const RequestCase& request) {
  return NaiveEngine(table, request).Run();
}

}  // namespace sextant::oracle
