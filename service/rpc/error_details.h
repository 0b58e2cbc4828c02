#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace sextant {

/// The status as the wire carries it: the message, and the ErrorDetail of `status` as
/// google.rpc details in grpc-status-details-bin. Long messages are cut at 1 KiB, details at 4 KiB,
/// so that they fit into a client's metadata. Thread-safe.
///   field                   BadRequest.FieldViolation; position and nearest also in ErrorInfo
///   reason, metadata        ErrorInfo, domain "sextant"
///   resource_type, _name    ResourceInfo
///   retry_after_s           RetryInfo; with RESOURCE_EXHAUSTED also QuotaFailure
grpc::Status ToGrpcStatus(const absl::Status& status);

/// The reverse, for clients: code, message and, where the details have it, an ErrorDetail.
/// Details that cannot be read are ignored.
absl::Status FromGrpcStatus(const grpc::Status& status);

}  // namespace sextant
