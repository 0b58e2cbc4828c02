#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"

namespace sextant::peers {

/// What something took: by the clock on the wall, and of this program's processor time, which tells
/// more on a machine with other work.
struct Timing {
  double wall_ms = 0;
  double cpu_ms = 0;
};

/// Runs from its construction on.
class Stopwatch {
 public:
  Stopwatch();
  Timing Read() const;

 private:
  const double cpu_start_ms_;
  const std::chrono::steady_clock::time_point wall_start_;
};

/// By data set and column.
using ColumnBytes = std::map<std::string, std::map<std::string, uint64_t>>;

/// One timed run.
using TimedRun = absl::FunctionRef<absl::StatusOr<Timing>(int run)>;

/// The `fraction` quantile of `values`, the closest one below; 0 of none.
double Quantile(std::vector<double> values, double fraction);

/// Prints {"engine", "threads", "query", "first_ms", "median_ms", "min_ms", "cpu_ms", "runs", ..}
/// as a line; `cpu_ms` is a median too.
class Report {
 public:
  Report(std::string engine, int num_threads) : engine_(std::move(engine)), threads_(num_threads) {}

  /// Runs `run` (1, 2, ..) at least `min_runs` times, then on for half a second, at most 10,000
  /// times; stops early after 20 seconds. `first` is what run 0 took. Errors: of a run.
  absl::Status Measure(const std::string& query, const Timing& first, int min_runs,
                       TimedRun run) const;
  /// Of the rows and what was made for them until now: {"engine", "query": "memory", "bytes"}, and
  /// where `columns` has some {"columns": {data set: {column: bytes}}}.
  void Memory(uint64_t bytes, const ColumnBytes& columns = {}) const;
  /// Of clients that ask at the same time: the milliseconds of every answer.
  void Load(int num_clients, double seconds, const std::vector<double>& latencies_ms) const;

 private:
  nlohmann::json Line(const std::string& query) const;

  const std::string engine_;
  const int threads_;
};

}  // namespace sextant::peers
