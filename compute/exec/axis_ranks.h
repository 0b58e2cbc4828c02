#pragma once

#include <cstdint>
#include <span>

#include "absl/status/statusor.h"
#include "compute/exec/finished_result.h"
#include "compute/exec/query_context.h"
#include "compute/operators/value_coder.h"

namespace sextant {

/// Orders the values that cells have on a group axis (text by bytes, enums as declared, NaN
/// greatest, NULL last) and copies each once. `codes` has the code of every cell.
/// Errors: those of the context, RESOURCE_EXHAUSTED.
absl::StatusOr<AxisColumn> RankAxis(QueryContext& context, const ValueCoder& coder,
                                    const CodedValues& values, const DataType& type,
                                    std::span<const uint32_t> codes);

}  // namespace sextant
