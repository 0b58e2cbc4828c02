#include "service/rpc/verify_metrics_call.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "compute/exec/query_executor.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/instant_text.h"
#include "service/rpc/error_details.h"
#include "service/rpc/query_preparation.h"
#include "service/rpc/unary_response.h"
#include "service/translation/profile_to_proto.h"
#include "service/verification/float_bounds.h"
#include "service/verification/source_answer.h"
#include "storage/postgres/query_sql.h"

namespace sextant {
namespace {

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

/// What the differences that are shown may take beside the SQL.
constexpr size_t kMaxComparisonBytes = kMaxShownDifferences * 4 * kMaxShownBytes;

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

absl::StatusOr<const v1::QueryMetricsRequest*> VerifyMetricsCall::Parse(
    grpc::ByteBuffer& message, google::protobuf::Arena& arena) {
  if (!services().inspection.allow_verify) return SwitchedOff("VerifyMetrics", "verify");
  SEXTANT_ASSIGN_OR_RETURN(const auto* request,
                           ParseMessage<v1::VerifyMetricsRequest>(message, arena));
  return &request->query();
}

absl::Status VerifyMetricsCall::Start(const v1::QueryMetricsRequest&, const Query& query) {
  SEXTANT_ASSIGN_OR_RETURN(datasets_, DatasetsOf(query));
  SEXTANT_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                           TablesOf(query, services().catalog));
  // What the published tables can tell is told before the source is troubled.
  SEXTANT_ASSIGN_OR_RETURN(const auto published, services().cache.Pin(names));
  SEXTANT_RETURN_IF_ERROR(
      PrepareQuery(query, published, AskerWith(context()), services().limits).status());
  SEXTANT_ASSIGN_OR_RETURN(const Query known, WithPeriods(query, published, AskerWith(context())));
  SEXTANT_ASSIGN_OR_RETURN(turn_, VerificationTurn::Take());
  SetStage(CancelStage::kRunning);
  SetAlarm();
  return services().inspect(datasets_, MakeInspection(known));
}

Inspection VerifyMetricsCall::MakeInspection(const Query& query) {
  // self_ may be gone: the alarm ends the call when it will.
  const auto self = std::static_pointer_cast<VerifyMetricsCall>(shared_from_this());
  return {.inspect =
              [self, query](const QuerySnapshot& source,
                            const std::vector<std::shared_ptr<const Table>>& tables,
                            std::stop_token stop) {
                self->verdict_ = self->Verify(query, source, tables, std::move(stop));
                return *self->verdict_;
              },
          .done = [self](const absl::Status& status) { self->OnInspected(status); },
          .started = [self] { self->SetVerificationStage(VerificationStage::kLoad); },
          .cancel = gone_.get_token(),
          .deadline_us = deadline_us()};
}

void VerifyMetricsCall::SetAlarm() {
  const int64_t left_us = deadline_us() - services().clock.MonotonicUs();
  // The alarm is ours and keeps its callback: a strong reference would be for ever.
  const std::weak_ptr<QueryCall> weak = weak_from_this();
  alarm_.Set(
      std::chrono::system_clock::now() + std::chrono::microseconds(std::max<int64_t>(left_us, 0)),
      [weak](bool is_due) {
        const std::shared_ptr<QueryCall> call = is_due ? weak.lock() : nullptr;
        if (call != nullptr) static_cast<VerifyMetricsCall&>(*call).OnDeadline();
      });
}

void VerifyMetricsCall::OnDeadline() {
  late_stage_ = verification_stage_.load();
  is_late_ = true;
  // A load that waits ends right here, with the turn; one that runs may take a while to see it.
  gone_.request_stop();
  End(DeadlinePassedIn(late_stage_));
}

absl::Status VerifyMetricsCall::Verify(const Query& query, const QuerySnapshot& source,
                                       const std::vector<std::shared_ptr<const Table>>& tables,
                                       std::stop_token stop) {
  SetVerificationStage(VerificationStage::kRun);
  const std::stop_callback stopped(std::move(stop), [this] { context().Cancel(); });
  SEXTANT_RETURN_IF_ERROR(context().Check());
  SEXTANT_ASSIGN_OR_RETURN(PreparedQuery prepared,
                           PrepareQuery(query, tables, AskerWith(context()), services().limits));
  const BoundedQuery bounded = WithBounds(prepared.bound);
  SEXTANT_ASSIGN_OR_RETURN(
      const std::unique_ptr<ResultCursor> ours,
      QueryExecutor::Run(context(), bounded.query, std::move(prepared.scopes)));
  SEXTANT_ASSIGN_OR_RETURN(
      EquivalentSql sql, PrintQuerySql(prepared.bound, SpecsOf(prepared.bound, services().storage),
                                       {ours->header().series, ours->header().range}, claim()));
  if (!sql.unsupported.empty()) return HasNoSql(sql.unsupported);
  if (sql.text.size() > kMaxUnaryResponseBytes - kMaxComparisonBytes) {
    return ResponseTooLarge("VerifyMetrics", "fewer intervals, or shorter conditions");
  }
  SEXTANT_RETURN_IF_ERROR(AskAndCompare(sql.text, source, *ours, bounded.bounds));
  answer_.set_sql(std::move(sql.text));
  for (std::string& column : sql.columns_without_sql) answer_.add_not_compared(std::move(column));
  answer_.set_as_of(FormatInstant(tables[0]->identity().as_of_us, absl::UTCTimeZone()));
  return absl::OkStatus();
}

absl::Status VerifyMetricsCall::AskAndCompare(const std::string& sql, const QuerySnapshot& source,
                                              ResultCursor& ours,
                                              std::span<const FloatBound> bounds) {
  SetVerificationStage(VerificationStage::kSql);
  SourceAnswer answer(context().budget(), services().inspection.max_sql_answer_bytes);
  absl::Status taken;
  const absl::Status asked = source(sql, [&](SourceRow row) {
    taken = context().Check();
    if (taken.ok()) taken = answer.Add(std::move(row));
    return taken;
  });
  SEXTANT_RETURN_IF_ERROR(taken);
  if (!asked.ok()) SEXTANT_RETURN_IF_ERROR(context().Check());
  if (!asked.ok()) return Told(SqlFailedFor(datasets_, asked), asked);
  SetVerificationStage(VerificationStage::kCompare);
  SEXTANT_ASSIGN_OR_RETURN(const AnswerComparison comparison,
                           CompareAnswers(context(), ours, bounds, answer.rows()));
  WriteComparison(comparison, answer_);
  return absl::OkStatus();
}

absl::Status VerifyMetricsCall::Told(const absl::Status& told, const absl::Status& cause) const {
  return DetailOf(told).has_value() ? WithLoggedCause(told, cause) : told;
}

void VerifyMetricsCall::OnInspected(const absl::Status& status) {
  // Before the answer: its caller may verify again at once.
  turn_.reset();
  const bool is_stopped = absl::IsCancelled(status) && !gone_.stop_requested();  // by the server
  if (verdict_.has_value() && !is_stopped) return End(*verdict_);
  if (!is_stopped && !context().Check().ok()) return End(context().Check());
  End(Told(LoadFailedFor(datasets_, status), status));
}

void VerifyMetricsCall::OnResult(absl::StatusOr<std::unique_ptr<ResultCursor>> result) {
  turn_.reset();
  End(result.status());
}

void VerifyMetricsCall::OnCancel() {
  // The source of the token must outlive what the stop ends.
  const std::shared_ptr<QueryCall> self = shared_from_this();
  Cancel();
  gone_.request_stop();
}

absl::Status VerifyMetricsCall::OrDeadline(const absl::Status& status) const {
  if (is_late_) return DeadlinePassedIn(late_stage_);
  return absl::IsDeadlineExceeded(status) ? DeadlinePassedIn(verification_stage_) : status;
}

void VerifyMetricsCall::End(const absl::Status& status) {
  if (has_ended_.exchange(true)) return;
  alarm_.Cancel();
  if (!status.ok()) return Finish(ToGrpcStatus(ForCaller(OrDeadline(status))));
  std::string bytes = answer_.SerializeAsString();
  metrics().MessageSent(bytes.size());
  metrics().SetCode(0);
  response_ = ToByteBuffer(std::move(bytes));
  Finish(grpc::Status::OK);
}

}  // namespace sextant
