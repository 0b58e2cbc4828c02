#pragma once

#include <vector>

#include "compute/exec/execution_profile.h"
#include "compute/plan/bound_query.h"
#include "sextant/v1/metric_service.pb.h"
#include "storage/dataset_spec.h"

namespace sextant {

/// A step of `query` in words: the condition of a filter as SQL, the groups of an aggregate.
v1::ExplainStep StepToProto(const StepProfile& step, const BoundQuery& query);

/// The declarations of the query's datasets. REQUIRES: `storage` has them.
std::vector<const DatasetSpec*> SpecsOf(const BoundQuery& query, const StorageSpec& storage);

}  // namespace sextant
