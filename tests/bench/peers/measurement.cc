#include "tests/bench/peers/measurement.h"

#include <time.h>

#include <algorithm>
#include <iostream>

#include "compute/memory/status_macros.h"

namespace sextant::peers {
namespace {

constexpr int kMaxRuns = 10'000;
constexpr double kEnoughMs = 500;
constexpr double kTooMuchMs = 20'000;
constexpr int kFewestRuns = 3;  // of what is very slow

double CpuMs() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

}  // namespace

// The clock of the processor takes a call of the system: the other one does not run meanwhile.
Stopwatch::Stopwatch() : cpu_start_ms_(CpuMs()), wall_start_(std::chrono::steady_clock::now()) {}

Timing Stopwatch::Read() const {
  const std::chrono::duration<double, std::milli> wall =
      std::chrono::steady_clock::now() - wall_start_;
  return {wall.count(), CpuMs() - cpu_start_ms_};
}

double Quantile(std::vector<double> values, double fraction) {
  if (values.empty()) return 0;
  const auto index = static_cast<size_t>(fraction * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(index), values.end());
  return values[index];
}

nlohmann::json Report::Line(const std::string& query) const {
  return {{"engine", engine_}, {"threads", threads_}, {"query", query}};
}

absl::Status Report::Measure(const std::string& query, const Timing& first, int min_runs,
                             TimedRun run) const {
  std::vector<double> wall_ms;
  std::vector<double> cpu_ms;
  double spent_ms = 0;
  const auto has_enough = [&] {
    const auto num_runs = static_cast<int>(wall_ms.size());
    if (num_runs >= kFewestRuns && spent_ms >= kTooMuchMs) return true;
    return num_runs >= min_runs && (spent_ms >= kEnoughMs || num_runs >= kMaxRuns);
  };
  while (!has_enough()) {
    SEXTANT_ASSIGN_OR_RETURN(const Timing timing, run(static_cast<int>(wall_ms.size()) + 1));
    wall_ms.push_back(timing.wall_ms);
    cpu_ms.push_back(timing.cpu_ms);
    spent_ms += timing.wall_ms;
  }
  nlohmann::json line = Line(query);
  line["first_ms"] = first.wall_ms;
  line["median_ms"] = Quantile(wall_ms, 0.5);
  line["min_ms"] = Quantile(wall_ms, 0);
  line["cpu_ms"] = Quantile(cpu_ms, 0.5);
  line["runs"] = wall_ms.size();
  std::cout << line.dump() << std::endl;
  return absl::OkStatus();
}

void Report::Memory(uint64_t bytes, const ColumnBytes& columns) const {
  nlohmann::json line = Line("memory");
  line["bytes"] = bytes;
  if (!columns.empty()) line["columns"] = columns;
  std::cout << line.dump() << std::endl;
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
