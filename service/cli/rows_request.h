#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "service/cli/query_request.h"
#include "sextant/v1/metric_service.pb.h"

namespace sextant {

/// The flags of `sextant rows`, as typed.
struct RowsFlags {
  /// Of the cell; its groups may say which one: "COLUMN=VALUE", "COLUMN is null",
  /// "COLUMN:bins(0,10)=0", "set:NAME=MEMBER". Its order and limit are those of the rows.
  QueryFlags query;
  std::string start;
  std::vector<std::string> columns;  // "id,title"
};

/// The request that `flags` ask. Errors: INVALID_ARGUMENT for what the server could not tell
/// better.
absl::StatusOr<v1::QueryRowsRequest> MakeRowsRequest(const RowsFlags& flags);

}  // namespace sextant
