#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "service/cli/commands.h"
#include "service/cli/counted_noun.h"
#include "service/cli/table_format.h"
#include "service/cli/text_format.h"
#include "sextant/v1/metric_service.grpc.pb.h"

namespace sextant {
namespace {

/// "61 of 95 aggregates, 8 of 90 times": what is done for what the metrics ask.
std::string SharedText(const v1::SharedWork& work) {
  std::vector<std::string> parts;
  const auto add = [&](int64_t done, int64_t asked, const char* what) {
    if (asked > 0) parts.push_back(absl::StrCat(done, " of ", asked, " ", what));
  };
  add(work.aggregates(), work.aggregates_asked(), "aggregates");
  add(work.states(), work.states_asked(), "states");
  add(work.filters(), work.filters_asked(), "filters");
  add(work.times(), work.times_asked(), "times");
  return absl::StrJoin(parts, ", ");
}

std::string DetailOf(const v1::ExplainStep& step) {
  const std::string shared = step.has_shared() ? SharedText(step.shared()) : "";
  const bool has_both = !shared.empty() && !step.detail().empty();
  return absl::StrCat(Printable(step.detail()), has_both ? ": " : "", shared);
}

void WriteSteps(const v1::ExplainMetricsResponse& answer, std::ostream& out) {
  AlignedTable table(
      {"phase", "dataset", "step", "rows in", "estimated", "rows out", "by index", "us", "detail"},
      {false, false, false, true, true, true, true, true, false});
  for (const v1::ExplainStep& step : answer.steps()) {
    table.AddRow({step.phase(), Printable(step.dataset()), step.name(),
                  HumanInteger(step.rows_in()),
                  step.has_rows_estimated() ? HumanInteger(step.rows_estimated()) : "",
                  HumanInteger(step.rows_out()),
                  step.parts() > 0 ? absl::StrCat(step.parts_by_index(), "/", step.parts()) : "",
                  HumanInteger(step.time_us()), DetailOf(step)});
  }
  table.Write(out);
  const v1::Summary& summary = answer.summary();
  out << '\n'
      << Counted(summary.rows_scanned(), "row") << " scanned, " << Counted(summary.cells(), "cell")
      << ", " << HumanInteger(summary.run_us()) << " us; "
      << Counted(summary.excluded_samples(), "sample") << " excluded\n\n";
}

}  // namespace

int RunExplain(const ConnectionFlags& connection, const QueryFlags& flags, bool sql_only,
               std::ostream& out, std::ostream& errors) {
  const absl::StatusOr<v1::QueryMetricsRequest> query = MakeQueryRequest(flags);
  if (!query.ok()) {
    errors << "sextant explain: " << query.status().message() << '\n';
    return kExitUsage;
  }
  const auto stub = v1::MetricService::NewStub(OpenChannel(connection));
  grpc::ClientContext context;
  PrepareContext(connection, context);
  v1::ExplainMetricsRequest request;
  *request.mutable_query() = *query;
  v1::ExplainMetricsResponse answer;
  const grpc::Status status = stub->ExplainMetrics(&context, request, &answer);
  if (!status.ok()) return ReportFailure(status, &*query, errors);
  if (!sql_only) WriteSteps(answer, out);
  for (const std::string& column : answer.columns_without_sql()) {
    errors << "sextant explain: has no SQL, and is NULL in it: " << Printable(column) << '\n';
  }
  if (answer.without_sql().empty()) {
    out << answer.sql() << ";\n";
    return kExitOk;
  }
  for (const std::string& part : answer.without_sql()) {
    errors << "sextant explain: has no SQL: " << Printable(part) << '\n';
  }
  // SQL that lacks a part would give another answer.
  return sql_only ? kExitFailed : kExitOk;
}

int RunVerify(const ConnectionFlags& connection, const QueryFlags& flags, std::ostream& out,
              std::ostream& errors) {
  const absl::StatusOr<v1::QueryMetricsRequest> query = MakeQueryRequest(flags);
  if (!query.ok()) {
    errors << "sextant verify: " << query.status().message() << '\n';
    return kExitUsage;
  }
  const auto stub = v1::MetricService::NewStub(OpenChannel(connection));
  grpc::ClientContext context;
  PrepareContext(connection, context);
  v1::VerifyMetricsRequest request;
  *request.mutable_query() = *query;
  v1::VerifyMetricsResponse answer;
  const grpc::Status status = stub->VerifyMetrics(&context, request, &answer);
  if (!status.ok()) return ReportFailure(status, &*query, errors);
  if (answer.equal()) {
    out << "equal: " << Counted(answer.cells_compared(), "cell") << " as of " << answer.as_of();
    if (!answer.not_compared().empty()) {
      out << ", but for what has no SQL: " << Printable(absl::StrJoin(answer.not_compared(), ", "));
    }
    out << '\n';
    return kExitOk;
  }
  AlignedTable table({"cell", "column", "sextant", "PostgreSQL"}, {false, false, true, true});
  for (const v1::CellDifference& difference : answer.differences()) {
    table.AddRow({Printable(difference.cell()), Printable(difference.column()),
                  Printable(difference.ours()), Printable(difference.sql())});
  }
  table.Write(out);
  errors << "sextant verify: " << Counted(answer.difference_count(), "difference") << " in "
         << Counted(answer.cells_compared(), "cell") << " as of " << answer.as_of() << '\n';
  return kExitFailed;
}

}  // namespace sextant
