#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/memory/status_macros.h"
#include "tests/bench/peers/measurement.h"

namespace sextant::peers {

/// What a peer that speaks SQL runs: {"setup": [SQL..], "queries": [{"id", "sql"}..], "after":
/// [SQL..]}.
struct SqlPlan {
  std::vector<std::string> setup;
  std::vector<std::string> ids;
  std::vector<std::string> queries;
  std::vector<std::string> after;
};

/// Errors: INVALID_ARGUMENT when the file holds no JSON object.
absl::StatusOr<SqlPlan> ReadSqlPlan(const std::string& path);

/// What `run`, which returns a StatusOr, took. Errors: its own.
template <typename Run>
absl::StatusOr<Timing> Timed(Run run) {
  const Stopwatch stopwatch;
  SEXTANT_RETURN_IF_ERROR(run().status());
  return stopwatch.Read();
}

}  // namespace sextant::peers
