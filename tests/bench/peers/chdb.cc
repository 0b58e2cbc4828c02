// Runs statements through chdb (ClickHouse, in process), and prints a line of JSON for each that is
// timed, to its result as its own clients read it.
//
//   peers_chdb --library libchdb.so --plan FILE [--threads N] [--runs 7]
//   peers_chdb --library libchdb.so --plan FILE --clients 1,4,16,64 [--seconds 5] [--threads N]
//
// The plan is that of sql_plan.h; how many threads a query takes is part of its text.

#include <cstdlib>
#include <iostream>

#include "compute/memory/status_macros.h"
#include "tests/bench/peers/chdb_library.h"
#include "tests/bench/peers/client_threads.h"
#include "tests/bench/peers/measurement.h"
#include "tests/bench/peers/random_numbers.h"
#include "tests/bench/peers/sql_plan.h"

namespace sextant::peers {
namespace {

absl::Status MeasureEach(const SqlPlan& plan, const SqlPeerFlags& flags,
                         ChdbConnection& connection) {
  for (size_t at = 0; at < plan.queries.size(); ++at) {
    const auto run = [&](int) { return Timed([&] { return connection.Run(plan.queries[at]); }); };
    SEXTANT_ASSIGN_OR_RETURN(const Timing first, run(0));
    SEXTANT_RETURN_IF_ERROR(
        Report("chdb", flags.num_threads).Measure(plan.ids[at], first, flags.min_runs, run));
  }
  return absl::OkStatus();
}

absl::Status MeasureClients(const SqlPlan& plan, const SqlPeerFlags& flags,
                            ChdbConnection& connection) {
  const Report report("chdb", flags.num_threads);
  for (const int num_clients : flags.clients) {
    SEXTANT_RETURN_IF_ERROR(RunClients(
        num_clients, flags.seconds, report,
        [&](size_t, RandomNumbers& random) -> absl::StatusOr<double> {
          const auto at =
              static_cast<size_t>(random.Below(static_cast<int64_t>(plan.queries.size())));
          SEXTANT_ASSIGN_OR_RETURN(const Timing timing,
                                   Timed([&] { return connection.Run(plan.queries[at]); }));
          return timing.wall_ms;
        }));
  }
  return absl::OkStatus();
}

absl::Status Run(const SqlPeerFlags& flags) {
  SEXTANT_ASSIGN_OR_RETURN(const SqlPlan plan, ReadSqlPlan(flags.plan));
  SEXTANT_ASSIGN_OR_RETURN(const ChdbLibrary library, ChdbLibrary::Load(flags.library));
  SEXTANT_ASSIGN_OR_RETURN(ChdbConnection connection, ChdbConnection::Open(library));
  for (const std::string& sql : plan.setup) {
    SEXTANT_RETURN_IF_ERROR(connection.Run(sql).status());
  }
  SEXTANT_RETURN_IF_ERROR(flags.clients.empty() ? MeasureEach(plan, flags, connection)
                                                : MeasureClients(plan, flags, connection));
  for (const std::string& sql : plan.after) {
    SEXTANT_RETURN_IF_ERROR(connection.Run(sql).status());
  }
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  SqlPeerFlags flags;
  if (const std::optional<int> exit_status =
          ReadSqlPeerFlags(argc, argv, "Statements through chdb", flags)) {
    return *exit_status;
  }
  const absl::Status status = Run(flags);
  if (!status.ok()) std::cerr << "peers_chdb: " << status.message() << '\n';
  std::cout.flush();
  // Its threads have no end of their own.
  std::_Exit(status.ok() ? 0 : 1);
}

}  // namespace
}  // namespace sextant::peers

int main(int argc, char** argv) { return sextant::peers::Main(argc, argv); }
