#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "compute/plan/query.h"
#include "tests/storage/postgres/sql_agreement.h"

namespace sextant {
namespace {

struct Asked {
  std::string name;
  Query query;
};

void PrintTo(const Asked& asked, std::ostream* out) { *out << asked.name; }

Metric MetricOf(std::string name, std::string expression, TimePin pin = {}) {
  Metric metric;
  metric.name = std::move(name);
  metric.dataset = "d";
  metric.expression = std::move(expression);
  metric.pin = std::move(pin);
  return metric;
}

/// One metric in all time.
Query Ask(std::string expression, std::vector<std::string> group_by = {}, std::string where = "") {
  Query query;
  query.metrics.push_back(MetricOf("m", std::move(expression)));
  for (std::string& column : group_by) query.group_by.push_back(GroupAxis::Of(std::move(column)));
  query.where = std::move(where);
  return query;
}

Asked Count(std::string name, std::string where) {
  return {std::move(name), Ask("count(*)", {}, std::move(where))};
}

/// A metric pinned by `pin` in series of `units`, in Berlin, around the change of the clock.
Query AskOverTime(std::string expression, TimePin pin, std::vector<CalendarUnit> units) {
  Query query = Ask("count(*)");
  query.metrics[0] = MetricOf("m", std::move(expression), std::move(pin));
  for (const CalendarUnit unit : units) query.series.push_back({.unit = unit});
  query.time_zone = "Europe/Berlin";
  query.from = "2024-03-26T10:00:00Z";
  query.to = "2024-04-05T02:30:00Z";
  return query;
}

class QuerySqlAgreementTest : public testing::TestWithParam<Asked> {};

TEST_P(QuerySqlAgreementTest, Rule25TheSqlGivesTheAnswer) {
  ExpectSqlGivesTheAnswer(GetParam().query);
}

std::string NameOf(const testing::TestParamInfo<Asked>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(
    Filters, QuerySqlAgreementTest,
    testing::Values(Count("Everything", ""),
                    Count("Integers", "lines > 10 AND small <= 50 AND big <> 7"),
                    Count("IntegerLists", "lines IN (1, 5, 407, NULL) OR small NOT IN (1, 2)"),
                    Count("Limits", "big >= 9223372036854775807 OR big < -9223372036854775807"),
                    Count("Floats", "score >= 1.5 OR score = 0 OR ratio < 0.5"),
                    Count("NotANumber", "score = 'NaN' OR score > 1e300"),
                    Count("FloatRanges", "score BETWEEN -0.5 AND 2 AND NOT ratio = 0.25"),
                    Count("Decimals", "cost > 3.14 AND cost <= 55.5"),
                    Count("DecimalLists", "cost IN (1.17, -20.00)"),
                    Count("Texts", "author >= 'Z' OR author < 'B'"),
                    Count("TextLists", "author IN ('bob', 'Émile', '') AND note <> 'note 3'"),
                    Count("PaddedTexts", "code = 'b' OR code = 'abcd'"),
                    Count("Enums", "mood >= 'ok'"), Count("EnumLists", "mood IN ('sad', 'glad')"),
                    Count("EnumNot", "NOT mood = 'ok'"), Count("Booleans", "is_bot IS NOT TRUE"),
                    Count("BooleanItself", "is_bot AND NOT (is_bot IS NULL)"),
                    Count("Uuids", "ref = 'cfcd2084-95d5-65ef-66e7-dff9f98764da'"),
                    Count("UuidRange", "ref > 'c4ca4238-a0b9-2382-0dcc-509a6f75849b'"),
                    Count("Days", "day >= '2024-03-31' AND until < date '2024-04-09'"),
                    Count("Instants", "created_at >= '2024-03-31 01:30:00+00'"),
                    Count("LocalTimes", "logged_at < '2024-03-31 01:00:00+00'"),
                    Count("Differences", "closed_at - created_at > interval '1 day'"),
                    Count("DifferencesOfNumbers", "lines - small > 20 AND until - day < 5"),
                    Count("Nulls", "author IS NULL OR (labels IS NOT NULL AND note IS NULL)"),
                    Count("LabelsAny", "labels && ARRAY['ui', 'none']"),
                    Count("LabelsAll", "labels @> ARRAY['ui', 'bug'] OR labels @> ARRAY[]::text[]"),
                    Count("LabelsEqual", "'ui' = ANY (labels)"),
                    Count("LabelsNot", "NOT 'ui' = ANY (labels)"),
                    Count("PointsAny", "points && ARRAY[5, 9] AND NOT 2 = ANY (points)")),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Aggregates, QuerySqlAgreementTest,
    testing::Values(Asked{"CountValues", Ask("count(author)", {"mood"})},
                    Asked{"CountDistinct", Ask("count(DISTINCT score)", {"is_bot"})},
                    Asked{"CountDistinctText", Ask("count(DISTINCT author)", {"mood"})},
                    Asked{"SumOfIntegers", Ask("sum(lines)", {"author"})},
                    Asked{"SumOfDecimals", Ask("sum(cost)", {"author"})},
                    Asked{"SumOfFloats", Ask("sum(ratio)", {"author"})},
                    Asked{"SumOfDurations", Ask("sum(closed_at - created_at)", {"author"})},
                    Asked{"MeanOfIntegers", Ask("avg(lines)", {"mood"})},
                    Asked{"MeanOfDecimals", Ask("avg(cost)", {"mood"})},
                    Asked{"MeanOfDurations", Ask("avg(closed_at - created_at)", {"mood"})},
                    Asked{"LeastText", Ask("min(author)", {"mood"})},
                    Asked{"GreatestEnum", Ask("max(mood)", {"author"})},
                    Asked{"GreatestInstant", Ask("max(created_at)", {"author"})},
                    Asked{"LeastDay", Ask("min(day)", {"author"})},
                    Asked{"GreatestFloat", Ask("max(score)", {"author"})},
                    Asked{"LeastDecimal", Ask("min(cost)", {"author"})},
                    Asked{"GreatestDuration", Ask("max(closed_at - created_at)", {"mood"})}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(Groups, QuerySqlAgreementTest,
                         testing::Values(Asked{"Text", Ask("count(*)", {"author"})},
                                         Asked{"PaddedText", Ask("count(*)", {"code"})},
                                         Asked{"Enum", Ask("count(*)", {"mood", "is_bot"})},
                                         Asked{"Float", Ask("count(*)", {"score"})},
                                         Asked{"SmallFloat", Ask("count(*)", {"ratio"})},
                                         Asked{"Uuid", Ask("count(*)", {"ref"})},
                                         Asked{"Decimal", Ask("count(*)", {"cost"})},
                                         Asked{"Day", Ask("count(*)", {"day", "author"})},
                                         Asked{"Instant", Ask("count(*)", {"closed_at"})},
                                         Asked{"Labels", Ask("count(*)", {"labels"})},
                                         Asked{"Points", Ask("sum(lines)", {"points", "labels"})},
                                         Asked{"Nothing",
                                               Ask("count(*)", {"author"}, "lines > 99999")}),
                         NameOf);

INSTANTIATE_TEST_SUITE_P(
    Times, QuerySqlAgreementTest,
    testing::Values(Asked{"Days",
                          AskOverTime("count(*)", TimePin::At("created_at"), {CalendarUnit::kDay})},
                    Asked{"HoursOfTheChange",
                          AskOverTime("count(*)", TimePin::At("logged_at"), {CalendarUnit::kHour})},
                    Asked{"SeveralSeries", AskOverTime("sum(lines)", TimePin::At("created_at"),
                                                       {CalendarUnit::kWeek, CalendarUnit::kAll,
                                                        CalendarUnit::kMonth})},
                    Asked{"DateColumn", AskOverTime("count(*)", TimePin::At("day"),
                                                    {CalendarUnit::kDay, CalendarUnit::kAll})},
                    Asked{"WithoutRange",
                          [] {
                            Query query = AskOverTime("avg(lines)", TimePin::At("closed_at"),
                                                      {CalendarUnit::kDay});
                            query.from.clear();
                            query.to.clear();
                            query.group_by = {GroupAxis::Of("mood")};
                            return query;
                          }()}),
    NameOf);

TimePin SpanPin(TimePin::Kind kind, std::string start, std::string end) {
  return {kind, std::move(start), std::move(end)};
}

/// From after all samples to their last: a range in which no instant lies. Open rows span it.
Query AskInAnEmptyRange(TimePin::Kind kind) {
  Query query =
      AskOverTime("count(*)", SpanPin(kind, "created_at", "closed_at"), {CalendarUnit::kAll});
  query.from = "2100-01-01";
  query.to.clear();
  return query;
}

INSTANTIATE_TEST_SUITE_P(
    Pins, QuerySqlAgreementTest,
    testing::Values(
        Asked{"Rule16DuringAnEmptyRange", AskInAnEmptyRange(TimePin::Kind::kDuring)},
        Asked{"Rule16AsOfAnEmptyRange", AskInAnEmptyRange(TimePin::Kind::kAsOfEnd)},
        Asked{"Rule16During",
              AskOverTime("count(*)", SpanPin(TimePin::Kind::kDuring, "created_at", "closed_at"),
                          {CalendarUnit::kDay, CalendarUnit::kAll})},
        Asked{"Rule16DuringDays",
              AskOverTime("sum(lines)", SpanPin(TimePin::Kind::kDuring, "day", "until"),
                          {CalendarUnit::kDay, CalendarUnit::kHour})},
        Asked{"Rule16AsOfEnd",
              AskOverTime("count(*)", SpanPin(TimePin::Kind::kAsOfEnd, "created_at", "closed_at"),
                          {CalendarUnit::kDay, CalendarUnit::kAll})},
        Asked{"Rule16AsOfEndDays",
              AskOverTime("count(*)", SpanPin(TimePin::Kind::kAsOfEnd, "day", "until"),
                          {CalendarUnit::kDay})},
        Asked{"EachElementOfAList", AskOverTime("count(*)", TimePin::At("seen_at"),
                                                {CalendarUnit::kDay, CalendarUnit::kAll})}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    MoreAggregates, QuerySqlAgreementTest,
    testing::Values(
        Asked{"Spread", Ask("stddev(lines)", {"mood"})},
        Asked{"SpreadOfAll", Ask("stddev_pop(cost)", {"mood"})},
        Asked{"Variance", Ask("variance(small)", {"author"})},
        Asked{"VarianceOfAll", Ask("var_pop(lines)", {"mood"})},
        Asked{"Median", Ask("median(lines)", {"author"})},
        Asked{"Percentile", Ask("percentile_cont(0.9) WITHIN GROUP (ORDER BY cost)", {"author"})},
        Asked{"PercentileOfDurations",
              Ask("percentile_cont(0.25) WITHIN GROUP (ORDER BY closed_at - created_at)",
                  {"author"})},
        Asked{"PercentileOfText",
              Ask("percentile_disc(0.4) WITHIN GROUP (ORDER BY author)", {"mood"})},
        Asked{"Mode", Ask("mode() WITHIN GROUP (ORDER BY lines)", {"author"})},
        Asked{"ModeOfText", Ask("mode() WITHIN GROUP (ORDER BY author)", {"mood"})},
        Asked{"Either", Ask("bool_or(is_bot)", {"author"})},
        Asked{"Every", Ask("bool_and(is_bot)", {"author"})},
        Asked{"Correlation", Ask("corr(lines, small)", {"mood"})},
        Asked{"Slope", Ask("regr_slope(lines, small)", {"mood"})},
        Asked{"Fit", Ask("regr_r2(lines, small)", {"mood"})},
        Asked{"Top", Ask("(array_agg(author ORDER BY lines DESC))[1:3]", {"mood"})},
        Asked{"First", Ask("(array_agg(lines ORDER BY mood))[1]", {"author"})},
        Asked{"Filtered", Ask("sum(lines) FILTER (WHERE small > 0)", {"author"})},
        Asked{"FilteredCount", Ask("count(*) FILTER (WHERE is_bot)", {"author"})},
        Asked{"Arithmetic", Ask("sum(lines) - count(*) * 2", {"author"})},
        Asked{"Quotient", Ask("sum(lines)::float8 / count(small)", {"author"})},
        Asked{"SumOfProducts", Ask("sum(lines * small + 1)", {"author"})},
        Asked{"Choice", Ask("sum(CASE WHEN mood = 'ok' THEN lines ELSE small END)", {"author"})}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Expressions, QuerySqlAgreementTest,
    testing::Values(
        Count("TwoColumns", "lines > small"), Count("TwoTexts", "author < note"),
        Count("Arithmetic", "lines * 2 + small / 3 - big % 7 > 100"),
        Count("DivisionByZero", "lines / (small % 2) > 5"),
        Count("Overflow", "big * 1000 > 0 OR big + big < 0 OR -big > 7"),
        Count("FloatDivision", "lines / score > 10"),
        Count("DecimalArithmetic", "cost * 2.5 - lines > 3.125"),
        Count("Case", "CASE WHEN lines > 0 THEN author WHEN is_bot THEN note END >= 'b'"),
        Count("Coalesce", "coalesce(note, author) = 'note 1'"),
        Count("NullIf", "nullif(lines, 5) > 3"),
        Count("Greatest", "greatest(lines, small, 10) > 40 AND least(score, ratio) < 1"),
        Count("Rounding", "round(cost) > 3 AND floor(score) < 2 AND ceil(cost) <> 20"),
        Count("RoundingTo", "round(cost, 1) = 1.2 OR trunc(cost, 1) = 5.3 OR abs(lines) = 7"),
        Count("UpperAndLower", "upper(author) = 'ÉMILE' OR lower(author) = 'bob'"),
        Count("Lengths", "length(author) = 5 OR cardinality(labels) = 0"),
        Count("ArrayLength", "array_length(labels, 1) IS NULL"),
        Count("Extract", "extract(hour FROM created_at) >= 20 AND extract(dow FROM day) = 1"),
        Count("ExtractOfDuration", "extract(epoch FROM closed_at - created_at) > 90000.5"),
        Count("DateTrunc", "date_trunc('week', created_at) = '2024-04-01'"),
        Count("AddInterval", "created_at + interval '1 month 2 days 3 hours' > '2024-05-01'"),
        Count("AddDays", "day + 3 > until"),
        Count("Casts", "lines::float8 > 10.5 AND cost::int = 3 OR created_at::date = day"),
        Count("CastsToText", "lines::text = '7' OR mood::text > 'ok' OR cost::text = '1.50'"),
        Count("Like", "author LIKE '%o_' OR note NOT LIKE 'note%'"),
        Count("ILike", "author ILIKE 'é%' OR author ILIKE 'BOB'"),
        Count("Escape", "author LIKE 'b!o%' ESCAPE '!'"),
        Count("Regex", "author ~ '^[A-Z]' AND author !~* 'z'"),
        Count("RegexClasses", R"(author ~ '^\w+$' AND author ~ '^[[:alpha:]]+$')"),
        Count("Distinct", "author IS DISTINCT FROM 'bob' AND lines IS NOT DISTINCT FROM small"),
        Count("ConditionAsValue", "(lines > 0) = is_bot OR (mood = 'ok') IS UNKNOWN"),
        Count("BetweenColumns", "lines BETWEEN small AND big"),
        Count("InColumns", "author IN (note, 'bob', 'zoe')"), Count("AnyPoint", "2 < ANY (points)"),
        Count("AllPoints", "2 <= ALL (points)"), Count("AnyLabel", "'c' > ANY (labels)"),
        Count("NoLabel", "'ui' <> ALL (labels)")),
    NameOf);

Query Ordered() {
  Query query = Ask("sum(lines)", {"author"});
  query.metrics.push_back(MetricOf("n", "count(*)"));
  query.order_by = {{"m", true}, {"author", false}};
  query.limit = 4;
  return query;
}

/// Cells of two axes over days and in all.
Query Cells() {
  Query query = AskOverTime("sum(lines)", TimePin::At("created_at"),
                            {CalendarUnit::kWeek, CalendarUnit::kAll});
  query.metrics.push_back(MetricOf("n", "count(*)", TimePin::At("closed_at")));
  query.group_by = {GroupAxis::Of("mood"), GroupAxis::Of("labels")};
  return query;
}

Query WithTotals(Totals totals) {
  Query query = Cells();
  query.totals = totals;
  return query;
}

Query WithTopN(bool others, bool smallest = false) {
  Query query = Cells();
  query.group_by.erase(query.group_by.begin());
  query.top_n = TopN{.count = 2, .metric = "n", .smallest = smallest, .others = others};
  return query;
}

/// Of tuples most of which have no state any more at the end of the range.
Query WithTopStates(uint64_t count, bool smallest, bool others) {
  Query query =
      AskOverTime("sum(small)", SpanPin(TimePin::Kind::kAsOfEnd, "created_at", "closed_at"),
                  {CalendarUnit::kDay, CalendarUnit::kWeek});
  query.group_by = {GroupAxis::Of("lines"), GroupAxis::Of("author")};
  query.top_n = TopN{.count = count, .metric = "", .smallest = smallest, .others = others};
  return query;
}

/// Some tuples have no cell in the whole range, the others one without a value.
Query WithTuplesWithoutValue() {
  Query query = WithTopStates(40, true, true);
  query.metrics.insert(query.metrics.begin(),
                       MetricOf("v", "stddev(small)", TimePin::At("seen_at")));
  return query;
}

/// The range is of the samples, and only its whole days are shown.
Query TopOfWholeDays(TimePin pin) {
  Query query = AskOverTime("count(*)", std::move(pin), {CalendarUnit::kDay});
  query.group_by = {GroupAxis::Of("author")};
  query.from.clear();
  query.to.clear();
  query.exclude_partial = true;
  query.top_n = TopN{.count = 3, .metric = "", .others = true};
  return query;
}

Query Dense() {
  Query query = Cells();
  query.fill = FillMode::kDense;
  query.group_by.pop_back();
  return query;
}

/// Days and hours of a local clock, in filters, values and borders.
Query LocalTimes(std::string zone) {
  Query query = AskOverTime("sum(extract(minute FROM created_at + interval '1 day'))",
                            TimePin::At("created_at"), {CalendarUnit::kDay, CalendarUnit::kHour});
  query.metrics.push_back(
      MetricOf("n", "count(*)", SpanPin(TimePin::Kind::kDuring, "day", "closed_at")));
  query.where = "date_trunc('hour', created_at) <> closed_at AND created_at::date <> until";
  query.time_zone = std::move(zone);
  query.from = "2024-03-24";
  query.to = "2024-04-07T12:00:00Z";
  return query;
}

Query DenseWithTotals(Totals totals, bool others) {
  Query query = Cells();
  query.fill = FillMode::kDense;
  query.totals = totals;
  query.series = {{.unit = CalendarUnit::kDay}, {.unit = CalendarUnit::kAll}};
  if (others) query.top_n = TopN{.count = 3, .metric = "n", .others = true};
  return query;
}

Query Having() {
  Query query = Cells();
  query.having_text = "n > 2 AND m < 5000 AND mood IS NOT NULL";
  return query;
}

Query Bins() {
  Query query = Ask("count(*)");
  GroupAxis axis;
  axis.kind = GroupAxis::Kind::kBins;
  axis.column = "cost";
  axis.edges = {"-10", "0", "12.5", "50"};
  query.group_by = {axis};
  axis.column = "score";
  axis.edges = {"-1", "0.5", "4"};
  query.group_by.push_back(axis);
  return query;
}

Query Sets() {
  Query query = Ask("sum(lines)");
  GroupAxis axis;
  axis.kind = GroupAxis::Kind::kSets;
  axis.name = "team";
  axis.members = {{"web", "author = 'bob' OR small > 0"}, {"app", "lines > 100"}, {"no", "false"}};
  query.group_by = {axis, GroupAxis::Of("is_bot")};
  query.totals = Totals::kCube;
  return query;
}

Query Derived() {
  Query query = Ask("count(*)", {"author"});
  Metric derived;
  derived.name = "share";
  derived.derived = "1 - a / b";
  derived.components = {MetricOf("a", "count(*) FILTER (WHERE is_bot)"),
                        MetricOf("b", "count(is_bot)")};
  query.metrics.push_back(derived);
  Metric ratio;
  ratio.name = "ratio";
  ratio.ratio = Metric::Ratio{"x", "y", 0.5};
  ratio.components = {MetricOf("x", "sum(lines)"), MetricOf("y", "count(small)")};
  query.metrics.push_back(ratio);
  return query;
}

INSTANTIATE_TEST_SUITE_P(
    Results, QuerySqlAgreementTest,
    testing::Values(
        Asked{"Ordered", Ordered()}, Asked{"SeveralPins", Cells()},
        Asked{"Rule18GrandTotal", WithTotals(Totals::kGrand)},
        Asked{"Rule18Rollup", WithTotals(Totals::kRollup)},
        Asked{"Rule18Cube", WithTotals(Totals::kCube)}, Asked{"TopN", WithTopN(false)},
        Asked{"BottomN", WithTopN(false, true)}, Asked{"Rule18Others", WithTopN(true)},
        Asked{"Rule18TopStates", WithTopStates(70, false, true)},
        Asked{"Rule18BottomStates", WithTopStates(70, true, true)},
        Asked{"Rule18AllStates", WithTopStates(1000, false, false)},
        Asked{"Rule18TuplesWithoutValue", WithTuplesWithoutValue()},
        Asked{"Rule18TopOfWholeDays", TopOfWholeDays(TimePin::At("created_at"))},
        Asked{"Rule18TopStatesOfWholeDays",
              TopOfWholeDays(SpanPin(TimePin::Kind::kAsOfEnd, "created_at", "closed_at"))},
        Asked{"Rule18TopSpansOfWholeDays",
              TopOfWholeDays(SpanPin(TimePin::Kind::kDuring, "created_at", "closed_at"))},
        Asked{"Rule17Dense", Dense()},
        Asked{"Rule17DenseTotal", DenseWithTotals(Totals::kGrand, false)},
        Asked{"Rule17DenseCube", DenseWithTotals(Totals::kCube, false)},
        Asked{"Rule17DenseOthers", DenseWithTotals(Totals::kRollup, true)},
        Asked{"Having", Having()}, Asked{"Bins", Bins()}, Asked{"Sets", Sets()},
        Asked{"Rule1Derived", Derived()}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Zones, QuerySqlAgreementTest,
    testing::Values(Asked{"Abbreviation", LocalTimes("EST")},
                    Asked{"OffsetOf45Minutes", LocalTimes("Asia/Kathmandu")},
                    Asked{"ChangeOf30Minutes", LocalTimes("Australia/Lord_Howe")},
                    Asked{"ChangeAtMidnight", LocalTimes("Asia/Beirut")},
                    Asked{"ChangeOfTwoHours", LocalTimes("Antarctica/Troll")},
                    Asked{"BeyondTheDateLine", LocalTimes("Pacific/Kiritimati")}),
    NameOf);

}  // namespace
}  // namespace sextant
