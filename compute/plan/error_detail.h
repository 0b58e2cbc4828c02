#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace sextant {

/// What a caller's program can act on, carried by an absl::Status as a payload and turned into
/// google.rpc details by service/rpc/error_details. Empty members are absent. Never another
/// tenant's values, never a secret.
struct ErrorDetail {
  /// Path of the request's field: "metrics[1].expression", "filter.and[0].compare.column".
  std::string field = {};
  /// Offset in characters in the text of that field, -1 when it does not apply.
  int position = -1;
  /// Names that exist and are near the one that does not, nearest first, at most 20.
  std::vector<std::string> nearest = {};
  /// ErrorInfo.reason: "DATASET_LOADING", "TOO_MANY_CELLS".
  std::string reason = {};
  /// ResourceInfo: "dataset", "metric".
  std::string resource_type = {};
  std::string resource_name = {};
  /// RetryInfo.
  std::optional<double> retry_after_s = {};
  /// ErrorInfo.metadata: {"limit", "20000000"}.
  std::vector<std::pair<std::string, std::string>> metadata = {};

  friend bool operator==(const ErrorDetail&, const ErrorDetail&) = default;
};

/// `status` with `detail` (replacing one that it has). REQUIRES: !status.ok().
absl::Status WithDetail(absl::Status status, const ErrorDetail& detail);

/// The detail of `status`, if it carries one.
std::optional<ErrorDetail> DetailOf(const absl::Status& status);

/// INVALID_ARGUMENT "FIELD: MESSAGE (at character N)" with a FieldViolation; the usual way to
/// refuse a request. N counts from 1, as in PostgreSQL's messages; absent without a position.
absl::Status FieldError(std::string field, const std::string& message, int position = -1,
                        std::vector<std::string> nearest = {});

}  // namespace sextant
