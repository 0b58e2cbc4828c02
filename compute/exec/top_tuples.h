#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/exec/query_context.h"
#include "compute/exec/result_rows.h"
#include "compute/operators/kept_tuples.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// Chooses the group tuples of a top-N from a pass over all of them (rule 18): the greatest (or
/// least) values of its metric in the first interval, which is the whole range; ties by tuple,
/// ascending; tuples without a value last. Returns the tuples in the codes of each dataset.
/// Errors: those of the context, RESOURCE_EXHAUSTED, OUT_OF_RANGE (SUM_OVERFLOW).
absl::StatusOr<std::vector<KeptTuples>> ChooseTopTuples(QueryContext& context,
                                                        const BoundQuery& query,
                                                        const FinishedPass& pass,
                                                        uint32_t num_intervals);

}  // namespace sextant
