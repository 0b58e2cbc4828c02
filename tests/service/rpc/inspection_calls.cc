#include "tests/service/rpc/inspection_calls.h"

#include <grpcpp/client_context.h>

#include "compute/plan/error_detail.h"
#include "service/rpc/error_details.h"

namespace sextant {

v1::QueryMetricsRequest LinesByAuthor() {
  v1::QueryMetricsRequest request = RequestFor("commits", "sum(lines)");
  request.add_group_by()->set_column("author");
  request.set_where("lines > 1 AND author IS NOT NULL");
  return request;
}

absl::Status Verify(TestService& service, const v1::QueryMetricsRequest& query,
                    v1::VerifyMetricsResponse& response) {
  grpc::ClientContext context;
  v1::VerifyMetricsRequest request;
  *request.mutable_query() = query;
  return FromGrpcStatus(service.metric_stub().VerifyMetrics(&context, request, &response));
}

absl::Status Verify(TestService& service) {
  v1::VerifyMetricsResponse response;
  return Verify(service, LinesByAuthor(), response);
}

std::string ReasonOf(const absl::Status& status) {
  const auto detail = DetailOf(status);
  return detail.has_value() ? detail->reason : "no detail";
}

std::vector<std::pair<std::string, std::string>> MetadataOf(const absl::Status& status) {
  const auto detail = DetailOf(status);
  return detail.has_value() ? detail->metadata : std::vector<std::pair<std::string, std::string>>();
}

}  // namespace sextant
