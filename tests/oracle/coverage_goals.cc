#include "tests/oracle/coverage_goals.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace sextant::oracle {
namespace {

/// Each of the names (";" between them) on each of the kinds.
struct GoalTable {
  const char* names;
  const char* between;
  const char* kinds;
  bool apart;
};

constexpr char kNumbers[] = "int2 int4 int8 float4 float8 numeric";
constexpr char kGroupable[] =
    "bool int2 int4 int8 float4 float8 numeric text bpchar enum uuid date timestamptz interval "
    "bytea";
constexpr char kScalars[] = "int8 float8 numeric text date timestamptz";

constexpr GoalTable kTables[] = {
    {"= <>;< <= > >=;IN", " ",
     "bool int2 int4 int8 float4 float8 numeric text bpchar enum uuid date timestamptz interval "
     "bytea",
     true},
    {"= <>;< <= > >=", " ", "duration", true},
    {"BETWEEN", " ",
     "int2 int4 int8 float4 float8 numeric text bpchar enum uuid date timestamptz interval bytea",
     true},
    {"IS NULL", " ",
     "bool int2 int4 int8 float4 float8 numeric text bpchar enum uuid date timestamptz interval "
     "bytea list",
     true},
    {"IS DISTINCT", " ", "bool int8 float8 numeric text enum uuid date timestamptz", true},
    {"LIKE;ILIKE;~;~*;lower;upper;length", " ", "text", true},
    {"&&;@>;cardinality;array_length", " ", "list", true},
    {"op ANY;op ALL", " ", "int4 int8 float8 text timestamptz", true},
    {"IS TRUE;IS FALSE;AND;OR;NOT;CASE", " ", "bool", true},
    {"+;-;*", " ", "int2 int4 int8 float4 float8 numeric", true},
    {"/", " ", "int2 int4 int8 float4 float8", true},
    {"%", " ", "int2 int4 int8", true},
    {"-", " ", "date timestamptz", true},
    {"unary -;abs", " ", "int8 float8 numeric", true},
    {"round;floor;ceil", " ", "float8 numeric", true},
    {"coalesce;nullif;greatest;least", " ", kScalars, true},
    {"cast", " ", "int2 int4 float8 numeric timestamptz", true},
    {"extract;date_trunc", " ", "timestamptz", true},
    {"count;count distinct", " of ", kGroupable, true},
    {"count;count distinct", " of ", "duration", true},
    {"count", " of ", "list", true},
    {"sum;avg;min;max", " of ", kNumbers, true},
    {"sum;avg;min;max", " of ", "duration", true},
    {"min;max", " of ", "date timestamptz text", true},
    {"min;max", " of ", "bpchar enum interval", false},
    {"stddev_samp;stddev_pop;var_samp;var_pop", " of ", "int2 int4 float8 numeric", false},
    {"percentile_cont;percentile_disc;median;mode", " of ", kNumbers, false},
    {"percentile_disc;mode", " of ", "date timestamptz text enum", false},
    {"bool_or;bool_and", " of ", "bool", true},
    {"corr;regr_slope;regr_r2", " of ", "int2 int4 float8", true},
    {"top values", " of ", kGroupable, false},
    {"bound by t;bound by bootstrap", " of ", "int2 int4 int8 float8 numeric duration", false},
    {"bound by rank", " of ", "int2 int4 int8 float4 float8 numeric text timestamptz", false},
    {"histogram", " of ", "int2 int4 int8 float4 float8 numeric duration", false},
    {"GROUP BY", " ", kGroupable, true},
    {"GROUP BY", " ", "list timestamp", true},
    {"GROUP BY bins of", " ", kNumbers, false},
};

constexpr const char* kOthers[] = {"count(*) of rows",
                                   "GROUP BY sets",
                                   "several axes",
                                   "where as text",
                                   "where typed",
                                   "pin none",
                                   "pin at an instant",
                                   "pin at a date",
                                   "pin at a list",
                                   "pin during",
                                   "pin as_of_end",
                                   "FILTER",
                                   "filter of a metric",
                                   "arithmetic over aggregates",
                                   "derived",
                                   "ratio",
                                   "ratio with an offset",
                                   "threshold",
                                   "sum of metrics",
                                   "sum of metrics, complete",
                                   "trailing window",
                                   "window to date",
                                   "zero when empty",
                                   "GROUP BY zipped sets",
                                   "clip in a frame",
                                   "compared with previous",
                                   "compared with long ago",
                                   "domain",
                                   "clip",
                                   "clip of a list",
                                   "clip of the whole range",
                                   "clip with totals",
                                   "clip with others",
                                   "samples",
                                   "samples of a clip",
                                   "bound of a share",
                                   "bound of a ratio",
                                   "concurrency max of rows",
                                   "concurrency mean of rows",
                                   "concurrency over windows",
                                   "concurrency compared",
                                   "concurrency with totals",
                                   "concurrency with sets",
                                   "concurrency of two levels",
                                   "histogram by edges",
                                   "histogram of n bins",
                                   "automatic histogram",
                                   "logarithmic histogram",
                                   "histogram of a clip",
                                   "histogram compared",
                                   "histogram over windows",
                                   "cells +",
                                   "cells -",
                                   "cells *",
                                   "cells /",
                                   "series all",
                                   "series minute",
                                   "series hour",
                                   "series day",
                                   "series week",
                                   "series month",
                                   "series quarter",
                                   "series year",
                                   "series period",
                                   "periods compared with as many before",
                                   "periods compared with long ago",
                                   "parts of periods compared",
                                   "series of N units",
                                   "rolling series",
                                   "several series",
                                   "exclude_partial",
                                   "week start",
                                   "range of instants",
                                   "range of dates",
                                   "range of local times",
                                   "relative range",
                                   "range of the samples",
                                   "state after the samples",
                                   "now()",
                                   "current_date",
                                   "order by an axis",
                                   "order by start",
                                   "order by a metric",
                                   "limit",
                                   "top-N",
                                   "bottom-N",
                                   "others",
                                   "totals grand",
                                   "totals rollup",
                                   "totals cube",
                                   "having",
                                   "having IS NULL",
                                   "dense fill",
                                   "tenant",
                                   "each tenant alone",
                                   "tenants add up",
                                   "deleted rows",
                                   "several datasets",
                                   "cells of several datasets joined",
                                   "metric of metrics of several datasets",
                                   "metrics of two levels",
                                   "metrics of two levels and of one",
                                   "two levels with totals",
                                   "two levels with clip",
                                   "two levels with a range of time",
                                   "two levels by a column with one value per key",
                                   "two levels by a selected column",
                                   "two levels by a key of bool",
                                   "two levels by a key of int4",
                                   "two levels by a key of numeric",
                                   "two levels by a key of text",
                                   "two levels by a key of enum",
                                   "two levels by a key of uuid",
                                   "two levels by a key of date",
                                   "two levels by a key of timestamptz",
                                   "two levels by a key of interval",
                                   "two levels by a key of linked rows",
                                   "derived duration",
                                   "two levels with a duration of ends",
                                   "two levels with a duration of sum",
                                   "two levels with a duration of mean",
                                   "two levels with a duration of median",
                                   "dimension",
                                   "printed SQL",
                                   "cells are slots",
                                   "cells by a table of slots",
                                   "cells by a table that grows",
                                   "cells by one packed number",
                                   "cells by partitions",
                                   "samples in bins",
                                   "states of several ranges",
                                   "sum of floats that are decimals",
                                   "several pins",
                                   "lanes that share a pin",
                                   "range of a sorted column",
                                   "range of values in order",
                                   "values in order",
                                   "texts in order",
                                   "GROUP BY texts by ranks",
                                   "condition on values with bitmaps",
                                   "condition on values with row ids",
                                   "range of a time by steps",
                                   "pin at a time by steps",
                                   "pin at a list of times by steps",
                                   "aggregate of a time by steps",
                                   "GROUP BY a time by steps",
                                   "chunks that their bounds rule out",
                                   "chunks out of the range of time",
                                   "declared order",
                                   "exists_in parent",
                                   "any_in parent",
                                   "none_in parent",
                                   "exists_in children",
                                   "any_in children",
                                   "none_in children",
                                   "exists_in partners",
                                   "any_in partners",
                                   "none_in partners",
                                   "exists_in top",
                                   "exists_in its",
                                   "linked rows, any",
                                   "condition on rows linked to linked rows",
                                   "value of a parent",
                                   "value of count of linked rows",
                                   "value of count of linked values",
                                   "value of min of linked rows",
                                   "value of max of linked rows",
                                   "GROUP BY a parent",
                                   "answer that was kept"};

/// Tables of about as many rows as a chunk has, and what few tables or requests have.
constexpr uint64_t kFew = 4;
constexpr const char* kDear[] = {
    "65535 rows",     "65536 rows",
    "65537 rows",     "dictionary of late repeats",
    "cells by pairs", "text in a dictionary in one version, plain in the other"};

std::vector<CoverageGoal> MakeGoals() {
  std::vector<CoverageGoal> goals;
  for (const GoalTable& table : kTables) {
    for (const absl::string_view name : absl::StrSplit(table.names, ';')) {
      for (const absl::string_view kind : absl::StrSplit(table.kinds, ' ')) {
        goals.push_back({absl::StrCat(name, table.between, kind), table.apart});
      }
    }
  }
  for (const char* name : kOthers) goals.push_back({name, false});
  for (const char* name : kDear) goals.push_back({name, false, kFew});
  return goals;
}

}  // namespace

const std::vector<CoverageGoal>& CoverageGoals() {
  static const auto& goals = *new std::vector<CoverageGoal>(MakeGoals());
  return goals;
}

}  // namespace sextant::oracle
