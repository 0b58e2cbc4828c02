#pragma once

#include "service/rpc/query_services.h"
#include "sextant/v1/metric_service.grpc.pb.h"

namespace sextant {

/// MetricService over raw messages: they are read and written on the pool, not on gRPC's threads.
class MetricService final
    : public v1::MetricService::WithRawCallbackMethod_QueryMetrics<
          v1::MetricService::WithRawCallbackMethod_ComputeMetrics<
              v1::MetricService::WithRawCallbackMethod_ExplainMetrics<
                  v1::MetricService::WithRawCallbackMethod_VerifyMetrics<
                      v1::MetricService::WithRawCallbackMethod_QueryRows<
                          v1::MetricService::WithRawCallbackMethod_BatchQueryMetrics<
                              v1::MetricService::Service>>>>>> {
 public:
  explicit MetricService(const QueryServices& services) : services_(services) {}

  grpc::ServerWriteReactor<grpc::ByteBuffer>* QueryMetrics(
      grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) override;
  grpc::ServerUnaryReactor* ComputeMetrics(grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request,
                                           grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ExplainMetrics(grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request,
                                           grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* VerifyMetrics(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* QueryRows(grpc::CallbackServerContext* context,
                                                        const grpc::ByteBuffer* request) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* BatchQueryMetrics(
      grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) override;

 private:
  const QueryServices services_;
};

}  // namespace sextant
