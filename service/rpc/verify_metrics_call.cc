#include "service/rpc/verify_metrics_call.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/exec/query_executor.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/instant_text.h"
#include "service/rpc/error_details.h"
#include "service/rpc/query_preparation.h"
#include "service/translation/profile_to_proto.h"
#include "service/verification/float_bounds.h"
#include "storage/postgres/query_sql.h"

namespace sextant {
namespace {

/// One verification at a time: each loads its datasets whole.
std::atomic<bool> g_is_verifying{false};

absl::Status AnotherIsRunning() {
  return WithDetail(absl::ResourceExhaustedError(
                        "another verification runs; allowed: one at a time in this server"),
                    {.reason = "VERIFICATION_RUNNING", .retry_after_s = 5});
}

absl::Status HasNoSql(const std::vector<std::string>& parts) {
  std::string all;
  for (const std::string& part : parts) absl::StrAppend(&all, all.empty() ? "" : ", ", part);
  return absl::FailedPreconditionError(
      absl::StrCat("nothing to compare with: the query asks what has no SQL: ", all));
}

void WriteComparison(const AnswerComparison& comparison, v1::VerifyMetricsResponse& answer) {
  answer.set_equal(comparison.differences == 0);
  answer.set_cells_compared(static_cast<int64_t>(comparison.cells));
  answer.set_difference_count(static_cast<int64_t>(comparison.differences));
  for (const CellDifference& difference : comparison.first) {
    v1::CellDifference& wire = *answer.add_differences();
    wire.set_cell(difference.cell);
    wire.set_column(difference.column);
    wire.set_ours(difference.ours);
    wire.set_sql(difference.sql);
  }
}

}  // namespace

grpc::ServerUnaryReactor* VerifyMetricsCall::Begin(const QueryServices& services,
                                                   grpc::CallbackServerContext& context,
                                                   const grpc::ByteBuffer& message,
                                                   grpc::ByteBuffer& response) {
  const auto call = std::make_shared<VerifyMetricsCall>(services, context, response);
  call->self_ = call;
  call->QueryCall::Begin(message);
  return call.get();
}

VerifyMetricsCall::VerifyMetricsCall(const QueryServices& services,
                                     grpc::CallbackServerContext& context,
                                     grpc::ByteBuffer& response)
    : QueryCall(services, RpcMethod::kVerifyMetrics, context), response_(response) {}

VerifyMetricsCall::~VerifyMetricsCall() {
  if (holds_turn_) g_is_verifying.store(false);
}

absl::StatusOr<v1::QueryMetricsRequest> VerifyMetricsCall::Parse(grpc::ByteBuffer& message) {
  v1::VerifyMetricsRequest request;
  SEXTANT_RETURN_IF_ERROR(ParseMessage(message, request));
  return std::move(*request.mutable_query());
}

absl::Status VerifyMetricsCall::Start(const v1::QueryMetricsRequest&, const Query& query) {
  SEXTANT_ASSIGN_OR_RETURN(const std::vector<std::string> datasets, DatasetsOf(query));
  // What the published tables can tell is told before the source is troubled.
  SEXTANT_ASSIGN_OR_RETURN(const auto published, services().cache.Pin(datasets));
  SEXTANT_RETURN_IF_ERROR(
      PrepareQuery(query, published, claim(), services().catalog, services().limits).status());
  if (g_is_verifying.exchange(true)) return AnotherIsRunning();
  holds_turn_ = true;
  SetStage(CancelStage::kRunning);
  const std::shared_ptr<VerifyMetricsCall> self = self_;
  return services().inspect(
      datasets, {.inspect =
                     [self, query](SourceConnection& source,
                                   const std::vector<std::shared_ptr<const Table>>& tables,
                                   std::stop_token stop) {
                       return self->Verify(query, source, tables, std::move(stop));
                     },
                 .done = [self](absl::Status status) { self->End(status); },
                 .cancel = gone_.get_token()});
}

absl::Status VerifyMetricsCall::Verify(const Query& query, SourceConnection& source,
                                       const std::vector<std::shared_ptr<const Table>>& tables,
                                       std::stop_token stop) {
  SEXTANT_ASSIGN_OR_RETURN(
      PreparedQuery prepared,
      PrepareQuery(query, tables, claim(), services().catalog, services().limits));
  const BoundedQuery bounded = WithBounds(prepared.bound);
  SEXTANT_ASSIGN_OR_RETURN(
      const std::unique_ptr<ResultCursor> ours,
      QueryExecutor::Run(context(), bounded.query, std::move(prepared.scopes)));
  SEXTANT_ASSIGN_OR_RETURN(
      const EquivalentSql sql,
      PrintQuerySql(prepared.bound, SpecsOf(prepared.bound, services().storage),
                    ours->header().series, claim()));
  if (!sql.unsupported.empty()) return HasNoSql(sql.unsupported);
  const int64_t left_us = deadline_us() - services().clock.MonotonicUs();
  SEXTANT_ASSIGN_OR_RETURN(const std::vector<SourceRow> rows,
                           source.Query(sql.text, std::max<int64_t>(left_us, 1), std::move(stop)));
  SEXTANT_ASSIGN_OR_RETURN(const AnswerComparison comparison,
                           CompareAnswers(*ours, bounded.bounds, rows));
  WriteComparison(comparison, answer_);
  answer_.set_sql(sql.text);
  answer_.set_as_of(FormatInstant(tables[0]->identity().as_of_us, absl::UTCTimeZone()));
  return absl::OkStatus();
}

void VerifyMetricsCall::OnResult(absl::StatusOr<std::unique_ptr<ResultCursor>> result) {
  End(result.status());
}

void VerifyMetricsCall::OnCancel() {
  gone_.request_stop();
  Cancel();
}

void VerifyMetricsCall::End(const absl::Status& status) {
  if (holds_turn_) g_is_verifying.store(false);
  holds_turn_ = false;
  if (!status.ok()) return Finish(ToGrpcStatus(ForCaller(status)));
  std::string bytes = answer_.SerializeAsString();
  metrics().MessageSent(bytes.size());
  metrics().SetCode(0);
  response_ = ToByteBuffer(std::move(bytes));
  Finish(grpc::Status::OK);
}

}  // namespace sextant
