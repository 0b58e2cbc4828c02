#include "tests/bench/peers/measurement.h"

#include <algorithm>
#include <iostream>

namespace sextant::peers {
namespace {

constexpr int kMaxRuns = 300;
constexpr double kEnoughMs = 500;
constexpr double kTooMuchMs = 20'000;
constexpr int kFewestRuns = 3;  // of what is very slow

}  // namespace

double Quantile(std::vector<double> values, double fraction) {
  if (values.empty()) return 0;
  const auto index = static_cast<size_t>(fraction * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(index), values.end());
  return values[index];
}

nlohmann::json Report::Line(const std::string& query) const {
  return {{"engine", engine_}, {"threads", threads_}, {"query", query}};
}

bool Report::Measure(const std::string& query, double first_ms, int min_runs, TimedRun run) const {
  std::vector<double> times_ms;
  double spent_ms = 0;
  const auto has_enough = [&] {
    const auto num_runs = static_cast<int>(times_ms.size());
    if (num_runs >= kFewestRuns && spent_ms >= kTooMuchMs) return true;
    return num_runs >= min_runs && (spent_ms >= kEnoughMs || num_runs >= kMaxRuns);
  };
  while (!has_enough()) {
    const double milliseconds = run(static_cast<int>(times_ms.size()) + 1);
    if (milliseconds < 0) return false;
    times_ms.push_back(milliseconds);
    spent_ms += milliseconds;
  }
  nlohmann::json line = Line(query);
  line["first_ms"] = first_ms;
  line["median_ms"] = Quantile(times_ms, 0.5);
  line["min_ms"] = Quantile(times_ms, 0);
  line["runs"] = times_ms.size();
  std::cout << line.dump() << std::endl;
  return true;
}

void Report::Load(int num_clients, double seconds, const std::vector<double>& latencies_ms) const {
  nlohmann::json line = Line("D.clients" + std::to_string(num_clients));
  line["clients"] = num_clients;
  line["queries_per_s"] = static_cast<double>(latencies_ms.size()) / seconds;
  line["median_ms"] = Quantile(latencies_ms, 0.5);
  line["p99_ms"] = Quantile(latencies_ms, 0.99);
  std::cout << line.dump() << std::endl;
}

}  // namespace sextant::peers
