#include "tests/oracle/naive_aggregate.h"

#include <algorithm>
#include <cmath>
#include <set>

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
