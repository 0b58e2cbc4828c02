#include "service/rpc/compute_metrics_call.h"

#include <utility>

#include "compute/memory/status_macros.h"
#include "service/rpc/error_details.h"
#include "service/rpc/unary_response.h"
#include "service/wire/frame.h"
#include "service/wire/result_encoder.h"

namespace sextant {
namespace {

constexpr size_t kBatchBytes = 256 * 1024;

absl::Status TooLarge() {
  return ResponseTooLarge("ComputeMetrics", "fewer cells, a limit, or QueryMetrics");
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

absl::StatusOr<const v1::QueryMetricsRequest*> ComputeMetricsCall::Parse(
    grpc::ByteBuffer& message, google::protobuf::Arena& arena) {
  SEXTANT_ASSIGN_OR_RETURN(const auto* request,
                           ParseMessage<v1::ComputeMetricsRequest>(message, arena));
  return &request->query();
}

void ComputeMetricsCall::OnResult(absl::StatusOr<std::unique_ptr<ResultCursor>> result) {
  if (!result.ok()) return Finish(ToGrpcStatus(ForCaller(result.status())));
  context().SetStage(QueryStage::kStream);
  SetStage(CancelStage::kWriting);
  CountResult(SummaryOf(**result));
  absl::StatusOr<std::vector<std::string>> frames = Collect(**result);
  if (!frames.ok()) return Finish(ToGrpcStatus(ForCaller(frames.status())));
  response_ = ToByteBuffer(*std::move(frames));
  metrics().MessageSent(response_.Length());
  metrics().SetCode(0);
  Finish(grpc::Status::OK);
}

absl::StatusOr<std::vector<std::string>> ComputeMetricsCall::Collect(ResultCursor& cursor) {
  const int64_t began_us = services().clock.MonotonicUs();
  ResultEncoder encoder(cursor.header(), format());
  std::vector<std::string> frames = {encoder.EncodeHeader()};
  size_t num_bytes = frames.back().size();
  const auto add = [&](std::string frame) {
    num_bytes += frame.size();
    frames.push_back(std::move(frame));
  };
  for (;;) {
    SEXTANT_RETURN_IF_ERROR(context().Check());
    SEXTANT_ASSIGN_OR_RETURN(std::optional<ResultBatch> batch, cursor.Next(kBatchBytes));
    if (!batch.has_value()) break;
    for (std::string& frame : encoder.EncodeBatch(*batch)) add(std::move(frame));
    cursor.GiveBack(*std::move(batch));
    if (num_bytes > kMaxUnaryResponseBytes) return TooLarge();
  }
  const v1::Summary summary =
      encoder.EncodeSummary(SummaryOf(cursor), services().clock.MonotonicUs() - began_us);
  add(FrameOf(FrameField::kSummary, summary));
  if (num_bytes > kMaxUnaryResponseBytes) return TooLarge();
  AddTrailers(summary);
  return frames;
}

}  // namespace sextant
