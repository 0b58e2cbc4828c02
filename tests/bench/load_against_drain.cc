// What a load costs beyond the server: a whole load of a table against a bare drain of the same
// COPY, which throws every byte away.
//
//   load_against_drain --source CONNINFO --table NAME [--pairs 9]
//
// Drain and load alternate in one process over one connection each time opened before the clock
// starts. Prints each pair, the medians of wall and client CPU time, and the median of the pairs'
// ratios.

#include <libpq-fe.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <memory>
#include <vector>

#include "storage/postgres/load_transaction.h"
#include "storage/postgres/postgres_row_source.h"
#include "storage/table_loader.h"

namespace sextant {
namespace {

struct Timing {
  double wall_ms = 0;
  double cpu_ms = 0;
};

double CpuMs() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto to_ms = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
  };
  return to_ms(usage.ru_utime) + to_ms(usage.ru_stime);
}

absl::StatusOr<Timing> Timed(const std::function<absl::Status()>& work) {
  const auto start = std::chrono::steady_clock::now();
  const double cpu_start_ms = CpuMs();
  const absl::Status status = work();
  if (!status.ok()) return status;
  const std::chrono::duration<double, std::milli> wall = std::chrono::steady_clock::now() - start;
  return Timing{wall.count(), CpuMs() - cpu_start_ms};
}

/// Reads the COPY as libpq gives it, and nothing else.
absl::Status Drain(PGconn* connection, const std::string& select, uint64_t& num_bytes) {
  PGresult* begun = PQexec(connection, ("COPY (" + select + ") TO STDOUT (FORMAT binary)").c_str());
  const bool is_copy = PQresultStatus(begun) == PGRES_COPY_OUT;
  PQclear(begun);
  if (!is_copy) return absl::UnavailableError(PQerrorMessage(connection));
  char* buffer = nullptr;
  int size = 0;
  while ((size = PQgetCopyData(connection, &buffer, 0)) > 0) {
    num_bytes += static_cast<uint64_t>(size);
    PQfreemem(buffer);
  }
  while (PGresult* result = PQgetResult(connection)) PQclear(result);
  return absl::OkStatus();
}

/// One connection inside the transaction of a load.
struct OpenSource {
  std::unique_ptr<PostgresSession> session;
  std::unique_ptr<LoadTransaction> transaction;
  SourcePlan plan;
};

absl::StatusOr<OpenSource> Open(const std::string& conninfo, const std::string& table) {
  SessionOptions options;
  options.source_name = "bench";
  options.conninfo = conninfo;
  DatasetSpec spec;
  spec.name = table;
  spec.table = table;
  OpenSource source;
  absl::StatusOr<std::unique_ptr<PostgresSession>> session = PostgresSession::Open(options, {});
  if (!session.ok()) return session.status();
  source.session = *std::move(session);
  const absl::StatusOr<SourceTarget> target = ResolveTarget(*source.session, spec, {});
  if (!target.ok()) return target.status();
  absl::StatusOr<LoadTransaction> transaction =
      LoadTransaction::Lead(*source.session, target->relations, {});
  if (!transaction.ok()) return transaction.status();
  source.transaction = std::make_unique<LoadTransaction>(*std::move(transaction));
  absl::StatusOr<SourcePlan> plan = PlanSource(*source.session, spec, target->origin, {});
  if (!plan.ok()) return plan.status();
  source.plan = *std::move(plan);
  return source;
}

absl::Status Load(OpenSource& source, MemoryBudget& budget, uint64_t& num_rows,
                  uint64_t& table_bytes) {
  PostgresRowSource rows(*source.session, "bench", source.plan);
  absl::StatusOr<TableLoadResult> result = LoadTable(
      rows, {.identity = {.dataset = "bench", .version = 1, .as_of_us = 0}, .deriver = nullptr},
      budget, [](const ReadStatistics&) {}, {});
  if (!result.ok()) return result.status();
  num_rows = result->table->num_rows();
  table_bytes = result->table->reserved_bytes();
  return absl::OkStatus();
}

/// Opens a connection, then times `work` on it alone.
absl::StatusOr<Timing> TimedOn(const std::string& conninfo, const std::string& table,
                               const std::function<absl::Status(OpenSource&)>& work) {
  absl::StatusOr<OpenSource> source = Open(conninfo, table);
  if (!source.ok()) return source.status();
  return Timed([&] { return work(*source); });
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

absl::Status Run(const std::string& conninfo, const std::string& table, int num_pairs) {
  std::vector<double> drain_ms, load_ms, drain_cpu_ms, load_cpu_ms, ratios;
  uint64_t wire_bytes = 0, num_rows = 0, table_bytes = 0;
  MemoryBudget budget("bench");
  for (int pair = -1; pair < num_pairs; ++pair) {  // the first warms the caches
    wire_bytes = 0;
    const absl::StatusOr<Timing> drain = TimedOn(conninfo, table, [&](OpenSource& source) {
      return Drain(source.session->handle(), source.plan.select, wire_bytes);
    });
    if (!drain.ok()) return drain.status();
    const absl::StatusOr<Timing> load = TimedOn(conninfo, table, [&](OpenSource& source) {
      return Load(source, budget, num_rows, table_bytes);
    });
    if (!load.ok()) return load.status();
    if (pair < 0) continue;
    drain_ms.push_back(drain->wall_ms);
    load_ms.push_back(load->wall_ms);
    drain_cpu_ms.push_back(drain->cpu_ms);
    load_cpu_ms.push_back(load->cpu_ms);
    ratios.push_back(load->wall_ms / drain->wall_ms);
    std::cout << "pair " << pair << ": drain " << drain->wall_ms << " ms, load " << load->wall_ms
              << " ms, ratio " << ratios.back() << '\n';
  }
  std::cout << table << ": " << num_rows << " rows, " << wire_bytes / 1000000 << " MB on the wire, "
            << table_bytes / 1000000 << " MB in memory\n"
            << "median drain " << Median(drain_ms) << " ms (client CPU " << Median(drain_cpu_ms)
            << "), load " << Median(load_ms) << " ms (client CPU " << Median(load_cpu_ms)
            << "), ratio " << Median(ratios) << '\n';
  return absl::OkStatus();
}

}  // namespace
}  // namespace sextant

int main(int argc, char** argv) {
  std::string conninfo;
  std::string table;
  int num_pairs = 9;
  CLI::App app("A load against a bare drain of the same COPY");
  app.add_option("--source", conninfo)->required();
  app.add_option("--table", table)->required();
  app.add_option("--pairs", num_pairs)->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = sextant::Run(conninfo, table, num_pairs);
  if (status.ok()) return 0;
  std::cerr << "load_against_drain: " << status.message() << '\n';
  return 1;
}
