#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "compute/column/column.h"
#include "compute/column/dictionary.h"
#include "compute/column/schema.h"
#include "compute/column/tenant_scope.h"

namespace sextant {

/// OK when `field` may be a tenant column: integers, text, uuid, enum. Errors: INVALID_ARGUMENT
/// that names the column, its type and the types allowed.
absl::Status CheckTenantField(const Field& field);

/// Adds the rows of chunk `chunk` to `tenants`, one range per run of equal tenants; NULL rows to
/// none. `dictionary` is that of kCode. Errors: RESOURCE_EXHAUSTED.
/// REQUIRES: CheckTenantField holds for the column's field.
absl::Status AddTenantRanges(const Column& column, const Dictionary* dictionary, uint32_t chunk,
                             TenantIndex& tenants);

}  // namespace sextant
