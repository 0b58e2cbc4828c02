#include "compute/operators/cell_overflow.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "compute/memory/string_view_bridge.h"
#include "compute/plan/error_detail.h"

namespace sextant {

absl::Status CellOverflow(std::string_view metric, std::string_view what, std::string_view limit) {
  return WithDetail(
      absl::OutOfRangeError(absl::StrCat("metric '", ToAbsl(metric), "': the ", ToAbsl(what),
                                         " of a cell does not fit in ", ToAbsl(limit))),
      ErrorDetail{.reason = "SUM_OVERFLOW",
                  .resource_type = "metric",
                  .resource_name = std::string(metric),
                  .metadata = {{"metric", std::string(metric)}}});
}

}  // namespace sextant
