// How fast the memory is read, by one thread and by more: what a scan of many rows may come near.
//
//   peers_read_bandwidth [--threads 1,2] [--megabytes 1024] [--runs 9]
//
// Prints {"threads", "bytes_per_s"} for each number of threads: the median of the runs, each of
// which reads all of a block in huge pages, as those of columns, the threads a share each.

#include <CLI/CLI.hpp>
#include <atomic>
#include <iostream>
#include <numeric>
#include <span>
#include <thread>
#include <vector>

#include "compute/memory/buffer.h"
#include "tests/bench/peers/measurement.h"

namespace sextant::peers {
namespace {

struct Flags {
  std::vector<int> threads = {1, 2};
  size_t megabytes = 1024;
  int num_runs = 9;
};

/// Of which the compiler makes vectors.
uint64_t SumOf(std::span<const uint64_t> words) {
  return std::accumulate(words.begin(), words.end(), uint64_t{0});
}

/// Of reading all words once; `sum` keeps the compiler from leaving it out.
double MsOfOneRead(std::span<const uint64_t> words, int num_threads, std::atomic<uint64_t>& sum) {
  std::atomic<int> num_ready = 0;
  std::atomic<bool> go = false;
  const size_t share = words.size() / static_cast<size_t>(num_threads);
  std::vector<std::thread> threads;
  for (int i = 0; i < num_threads; ++i) {
    threads.emplace_back([&, own = words.subspan(static_cast<size_t>(i) * share, share)] {
      ++num_ready;
      while (!go) {
      }
      sum += SumOf(own);
    });
  }
  while (num_ready < num_threads) std::this_thread::yield();
  const Stopwatch stopwatch;
  go = true;
  for (std::thread& thread : threads) thread.join();
  return stopwatch.Read().wall_ms;
}

int Run(const Flags& flags) {
  MemoryBudget budget("bandwidth");
  const size_t num_bytes = flags.megabytes << 20;
  absl::StatusOr<Buffer> block = Buffer::Allocate(budget, num_bytes);
  if (!block.ok()) {
    std::cerr << "peers_read_bandwidth: " << block.status().message() << '\n';
    return 1;
  }
  std::atomic<uint64_t> sum = 0;
  for (const int num_threads : flags.threads) {
    std::vector<double> ms;
    for (int run = 0; run < flags.num_runs; ++run) {
      ms.push_back(MsOfOneRead(block->As<uint64_t>(), num_threads, sum));
    }
    const double bytes_per_s = static_cast<double>(num_bytes) / Quantile(ms, 0.5) * 1e3;
    const nlohmann::json line = {{"threads", num_threads}, {"bytes_per_s", bytes_per_s}};
    std::cout << line.dump() << std::endl;
  }
  return sum == 0 ? 0 : 1;
}

int Main(int argc, char** argv) {
  Flags flags;
  CLI::App app("How fast memory is read");
  app.add_option("--threads", flags.threads)->delimiter(',')->check(CLI::PositiveNumber);
  app.add_option("--megabytes", flags.megabytes)->check(CLI::PositiveNumber);
  app.add_option("--runs", flags.num_runs)->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  return Run(flags);
}

}  // namespace
}  // namespace sextant::peers

int main(int argc, char** argv) { return sextant::peers::Main(argc, argv); }
