#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"

namespace sextant::peers {

/// One timed run: milliseconds, or a negative number when it failed.
using TimedRun = absl::FunctionRef<double(int run)>;

/// The `fraction` quantile of `values`, the closest one below; 0 of none.
double Quantile(std::vector<double> values, double fraction);

/// Prints {"engine", "threads", "query", "first_ms", "median_ms", "min_ms", "runs", ..} as a line.
class Report {
 public:
  Report(std::string engine, int num_threads) : engine_(std::move(engine)), threads_(num_threads) {}

  /// Runs `run` (1, 2, ..) at least `min_runs` times, then on for half a second, at most 300 times;
  /// stops early after 20 seconds. `first_ms` is what run 0 took. False when a run failed.
  bool Measure(const std::string& query, double first_ms, int min_runs, TimedRun run) const;
  /// Of clients that ask at the same time: the milliseconds of every answer.
  void Load(int num_clients, double seconds, const std::vector<double>& latencies_ms) const;

 private:
  nlohmann::json Line(const std::string& query) const;

  const std::string engine_;
  const int threads_;
};

}  // namespace sextant::peers
