// How soon a query stops once it is told to, and how soon it says that a limit was reached.
//
//   stop_latency [--rows 10000000] [--only NAME] [--stops 5] [--where MS]
//
// Each workload first runs undisturbed, under a clock that notes every question whether to go on:
// from the times between two questions follows how long a cancellation at a random moment waits for
// the next one (p50, p99 and the worst, in processor time of the query's thread). Then it is run
// `stops` times more for each of: a cancellation at a random moment, from another thread; too
// little memory for it; too few values allowed. Printed is the worst time from there to the error,
// in which all that the query held is given back; from the last question on where the moment at
// which the limit was met is not known. --where prints the stack of each question that came later
// than so many milliseconds after the one before.

#include <execinfo.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <ctime>
#include <iostream>
#include <memory>
#include <random>
#include <thread>

#include "absl/strings/str_format.h"
#include "compute/exec/query_executor.h"
#include "compute/memory/heap_bounds.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder.h"
#include "tests/bench/peers/measurement.h"
#include "tests/bench/stops/stop_workloads.h"

namespace sextant::stops {
namespace {

constexpr size_t kBatchBytes = 64 * 1024;  // as the service's streams

struct Flags {
  uint64_t num_rows = 10'000'000;
  std::string only;
  int num_stops = 5;
  double where_ms = 0;
};

/// Of this thread.
double CpuMs() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

double WallMs() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(now).count();
}

/// Notes when it was asked: a query with a deadline asks each time that it looks whether to go on.
/// Used by one thread.
class NotingClock final : public Clock {
 public:
  explicit NotingClock(double where_ms) : where_ms_(where_ms), last_ms_(CpuMs()) {}

  int64_t MonotonicUs() const override {
    const double gap_ms = CpuMs() - last_ms_;
    gaps_ms_.push_back(gap_ms);
    if (where_ms_ > 0 && gap_ms > where_ms_) PrintStack(gap_ms);
    last_wall_ms_ = WallMs();
    last_ms_ = CpuMs();
    return System().MonotonicUs();
  }
  int64_t WallUs() const override { return System().WallUs(); }
  void WaitUntil(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
                 int64_t deadline_us) const override {
    System().WaitUntil(changed, lock, deadline_us);
  }

  const std::vector<double>& gaps_ms() const { return gaps_ms_; }
  double last_wall_ms() const { return last_wall_ms_; }

 private:
  static void PrintStack(double gap_ms) {
    void* frames[24];
    const int count = backtrace(frames, 24);
    std::cout << absl::StreamFormat("  %.1f ms before\n", gap_ms) << std::flush;
    backtrace_symbols_fd(frames + 1, count - 1, STDOUT_FILENO);
  }

  const double where_ms_;
  mutable double last_ms_;
  mutable double last_wall_ms_ = WallMs();
  mutable std::vector<double> gaps_ms_;
};

struct Limits {
  uint64_t max_values = 200'000'000;
  size_t memory_bytes = MemoryBudget::kUnlimitedBytes;
};

struct Outcome {
  absl::Status status;
  uint64_t num_rows = 0;
  size_t peak_bytes = 0;
};

class Stopper {
 public:
  Stopper(std::shared_ptr<const Table> table, MemoryBudget& budget, const Flags& flags)
      : table_(std::move(table)), budget_(budget), flags_(flags) {}

  absl::Status Measure(const Workload& workload) {
    const NotingClock clock(flags_.where_ms);
    const double begin_ms = WallMs();
    const Outcome whole = Run(workload.query, clock, {}, [](QueryContext&) {});
    clock.MonotonicUs();  // all has been given back
    const double whole_ms = WallMs() - begin_ms;
    SEXTANT_RETURN_IF_ERROR(whole.status);
    const std::vector<double>& gaps_ms = clock.gaps_ms();
    std::cout << absl::StreamFormat("%-38s %8.0f %9d %6.1f %6.1f %6.1f", workload.name, whole_ms,
                                    whole.num_rows, LatencyOf(gaps_ms, 0.5),
                                    LatencyOf(gaps_ms, 0.99),
                                    *std::max_element(gaps_ms.begin(), gaps_ms.end()))
              << std::flush;
    std::cout << absl::StreamFormat(" %8.1f", WorstCancel(workload.query, whole_ms)) << std::flush;
    std::cout << absl::StreamFormat(" %8.1f",
                                    WorstLimit(workload.query,
                                               [&](double fraction) {
                                                 return Limits{.memory_bytes = static_cast<size_t>(
                                                                   fraction * whole.peak_bytes)};
                                               }))
              << std::flush;
    std::cout << absl::StreamFormat(" %8.1f",
                                    WorstLimit(workload.query,
                                               [&](double fraction) {
                                                 return Limits{.max_values = static_cast<uint64_t>(
                                                                   fraction * whole.num_rows)};
                                               }))
              << std::endl;
    return absl::OkStatus();
  }

 private:
  /// The time that a cancellation at a random moment waits for the next question, or less, in
  /// `fraction` of all moments.
  static double LatencyOf(const std::vector<double>& gaps_ms, double fraction) {
    double total_ms = 0;
    for (const double gap_ms : gaps_ms) total_ms += gap_ms;
    double low_ms = 0;
    double high_ms = *std::max_element(gaps_ms.begin(), gaps_ms.end());
    for (int step = 0; step < 50; ++step) {
      const double middle_ms = (low_ms + high_ms) / 2;
      double later_ms = 0;
      for (const double gap_ms : gaps_ms) later_ms += std::max(gap_ms - middle_ms, 0.0);
      (later_ms > (1 - fraction) * total_ms ? low_ms : high_ms) = middle_ms;
    }
    return high_ms;
  }

  template <typename Begun>
  Outcome Run(const Query& query, const Clock& clock, const Limits& limits, Begun begun) {
    Outcome outcome;
    auto context =
        std::make_unique<QueryContext>(clock, QueryContext::kNoDeadline - 1, Priority::kInteractive,
                                       &budget_, limits.memory_bytes);
    begun(*context);
    outcome.status = Drain(query, limits, *context, outcome.num_rows);
    outcome.peak_bytes = context->budget().peak_bytes();
    return outcome;
  }

  absl::Status Drain(const Query& query, const Limits& limits, QueryContext& context,
                     uint64_t& num_rows) const {
    QueryLimits query_limits;
    query_limits.max_values = limits.max_values;
    SEXTANT_ASSIGN_OR_RETURN(const BoundQuery bound,
                             Bind(query, table_->shared_schema(), 0, query_limits));
    SEXTANT_ASSIGN_OR_RETURN(const TenantScope scope,
                             TenantScope::Resolve(table_, TenantClaim::None()));
    SEXTANT_ASSIGN_OR_RETURN(const std::unique_ptr<ResultCursor> cursor,
                             QueryExecutor::Run(context, bound, scope));
    while (true) {
      SEXTANT_ASSIGN_OR_RETURN(const std::optional<ResultBatch> batch, cursor->Next(kBatchBytes));
      if (!batch) return absl::OkStatus();
      num_rows += batch->num_rows;
    }
  }

  double WorstCancel(const Query& query, double whole_ms) {
    double worst_ms = 0;
    for (int stop = 0; stop < flags_.num_stops; ++stop) {
      const double after_ms = std::uniform_real_distribution<>(0, whole_ms)(random_);
      std::thread canceller;
      std::atomic<double> cancelled_ms = 0;
      std::atomic<bool> is_over = false;
      const Outcome outcome = Run(query, Clock::System(), {}, [&](QueryContext& context) {
        canceller = std::thread([&, after_ms] {
          const double due_ms = WallMs() + after_ms;
          while (WallMs() < due_ms && !is_over) {
            std::this_thread::sleep_for(std::chrono::microseconds(200));
          }
          if (is_over) return;
          cancelled_ms = WallMs();
          context.Cancel();
        });
      });
      const double end_ms = WallMs();
      is_over = true;
      canceller.join();
      if (!outcome.status.ok()) worst_ms = std::max(worst_ms, end_ms - cancelled_ms);
    }
    return worst_ms;
  }

  /// Of limits at random fractions of what the query needs.
  template <typename MakeLimits>
  double WorstLimit(const Query& query, MakeLimits make_limits) {
    double worst_ms = 0;
    for (int stop = 0; stop < flags_.num_stops; ++stop) {
      const NotingClock clock(0);
      const double fraction = std::uniform_real_distribution<>(0.05, 0.95)(random_);
      const Outcome outcome = Run(query, clock, make_limits(fraction), [](QueryContext&) {});
      if (absl::IsResourceExhausted(outcome.status)) {
        worst_ms = std::max(worst_ms, WallMs() - clock.last_wall_ms());
      }
    }
    return worst_ms;
  }

  const std::shared_ptr<const Table> table_;
  MemoryBudget& budget_;
  const Flags& flags_;
  std::mt19937_64 random_{4};
};

int Run(const Flags& flags) {
  MemoryBudget budget("stops");
  const absl::StatusOr<std::shared_ptr<const Table>> table = MakeStopTable(flags.num_rows, budget);
  if (!table.ok()) {
    std::cerr << "stop_latency: " << table.status() << '\n';
    return 1;
  }
  std::cout << absl::StreamFormat("%-38s %8s %9s %6s %6s %6s %8s %8s %8s\n", "ms", "whole", "cells",
                                  "p50", "p99", "worst", "cancel", "memory", "values");
  Stopper stopper(*table, budget, flags);
  int exit_code = 0;
  for (const Workload& workload : MakeWorkloads()) {
    if (!flags.only.empty() && workload.name.find(flags.only) == std::string::npos) continue;
    const absl::Status status = stopper.Measure(workload);
    if (status.ok()) continue;
    std::cout << workload.name << ": " << status << '\n';
    exit_code = 1;
  }
  return exit_code;
}

int Main(int argc, char** argv) {
  BoundHeaps();
  Flags flags;
  CLI::App app("How soon queries stop");
  app.add_option("--rows", flags.num_rows)->check(CLI::PositiveNumber);
  app.add_option("--only", flags.only, "workloads whose names contain this");
  app.add_option("--stops", flags.num_stops)->check(CLI::NonNegativeNumber);
  app.add_option("--where", flags.where_ms)->check(CLI::NonNegativeNumber);
  CLI11_PARSE(app, argc, argv);
  return Run(flags);
}

}  // namespace
}  // namespace sextant::stops

int main(int argc, char** argv) { return sextant::stops::Main(argc, argv); }
