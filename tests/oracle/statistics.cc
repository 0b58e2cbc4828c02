#include "tests/oracle/statistics.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/oracle/sql_text.h"

namespace sextant::oracle {
namespace {

using Real = long double;

/// Bootstraps here take a draw after the other.
constexpr size_t kMostResampledRows = 3000;

/// P(|T| <= t).
Real StudentInside(uint64_t degrees, Real t) {
  const Real angle = std::atan(t / std::sqrt(static_cast<Real>(degrees)));
  const Real cosine = std::cos(angle);
  const bool is_odd = degrees % 2 == 1;
  Real term = is_odd ? cosine : 1;
  Real sum = degrees == 1 ? 0 : term;
  // Powers of the cosine up to degrees - 2, in steps of two.
  for (uint64_t power = is_odd ? 1 : 0; power + 2 <= degrees - 2 && degrees >= 2; power += 2) {
    term *= cosine * cosine * static_cast<Real>(power + 1) / static_cast<Real>(power + 2);
    sum += term;
  }
  if (!is_odd) return std::sin(angle) * sum;
  return 2 / std::numbers::pi_v<Real> * (angle + std::sin(angle) * sum);
}

template <typename Inside>
double Bisect(Inside inside, double level) {
  Real low = 0;
  Real high = 1;
  while (inside(high) < level) high *= 2;
  for (int step = 0; step < 80; ++step) {
    const Real middle = (low + high) / 2;
    (inside(middle) < level ? low : high) = middle;
  }
  return static_cast<double>((low + high) / 2);
}

bool IsShare(const MetricSpec& metric) {
  return metric.form == MetricSpec::Form::kThreshold || metric.is_share;
}

bool HasBounds(const MetricSpec& metric) {
  if (IsShare(metric)) return true;
  const Aggregate kind = metric.aggregate.kind;
  return metric.IsAggregate() &&
         (kind == Aggregate::kAvg || kind == Aggregate::kMedian ||
          kind == Aggregate::kPercentileCont || kind == Aggregate::kPercentileDisc);
}

/// A metric of an aggregate whose samples are those of `metric`, clipped if they are.
MetricSpec SamplesOf(const MetricSpec& metric) {
  if (metric.is_share) return metric.components[1];
  if (metric.form == MetricSpec::Form::kThreshold) {
    MetricSpec of = metric.components[0];
    of.request_clips = metric.request_clips;
    of.clip = metric.clip.value_or(false);
    of.aggregate.kind = Aggregate::kCount;
    return of;
  }
  MetricSpec samples = metric;
  samples.clip = metric.clip.value_or(metric.aggregate.kind == Aggregate::kAvg);
  return samples;
}

MetricSpec CountOf(const MetricSpec& metric, bool is_clipped) {
  MetricSpec count = SamplesOf(metric);
  AggregateExpr& aggregate = count.aggregate;
  if (aggregate.kind == Aggregate::kTopValues) aggregate.args = aggregate.order_by;
  aggregate.order_by.clear();
  aggregate.is_list = false;
  aggregate.kind = aggregate.args.empty() ? Aggregate::kCountRows : Aggregate::kCount;
  if (!is_clipped) count.request_clips = false;
  count.name = absl::StrCat(metric.name, is_clipped ? ".samples_kept" : ".samples");
  count.is_statistic = true;
  return count;
}

MetricSpec BoundOf(const MetricSpec& metric, const ConfidenceSpec& confidence, bool is_upper) {
  MetricSpec bound = metric;
  const double level = is_upper ? confidence.level : -confidence.level;
  if (IsShare(metric)) {
    bound.level = level;
  } else {
    bound = SamplesOf(metric);
    bound.aggregate.level = level;
    const bool is_mean = metric.aggregate.kind == Aggregate::kAvg;
    bound.aggregate.is_discrete = metric.aggregate.kind == Aggregate::kPercentileDisc;
    bound.aggregate.kind = !is_mean                  ? Aggregate::kRankBound
                           : confidence.is_bootstrap ? Aggregate::kResampledMean
                                                     : Aggregate::kMeanBound;
  }
  bound.name = absl::StrCat(metric.name, is_upper ? ".max" : ".min");
  bound.is_statistic = true;
  return bound;
}

/// Those of a metric.
std::vector<MetricSpec> StatisticsOf(const MetricSpec& metric, const RequestCase& request) {
  std::vector<MetricSpec> statistics;
  const bool has_samples =
      IsShare(metric) || (metric.IsAggregate() && !HasTwoArgs(metric.aggregate.kind));
  if (request.samples && has_samples) {
    statistics.push_back(CountOf(metric, false));
    statistics.push_back(CountOf(metric, true));
  }
  if (request.confidence && HasBounds(metric)) {
    statistics.push_back(BoundOf(metric, *request.confidence, false));
    statistics.push_back(BoundOf(metric, *request.confidence, true));
  }
  return statistics;
}

/// Puts them behind their metrics, and everything that names a metric by its position after it.
void AddStatistics(RequestCase& request) {
  std::vector<MetricSpec> metrics;
  std::vector<size_t> moved;
  for (const MetricSpec& metric : request.metrics) {
    moved.push_back(metrics.size());
    metrics.push_back(metric);
    for (MetricSpec& statistic : StatisticsOf(metric, request)) {
      metrics.push_back(std::move(statistic));
    }
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

/// A count of samples in the order or in a condition.
void UseCount(Draws& draws, RequestCase& request) {
  for (size_t i = 0; i < request.metrics.size(); ++i) {
    const MetricSpec& metric = request.metrics[i];
    if (!metric.is_statistic || !IsCountLike(metric.aggregate.kind) || metric.level != 0) continue;
    if (draws.OneIn(8)) {
      request.order_by.insert(request.order_by.begin(), {OrderSpec::Target::kMetric, i, true});
      return;
    }
    if (draws.OneIn(8)) {
      request.having.push_back({.metric = i, .op = ">=", .number = draws.Of({"1", "2", "5"})});
      return;
    }
  }
}

/// The share of the rows that pass a condition which the request has anyway.
void AddShare(RequestCase& request) {
  const MetricSpec& first = request.metrics[0];
  const std::vector<Expr>& condition =
      first.aggregate.filter.empty() ? request.filter : first.aggregate.filter;
  if (first.form != MetricSpec::Form::kExpression || condition.empty()) return;
  MetricSpec whole = {.name = "whole"};
  whole.pin = first.pin;
  whole.start = first.start;
  whole.end = first.end;
  whole.filter = first.filter;
  MetricSpec part = whole;
  part.name = "part";
  part.aggregate.filter = condition;
  MetricSpec share = {.name = "share", .form = MetricSpec::Form::kRatio};
  share.components = {std::move(part), std::move(whole)};
  share.is_share = true;
  request.metrics.push_back(std::move(share));
}

}  // namespace

void DrawStatistics(Draws& draws, size_t num_rows, RequestCase& request) {
  request.samples = draws.OneIn(2);
  if (!request.is_of_datasets && draws.OneIn(3)) AddShare(request);
  for (MetricSpec& metric : request.metrics) {
    // Whether it is a share too is for nobody to say.
    const bool may_be = metric.form == MetricSpec::Form::kRatio && !metric.is_share;
    if (may_be && metric.offset == "0") metric.offset = "1";
  }
  const auto& metrics = request.metrics;
  if ((!request.samples || draws.OneIn(2)) &&
      std::any_of(metrics.begin(), metrics.end(), HasBounds)) {
    ConfidenceSpec& confidence = request.confidence.emplace();
    confidence.level = draws.Of({0.8, 0.8, 0.5, 0.75, 0.95, 0.999});
    confidence.is_bootstrap = num_rows <= kMostResampledRows && draws.OneIn(4);
  }
  if (!request.samples && !request.confidence) return;
  AddStatistics(request);
  if (request.samples) UseCount(draws, request);
}

void DropStatistics(RequestCase& request) {
  request.samples = false;
  request.confidence.reset();
  request.order_by.clear();
  request.having.clear();
  request.top_n.reset();
  std::erase_if(request.metrics, [](const MetricSpec& metric) { return metric.is_statistic; });
}

double NaiveStudentQuantile(uint64_t degrees, double level) {
  static auto& known = *new std::map<std::pair<uint64_t, double>, double>;
  const auto [entry, is_new] = known.try_emplace({degrees, level}, 0);
  if (is_new) {
    entry->second = Bisect([&](Real t) { return StudentInside(degrees, t); }, level);
  }
  return entry->second;
}

double NaiveNormalQuantile(double level) {
  return Bisect([](Real z) { return std::erf(z / std::numbers::sqrt2_v<Real>); }, level);
}

uint64_t NaiveBoundRank(uint64_t n, double fraction, double level) {
  if (n < 2) return 0;
  const bool is_lower = level < 0;
  // The upper bound is the lower one seen from the other end.
  const Real yes = is_lower ? fraction : 1 - Real{fraction};
  const Real no = is_lower ? 1 - Real{fraction} : fraction;
  const Real most = (1 - Real{std::abs(level)}) / 2 * (1 + 1e-9L);
  uint64_t rank = 0;
  if (yes == 0) {
    rank = 0;
  } else if (no == 0) {
    rank = n;
  } else {
    const auto trials = static_cast<Real>(n);
    Real log_term = trials * std::log(no);
    Real sum = 0;
    for (uint64_t k = 0; k < n; ++k) {
      sum += std::exp(log_term);
      if (sum > most) break;
      rank = k + 1;
      log_term += std::log((trials - static_cast<Real>(k)) / static_cast<Real>(k + 1) * yes / no);
    }
  }
  if (rank == 0 || is_lower) return rank;
  return n + 1 - rank;
}

double NaiveShareBound(double passing, double n, double level) {
  const bool is_lower = level < 0;
  if (passing == (is_lower ? 0 : n)) return is_lower ? 0 : 1;
  const Real z = NaiveNormalQuantile(std::abs(level));
  const Real share = Real{passing} / n;
  // The p of |share - p| = z sqrt(p (1 - p) / n), on the asked side of the share: by bisection, as
  // the discriminant of its square loses most digits where n is large and the share near 1.
  Real near = share;
  Real far = is_lower ? 0 : 1;
  for (int step = 0; step < 200; ++step) {
    const Real p = (near + far) / 2;
    (std::abs(share - p) < z * std::sqrt(p * (1 - p) / n) ? near : far) = p;
  }
  return static_cast<double>(near);
}

std::string MeanFactorSql(double level) {
  constexpr uint64_t kListed = 400;  // beyond, the next term is below 1e-12
  std::vector<std::string> quantiles;
  for (uint64_t degrees = 1; degrees <= kListed; ++degrees) {
    quantiles.push_back(FloatText(NaiveStudentQuantile(degrees, std::abs(level))));
  }
  const double z = NaiveNormalQuantile(std::abs(level));
  const auto over = [&](double numerator, int power) {
    return absl::StrCat(FloatText(numerator), "::float8 / power(count(*) - 1, ", power,
                        "::float8)");
  };
  // Abramowitz and Stegun 26.7.5.
  const std::string beyond = absl::StrCat(
      FloatText(z), "::float8 + ", over((std::pow(z, 3) + z) / 4, 1), " + ",
      over((5 * std::pow(z, 5) + 16 * std::pow(z, 3) + 3 * z) / 96, 2), " + ",
      over((3 * std::pow(z, 7) + 19 * std::pow(z, 5) + 17 * std::pow(z, 3) - 15 * z) / 384, 3),
      " + ",
      over((79 * std::pow(z, 9) + 776 * std::pow(z, 7) + 1482 * std::pow(z, 5) -
            1920 * std::pow(z, 3) - 945 * z) /
               92160,
           4));
  return absl::StrCat("(CASE WHEN count(*) BETWEEN 2 AND ", kListed + 1, " THEN (ARRAY[",
                      absl::StrJoin(quantiles, ","), "]::float8[])[count(*) - 1] WHEN count(*) > 1",
                      " THEN ", beyond, " END / sqrt(count(*)))");
}

std::string MeanBoundSql(const std::string& mean, const std::string& deviation, double level) {
  return absl::StrCat("(", mean, level < 0 ? " - " : " + ", MeanFactorSql(level), " * ", deviation,
                      ")");
}

}  // namespace sextant::oracle
