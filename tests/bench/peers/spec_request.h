#pragma once

#include "sextant/v1/metric_service.pb.h"
#include "tests/bench/peers/query_spec.h"

namespace sextant::peers {

/// `spec` as a request of the service: as QueryOf, on the wire.
v1::ComputeMetricsRequest RequestOf(const QuerySpec& spec);

}  // namespace sextant::peers
