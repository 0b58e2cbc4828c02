#pragma once

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "compute/column/column.h"
#include "compute/column/string_store.h"
#include "compute/column/validity_builder.h"

namespace sextant {

/// The column of `codes`, of a dictionary that is there already, which no builder takes. Both have
/// `num_rows`. Errors: RESOURCE_EXHAUSTED.
absl::StatusOr<std::shared_ptr<const Column>> SealCodes(const DataType& type, uint32_t num_rows,
                                                        CodeStore& codes,
                                                        ValidityBuilder& validity);

}  // namespace sextant
