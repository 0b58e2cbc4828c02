#pragma once

#include <memory>
#include <string>

#include "compute/column/table.h"
#include "compute/exec/query_context.h"
#include "compute/plan/metric_catalog.h"
#include "compute/plan/query.h"
#include "compute/plan/rows_query.h"
#include "storage/dataset_spec.h"

namespace sextant::fuzz {

/// Dataset `items`: a column of every type, named after it (boolean b, integers i2, i4, i8, floats
/// f4, f8, numerics n9 and n38, text t, enum e, uuid u, json j, dates d, timestamps at and ended,
/// duration took, interval v, bytes y, lists of text ts, of bigint ls, of timestamps ats), and its
/// key `id`; a few rows with NULL, the limits of each type, NaN, empty lists and ties, in chunks of
/// three rows. Made once.
std::shared_ptr<const Table> ItemsTable();
/// What the catalogue would say of it.
const DatasetSpec& ItemsSpec();
/// Metrics `items` and `share`, the set `parts` and the dimension `kind`.
const MetricCatalog& ItemsCatalog();

/// Limits at which a query of random bytes ends in milliseconds.
QueryLimits SmallLimits();

/// Runs `query` as the service would: binds it, prints its SQL, computes it within a small budget
/// of memory and reads its answer. Ends the program when one of them fails in a way that bad input
/// does not explain.
void RunToTheEnd(const Query& query);
/// The same of the rows behind a cell of it.
void RunRowsToTheEnd(const RowsQuery& rows, const Query& query);

}  // namespace sextant::fuzz
