#include "service/rpc/explain_metrics_call.h"

#include <utility>

#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "service/rpc/error_details.h"
#include "service/rpc/inspection_refusal.h"
#include "service/rpc/unary_response.h"
#include "service/translation/profile_to_proto.h"
#include "service/wire/frame.h"
#include "service/wire/result_encoder.h"
#include "storage/postgres/query_sql.h"

namespace sextant {

grpc::ServerUnaryReactor* ExplainMetricsCall::Begin(const QueryServices& services,
                                                    grpc::CallbackServerContext& context,
                                                    const grpc::ByteBuffer& message,
                                                    grpc::ByteBuffer& response) {
  const auto call = std::make_shared<ExplainMetricsCall>(services, context, response);
  call->self_ = call;
  call->QueryCall::Begin(message);
  return call.get();
}

ExplainMetricsCall::ExplainMetricsCall(const QueryServices& services,
                                       grpc::CallbackServerContext& context,
                                       grpc::ByteBuffer& response)
    : QueryCall(services, RpcMethod::kExplainMetrics, context), response_(response) {}

absl::StatusOr<const v1::QueryMetricsRequest*> ExplainMetricsCall::Parse(
    grpc::ByteBuffer& message, google::protobuf::Arena& arena) {
  if (!services().inspection.allow_explain) return SwitchedOff("ExplainMetrics", "explain");
  SEXTANT_ASSIGN_OR_RETURN(const auto* request,
                           ParseMessage<v1::ExplainMetricsRequest>(message, arena));
  return &request->query();
}

void ExplainMetricsCall::OnBound(const BoundQuery& bound) {
  bound_ = bound;
  context().EnableProfile();
}

void ExplainMetricsCall::OnResult(absl::StatusOr<std::unique_ptr<ResultCursor>> result) {
  if (!result.ok()) return Finish(ToGrpcStatus(ForCaller(result.status())));
  SetStage(CancelStage::kWriting);
  CountResult(SummaryOf(**result));
  const absl::StatusOr<v1::ExplainMetricsResponse> response = Explain(**result);
  if (!response.ok()) return Finish(ToGrpcStatus(ForCaller(response.status())));
  std::string bytes = response->SerializeAsString();
  metrics().MessageSent(bytes.size());
  metrics().SetCode(0);
  response_ = ToByteBuffer(std::move(bytes));
  Finish(grpc::Status::OK);
}

absl::StatusOr<v1::ExplainMetricsResponse> ExplainMetricsCall::Explain(const ResultCursor& cursor) {
  SEXTANT_RETURN_IF_ERROR(context().Check());
  const ResultEncoder encoder(cursor.header(), v1::RESULT_FORMAT_COLUMNS);
  v1::ExplainMetricsResponse response;
  // The header is the first field of every answer that has one.
  static_assert(v1::ExplainMetricsResponse::kHeaderFieldNumber ==
                static_cast<int>(FrameField::kHeader));
  SEXTANT_CHECK(response.ParseFromString(encoder.EncodeHeader()));
  *response.mutable_summary() = encoder.EncodeSummary(SummaryOf(cursor), /*streamed_us=*/0);
  for (const StepProfile& step : context().profile()->steps()) {
    *response.add_steps() = StepToProto(step, *bound_);
  }
  SEXTANT_ASSIGN_OR_RETURN(EquivalentSql sql,
                           PrintQuerySql(*bound_, SpecsOf(*bound_, services().storage),
                                         {cursor.header().series, cursor.header().range}, claim()));
  response.set_sql(std::move(sql.text));
  for (std::string& part : sql.unsupported) response.add_without_sql(std::move(part));
  for (std::string& column : sql.columns_without_sql) {
    response.add_columns_without_sql(std::move(column));
  }
  if (response.ByteSizeLong() > kMaxUnaryResponseBytes) {
    return ResponseTooLarge("ExplainMetrics", "fewer intervals, or shorter conditions");
  }
  return response;
}

}  // namespace sextant
