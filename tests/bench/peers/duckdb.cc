// Runs statements through DuckDB, in process, and prints a line of JSON for each that is timed.
//
//   peers_duckdb --library libduckdb.so --plan FILE [--threads N] [--runs 7]
//   peers_duckdb --library libduckdb.so --plan FILE --clients 1,4,16,64 [--seconds 5] [--threads N]
//
// The plan is that of sql_plan.h. Each query is timed as text and as a prepared statement, always
// with the literals it has, to its materialised result.

#include <iostream>

#include "compute/memory/status_macros.h"
#include "tests/bench/peers/client_threads.h"
#include "tests/bench/peers/duckdb_library.h"
#include "tests/bench/peers/measurement.h"
#include "tests/bench/peers/random_numbers.h"
#include "tests/bench/peers/sql_plan.h"

namespace sextant::peers {
namespace {

absl::Status MeasureEach(const SqlPlan& plan, const SqlPeerFlags& flags,
                         DuckdbConnection& connection) {
  for (size_t at = 0; at < plan.queries.size(); ++at) {
    const auto as_text = [&](int) {
      return Timed([&] { return connection.Run(plan.queries[at]); });
    };
    const auto prepared = [&](int) { return Timed([&] { return connection.RunPrepared(at); }); };
    SEXTANT_ASSIGN_OR_RETURN(const Timing first_as_text, as_text(0));
    SEXTANT_RETURN_IF_ERROR(Report("duckdb", flags.num_threads)
                                .Measure(plan.ids[at], first_as_text, flags.min_runs, as_text));
    SEXTANT_RETURN_IF_ERROR(connection.Prepare(plan.queries[at]));
    SEXTANT_ASSIGN_OR_RETURN(const Timing first_prepared, prepared(0));
    SEXTANT_RETURN_IF_ERROR(Report("duckdb-prepared", flags.num_threads)
                                .Measure(plan.ids[at], first_prepared, flags.min_runs, prepared));
  }
  return absl::OkStatus();
}

/// Each client has a connection and prepared statements of its own.
absl::Status MeasureClients(const SqlPlan& plan, const SqlPeerFlags& flags,
                            const DuckdbLibrary& library, void* database) {
  const Report report("duckdb-prepared", flags.num_threads);
  for (const int num_clients : flags.clients) {
    std::vector<std::unique_ptr<DuckdbConnection>> connections;
    for (int client = 0; client < num_clients; ++client) {
      connections.push_back(std::make_unique<DuckdbConnection>(library, database));
      for (const std::string& sql : plan.queries) {
        SEXTANT_RETURN_IF_ERROR(connections.back()->Prepare(sql));
      }
    }
    SEXTANT_RETURN_IF_ERROR(RunClients(
        num_clients, flags.seconds, report,
        [&](size_t client, RandomNumbers& random) -> absl::StatusOr<double> {
          const auto at =
              static_cast<size_t>(random.Below(static_cast<int64_t>(plan.queries.size())));
          SEXTANT_ASSIGN_OR_RETURN(const Timing timing,
                                   Timed([&] { return connections[client]->RunPrepared(at); }));
          return timing.wall_ms;
        }));
  }
  return absl::OkStatus();
}

absl::Status Run(const SqlPeerFlags& flags) {
  SEXTANT_ASSIGN_OR_RETURN(const SqlPlan plan, ReadSqlPlan(flags.plan));
  SEXTANT_ASSIGN_OR_RETURN(const DuckdbLibrary library, DuckdbLibrary::Load(flags.library));
  void* database = nullptr;
  if (library.open(nullptr, &database) != 0) return absl::InternalError("DuckDB does not open");
  DuckdbConnection connection(library, database);
  for (const std::string& sql : plan.setup) {
    SEXTANT_RETURN_IF_ERROR(connection.Run(sql).status());
  }
  SEXTANT_RETURN_IF_ERROR(flags.clients.empty() ? MeasureEach(plan, flags, connection)
                                                : MeasureClients(plan, flags, library, database));
  for (const std::string& sql : plan.after) {
    SEXTANT_RETURN_IF_ERROR(connection.Run(sql).status());
  }
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  SqlPeerFlags flags;
  if (const std::optional<int> exit_status =
          ReadSqlPeerFlags(argc, argv, "Statements through DuckDB", flags)) {
    return *exit_status;
  }
  const absl::Status status = Run(flags);
  if (status.ok()) return 0;
  std::cerr << "peers_duckdb: " << status.message() << '\n';
  return 1;
}

}  // namespace
}  // namespace sextant::peers

int main(int argc, char** argv) { return sextant::peers::Main(argc, argv); }
