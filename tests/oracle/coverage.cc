#include "tests/oracle/coverage.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/oracle/coverage_goals.h"
#include "tests/oracle/intervals.h"
#include "tests/oracle/product_request.h"

namespace sextant::oracle {
namespace {

constexpr size_t kLargeRows = 10'000;

const char* AggregateName(Aggregate kind) {
  static constexpr const char* kNames[] = {"count(*)",
                                           "count",
                                           "count distinct",
                                           "sum",
                                           "avg",
                                           "min",
                                           "max",
                                           "stddev_samp",
                                           "stddev_pop",
                                           "var_samp",
                                           "var_pop",
                                           "percentile_cont",
                                           "percentile_disc",
                                           "median",
                                           "mode",
                                           "bool_or",
                                           "bool_and",
                                           "corr",
                                           "regr_slope",
                                           "regr_r2",
                                           "top values",
                                           "bound by t",
                                           "bound by rank",
                                           "bound by bootstrap",
                                           "histogram",
                                           "edges",
                                           "concurrency max",
                                           "concurrency mean"};
  return kNames[static_cast<size_t>(kind)];
}

/// What a case uses: names, with whether the values it is used on have NULLs.
class FeatureCollector {
 public:
  FeatureCollector(const TableCase& table, const std::vector<bool>& has_null,
                   CaseFeatures& features)
      : table_(table), has_null_(has_null), features_(features) {}

  void Collect(const RequestCase& request) {
    for (const Expr& filter : request.filter) {
      AddExpr(filter);
      Add(request.as_typed_filter && TypedFilter(table_, filter) ? "where typed" : "where as text");
    }
    for (const MetricSpec& metric : request.metrics) AddMetric(metric);
    for (const AxisSpec& axis : request.axes) AddAxis(axis);
    AddCells(request);
    AddConcurrency(request);
    AddTime(request);
    AddIf(request.samples, "samples");
    for (const MetricSpec& metric : request.metrics) {
      AddIf(metric.level != 0, metric.is_share ? "bound of a ratio" : "bound of a share");
    }
    AddIf(table_.tenant >= 0, "tenant");
    AddIf(!table_.deleted_ids.empty(), "deleted rows");
    const size_t num_rows = table_.rows.size();
    if (num_rows > kLargeRows) Add(absl::StrCat(num_rows, " rows"));
    if (request.is_of_datasets) AddDatasets(request);
    if (request.is_per_key) AddLevels(request);
  }

 private:
  void Add(const std::string& name, bool has_null = false) { features_.insert({name, has_null}); }
  void AddIf(bool is_used, const char* name) {
    if (is_used) Add(name);
  }

  /// Whether a column of the expression has NULLs.
  bool HasNull(const Expr& expr) const {
    if (expr.op == Op::kColumn) return has_null_[static_cast<size_t>(expr.column)];
    if (expr.op == Op::kExists) return false;  // what is in it is of another table
    return std::any_of(expr.args.begin(), expr.args.end(),
                       [&](const Expr& arg) { return HasNull(arg); });
  }

  void AddExists(const TableCase& table, const Expr& expr) {
    const LinkCase& link = table.links[static_cast<size_t>(expr.column)];
    Add(absl::StrCat(expr.name, " ", link.name));
    AddIf(expr.args.empty(), "linked rows, any");
    if (expr.args.empty() || expr.args[0].op != Op::kExists) return;
    Add("condition on rows linked to linked rows");
    AddExists(*link.target, expr.args[0]);
  }

  void AddExpr(const Expr& expr) {
    if (expr.op == Op::kExists) return AddExists(table_, expr);
    if (expr.op == Op::kColumn) AddLinked(expr.column, "value of");
    AddIf(expr.op == Op::kSubtract && !expr.name.empty(), "derived duration");
    if (expr.op == Op::kLiteral) {
      AddIf(!expr.name.empty() && expr.type.kind == Kind::kTimestamptz, "now()");
      AddIf(!expr.name.empty() && expr.type.kind == Kind::kDate, "current_date");
    } else if (expr.op != Op::kColumn) {
      std::vector<OperatorUse> uses;
      CollectOperators(expr, uses);
      const OperatorUse& use = uses.front();
      const bool is_order = use.op == "<" || use.op == "<=" || use.op == ">" || use.op == ">=";
      const bool is_equality = use.op == "=" || use.op == "<>";
      const std::string op = is_order ? "< <= > >=" : (is_equality ? "= <>" : use.op);
      Add(absl::StrCat(op, " ", KindName(use.kind)), HasNull(expr));
    }
    for (const Expr& arg : expr.args) AddExpr(arg);
  }

  /// A column that comes through a link.
  void AddLinked(int column, const char* use) {
    for (const LinkedColumn& one : table_.linked_columns) {
      if (one.column != column) continue;
      static constexpr const char* kNames[] = {"a parent", "count of linked rows",
                                               "count of linked values", "min of linked rows",
                                               "max of linked rows"};
      Add(absl::StrCat(use, " ", kNames[static_cast<size_t>(one.kind)]));
    }
  }

  void AddAggregate(const AggregateExpr& aggregate) {
    bool has_null = false;
    for (const Expr& arg : aggregate.args) {
      AddExpr(arg);
      has_null = has_null || HasNull(arg);
    }
    for (const Expr& key : aggregate.order_by) AddExpr(key);
    for (const Expr& filter : aggregate.filter) AddExpr(filter);
    AddIf(!aggregate.filter.empty(), "FILTER");
    const std::string type =
        aggregate.args.empty() ? "rows" : KindName(aggregate.args[0].type.kind);
    Add(absl::StrCat(AggregateName(aggregate.kind), " of ", type), has_null);
  }

  void AddCellValue(const CellExpr& value) {
    static constexpr const char* kNames[] = {"", "", "cells +", "cells -", "cells *", "cells /"};
    if (!value.args.empty() && value.op < CellExpr::Op::kNullIfZero)
      Add(kNames[static_cast<size_t>(value.op)]);
    for (const CellExpr& arg : value.args) AddCellValue(arg);
  }

  void AddPin(const MetricSpec& metric) {
    static constexpr const char* kNames[] = {"pin none", "pin at an instant", "pin during",
                                             "pin as_of_end"};
    if (metric.pin == MetricSpec::Pin::kAt) {
      const Kind kind = table_.columns[static_cast<size_t>(metric.start)].type.kind;
      if (kind == Kind::kDate) return Add("pin at a date");
      if (kind == Kind::kList) return Add("pin at a list");
    }
    Add(kNames[static_cast<size_t>(metric.pin)]);
  }

  void AddHistogram(const MetricSpec& metric, const HistogramSpec& histogram) {
    const bool has_edges = !histogram.edges.empty();
    Add(has_edges                ? "histogram by edges"
        : histogram.num_bins > 0 ? "histogram of n bins"
                                 : "automatic histogram");
    AddIf(histogram.is_log, "logarithmic histogram");
    AddIf(metric.request_clips && metric.clip.value_or(false), "histogram of a clip");
    AddIf(metric.frame.is_compared, "histogram compared");
  }

  void AddMetric(const MetricSpec& metric) {
    AddIf(metric.form == MetricSpec::Form::kDerived, "derived");
    AddIf(metric.form == MetricSpec::Form::kRatio, "ratio");
    AddIf(metric.offset != "0", "ratio with an offset");
    AddIf(metric.form == MetricSpec::Form::kThreshold, "threshold");
    AddIf(metric.form == MetricSpec::Form::kSumOf,
          metric.is_complete ? "sum of metrics, complete" : "sum of metrics");
    AddIf(metric.frame.window == FrameSpec::Window::kTrailing, "trailing window");
    AddIf(metric.form == MetricSpec::Form::kCumulative && !metric.is_statistic &&
              ResultType(metric).kind == Kind::kList && metric.components[0].aggregate.histogram,
          "histogram over windows");
    AddIf(metric.frame.window == FrameSpec::Window::kToDate, "window to date");
    AddIf(metric.is_zero_when_empty, "zero when empty");
    if (!metric.histogram_of.empty()) AddHistogram(metric, *metric.aggregate.histogram);
    AddIf(!metric.domain.empty(), "domain");
    AddCellValue(metric.value);
    for (const MetricSpec& component : metric.components) AddMetric(component);
    if (metric.form != MetricSpec::Form::kExpression) return;
    AddIf(!metric.second.empty(), "arithmetic over aggregates");
    AddIf(!metric.filter.empty(), "filter of a metric");
    for (const Expr& filter : metric.filter) AddExpr(filter);
    AddAggregate(metric.aggregate);
    for (const AggregateExpr& second : metric.second) AddAggregate(second);
    AddPin(metric);
  }

  void AddAxis(const AxisSpec& axis) {
    if (axis.by == AxisSpec::By::kSets) {
      Add(axis.is_zipped ? "GROUP BY zipped sets" : "GROUP BY sets");
      for (const auto& [name, condition] : axis.members) AddExpr(condition);
      return;
    }
    const auto column = static_cast<size_t>(axis.column);
    AddLinked(axis.column, "GROUP BY");
    const std::string bins = axis.by == AxisSpec::By::kBins ? "bins of " : "";
    Add(absl::StrCat("GROUP BY ", bins, KindName(table_.columns[column].type.kind)),
        has_null_[column]);
  }

  void AddClip(const RequestCase& request) {
    Add("clip");
    AddIf(request.samples, "samples of a clip");
    AddIf(request.clip->stride_days == 0, "clip of the whole range");
    AddIf(request.totals != TotalsSpec::kNone, "clip with totals");
    AddIf(request.top_n && request.top_n->others, "clip with others");
    for (const MetricSpec& metric : request.metrics) {
      for (const Lane& lane : LanesOf(metric)) {
        if (lane.clip_value.empty()) continue;
        const Kind kind = table_.columns[static_cast<size_t>(lane.start)].type.kind;
        AddIf(kind == Kind::kList, "clip of a list");
      }
    }
  }

  void AddConcurrency(const RequestCase& request) {
    for (const MetricSpec& metric : request.metrics) {
      for (const Lane& lane : LanesOf(metric)) {
        if (!IsConcurrency(lane.aggregate.kind)) continue;
        AddIf(lane.frame.window != FrameSpec::Window::kNone, "concurrency over windows");
        AddIf(lane.frame.is_compared, "concurrency compared");
        AddIf(request.totals != TotalsSpec::kNone, "concurrency with totals");
        AddIf(metric.is_per_key, "concurrency of two levels");
        for (const AxisSpec& axis : request.axes) {
          AddIf(axis.by == AxisSpec::By::kSets, "concurrency with sets");
        }
      }
    }
  }

  void AddLevels(const RequestCase& request) {
    const auto num_per_key =
        std::count_if(request.metrics.begin(), request.metrics.end(),
                      [](const MetricSpec& metric) { return metric.is_per_key; });
    if (num_per_key == 0) return;
    const bool is_mixed = num_per_key < static_cast<std::ptrdiff_t>(request.metrics.size());
    Add(is_mixed ? "metrics of two levels and of one" : "metrics of two levels");
    AddIf(request.totals != TotalsSpec::kNone, "two levels with totals");
    AddIf(request.ClipsAny(), "two levels with clip");
    AddIf(request.from || request.to, "two levels with a range of time");
    if (!is_mixed && ReadsDifference(request)) AddDurations();
    for (const Column& column : table_.columns) {
      if (!column.is_key) continue;
      Add(column.is_linked ? "two levels by a key of linked rows"
                           : absl::StrCat("two levels by a key of ", KindName(column.type.kind)));
    }
    for (const AxisSpec& axis : request.axes) {
      if (axis.column < 0) continue;
      const Column& column = table_.columns[static_cast<size_t>(axis.column)];
      Add(column.per_key == Column::PerKeyForm::kOneValue
              ? "two levels by a column with one value per key"
              : "two levels by a selected column");
    }
  }

  static bool ReadsDifference(const Expr& expr) {
    return (expr.op == Op::kSubtract && !expr.name.empty()) ||
           std::any_of(expr.args.begin(), expr.args.end(),
                       [](const Expr& arg) { return ReadsDifference(arg); });
  }

  static bool ReadsDifference(const RequestCase& request) {
    const auto is_read = [](const std::vector<Expr>& exprs) {
      return std::any_of(exprs.begin(), exprs.end(),
                         [](const Expr& expr) { return ReadsDifference(expr); });
    };
    if (is_read(request.filter)) return true;
    for (const MetricSpec& metric : request.metrics) {
      for (const Lane& lane : LanesOf(metric)) {
        if (is_read(lane.aggregate.args) || is_read(lane.aggregate.filter)) return true;
      }
    }
    return false;
  }

  void AddDurations() {
    static constexpr const char* kNames[] = {"ends", "sum", "mean", "median"};
    for (const NamedDifference& difference : table_.differences) {
      Add(absl::StrCat("two levels with a duration of ",
                       kNames[static_cast<size_t>(difference.per_key)]));
    }
  }

  void AddDatasets(const RequestCase& request) {
    Add("several datasets");
    AddIf(!request.axes.empty(), "cells of several datasets joined");
    for (const MetricSpec& metric : request.metrics) {
      const auto is_second = [](const MetricSpec& part) { return part.dataset == 1; };
      const auto num_second =
          std::count_if(metric.components.begin(), metric.components.end(), is_second);
      const bool is_mixed =
          num_second > 0 && num_second < static_cast<std::ptrdiff_t>(metric.components.size());
      AddIf(is_mixed, "metric of metrics of several datasets");
    }
    for (const AxisSpec& axis : request.axes) {
      if (axis.column < 0) continue;
      const Column& column = table_.columns[static_cast<size_t>(axis.column)];
      AddIf(column.dataset_names[0] != column.dataset_names[1], "dimension");
    }
  }

  void AddCells(const RequestCase& request) {
    AddIf(request.axes.size() > 1, "several axes");
    if (request.ClipsAny()) AddClip(request);
    AddIf(request.ClipsAny() && request.HasFrames(), "clip in a frame");
    if (request.compare) {
      Add(request.compare->is_previous ? "compared with previous" : "compared with long ago");
      AddPeriods(request);
    }
    AddIf(request.totals == TotalsSpec::kGrand, "totals grand");
    AddIf(request.totals == TotalsSpec::kRollup, "totals rollup");
    AddIf(request.totals == TotalsSpec::kCube, "totals cube");
    if (request.top_n) {
      Add(request.top_n->smallest ? "bottom-N" : "top-N");
      AddIf(request.top_n->others, "others");
    }
    for (const HavingSpec& having : request.having) {
      Add(having.number.empty() ? "having IS NULL" : "having");
    }
    AddIf(request.is_dense, "dense fill");
    AddIf(request.limit.has_value(), "limit");
    for (const OrderSpec& order : request.order_by) {
      static constexpr const char* kTargets[] = {"order by an axis", "order by start",
                                                 "order by a metric"};
      Add(kTargets[static_cast<size_t>(order.target)]);
    }
  }

  /// Whether periods of a calendar are compared with those before, or with part of them.
  void AddPeriods(const RequestCase& request) {
    const auto is_border = [&](const SeriesSpec& series, const RangeEnd& end) {
      return std::binary_search(series.borders_us.begin(), series.borders_us.end(),
                                NaiveInstant(end, request.zone));
    };
    for (const SeriesSpec& series : request.series) {
      if (series.unit != Unit::kPeriod) continue;
      const bool is_whole = is_border(series, *request.from) && is_border(series, *request.to);
      if (!request.compare->is_previous) {
        Add("periods compared with long ago");
      } else {
        Add(is_whole ? "periods compared with as many before" : "parts of periods compared");
      }
    }
  }

  /// Whether a state is asked for where no time is left after what the table was read at.
  bool IsAfterAll(const RequestCase& request) const {
    const bool begins_late = request.from && !request.to &&
                             request.from->form == RangeEnd::Form::kInstant &&
                             request.from->value > table_.as_of_us;
    return begins_late &&
           std::any_of(request.metrics.begin(), request.metrics.end(),
                       [](const MetricSpec& metric) {
                         const std::vector<Lane> lanes = LanesOf(metric);
                         return std::any_of(lanes.begin(), lanes.end(), [](const Lane& lane) {
                           return lane.pin == MetricSpec::Pin::kAsOfEnd;
                         });
                       });
  }

  void AddTime(const RequestCase& request) {
    for (const SeriesSpec& series : request.series) {
      Add(absl::StrCat("series ", UnitName(series.unit)));
      AddIf(series.count > 1, "series of N units");
      AddIf(series.is_rolling, "rolling series");
      AddIf(series.unit == Unit::kWeek && request.week_start != 1, "week start");
    }
    AddIf(request.series.size() > 1, "several series");
    AddIf(request.exclude_partial, "exclude_partial");
    AddIf(!request.from && !request.to, "range of the samples");
    AddIf(IsAfterAll(request), "state after the samples");
    static constexpr const char* kForms[] = {"range of instants", "range of dates",
                                             "range of local times", "relative range"};
    if (request.from) Add(kForms[static_cast<size_t>(request.from->form)]);
    if (request.to) Add(kForms[static_cast<size_t>(request.to->form)]);
  }

  const TableCase& table_;
  const std::vector<bool>& has_null_;  // per column
  CaseFeatures& features_;
};

}  // namespace

CaseFeatures Coverage::FeaturesOf(const TableCase& table, const RequestCase& request) {
  if (table_seed_ != table.seed || has_null_.size() != table.columns.size()) {
    table_seed_ = table.seed;
    has_null_.assign(table.columns.size(), false);
    for (const Row& row : table.rows) {
      for (size_t i = 0; i < row.size(); ++i) has_null_[i] = has_null_[i] || row[i].is_null;
    }
  }
  CaseFeatures features;
  FeatureCollector(table, has_null_, features).Collect(request);
  return features;
}

void Coverage::Count(const TableCase& table, const RequestCase& request, bool is_empty) {
  ++num_cases_;
  num_non_empty_ += is_empty ? 0 : 1;
  for (const auto& [name, has_null] : FeaturesOf(table, request)) {
    Counts& counts = counts_[name];
    ++(has_null ? counts.with_nulls : counts.without_nulls);
  }
}

bool Coverage::IsWanted(const TableCase& table, const RequestCase& request, uint64_t of_most) {
  const CaseFeatures features = FeaturesOf(table, request);
  return std::any_of(CoverageGoals().begin(), CoverageGoals().end(), [&](const CoverageGoal& goal) {
    const uint64_t least = goal.few > 0 ? goal.few : of_most;
    const Counts& counts = counts_[goal.name];
    const bool with = features.contains({goal.name, true});
    const bool without = features.contains({goal.name, false});
    if (!goal.apart) return (with || without) && counts.with_nulls + counts.without_nulls < least;
    return (with && counts.with_nulls < least) || (without && counts.without_nulls < least);
  });
}

std::string Coverage::Table() const {
  std::string text =
      absl::StrFormat("%-34s %10s %10s\n", "operator and type", "with NULL", "without");
  for (const auto& [name, counts] : counts_) {
    absl::StrAppendFormat(&text, "%-34s %10d %10d\n", name, counts.with_nulls,
                          counts.without_nulls);
  }
  return text;
}

std::string Coverage::Missing(uint64_t of_most) {
  std::string missing;
  for (const CoverageGoal& goal : CoverageGoals()) {
    const uint64_t least = goal.few > 0 ? goal.few : of_most;
    const Counts& counts = counts_[goal.name];
    const bool is_met = goal.apart ? std::min(counts.with_nulls, counts.without_nulls) >= least
                                   : counts.with_nulls + counts.without_nulls >= least;
    if (is_met) continue;
    absl::StrAppend(&missing, goal.name, ": ", counts.with_nulls, " + ", counts.without_nulls,
                    "\n");
  }
  return missing;
}

double Coverage::share_of_non_empty() const {
  return num_cases_ == 0 ? 0
                         : static_cast<double>(num_non_empty_) / static_cast<double>(num_cases_);
}

}  // namespace sextant::oracle
