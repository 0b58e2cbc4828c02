#pragma once

#include "absl/container/inlined_vector.h"
#include "compute/column/text_ranks.h"
#include "compute/operators/filter.h"
#include "compute/operators/scan.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// Per axis of a dataset.
using AxisTextRanks = absl::InlinedVector<const TextRanks*, 4>;

/// The ranks by which the groups of a query name texts: of a column that has them, where the filter
/// and the range of time leave so many rows that it costs less to go through all ranks than to
/// intern and to sort the texts of these rows; else null. Estimates decide, so it is asked once in
/// a query. The table of `scan`, of `dataset`, has the ranks; where it has none of a column of
/// which they would be taken, it is told how many texts they would have spared (OrderDemand).
AxisTextRanks ChooseTextRanks(const BoundQuery& query, size_t dataset, const Scan& scan,
                              const Filter& filter);

}  // namespace sextant
