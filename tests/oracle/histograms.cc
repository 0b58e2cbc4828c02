#include "tests/oracle/histograms.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/oracle/naive_scalar.h"

namespace sextant::oracle {
namespace {

constexpr int kMostAutomatic = 1000;

bool HasNumbers(const AggregateExpr& aggregate) {
  if (aggregate.args.size() != 1 || aggregate.kind == Aggregate::kTopValues) return false;
  const Kind kind = aggregate.args[0].type.kind;
  return IsNumber(kind) || kind == Kind::kDuration;
}

/// The metric, or what it has over windows.
MetricSpec& SimpleOf(MetricSpec& metric) {
  return metric.form == MetricSpec::Form::kCumulative ? SimpleOf(metric.components[0]) : metric;
}

bool CanBeHistogram(MetricSpec metric) {
  const MetricSpec& simple = SimpleOf(metric);
  return simple.IsAggregate() && HasNumbers(simple.aggregate);
}

Expr Literal(const Type& type, Datum value, std::string text) {
  Expr literal = {.op = Op::kLiteral, .type = type};
  literal.literal = std::move(value);
  literal.text = std::move(text);
  return literal;
}

/// Edges are mostly samples: there mistakes are made.
void DrawEdges(Draws& draws, const TableCase& table, const Expr& value, HistogramSpec& histogram) {
  std::vector<std::pair<double, std::string>> edges;
  if (value.type.kind == Kind::kDuration) {
    edges = {{-86400, "-1d"}, {0, "0"},      {0.5, "0.5"},    {3600, "1h"},
             {5400, "5400"},  {86400, "1d"}, {1209600, "2w"}, {31536000, "365d"}};
  } else {
    for (const double number : {-100.0, -1.0, 0.0, 0.5, 1.0, 7.0, 1000.0}) {
      edges.emplace_back(number, FloatText(number));
    }
    for (int i = 0; i < 6 && value.op == Op::kColumn && !table.rows.empty(); ++i) {
      const Datum& sample = draws.Pick(table.rows)[static_cast<size_t>(value.column)];
      if (sample.is_null) continue;
      const double number = NumberAsFloat(value.type, sample);
      if (std::isfinite(number)) edges.emplace_back(number, FloatText(number));
    }
  }
  std::erase_if(edges, [&](const auto&) { return draws.OneIn(3); });
  std::sort(edges.begin(), edges.end());
  const auto same = [](const auto& a, const auto& b) { return a.first == b.first; };
  edges.erase(std::unique(edges.begin(), edges.end(), same), edges.end());
  if (edges.size() >= 2) histogram.edges = std::move(edges);
}

HistogramSpec DrawHistogram(Draws& draws, const TableCase& table, const Expr& value) {
  HistogramSpec histogram;
  histogram.is_log = draws.OneIn(3);
  if (draws.OneIn(3)) return histogram;
  histogram.num_bins = draws.Of({1, 2, 3, 7, 10, 60});
  if (draws.OneIn(2)) DrawEdges(draws, table, value, histogram);
  return histogram;
}

/// What samples must be to be counted.
std::vector<SampleCondition> DomainOf(const HistogramSpec& histogram, const Type& type) {
  std::vector<SampleCondition> domain;
  if (histogram.is_log) {
    const bool is_time = type.kind == Kind::kDuration;
    const Datum zero = IsFloat(type.kind) ? Datum::OfNumber(0) : Datum::OfInteger(0);
    domain.push_back({">", Literal(type, zero, is_time ? "interval '0 seconds'" : "0")});
  }
  if (!IsFloat(type.kind)) return domain;
  const double most = std::ldexp(1.0, 1022);
  const Type kFloat = {.kind = Kind::kFloat8};
  domain.push_back({"<", Literal(kFloat, Datum::OfNumber(most),
                                 absl::StrCat("float8 '", FloatText(most), "'"))});
  domain.push_back({">", Literal(kFloat, Datum::OfNumber(-most),
                                 absl::StrCat("float8 '", FloatText(-most), "'"))});
  return domain;
}

void MakeHistogram(const HistogramSpec& histogram, MetricSpec& metric) {
  MetricSpec of = metric;
  of.name = "of";
  of.frame = {};
  metric.clip = metric.clip.value_or(metric.aggregate.kind == Aggregate::kAvg);
  metric.histogram_of = {std::move(of)};
  metric.is_zero_when_empty = false;
  AggregateExpr& aggregate = metric.aggregate;
  aggregate.kind = Aggregate::kHistogramCounts;
  aggregate.histogram = histogram;
  for (SampleCondition& condition : DomainOf(histogram, aggregate.args[0].type)) {
    metric.domain.push_back(std::move(condition));
  }
}

MetricSpec ColumnOf(const MetricSpec& counts, const char* suffix, Aggregate kind, double fraction) {
  MetricSpec column = counts;
  column.name += suffix;
  column.is_statistic = true;
  MetricSpec& simple = SimpleOf(column);
  simple.histogram_of.clear();
  simple.aggregate.kind = kind;
  simple.aggregate.fraction = fraction;
  simple.aggregate.fraction_text = fraction == 0.25 ? "0.25" : "0.75";
  if (column.form == MetricSpec::Form::kCumulative) column.value.type = ResultType(simple);
  return column;
}

bool IsNamed(const RequestCase& request, size_t metric) {
  const auto is_order = [&](const OrderSpec& order) {
    return order.target == OrderSpec::Target::kMetric && order.index == metric;
  };
  const auto is_having = [&](const HavingSpec& having) {
    return !having.is_of_axis && having.metric == metric;
  };
  return (request.top_n && request.top_n->metric == metric) ||
         std::any_of(request.order_by.begin(), request.order_by.end(), is_order) ||
         std::any_of(request.having.begin(), request.having.end(), is_having);
}

/// Puts the other columns behind the counts, and everything that names a metric by its position
/// after it.
void AddColumns(RequestCase& request) {
  std::vector<MetricSpec> metrics;
  std::vector<size_t> moved;
  for (MetricSpec& metric : request.metrics) {
    moved.push_back(metrics.size());
    metrics.push_back(metric);
    if (SimpleOf(metric).histogram_of.empty()) continue;
    metrics.push_back(ColumnOf(metric, ".edges", Aggregate::kHistogramEdges, 0));
    metrics.push_back(ColumnOf(metric, ".q25", Aggregate::kPercentileCont, 0.25));
    metrics.push_back(ColumnOf(metric, ".q75", Aggregate::kPercentileCont, 0.75));
  }
  request.metrics = std::move(metrics);
  for (OrderSpec& order : request.order_by) {
    if (order.target == OrderSpec::Target::kMetric) order.index = moved[order.index];
  }
  for (HavingSpec& having : request.having) {
    if (!having.is_of_axis) having.metric = moved[having.metric];
  }
  if (request.top_n) request.top_n->metric = moved[request.top_n->metric];
}

using Real = long double;

Real Quantile(const std::vector<Real>& sorted, Real fraction) {
  const Real position = fraction * static_cast<Real>(sorted.size() - 1);
  const auto low = static_cast<size_t>(position);
  const size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (position - static_cast<Real>(low)) * (sorted[high] - sorted[low]);
}

/// Of samples, or their logarithms; 0: it is not known.
int AutomaticBins(const std::vector<double>& scaled) {
  const std::vector<Real> samples(scaled.begin(), scaled.end());
  std::vector<Real> x = samples;
  for (Real& one : x) one -= Real{scaled[0]};
  const Real range = x.back();
  if (range == 0) return 1;
  const auto n = static_cast<Real>(x.size());
  Real mean = 0;
  for (const Real one : x) mean += one / n;
  Real second = 0;
  Real third = 0;
  for (const Real one : x) {
    second += std::pow(one - mean, 2) / n;
    third += std::pow(one - mean, 3) / n;
  }
  Real doane = 1;
  if (x.size() > 2) {
    const Real error = std::sqrt(6 * (n - 2) / ((n + 1) * (n + 3)));
    const Real skewness = std::abs(third / std::pow(second, Real{1.5}));
    doane = 1 + std::log2(n) + std::log2(1 + skewness / error);
  }
  // What is far below them may not have the digits in which they differ.
  const Real quartiles = Quantile(samples, 0.75L) - Quantile(samples, 0.25L);
  Real diaconis = 1;
  if (quartiles > 0) diaconis = range / (2 * quartiles / std::cbrt(n));
  const Real bins = std::max(doane, diaconis);
  if (bins >= kMostAutomatic) return kMostAutomatic;
  if (std::abs(bins - std::round(bins)) < 1e-6L) return 0;
  // Of logarithms that differ by their last digits nobody knows the range.
  if (range < 1e-9L * std::abs(Real{scaled[0]})) return 0;
  return static_cast<int>(std::ceil(bins));
}

std::vector<double> NaiveEdges(const std::vector<double>& numbers, int num_bins, bool is_log) {
  const auto scale = [&](double number) { return is_log ? std::log(number) : number; };
  const auto unscale = [&](double number) { return is_log ? std::exp(number) : number; };
  double low = scale(numbers.front());
  double high = scale(numbers.back());
  const bool is_flat = numbers.front() == numbers.back();
  if (is_flat) {
    low = low - 0.5;
    high = high + 0.5;
  }
  const double least = is_flat ? unscale(low) : numbers.front();
  const double greatest = is_flat ? unscale(high) : numbers.back();
  std::vector<double> edges = {least};
  const double width = (high - low) / num_bins;
  for (int i = 1; i < num_bins; ++i) {
    edges.push_back(std::min(std::max(unscale(low + i * width), edges.back()), greatest));
  }
  edges.push_back(greatest);
  return edges;
}

}  // namespace

void DrawHistograms(Draws& draws, const TableCase& table, RequestCase& request) {
  bool has_any = false;
  for (size_t i = 0; i < request.metrics.size(); ++i) {
    MetricSpec& metric = request.metrics[i];
    if (metric.frame.is_compared) continue;
    const size_t previous = request.compare ? i + 1 : i;
    if (IsNamed(request, i) || IsNamed(request, previous)) continue;
    if (!CanBeHistogram(metric) || draws.OneIn(4)) continue;
    const HistogramSpec histogram = DrawHistogram(draws, table, SimpleOf(metric).aggregate.args[0]);
    for (const size_t at : {i, previous}) {
      MetricSpec& one = request.metrics[at];
      if (!SimpleOf(one).histogram_of.empty()) continue;
      MakeHistogram(histogram, SimpleOf(one));
      if (one.form == MetricSpec::Form::kCumulative) one.value.type = ResultType(SimpleOf(one));
    }
    has_any = true;
  }
  if (has_any) AddColumns(request);
}

bool DropHistograms(RequestCase& request) {
  const auto is_of_one = [](MetricSpec& metric) {
    const MetricSpec& simple = SimpleOf(metric);
    return !simple.histogram_of.empty() || simple.aggregate.histogram.has_value();
  };
  const size_t before = request.metrics.size();
  request.order_by.clear();
  request.having.clear();
  request.top_n.reset();
  std::erase_if(request.metrics, is_of_one);
  return !request.metrics.empty() && request.metrics.size() < before;
}

AnswerValue NaiveHistogram(const AggregateExpr& aggregate, const std::vector<double>& numbers) {
  const HistogramSpec& histogram = *aggregate.histogram;
  std::vector<double> edges;
  for (const auto& [number, text] : histogram.edges) edges.push_back(number);
  if (edges.empty()) {
    int num_bins = histogram.num_bins;
    if (num_bins == 0) {
      std::vector<double> scaled = numbers;
      for (double& one : scaled) one = histogram.is_log ? std::log(one) : one;
      num_bins = AutomaticBins(scaled);
    }
    if (num_bins == 0) return {.tolerance = std::numeric_limits<double>::infinity()};
    edges = NaiveEdges(numbers, num_bins, histogram.is_log);
  }
  std::vector<std::string> texts;
  if (aggregate.kind == Aggregate::kHistogramEdges) {
    for (const double edge : edges) texts.push_back(FloatText(edge));
  }
  for (size_t i = 0; aggregate.kind == Aggregate::kHistogramCounts && i + 1 < edges.size(); ++i) {
    const bool is_last = i + 2 == edges.size();
    texts.push_back(std::to_string(std::count_if(numbers.begin(), numbers.end(), [&](double x) {
      return x >= edges[i] && (x < edges[i + 1] || (is_last && x == edges[i + 1]));
    })));
  }
  return {.exists = true, .text = absl::StrCat("{", absl::StrJoin(texts, ","), "}")};
}

std::string HistogramOracleSql(const AggregateExpr& aggregate, const std::string& number) {
  const HistogramSpec& histogram = *aggregate.histogram;
  if (!histogram.HasSql()) return "NULL::text";
  const std::string samples = absl::StrCat("array_agg(", number, ")");
  std::string edges = absl::StrCat("oracle_edges(", samples, ", ", histogram.num_bins, ")");
  if (!histogram.edges.empty()) {
    std::vector<std::string> texts;
    for (const auto& [value, text] : histogram.edges) texts.push_back(FloatText(value));
    edges = absl::StrCat("'{", absl::StrJoin(texts, ","), "}'::float8[]");
  }
  if (aggregate.kind == Aggregate::kHistogramEdges) return absl::StrCat("(", edges, ")::text");
  return absl::StrCat("oracle_counts(", samples, ", ", edges, ")::text");
}

std::string HistogramPreludeSql() {
  return R"sql(
CREATE FUNCTION oracle_edges(x float8[], n int) RETURNS float8[] LANGUAGE sql IMMUTABLE AS $$
  SELECT array_agg(CASE WHEN i = n THEN hi ELSE least(hi, lo + i * ((hi - lo) / n)) END ORDER BY i)
  FROM generate_series(0, n) AS i,
       (SELECT CASE WHEN a = b THEN a - 0.5::float8 ELSE a END AS lo,
               CASE WHEN a = b THEN b + 0.5::float8 ELSE b END AS hi
        FROM (SELECT min(u) + 0 AS a, max(u) + 0 AS b FROM unnest(x) AS u) AS of_all) AS bounds
$$;
CREATE FUNCTION oracle_counts(x float8[], e float8[]) RETURNS bigint[] LANGUAGE sql IMMUTABLE AS $$
  SELECT array_agg((SELECT count(*) FROM unnest(x) AS u
                    WHERE e[i] <= u AND CASE WHEN i + 1 = array_length(e, 1) THEN u <= e[i + 1]
                                             ELSE u < e[i + 1] END) ORDER BY i)
  FROM generate_series(1, array_length(e, 1) - 1) AS i
$$;
)sql";
}

}  // namespace sextant::oracle
