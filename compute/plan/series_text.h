#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/plan/query.h"

namespace sextant {

/// Reads a series as SeriesName writes it: "all", "day", "2 week", "rolling 7 day". Blanks between
/// words and letter case do not matter. Whether its count means something is CheckSeries' business.
/// Errors: INVALID_ARGUMENT for `field` that says what is allowed, with the nearest units and
/// `calendars`, which are series too and not read here.
absl::StatusOr<TimeSeries> ParseSeries(std::string_view text, const std::string& field,
                                       const std::vector<std::string>& calendars = {});

}  // namespace sextant
