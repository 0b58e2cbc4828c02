#pragma once

#include <vector>

#include "service/instrumentation/service_metrics.h"

namespace sextant {

/// process_* as the Prometheus client libraries define them, read from /proc/self. A value that
/// cannot be read is left out. Cost: about 50 us. Thread-safe.
std::vector<SampledMetric> SampleProcess();

/// sextant_build_info.
std::vector<SampledMetric> SampleBuildInfo();

}  // namespace sextant
