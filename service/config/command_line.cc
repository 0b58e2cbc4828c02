#include "service/config/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "compute/memory/status_macros.h"
#include "compute/memory/string_view_bridge.h"
#include "service/build_info/build_info.h"

namespace sextant {
namespace {

struct Flag {
  const char* key;
  const char* help;
};

constexpr Flag kFlags[] = {
    {"catalog", "Folder of the catalogue's YAML files"},
    {"listen", "Address of the gRPC port (127.0.0.1:7600; port 0: a free one)"},
    {"http", "Address of /metrics, /healthz and /readyz (127.0.0.1:7601)"},
    {"log", "json (default) or text"},
    {"threads", "Workers (default: the CPUs of the process)"},
    {"memory", "What tables and queries may take, e.g. 4GiB (default: 85 % of what there is)"},
    {"result_cache", "What answers kept for equal queries may take; 0: none (64MiB)"},
    {"descriptor_cap", "Connections with a descriptor of this number or above are closed"},
    {"drain_delay_ms", "How long calls are accepted after SIGTERM, not ready any more (0)"},
    {"drain_ms", "How long calls that run may take after that (30000)"},
    {"default_deadline_ms", "Deadline of calls that give none (10000)"},
    {"max_deadline_ms", "The longest deadline (60000)"},
    {"explain",
     "on (default) or off: ExplainMetrics, which shows SQL over the source to any caller"},
    {"verify", "on (default) or off: VerifyMetrics, which loads from the source for any caller"},
};

std::string FlagName(absl::string_view key) {
  return absl::StrCat("--", absl::StrReplaceAll(key, {{"_", "-"}}));
}

/// "listen: found .." of a key as the flag was typed.
absl::Status AsFlag(absl::string_view key, const absl::Status& status) {
  absl::string_view rest = status.message();
  absl::ConsumePrefix(&rest, key);
  return absl::InvalidArgumentError(absl::StrCat(FlagName(key), rest));
}

std::string VersionText() {
  const BuildInfo& build = GetBuildInfo();
  return absl::StrCat("sextantd ", ToAbsl(build.version), " (", ToAbsl(build.revision), ", ",
                      ToAbsl(build.compiler), ", ", ToAbsl(build.build_type), ")\n");
}

}  // namespace

absl::StatusOr<CommandLine> ParseCommandLine(std::vector<std::string> arguments) {
  CLI::App app("Serves metrics of PostgreSQL tables from a columnar cache.", "sextantd");
  app.set_help_flag("-h,--help", "Prints this");
  bool check = false;
  bool version = false;
  std::string config_file;
  std::vector<std::string> values(std::size(kFlags));
  std::vector<CLI::Option*> options;
  for (size_t i = 0; i < std::size(kFlags); ++i) {
    options.push_back(app.add_option(FlagName(kFlags[i].key), values[i], kFlags[i].help));
  }
  app.add_option("--config", config_file, "YAML file with these options, dashes as underscores");
  app.add_flag("--check", check, "Validates the catalogue against its sources, and ends");
  app.add_flag("--version", version, "Prints the version");
  std::reverse(arguments.begin(), arguments.end());  // what CLI11 wants
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    return CommandLine{.action = CommandLine::Action::kPrintText, .text = app.help()};
  } catch (const CLI::ParseError& error) {
    return absl::InvalidArgumentError(absl::StrCat(error.what(), "; see sextantd --help"));
  }
  if (version) {
    return CommandLine{.action = CommandLine::Action::kPrintText, .text = VersionText()};
  }
  CommandLine line;
  if (check) line.action = CommandLine::Action::kCheck;
  if (!config_file.empty()) SEXTANT_RETURN_IF_ERROR(ReadConfigFile(config_file, line.config));
  for (size_t i = 0; i < std::size(kFlags); ++i) {
    if (options[i]->count() == 0) continue;
    const absl::Status status = SetOption(kFlags[i].key, values[i], line.config);
    if (!status.ok()) return AsFlag(kFlags[i].key, status);
  }
  if (line.config.catalog.empty()) {
    return absl::InvalidArgumentError(
        "--catalog: found nothing, allowed: a folder; see sextantd --help");
  }
  return line;
}

}  // namespace sextant
