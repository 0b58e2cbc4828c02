#pragma once

#include <array>
#include <cstdint>

#include "compute/kernels/cell_words.h"
#include "compute/operators/aggregate.h"
#include "compute/operators/fused_plan.h"

namespace sextant {

/// What all selected rows of a chunk add to the words of the only cell: sums over the words of the
/// selection, without a row number. REQUIRES: plan.sums_selections().
std::array<uint64_t, CellForm::kMaxWords> SumOfSelection(const FusedPlan& plan,
                                                         const SelectedRows& selected);

}  // namespace sextant
