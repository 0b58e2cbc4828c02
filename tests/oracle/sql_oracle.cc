#include "tests/oracle/sql_oracle.h"

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/memory/check.h"
#include "tests/oracle/sql_text.h"

namespace sextant::oracle {
namespace {

double NumberOf(const std::optional<std::string>& text) {
  return text ? std::strtod(text->c_str(), nullptr) : 0;
}

int64_t MicrosecondsOf(const std::string& text) { return static_cast<int64_t>(*ParseInt128(text)); }

AnswerValue ReadValue(const TableCase& table, const MetricSpec& metric,
                      const std::optional<std::string>* columns) {
  AnswerValue value;
  value.exists = columns[0].has_value();
  if (!value.exists) return value;
  const Type type = ResultType(metric);
  value.text = *columns[0];
  value.is_float = IsFloat(type.kind);
  if (!value.is_float) return value;
  value.number = NumberOf(columns[0]);
  value.tolerance = ToleranceOf(table, metric.aggregate, value.number,
                                {NumberOf(columns[1]), NumberOf(columns[2]), NumberOf(columns[3])});
  return value;
}

/// A sum that its type does not hold (rule 2), also that of a mean.
Answer::Outcome OutcomeOf(const MetricSpec& metric, const AnswerValue& value, double count,
                          double sum_of_magnitudes) {
  const AggregateExpr& aggregate = metric.aggregate;
  const bool is_mean = aggregate.kind == Aggregate::kAvg;
  if ((aggregate.kind != Aggregate::kSum && !is_mean) || !value.exists) {
    return Answer::Outcome::kRows;
  }
  const Type& type = aggregate.args[0].type;
  if (IsInteger(type.kind) && !is_mean) {
    const std::optional<Int128> sum = ParseInt128(value.text);
    const bool fits = sum && *sum == static_cast<int64_t>(*sum);
    return fits ? Answer::Outcome::kRows : Answer::Outcome::kOutOfRange;
  }
  if (type.kind != Kind::kNumeric) return Answer::Outcome::kRows;
  return WideSumOutcome(type, is_mean, is_mean ? value.number * count : NumberOf(value.text),
                        sum_of_magnitudes);
}

}  // namespace

std::vector<Interval> SqlOracle::Intervals(const TableCase& table, const RequestCase& request) {
  std::vector<std::string> pins;
  for (const MetricSpec& metric : request.metrics) {
    if (metric.pin == MetricSpec::Pin::kAt) {
      const std::string pin = PinSql(table, metric.start, request.zone);
      const std::vector<Expr>& filter = metric.aggregate.filter;
      const ExpressionWriter writer(ExpressionWriter::Reader::kSql, table);
      pins.push_back(filter.empty() ? pin
                                    : absl::StrCat("CASE WHEN ", writer.Write(filter[0]), " THEN ",
                                                   pin, " END"));
    }
  }
  std::string from = request.from ? InstantSql(*request.from, request.zone) : "";
  std::string to = request.to ? InstantSql(*request.to, request.zone) : "";
  if ((from.empty() || to.empty()) && !pins.empty()) {
    // Rule 14: the bounds of the samples in scope.
    const std::string list = absl::StrJoin(pins, ", ");
    const auto bounds =
        postgres_.RunOrDie(absl::StrCat("SELECT trunc(extract(epoch FROM min(least(", list,
                                        "))) * 1000000), trunc(extract(epoch FROM max(greatest(",
                                        list, "))) * 1000000)", ScopeSql(table, request)));
    if (bounds[0][0]) {
      if (from.empty()) from = InstantSql(MicrosecondsOf(*bounds[0][0]));
      if (to.empty()) to = InstantSql(MicrosecondsOf(*bounds[0][1]) + 1);
    }
  }
  if (from.empty()) from = to.empty() ? InstantSql(0) : to;
  if (to.empty()) to = from;
  std::vector<Interval> intervals;
  for (const auto& row : postgres_.RunOrDie(IntervalsSql(request, from, to))) {
    intervals.push_back({static_cast<size_t>(std::atoi(row[0]->c_str())), MicrosecondsOf(*row[1]),
                         MicrosecondsOf(*row[2]), *row[3] == "t"});
  }
  return intervals;
}

Answer SqlOracle::Read(const TableCase& table, const RequestCase& request,
                       const std::vector<Interval>& intervals,
                       const std::optional<Interval>& whole) {
  Answer answer;
  last_sql_ = CellsSql(table, request, intervals, whole);
  const SqlResult result = postgres_.Run(last_sql_);
  if (!result.error.empty()) {
    // A sum of float8 that overflows depends on the order of its rows.
    SEXTANT_CHECK(result.sqlstate == "22003") << result.error << "\n" << last_sql_;
    answer.outcome = Answer::Outcome::kUnknown;
    return answer;
  }
  for (const auto& columns : result.rows) {
    const Interval& interval = intervals[static_cast<size_t>(std::atoi(columns[0]->c_str()))];
    AnswerRow row;
    row.series = interval.series;
    row.start_us = request.HasTimeAxis() ? interval.start_us : 0;
    row.grouping = std::atoi(columns[1]->c_str());
    size_t at = 2;
    for (const AxisSpec& axis : request.axes) {
      std::optional<std::string> text = columns[at++];
      if (text && IsFloat(AxisType(table, axis).kind)) text = FloatText(NumberOf(text));
      row.axes.push_back(std::move(text));
    }
    for (const MetricSpec& metric : request.metrics) {
      row.values.push_back(ReadValue(table, metric, &columns[at]));
      const Answer::Outcome outcome = OutcomeOf(
          metric, row.values.back(), NumberOf(columns[at + 1]), NumberOf(columns[at + 2]));
      answer.Note(outcome);
      at += 4;
    }
    answer.rows.push_back(std::move(row));
  }
  answer.ForgetHiddenOverflow(request);
  return answer;
}

Answer SqlOracle::Ask(const TableCase& table, const RequestCase& request) {
  postgres_.RunOrDie("SET TimeZone = " + QuoteText(request.zone));
  std::optional<Interval> whole;
  if (request.top_n) {
    RequestCase once = request;
    once.series = {{}};
    whole = Intervals(table, once)[0];
  }
  return Read(table, request, Intervals(table, request), whole);
}

}  // namespace sextant::oracle
