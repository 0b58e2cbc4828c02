#include "service/cli/query_options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace sextant {
namespace {

constexpr char kIntervals[] =
    "all, minute, hour, day, week, month, quarter, year, '2 week', 'rolling 7 day', or a "
    "calendar of the catalogue";

/// CLI11's own Range takes what is beyond int64 for its largest value.
CLI::Validator PositiveInteger() {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  return CLI::Validator(
      [](const std::string& text) -> std::string {
        int64_t number = 0;
        const bool is_digits = std::all_of(text.begin(), text.end(),
                                           [](unsigned char c) { return absl::ascii_isdigit(c); });
        if (is_digits && absl::SimpleAtoi(text, &number) && number >= 1) return "";
        return absl::StrCat("found '", text, "', allowed: 1 to ", kMax);
      },
      absl::StrCat("INT in [1 - ", kMax, "]"));
}

/// An empty text, as of a shell's variable that is not set, would mean that the flag is not given.
CLI::Validator NotEmpty(const std::string& allowed) {
  return CLI::Validator(
      [allowed](const std::string& text) -> std::string {
        return text.empty() ? absl::StrCat("found '', allowed: ", allowed) : "";
      },
      "");
}

void AddMetricOptions(CLI::App& query, QueryFlags& flags) {
  query
      .add_option(
          "-m,--metric", flags.metrics,
          "A metric of the catalogue, with constants 'NAME(parameter=2d) AS ALIAS', or 'NAME = "
          "PostgreSQL aggregate expression'; repeated")
      ->allow_extra_args(false);
  query
      .add_option("--derived", flags.derived,
                  "'NAME = expression over other metrics', such as 'share = a / b'; repeated")
      ->allow_extra_args(false);
  query
      .add_option(
          "--cumulative", flags.cumulative,
          "'NAME = METRIC over 28d' or 'NAME = METRIC to month': another metric over a window "
          "that ends with each interval; repeated")
      ->allow_extra_args(false);
  query
      .add_option("--concurrency", flags.concurrency,
                  "'NAME = max(START, END)' or 'NAME = mean(START, END)': how many rows of the "
                  "dataset run at once, the most or on average over time; repeated")
      ->allow_extra_args(false);
  query
      .add_option(
          "--histogram", flags.histogram,
          "'NAME = METRIC': how the samples of another metric are spread, in bins that fit them, "
          "'.. by 20' bins, or '.. by 1h,1d,7d', and '.. log' of equal ratios; repeated")
      ->allow_extra_args(false);
  query.add_option("-d,--dataset", flags.dataset, "Dataset of the metrics given as expressions");
  CLI::Option* at =
      query.add_option("--at", flags.at, "Time column that pins a sample to an interval");
  CLI::Option* during = query.add_option(
      "--during", flags.during, "'START, END': a sample in each interval that the span overlaps");
  CLI::Option* as_of_end =
      query.add_option("--as-of-end", flags.as_of_end,
                       "'START, END': a sample in each interval at whose end the span is open");
  at->excludes(during)->excludes(as_of_end);
  during->excludes(as_of_end);
}

void AddRangeOptions(CLI::App& query, QueryFlags& flags) {
  const CLI::Validator instant = NotEmpty("an instant, or no --from and --to");
  query
      .add_option("--from", flags.from,
                  "First instant: RFC 3339, a date in the zone, or -30d, this_month, yesterday")
      ->check(instant);
  query.add_option("--to", flags.to, "First instant after the range")->check(instant);
  query.add_option("--zone", flags.zone, "IANA time zone")
      ->check(NotEmpty("an IANA time zone, such as UTC or Europe/Berlin"))
      ->capture_default_str();
  query.add_option("--week-start", flags.week_start, "monday (default) to sunday")
      ->check(NotEmpty("monday to sunday"));
  query.add_flag("--exclude-partial", flags.exclude_partial,
                 "Leave out intervals that the range cuts");
}

void AddCellOptions(CLI::App& query, QueryFlags& flags) {
  query
      .add_option("-g,--group", flags.groups,
                  "A column, 'COLUMN:bins(0,10,100)', 'set:NAME' of the catalogue, or 'zip:A,B' of "
                  "sets side by side; repeated")
      ->allow_extra_args(false);
  query
      .add_option("-i,--interval", flags.intervals,
                  absl::StrCat(kIntervals, "; repeated: one series each"))
      ->allow_extra_args(false);
  AddRangeOptions(query, flags);
  query
      .add_option(
          "--clip", flags.clip,
          "LOW,HIGH[,STRIDE]: leave out samples outside of two quantiles of their group and "
          "tile of days: 0,0.95 or 0,0.95,14d or 0,0.95,all")
      ->check(NotEmpty("two quantiles, such as 0,0.95"));
  query
      .add_option(
          "--compare", flags.compare,
          "previous, 1y, 3mo, 2w, 30d: beside each metric what it was in the range before, or "
          "so long ago")
      ->check(NotEmpty("previous, or how long ago, such as 1y"));
  query.add_flag("--samples", flags.samples,
                 "The numbers of samples of each cell before and after clipping");
  query
      .add_option("--confidence", flags.confidence,
                  "LEVEL[,bootstrap]: bounds of means, percentiles and shares: 0.8")
      ->check(NotEmpty("a level, such as 0.8"));
  query.add_flag("--dense", flags.dense, "All intervals for each group that has a cell");
}

void AddOrderOptions(CLI::App& query, QueryFlags& flags, const std::string& of,
                     const std::string& limited) {
  query.add_option("--order", flags.order, of + "; '-NAME' or 'NAME desc' descends; repeated")
      ->allow_extra_args(false);
  query.add_option("--limit", flags.limit, limited)->check(PositiveInteger());
  query.add_option("--priority", flags.priority, "critical, interactive, batch or background");
}

void AddResultOptions(CLI::App& query, QueryFlags& flags) {
  const CLI::Validator positive = PositiveInteger();
  query.add_option("-w,--where", flags.where, "PostgreSQL condition on rows");
  query.add_option("--having", flags.having,
                   "PostgreSQL condition on cells: group columns, start, metrics");
  query.add_option("--top", flags.top, "The groups with the greatest first metric")
      ->check(positive);
  query.add_flag("--others", flags.others, "With --top: one more group of all other rows");
  query.add_option("--totals", flags.totals, "grand, rollup or cube");
  AddOrderOptions(query, flags, "Result column", "At most so many cells");
}

}  // namespace

void AddQueryOptions(CLI::App& query, QueryFlags& flags) {
  AddMetricOptions(query, flags);
  AddCellOptions(query, flags);
  AddResultOptions(query, flags);
}

void AddRowsOptions(CLI::App& rows, RowsFlags& flags) {
  QueryFlags& query = flags.query;
  AddMetricOptions(rows, query);
  rows.get_option("--metric")
      ->description(
          "Of the cell: a metric of the catalogue, or 'NAME = PostgreSQL aggregate expression'");
  rows.get_option("--dataset")->description("Dataset of the metric, or, without one, of all rows");
  rows.add_option("-g,--group", query.groups,
                  "The cell's group: 'COLUMN=VALUE', 'COLUMN is null', 'COLUMN:bins(0,10)=0', "
                  "'set:NAME=MEMBER'; without a value any of them; repeated")
      ->allow_extra_args(false);
  // One: then there is no choice to make.
  rows.add_option_function<std::string>(
      "-i,--interval", [&query](const std::string& interval) { query.intervals = {interval}; },
      absl::StrCat(kIntervals, "; with --start: one of them"));
  rows.add_option("--start", flags.start, "An instant of the interval; default: all intervals")
      ->check(NotEmpty("an instant, or no --start"));
  AddRangeOptions(rows, query);
  rows.add_option("-w,--where", query.where, "PostgreSQL condition on rows");
  rows.add_option("--columns", flags.columns, "Columns of the dataset, 'id,title'; default: all")
      ->allow_extra_args(false);
  AddOrderOptions(rows, query, "Column of the dataset", "At most so many rows; default: 1000");
}

}  // namespace sextant
