#include "tests/oracle/naive_engine.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/oracle/cell_value.h"
#include "tests/oracle/frames.h"
#include "tests/oracle/intervals.h"
#include "tests/oracle/naive_aggregate.h"
#include "tests/oracle/naive_clip.h"
#include "tests/oracle/naive_groups.h"
#include "tests/oracle/naive_pin.h"
#include "tests/oracle/naive_value.h"
#include "tests/oracle/product_request.h"

namespace sextant::oracle {
namespace {

/// About 2 GB of them: each overlapping set, rolling interval and period of a row takes its own.
constexpr size_t kMostSamples = 4'000'000;

struct CellKey {
  NaiveGroup group;
  size_t interval = 0;
  friend bool operator<(const CellKey& a, const CellKey& b) {
    return std::tie(a.interval, a.group) < std::tie(b.interval, b.group);
  }
};

/// What a row gives to one lane.
struct LaneSample {
  size_t lane = 0;
  Sample sample;
  std::vector<size_t> intervals;
  std::optional<NaivePin> running;  // of what counts rows that run
  bool is_clipped = false;
  ClipSample clip;
};

struct RowSamples {
  std::vector<Tuple> tuples;
  std::vector<LaneSample> samples;
  uint64_t num_excluded = 0;
};

using CellSamples = std::vector<std::vector<Sample>>;  // per lane

class NaiveEngine {
 public:
  NaiveEngine(const TableCase& table, const RequestCase& request)
      : table_(table), request_(request) {}

  Answer Run() {
    FindLanes();
    FindRows();
    FindIntervals();
    uint64_t num_excluded = 0;
    clip_.emplace(table_, request_, intervals_[whole_]);
    if (request_.top_n) ChooseTuples();
    FindCuts([&](const RowSamples& read) { return NaiveGroups(request_, read.tuples, kept_); });
    for (const Row* row : rows_) {
      if (num_samples_ > kMostSamples) return {.outcome = Answer::Outcome::kTooLarge};
      const RowSamples read = Read(*row);
      num_excluded += read.num_excluded;
      const std::set<NaiveGroup> groups = NaiveGroups(request_, read.tuples, kept_);
      for (const NaiveGroup& group : groups) AddTo(cells_, group, read.samples);
    }
    std::erase_if(cells_, [&](const auto& cell) { return cell.first.interval == whole_; });
    answer_.rows_selected = rows_.size();
    if (request_.is_dense) FillIntervals();
    if (num_samples_ > kMostSamples) return {.outcome = Answer::Outcome::kTooLarge};
    num_excluded_ = num_excluded;
    for (const auto& [key, samples] : cells_) Emit(key, samples);
    if (CountsExcluded() && !is_doubtful_) answer_.excluded = num_excluded_;
    answer_.ForgetHiddenOverflow(request_);
    return std::move(answer_);
  }

 private:
  void FindLanes() {
    for (const MetricSpec& metric : request_.metrics) {
      first_lanes_.push_back(lanes_.size());
      for (Lane& lane : LanesOf(metric)) lanes_.push_back(std::move(lane));
    }
    first_lanes_.push_back(lanes_.size());
  }

  void FindRows() {
    for (const Row& row : table_.rows) {
      if (!NaiveScope(table_, request_.tenant, row)) continue;
      const NaiveRow values(table_, row, request_.zone);
      if (!request_.filter.empty() && !values.IsTrue(request_.filter[0])) continue;
      const bool is_asked = std::any_of(lanes_.begin(), lanes_.end(), [&](const Lane& lane) {
        return lane.scope.empty() || values.IsTrue(lane.scope[0]);
      });
      if (!is_asked) continue;
      rows_.push_back(&row);
    }
  }

  /// Where a part of a value fails, whether it made the whole NULL is for nobody to say.
  bool CountsExcluded() const {
    const auto is_leaf = [](const Expr& expr) { return expr.args.empty(); };
    for (const Lane& lane : lanes_) {
      for (const std::vector<Expr>* args : {&lane.aggregate.args, &lane.aggregate.order_by}) {
        for (const Expr& arg : *args) {
          if (!std::all_of(arg.args.begin(), arg.args.end(), is_leaf)) return false;
        }
      }
    }
    return true;
  }

  void FindIntervals() {
    std::optional<int64_t> min;
    std::optional<int64_t> max;
    for (const Row* row : rows_) {
      const NaiveRow values(table_, *row, request_.zone);
      for (const Lane& lane : lanes_) {
        const std::vector<Expr>& filter = lane.aggregate.filter;
        if (!filter.empty() && !values.IsTrue(filter[0])) continue;
        for (const int64_t instant :
             NaivePin(table_, values, lane, request_.zone).Instants(table_.as_of_us)) {
          min = min ? std::min(*min, instant) : instant;
          max = max ? std::max(*max, instant) : instant;
        }
      }
    }
    std::optional<int64_t> from = min;
    std::optional<int64_t> to;
    if (max) to = *max + 1;
    if (request_.from) from = NaiveInstant(*request_.from, request_.zone);
    if (request_.to) to = NaiveInstant(*request_.to, request_.zone);
    if (!from) from = to.value_or(0);
    if (!to) to = from;
    to = std::max(*from, *to);
    intervals_ = NaiveIntervals(request_, *from, *to);
    whole_ = intervals_.size();
    const Interval whole = {0, *from, *to, false};
    for (const Lane& lane : lanes_) {
      FramedIntervals framed = NaiveFrame(request_, lane.frame, {intervals_, whole});
      framed.intervals.emplace_back(framed.whole);
      framed_.push_back(std::move(framed.intervals));
    }
    intervals_.push_back(whole);
  }

  /// Where samples are clipped: what the groups of all rows have.
  template <typename GroupsOf>
  void FindCuts(const GroupsOf& groups_of) {
    if (!request_.clip) return;
    clip_->Clear();
    for (const Row* row : rows_) {
      const NaiveRow values(table_, *row, request_.zone);
      RowSamples read;
      read.tuples = NaiveTuples(table_, values, request_.axes);
      for (const NaiveGroup& group : groups_of(read)) {
        for (size_t lane = 0; lane < lanes_.size(); ++lane) {
          if (lanes_[lane].clip_value.empty()) continue;
          clip_->Add(group, lane, clip_->Read(values, lanes_[lane]));
        }
      }
    }
  }

  RowSamples Read(const Row& row) const {
    const NaiveRow values(table_, row, request_.zone);
    RowSamples read = {.tuples = NaiveTuples(table_, values, request_.axes), .samples = {}};
    for (size_t lane = 0; lane < lanes_.size(); ++lane) {
      const AggregateExpr& aggregate = lanes_[lane].aggregate;
      if (IsOutside(values, lanes_[lane])) {
        read.num_excluded += IsInAnyInterval(values, lane) ? 1 : 0;
      }
      if (!aggregate.filter.empty() && !values.IsTrue(aggregate.filter[0])) continue;
      LaneSample one;
      one.lane = lane;
      bool is_excluded = false;
      const bool is_sample = ReadSample(values, aggregate, one.sample, is_excluded);
      const NaivePin pin(table_, values, lanes_[lane], request_.zone);
      bool is_counted = false;
      for (size_t i = 0; i < intervals_.size(); ++i) {
        if (!IsIn(pin, lane, i)) continue;
        one.intervals.push_back(i);
        is_counted = is_counted || i != whole_;
      }
      if (!lanes_[lane].is_statistic) {
        read.num_excluded += (is_excluded && is_counted ? 1 : 0) + (pin.is_reversed() ? 1 : 0);
      }
      if (IsConcurrency(aggregate.kind)) one.running.emplace(pin);
      if (!lanes_[lane].clip_value.empty()) {
        one.is_clipped = true;
        one.clip = clip_->Read(values, lanes_[lane]);
      }
      if (is_sample) read.samples.push_back(std::move(one));
    }
    return read;
  }

  /// Whether the row has a value, or one that cannot be computed, that is not in the domain.
  static bool IsOutside(const NaiveRow& values, const Lane& lane) {
    const std::vector<Expr>& before = lane.before_domain;
    if (!lane.has_domain || (!before.empty() && !values.IsTrue(before[0]))) return false;
    if (values.IsTrue(lane.aggregate.filter[0])) return false;
    bool has_failed = false;
    const Datum value = values.Evaluate(lane.aggregate.args[0], &has_failed);
    return has_failed || !value.is_null;
  }

  bool IsIn(const NaivePin& pin, size_t lane, size_t interval) const {
    const std::optional<Interval>& framed = framed_[lane][interval];
    return framed && pin.IsIn(*framed);
  }

  bool IsInAnyInterval(const NaiveRow& values, size_t lane) const {
    const NaivePin pin(table_, values, lanes_[lane], request_.zone);
    for (size_t i = 0; i < whole_; ++i) {
      if (IsIn(pin, lane, i)) return true;
    }
    return false;
  }

  /// Whether the row is a sample. What is looked at first and is NULL hides the other.
  static bool ReadSample(const NaiveRow& values, const AggregateExpr& aggregate, Sample& sample,
                         bool& is_excluded) {
    const auto read = [&](const Expr& expr) {
      bool has_failed = false;
      Datum datum = values.Evaluate(expr, &has_failed);
      is_excluded = is_excluded || has_failed;
      return datum;
    };
    if (aggregate.kind == Aggregate::kTopValues) {
      sample.order_key = read(aggregate.order_by[0]);
      if (sample.order_key.is_null) return false;
      sample.args.push_back(read(aggregate.args[0]));
      sample.id = values.ColumnValue(0);
      return true;
    }
    for (const Expr& arg : aggregate.args) {
      sample.args.push_back(read(arg));
      if (sample.args.back().is_null) return false;
    }
    return true;
  }

  void AddTo(std::map<CellKey, CellSamples>& cells, const NaiveGroup& group,
             const std::vector<LaneSample>& samples) {
    for (const LaneSample& one : samples) {
      if (one.is_clipped && clip_->IsOutside(group, one.lane, ClipKind(one.lane), one.clip)) {
        continue;
      }
      num_samples_ += one.intervals.size();
      for (const size_t interval : one.intervals) {
        CellSamples& cell = cells[{group, interval}];
        cell.resize(lanes_.size());
        cell[one.lane].push_back(one.sample);
        if (one.running) CutTo(*framed_[one.lane][interval], *one.running, cell[one.lane].back());
      }
    }
  }

  static void CutTo(const Interval& interval, const NaivePin& running, Sample& sample) {
    const Interval cut = running.CutTo(interval);
    sample.starts_us = cut.start_us;
    sample.ends_us = cut.end_us;
    sample.interval_us =
        static_cast<uint64_t>(interval.end_us) - static_cast<uint64_t>(interval.start_us);
  }

  /// The tuples of the top-N, by the metric over the whole range; ties by tuple, those without a
  /// value last.
  void ChooseTuples() {
    const size_t metric = request_.top_n->metric;
    std::map<CellKey, CellSamples> cells;
    FindCuts([](const RowSamples& read) {
      std::set<NaiveGroup> groups;
      for (const Tuple& tuple : read.tuples) groups.insert({0, tuple});
      return groups;
    });
    for (const Row* row : rows_) {
      if (num_samples_ > kMostSamples) return;
      const RowSamples read = Read(*row);
      for (const Tuple& tuple : read.tuples) AddTo(cells, {0, tuple}, read.samples);
    }
    std::map<Tuple, AnswerValue> values;
    for (const auto& [key, samples] : cells) {
      AnswerValue& value = values[key.group.axes];
      if (key.interval == whole_) value = Evaluate(metric, samples).value;
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
    num_samples_ += groups.size() * whole_;  // a cell without samples takes as much
    if (num_samples_ > kMostSamples) return;
    for (const NaiveGroup& group : groups) {
      for (size_t interval = 0; interval < whole_; ++interval) {
        cells_[{group, interval}].resize(lanes_.size());
      }
    }
  }

  CellOutcome Evaluate(size_t metric, const CellSamples& samples) {
    std::vector<AnswerValue> values;
    for (size_t lane = first_lanes_[metric]; lane < first_lanes_[metric + 1]; ++lane) {
      SumOutcome outcome;
      values.push_back(AggregateNaively(table_, lanes_[lane].aggregate, samples[lane], &outcome));
      answer_.Note(outcome.outcome);
      answer_.has_wide_running_total = answer_.has_wide_running_total || outcome.came_back;
    }
    return ComputeCell(ValueOf(request_.metrics[metric]), values);
  }

  /// Of a cell that has no value: rules 5 and 17.
  void CountExcluded(size_t metric, const CellOutcome& outcome) {
    is_doubtful_ = is_doubtful_ || outcome.is_doubtful;
    if (outcome.value.exists) return;
    const bool is_ratio =
        IsRatio(request_.metrics[metric]) && !request_.metrics[metric].is_statistic;
    num_excluded_ += is_ratio || outcome.has_failed ? 1 : 0;
  }

  void Emit(const CellKey& key, const CellSamples& samples) {
    const Interval& interval = intervals_[key.interval];
    AnswerRow row = {.axes = key.group.axes,
                     .grouping = key.group.grouping,
                     .series = interval.series,
                     .values = {}};
    if (request_.HasTimeAxis()) row.start_us = interval.start_us;
    for (size_t metric = 0; metric < request_.metrics.size(); ++metric) {
      CellOutcome outcome = Evaluate(metric, samples);
      if (row.grouping == 0) CountExcluded(metric, outcome);
      row.values.push_back(std::move(outcome.value));
    }
    const bool is_shown =
        row.grouping != 0 ||
        std::all_of(request_.having.begin(), request_.having.end(),
                    [&](const HavingSpec& having) { return NaiveHaving(having, row); });
    if (is_shown) answer_.rows.push_back(std::move(row));
  }

  Kind ClipKind(size_t lane) const { return lanes_[lane].clip_value[0].type.kind; }

  const TableCase& table_;
  const RequestCase& request_;
  std::optional<NaiveClip> clip_;
  std::vector<Lane> lanes_;          // of all metrics
  std::vector<size_t> first_lanes_;  // per metric, and the end
  std::vector<const Row*> rows_;
  std::vector<Interval> intervals_;  // of the series, then the whole range
  size_t whole_ = 0;
  std::vector<std::vector<std::optional<Interval>>> framed_;  // per lane: of each of these
  std::set<Tuple> kept_;                                      // with top-N
  std::map<CellKey, CellSamples> cells_;
  size_t num_samples_ = 0;
  uint64_t num_excluded_ = 0;
  bool is_doubtful_ = false;
  Answer answer_;
};

}  // namespace

Answer AskNaively(const TableCase& table, const RequestCase& request) {
  return NaiveEngine(table, request).Run();
}

}  // namespace sextant::oracle
