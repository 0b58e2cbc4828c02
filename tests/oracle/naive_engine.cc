#include "tests/oracle/naive_engine.h"

#include <algorithm>
#include <functional>
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
  std::vector<AxisText> axes;
  size_t interval = 0;
  friend bool operator<(const CellKey& a, const CellKey& b) {
    return std::tie(a.interval, a.axes) < std::tie(b.interval, b.axes);
  }
};

class NaiveEngine {
 public:
  NaiveEngine(const TableCase& table, const RequestCase& request)
      : table_(table), request_(request) {}

  Answer Run() {
    FindRows();
    FindIntervals();
    uint64_t num_excluded = 0;
    for (const Row* row : rows_) num_excluded += AddRow(*row);
    answer_.rows_selected = rows_.size();
    if (CountsExcluded()) answer_.excluded = num_excluded;
    for (const auto& [key, samples] : cells_) Emit(key, samples);
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

  void ForEachTuple(const std::vector<std::vector<AxisText>>& members, std::vector<AxisText>& tuple,
                    const std::function<void()>& visit) const {
    if (tuple.size() == members.size()) {
      visit();
      return;
    }
    for (const AxisText& member : members[tuple.size()]) {
      tuple.push_back(member);
      ForEachTuple(members, tuple, visit);
      tuple.pop_back();
    }
  }

  /// Returns how many metrics could not be computed of the row.
  uint64_t AddRow(const Row& row) {
    const NaiveRow values(table_, row, request_.zone);
    std::vector<std::vector<AxisText>> members;
    for (const AxisSpec& axis : request_.axes)
      members.push_back(NaiveMembers(table_, values, axis));
    uint64_t num_excluded = 0;
    for (size_t metric = 0; metric < request_.metrics.size(); ++metric) {
      const AggregateExpr& aggregate = request_.metrics[metric].aggregate;
      if (!aggregate.filter.empty() && !values.IsTrue(aggregate.filter[0])) continue;
      Sample sample;
      bool is_sample = true;
      bool is_excluded = false;
      for (const Expr& arg : aggregate.args) {
        sample.args.push_back(values.Evaluate(arg, &is_excluded));
        is_sample = is_sample && !sample.args.back().is_null;
      }
      const std::vector<size_t> intervals = IntervalsOf(row, request_.metrics[metric]);
      if (is_excluded && !intervals.empty()) ++num_excluded;
      if (!is_sample) continue;
      for (const size_t interval : intervals) {
        CellKey key{{}, interval};
        ForEachTuple(members, key.axes, [&] {
          auto& samples = cells_[key];
          samples.resize(request_.metrics.size());
          samples[metric].push_back(sample);
        });
      }
    }
    return num_excluded;
  }

  void Emit(const CellKey& key, const std::vector<std::vector<Sample>>& samples) {
    const Interval& interval = intervals_[key.interval];
    AnswerRow row = {.axes = key.axes, .series = interval.series, .values = {}};
    if (request_.HasTimeAxis()) row.start_us = interval.start_us;
    for (size_t metric = 0; metric < samples.size(); ++metric) {
      Answer::Outcome outcome = Answer::Outcome::kRows;
      row.values.push_back(
          AggregateNaively(table_, request_.metrics[metric].aggregate, samples[metric], &outcome));
      answer_.Note(outcome);
    }
    answer_.rows.push_back(std::move(row));
  }

  const TableCase& table_;
  const RequestCase& request_;
  std::vector<const Row*> rows_;
  std::vector<Interval> intervals_;
  std::map<CellKey, std::vector<std::vector<Sample>>> cells_;
  Answer answer_;
};

}  // namespace

Answer AskNaively(const TableCase& table, const RequestCase& request) {
  return NaiveEngine(table, request).Run();
}

}  // namespace sextant::oracle
