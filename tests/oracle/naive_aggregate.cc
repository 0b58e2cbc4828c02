#include "tests/oracle/naive_aggregate.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "tests/oracle/histograms.h"
#include "tests/oracle/naive_scalar.h"
#include "tests/oracle/statistics.h"

namespace sextant::oracle {
namespace {

/// The number that a value stands for: seconds of a duration.
long double NumberOf(const Type& type, const Datum& datum) {
  if (IsFloat(type.kind)) return static_cast<long double>(datum.number);
  const auto value = static_cast<long double>(datum.integer);
  if (type.kind == Kind::kNumeric) return value / static_cast<long double>(PowerOfTen(type.scale));
  return type.kind == Kind::kDuration ? value / 1e6L : value;
}

/// The same as float8, rounded once.
double FloatOf(const Type& type, const Datum& datum) {
  return type.kind == Kind::kDuration ? DecimalToFloat(datum.integer, 6)
                                      : NumberAsFloat(type, datum);
}

AnswerValue OfNumber(double number, double tolerance) {
  return {.exists = true, .is_float = true, .number = number, .tolerance = tolerance};
}

AnswerValue OfText(std::string text) { return {.exists = true, .text = std::move(text)}; }

/// A value of the aggregate's own type.
AnswerValue OfDatum(const Type& type, const Datum& datum) {
  if (IsFloat(type.kind)) return OfNumber(datum.number, 0);
  if (type.kind == Kind::kDuration) {
    return OfNumber(DecimalToFloat(datum.integer, 6), 0);  // seconds, rounded once
  }
  return OfText(CanonicalText(type, datum));
}

SampleFigures FiguresOf(const Type& type, const std::vector<Sample>& samples) {
  SampleFigures figures;
  for (const Sample& sample : samples) {
    const auto number = static_cast<double>(NumberOf(type, sample.args[0]));
    figures.count += 1;
    figures.sum_of_magnitudes += std::abs(number);
    figures.sum_of_squares += number * number;
  }
  return figures;
}

/// Adds in two parts, neither of which overflows: units of 10^18, and what is less.
class ExactSum {
 public:
  void Add(Int128 value) {
    high_ += value / kUnit;
    low_ += value % kUnit;
    was_wide_ = was_wide_ || !Total();
  }
  /// None beyond 128 bits.
  std::optional<Int128> Total() const {
    Int128 high = high_ + low_ / kUnit;
    Int128 low = low_ % kUnit;
    // Of one sign, so that nothing but the total can overflow.
    if (high > 0 && low < 0) {
      --high;
      low += kUnit;
    } else if (high < 0 && low > 0) {
      ++high;
      low -= kUnit;
    }
    Int128 total = 0;
    const bool is_wide =
        __builtin_mul_overflow(high, kUnit, &total) || __builtin_add_overflow(total, low, &total);
    return is_wide ? std::nullopt : std::optional(total);
  }
  /// Whether it was beyond them on its way.
  bool was_wide() const { return was_wide_; }

 private:
  static constexpr Int128 kUnit = 1'000'000'000'000'000'000;
  Int128 high_ = 0;
  Int128 low_ = 0;
  bool was_wide_ = false;
};

/// Rule 2: int8 of integers, 38 digits of decimals; 128 bits of what a mean is computed of.
bool Fits(const Type& type, bool is_average, std::optional<Int128> total) {
  if (!total) return false;
  if (is_average) return true;
  if (IsInteger(type.kind)) return *total == static_cast<int64_t>(*total);
  const Int128 magnitude = *total < 0 ? -*total : *total;
  return type.kind != Kind::kNumeric || magnitude < PowerOfTen(38);
}

AnswerValue Sum(const TableCase& table, const AggregateExpr& aggregate,
                const std::vector<Sample>& samples, SumOutcome* outcome) {
  const Type& type = aggregate.args[0].type;
  const bool is_average = aggregate.kind == Aggregate::kAvg;
  const auto size = static_cast<long double>(samples.size());
  long double sum = 0;
  ExactSum exact;
  for (const Sample& sample : samples) {
    sum += NumberOf(type, sample.args[0]);
    if (!IsFloat(type.kind)) exact.Add(sample.args[0].integer);
  }
  if (!IsFloat(type.kind)) {
    const std::optional<Int128> total = exact.Total();
    const Int128 unit = type.kind == Kind::kNumeric
                            ? PowerOfTen(type.scale)
                            : Int128{type.kind == Kind::kDuration ? kSecondUs : 1};
    if (total) sum = static_cast<long double>(*total) / static_cast<long double>(unit);
    const bool fits = Fits(type, is_average, total);
    if (!fits) outcome->outcome = Answer::Outcome::kOutOfRange;
    outcome->came_back = fits && exact.was_wide();
    if (!is_average && type.kind != Kind::kDuration) {
      return OfText(DecimalText(total.value_or(0), type.kind == Kind::kNumeric ? type.scale : 0));
    }
  }
  const auto value = static_cast<double>(is_average ? sum / size : sum);
  // Sums here round at other places: an exact one is still rounded twice.
  return OfNumber(value, ToleranceOf(table, aggregate, value, FiguresOf(type, samples)) +
                             std::abs(value) * 2.3e-16);
}

AnswerValue Spread(const TableCase& table, const AggregateExpr& aggregate,
                   const std::vector<Sample>& samples) {
  const Type& type = aggregate.args[0].type;
  const bool is_sample =
      aggregate.kind == Aggregate::kStddevSamp || aggregate.kind == Aggregate::kVarSamp;
  const auto size = static_cast<long double>(samples.size());
  if (is_sample && samples.size() < 2) return {};
  long double mean = 0;
  for (const Sample& sample : samples) mean += NumberOf(type, sample.args[0]);
  mean /= size;
  long double squares = 0;
  for (const Sample& sample : samples) {
    const long double distance = NumberOf(type, sample.args[0]) - mean;
    squares += distance * distance;
  }
  long double value = squares / (is_sample ? size - 1 : size);
  const bool is_root =
      aggregate.kind == Aggregate::kStddevSamp || aggregate.kind == Aggregate::kStddevPop;
  if (is_root) value = std::sqrt(value);
  const SampleFigures figures = FiguresOf(type, samples);
  // Here the mean is rounded too.
  const double slack = std::sqrt(figures.sum_of_squares) * 1e-15;
  return OfNumber(static_cast<double>(value),
                  ToleranceOf(table, aggregate, static_cast<double>(value), figures) +
                      (is_root ? slack : slack * std::sqrt(figures.sum_of_squares)));
}

/// Percentiles and the mode, over the sorted samples.
AnswerValue Ordered(const AggregateExpr& aggregate, std::vector<Sample> samples) {
  const Type& type = aggregate.args[0].type;
  const auto less = [&](const Sample& a, const Sample& b) {
    return CompareDatums(type.kind, a.args[0], b.args[0]) < 0;
  };
  std::stable_sort(samples.begin(), samples.end(), less);
  const auto size = static_cast<double>(samples.size());
  if (aggregate.kind == Aggregate::kPercentileDisc) {
    const double row = std::max(1.0, std::ceil(aggregate.fraction * size));
    return OfDatum(type, samples[static_cast<size_t>(row) - 1].args[0]);
  }
  if (aggregate.kind == Aggregate::kMode) {
    size_t best = 0;
    size_t best_count = 0;
    for (size_t begin = 0; begin < samples.size();) {
      size_t end = begin;
      while (end < samples.size() && !less(samples[begin], samples[end])) ++end;
      if (end - begin > best_count) {
        best = begin;
        best_count = end - begin;
      }
      begin = end;
    }
    return OfDatum(type, samples[best].args[0]);
  }
  const double at = aggregate.fraction * (size - 1);
  const auto number = [&](double row) {
    return FloatOf(type, samples[static_cast<size_t>(row)].args[0]);
  };
  const double low = number(std::floor(at));
  if (std::floor(at) == std::ceil(at)) return OfNumber(low, 0);
  return OfNumber(low + (at - std::floor(at)) * (number(std::ceil(at)) - low), 0);
}

/// Of pairs (y, x), as PostgreSQL defines them where one does not vary.
AnswerValue Regression(const TableCase& table, const AggregateExpr& aggregate,
                       const std::vector<Sample>& samples) {
  const auto size = static_cast<long double>(samples.size());
  const auto y = [&](const Sample& s) { return NumberOf(aggregate.args[0].type, s.args[0]); };
  const auto x = [&](const Sample& s) { return NumberOf(aggregate.args[1].type, s.args[1]); };
  long double mean_x = 0;
  long double mean_y = 0;
  for (const Sample& sample : samples) {
    mean_x += x(sample);
    mean_y += y(sample);
  }
  mean_x /= size;
  mean_y /= size;
  long double xx = 0;
  long double yy = 0;
  long double xy = 0;
  for (const Sample& sample : samples) {
    xx += (x(sample) - mean_x) * (x(sample) - mean_x);
    yy += (y(sample) - mean_y) * (y(sample) - mean_y);
    xy += (x(sample) - mean_x) * (y(sample) - mean_y);
  }
  if (xx == 0 || (yy == 0 && aggregate.kind == Aggregate::kCorr)) return {};
  long double value = xy / xx;
  if (aggregate.kind == Aggregate::kCorr) value = xy / std::sqrt(xx * yy);
  if (aggregate.kind == Aggregate::kRegrR2) value = yy == 0 ? 1 : xy * xy / (xx * yy);
  SampleFigures figures;
  figures.sum_of_magnitudes = static_cast<double>(std::sqrt(yy / xx));
  return OfNumber(static_cast<double>(value),
                  ToleranceOf(table, aggregate, static_cast<double>(value), figures));
}

/// The values of the samples that come first by their order key, then by id.
AnswerValue TopValues(const AggregateExpr& aggregate, std::vector<Sample> samples) {
  const Kind key_kind = aggregate.order_by[0].type.kind;
  std::sort(samples.begin(), samples.end(), [&](const Sample& a, const Sample& b) {
    const int order = CompareDatums(key_kind, a.order_key, b.order_key);
    if (order != 0) return aggregate.descending ? order > 0 : order < 0;
    return a.id.integer < b.id.integer;
  });
  const Type& type = aggregate.args[0].type;
  const auto first = static_cast<size_t>(aggregate.first) - 1;
  if (!aggregate.is_list) {
    if (first >= samples.size() || samples[first].args[0].is_null) return {};
    return OfDatum(type, samples[first].args[0]);
  }
  std::string text = "{";
  const size_t end = std::min(samples.size(), static_cast<size_t>(aggregate.last));
  for (size_t i = first; i < end; ++i) {
    const Datum& value = samples[i].args[0];
    text += i > first ? "," : "";
    if (value.is_null) {
      text += "NULL";
    } else if (type.kind == Kind::kDuration) {
      text += FloatText(DecimalToFloat(value.integer, 6));
    } else {
      text += CanonicalText(type, value);
    }
  }
  return OfText(text + "}");
}

/// mean -+ t * deviation / sqrt(n).
AnswerValue MeanBound(const TableCase& table, const AggregateExpr& aggregate,
                      const std::vector<Sample>& samples, SumOutcome* outcome) {
  if (samples.size() < 2) return {};
  AggregateExpr part = aggregate;
  part.kind = Aggregate::kAvg;
  const AnswerValue mean = Sum(table, part, samples, outcome);
  part.kind = Aggregate::kStddevSamp;
  const AnswerValue deviation = Spread(table, part, samples);
  // A deviation that overflows is an error, and where it does depends on the order of the samples.
  constexpr double kNearOverflow = 1e300;
  const Type& type = aggregate.args[0].type;
  const bool may_overflow =
      IsFloat(type.kind) && !(FiguresOf(type, samples).sum_of_squares < kNearOverflow);
  if (may_overflow) outcome->outcome = Answer::Outcome::kUnknown;
  const auto n = static_cast<double>(samples.size());
  const double factor =
      NaiveStudentQuantile(samples.size() - 1, std::abs(aggregate.level)) / std::sqrt(n);
  const double margin = factor * deviation.number;
  return OfNumber(
      aggregate.level < 0 ? mean.number - margin : mean.number + margin,
      mean.tolerance + factor * deviation.tolerance + 1e-11 * (std::abs(mean.number) + margin));
}

/// What the draws come to is tested elsewhere: here only whether there is a bound.
AnswerValue ResampledMean(const TableCase& table, const AggregateExpr& aggregate,
                          const std::vector<Sample>& samples, SumOutcome* outcome) {
  if (samples.size() < 2) return {};
  AggregateExpr mean = aggregate;
  mean.kind = Aggregate::kAvg;
  AnswerValue value = Sum(table, mean, samples, outcome);
  value.tolerance = ToleranceOf(table, aggregate, value.number, {});
  return value;
}

AnswerValue RankBound(const AggregateExpr& aggregate, std::vector<Sample> samples) {
  const Type& type = aggregate.args[0].type;
  const uint64_t rank = NaiveBoundRank(samples.size(), aggregate.fraction, aggregate.level);
  if (rank == 0) return {};
  std::stable_sort(samples.begin(), samples.end(), [&](const Sample& a, const Sample& b) {
    return CompareDatums(type.kind, a.args[0], b.args[0]) < 0;
  });
  const Datum& bound = samples[rank - 1].args[0];
  return aggregate.is_discrete ? OfDatum(type, bound) : OfNumber(NumberAsFloat(type, bound), 0);
}

/// Of how many rows there is one more at an instant, or fewer: for many rows.
int64_t MostOfManyAtOnce(const std::vector<Sample>& samples) {
  std::map<int64_t, int64_t> changes;
  for (const Sample& sample : samples) {
    ++changes[sample.starts_us];
    --changes[sample.ends_us];
  }
  int64_t running = 0;
  int64_t most = 0;
  for (const auto& [instant, change] : changes) most = std::max(most, running += change);
  return most;
}

/// By the definition: when the most rows run, one has just started.
int64_t MostAtOnce(const std::vector<Sample>& samples) {
  constexpr size_t kMany = 3000;
  if (samples.size() > kMany) return MostOfManyAtOnce(samples);
  int64_t most = 0;
  for (const Sample& at : samples) {
    const auto runs = [&](const Sample& sample) {
      return sample.starts_us <= at.starts_us && at.starts_us < sample.ends_us;
    };
    most = std::max<int64_t>(most, std::count_if(samples.begin(), samples.end(), runs));
  }
  return most;
}

AnswerValue Concurrency(const AggregateExpr& aggregate, const std::vector<Sample>& samples) {
  if (aggregate.kind == Aggregate::kConcurrencyMax) {
    return OfText(std::to_string(MostAtOnce(samples)));
  }
  if (samples.empty()) return OfNumber(0, 0);
  Int128 running_us = 0;
  for (const Sample& sample : samples) running_us += Int128{sample.ends_us} - sample.starts_us;
  const auto mean = static_cast<double>(static_cast<long double>(running_us) /
                                        static_cast<long double>(samples[0].interval_us));
  return OfNumber(mean, ToleranceOf({}, aggregate, mean, {}));
}

}  // namespace

AnswerValue AggregateNaively(const TableCase& table, const AggregateExpr& aggregate,
                             const std::vector<Sample>& samples, SumOutcome* outcome) {
  if (aggregate.kind == Aggregate::kCountRows || aggregate.kind == Aggregate::kCount) {
    return OfText(std::to_string(samples.size()));
  }
  if (aggregate.kind == Aggregate::kCountDistinct) {
    std::set<std::string> distinct;
    for (const Sample& sample : samples) {
      distinct.insert(CanonicalText(aggregate.args[0].type, sample.args[0]));
    }
    return OfText(std::to_string(distinct.size()));
  }
  if (IsConcurrency(aggregate.kind)) return Concurrency(aggregate, samples);
  if (samples.empty()) return {};
  if (aggregate.kind == Aggregate::kSum || aggregate.kind == Aggregate::kAvg) {
    return Sum(table, aggregate, samples, outcome);
  }
  if (aggregate.kind >= Aggregate::kStddevSamp && aggregate.kind <= Aggregate::kVarPop) {
    return Spread(table, aggregate, samples);
  }
  if (aggregate.kind == Aggregate::kBoolOr || aggregate.kind == Aggregate::kBoolAnd) {
    const auto is_true = [](const Sample& sample) { return sample.args[0].integer != 0; };
    const bool value = aggregate.kind == Aggregate::kBoolOr
                           ? std::any_of(samples.begin(), samples.end(), is_true)
                           : std::all_of(samples.begin(), samples.end(), is_true);
    return OfText(value ? "true" : "false");
  }
  if (aggregate.kind == Aggregate::kMeanBound) return MeanBound(table, aggregate, samples, outcome);
  if (aggregate.kind == Aggregate::kRankBound) return RankBound(aggregate, samples);
  if (aggregate.kind == Aggregate::kResampledMean) {
    return ResampledMean(table, aggregate, samples, outcome);
  }
  if (aggregate.kind == Aggregate::kHistogramCounts ||
      aggregate.kind == Aggregate::kHistogramEdges) {
    std::vector<double> numbers;
    for (const Sample& sample : samples) {
      numbers.push_back(FloatOf(aggregate.args[0].type, sample.args[0]) + 0.0);
    }
    std::sort(numbers.begin(), numbers.end());
    return NaiveHistogram(aggregate, numbers);
  }
  if (HasTwoArgs(aggregate.kind)) return Regression(table, aggregate, samples);
  if (aggregate.kind == Aggregate::kTopValues) return TopValues(aggregate, samples);
  if (aggregate.kind > Aggregate::kMax) return Ordered(aggregate, samples);
  const Type& type = aggregate.args[0].type;
  const auto less = [&](const Sample& a, const Sample& b) {
    return CompareDatums(type.kind, a.args[0], b.args[0]) < 0;
  };
  const auto best = aggregate.kind == Aggregate::kMin
                        ? std::min_element(samples.begin(), samples.end(), less)
                        : std::max_element(samples.begin(), samples.end(), less);
  return OfDatum(type, best->args[0]);
}

}  // namespace sextant::oracle
