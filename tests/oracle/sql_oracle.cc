#include "tests/oracle/sql_oracle.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/memory/check.h"
#include "tests/oracle/cell_value.h"
#include "tests/oracle/naive_groups.h"
#include "tests/oracle/sql_text.h"

namespace sextant::oracle {
namespace {

constexpr char kNumberOutOfRange[] = "22003";

double NumberOf(const std::optional<std::string>& text) {
  return text ? std::strtod(text->c_str(), nullptr) : 0;
}

int64_t MicrosecondsOf(const std::string& text) { return static_cast<int64_t>(*ParseInt128(text)); }

AnswerValue ReadValue(const TableCase& table, const AggregateExpr& aggregate,
                      const std::optional<std::string>* columns) {
  AnswerValue value;
  if (ResultType(aggregate).kind == Kind::kList && aggregate.histogram &&
      !aggregate.histogram->HasSql()) {
    value.tolerance = std::numeric_limits<double>::infinity();  // not known
    return value;
  }
  value.exists = columns[0].has_value();
  if (!value.exists) return value;
  const Type type = ResultType(aggregate);
  value.text = WithFloatTexts(type, *columns[0]);
  value.is_float = IsFloat(type.kind);
  if (!value.is_float) return value;
  value.number = NumberOf(columns[0]);
  value.tolerance = ToleranceOf(table, aggregate, value.number,
                                {NumberOf(columns[1]), NumberOf(columns[2]), NumberOf(columns[3])});
  return value;
}

/// A sum that its type does not hold (rule 2), also that of a mean, which is known as closely as
/// the mean is.
Answer::Outcome OutcomeOf(const AggregateExpr& aggregate, const AnswerValue& value, double count) {
  const bool is_mean = aggregate.kind == Aggregate::kAvg;
  if ((aggregate.kind != Aggregate::kSum && !is_mean) || !value.exists) {
    return Answer::Outcome::kRows;
  }
  const Type& type = aggregate.args[0].type;
  const auto fits = [](bool it_does) {
    return it_does ? Answer::Outcome::kRows : Answer::Outcome::kOutOfRange;
  };
  if (IsInteger(type.kind) && !is_mean) {
    const std::optional<Int128> sum = ParseInt128(value.text);
    return fits(sum && *sum == static_cast<int64_t>(*sum));
  }
  if (type.kind != Kind::kNumeric) return Answer::Outcome::kRows;
  if (is_mean) {
    constexpr double k128Bits = 1.7014118346e38;
    const double sum = std::abs(value.number) * count * static_cast<double>(PowerOfTen(type.scale));
    if (std::abs(sum - k128Bits) < 1e-6 * k128Bits) return Answer::Outcome::kUnknown;
    return fits(sum < k128Bits);
  }
  std::string digits = value.text;
  std::erase(digits, '.');
  std::erase(digits, '-');
  digits.erase(0, digits.find_first_not_of('0'));
  return fits(digits.size() <= 38);
}

/// What is asked of values that are computed here and not by SQL.
bool PassesHaving(const RequestCase& request, const AnswerRow& cell) {
  return std::all_of(request.having.begin(), request.having.end(), [&](const HavingSpec& having) {
    const bool is_by_sql = having.is_of_axis || request.metrics[having.metric].IsAggregate();
    return is_by_sql || NaiveHaving(having, cell);
  });
}

/// The ends of a row's samples of a lane in time: least, greatest. NULL of no sample (rule 14).
std::pair<std::string, std::string> BoundsOf(const TableCase& table, const Lane& lane,
                                             const std::string& zone) {
  const std::string start = PinSql(table, lane.start, zone);
  if (lane.pin == MetricSpec::Pin::kAt) {
    const bool is_list = table.columns[static_cast<size_t>(lane.start)].type.kind == Kind::kList;
    if (!is_list) return {start, start};
    const std::string elements = absl::StrCat("(u) FROM unnest(", start, ") AS u)");
    return {"(SELECT min" + elements, "(SELECT max" + elements};
  }
  const std::string end = PinSql(table, lane.end, zone);
  const std::string is_there =
      absl::StrCat("CASE WHEN (", end, " IS NULL OR ", start, " <= ", end, ")");
  // The end is not one of its instants, but of a state at the end of a range.
  const std::string closed =
      lane.pin == MetricSpec::Pin::kDuring
          ? absl::StrCat("greatest(", start, ", ", end, " - interval '1 microsecond')")
          : end;
  const std::string last = absl::StrCat("CASE WHEN ", end, " IS NULL THEN greatest(", start, ", ",
                                        InstantSql(table.as_of_us), ") ELSE ", closed, " END");
  return {absl::StrCat(is_there, " THEN ", start, " END"),
          absl::StrCat(is_there, " AND ", start, " IS NOT NULL THEN ", last, " END")};
}

}  // namespace

std::vector<Interval> SqlOracle::Intervals(const TableCase& table, const RequestCase& request) {
  std::vector<std::string> starts;
  std::vector<std::string> ends;
  const ExpressionWriter writer(ExpressionWriter::Reader::kSql, table);
  for (const Lane& lane : AllLanes(request)) {
    if (lane.pin == MetricSpec::Pin::kNone) continue;
    const auto [start, end] = BoundsOf(table, lane, request.zone);
    const std::vector<Expr>& filter = lane.aggregate.filter;
    const std::string passes = filter.empty() ? "true" : writer.Write(filter[0]);
    starts.push_back(absl::StrCat("CASE WHEN ", passes, " THEN ", start, " END"));
    ends.push_back(absl::StrCat("CASE WHEN ", passes, " THEN ", end, " END"));
  }
  std::string from = request.from ? InstantSql(*request.from, request.zone) : "";
  std::string to = request.to ? InstantSql(*request.to, request.zone) : "";
  if ((from.empty() || to.empty()) && !starts.empty()) {
    // Rule 14: the bounds of the samples in scope.
    const SqlResult found = postgres_.Run(
        absl::StrCat("SELECT trunc(extract(epoch FROM min(least(", absl::StrJoin(starts, ", "),
                     "))) * 1000000), trunc(extract(epoch FROM max(greatest(",
                     absl::StrJoin(ends, ", "), "))) * 1000000)", ScopeSql(table, request)));
    // What is compared with a constant of the filter may not hold it.
    SEXTANT_CHECK(found.error.empty() || found.sqlstate == kNumberOutOfRange) << found.error;
    has_failed_ = has_failed_ || !found.error.empty();
    if (has_failed_) return {};
    const auto& bounds = found.rows;
    if (bounds[0][0]) {
      if (from.empty()) from = InstantSql(MicrosecondsOf(*bounds[0][0]));
      if (to.empty()) to = InstantSql(MicrosecondsOf(*bounds[0][1]) + 1);
    }
  }
  if (from.empty()) from = to.empty() ? InstantSql(0) : to;
  if (to.empty()) to = from;
  to = absl::StrCat("greatest(", from, ", ", to, ")");
  std::vector<Interval> intervals;
  for (const auto& row : postgres_.RunOrDie(IntervalsSql(request, from, to))) {
    intervals.push_back({static_cast<size_t>(std::atoi(row[0]->c_str())), MicrosecondsOf(*row[1]),
                         MicrosecondsOf(*row[2]), *row[3] == "t"});
  }
  return intervals;
}

Answer SqlOracle::Read(const TableCase& table, const RequestCase& request,
                       const CellIntervals& of) {
  Answer answer;
  last_sql_ = CellsSql(table, request, of);
  const SqlResult result = postgres_.Run(last_sql_);
  if (!result.error.empty()) {
    // A sum of float8 that overflows depends on the order of its rows.
    SEXTANT_CHECK(result.sqlstate == kNumberOutOfRange) << result.error << "\n" << last_sql_;
    answer.outcome = Answer::Outcome::kUnknown;
    return answer;
  }
  for (const auto& columns : result.rows) {
    const Interval& interval = of.intervals[static_cast<size_t>(std::atoi(columns[0]->c_str()))];
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
      std::vector<AnswerValue> values;
      for (const Lane& lane : LanesOf(metric)) {
        values.push_back(ReadValue(table, lane.aggregate, &columns[at]));
        answer.Note(OutcomeOf(lane.aggregate, values.back(), NumberOf(columns[at + 1])));
        at += 4;
      }
      row.values.push_back(ComputeCell(ValueOf(metric), values).value);
    }
    if (row.grouping != 0 || PassesHaving(request, row)) answer.rows.push_back(std::move(row));
  }
  answer.ForgetHiddenOverflow(request);
  return answer;
}

Answer SqlOracle::Ask(const TableCase& table, const RequestCase& request) {
  postgres_.RunOrDie("SET TimeZone = " + QuoteText(request.zone));
  has_failed_ = false;
  std::optional<Interval> whole;
  const bool clips_whole = request.clip && request.clip->stride_days == 0;
  if (request.top_n || clips_whole || request.HasFrames()) {
    RequestCase once = request;
    once.series = {{}};
    const std::vector<Interval> found = Intervals(table, once);
    if (!found.empty()) whole = found[0];
  }
  CellIntervals of = {Intervals(table, request), whole};
  if (has_failed_) return {.outcome = Answer::Outcome::kUnknown};
  const std::vector<Lane> lanes = AllLanes(request);
  for (size_t lane = 0; lane < lanes.size(); ++lane) {
    if (lanes[lane].frame.IsPlain()) continue;
    of.frames[lane] =
        SqlFrame(postgres_, request, lanes[lane].frame, {of.intervals, whole.value_or(Interval())});
  }
  return Read(table, request, of);
}

}  // namespace sextant::oracle
