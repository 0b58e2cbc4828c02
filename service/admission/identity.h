#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/tenant_scope.h"

namespace sextant {

/// The request metadata that names the tenant until callers are authenticated.
inline constexpr char kTenantMetadata[] = "x-sextant-tenant";
/// A tenant has 1 to this many bytes.
inline constexpr size_t kMaxTenantBytes = 256;

/// Who asks, from all values of kTenantMetadata of a call: none is a claim without tenant.
/// Errors: INVALID_ARGUMENT when it is given twice, is empty or longer than 256 bytes. Thread-safe.
absl::StatusOr<TenantClaim> ClaimFromMetadata(const std::vector<std::string_view>& values);

}  // namespace sextant
