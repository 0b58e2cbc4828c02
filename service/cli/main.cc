// sextant: the command-line client. Flags only; what they do is in the commands.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <iostream>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "service/build_info/build_info.h"
#include "service/cli/commands.h"
#include "service/cli/query_options.h"

namespace sextant {
namespace {

struct Arguments {
  ConnectionFlags connection;
  std::string deadline;
  QueryFlags query;
  RowsFlags rows;
  std::string format = "table";
  std::string output_path;
  std::string dataset;
  std::string metric;
  bool sql_only = false;
  bool watch = false;
  bool no_wait = false;
  std::string directory;
  std::string metrics_format = "table";
  std::string source;
  std::string table;
};

/// Runs `print`, or `print_to_file`, in the format and to the place that are asked for.
template <typename Print, typename PrintToFile>
int Output(const Arguments& arguments, const char* command, Print print,
           PrintToFile print_to_file) {
  QueryOutput output;
  output.format = *ParseOutputFormat(arguments.format);
  const bool to_file = !arguments.output_path.empty() && arguments.output_path != "-";
  if (to_file) {
    if (IsArrow(output.format)) output.format = OutputFormat::kArrowFile;
    return print_to_file(output);
  }
  if (IsArrow(output.format) && isatty(STDOUT_FILENO) == 1) {
    std::cerr << "sextant " << command
              << ": --format arrow: found a terminal for its bytes, allowed: "
                 "-o FILE, or an output that goes to a file or program\n";
    return kExitUsage;
  }
  return print(output);
}

int Query(const Arguments& arguments) {
  const auto print = [&](const QueryOutput& output) {
    return RunQuery(arguments.connection, arguments.query, output, std::cout, std::cerr);
  };
  const auto print_to_file = [&](const QueryOutput& output) {
    return RunQueryToFile(arguments.connection, arguments.query, output, arguments.output_path,
                          std::cerr);
  };
  return Output(arguments, "query", print, print_to_file);
}

int Rows(const Arguments& arguments) {
  const auto print = [&](const QueryOutput& output) {
    return RunRows(arguments.connection, arguments.rows, output, std::cout, std::cerr);
  };
  const auto print_to_file = [&](const QueryOutput& output) {
    return RunRowsToFile(arguments.connection, arguments.rows, output, arguments.output_path,
                         std::cerr);
  };
  return Output(arguments, "rows", print, print_to_file);
}

void AddOutput(CLI::App& command, Arguments& arguments) {
  command.add_option("--format", arguments.format, "table, csv, json or arrow")
      ->check(CLI::IsMember({"table", "csv", "json", "arrow"}))
      ->capture_default_str();
  command.add_option("-o,--output", arguments.output_path,
                     "File to write, in place of the output; '-': the output");
}

void AddQuery(CLI::App& app, Arguments& arguments, std::function<int()>& chosen) {
  CLI::App* query = app.add_subcommand("query", "Compute metrics and print their cells");
  AddQueryOptions(*query, arguments.query);
  AddOutput(*query, arguments);
  query->callback([&] { chosen = [&] { return Query(arguments); }; });
  CLI::App* rows = app.add_subcommand("rows", "Print the rows behind a cell");
  AddRowsOptions(*rows, arguments.rows);
  AddOutput(*rows, arguments);
  rows->callback([&] { chosen = [&] { return Rows(arguments); }; });
}

void AddExplanations(CLI::App& app, Arguments& arguments, std::function<int()>& chosen) {
  CLI::App* explain =
      app.add_subcommand("explain", "Run a query and print its steps and the equivalent SQL");
  AddQueryOptions(*explain, arguments.query);
  explain->add_flag("--sql", arguments.sql_only, "The SQL alone, for psql");
  explain->callback([&] {
    chosen = [&] {
      return RunExplain(arguments.connection, arguments.query, arguments.sql_only, std::cout,
                        std::cerr);
    };
  });
  CLI::App* verify = app.add_subcommand(
      "verify", "Compare the answer with PostgreSQL's in one snapshot, loaded for this");
  AddQueryOptions(*verify, arguments.query);
  verify->callback([&] {
    chosen = [&] { return RunVerify(arguments.connection, arguments.query, std::cout, std::cerr); };
  });
}

void AddOthers(CLI::App& app, Arguments& arguments, std::function<int()>& chosen) {
  CLI::App* datasets =
      app.add_subcommand("datasets", "List the datasets, or show the columns of one");
  datasets->add_option("NAME", arguments.dataset, "A dataset");
  datasets->callback([&] {
    chosen = [&] {
      return RunDatasets(arguments.connection, arguments.dataset, std::cout, std::cerr);
    };
  });
  CLI::App* metrics =
      app.add_subcommand("metrics", "List the metrics of the catalogue, or define one");
  metrics->add_option("NAME", arguments.metric, "A metric");
  metrics
      ->add_option("--format", arguments.metrics_format,
                   "table, or markdown: a page of all metrics")
      ->check(CLI::IsMember({"table", "markdown"}));
  metrics->add_option("--catalog", arguments.directory,
                      "With --format markdown: of the files in this folder, not of a server");
  metrics->callback([&] {
    chosen = [&] {
      const bool is_page = arguments.metrics_format == "markdown";
      if (!is_page && !arguments.directory.empty()) {
        std::cerr << "sextant metrics: --catalog: found it without --format markdown\n";
        return kExitUsage;
      }
      if (is_page && !arguments.metric.empty()) {
        std::cerr << "sextant metrics: found a NAME beside --format markdown, allowed: all\n";
        return kExitUsage;
      }
      if (is_page && !arguments.directory.empty()) {
        return RunMetricPage(arguments.directory, std::cout, std::cerr);
      }
      if (is_page) return RunMetricPage(arguments.connection, std::cout, std::cerr);
      return RunMetrics(arguments.connection, arguments.metric, std::cout, std::cerr);
    };
  });
  CLI::App* calendars =
      app.add_subcommand("calendars", "List the calendars of the catalogue, which -i takes");
  calendars->callback(
      [&] { chosen = [&] { return RunCalendars(arguments.connection, std::cout, std::cerr); }; });
  CLI::App* status = app.add_subcommand("status", "Show the server and its loads");
  status->add_flag("--watch", arguments.watch, "Go on until interrupted");
  status->callback([&] {
    chosen = [&] {
      const bool is_terminal = isatty(STDOUT_FILENO) == 1;
      return RunStatus(arguments.connection, arguments.watch, is_terminal, std::cout, std::cerr);
    };
  });
  CLI::App* refresh = app.add_subcommand("refresh", "Load a dataset and its group again, now");
  refresh->add_option("DATASET", arguments.dataset)->required();
  refresh->add_flag("--no-wait", arguments.no_wait, "Return at once");
  refresh->callback([&] {
    chosen = [&] {
      return RunRefresh(arguments.connection, arguments.dataset, !arguments.no_wait, std::cout,
                        std::cerr);
    };
  });
  CLI::App* check = app.add_subcommand("check", "Validate the files of a catalogue");
  check->add_option("DIR", arguments.directory)->required();
  check->callback(
      [&] { chosen = [&] { return RunCheck(arguments.directory, std::cout, std::cerr); }; });
  CLI::App* draft =
      app.add_subcommand("draft", "Write a dataset stanza from a table of PostgreSQL");
  draft->add_option("--source", arguments.source, "libpq connection string")->required();
  draft->add_option("--table", arguments.table, "schema.table")->required();
  draft->callback([&] {
    chosen = [&] { return RunDraft(arguments.source, arguments.table, std::cout, std::cerr); };
  });
}

int Main(int argc, char** argv) {
  Arguments arguments;
  std::function<int()> chosen;
  CLI::App app("Asks a Sextant server for metrics.", "sextant");
  const BuildInfo& build = GetBuildInfo();
  app.set_version_flag("--version", absl::StrCat("sextant ", std::string(build.version), " (",
                                                 std::string(build.revision), ")"));
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--address", arguments.connection.address, "HOST:PORT of the server")
      ->envname("SEXTANT_ADDRESS")
      ->capture_default_str();
  app.add_option("--tenant", arguments.connection.tenant, "Whose rows to ask for")
      ->envname("SEXTANT_TENANT");
  app.add_option("--deadline", arguments.deadline, "250ms, 5s, 2m; default: the server's");
  AddQuery(app, arguments, chosen);
  AddExplanations(app, arguments, chosen);
  AddOthers(app, arguments, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitOk : kExitUsage;
  }
  for (const absl::Status& status :
       {CheckTenant(arguments.connection.tenant), CheckAddress(arguments.connection.address)}) {
    if (status.ok()) continue;
    std::cerr << "sextant: " << status.message() << '\n';
    return kExitUsage;
  }
  if (!arguments.deadline.empty()) {
    arguments.connection.deadline_ms = ParseDurationMs(arguments.deadline);
    if (!arguments.connection.deadline_ms.has_value()) {
      std::cerr << "sextant: --deadline: found '" << arguments.deadline
                << "', allowed: such as 250ms, 5s, 2m\n";
      return kExitUsage;
    }
  }
  return chosen();
}

}  // namespace
}  // namespace sextant

int main(int argc, char** argv) { return sextant::Main(argc, argv); }
