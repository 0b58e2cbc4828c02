#pragma once

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "sextant/v1/metric_service.pb.h"

namespace sextant {

/// Exit codes of the client.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;

/// Where a server is, and what every call carries.
struct ConnectionFlags {
  std::string address = "127.0.0.1:7600";
  std::string tenant;
  std::optional<int64_t> deadline_ms;
};

/// INVALID_ARGUMENT for a tenant that metadata cannot carry: allowed are 1 to 256 bytes of
/// printable ASCII that do not begin or end with a blank. "" is no tenant.
absl::Status CheckTenant(const std::string& tenant);

/// INVALID_ARGUMENT for an address that is no HOST:PORT with a port from 1 on.
absl::Status CheckAddress(const std::string& address);

/// A channel without TLS. Cheap: connects at the first call.
std::shared_ptr<grpc::Channel> OpenChannel(const ConnectionFlags& flags);

/// Sets deadline and tenant on the context of one call.
void PrepareContext(const ConnectionFlags& flags, grpc::ClientContext& context);

/// Explains a failed call: code, message, then what the details say: field, position with a caret
/// under the text of `request` (may be null) that it points into, nearest names, when to try again.
/// Returns kExitFailed.
int ReportFailure(const grpc::Status& status, const v1::QueryMetricsRequest* request,
                  std::ostream& errors);

}  // namespace sextant
