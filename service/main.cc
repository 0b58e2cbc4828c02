#include <csignal>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "compute/memory/heap_bounds.h"
#include "service/catalog/catalog.h"
#include "service/catalog_check.h"
#include "service/config/command_line.h"
#include "service/rpc/library_log.h"
#include "service/server.h"

extern char** environ;

namespace sextant {
namespace {

constexpr int kFailed = 1;
constexpr int kBadUsage = 2;

std::map<std::string, std::string> Environment() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const size_t equals = text.find('=');
    if (equals != std::string::npos) variables[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return variables;
}

/// Blocks the signals that end the server in this thread and in all that it starts.
sigset_t BlockEndSignals() {
  signal(SIGPIPE, SIG_IGN);
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  return ends;
}

int Check(const Catalog& catalog) {
  const std::vector<std::string> problems = CheckAgainstSources(catalog);
  for (const std::string& problem : problems) std::fprintf(stderr, "%s\n", problem.c_str());
  if (!problems.empty()) return kFailed;
  const size_t datasets = catalog.storage.datasets.size();
  const size_t sources = catalog.storage.sources.size();
  const size_t metrics = catalog.metrics.metrics().size();
  std::printf("%zu dataset%s of %zu source%s and %zu metric%s are as the catalogue says\n",
              datasets, datasets == 1 ? "" : "s", sources, sources == 1 ? "" : "s", metrics,
              metrics == 1 ? "" : "s");
  return 0;
}

int Serve(const ServerConfig& config, Catalog catalog, const sigset_t& ends) {
  static const Log log(config.log);
  SendLibraryLogTo(log);
  absl::StatusOr<std::unique_ptr<Server>> server = Server::Start(config, std::move(catalog), log);
  if (!server.ok()) {
    log.Error("cannot start", {{"error", std::string(server.status().message())}});
    return kFailed;
  }
  int signal_number = 0;
  sigwait(&ends, &signal_number);
  // A second signal ends the process at once.
  pthread_sigmask(SIG_UNBLOCK, &ends, nullptr);
  (*server)->Stop();
  return 0;
}

int Main(const std::vector<std::string>& arguments) {
  const sigset_t ends = BlockEndSignals();
  const absl::StatusOr<CommandLine> line = ParseCommandLine(arguments);
  if (!line.ok()) {
    std::fprintf(stderr, "sextantd: %s\n", std::string(line.status().message()).c_str());
    return kBadUsage;
  }
  if (line->action == CommandLine::Action::kPrintText) {
    std::fputs(line->text.c_str(), stdout);
    return 0;
  }
  absl::StatusOr<Catalog> catalog = LoadCatalog(line->config.catalog, Environment());
  if (!catalog.ok()) {
    std::fprintf(stderr, "%s\n", std::string(catalog.status().message()).c_str());
    return kFailed;
  }
  if (line->action == CommandLine::Action::kCheck) return Check(*catalog);
  return Serve(line->config, *std::move(catalog), ends);
}

}  // namespace
}  // namespace sextant

int main(int argc, char** argv) {
#ifdef NDEBUG
  // Debian's Abseil has it on, at the price of half of every lock.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
#endif
  sextant::BoundHeaps();
  return sextant::Main({argv + 1, argv + argc});
}
