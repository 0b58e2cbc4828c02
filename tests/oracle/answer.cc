#include "tests/oracle/answer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace sextant::oracle {
namespace {

constexpr double kUlp = 2.3e-16;

/// A sum of such values is exact in float64.
bool IsDyadic(const TableCase& table, const Expr& expr) {
  if (expr.op == Op::kColumn) return table.columns[static_cast<size_t>(expr.column)].is_dyadic;
  if (expr.op != Op::kSubtract && expr.op != Op::kAdd) return false;
  return std::all_of(expr.args.begin(), expr.args.end(),
                     [&](const Expr& arg) { return IsDyadic(table, arg); });
}

std::string KeyText(const AnswerRow& row) {
  std::string text = absl::StrCat(row.series, " ", row.start_us, " ", row.grouping);
  for (const auto& axis : row.axes) {
    absl::StrAppend(&text, "|",
                    axis ? absl::StrCat("'", absl::Utf8SafeCHexEscape(*axis), "'") : "NULL");
  }
  return text;
}

std::string ValueText(const AnswerValue& value) {
  if (!value.exists) return "none";
  return value.is_float ? absl::StrCat(FloatText(value.number), " +- ", value.tolerance)
                        : absl::Utf8SafeCHexEscape(value.text);
}

bool Agree(const AnswerValue& expected, const AnswerValue& actual) {
  // Nothing is known of what is computed of a difference that may be zero.
  if (std::isinf(expected.tolerance) || std::isinf(actual.tolerance)) return true;
  if (expected.exists != actual.exists) return false;
  if (!expected.exists) return true;
  if (!expected.is_float || !actual.is_float) return expected.text == actual.text;
  if (std::isnan(expected.number) || std::isnan(actual.number)) {
    return std::isnan(expected.number) == std::isnan(actual.number);
  }
  if (expected.number == actual.number) return true;
  return std::abs(expected.number - actual.number) <=
         std::max(expected.tolerance, actual.tolerance);
}

std::string RowDifference(const RequestCase& request, const AnswerRow& expected,
                          const AnswerRow& actual) {
  if (expected.values.size() != actual.values.size()) {
    return absl::StrCat("cell ", KeyText(actual), " has ", actual.values.size(),
                        " values, expected ", expected.values.size());
  }
  for (size_t metric = 0; metric < expected.values.size(); ++metric) {
    if (Agree(expected.values[metric], actual.values[metric])) continue;
    return absl::StrCat("cell ", KeyText(actual), " ", request.metrics[metric].name, ": ",
                        ValueText(actual.values[metric]), ", expected ",
                        ValueText(expected.values[metric]));
  }
  return "";
}

size_t NumCells(const Answer& answer) {
  return static_cast<size_t>(std::count_if(answer.rows.begin(), answer.rows.end(),
                                           [](const AnswerRow& row) { return row.grouping == 0; }));
}

}  // namespace

void Answer::Note(Outcome of_cell) {
  if (of_cell == Outcome::kRows || outcome == Outcome::kOutOfRange) return;
  outcome = of_cell;
}

void Answer::ForgetHiddenOverflow(const RequestCase& request) {
  const bool has_hidden = request.top_n || !request.having.empty();
  if (has_hidden && outcome == Outcome::kOutOfRange) outcome = Outcome::kUnknown;
}

double ToleranceOf(const TableCase& table, const AggregateExpr& aggregate, double value,
                   const SampleFigures& figures) {
  if (aggregate.kind == Aggregate::kConcurrencyMean) return 2 * kUlp * std::abs(value);
  if (aggregate.args.empty() || IsCountLike(aggregate.kind)) return 0;
  const Kind kind = aggregate.args[0].type.kind;
  const bool is_float = IsFloat(kind);
  const double n = figures.count;
  // Squares below the least float64 are lost, half of one in each.
  constexpr double kLeastSquare = std::numeric_limits<double>::denorm_min();
  switch (aggregate.kind) {
    case Aggregate::kSum:
    case Aggregate::kAvg: {
      const bool is_sum = aggregate.kind == Aggregate::kSum;
      if (is_float && !IsDyadic(table, aggregate.args[0])) {
        return n * 1e-15 * figures.sum_of_magnitudes / (is_sum ? 1 : std::max(n, 1.0)) +
               std::abs(value) * kUlp;
      }
      // Exact sums, divided once: integers and dyadic floats to the last bit.
      const bool is_scaled = kind == Kind::kNumeric || kind == Kind::kDuration;
      const bool is_exact = figures.sum_of_magnitudes < 9e15 && !is_scaled;
      return is_exact ? 0 : 2 * kUlp * std::abs(value);
    }
    case Aggregate::kMin:
    case Aggregate::kMax:
    case Aggregate::kPercentileDisc:
    case Aggregate::kMode:
    case Aggregate::kTopValues:
      return 0;
    case Aggregate::kPercentileCont:
    case Aggregate::kMedian:
      return 0;
    case Aggregate::kVarSamp:
    case Aggregate::kVarPop:
      return 4 * kUlp * std::abs(value) +
             (is_float ? kLeastSquare + n * 1e-15 * figures.sum_of_squares / std::max(n - 1, 1.0)
                       : 0);
    case Aggregate::kStddevSamp:
    case Aggregate::kStddevPop: {
      const double variance_error =
          is_float ? n * 1e-15 * figures.sum_of_squares / std::max(n - 1, 1.0) : 0;
      const double root_error = value > 0
                                    ? std::min(variance_error / value, std::sqrt(variance_error))
                                    : std::sqrt(variance_error);
      return 4 * kUlp * std::abs(value) + root_error + (is_float ? std::sqrt(kLeastSquare) : 0);
    }
    case Aggregate::kRankBound:
      return 0;
    case Aggregate::kMeanBound:
      // The figures are the magnitudes of what is added, and how far they may be off.
      return figures.sum_of_squares + 1e-11 * figures.sum_of_magnitudes;
    case Aggregate::kResampledMean:
      return std::isfinite(value) ? 1e308 : std::numeric_limits<double>::infinity();
    case Aggregate::kRegrSlope:
      // The figure is how much y varies for x.
      return 1e-9 * std::max(figures.sum_of_magnitudes, std::abs(value));
    default:
      return 1e-9;
  }
}

std::string Difference(const RequestCase& request, const Answer& expected, const Answer& actual) {
  const bool is_known =
      expected.outcome != Answer::Outcome::kUnknown && actual.outcome != Answer::Outcome::kUnknown;
  if (!is_known) return "";
  if (expected.outcome != actual.outcome) {
    return absl::StrCat("outcome ", static_cast<int>(actual.outcome), " (", actual.message,
                        "), expected ", static_cast<int>(expected.outcome), " (", expected.message,
                        ")");
  }
  if (expected.outcome != Answer::Outcome::kRows) return "";
  // Of the cells: others and totals always follow.
  size_t num_expected = NumCells(expected);
  if (request.limit) num_expected = std::min<size_t>(*request.limit, num_expected);
  const size_t num_others = expected.rows.size() - NumCells(expected);
  std::map<std::string, const AnswerRow*> by_key;
  for (const AnswerRow& row : expected.rows) by_key.emplace(KeyText(row), &row);
  for (const AnswerRow& row : actual.rows) {
    const auto found = by_key.find(KeyText(row));
    if (found == by_key.end()) return absl::StrCat("the cell ", KeyText(row), " is not expected");
    const std::string difference = RowDifference(request, *found->second, row);
    if (!difference.empty()) return difference;
    by_key.erase(found);
  }
  const size_t num_cells = NumCells(actual);
  if (num_cells != num_expected || actual.rows.size() - num_cells != num_others) {
    return absl::StrCat(num_cells, " cells and ", actual.rows.size() - num_cells,
                        " others and totals, expected ", num_expected, " and ", num_others,
                        ", such as ", by_key.empty() ? "" : by_key.begin()->first);
  }
  if (expected.excluded && actual.excluded && *expected.excluded != *actual.excluded) {
    return absl::StrCat("excluded ", *actual.excluded, ", expected ", *expected.excluded);
  }
  if (expected.rows_selected && actual.rows_selected &&
      (*expected.rows_selected < *actual.rows_selected ||
       *expected.rows_selected > *actual.rows_selected + actual.rows_out_of_range)) {
    return absl::StrCat("selected ", *actual.rows_selected, ", expected ", *expected.rows_selected);
  }
  return "";
}

}  // namespace sextant::oracle
