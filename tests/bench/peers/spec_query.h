#pragma once

#include "compute/plan/query.h"
#include "tests/bench/peers/query_spec.h"

namespace sextant::peers {

/// `spec` as the product's question, with unresolved names and strings: filters as the tree that a
/// typed filter of a request becomes, measures as expressions, a key of time as the event at which
/// rows are pinned. A range of that event's column is the range of the query.
Query QueryOf(const QuerySpec& spec);

}  // namespace sextant::peers
