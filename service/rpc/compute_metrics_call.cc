#include "service/rpc/compute_metrics_call.h"

#include <utility>

#include "compute/memory/status_macros.h"
#include "service/rpc/error_details.h"
#include "service/rpc/unary_response.h"
#include "service/wire/result_encoder.h"

namespace sextant {
namespace {

constexpr size_t kBatchBytes = 256 * 1024;

absl::Status TooLarge() {
  return ResponseTooLarge("ComputeMetrics", "fewer cells, a limit, or QueryMetrics");
}

void AddFrame(v1::QueryMetricsResponse& frame, v1::ComputeMetricsResponse& response) {
  if (frame.has_arrow()) {
    *response.add_arrow() = std::move(*frame.mutable_arrow());
  } else {
    *response.add_batches() = std::move(*frame.mutable_batch());
  }
}

}  // namespace

grpc::ServerUnaryReactor* ComputeMetricsCall::Begin(const QueryServices& services,
                                                    grpc::CallbackServerContext& context,
                                                    const grpc::ByteBuffer& message,
                                                    grpc::ByteBuffer& response) {
  const auto call = std::make_shared<ComputeMetricsCall>(services, context, response);
  call->self_ = call;
  call->QueryCall::Begin(message);
  return call.get();
}

ComputeMetricsCall::ComputeMetricsCall(const QueryServices& services,
                                       grpc::CallbackServerContext& context,
                                       grpc::ByteBuffer& response)
    : QueryCall(services, RpcMethod::kComputeMetrics, context), response_(response) {}

absl::StatusOr<v1::QueryMetricsRequest> ComputeMetricsCall::Parse(grpc::ByteBuffer& message) {
  v1::ComputeMetricsRequest request;
  SEXTANT_RETURN_IF_ERROR(ParseMessage(message, request));
  return std::move(*request.mutable_query());
}

void ComputeMetricsCall::OnResult(absl::StatusOr<std::unique_ptr<ResultCursor>> result) {
  if (!result.ok()) return Finish(ToGrpcStatus(ForCaller(result.status())));
  context().SetStage(QueryStage::kStream);
  SetStage(CancelStage::kWriting);
  CountResult(SummaryOf(**result));
  const absl::StatusOr<v1::ComputeMetricsResponse> response = Collect(**result);
  if (!response.ok()) return Finish(ToGrpcStatus(ForCaller(response.status())));
  AddTrailers(response->summary());
  std::string bytes = response->SerializeAsString();
  metrics().MessageSent(bytes.size());
  metrics().SetCode(0);
  response_ = ToByteBuffer(std::move(bytes));
  Finish(grpc::Status::OK);
}

absl::StatusOr<v1::ComputeMetricsResponse> ComputeMetricsCall::Collect(ResultCursor& cursor) {
  const int64_t began_us = services().clock.MonotonicUs();
  ResultEncoder encoder(cursor.header(), format());
  v1::ComputeMetricsResponse response;
  *response.mutable_header() = encoder.EncodeHeader();
  size_t size_bytes = response.ByteSizeLong();
  for (;;) {
    SEXTANT_RETURN_IF_ERROR(context().Check());
    SEXTANT_ASSIGN_OR_RETURN(std::optional<ResultBatch> batch, cursor.Next(kBatchBytes));
    if (!batch.has_value()) break;
    for (v1::QueryMetricsResponse& frame : encoder.EncodeBatch(*batch)) {
      size_bytes += frame.ByteSizeLong();
      AddFrame(frame, response);
    }
    if (size_bytes > kMaxUnaryResponseBytes) return TooLarge();
  }
  *response.mutable_summary() =
      encoder.EncodeSummary(SummaryOf(cursor), services().clock.MonotonicUs() - began_us);
  if (response.ByteSizeLong() > kMaxUnaryResponseBytes) return TooLarge();
  return response;
}

}  // namespace sextant
