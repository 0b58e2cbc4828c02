#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/exec/query_context.h"
#include "compute/operators/axis_coder.h"
#include "compute/operators/metric_values.h"

namespace sextant {

/// The codes that cells have on an axis, in one numbering of its values.
struct AxisSource {
  const AxisCoder* coder = nullptr;
  const AxisState* state = nullptr;
  std::span<const uint8_t> used;  // by code: 1 where a cell has it
};

/// The values that cells have on a group axis, in their order, and which one a code stands for.
struct RankedAxis {
  RankedAxis(const DataType& type, MemoryBudget& budget) : values(type, budget) {}

  /// Of a code that is not in use.
  static constexpr uint32_t kNoRank = 0xFFFFFFFF;

  MetricValues values;                                // by rank, NULL last
  std::vector<TrackedVector<uint32_t>> rank_of_code;  // per source
};

/// Orders the values (text by bytes, enums and sets as declared, NaN greatest, NULL last) and
/// copies each once: values of several sources that are equal have one rank. Cost: a sort of the
/// codes in use, by 8 bytes of what tells them apart; none where the codes ascend already. Errors:
/// those of the context, RESOURCE_EXHAUSTED.
absl::StatusOr<RankedAxis> RankAxis(QueryContext& context, const DataType& type,
                                    std::span<const AxisSource> sources);

}  // namespace sextant
