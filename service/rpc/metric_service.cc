#include "service/rpc/metric_service.h"

#include <memory>

#include "service/rpc/batch_query_metrics_call.h"
#include "service/rpc/compute_metrics_call.h"
#include "service/rpc/explain_metrics_call.h"
#include "service/rpc/query_metrics_call.h"
#include "service/rpc/query_rows_call.h"
#include "service/rpc/verify_metrics_call.h"

namespace sextant {

grpc::ServerWriteReactor<grpc::ByteBuffer>* MetricService::QueryMetrics(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) {
  return StreamedCall::Begin(std::make_shared<QueryMetricsCall>(services_, *context), *request);
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

grpc::ServerWriteReactor<grpc::ByteBuffer>* MetricService::QueryRows(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) {
  return StreamedCall::Begin(std::make_shared<QueryRowsCall>(services_, *context), *request);
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* MetricService::BatchQueryMetrics(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) {
  return StreamedCall::Begin(std::make_shared<BatchQueryMetricsCall>(services_, *context),
                             *request);
}

}  // namespace sextant
