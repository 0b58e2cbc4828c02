#include "tests/bench/peers/client_threads.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace sextant::peers {
namespace {

using Clock = std::chrono::steady_clock;

struct Client {
  std::vector<double> latencies_ms;
  absl::Status status;
};

}  // namespace

absl::Status RunClients(int num_clients, double seconds, const Report& report,
                        const AskOnce& ask_once) {
  std::vector<Client> clients(static_cast<size_t>(num_clients));
  std::vector<std::thread> threads;
  std::atomic<bool> stop{false};
  const Clock::time_point start = Clock::now();
  for (size_t at = 0; at < clients.size(); ++at) {
    threads.emplace_back([&, at] {
      RandomNumbers random(at);
      while (!stop.load(std::memory_order_relaxed) && clients[at].status.ok()) {
        const absl::StatusOr<double> elapsed_ms = ask_once(at, random);
        clients[at].status = elapsed_ms.status();
        if (elapsed_ms.ok()) clients[at].latencies_ms.push_back(*elapsed_ms);
      }
    });
  }
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  stop = true;
  for (std::thread& thread : threads) thread.join();
  const std::chrono::duration<double> elapsed = Clock::now() - start;
  std::vector<double> all_ms;
  for (const Client& client : clients) {
    if (!client.status.ok()) return client.status;
    all_ms.insert(all_ms.end(), client.latencies_ms.begin(), client.latencies_ms.end());
  }
  report.Load(num_clients, elapsed.count(), all_ms);
  return absl::OkStatus();
}

}  // namespace sextant::peers
