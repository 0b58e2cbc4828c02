#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "sextant/v1/metric_service.pb.h"

namespace sextant {

/// The flags of `sextant query`, as typed.
struct QueryFlags {
  std::vector<std::string> metrics;  // "NAME = EXPRESSION", or the NAME of one of the catalogue
  std::vector<std::string> derived;  // "NAME = EXPRESSION" over other metrics
  std::string dataset;
  std::string at;
  std::string during;               // "START, END"
  std::string as_of_end;            // "START, END"
  std::vector<std::string> groups;  // "COLUMN", "COLUMN:bins(0,10,100)", "set:NAME", "zip:A,B"
  std::vector<std::string> intervals;
  std::string from;
  std::string to;
  std::string zone = "UTC";
  std::string week_start;
  bool exclude_partial = false;
  std::string compare;                   // "previous", "1y"
  std::vector<std::string> histogram;    // "NAME = METRIC", "NAME = METRIC by 20 log"
  std::vector<std::string> concurrency;  // "NAME = max(START, END)", "NAME = mean(START, END)"
  std::vector<std::string> cumulative;   // "NAME = METRIC over 28d", "NAME = METRIC to month"
  std::string clip;                      // "LOW,HIGH" or "LOW,HIGH,STRIDE"
  bool samples = false;
  std::string confidence;  // "LEVEL" or "LEVEL,bootstrap"
  std::string where;
  std::string having;
  std::vector<std::string> order;  // "NAME", "NAME desc", "-NAME"
  int64_t limit = 0;
  int64_t top = 0;
  bool others = false;
  std::string totals;  // "grand", "rollup", "cube"
  bool dense = false;
  std::string priority;
};

/// The request that `flags` ask. Errors: INVALID_ARGUMENT for what the server could not tell
/// better.
absl::StatusOr<v1::QueryMetricsRequest> MakeQueryRequest(const QueryFlags& flags);

/// "250ms", "5s", "2m": milliseconds, > 0.
std::optional<int64_t> ParseDurationMs(const std::string& text);

}  // namespace sextant
