#include "tests/oracle/printed_sql.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/exec/query_executor.h"
#include "compute/memory/status_macros.h"
#include "storage/postgres/query_sql.h"
#include "tests/oracle/dataset_split.h"
#include "tests/oracle/key_split.h"
#include "tests/oracle/linked_cases.h"
#include "tests/oracle/product_table.h"
#include "tests/oracle/sql_text.h"

namespace sextant::oracle {
namespace {

constexpr char kSession[] =
    "SET TimeZone = 'Pacific/Chatham'; SET DateStyle = 'SQL, DMY'; SET IntervalStyle = 'iso_8601'; "
    "SET timezone_abbreviations = 'Australia'; SET jit = off; SET statement_timeout = '120s'";
constexpr char kNumberOutOfRange[] = "22003";
constexpr char kCanceled[] = "57014";

MemoryBudget& Budget() {
  static auto& budget = *new MemoryBudget("printed queries", MemoryBudget::kUnlimitedBytes);
  return budget;
}

Answer Failed(Answer::Outcome outcome, std::string message) {
  Answer answer;
  answer.outcome = outcome;
  answer.message = std::move(message);
  return answer;
}

/// The intervals that the product answers in.
absl::StatusOr<ResultHeader> HeaderOf(const BoundCase& bound) {
  SEXTANT_ASSIGN_OR_RETURN(std::vector<TenantScope> scopes, ScopesOf(bound));
  QueryContext context(Clock::System(), QueryContext::kNoDeadline, Priority::kInteractive,
                       &Budget(), MemoryBudget::kUnlimitedBytes);
  SEXTANT_ASSIGN_OR_RETURN(const std::unique_ptr<ResultCursor> cursor,
                           QueryExecutor::Run(context, bound.query, std::move(scopes)));
  return cursor->header();
}

/// Each column of the printed statement as canonical text.
std::string CanonicalColumns(const TableCase& table, const RequestCase& request,
                             const ResultHeader& header) {
  std::vector<std::string> columns;
  size_t axis = 0;
  size_t metric = 0;
  for (const ResultColumn& column : header.columns) {
    const std::string name = QuoteName(column.name);
    switch (column.role) {
      case ResultRole::kAxis:
        columns.push_back(CanonicalSql(AxisType(table, request.axes[axis++]), name));
        break;
      case ResultRole::kStart:
        columns.push_back(CanonicalSql({.kind = Kind::kTimestamptz}, name));
        break;
      case ResultRole::kSeries:
      case ResultRole::kGrouping:
      case ResultRole::kColumn:
        columns.push_back(name + "::text");
        break;
      case ResultRole::kMetric:
        columns.push_back(CanonicalSql(ResultType(request.metrics[metric++]), name));
        break;
    }
  }
  return absl::StrJoin(columns, ", ");
}

size_t SeriesNamed(const ResultHeader& header, const std::string& name) {
  const auto found = std::find_if(header.series.begin(), header.series.end(),
                                  [&](const ResolvedSeries& one) { return one.name == name; });
  return static_cast<size_t>(found - header.series.begin());
}

double NumberOf(const std::string& text) { return std::strtod(text.c_str(), nullptr); }

AnswerValue ValueOf(const Type& type, const std::optional<std::string>& text) {
  AnswerValue value;
  value.exists = text.has_value();
  value.is_float = IsFloat(type.kind);
  if (!value.exists) return value;
  value.text = WithFloatTexts(type, *text);
  if (value.is_float) value.number = NumberOf(*text);
  return value;
}

}  // namespace

PrintedSql::PrintedSql(const std::string& conninfo) : postgres_(conninfo) {
  postgres_.RunOrDie(kSession);
}

Answer PrintedSql::Read(const TableCase& table, const RequestCase& request,
                        const ResultHeader& header) {
  const SqlResult result =
      postgres_.Run(absl::StrCat("SELECT ", CanonicalColumns(table, request, header), " FROM (\n",
                                 last_sql_, "\n) AS answer"));
  if (result.sqlstate == kNumberOutOfRange || result.sqlstate == kCanceled) {
    return Failed(Answer::Outcome::kUnknown, result.error);
  }
  if (!result.error.empty()) return Failed(Answer::Outcome::kRefused, result.error);
  Answer answer;
  for (const auto& columns : result.rows) {
    AnswerRow row;
    for (size_t i = 0; i < header.columns.size(); ++i) {
      switch (header.columns[i].role) {
        case ResultRole::kAxis: {
          std::optional<std::string> text = columns[i];
          const AxisSpec& axis = request.axes[row.axes.size()];
          if (text && IsFloat(AxisType(table, axis).kind)) text = FloatText(NumberOf(*text));
          row.axes.push_back(std::move(text));
          break;
        }
        case ResultRole::kSeries:
          row.series = SeriesNamed(header, columns[i].value_or(""));
          break;
        case ResultRole::kStart:
          row.start_us = static_cast<int64_t>(*ParseInt128(columns[i].value_or("")));
          break;
        case ResultRole::kGrouping:
          row.grouping = std::atoi(columns[i].value_or("").c_str());
          break;
        case ResultRole::kColumn:  // of rows behind a cell
          break;
        case ResultRole::kMetric:
          row.values.push_back(ValueOf(ResultType(request.metrics[row.values.size()]), columns[i]));
          if (lacks_sql_.contains(header.columns[i].name)) {
            row.values.back() = {.tolerance = std::numeric_limits<double>::infinity()};
          }
          break;
      }
    }
    answer.rows.push_back(std::move(row));
  }
  return answer;
}

Answer PrintedSql::Ask(const Versions& versions, const TableCase& table,
                       const RequestCase& request) {
  last_sql_.clear();
  const auto bound = BindCase(versions, table, request);
  if (!bound.ok()) return Failed(Answer::Outcome::kRefused, bound.status().ToString());
  const auto header = HeaderOf(*bound);
  if (!header.ok()) return Failed(Answer::Outcome::kUnknown, header.status().ToString());
  std::vector<DatasetSpec> specs;
  if (table.second >= 0) specs = {SpecOf(DatasetCase(table, 0)), SpecOf(DatasetCase(table, 1))};
  if (table.has_keys) specs = {SpecOf(KeyedCase(table))};
  for (const auto& linked : LinkedCases(table)) specs.push_back(SpecOf(*linked));
  specs.push_back(SpecOf(table));
  std::vector<const DatasetSpec*> all;
  for (DatasetSpec& spec : specs) {
    spec.where = "oracle_live";
    all.push_back(&spec);
  }
  const auto sql = PrintQuerySql(bound->query, all, {header->series, header->range}, bound->claim);
  if (!sql.ok()) return Failed(Answer::Outcome::kRefused, sql.status().ToString());
  last_sql_ = sql->text;
  lacks_sql_ = {sql->columns_without_sql.begin(), sql->columns_without_sql.end()};
  if (!sql->unsupported.empty()) {
    return Failed(Answer::Outcome::kRefused, "no SQL for " + absl::StrJoin(sql->unsupported, ", "));
  }
  return Read(table, request, *header);
}

}  // namespace sextant::oracle
