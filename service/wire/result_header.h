#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "compute/exec/result.h"
#include "sextant/v1/result.pb.h"

namespace sextant {

v1::ColumnRole WireRole(ResultRole role);
v1::MetricStatistic WireStatistic(MetricStatistic statistic);

/// Whether the header lists the borders of the intervals: not when they are all of time, or without
/// a beginning or an end.
bool HasBorders(const ResolvedSeries& series);

/// The frame (see FrameOf) of the Header, written without an object of it: a result has a border
/// per interval, each of which would be one. `zone` is that of `header`; `arrow_schema` goes into
/// the field of that name.
std::string EncodeResultHeader(const ResultHeader& header, const absl::TimeZone& zone,
                               std::string_view arrow_schema = {});

}  // namespace sextant
