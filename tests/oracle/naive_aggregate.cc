#include "tests/oracle/naive_aggregate.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "tests/oracle/naive_scalar.h"

namespace sextant::oracle {
namespace {

/// The number that a value stands for: seconds of a duration.
long double NumberOf(const Type& type, const Datum& datum) {
  if (IsFloat(type.kind)) return static_cast<long double>(datum.number);
  const auto value = static_cast<long double>(datum.integer);
  if (type.kind == Kind::kNumeric) return value / static_cast<long double>(PowerOfTen(type.scale));
  return type.kind == Kind::kDuration ? value / 1e6L : value;
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

AnswerValue Sum(const TableCase& table, const AggregateExpr& aggregate,
                const std::vector<Sample>& samples, Answer::Outcome* outcome) {
  const Type& type = aggregate.args[0].type;
  const bool is_average = aggregate.kind == Aggregate::kAvg;
  const auto size = static_cast<long double>(samples.size());
  long double sum = 0;
  Int128 exact = 0;
  bool is_too_large = false;
  for (const Sample& sample : samples) {
    sum += NumberOf(type, sample.args[0]);
    if (IsFloat(type.kind)) continue;
    is_too_large = __builtin_add_overflow(exact, sample.args[0].integer, &exact) || is_too_large;
  }
  if (!IsFloat(type.kind)) {
    const Int128 unit = type.kind == Kind::kNumeric
                            ? PowerOfTen(type.scale)
                            : Int128{type.kind == Kind::kDuration ? kSecondUs : 1};
    if (!is_too_large) sum = static_cast<long double>(exact) / static_cast<long double>(unit);
    const bool is_integer = IsInteger(type.kind) && !is_average;
    if (is_integer && exact != static_cast<int64_t>(exact)) *outcome = Answer::Outcome::kOutOfRange;
    if (type.kind == Kind::kNumeric) {
      *outcome = WideSumOutcome(type, is_average, static_cast<double>(sum),
                                FiguresOf(type, samples).sum_of_magnitudes);
    }
    if (!is_average && type.kind != Kind::kDuration) {
      return OfText(DecimalText(exact, type.kind == Kind::kNumeric ? type.scale : 0));
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
    return NumberAsFloat(type, samples[static_cast<size_t>(row)].args[0]);
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

}  // namespace

AnswerValue AggregateNaively(const TableCase& table, const AggregateExpr& aggregate,
                             const std::vector<Sample>& samples, Answer::Outcome* outcome) {
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
