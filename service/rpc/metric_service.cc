#include "service/rpc/metric_service.h"

#include "service/rpc/compute_metrics_call.h"
#include "service/rpc/explain_metrics_call.h"
#include "service/rpc/query_metrics_call.h"
#include "service/rpc/verify_metrics_call.h"

namespace sextant {

grpc::ServerWriteReactor<grpc::ByteBuffer>* MetricService::QueryMetrics(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) {
  return QueryMetricsCall::Begin(services_, *context, *request);
}

grpc::ServerUnaryReactor* MetricService::ComputeMetrics(grpc::CallbackServerContext* context,
                                                        const grpc::ByteBuffer* request,
                                                        grpc::ByteBuffer* response) {
  return ComputeMetricsCall::Begin(services_, *context, *request, *response);
}

grpc::ServerUnaryReactor* MetricService::ExplainMetrics(grpc::CallbackServerContext* context,
                                                        const grpc::ByteBuffer* request,
                                                        grpc::ByteBuffer* response) {
  return ExplainMetricsCall::Begin(services_, *context, *request, *response);
}

grpc::ServerUnaryReactor* MetricService::VerifyMetrics(grpc::CallbackServerContext* context,
                                                       const grpc::ByteBuffer* request,
                                                       grpc::ByteBuffer* response) {
  return VerifyMetricsCall::Begin(services_, *context, *request, *response);
}

}  // namespace sextant
