#pragma once

#include <optional>
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

/// What a program that runs a plan is told.
struct SqlPeerFlags {
  std::string library;
  std::string plan;
  int num_threads = 1;
  int min_runs = 7;
  double seconds = 5;
  std::vector<int> clients;
};

/// Fills `flags` from the command line; the exit status where the program ends by that.
std::optional<int> ReadSqlPeerFlags(int argc, char** argv, const std::string& title,
                                    SqlPeerFlags& flags);

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
