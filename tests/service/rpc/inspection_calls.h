#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/service/rpc/test_service.h"

namespace sextant {

/// sum(lines) of the commits of bob (2) and ann (3), by author.
v1::QueryMetricsRequest LinesByAuthor();

/// Calls VerifyMetrics without a deadline of the client.
absl::Status Verify(TestService& service, const v1::QueryMetricsRequest& query,
                    v1::VerifyMetricsResponse& response);
/// The same of LinesByAuthor().
absl::Status Verify(TestService& service);

/// Of the ErrorInfo of `status`.
std::string ReasonOf(const absl::Status& status);
std::vector<std::pair<std::string, std::string>> MetadataOf(const absl::Status& status);

}  // namespace sextant
