// Runs the specs of the benchmark through the product, in process, and prints a line of JSON each.
//
//   peers_product --specs FILE [--rows N] [--variant shuffled] [--threads N] [--runs 7] [--only
//   C.01]
//                 [--results DIR] [--beside 1]
//   peers_product --specs FILE --clients 1,4,16,64 [--seconds 5] [--threads N]
//
// The clock runs from the Query with unresolved names to the last batch of the result. The first
// run has the literals of the spec, and its result goes to DIR; the runs after it have others.
// --beside: while runs are timed, so many other threads ask the same all the time. With one thread
// a query they share nothing but the rows: what the machine takes from both, no division of one
// query among threads gives back.

#include <CLI/CLI.hpp>
#include <atomic>
#include <iostream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "compute/memory/heap_bounds.h"
#include "compute/memory/status_macros.h"
#include "tests/bench/peers/client_threads.h"
#include "tests/bench/peers/measurement.h"
#include "tests/bench/peers/product_engine.h"
#include "tests/bench/peers/query_spec.h"
#include "tests/bench/peers/result_csv.h"
#include "tests/bench/peers/spec_query.h"

namespace sextant::peers {
namespace {

struct Flags {
  std::string specs;
  std::string results;
  std::string only;
  uint64_t num_rows = 0;
  std::string variant = "plain";
  int num_threads = 1;
  int min_runs = 7;
  int num_beside = 0;
  double seconds = 5;
  std::vector<int> clients;
};

int Fail(const absl::Status& status) {
  std::cerr << "peers_product: " << status.message() << '\n';
  return 1;
}

/// Threads that ask a question again and again until their end.
class Companions {
 public:
  Companions(const QuerySpec& spec, int number, ProductEngine& engine) {
    for (int i = 0; i < number; ++i) {
      threads_.emplace_back([this, &spec, &engine] {
        for (int run = 1; !stop_.load(std::memory_order_relaxed); ++run) {
          // Who times the same question hears of errors.
          if (!engine.Ask(QueryOf(Varied(spec, run)), [](const ResultBatch&) {}).ok()) return;
        }
      });
    }
  }
  ~Companions() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
  }
  Companions(const Companions&) = delete;
  Companions& operator=(const Companions&) = delete;

 private:
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

/// The checked run, then the timed ones.
absl::Status Measure(const QuerySpec& spec, const Flags& flags, ProductEngine& engine) {
  ResultCsv csv(spec);
  const absl::StatusOr<Answer> first =
      engine.Ask(QueryOf(spec), [&csv](const ResultBatch& batch) { csv.Add(batch); });
  if (!first.ok()) return first.status();
  if (!flags.results.empty()) {
    const absl::Status written = csv.WriteTo(flags.results + "/" + spec.id + ".csv");
    if (!written.ok()) return written;
  }
  const auto again = [&](int run) -> absl::StatusOr<Timing> {
    const Query query = QueryOf(Varied(spec, run));
    SEXTANT_ASSIGN_OR_RETURN(const Answer answer, engine.Ask(query, [](const ResultBatch&) {}));
    return answer.timing;
  };
  const Companions companions(spec, flags.num_beside, engine);
  return Report("product", flags.num_threads)
      .Measure(spec.id, first->timing, flags.min_runs, again);
}

/// Workload D: clients ask random specs, with literals that vary.
absl::Status MeasureClients(const std::vector<QuerySpec>& specs, const Flags& flags,
                            ProductEngine& engine) {
  const Report report("product", flags.num_threads);
  const auto ask_once = [&](size_t, RandomNumbers& random) -> absl::StatusOr<double> {
    const auto at = static_cast<size_t>(random.Below(static_cast<int64_t>(specs.size())));
    const Query query = QueryOf(Varied(specs[at], static_cast<int>(random.Below(1000))));
    SEXTANT_ASSIGN_OR_RETURN(const Answer answer, engine.Ask(query, [](const ResultBatch&) {}));
    return answer.timing.wall_ms;
  };
  for (const int num_clients : flags.clients) {
    SEXTANT_RETURN_IF_ERROR(RunClients(num_clients, flags.seconds, report, ask_once));
  }
  return absl::OkStatus();
}

int Run(const Flags& flags) {
  const absl::StatusOr<std::vector<QuerySpec>> specs = ReadSpecs(flags.specs, flags.only);
  if (!specs.ok()) return Fail(specs.status());
  std::set<std::string> datasets;
  for (const QuerySpec& spec : *specs) datasets.insert(spec.dataset);
  ProductEngine engine(flags.num_threads, !flags.clients.empty());
  for (const std::string& dataset : datasets) {
    const absl::Status status =
        engine.AddTable(dataset, flags.num_rows, *RowVariantOf(flags.variant));
    if (!status.ok()) return Fail(status);
  }
  const Report report("product", flags.num_threads);
  if (!flags.clients.empty()) {
    const absl::Status status = MeasureClients(*specs, flags, engine);
    report.Memory(engine.reserved_bytes(), engine.column_bytes());
    return status.ok() ? 0 : Fail(status);
  }
  int exit_code = 0;
  for (const QuerySpec& spec : *specs) {
    const absl::Status status = Measure(spec, flags, engine);
    if (status.ok()) continue;
    std::cerr << "peers_product: " << spec.id << ": " << status.message() << '\n';
    exit_code = 1;
  }
  report.Memory(engine.reserved_bytes(), engine.column_bytes());
  return exit_code;
}

int Main(int argc, char** argv) {
  BoundHeaps();
  Flags flags;
  CLI::App app("The specs of the benchmark through the product");
  app.add_option("--specs", flags.specs)->required()->check(CLI::ExistingFile);
  app.add_option("--results", flags.results)->check(CLI::ExistingDirectory);
  app.add_option("--only", flags.only);
  app.add_option("--rows", flags.num_rows);
  app.add_option("--variant", flags.variant)->check(CLI::IsMember(RowVariantNames()));
  app.add_option("--threads", flags.num_threads)->check(CLI::PositiveNumber);
  app.add_option("--runs", flags.min_runs)->check(CLI::PositiveNumber);
  app.add_option("--beside", flags.num_beside)->check(CLI::NonNegativeNumber);
  app.add_option("--seconds", flags.seconds)->check(CLI::PositiveNumber);
  app.add_option("--clients", flags.clients)->delimiter(',')->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  return Run(flags);
}

}  // namespace
}  // namespace sextant::peers

int main(int argc, char** argv) { return sextant::peers::Main(argc, argv); }
